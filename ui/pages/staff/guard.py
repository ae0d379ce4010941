"""How well the guard holds: the benchmark's runs, what was judged in them, and what it blocks in the chat."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr
import pandas as pd

from chains.scores import Score
from stores.guard_runs import LABELS, POSITIVE, GuardRun, GuardRuns
from stores.guard_views import BOUNDS, NO_MODEL, Filters, GuardViews, ShownRow, Tally
from ui.pages.staff.figures import NOTHING, as_text
from ui.pages.staff.parts import PRIVATE, badge, heading, staff_blocks, table
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from services import Services

_ALL = "*"
_ROWS, _PREVIEW = 30, 220
_LIVE_DAYS = 7
_PLOT_HEIGHT = 280
_BAD, _GOOD, _NONE, _OTHER = "#b3372f", "#1f4e79", "#9aa7b4", "#c98a1b"
_COLOURS_OF_LABELS = {"prompt_label": _BAD, "response_label": _OTHER, "response_refusal_label": _GOOD}
_NOBODY = "—"


class Chosen(NamedTuple):
    """What the boxes of the page hold; `_ALL` leaves all."""

    run: str | None
    model: str
    language: str
    source: str
    wrong: bool

    def filters(self) -> Filters | None:
        """The rows that are meant, None without a run."""
        if not self.run or not self.run.isdecimal():
            return None
        rest = [None if value == _ALL else value for value in (self.model, self.language, self.source)]
        return Filters(int(self.run), *rest)


class GuardDesk:
    """What the page shows, as HTML and as tables for its plots."""

    def __init__(self, services: "Services", texts: Texts) -> None:
        self._services = services
        self._texts = texts
        self._runs = GuardRuns(services.engine)
        self._views = GuardViews(services.engine)

    def runs(self) -> list[tuple[str, str]]:
        """The runs that are done, the latest first, by title and number."""
        return [(self._title(run), str(run.id)) for run in self._runs.latest()]

    def choices(self, run: str | None) -> dict[str, list[tuple[str, str]]]:
        """What can be chosen in a run: models, languages and sources."""
        found = self._views.tally(int(run)).choices() if run and run.isdecimal() else {}
        first = (self._texts("guard.all"), _ALL)
        return {
            name: [
                first,
                *((value if value != NO_MODEL else _NOBODY, value) for value in found.get(name, [])),
            ]
            for name in ("model", "language", "source")
        }

    def _title(self, run: GuardRun) -> str:
        at = (run.finished_at or run.started_at).astimezone(self._services.salon.zone)
        return self._texts(
            "guard.run_title",
            id=run.id,
            at=f"{at:%d.%m.%Y %H:%M}",
            version=run.guard_version,
            rows=as_text(run.rows, "count", self._texts),
        )

    # Figures ------------------------------------------------------------------------------------------------------

    def tally(self, chosen: Chosen) -> Tally:
        """The counted rows of the run that is chosen."""
        filters = chosen.filters()
        return self._views.tally(filters.run_id) if filters else Tally([])

    def quality(self, chosen: Chosen, tally: Tally) -> str:
        """Precision, recall, F1 and false alarms of each label, beside the run before."""
        filters = chosen.filters()
        if filters is None:
            return f'<p class="office-empty">{escape(self._texts("guard.no_runs"))}</p>'
        verdicts = tally.verdicts(filters)
        whole = filters == Filters(filters.run_id)
        before = self._before(filters.run_id) if whole else {}
        names = ("label", "n", "precision", "recall", "f1", "interval", "false_alarms", "change")
        heads = [self._texts(f"guard.column_{name}") for name in names]
        rows = [self._scores(name, _score(name, verdicts[name]), before) for name in LABELS if verdicts[name]]
        return table(heads, rows, empty=self._texts("guard.nothing"))

    def _scores(self, name: str, score: Score, before: Mapping[str, float]) -> list[str]:
        texts = self._texts
        interval = score.interval("f1")
        change = score.f1 - before[name] if score.f1 is not None and name in before else None
        return [
            escape(texts(f"guard.{name}")),
            as_text(score.n, "count", texts),
            *(self._share(value) for value in (score.precision, score.recall, score.f1)),
            f"{self._share(interval.low)} … {self._share(interval.high)}" if interval else NOTHING,
            self._share(score.false_alarm_rate),
            NOTHING if change is None else self._share(change, signed=True),
        ]

    def _share(self, value: float | None, *, signed: bool = False) -> str:
        """A share with three digits, as the benchmark's own tables have it."""
        if value is None:
            return NOTHING
        text = f"{value:+.3f}" if signed else f"{value:.3f}"
        return text.replace(".", self._texts("overview.decimal_point")).replace("-", "\u2212")

    def _before(self, run_id: int) -> dict[str, float]:
        """F1 by label in the run before this one."""
        past = [one for one in self._views.history() if one.run_id < run_id and one.f1 is not None]
        latest = max((one.run_id for one in past), default=None)
        return {one.label: one.f1 for one in past if one.run_id == latest and one.f1 is not None}

    def rows(self, chosen: Chosen) -> str:
        """The rows themselves, the first of them."""
        filters = chosen.filters()
        if filters is None:
            return ""
        names = ("source", "prompt", "prompt_verdict", "response", "response_verdict")
        heads = [self._texts(f"guard.column_{name}") for name in names]
        found = self._views.rows(filters, wrong=chosen.wrong, limit=_ROWS)
        return table(heads, [self._row(one) for one in found], empty=self._texts("guard.nothing"))

    def _row(self, one: ShownRow) -> list[str]:
        where = " · ".join(part for part in (one.source, one.language, one.model) if part)
        answers = [
            self._verdict("response_label", one.response_label, one.guard_response_label),
            self._verdict(
                "response_refusal_label", one.response_refusal_label, one.guard_response_refusal_label
            ),
        ]
        evidence = (
            f'<br><span class="quiet">{escape(one.guard_evidence)}</span>' if one.guard_evidence else ""
        )
        return [
            escape(where),
            _shortened(one.prompt),
            self._verdict("prompt_label", one.prompt_label, one.guard_prompt_label) + evidence,
            _shortened(one.response),
            "<br>".join(part for part in answers if part),
        ]

    def _verdict(self, name: str, label: str | None, verdict: str | None) -> str:
        """What a text is, and what the guard said where that differs."""
        if label is None:
            return self._words(name, verdict) if verdict else ""
        if verdict is None or label == verdict:
            return badge(self._words(name, label), "good" if verdict else "")
        said = self._texts("guard.said", label=self._words(name, label), verdict=self._words(name, verdict))
        return badge(said, "bad")

    def _words(self, name: str, value: str) -> str:
        return self._texts(f"guard_values.{name}_{value}")

    # Plots --------------------------------------------------------------------------------------------------------

    def labels(self, chosen: Chosen, tally: Tally) -> pd.DataFrame:
        """How many texts have each label."""
        filters = chosen.filters()
        found = tally.labels(filters) if filters else {}
        rows = [
            (self._texts(f"guard.{name}"), count, self._kind(name, value))
            for name, counts in found.items()
            for value, count in counts.items()
        ]
        return pd.DataFrame(rows, columns=["label", "count", "kind"])

    def lengths(self, chosen: Chosen, part: str) -> pd.DataFrame:
        """Lengths of prompts or responses, by label."""
        filters = chosen.filters()
        bars = self._views.lengths(filters, "prompt" if part == "prompt" else "response") if filters else []
        rows = [(_span(bar.low, bar.high), bar.rows, self._kind(f"{part}_label", bar.label)) for bar in bars]
        return pd.DataFrame(rows, columns=["length", "count", "kind"])

    def _kind(self, name: str, value: str | None) -> str:
        """The four colours: to be found, not to be found, without a label."""
        if value is None:
            return self._texts("guard.unlabelled")
        return self._texts("guard.positive" if value == POSITIVE[name] else "guard.negative")

    def history(self) -> pd.DataFrame:
        """F1 of each label from run to run; nothing for a single run, of which there is no line."""
        rows = [
            (str(one.run_id), one.f1, self._texts(f"guard.{one.label}"))
            for one in self._views.history()
            if one.f1 is not None
        ]
        if len({run for run, _, _ in rows}) == 1:
            rows = []
        return pd.DataFrame(rows, columns=["run", "f1", "label"])

    def blocks(self) -> pd.DataFrame:
        """What was blocked in the chat in the last days, by the hour."""
        services, texts = self._services, self._texts
        first = (services.clock() - timedelta(days=_LIVE_DAYS)).replace(minute=0, second=0, microsecond=0)
        counts: Counter[tuple[datetime, str]] = Counter()
        for hour, reason, count in self._views.blocks(first):
            counts[hour, texts(f"guard_reasons.{_reason(reason)}")] += count
        hours = [first + timedelta(hours=ago) for ago in range(24 * _LIVE_DAYS + 1)]
        zone = services.salon.zone
        rows = [  # hours without a block too, or the bars would be as broad as the time between them
            (hour.astimezone(zone).replace(tzinfo=None), counts[hour, reason], reason)
            for hour in hours
            for reason in dict.fromkeys(reason for _, reason in counts)
        ]
        return pd.DataFrame(rows, columns=["hour", "count", "reason"])


