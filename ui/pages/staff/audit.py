"""The audit log, for admins: who did what and when, as sentences."""

from datetime import date, datetime, time, timedelta
from html import escape
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import gradio as gr

from stores.audit import AuditEntry, AuditFilter
from stores.staff_sessions import ROLES
from ui.pages.staff.days import EXAMPLE, day_of
from ui.pages.staff.parts import PRIVATE, heading, paging, staff_blocks, table
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from services import Services

_PAGE = 50
_ANYBODY = ""


class Wanted(NamedTuple):
    """What the person has chosen in the filter; days as people write them, empty for no limit."""

    actor: str
    action: str
    first: str
    last: str


class AuditLog:
    """What the page shows, from the log and the texts of one language."""

    def __init__(self, services: "Services", texts: Texts) -> None:
        self._audit = services.audit
        self._zone: ZoneInfo = services.salon.zone
        self._texts = texts

    def actors(self) -> list[tuple[str, str]]:
        """The choices of the first filter."""
        return [(self._texts("audit.anybody"), _ANYBODY), *((name, name) for name in self._audit.actors())]

    def actions(self) -> list[tuple[str, str]]:
        """The choices of the second one, as words."""
        known = [(self.action(name), name) for name in self._audit.actions()]
        return [(self._texts("audit.anything"), _ANYBODY), *sorted(known)]

    def action(self, name: str) -> str:
        """An action in words, without whom or what it was done to."""
        fields = dict.fromkeys(self._fields(name), "…")
        words = self._words(name).format(**fields)
        return words[:1].upper() + words[1:]

    def sentence(self, entry: AuditEntry) -> str:
        """What was done, and to whom or what."""
        known = self._known(entry)
        words = self._words(entry.action).format(**{f: known.get(f, "…") for f in self._fields(entry.action)})
        return words[:1].upper() + words[1:]

    def rest(self, entry: AuditEntry) -> str:
        """What the sentence leaves out."""
        said = self._fields(entry.action)
        details = {name: value for name, value in self._known(entry).items() if name not in said}
        if "target" in details:
            details["target"] = entry.target or ""
        target = details.pop("target", "")
        named = [f"{self._name(name)}: {self._value(name, value)}" for name, value in details.items()]
        return "; ".join([self._target(target)] * bool(target) + named)

    def _target(self, target: str) -> str:
        """`callback:12` → «звонок 12»."""
        kind, _, which = target.partition(":")
        name = self._name(kind)
        if kind == "setting":
            return f"{name}: {self._value(kind, which)}"
        return f"{name} {which}" if which else target

    def _name(self, name: str) -> str:
        return self._word("audit_details", name) or name

    def _value(self, name: str, value: str) -> str:
        return self._word("audit_values", f"{name}_{value}".lower()) or value

    def _word(self, section: str, name: str) -> str:
        try:
            return self._texts(f"{section}.{name}")
        except KeyError:
            return ""

    def _known(self, entry: AuditEntry) -> dict[str, str]:
        known = {name: str(value) for name, value in entry.details.items()}
        if known.get("role") in ROLES:
            known["role"] = self._texts(f"accounts.role_{known['role']}")
        if entry.target:
            known["target"] = entry.target.partition(":")[2] or entry.target
        return known

    def _words(self, action: str) -> str:
        """The text of an action; one that nobody has put into words yet is shown by its name."""
        try:
            return self._texts(f"audit_actions.{action.replace('.', '_')}")
        except KeyError:
            return action.replace("{", "").replace("}", "")

    def _fields(self, action: str) -> set[str]:
        return {field for _, field, _, _ in Formatter().parse(self._words(action)) if field}

    def show(self, wanted: Wanted, page: int) -> tuple[str, int]:
        """The table of a page, counted from 0, as HTML; and how many pages there are."""
        found = self._audit.find(self._filter(wanted), limit=_PAGE, offset=page * _PAGE)
        pages = max(1, -(-found.total // _PAGE))
        heads = [self._texts(f"audit.{name}") for name in ("when", "who", "what", "details", "address")]
        rows = [self._row(entry) for entry in found.entries]
        return table(heads, rows, empty=self._texts("audit.nothing")), pages

    def _row(self, entry: AuditEntry) -> list[str]:
        local = entry.at.astimezone(self._zone)
        return [
            f'<span class="time">{local:%d.%m.%Y %H:%M:%S}</span>',
            escape(entry.actor),
            escape(self.sentence(entry)),
            escape(self.rest(entry)),
            f'<span class="quiet">{escape(entry.address or "")}</span>',
        ]

    def _filter(self, wanted: Wanted) -> AuditFilter:
        first, last = day_of(wanted.first), day_of(wanted.last)
        return AuditFilter(
            actor=wanted.actor or None,
            action=wanted.action or None,
            since=self._midnight(first) if first else None,
            until=self._midnight(last + timedelta(days=1)) if last else None,
        )

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone)


def build(services: "Services", texts: Texts) -> gr.Blocks:
    """The page: a filter, the table, and the way to older entries."""
    log = AuditLog(services, texts)

    def show(actor: str, action: str, first: str, last: str, page: int) -> tuple[str, str, Any, Any]:
        html, pages = log.show(Wanted(actor or "", action or "", first or "", last or ""), int(page))
        place = texts("audit.page", page=int(page) + 1, pages=pages)
        newer, older = paging(int(page), pages)
        return html, f"<p>{escape(place)}</p>" if pages > 1 else "", newer, older

    def choices() -> tuple[Any, Any]:
        return gr.update(choices=log.actors()), gr.update(choices=log.actions())

    with staff_blocks(texts("audit.title")) as blocks:
        heading(texts("audit.title"), texts("audit.intro"))
        page = gr.State(0)
        with gr.Row():
            who = gr.Dropdown(log.actors()[:1], value=_ANYBODY, label=texts("audit.who"))
            what = gr.Dropdown(log.actions()[:1], value=_ANYBODY, label=texts("audit.what"))
            first = gr.Textbox(label=texts("audit.first"), placeholder=EXAMPLE, max_length=10)
            last = gr.Textbox(label=texts("audit.last"), placeholder=EXAMPLE, max_length=10)
        shown = gr.HTML()
        with gr.Row(elem_classes="office-line"):
            newer = gr.Button(texts("audit.newer"), size="sm")
            place = gr.HTML()
            older = gr.Button(texts("audit.older"), size="sm")
        inputs, outputs = [who, what, first, last, page], [shown, place, newer, older]
        blocks.load(choices, None, [who, what], **PRIVATE)
        blocks.load(show, inputs, outputs, **PRIVATE)
        for box in (who, what, first, last):
            box.change(lambda: 0, None, page, **PRIVATE).then(show, inputs, outputs, **PRIVATE)
        for button, step in ((newer, -1), (older, 1)):
            button.click(lambda at, step=step: max(0, at + step), page, page, **PRIVATE).then(
                show, inputs, outputs, **PRIVATE
            )
    return blocks
