"""The dialogs, for staff: found by a filter, read with all that the assistant knew, corrected where it was wrong."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from chains.reviewing import WORDS_LIMIT, flag_wrong
from stores.dialog_search import Cursor, DialogFilter, DialogPage
from stores.errors import TurnNotFound
from ui.auth import member_of
from ui.pages.cards import templates
from ui.pages.staff.days import day_of
from ui.pages.staff.dialog_view import ROUTES, DialogView
from ui.pages.staff.parts import PRIVATE, alert, done, heading, staff_blocks
from ui.pages.staff.pressing import press_of, pressable
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from services import Services

_PERIODS = {"today": 0, "week": 7, "month": 30, "quarter": 90}
_ANY = ""
_YES, _NO = "yes", "no"
_TALK = re.compile(r"[0-9a-f]{8,64}")
_FROM_ADDRESS = "() => [new URLSearchParams(window.location.search).get('id') || '']"
_TO_FORM = """() => { setTimeout(
  () => document.getElementById('flag-form')?.scrollIntoView({ block: 'center', behavior: 'smooth' }), 250); }"""
_TO_DIALOG = """() => { if (window.innerWidth < 1000) setTimeout(
  () => document.getElementById('dialog-slot')?.scrollIntoView({ behavior: 'smooth' }), 250); }"""


class Wanted(NamedTuple):
    """What the person has chosen, as the components give it: empty text for what is left open."""

    text: str = ""
    period: str = "month"
    first: str = ""
    last: str = ""
    route: str = _ANY
    blocked: str = _ANY
    wrong: str = _ANY
    callback: str = _ANY
    rated_from: str = _ANY
    rated_to: str = _ANY
    language: str = _ANY
    kind: str = _ANY
    model: str = _ANY


class Dialogs:
    """What the page shows and does, in the texts of one language."""

    def __init__(self, services: "Services", texts: Texts) -> None:
        self._services = services
        self._texts = texts
        self.view = DialogView(texts, templates(), services.salon.zone)

    def page(self, wanted: Wanted, after: Cursor | None) -> DialogPage:
        """The dialogs that fit."""
        return self._services.dialog_search.page(self.filter(wanted), after)

    def filter(self, wanted: Wanted) -> DialogFilter:
        """The filter that the choices mean; what is no date or no mark is left open."""
        zone = self._services.salon.zone
        first, last = day_of(wanted.first), day_of(wanted.last)
        if not (first or last) and wanted.period in _PERIODS:
            today = self._services.clock().astimezone(zone).date()
            first = today - timedelta(days=_PERIODS[wanted.period])
        return DialogFilter(
            since=datetime.combine(first, time(), zone) if first else None,
            until=datetime.combine(last + timedelta(days=1), time(), zone) if last else None,
            text=wanted.text.strip()[:200],
            route=wanted.route if wanted.route in ROUTES else None,
            blocked=_flag(wanted.blocked),
            wrong=_flag(wanted.wrong),
            callback=_flag(wanted.callback),
            rated_from=_mark(wanted.rated_from),
            rated_to=_mark(wanted.rated_to),
            language=wanted.language if wanted.language in ("ru", "en") else None,
            kind="web" if wanted.kind == "web" else "api" if wanted.kind == "api" else None,
            model=wanted.model or None,
        )

    def dialog(self, session_id: str) -> str:
        """The whole dialog, or a word that there is none (any more)."""
        search = self._services.dialog_search
        line = search.line(session_id) if _TALK.fullmatch(session_id) else None
        if line is None:
            return alert(self._texts("dialogs.gone")) if session_id else self.nothing()
        reviews = self._services.reviews.of_session(session_id)
        return self.view.dialog(line, search.turns(session_id), reviews, search.rating(session_id))

    def nothing(self) -> str:
        """What stands where a dialog will be."""
        return f'<p class="office-empty">{self._texts("dialogs.choose")}</p>'

    def note_read(self, session_id: str, request: gr.Request) -> None:
        """Write down who has read which dialog; its whole id would open it to whoever reads the log."""
        member = member_of(request)
        self._services.audit.add(
            member.name, "dialog.read", f"dialog:{session_id[:8]}", address=member.address
        )

    def flag(self, turn_id: str, reason: str, right_answer: str, request: gr.Request) -> str:
        """Keep a verdict; what became of it, as HTML."""
        member = member_of(request)
        try:
            flag_wrong(
                self._services.reviews,
                self._services.planner,
                turn_id,
                reason=reason,
                right_answer=right_answer,
                reviewer=member.name,
            )
        except TurnNotFound:
            return alert(self._texts("dialogs.gone"))
        except ValueError:
            return alert(self._texts("dialogs.reason_needed"))
        details = {"with_answer": bool(right_answer.strip())}
        self._services.audit.add(member.name, "answer.flag", f"turn:{turn_id}", details, member.address)
        return done(self._texts("dialogs.flag_saved"))

    def unflag(self, turn_id: str, request: gr.Request) -> str:
        """Take a verdict back."""
        member = member_of(request)
        self._services.reviews.unflag(turn_id, reviewer=member.name)
        self._services.audit.add(member.name, "answer.unflag", f"turn:{turn_id}", None, member.address)
        return done(self._texts("dialogs.flag_removed"))


def _flag(choice: str) -> bool | None:
    return {_YES: True, _NO: False}.get(choice)


def _mark(choice: str) -> int | None:
    return int(choice) if choice.isdecimal() and 1 <= int(choice) <= 10 else None


@dataclass(frozen=True)
class _Parts:
    """The components, so that wiring them is another function than laying them out."""

    filters: Sequence[gr.components.Component]
    model: gr.Dropdown
    search: gr.Button
    reset: gr.Button
    list: gr.HTML
    newer: gr.Button
    older: gr.Button
    cursors: gr.State
    chosen: gr.Textbox
    dialog: gr.HTML
    form: gr.Column
    flagged: gr.HTML
    turn: gr.State
    reason: gr.Textbox
    right_answer: gr.Textbox
    save: gr.Button
    remove: gr.Button
    cancel: gr.Button
    outcome: gr.HTML


def build(services: "Services", texts: Texts) -> gr.Blocks:
    """The page: the filter, the list, the dialog beside it, the form for a verdict."""
    page = Dialogs(services, texts)
    with staff_blocks(texts("dialogs.title")) as blocks:
        parts = _layout(page, texts)
        _wire_list(blocks, parts, page, services)
        _wire_verdict(parts, page, services)
    return blocks


def _layout(page: Dialogs, texts: Texts) -> _Parts:
    heading(texts("dialogs.title"), texts("dialogs.intro"))
    filters, model, search, reset = _filters(texts)
    chosen = gr.Textbox(visible="hidden", elem_id="chosen-dialog", label="dialog")
    cursors, turn = gr.State([None]), gr.State("")
    with gr.Row(elem_classes=["two-sides"]):
        with gr.Column(scale=2, min_width=320, elem_classes=["side-list"]):
            found = pressable(elem_id="dialog-list")
            with gr.Row(elem_classes=["paging"]):
                newer = gr.Button(texts("dialogs.newer"), size="sm", interactive=False, min_width=80)
                older = gr.Button(texts("dialogs.older"), size="sm", interactive=False, min_width=80)
        with gr.Column(scale=3, min_width=320, elem_id="dialog-slot"):
            with gr.Column(visible=False, elem_id="flag-form", elem_classes=["work-form"]) as form:
                flagged = gr.HTML(apply_default_css=False)
                reason = gr.Textbox(
                    label=texts("dialogs.why"), lines=2, max_length=WORDS_LIMIT, elem_id="flag-reason"
                )
                right_answer = gr.Textbox(
                    label=texts("dialogs.right_answer"),
                    info=texts("dialogs.right_hint"),
                    lines=4,
                    max_length=WORDS_LIMIT,
                    elem_id="flag-answer",
                )
                with gr.Row():
                    save = gr.Button(texts("dialogs.flag_save"), variant="primary", min_width=100)
                    remove = gr.Button(texts("dialogs.flag_remove"), visible=False, min_width=100)
                    cancel = gr.Button(texts("dialogs.cancel"), min_width=100)
            outcome = gr.HTML(elem_id="flag-outcome")
            dialog = pressable(page.nothing(), elem_id="dialog")
    return _Parts(
        filters, model, search, reset, found, newer, older, cursors, chosen, dialog, form, flagged, turn,
        reason, right_answer, save, remove, cancel, outcome,
    )  # fmt: skip


def _filters(texts: Texts) -> tuple[Sequence[Any], gr.Dropdown, gr.Button, gr.Button]:
    """The components of the filter in the order of `Wanted`, the list of models, and the two buttons."""
    anything = (texts("dialogs.any"), _ANY)
    either = [anything, (texts("dialogs.yes"), _YES), (texts("dialogs.no"), _NO)]
    marks = [anything, *((str(mark), str(mark)) for mark in range(1, 11))]

    def choice(key: str, choices: list[tuple[str, str]], value: str = _ANY) -> gr.Dropdown:
        return gr.Dropdown(
            choices,
            value=value,
            label=texts(key),
            filterable=False,
            elem_id=key.replace(".", "-"),
            min_width=140,
        )

    with gr.Row(elem_classes=["search-row"]):
        text = gr.Textbox(
            label=texts("dialogs.text"), max_length=200, elem_id="dialogs-text", scale=4, min_width=240
        )
        periods = [(texts(f"dialogs.period_{name}"), name) for name in (*_PERIODS, "all")]
        period = choice("dialogs.period", periods, "month")
        search = gr.Button(texts("dialogs.search"), variant="primary", scale=0, min_width=120)
    with gr.Accordion(texts("dialogs.more_filters"), open=False, elem_id="more-filters"):
        with gr.Row():
            first = gr.Textbox(
                label=texts("dialogs.first"), placeholder="31.01.2026", max_length=10, min_width=140
            )
            last = gr.Textbox(
                label=texts("dialogs.last"), placeholder="31.01.2026", max_length=10, min_width=140
            )
            routes = [(texts(f"routes.{name}"), name) for name in ROUTES]
            route = choice("dialogs.route", [anything, *routes])
            blocked = choice("dialogs.blocked", either)
            wrong = choice("dialogs.wrong", either)
            callback = choice("dialogs.callback", either)
        with gr.Row():
            rated_from = choice("dialogs.rated_from", marks)
            rated_to = choice("dialogs.rated_to", marks)
            languages = [anything, (texts("dialogs.russian"), "ru"), (texts("dialogs.english"), "en")]
            language = choice("dialogs.language", languages)
            kinds = [anything, (texts("dialogs.kind_web"), "web"), ("API", "api")]
            kind = choice("dialogs.kind", kinds)
            model = choice("dialogs.model_filter", [anything])
            reset = gr.Button(texts("dialogs.reset"), scale=0, min_width=120)
    filters = [text, period, first, last, route, blocked, wrong, callback]
    filters += [rated_from, rated_to, language, kind, model]
    return filters, model, search, reset


def _wire_list(blocks: gr.Blocks, parts: _Parts, page: Dialogs, services: "Services") -> None:
    shown = [parts.list, parts.newer, parts.older, parts.cursors]

    def find(cursors: list[Cursor | None], chosen: str, *choices: str | None) -> tuple[Any, ...]:
        found = page.page(Wanted(*(choice or "" for choice in choices)), cursors[-1])
        following = [*cursors, found.next] if found.next else cursors
        return (
            page.view.found(found, chosen),
            gr.update(interactive=len(cursors) > 1),
            gr.update(interactive=found.next is not None),
            {"shown": cursors, "next": following},
        )

    def begin(chosen: str, *choices: str | None) -> tuple[Any, ...]:
        return find([None], chosen, *choices)

    def go_on(state: Any, chosen: str, *choices: str | None) -> tuple[Any, ...]:
        return find(state["next"] if isinstance(state, dict) else [None], chosen, *choices)

    def go_back(state: Any, chosen: str, *choices: str | None) -> tuple[Any, ...]:
        cursors = state["shown"][:-1] if isinstance(state, dict) else []
        return find(cursors or [None], chosen, *choices)

    def models() -> Any:
        anything = (page._texts("dialogs.any"), _ANY)
        return gr.update(choices=[anything, *((name, name) for name in services.dialog_search.models())])

    def read(session_id: str, request: gr.Request) -> tuple[Any, ...]:
        if _TALK.fullmatch(session_id):
            page.note_read(session_id, request)
        return session_id, page.dialog(session_id), gr.update(visible=False), ""

    def press(event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        pressed = press_of(event)
        return read(pressed.on, request) if pressed.what == "open" else (gr.skip(),) * 4

    opened = [parts.chosen, parts.dialog, parts.form, parts.outcome]
    inputs = [parts.chosen, *parts.filters]
    blocks.load(read, parts.chosen, opened, js=_FROM_ADDRESS, **PRIVATE).then(begin, inputs, shown, **PRIVATE)
    blocks.load(models, None, parts.model, **PRIVATE)
    parts.search.click(begin, inputs, shown, **PRIVATE)
    parts.filters[0].submit(begin, inputs, shown, **PRIVATE)  # type: ignore[attr-defined]  # a textbox
    parts.reset.click(lambda: list(Wanted()), None, list(parts.filters), **PRIVATE).then(
        begin, inputs, shown, **PRIVATE
    )
    parts.older.click(go_on, [parts.cursors, *inputs], shown, **PRIVATE)
    parts.newer.click(go_back, [parts.cursors, *inputs], shown, **PRIVATE)
    parts.list.click(press, None, opened, **PRIVATE).then(None, None, None, js=_TO_DIALOG)


def _wire_verdict(parts: _Parts, page: Dialogs, services: "Services") -> None:
    form = [parts.form, parts.flagged, parts.turn, parts.reason, parts.right_answer, parts.remove]
    after = [parts.outcome, parts.form, parts.dialog]

    def begin(event: gr.EventData) -> tuple[Any, ...]:
        pressed = press_of(event)
        turn = services.dialog_search.turn(pressed.on) if pressed.what == "flag" else None
        if turn is None or turn.answer is None:
            return (gr.skip(),) * len(form)
        review = services.reviews.of_session(turn.session_id).get(turn.turn_id)
        return (
            gr.update(visible=True),
            page.view.flagged(turn),
            turn.turn_id,
            review.reason if review else "",
            review.right_answer if review else "",
            gr.update(visible=review is not None and review.wrong),
        )

    def save(turn_id: str, reason: str, right: str, chosen: str, request: gr.Request) -> tuple[Any, ...]:
        outcome = page.flag(turn_id, reason, right, request)
        failed = 'role="alert"' in outcome
        return outcome, gr.update(visible=failed), gr.skip() if failed else page.dialog(chosen)

    def remove(turn_id: str, chosen: str, request: gr.Request) -> tuple[Any, ...]:
        return page.unflag(turn_id, request), gr.update(visible=False), page.dialog(chosen)

    parts.dialog.click(begin, None, form, **PRIVATE).then(None, None, None, js=_TO_FORM)
    inputs = [parts.turn, parts.reason, parts.right_answer, parts.chosen]
    parts.save.click(save, inputs, after, **PRIVATE)
    parts.remove.click(remove, [parts.turn, parts.chosen], after, **PRIVATE)
    parts.cancel.click(lambda: (gr.update(visible=False), ""), None, [parts.form, parts.outcome], **PRIVATE)
