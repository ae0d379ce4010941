"""Destroying what is kept of a visitor who asks for it; the receipts of all that was destroyed, as acts to print."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr
from fastapi import Request
from starlette.responses import HTMLResponse, Response

from stores.errors import DialogNotFound, ReceiptNotFound
from stores.forgetting import Found
from stores.receipts import Cause, Receipt
from ui.auth import member_of
from ui.pages.staff.parts import PRIVATE, alert, done, heading, paging, said_html, staff_blocks, table
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from fastapi import FastAPI

    from services import Services
    from ui.pages.staff.shell import Shell

PATH = "/staff/receipts"
_PAGE = 50
_CAUSES: tuple[Cause, ...] = ("staff", "withdrawal")
"""Why staff destroy; a visitor does it in the chat."""
# The name of what a count is of, by the kind of data that the act has to list.
_KINDS = (
    ("words", ("dialogs", "turns", "turn_reviews", "gap_turns", "knowledge_drafts", "export_lines")),
    ("contacts", ("callbacks", "bookings", "contacts", "alerts")),
    ("emails", ("mailings",)),
    ("consent", ("consents",)),
    ("opinion", ("ratings",)),
    ("memory", ("visitors",)),
)


class Line(NamedTuple):
    """A line of an act: a kind of data, and how many rows of it there were."""

    text: str
    rows: int


class Receipts:
    """What the page shows and does, in one language."""

    def __init__(self, services: "Services", texts: Texts) -> None:
        self._services = services
        self._texts = texts

    def moment(self, receipt: Receipt) -> str:
        """When it was, in the salon's zone."""
        return f"{receipt.at.astimezone(self._services.salon.zone):%d.%m.%Y %H:%M:%S %z}"

    def cause(self, receipt: Receipt) -> str:
        """Why it was."""
        known = (*_CAUSES, "visitor")
        return self._texts(f"receipts.cause_{receipt.cause}") if receipt.cause in known else receipt.cause

    def kinds(self, receipt: Receipt) -> list[Line]:
        """The kinds of data of a receipt, with the rows of all tables that hold it."""
        lines = [
            Line(self._texts(f"receipts.kind_{name}"), sum(receipt.counts.get(table, 0) for table in tables))
            for name, tables in _KINDS
        ]
        named = {table for _, tables in _KINDS for table in tables}
        lines += [Line(name, count) for name, count in receipt.counts.items() if name not in named]
        return [line for line in lines if line.rows]

    def listed(self, page: int) -> tuple[str, int]:
        """The receipts of a page, counted from 0, as HTML; and how many pages there are."""
        found = self._services.receipts.latest(limit=_PAGE, offset=page * _PAGE)
        heads = [self._texts(f"receipts.{name}") for name in ("number", "when", "cause", "who", "rows")]
        rows = [self._row(receipt) for receipt in found]
        pages = max(1, -(-self._services.receipts.count() // _PAGE))
        return table(heads, rows, empty=self._texts("receipts.none")), pages

    def _row(self, receipt: Receipt) -> Sequence[str]:
        number = escape(receipt.number)
        rest = f" ({self._texts('receipts.pending')})" if receipt.pending else ""
        return [
            f'<a href="{PATH}/act/{number}" target="_blank">{number}</a>',
            f'<span class="time">{escape(self.moment(receipt))}</span>',
            escape(self.cause(receipt)),
            escape(receipt.actor or ""),
            escape(f"{sum(receipt.counts.values())}{rest}"),
        ]

    def found(self, dialogs: Sequence[Found]) -> str:
        """The dialogs that were found, without their words, as HTML."""
        zone = self._services.salon.zone
        heads = [self._texts(f"receipts.{name}") for name in ("opened", "last", "questions")]
        rows = [
            [
                f'<span class="time">{one.opened_at.astimezone(zone):%d.%m.%Y %H:%M}</span>',
                f'<span class="time">{one.last_at.astimezone(zone):%d.%m.%Y %H:%M}</span>',
                str(one.turns),
            ]
            for one in dialogs
        ]
        return table(heads, rows, empty=self._texts("receipts.nobody"))

    def destroy(
        self, session_ids: Sequence[str], cause: Cause, actor: str, address: str | None
    ) -> list[Receipt]:
        """Destroy dialogs, with a note of each in the audit log; those that are gone meanwhile are passed over."""
        receipts = []
        for session_id in session_ids:
            try:
                receipt = self._services.forgetting.forget(session_id, cause=cause, actor=actor)
            except DialogNotFound:
                continue
            receipts.append(receipt)
            self._services.audit.add(
                actor, "dialog.forget", f"receipt:{receipt.number}", {"cause": cause}, address
            )
        return receipts


def build(services: "Services", texts: Texts) -> gr.Blocks:
    """The page: look for a visitor's dialogs, destroy them, and the receipts so far."""
    page = Receipts(services, texts)

    def find(words: str) -> tuple[str, list[str], Any, str]:
        dialogs = services.forgetting.find(words or "")
        return page.found(dialogs), [one.session_id for one in dialogs], gr.update(visible=bool(dialogs)), ""

    def destroy(
        session_ids: list[str], cause: Cause, sure: bool, request: gr.Request
    ) -> tuple[str, list[str], Any, Any, Any]:
        if not sure:
            return alert(texts("receipts.not_sure")), session_ids, gr.update(), gr.update(), gr.update()
        member = member_of(request)
        receipts = page.destroy(session_ids, cause, member.name, member.address)
        numbers = ", ".join(receipt.number for receipt in receipts)
        word = (
            done(texts("receipts.destroyed", numbers=numbers)) if receipts else alert(texts("receipts.gone"))
        )
        return word, [], gr.update(visible=False), gr.update(value=False), ""

    def show(at: int) -> tuple[str, str, Any, Any]:
        html, pages = page.listed(int(at))
        place = texts("receipts.page", page=int(at) + 1, pages=pages)
        newer, older = paging(int(at), pages)
        return html, f"<p>{escape(place)}</p>" if pages > 1 else "", newer, older

    with staff_blocks(texts("receipts.title")) as blocks:
        heading(texts("receipts.title"), texts("receipts.intro"))
        session_ids, at = gr.State([]), gr.State(0)
        with gr.Row(elem_classes="filters"):
            words = gr.Textbox(
                label=texts("receipts.words"), placeholder=texts("receipts.hint"), max_length=200, scale=4
            )
            search = gr.Button(texts("receipts.find"), scale=1)
        shown, outcome = gr.HTML(), said_html()
        with gr.Group(visible=False) as confirm:
            causes = [(texts(f"receipts.cause_{cause}"), cause) for cause in _CAUSES]
            cause = gr.Radio(causes, value=_CAUSES[0], label=texts("receipts.cause"))
            sure = gr.Checkbox(label=texts("receipts.sure"))
            button = gr.Button(texts("receipts.destroy"), variant="stop")
        gr.HTML(f"<h2>{escape(texts('receipts.all'))}</h2>")
        receipts = gr.HTML()
        with gr.Row(elem_classes="office-line"):
            newer = gr.Button(texts("receipts.newer"), size="sm")
            place = gr.HTML()
            older = gr.Button(texts("receipts.older"), size="sm")
        listed = [receipts, place, newer, older]
        blocks.load(show, at, listed, **PRIVATE)
        for event in (search.click, words.submit):
            event(find, words, [shown, session_ids, confirm, outcome], **PRIVATE)
        button.click(
            destroy, [session_ids, cause, sure], [outcome, session_ids, confirm, sure, shown], **PRIVATE
        ).then(show, at, listed, **PRIVATE)
        for way, step in ((newer, -1), (older, 1)):
            way.click(lambda now, step=step: max(0, now + step), at, at, **PRIVATE).then(
                show, at, listed, **PRIVATE
            )
    return blocks


def add_acts(app: "FastAPI", services: "Services", shell: "Shell") -> None:
    """Each receipt as a page to print: the act of destruction and the extract of the log, as order 179 of
    Roskomnadzor (28.10.2022) names their parts."""

    def act(request: Request, number: str) -> Response:
        texts = shell.texts_of(request)
        page = Receipts(services, texts)
        try:
            receipt = services.receipts.get(number)
        except ReceiptNotFound:
            return HTMLResponse(shell.render("receipt_gone", request), 404)
        return HTMLResponse(
            shell.render(
                "receipt",
                request,
                receipt=receipt,
                when=page.moment(receipt),
                cause=page.cause(receipt),
                kinds=page.kinds(receipt),
                office=services.salon,
                database=services.engine.dialect.name,
            )
        )

    app.add_api_route(f"{PATH}/act/{{number}}", act, include_in_schema=False)
