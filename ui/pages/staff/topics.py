"""Forbidden topics, for admins: edited, tried on the questions of the last days, saved, and taken back."""

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from chains.topic_preview import DAYS, MOST_SHOWN, Judged, Preview, preview
from stores.errors import Refused, StoreError
from stores.topics import NAME_LENGTH, STUB_LENGTH, Topic, TopicVersion, check_topic
from ui.auth import StaffMember, member_of
from ui.pages.staff.parts import PRIVATE, alert, badge, done, heading, said_html, staff_blocks, table
from ui.pages.staff.refusals import lines, link, sentence
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from services import Services

_NEW = ""
_LIST = re.compile(r"[,\n]+")
_QUEUED: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}


class Form(NamedTuple):
    """What stands in the form: the name of the topic that is edited (empty for a new one), and its fields as text."""

    which: str
    name: str
    stop_words: str
    examples: str
    stub: str

    def topic(self) -> Topic:
        """The topic; raises `Refused` when it cannot be one."""
        if not self.name.strip():
            raise Refused("topic_without_name")
        words = tuple(dict.fromkeys(" ".join(word.split()) for word in _LIST.split(self.stop_words)))
        topic = Topic(
            name=" ".join(self.name.split()),
            stop_words=words,
            examples=lines(self.examples),
            stub=self.stub.strip() or None,
        )
        check_topic(topic)
        return topic


class Said(NamedTuple):
    """What came of a click: a word on it as HTML, and the version that is in force now if it was changed."""

    html: str
    changed: bool = False


class TopicDesk:
    """What the page shows and does; everything done is noted in the audit log."""

    def __init__(self, services: "Services", texts: Texts) -> None:
        self._services = services
        self._topics = services.topics
        self._texts = texts

    def choices(self) -> list[tuple[str, str]]:
        """A new topic, and those in force."""
        names = [(topic.name, topic.name) for topic in self._topics.current()]
        return [(self._texts("topics.new"), _NEW), *names]

    def form(self, which: str) -> Form:
        """The fields of a topic; empty ones for a new one."""
        topic = next((one for one in self._topics.current() if one.name == which), None)
        if topic is None:
            return Form(_NEW, "", "", "", "")
        return Form(
            topic.name, topic.name, "\n".join(topic.stop_words), "\n".join(topic.examples), topic.stub or ""
        )

    def seen(self) -> int:
        """The version that is shown, to be given back when saving."""
        return self._topics.version()

    def state(self) -> str:
        """Which version is in force, since when and by whom, as HTML."""
        versions = self._topics.history(1)
        if not versions:
            return f"<p>{escape(self._texts('topics.no_version'))}</p>"
        latest = versions[0]
        text = self._texts(
            "topics.version", number=latest.number, when=self._when(latest), who=self._who(latest)
        )
        return f'<p class="quiet">{escape(text)}</p>'

    def history(self) -> str:
        """The latest versions as a table."""
        heads = [self._texts(f"topics.{name}") for name in ("number", "when", "who", "count")]
        rows = [
            self._row(version, first=place == 0) for place, version in enumerate(self._topics.history(20))
        ]
        return table(heads, rows, empty="—")

    def versions(self) -> list[tuple[str, int]]:
        """The earlier versions, to choose one from."""
        return [
            (f"{version.number} · {self._when(version)} · {self._who(version)}", version.number)
            for version in self._topics.history(20)[1:]
        ]

    def preview(self, form: Form, *, delete: bool, progress: Callable[[float], object] | None) -> str:
        """What the form would have done to the questions of the last days, as HTML."""
        try:
            wanted = self._without(form.which) if delete else self._with(form)
            seen = preview(
                self._services.engine,
                self._services.guard,
                wanted,
                self._topics.current(),
                self._services.clock(),
                progress=progress,
            )
        except StoreError as error:
            return alert(sentence(error, self._texts))
        return self._preview_html(seen)

    def save(self, form: Form, seen: int, member: StaffMember) -> Said:
        """Put the topic of the form in force."""

        def change() -> str:
            topic = form.topic()
            version = self._topics.save(self._with(form), author=member.name, seen=seen)
            self._note(member, "topics.save", topic.name, version)
            return self._texts("topics.saved", name=topic.name)

        return self._try(change)

    def delete(self, form: Form, seen: int, member: StaffMember) -> Said:
        """Forbid this topic no longer."""

        def change() -> str:
            version = self._topics.save(self._without(form.which), author=member.name, seen=seen)
            self._note(member, "topics.delete", form.which, version)
            return self._texts("topics.deleted", name=form.which)

        return self._try(change)

    def undo(self, seen: int, member: StaffMember) -> Said:
        """Put the state before in force again."""

        def change() -> str:
            version = self._topics.undo(author=member.name, seen=seen)
            self._note(member, "topics.undo", None, version)
            return self._texts("topics.undone")

        return self._try(change)

    def restore(self, number: int, seen: int, member: StaffMember) -> Said:
        """Put an earlier version in force again."""

        def change() -> str:
            version = self._topics.restore(number, author=member.name, seen=seen)
            self._note(member, "topics.restore", f"version {number}", version)
            return self._texts("topics.restored", number=number)

        return self._try(change)

    def reset(self, member: StaffMember) -> Said:
        """Put the salon folder's topics in force again."""

        def change() -> str:
            version = self._topics.reset(self._services.salon.folder, author=member.name)
            self._note(member, "topics.reset", None, version)
            return self._texts("topics.reset_done")

        return self._try(change)

    def _with(self, form: Form) -> list[Topic]:
        topic, rest = form.topic(), self._topics.current()
        if form.which:
            return [topic if one.name == form.which else one for one in rest]
        return [*rest, topic]

    def _without(self, name: str) -> list[Topic]:
        return [one for one in self._topics.current() if one.name != name]

    def _try(self, change: Callable[[], str]) -> Said:
        try:
            return Said(done(change()), changed=True)
        except StoreError as error:
            return Said(alert(sentence(error, self._texts)))

    def _note(self, member: StaffMember, action: str, name: str | None, version: int) -> None:
        target = f"topic:{name}" if name else None
        self._services.audit.add(member.name, action, target, {"version": version}, member.address)

    def _preview_html(self, seen: Preview) -> str:
        texts = self._texts
        parts = [texts("topics.preview_all", days=DAYS, asked=seen.asked, still=seen.blocked_still)]
        if seen.looked_at < seen.asked:
            parts.append(texts("topics.preview_limit", looked=seen.looked_at))
        head = f"<p>{escape(' '.join(parts))}</p>"
        return (
            head
            + self._judged("blocked", seen.newly_blocked, seen.newly_blocked_count)
            + self._judged("passed", seen.let_through, seen.let_through_count)
        )

    def _judged(self, kind: str, found: Sequence[Judged], count: int) -> str:
        texts = self._texts
        title = f"<h3>{escape(texts(f'topics.{kind}', count=count))}</h3>"
        heads = [texts(f"topics.{name}") for name in ("when", "question", "topic", "dialog")]
        zone = self._services.salon.zone
        rows = [
            [
                f'<span class="time">{one.asked.asked_at.astimezone(zone):%d.%m %H:%M}</span>',
                escape(one.asked.question),
                escape(one.topic),
                link(f"/staff/dialogs/?id={one.asked.session_id}", texts("topics.open_dialog")),
            ]
            for one in found
        ]
        more = texts("topics.first_shown", shown=MOST_SHOWN) if count > len(found) else ""
        return title + table(heads, rows, empty=texts(f"topics.none_{kind}")) + f"<p>{escape(more)}</p>"

    def _row(self, version: TopicVersion, *, first: bool) -> list[str]:
        state = f" {badge(self._texts('topics.in_force'), 'good')}" if first else ""
        return [
            f"{version.number}{state}",
            f'<span class="time">{self._when(version)}</span>',
            escape(self._who(version)),
            str(version.topics),
        ]

    def _when(self, version: TopicVersion) -> str:
        return f"{version.created_at.astimezone(self._services.salon.zone):%d.%m.%Y %H:%M}"

    def _who(self, version: TopicVersion) -> str:
        folder = self._texts("topics.folder")
        if version.origin == "folder":
            return f"{folder} ({version.author})" if version.author else folder
        return version.author or "—"


