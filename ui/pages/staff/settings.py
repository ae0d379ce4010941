"""What admins set: how long dialogs are kept, the consent, opening hours, the language model on or off."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from stores import retention
from stores.errors import Refused, StoreError
from stores.hours import WEEKDAYS
from stores.in_force import (
    CONSENT,
    CONSENT_LENGTH,
    HOURS,
    LANGUAGES,
    MODEL,
    RETENTION,
    Language,
)
from ui.auth import StaffMember, member_of
from ui.pages.staff.days import SHOWN, day_of
from ui.pages.staff.parts import PRIVATE, alert, done, heading, said_html, staff_blocks
from ui.pages.staff.refusals import lines, sentence
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from services import Services

_KEYS = (RETENTION, MODEL, HOURS, CONSENT)
_CLOSED = frozenset({"", "closed", "выходной", "закрыто", "-", "—"})
_SPECIAL = re.compile(r"(\S+)\s+(.+)")


class Said(NamedTuple):
    """What came of a click: a word on it as HTML, and whether something was changed."""

    html: str
    changed: bool = False


class SettingsDesk:
    """What the page shows and does; everything done is noted in the audit log."""

    def __init__(self, services: "Services", texts: Texts) -> None:
        self._services = services
        self._in_force = services.in_force
        self._texts = texts

    def seen(self) -> dict[str, int]:
        """The version of each setting that is shown, to be given back when saving."""
        return {key: self._in_force.version(key).number for key in _KEYS}

    def values(self) -> list[Any]:
        """What stands in the fields: days, model, seven weekdays, special days, the two consents."""
        state, table, source = (
            self._in_force.current(),
            self._in_force.hours_table(),
            self._in_force.consent_source(),
        )
        special = [
            f"{_shown_day(day)} {self._shown(hours)}" for day, hours in table.get("except", {}).items()
        ]
        week = [self._shown(table[day]) for day in WEEKDAYS]
        texts = [source[language] for language in LANGUAGES]
        return [state.retention_days, state.model_enabled, *week, "\n".join(special), *texts]

    def origin(self, key: str) -> str:
        """Where a setting comes from, and who changed it last, as HTML."""
        version = self._in_force.version(key)
        if not self._in_force.is_edited(key):
            text = self._texts(f"settings.origin_{'default' if key in (RETENTION, MODEL) else 'folder'}")
        else:
            at = version.at.astimezone(self._services.salon.zone) if version.at else None
            text = self._texts(
                "settings.origin_app",
                number=version.number,
                who=version.author or "—",
                when=f"{at:%d.%m.%Y %H:%M}" if at else "—",
            )
        if key == CONSENT:
            number = self._services.consent(self._texts.language).version
            text += " " + self._texts("settings.consent_version", version=number)
        return f'<p class="quiet">{escape(text)}</p>'

    def model(self) -> str:
        """How the model is, as HTML."""
        model = self._services.model
        if model.mode == "off":
            text = self._texts("settings.model_none")
        else:
            state = self._texts(f"settings.model_{model.state}")
            text = self._texts("settings.model_now", name=model.model or "—", state=state)
        return f'<p class="quiet">{escape(text)}</p>'

    def set_retention(self, days: object, seen: Mapping[str, int], member: StaffMember) -> Said:
        """Keep dialogs for so many days."""
        return self._change(
            RETENTION,
            member,
            lambda: self._in_force.set_retention(days, author=member.name, seen=seen.get(RETENTION)),
            {"days": days},
        )

    def set_model(self, enabled: object, seen: Mapping[str, int], member: StaffMember) -> Said:
        """Switch the language model on or off."""
        wanted = enabled is True
        return self._change(
            MODEL,
            member,
            lambda: self._in_force.set_model(wanted, author=member.name, seen=seen.get(MODEL)),
            {"on": wanted},
        )

    def set_hours(
        self, week: list[str | None], special: str | None, seen: Mapping[str, int], member: StaffMember
    ) -> Said:
        """Open at other hours."""

        def change() -> None:
            table: dict[str, Any] = {day: _hours(hours) for day, hours in zip(WEEKDAYS, week, strict=True)}
            if days := dict(_special(line) for line in lines(special)):
                table["except"] = days
            self._in_force.set_hours(table, author=member.name, seen=seen.get(HOURS))

        return self._change(HOURS, member, change, {})

    def set_consent(
        self, russian: str | None, english: str | None, seen: Mapping[str, int], member: StaffMember
    ) -> Said:
        """Ask for another consent."""
        given: dict[Language, str] = {"ru": russian or "", "en": english or ""}
        return self._change(
            CONSENT,
            member,
            lambda: self._in_force.set_consent(given, author=member.name, seen=seen.get(CONSENT)),
            {},
        )

    def reset(self, key: str, seen: Mapping[str, int], member: StaffMember) -> Said:
        """Put what the folder says, or the default, in force again."""

        def change() -> None:
            self._in_force.reset(key, author=member.name, seen=seen.get(key))

        return self._change(key, member, change, {}, reset=True)

    def _change(
        self,
        key: str,
        member: StaffMember,
        change: Callable[[], object],
        details: dict[str, Any],
        *,
        reset: bool = False,
    ) -> Said:
        try:
            change()
            if key == RETENTION:
                # What is past the new days goes now, not only at night.
                self._services.job_runs.request(retention.JOB, member.name)
        except StoreError as error:
            return Said(alert(sentence(error, self._texts)))
        name = {RETENTION: "retention", MODEL: "model", HOURS: "hours", CONSENT: "consent"}[key]
        version = self._in_force.version(key).number
        action = "settings.reset" if reset else f"settings.{name}"
        target = f"setting:{name}"
        self._services.audit.add(member.name, action, target, {**details, "version": version}, member.address)
        return Said(done(self._texts("settings.reset_done" if reset else "settings.saved")), changed=True)

    def _shown(self, hours: str) -> str:
        return self._texts("settings.closed") if hours == "closed" else hours


def _hours(text: str | None) -> str:
    shown = (text or "").strip()
    return "closed" if shown.lower() in _CLOSED else shown


def _special(line: str) -> tuple[str, str]:
    """A special day: its date and its hours. Raises `Refused` for a line that has not both."""
    match = _SPECIAL.fullmatch(line)
    if match is None:
        raise Refused("hours_line", value=line)
    written = match[1].rstrip(":")
    day = day_of(written)
    return day.isoformat() if day else written, _hours(match[2])


def _shown_day(text: str) -> str:
    day = day_of(text)
    return f"{day:{SHOWN}}" if day else text


class Parts(NamedTuple):
    """The components that events read and change: the fields first, in the order of `SettingsDesk.values`."""

    fields: list[Any]
    seen: gr.State
    model: gr.HTML
    origins: list[gr.HTML]
    said: gr.HTML

    @property
    def everything(self) -> list[Any]:
        """All of them."""
        return [*self.fields, self.seen, self.model, *self.origins, self.said]


class Buttons(NamedTuple):
    """To save and to reset each setting, in the order of `_KEYS`."""

    save: list[gr.Button]
    reset: list[gr.Button]


def build(services: "Services", texts: Texts) -> gr.Blocks:
    """The page: a panel for each setting."""
    desk = SettingsDesk(services, texts)
    with staff_blocks(texts("settings.title")) as blocks:
        heading(texts("settings.title"), texts("settings.intro"))
        said = said_html()
        seen = gr.State({})
        origins: list[gr.HTML] = []
        buttons = Buttons([], [])
        with gr.Row():
            with gr.Column(elem_classes="office-panel"):
                _title(texts("settings.retention"), origins)
                days = gr.Number(
                    label=texts("settings.days"),
                    info=texts("settings.days_hint"),
                    precision=0,  # no limits here: Gradio refuses without a word, the desk says why
                )
                _buttons(texts, buttons)
            with gr.Column(elem_classes="office-panel"):
                _title(texts("settings.model"), origins)
                model = gr.HTML()
                enabled = gr.Checkbox(
                    label=texts("settings.model_enabled"), info=texts("settings.model_hint")
                )
                _buttons(texts, buttons)
        week, special = _hours_panel(texts, origins, buttons)
        consents = _consent_panel(texts, origins, buttons)
        parts = Parts([days, enabled, *week, special, *consents], seen, model, origins, said)
        _wire(blocks, desk, parts, buttons)
    return blocks


def _hours_panel(
    texts: Texts, origins: list[gr.HTML], buttons: Buttons
) -> tuple[list[gr.Textbox], gr.Textbox]:
    with gr.Column(elem_classes="office-panel"):
        _title(texts("settings.hours"), origins)
        gr.HTML(f"<p>{escape(texts('settings.hours_hint'))}</p>")
        with gr.Row():
            week = [
                gr.Textbox(label=name, max_length=40, max_lines=1, min_width=120, placeholder="09:00-21:00")
                for name in texts.many("settings.weekdays")
            ]
        special = gr.Textbox(
            label=texts("settings.special"), info=texts("settings.special_hint"), lines=3, max_length=10_000
        )
        _buttons(texts, buttons)
    return week, special


def _consent_panel(texts: Texts, origins: list[gr.HTML], buttons: Buttons) -> list[gr.Textbox]:
    with gr.Column(elem_classes="office-panel"):
        _title(texts("settings.consent"), origins)
        gr.HTML(f"<p>{escape(texts('settings.consent_hint'))}</p>")
        with gr.Row():
            fields = [
                gr.Textbox(
                    label=texts(f"settings.consent_{language}"),
                    lines=10,
                    max_lines=20,
                    max_length=CONSENT_LENGTH,
                )
                for language in LANGUAGES
            ]
        _buttons(texts, buttons)
    return fields


def _title(title: str, origins: list[gr.HTML]) -> None:
    gr.HTML(f"<h2>{escape(title)}</h2>")
    origins.append(gr.HTML())


def _buttons(texts: Texts, buttons: Buttons) -> None:
    with gr.Row():
        buttons.save.append(gr.Button(texts("settings.save"), variant="primary"))
        buttons.reset.append(gr.Button(texts("settings.reset")))


def _wire(blocks: gr.Blocks, desk: SettingsDesk, parts: Parts, buttons: Buttons) -> None:
    days, enabled, *rest = parts.fields
    week, (special, russian, english) = rest[: len(WEEKDAYS)], rest[len(WEEKDAYS) :]

    def fresh(said: str) -> list[Any]:
        return [*desk.values(), desk.seen(), desk.model(), *map(desk.origin, _KEYS), said]

    def after(result: Said) -> Any:
        # What stands in the other fields stays: it may not be saved yet.
        return fresh(result.html) if result.changed else {parts.said: result.html}

    def on_days(value: Any, seen: dict[str, int], request: gr.Request) -> Any:
        return after(desk.set_retention(value, seen, member_of(request)))

    def on_model(value: Any, seen: dict[str, int], request: gr.Request) -> Any:
        return after(desk.set_model(value, seen, member_of(request)))

    def on_hours(
        mon: str,
        tue: str,
        wed: str,
        thu: str,
        fri: str,
        sat: str,
        sun: str,
        special: str,
        seen: dict[str, int],
        request: gr.Request,
    ) -> Any:
        hours: list[str | None] = [mon, tue, wed, thu, fri, sat, sun]
        return after(desk.set_hours(hours, special, seen, member_of(request)))

    def on_consent(russian: str, english: str, seen: dict[str, int], request: gr.Request) -> Any:
        return after(desk.set_consent(russian, english, seen, member_of(request)))

    def on_reset(key: str) -> Callable[..., Any]:
        def reset(seen: dict[str, int], request: gr.Request) -> Any:
            return after(desk.reset(key, seen, member_of(request)))

        return reset

    blocks.load(lambda: fresh(""), None, parts.everything, **PRIVATE)
    inputs = [[days], [enabled], [*week, special], [russian, english]]
    for save, saved, fields in zip(
        buttons.save, (on_days, on_model, on_hours, on_consent), inputs, strict=True
    ):
        save.click(saved, [*fields, parts.seen], parts.everything, **PRIVATE)
    for reset, key in zip(buttons.reset, _KEYS, strict=True):
        reset.click(on_reset(key), parts.seen, parts.everything, **PRIVATE)
