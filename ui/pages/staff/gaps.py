"""Knowledge gaps: what visitors asked in vain, and the entries of the brochure that staff write for it."""

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from stores.errors import Refused, StoreError
from stores.gaps import Gap, GapQuestion, Gaps
from stores.knowledge import TEXT_LENGTH, TITLE_LENGTH, Entry
from ui.auth import StaffMember, member_of
from ui.pages.staff.parts import PRIVATE, alert, badge, done, heading, said_html, staff_blocks, table
from ui.pages.staff.pressing import press_of, pressable
from ui.pages.staff.refusals import link, sentence
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from services import Services

_JOB = "cluster-gaps"
_SHOWN, _EXAMPLES, _CHOICES = 50, 8, 200
_STEPS = {
    "open": ("draft", "dismiss"),
    "drafted": ("draft", "dismiss"),
    "published": ("draft",),
    "dismissed": ("reopen",),
}
_EXAMPLES_SHOWN = 3
_LOOK_S = 1.5
# After "write an answer": to the form, which may be far below. What is dismissed stays where it is.
_TO_FORM = """() => { if (document.querySelector('.office-said [data-form]'))
  document.getElementById('entry-form')?.scrollIntoView({ behavior: 'smooth' }); }"""
_STATES = ("open", "drafted", "published", "dismissed")
_BADGES = {
    "open": "new",
    "drafted": "",
    "published": "good",
    "dismissed": "",
    "withdrawn": "",
    "draft": "new",
}


class Said(NamedTuple):
    """What came of a click: a word on it as HTML, the entry to go on with (None leaves the form as it
    is), and the run of a job to wait for."""

    html: str
    entry: int | None = None
    changed: bool = True
    run: int | None = None