class Parts(NamedTuple):
    """The components that events read and change."""

    which: gr.Dropdown
    name: gr.Textbox
    stop_words: gr.Textbox
    examples: gr.Textbox
    stub: gr.Textbox
    seen: gr.State
    state: gr.HTML
    said: gr.HTML
    shown: gr.HTML
    sure: gr.Row
    history: gr.HTML
    older: gr.Dropdown

    @property
    def fields(self) -> list[Any]:
        """Those that make a `Form`."""
        return [self.which, self.name, self.stop_words, self.examples, self.stub]


def build(services: "Services", texts: Texts) -> gr.Blocks:
    """The page: a topic's form, what it would have done, and the versions."""
    desk = TopicDesk(services, texts)
    with staff_blocks(texts("topics.title")) as blocks:
        heading(texts("topics.title"), texts("topics.intro"))
        state = gr.HTML()
        said = said_html()
        seen = gr.State(0)
        which = gr.Dropdown([(texts("topics.new"), _NEW)], value=_NEW, label=texts("topics.which"))
        name = gr.Textbox(label=texts("topics.name"), max_length=NAME_LENGTH, max_lines=1)
        with gr.Row():
            stop_words = gr.Textbox(label=texts("topics.words"), info=texts("topics.words_hint"), lines=6)
            examples = gr.Textbox(label=texts("topics.examples"), info=texts("topics.examples_hint"), lines=6)
        stub = gr.Textbox(
            label=texts("topics.stub"), info=texts("topics.stub_hint"), lines=2, max_length=STUB_LENGTH
        )
        with gr.Row(elem_classes="office-actions"):
            look = gr.Button(texts("topics.preview", days=DAYS))
            save = gr.Button(texts("topics.save"), variant="primary")
            delete = gr.Button(texts("topics.delete"), variant="stop")
        with gr.Row(visible=False) as sure:
            yes = gr.Button(texts("topics.delete_sure"), variant="stop")
            no = gr.Button(texts("topics.keep"))
        shown = gr.HTML()
        gr.HTML(f"<h2>{escape(texts('topics.history'))}</h2>")
        with gr.Row(elem_classes="office-actions"):
            undo = gr.Button(texts("topics.undo"))
            older = gr.Dropdown([], label=texts("topics.older"))
            restore = gr.Button(texts("topics.restore"))
            reset = gr.Button(texts("topics.reset"))
        history = gr.HTML()
        parts = Parts(which, name, stop_words, examples, stub, seen, state, said, shown, sure, history, older)
        _wire_form(blocks, desk, parts, {"look": look, "save": save, "delete": delete, "yes": yes, "no": no})
        _wire_versions(desk, parts, undo, restore, reset)
    return blocks


