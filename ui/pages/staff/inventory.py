"""The show-case for admins: where it comes from, its last loads, what is wrong with rows, and the runs of all jobs."""

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from stores.cars import RejectedRow
from stores.errors import StoreError
from stores.inventory_log import loads, shown_source
from stores.job_runs import Run
from ui.auth import StaffMember, member_of
from ui.pages.staff.faults import counts_of, job_name, reason
from ui.pages.staff.parts import PRIVATE, alert, badge, done, heading, said_html, staff_blocks, table
from ui.pages.staff.refusals import sentence
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from services import Services

_JOB = "refresh-inventory"
_MOST_ROWS = 200
_RUNS = 40
_LOOK_S = 1.5
_KINDS = {"done": "good", "failed": "bad", "abandoned": "bad", "running": "new", "requested": "new"}


class StockDesk:
    """What the page shows and does."""

    def __init__(self, services: "Services", texts: Texts) -> None:
        self._services = services
        self._inventory = services.inventory
        self._texts = texts

    def state(self) -> str:
        """The source, how many cars there are, and whether they are up to date, as HTML."""
        texts, status = self._texts, self._inventory.status()
        source = self._services.salon.inventory
        facts = [
            (texts("inventory.source"), f"<code>{escape(shown_source(source.source))}</code>"),
            (texts("inventory.every"), escape(texts("inventory.minutes", count=source.refresh_minutes))),
            (texts("inventory.cars"), str(status.cars)),
            (texts("inventory.rejected"), str(status.rejected)),
            (texts("inventory.refreshed"), self._moment(status.refreshed_at)),
            (texts("inventory.state"), self._freshness(stale=status.stale)),
        ]
        rows = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in facts)
        problem = alert(texts("inventory.stale_because", error=status.error)) if status.error else ""
        return f'{problem}<dl class="office-facts">{rows}</dl>'

    def loads(self) -> str:
        """The last loads as a table."""
        heads = [
            self._texts(f"inventory.{name}")
            for name in ("version", "read_first", "refreshed", "cars", "rejected", "state")
        ]
        rows = [
            [
                str(load.id),
                self._moment(load.created_at),
                self._moment(load.refreshed_at),
                str(load.cars),
                str(load.rejected),
                self._freshness(stale=load.stale),
            ]
            for load in loads(self._services.engine)
        ]
        return table(heads, rows, empty=self._texts("inventory.never"))

    def faults(self) -> str:
        """Rows that are left out, and those with something unreadable, as two tables."""
        heads = [self._texts(f"inventory.{name}") for name in ("line", "stock_id", "reason")]
        html = ""
        for kind, rows in (("left_out", self._inventory.rejected()), ("remarks", self._inventory.remarks())):
            title = self._texts(f"inventory.{kind}", count=len(rows))
            empty = self._texts(f"inventory.no_{kind}")
            shown = table(heads, [self._fault(row) for row in rows[:_MOST_ROWS]], empty=empty)
            more = self._texts("inventory.first_shown", shown=_MOST_ROWS) if len(rows) > _MOST_ROWS else ""
            html += f"<h3>{escape(title)}</h3>{shown}<p>{escape(more)}</p>"
        return html

    def runs(self) -> str:
        """The latest runs of all jobs as a table."""
        heads = [
            self._texts(f"inventory.{name}")
            for name in ("job", "started", "took", "by", "run_state", "counts")
        ]
        rows = [self._run(run) for run in self._services.job_runs.recent(_RUNS)]
        return table(heads, rows, empty=self._texts("inventory.no_runs"))

    def refresh(self, member: StaffMember) -> tuple[str, int | None]:
        """Have the source read now by whichever process is first to see it; a word on it as HTML, and the run."""
        try:
            run = self._services.job_runs.request(_JOB, member.name)
            self._services.audit.add(member.name, "inventory.refresh", f"job:{_JOB}", {}, member.address)
        except StoreError as error:
            return alert(sentence(error, self._texts)), None
        return done(self._texts("inventory.requested")), run.id

    def came_of(self, run_id: int | None) -> str | None:
        """What came of the refresh that was asked for, as HTML; None while it goes on, nothing for none."""
        run = self._services.job_runs.get(run_id) if run_id else None
        if run is None:
            return ""
        if run.status in ("requested", "running"):
            return None
        if run.status != "done":
            return alert(self._texts("inventory.refresh_failed", error=run.error or ""))
        status = self._inventory.status()
        return done(self._texts("inventory.refreshed_now", cars=status.cars, rejected=status.rejected))

    def all(self) -> tuple[str, str, str, str]:
        """Everything that is shown; what cannot be read is told instead."""
        try:
            return self.state(), self.loads(), self.faults(), self.runs()
        except StoreError as error:
            return alert(sentence(error, self._texts)), "", "", ""

    def _fault(self, row: RejectedRow) -> list[str]:
        return [str(row.line), escape(row.stock_id or "—"), escape(reason(row.reason, self._texts))]

    def _run(self, run: Run) -> list[str]:
        seconds = run.seconds
        error = f'<br><span class="office-problem">{escape(run.error)}</span>' if run.error else ""
        return [
            escape(job_name(run.job, self._texts)),
            self._moment(run.started_at),
            "" if seconds is None else escape(self._seconds(seconds)),
            escape(run.requested_by or self._texts("inventory.by_clock")),
            badge(self._texts(f"inventory.run_{run.status}"), _KINDS.get(run.status, "")),
            escape(counts_of(run.counts, self._texts)) + error,
        ]

    def _seconds(self, seconds: float) -> str:
        count = f"{seconds:.1f}".replace(".", self._texts("overview.decimal_point"))
        return self._texts("inventory.seconds", count=count)

    def _freshness(self, *, stale: bool) -> str:
        text = self._texts("inventory.stale" if stale else "inventory.fresh")
        return badge(text, "bad" if stale else "good")

    def _moment(self, at: datetime | None) -> str:
        if at is None:
            return "—"
        local = at.astimezone(self._services.salon.zone)
        return f'<span class="time">{local:%d.%m.%Y %H:%M:%S}</span>'