class GapDesk:
    """What the page shows and does; everything done is noted in the audit log."""

    def __init__(self, services: "Services", texts: Texts) -> None:
        self._services = services
        self._gaps = Gaps(services.engine)
        self._knowledge = services.knowledge
        self._texts = texts

    def shown(self, state: str) -> str:
        """The gaps of a state as a table, the most frequent first."""
        heads = [self._texts(f"gaps.{name}") for name in ("times", "asks", "examples", "last", "state")] + [
            ""
        ]
        found = self._gaps.all(state if state in _STATES else None, limit=_SHOWN)  # type: ignore[arg-type]  # checked
        return table(heads, [self._row(gap) for gap in found], empty=self._texts("gaps.none"))

    def entries(self) -> str:
        """All entries as a table."""
        heads = [self._texts(f"gaps.{name}") for name in ("title_of", "state", "who", "changed")]
        zone = self._services.salon.zone
        rows = [
            [
                f"{escape(entry.title)}<br><span class='quiet'>{escape(entry.text[:160])}</span>",
                self._badge(entry.status),
                escape(entry.author),
                f'<span class="time">{entry.changed_at.astimezone(zone):%d.%m.%Y %H:%M}</span>',
            ]
            for entry in self._knowledge.all()
        ]
        return table(heads, rows, empty=self._texts("gaps.no_entries"))

    def entry_choices(self) -> list[tuple[str, int]]:
        """The entries, to choose one from."""
        return [
            (f"{entry.title[:90]} · {self._texts(f'gaps.state_{entry.status}')}", entry.id)
            for entry in self._knowledge.all(limit=_CHOICES)
        ]

    def entry(self, entry_id: int | None) -> Entry | None:
        """An entry; None where there is none."""
        try:
            return self._knowledge.get(entry_id) if entry_id else None
        except StoreError:
            return None

    def draft(self, gap_id: int | None, member: StaffMember) -> Said:
        """A draft for a gap, or the one that there is."""

        def make() -> Said:
            if not gap_id:
                raise Refused("no_gap_chosen")
            gap = self._gaps.get(gap_id)
            known = self._knowledge.of_gap(gap_id)
            if known is not None:
                return Said(_to_form(self._texts("gaps.drafted_before")), known.id)
            entry = self._knowledge.draft(
                gap.title[:TITLE_LENGTH], self._draft_text(gap), author=member.name, gap_id=gap_id
            )  # of two who draft at once the second is given what the first has made
            self._note(member, "gaps.draft", f"entry:{entry.id}", gap=gap_id)
            return Said(_to_form(self._texts("gaps.drafted")), entry.id)

        return self._try(make)

    def blank(self, member: StaffMember) -> Said:
        """A draft of its own, for no gap."""

        def make() -> Said:
            entry = self._knowledge.draft(
                self._texts("gaps.new_title"),
                self._services.gap_drafts.blank(self._texts.language),
                author=member.name,
            )
            self._note(member, "gaps.draft", f"entry:{entry.id}")
            return Said(done(self._texts("gaps.drafted")), entry.id)

        return self._try(make)

    def save(self, entry_id: int | None, title: str, text: str, seen: int, member: StaffMember) -> Said:
        """Change the words of an entry."""

        def change() -> Said:
            entry = self._saved(entry_id, title, text, seen, member)
            return Said(done(self._texts("gaps.saved")), entry.id)

        return self._try(change)

    def publish(self, entry_id: int | None, title: str, text: str, seen: int, member: StaffMember) -> Said:
        """Save an entry and let the assistant answer with it."""

        def change() -> Said:
            self._finished(text)
            entry = self._saved(entry_id, title, text, seen, member)
            self._knowledge.publish(entry.id, author=member.name, seen=entry.version)
            self._services.in_force.current()
            self._note(member, "gaps.publish", f"entry:{entry.id}")
            return Said(done(self._texts("gaps.published")), entry.id)

        return self._try(change)

    def withdraw(self, entry_id: int | None, seen: int, member: StaffMember) -> Said:
        """Let the assistant know an entry no longer."""

        def change() -> Said:
            entry = self._knowledge.withdraw(self._chosen(entry_id), author=member.name, seen=seen)
            self._services.in_force.current()
            self._note(member, "gaps.withdraw", f"entry:{entry.id}")
            return Said(done(self._texts("gaps.withdrawn")), entry.id)

        return self._try(change)

    def mark(self, gap_id: int | None, state: str, member: StaffMember) -> Said:
        """Dismiss a gap, or open it again."""

        def change() -> Said:
            if not gap_id:
                raise Refused("no_gap_chosen")
            dismissed = state == "dismissed"
            self._gaps.mark(gap_id, "dismissed" if dismissed else "open")
            self._note(member, "gaps.dismiss" if dismissed else "gaps.reopen", f"gap:{gap_id}")
            return Said(done(self._texts("gaps.dismissed" if dismissed else "gaps.reopened")))

        return self._try(change)

    def find(self, member: StaffMember) -> Said:
        """Have the questions gathered now."""

        def request() -> Said:
            run = self._services.job_runs.request(_JOB, member.name)
            self._note(member, "gaps.find", f"job:{_JOB}")
            return Said(done(self._texts("gaps.finding")), run=run.id)

        return self._try(request)

    def found(self, run_id: int | None) -> Said | None:
        """What came of gathering; None while it goes on."""
        run = self._services.job_runs.get(run_id) if run_id else None
        if run is None:
            return Said("")
        if run.status in ("requested", "running"):
            return None
        if run.status != "done":
            return Said(alert(self._texts("gaps.find_failed", error=run.error or "")))
        return Said(done(self._texts("gaps.found", made=run.counts.get("made", 0))))

    def _saved(self, entry_id: int | None, title: str, text: str, seen: int, member: StaffMember) -> Entry:
        number = self._chosen(entry_id)
        if self._knowledge.get(number).status == "published":
            self._finished(text)
        entry = self._knowledge.save(number, title, text, author=member.name, seen=seen)
        self._services.in_force.current()
        self._note(member, "gaps.save", f"entry:{entry.id}")
        return entry

    def _chosen(self, entry_id: int | None) -> int:
        if not entry_id:
            raise Refused("no_entry_chosen")
        return entry_id

    def _finished(self, text: str) -> None:
        """Raises `Refused` for a text in which a person has still to write something."""
        if self._services.gap_drafts.is_unfinished(text):
            raise Refused("entry_unfinished")

    def _draft_text(self, gap: Gap) -> str:
        asked = [one.text for one in self._gaps.questions(gap.id, limit=_EXAMPLES)]
        return self._services.gap_drafts.text(asked, self._texts.language)

    def _row(self, gap: Gap) -> list[str]:
        asked: dict[str, GapQuestion] = {}
        for one in self._gaps.questions(gap.id):
            asked.setdefault(one.text, one)  # the same words once
        shown = [
            f"<li>{escape(one.text)} {link(f'/staff/dialogs/?id={one.session_id}', self._texts('gaps.dialog'))}"
            f" <span class='quiet'>{escape(self._texts(f'gaps.why_{one.why}'))}</span></li>"
            for one in list(asked.values())[:_EXAMPLES_SHOWN]
        ]
        last = gap.last_at.astimezone(self._services.salon.zone)
        steps = _STEPS[gap.status]
        return [
            str(gap.questions),
            escape(gap.title),
            f'<ul class="asked">{"".join(shown)}</ul>',
            f'<span class="time">{last:%d.%m.%Y}</span>',
            self._badge(gap.status),
            f'<div class="row-buttons">{"".join(self._button(step, gap) for step in steps)}</div>',
        ]

    def _button(self, step: str, gap: Gap) -> str:
        key = "open_draft" if step == "draft" and gap.status != "open" else step
        kind = " primary" if key == "draft" else ""
        text = escape(self._texts(f"gaps.{key}"))
        data = f'data-press="{step}" data-on="{gap.id}"'
        return f'<button type="button" class="office-button{kind}" {data}>{text}</button>'

    def _badge(self, state: str) -> str:
        return badge(self._texts(f"gaps.state_{state}"), _BADGES.get(state, ""))

    def _try(self, change: Callable[[], Said]) -> Said:
        try:
            return change()
        except StoreError as error:
            return Said(alert(sentence(error, self._texts)), changed=False)

    def _note(self, member: StaffMember, action: str, target: str, **details: Any) -> None:
        self._services.audit.add(member.name, action, target, details, member.address)