def _score(name: str, verdicts: Mapping[tuple[str, str], int]) -> Score:
    positive = POSITIVE[name]
    counts = {"tp": 0, "fp": 0, "fn": 0, "tn": 0}
    for (label, verdict), rows in verdicts.items():
        side = "p" if verdict == positive else "n"
        counts[("t" if (label == positive) == (verdict == positive) else "f") + side] += rows
    return Score(**counts)


def _span(low: int, high: int | None) -> str:
    return f"{low}+" if high is None else f"{low}–{high}"


_SPANS = [
    _span(low, high) for low, high in zip((0, *BOUNDS), (*(bound - 1 for bound in BOUNDS), None), strict=True)
]


def _reason(reason: str) -> str:
    """The reason without the name of the topic; others than known ones are `other`."""
    kind = reason.partition(":")[0]
    return kind if kind in ("injection", "harmful", "forbidden") else "other"


def _shortened(text: str | None) -> str:
    if text is None:
        return ""
    short = text if len(text) <= _PREVIEW else f"{text[:_PREVIEW].rstrip()}…"
    return f'<span class="office-words">{escape(short)}</span>'


class GuardPage:
    """The page in one language."""

    def __init__(self, desk: GuardDesk, texts: Texts) -> None:
        self._desk = desk
        self._texts = texts

    def opened(self) -> tuple[Any, ...]:
        """The latest run, and what can be chosen in it; then what is shown of it."""
        runs = self._desk.runs()
        run = runs[0][1] if runs else None
        return gr.update(choices=runs, value=run, visible=bool(runs)), *self.run_chosen(run)

    def run_chosen(self, run: str | None) -> tuple[Any, ...]:
        """The boxes for a run, all of it chosen."""
        choices = self._desk.choices(run)
        return tuple(
            gr.update(choices=choices[name], value=_ALL, visible=run is not None)
            for name in ("model", "language", "source")
        )

    def show(self, run: str | None, model: str, language: str, source: str, wrong: bool) -> tuple[Any, ...]:
        """Everything that depends on what is chosen; plots without anything on them are hidden."""
        desk = self._desk
        chosen = Chosen(run, model or _ALL, language or _ALL, source or _ALL, bool(wrong))
        tally = desk.tally(chosen)
        frames = (
            desk.labels(chosen, tally),
            desk.lengths(chosen, "prompt"),
            desk.lengths(chosen, "response"),
            desk.history(),
        )
        return desk.quality(chosen, tally), *map(_plot, frames), desk.rows(chosen)

    def live(self) -> tuple[Any, str]:
        """The plot of the chat, or a sentence that there is nothing on it."""
        frame = self._desk.blocks()
        none = "" if len(frame) else f'<p class="office-empty">{escape(self._texts("guard.no_blocks"))}</p>'
        return _plot(frame), none

    def build(self) -> gr.Blocks:
        """Lay out and wire the page."""
        texts = self._texts
        with staff_blocks(texts("guard.title")) as blocks:
            heading(texts("guard.title"), texts("guard.intro"))
            gr.HTML(f"<h2>{escape(texts('guard.live', days=_LIVE_DAYS))}</h2>", padding=False)
            no_blocks = gr.HTML(padding=False)
            live = gr.BarPlot(
                x="hour", y="count", color="reason", x_bin="1h", x_title=" ", y_title=" ", color_title=" ",
                x_axis_format="%d.%m %H:%M", y_lim=[0, None], height=_PLOT_HEIGHT, buttons=[], show_label=False,
                color_map=self._colours("guard_reasons", injection=_BAD, harmful=_OTHER, forbidden=_GOOD, other=_NONE),
            )  # fmt: skip
            gr.HTML(f"<h2>{escape(texts('guard.benchmark'))}</h2>", padding=False)
            with gr.Row(elem_classes="filters"):
                run = gr.Dropdown(
                    label=texts("guard.run"),
                    choices=[],
                    visible=False,
                    filterable=False,
                    min_width=320,
                    scale=2,
                )
                model, language, source = (
                    gr.Dropdown(
                        label=texts(f"guard.{name}"), choices=[], visible=False, filterable=name == "source"
                    )
                    for name in ("model", "language", "source")
                )
            quality = gr.HTML(padding=False)
            plots = self._plots()
            wrong = gr.Checkbox(label=texts("guard.only_wrong"), value=False, visible=True)
            rows = gr.HTML(padding=False)
            boxes, shown = [run, model, language, source, wrong], [quality, *plots, rows]
            for box in (model, language, source, wrong):
                box.input(self.show, boxes, shown, **PRIVATE)
            run.input(self.run_chosen, run, [model, language, source], **PRIVATE).then(
                self.show, boxes, shown, **PRIVATE
            )
            blocks.load(self.live, None, [live, no_blocks], **PRIVATE)
            blocks.load(self.opened, None, [run, model, language, source], **PRIVATE).then(
                self.show, boxes, shown, **PRIVATE
            )
        return blocks

    def _plots(self) -> list[Any]:
        texts = self._texts
        kinds = self._colours("guard", positive=_BAD, negative=_GOOD, unlabelled=_NONE)
        common: dict[str, Any] = {
            "x_title": " ", "y_title": " ", "color_title": " ", "height": _PLOT_HEIGHT, "min_width": 320,
            "buttons": [], "y_lim": [0, None],
        }  # fmt: skip
        with gr.Row():
            labels = gr.BarPlot(
                x="label",
                y="count",
                color="kind",
                title=texts("guard.plot_labels"),
                color_map=kinds,
                sort=None,
                **common,
            )
            history = gr.LinePlot(
                x="run",
                y="f1",
                color="label",
                title=texts("guard.plot_history"),
                color_map=self._colours("guard", **_COLOURS_OF_LABELS),
                **{**common, "y_lim": [0, 1]},
            )
        with gr.Row():
            lengths = [
                gr.BarPlot(
                    x="length", y="count", color="kind", title=texts(f"guard.plot_{part}"), color_map=kinds,
                    x_label_angle=40, sort=_SPANS, **common,
                )
                for part in ("prompt", "response")
            ]  # fmt: skip
        return [labels, *lengths, history]

    def _colours(self, section: str, **colours: str) -> dict[str, str]:
        return {self._texts(f"{section}.{name}"): colour for name, colour in colours.items()}


def _plot(frame: pd.DataFrame) -> Any:
    return gr.update(value=frame, visible=True) if len(frame) else gr.update(visible=False)


def build(services: "Services", texts: Texts) -> gr.Blocks:
    """The page in the language of `texts`."""
    return GuardPage(GuardDesk(services, texts), texts).build()
