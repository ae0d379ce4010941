"""The queue of call-backs and test drives: who waits, who has taken whom, and what came of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import gradio as gr

from stores.errors import NotFound, RequestMoved, RequestTaken, Unreadable
from stores.requests import Cursor, Key, RequestPage, StaffRequest, View
from ui.auth import StaffMember, member_of
from ui.pages.cards import templates
from ui.pages.staff.parts import PRIVATE, alert, done, heading, staff_blocks
from ui.pages.staff.pressing import press_of, pressable
from ui.pages.staff.request_view import RequestView
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from services import Services

_SECONDS = 5
_RECENTLY = timedelta(days=1)
_NOTE_CHARACTERS = 1000
_KEY = re.compile(r"(callback|booking):([0-9]{1,9})")
_TO_CARD = """() => { if (window.innerWidth < 1000) setTimeout(
  () => document.getElementById('request-slot')?.scrollIntoView({ behavior: 'smooth' }), 250); }"""
Step = Literal["take", "release", "done", "no_answer", "reopen"]


class Queue:
    """What the page shows and does, in the texts of one language."""

    def __init__(self, services: "Services", texts: Texts) -> None:
        self._services = services
        self._texts = texts
        self.view = RequestView(texts, templates(), services.salon.zone)

    def page(self, view: str, kind: str, who: str, after: Cursor | None) -> RequestPage:
        """The requests of a view."""
        wanted = cast("View", view) if view in get_args(View) else "open"
        of_kind = cast("Any", kind) if kind in ("callback", "booking") else None
        return self._services.requests.queue(wanted, who=who, kind=of_kind, after=after)

    def html(self, page: RequestPage, view: str, chosen: str) -> str:
        """The queue as HTML."""
        empty = self._texts(f"requests.empty_{view if view in get_args(View) else 'open'}")
        counts = self._services.requests.counts()
        return self._trouble() + self.view.queue(page.requests, counts, chosen, empty=empty)

    def _trouble(self) -> str:
        """A word that alerts do not arrive, so that nobody relies on them."""
        failed = self._services.alert_sender.alerts.troubled(_RECENTLY)
        if not failed:
            return ""
        channel = self._texts(f"requests.by_{failed[0].channel}")
        return alert(self._texts("requests.alerts_fail", channel=channel, error=failed[0].error or ""))

    def find(self, key: Key | None) -> StaffRequest | None:
        """The request that is open, None when it is gone."""
        try:
            return self._services.requests.get(key) if key else None
        except NotFound:
            return None

    def step(self, step: Step, key: Key, note: str, member: StaffMember) -> str:
        """Do a step and write it down; what became of it, as HTML."""
        requests, may = self._services.requests, member.may("admin")
        steps: dict[Step, Callable[[], None]] = {
            "take": lambda: requests.take(key, member.name),
            "release": lambda: requests.release(key, member.name, anyones=may),
            "done": lambda: requests.close(key, member.name, "done", note, anyones=may),
            "no_answer": lambda: requests.close(key, member.name, "no_answer", note, anyones=may),
            "reopen": lambda: requests.reopen(key, member.name),
        }
        try:
            steps[step]()
        except RequestTaken as error:
            return alert(self._texts("requests.taken_already", who=error.by))
        except RequestMoved:
            return alert(self._texts("requests.moved"))
        except NotFound:
            return alert(self._texts("requests.gone"))
        self._note(member, f"{key.kind}.{step}", key, {"with_note": True} if note else {})
        return done(self._texts(f"requests.after_{step}"))

    def reveal(self, key: Key, member: StaffMember) -> str:
        """The number in full, as HTML. It is written down before it is shown."""
        if self.find(key) is None:
            return alert(self._texts("requests.gone"))
        self._note(member, f"{key.kind}.reveal", key, {})
        try:
            return self.view.phone(self._services.requests.reveal(key), revealed=True)
        except NotFound:
            return alert(self._texts("requests.gone"))
        except Unreadable:
            return alert(self._texts("requests.unreadable"))

    def _note(self, member: StaffMember, action: str, key: Key, details: dict[str, Any]) -> None:
        self._services.audit.add(member.name, action, str(key), details, member.address)


def key_of(text: str) -> Key | None:
    """`callback:12` → its key; None for anything else."""
    found = _KEY.fullmatch(text)
    return Key(cast("Any", found[1]), int(found[2])) if found else None


@dataclass(frozen=True)
class _Parts:
    """The components, so that wiring them is another function than laying them out."""

    view: gr.Radio
    kind: gr.Dropdown
    list: gr.HTML
    newer: gr.Button
    older: gr.Button
    cursors: gr.State
    shown: gr.State
    chosen: gr.Textbox
    outcome: gr.HTML
    card: gr.HTML
    actions: gr.Column
    phone: gr.HTML
    reveal: gr.Button
    note: gr.Textbox
    take: gr.Button
    done: gr.Button
    no_answer: gr.Button
    release: gr.Button
    reopen: gr.Button
    timer: gr.Timer


def build(services: "Services", texts: Texts) -> gr.Blocks:
    """The page: the queue, and beside it the request that is open with what can be done about it."""
    queue = Queue(services, texts)
    with staff_blocks(texts("requests.title")) as blocks:
        parts = _layout(texts)
        _wire(blocks, parts, queue)
    return blocks


def _layout(texts: Texts) -> _Parts:
    heading(texts("requests.title"), texts("requests.intro"))
    with gr.Row(elem_classes=["search-row"]):
        views = [(texts(f"requests.view_{name}"), name) for name in get_args(View)]
        view = gr.Radio(
            views, value="open", label=texts("requests.view"), elem_id="view", scale=4, min_width=300
        )
        kinds = [
            (texts("requests.any_kind"), ""),
            *((texts(f"requests.{k}s"), k) for k in ("callback", "booking")),
        ]
        kind = gr.Dropdown(kinds, value="", label=texts("requests.kind"), filterable=False, min_width=160)
    chosen = gr.Textbox(visible="hidden", elem_id="chosen-request", label="request")
    cursors, shown = gr.State(None), gr.State("")
    with gr.Row(elem_classes=["two-sides"]):
        with gr.Column(scale=3, min_width=320):
            found = pressable(elem_id="queue")
            with gr.Row(elem_classes=["paging"]):
                newer = gr.Button(texts("requests.back"), size="sm", visible=False, min_width=80)
                older = gr.Button(texts("requests.more"), size="sm", visible=False, min_width=80)
        with gr.Column(scale=2, min_width=320, elem_id="request-slot"):
            outcome = gr.HTML(elem_id="request-outcome")
            card = gr.HTML(_nothing(texts), apply_default_css=False, elem_id="request")
            with gr.Column(visible=False, elem_id="request-actions", elem_classes=["work-form"]) as actions:
                with gr.Row(elem_classes=["phone-row"]):
                    phone = gr.HTML(apply_default_css=False, elem_id="phone")
                    reveal = gr.Button(texts("requests.reveal"), size="sm", scale=0, min_width=150)
                note = gr.Textbox(
                    label=texts("requests.note"), lines=2, max_length=_NOTE_CHARACTERS, elem_id="note"
                )
                take = gr.Button(texts("requests.take"), variant="primary", visible=False)
                with gr.Row():
                    finish = gr.Button(
                        texts("requests.done"), variant="primary", visible=False, min_width=120
                    )
                    no_answer = gr.Button(texts("requests.no_answer"), visible=False, min_width=150)
                    release = gr.Button(texts("requests.release"), visible=False, min_width=150)
                    reopen = gr.Button(texts("requests.reopen"), visible=False, min_width=150)
    return _Parts(
        view, kind, found, newer, older, cursors, shown, chosen, outcome, card, actions, phone, reveal, note,
        take, finish, no_answer, release, reopen, gr.Timer(_SECONDS),
    )  # fmt: skip


def _nothing(texts: Texts) -> str:
    return f'<p class="office-empty">{texts("requests.choose")}</p>'


class _Events:
    """What the events of the page do."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def first(self, view: str, kind: str, chosen: str, request: gr.Request) -> tuple[Any, ...]:
        """The list from its beginning."""
        return self._list([None], view, kind, chosen, request)

    def again(
        self, state: Any, shown: str, view: str, kind: str, chosen: str, request: gr.Request
    ) -> tuple[Any, ...]:
        """What the clock asks for every few seconds: the list and the card, left alone while nothing has changed."""
        cursors = state["at"] if isinstance(state, dict) else [None]
        found = self._list(cursors, view, kind, chosen, request)
        card = self._card(key_of(chosen), member_of(request))
        fingerprint = f"{found[0]}{card}"
        if fingerprint == shown:
            return (gr.skip(),) * (len(found) + 1 + len(card))
        return *found, fingerprint, *card

    def older(self, state: Any, view: str, kind: str, chosen: str, request: gr.Request) -> tuple[Any, ...]:
        """The next page."""
        return self._list(state["next"], view, kind, chosen, request)

    def newer(self, state: Any, view: str, kind: str, chosen: str, request: gr.Request) -> tuple[Any, ...]:
        """The page before."""
        return self._list(state["at"][:-1] or [None], view, kind, chosen, request)

    def press(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """A button of the list: take the request or look at it; it is open then."""
        pressed = press_of(event)
        key = key_of(pressed.on)
        if key is None:
            return (gr.skip(),) * (len(CARD) + 3)
        member = member_of(request)
        outcome = self._queue.step("take", key, "", member) if pressed.what == "take" else ""
        return str(key), outcome, *self._card(key, member, empty_note=True), self._masked(key)

    def act(self, step: Step) -> Callable[..., tuple[Any, ...]]:
        """A step with the request that is open."""

        def do(chosen: str, note: str, request: gr.Request) -> tuple[Any, ...]:
            key, member = key_of(chosen), member_of(request)
            if key is None:
                return (gr.skip(),) * (len(CARD) + 1)
            closing = step in ("done", "no_answer")
            outcome = self._queue.step(step, key, note.strip() if closing else "", member)
            kept = 'role="alert"' in outcome or not closing
            return outcome, *self._card(key, member, empty_note=not kept)

        return do

    def reveal(self, chosen: str, request: gr.Request) -> Any:
        """The number in full."""
        key = key_of(chosen)
        return self._queue.reveal(key, member_of(request)) if key else gr.skip()

    def _masked(self, key: Key) -> str:
        found = self._queue.find(key)
        return self._queue.view.phone(found.phone, revealed=False) if found else ""

    def _list(
        self, cursors: list[Cursor | None], view: str, kind: str, chosen: str, request: gr.Request
    ) -> tuple[Any, ...]:
        page = self._queue.page(view, kind or "", member_of(request).name, cursors[-1])
        return (
            self._queue.html(page, view, chosen),
            gr.update(visible=len(cursors) > 1),
            gr.update(visible=page.next is not None),
            {"at": cursors, "next": [*cursors, page.next] if page.next else cursors},
        )

    def _card(self, key: Key | None, member: StaffMember, *, empty_note: bool = False) -> tuple[Any, ...]:
        """The card and the buttons that fit the state of its request, in the order of `CARD`."""
        found = self._queue.find(key)
        if found is None:
            gone = alert(self._queue._texts("requests.gone")) if key else _nothing(self._queue._texts)
            return gone, *(gr.update(visible=False) for _ in CARD[1:])
        own = found.state == "taken" and (found.taken_by == member.name or member.may("admin"))
        visible = {
            "actions": True,
            "take": found.state in ("new", "no_answer") and not found.cancelled,
            "done": own,
            "no_answer": own,
            "release": own,
            "reopen": found.state in ("done", "no_answer"),
            "note": own,
        }
        updates = {name: gr.update(visible=visible[name]) for name in CARD[1:]}
        if empty_note:
            updates["note"] = gr.update(visible=own, value="")
        return self._queue.view.request(found), *updates.values()


CARD = ("card", "actions", "take", "done", "no_answer", "release", "reopen", "note")
"""The components that show the request that is open."""


def _wire(blocks: gr.Blocks, parts: _Parts, queue: Queue) -> None:
    events = _Events(queue)
    card = [getattr(parts, name) for name in CARD]
    listed = [parts.list, parts.newer, parts.older, parts.cursors]
    inputs = [parts.view, parts.kind, parts.chosen]
    again = ([parts.cursors, parts.shown, *inputs], [*listed, parts.shown, *card])
    blocks.load(events.first, inputs, listed, **PRIVATE)
    parts.timer.tick(events.again, *again, **PRIVATE)
    for box in (parts.view, parts.kind):
        box.change(events.first, inputs, listed, **PRIVATE)
    parts.older.click(events.older, [parts.cursors, *inputs], listed, **PRIVATE)
    parts.newer.click(events.newer, [parts.cursors, *inputs], listed, **PRIVATE)
    opened = [parts.chosen, parts.outcome, *card, parts.phone]
    parts.list.click(events.press, None, opened, **PRIVATE).then(events.again, *again, **PRIVATE).then(
        None, None, None, js=_TO_CARD
    )
    steps: dict[Step, gr.Button] = {
        "take": parts.take,
        "done": parts.done,
        "no_answer": parts.no_answer,
        "release": parts.release,
        "reopen": parts.reopen,
    }
    for step, button in steps.items():
        button.click(events.act(step), [parts.chosen, parts.note], [parts.outcome, *card], **PRIVATE).then(
            events.again, *again, **PRIVATE
        )
    parts.reveal.click(events.reveal, parts.chosen, parts.phone, **PRIVATE)