class Parts(NamedTuple):
    """The components that every change shows anew."""

    shown: gr.HTML
    entries: gr.HTML
    entry: gr.Dropdown
    title: gr.Textbox
    text: gr.Textbox
    seen: gr.State
    said: gr.HTML
    run: gr.State
    timer: gr.Timer


class Buttons(NamedTuple):
    """What can be done."""

    find: gr.Button
    blank: gr.Button
    save: gr.Button
    publish: gr.Button
    withdraw: gr.Button


def build(services: "Services", texts: Texts) -> gr.Blocks:
    """The page: the gaps, and the entries with a form for one."""
    desk = GapDesk(services, texts)
    with staff_blocks(texts("gaps.title")) as blocks:
        heading(texts("gaps.title"), texts("gaps.intro"))
        said = said_html()
        with gr.Row(elem_classes="office-actions"):
            states = [(texts(f"gaps.state_{state}"), state) for state in _STATES]
            state = gr.Dropdown([(texts("gaps.all"), ""), *states], value="open", label=texts("gaps.show"))
            find = gr.Button(texts("gaps.find"))
        shown = pressable(elem_id="gaps")
        gr.HTML(f"<h2>{escape(texts('gaps.entries'))}</h2>", elem_id="entry-form")
        with gr.Row(elem_classes="office-actions"):
            entry = gr.Dropdown([], label=texts("gaps.entry"), scale=3, min_width=320)
            blank = gr.Button(texts("gaps.blank"))
        title = gr.Textbox(label=texts("gaps.title_of"), max_length=TITLE_LENGTH, max_lines=1)
        text = gr.Textbox(
            label=texts("gaps.text"), info=texts("gaps.text_hint"), lines=8, max_length=TEXT_LENGTH
        )
        with gr.Row():
            save = gr.Button(texts("gaps.save"))
            publish = gr.Button(texts("gaps.publish"), variant="primary")
            withdraw = gr.Button(texts("gaps.withdraw"), variant="stop")
        entries = gr.HTML()
        timer = gr.Timer(_LOOK_S, active=False)
        parts = Parts(shown, entries, entry, title, text, gr.State(0), said, gr.State(None), timer)
        _wire(blocks, desk, parts, state, Buttons(find, blank, save, publish, withdraw))
    return blocks