def build(services: "Services", texts: Texts) -> gr.Blocks:
    """The page: the state with a button, and below it loads, faults and runs."""
    desk = StockDesk(services, texts)
    with staff_blocks(texts("inventory.title")) as blocks:
        heading(texts("inventory.title"), texts("inventory.intro"))
        said, asked = said_html(), gr.State(None)
        state = gr.HTML()
        with gr.Row(elem_classes="office-actions"):
            refresh = gr.Button(texts("inventory.refresh"), variant="primary")
            again = gr.Button(texts("inventory.again"))
        gr.HTML(f"<h2>{escape(texts('inventory.loads'))}</h2>")
        loaded = gr.HTML()
        gr.HTML(f"<h2>{escape(texts('inventory.faults'))}</h2>")
        faults = gr.HTML()
        gr.HTML(f"<h2>{escape(texts('inventory.runs'))}</h2>")
        runs = gr.HTML()
        shown = [state, loaded, faults, runs]
        timer = gr.Timer(_LOOK_S, active=False)

        def on_refresh(request: gr.Request) -> tuple[Any, ...]:
            word, run_id = desk.refresh(member_of(request))
            return word, run_id, gr.Timer(active=run_id is not None), *desk.all()

        def on_tick(run_id: int | None) -> tuple[Any, ...]:
            word = desk.came_of(run_id)
            if word is None:
                return (gr.skip(),) * (3 + len(shown))
            return word, None, gr.Timer(active=False), *desk.all()

        blocks.load(desk.all, None, shown, **PRIVATE)
        again.click(lambda: ("", *desk.all()), None, [said, *shown], **PRIVATE)
        refresh.click(on_refresh, None, [said, asked, timer, *shown], **PRIVATE)
        timer.tick(on_tick, asked, [said, asked, timer, *shown], **PRIVATE)
    return blocks