def _fresh(desk: TopicDesk, said: Said, which: str = _NEW) -> tuple[Any, ...]:
    """All of the page anew, after something has changed."""
    form = desk.form(which)
    return (
        gr.update(choices=desk.choices(), value=form.which),
        *form[1:],
        desk.seen(),
        desk.state(),
        said.html,
        "",
        gr.update(visible=False),
        desk.history(),
        gr.update(choices=desk.versions(), value=None),
    )


def _after(desk: TopicDesk, parts: Parts, said: Said, which: str = _NEW) -> Any:
    """The page after a click: as it was but for the word on it, when nothing was changed."""
    if said.changed:
        return dict(zip(parts, _fresh(desk, said, which), strict=True))
    return {parts.said: said.html, parts.sure: gr.update(visible=False)}


def _wire_form(blocks: gr.Blocks, desk: TopicDesk, parts: Parts, buttons: dict[str, gr.Button]) -> None:
    everything = list(parts)

    def on_choose(which: str | None) -> tuple[Any, ...]:
        return (*desk.form(which or _NEW)[1:], desk.seen(), "", "", gr.update(visible=False))

    def on_look(*fields: str, progress: Any = gr.Progress()) -> tuple[str, str]:  # noqa: B008  Gradio's way
        return desk.preview(_form(fields), delete=False, progress=progress), ""

    def on_delete(*fields: str, progress: Any = gr.Progress()) -> tuple[str, Any]:  # noqa: B008  as above
        form = _form(fields)
        if not form.which:
            return "", gr.update(visible=False)
        return desk.preview(form, delete=True, progress=progress), gr.update(visible=True)

    def on_save(
        which: str, name: str, words: str, examples: str, stub: str, seen: int, request: gr.Request
    ) -> Any:
        form = _form((which, name, words, examples, stub))
        return _after(desk, parts, desk.save(form, seen, member_of(request)), " ".join(form.name.split()))

    def on_sure(which: str, seen: int, request: gr.Request) -> Any:
        return _after(desk, parts, desk.delete(_form((which, "", "", "", "")), seen, member_of(request)))

    chosen = [parts.name, parts.stop_words, parts.examples, parts.stub, parts.seen]
    blocks.load(lambda: _fresh(desk, Said("")), None, everything, **PRIVATE)
    parts.which.input(on_choose, parts.which, [*chosen, parts.said, parts.shown, parts.sure], **PRIVATE)
    buttons["look"].click(on_look, parts.fields, [parts.shown, parts.said], **_QUEUED)
    buttons["save"].click(on_save, [*parts.fields, parts.seen], everything, **PRIVATE)
    buttons["delete"].click(on_delete, parts.fields, [parts.shown, parts.sure], **_QUEUED)
    buttons["yes"].click(on_sure, [parts.which, parts.seen], everything, **PRIVATE)
    buttons["no"].click(lambda: ("", gr.update(visible=False)), None, [parts.shown, parts.sure], **PRIVATE)


def _wire_versions(
    desk: TopicDesk, parts: Parts, undo: gr.Button, restore: gr.Button, reset: gr.Button
) -> None:
    everything = list(parts)

    def on_undo(seen: int, request: gr.Request) -> Any:
        return _after(desk, parts, desk.undo(seen, member_of(request)))

    def on_restore(number: int | None, seen: int, request: gr.Request) -> Any:
        return _after(desk, parts, desk.restore(int(number or 0), seen, member_of(request)))

    def on_reset(request: gr.Request) -> Any:
        return _after(desk, parts, desk.reset(member_of(request)))

    undo.click(on_undo, parts.seen, everything, **PRIVATE)
    restore.click(on_restore, [parts.older, parts.seen], everything, **PRIVATE)
    reset.click(on_reset, None, everything, **PRIVATE)


def _form(fields: Sequence[str | None]) -> Form:
    return Form(*(field or "" for field in fields))