def _to_form(text: str) -> str:
    """A word on what was done that leads to the form, see `_TO_FORM`."""
    return f"<div data-form>{done(text)}</div>"


def _fields(entry: Entry | None) -> tuple[str, str, int]:
    return (entry.title, entry.text, entry.version) if entry else ("", "", 0)


def _after(desk: GapDesk, parts: Parts, result: Said, state: str) -> dict[Any, Any]:
    """What an action changes on the page: its word, and where it did something the lists and the form."""
    if not result.changed:
        return {parts.said: result.html}
    shown: dict[Any, Any] = {
        parts.shown: desk.shown(state),
        parts.entries: desk.entries(),
        parts.entry: gr.update(choices=desk.entry_choices()),
        parts.said: result.html,
    }
    if result.run is not None:
        shown |= {parts.run: result.run, parts.timer: gr.Timer(active=True)}
    if result.entry is not None:
        title, text, seen = _fields(desk.entry(result.entry))
        shown[parts.entry] = gr.update(choices=desk.entry_choices(), value=result.entry)
        shown |= {parts.title: title, parts.text: text, parts.seen: seen}
    return shown


def _wire(blocks: gr.Blocks, desk: GapDesk, parts: Parts, state: gr.Dropdown, buttons: Buttons) -> None:
    outputs = list(parts)

    def after(result: Said, state: str) -> dict[Any, Any]:
        return _after(desk, parts, result, state)

    def on_find(state: str, request: gr.Request) -> Any:
        return after(desk.find(member_of(request)), state)

    def on_tick(run: int | None, state: str) -> Any:
        result = desk.found(run)
        if result is None:
            return {parts.run: gr.skip()}
        return {**after(result, state), parts.run: None, parts.timer: gr.Timer(active=False)}

    def on_press(state: str, event: gr.EventData, request: gr.Request) -> Any:
        pressed = press_of(event)
        gap = int(pressed.on) if pressed.on.isdecimal() and len(pressed.on) < 10 else None
        if pressed.what == "draft":
            return after(desk.draft(gap, member_of(request)), state)
        return after(
            desk.mark(gap, "dismissed" if pressed.what == "dismiss" else "open", member_of(request)), state
        )

    def on_blank(state: str, request: gr.Request) -> Any:
        return after(desk.blank(member_of(request)), state)

    def on_save(entry: int | None, title: str, text: str, seen: int, state: str, request: gr.Request) -> Any:
        return after(desk.save(entry, title or "", text or "", seen, member_of(request)), state)

    def on_publish(
        entry: int | None, title: str, text: str, seen: int, state: str, request: gr.Request
    ) -> Any:
        return after(desk.publish(entry, title or "", text or "", seen, member_of(request)), state)

    def on_withdraw(entry: int | None, seen: int, state: str, request: gr.Request) -> Any:
        return after(desk.withdraw(entry, seen, member_of(request)), state)

    form = [parts.entry, parts.title, parts.text, parts.seen, state]
    blocks.load(lambda state: after(Said(""), state), state, outputs, **PRIVATE)
    state.input(desk.shown, state, parts.shown, **PRIVATE)
    parts.entry.input(
        lambda entry: _fields(desk.entry(entry)),
        parts.entry,
        [parts.title, parts.text, parts.seen],
        **PRIVATE,
    )
    buttons.find.click(on_find, state, outputs, **PRIVATE)
    parts.timer.tick(on_tick, [parts.run, state], outputs, **PRIVATE)
    parts.shown.click(on_press, state, outputs, **PRIVATE).then(None, parts.title, None, js=_TO_FORM)
    buttons.blank.click(on_blank, state, outputs, **PRIVATE)
    buttons.save.click(on_save, form, outputs, **PRIVATE)
    buttons.publish.click(on_publish, form, outputs, **PRIVATE)
    buttons.withdraw.click(on_withdraw, [parts.entry, parts.seen, state], outputs, **PRIVATE)
