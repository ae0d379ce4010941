"""What is in force now: the salon folder with what admins have changed in the app laid over it.

Every process asks for one number and reads the rest only when that has changed, so a change holds in all of them from
the next message on.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from stores.app_settings import AppSettings, SettingVersion
from stores.columns import utc_now
from stores.database import reading, writing
from stores.errors import DatabaseUnavailable, Refused
from stores.hours import Hours, HoursError, hours_as_table, parse_hours
from stores.knowledge import Knowledge
from stores.office import ConsentTextRow
from stores.passages import Passage
from stores.salon import RETENTION_DAYS, Consent, Salon, consent_files, consent_version, fill_consent

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = ("ru", "en")

RETENTION, CONSENT, HOURS, MODEL = "retention_days", "consent", "hours", "llm_enabled"
"""The keys of the settings."""
LONGEST_RETENTION = 3_650
CONSENT_LENGTH = 20_000
_WATCH_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """All that an answer or a page may depend on.

    `salon` has the opening hours in force, `consents` the texts by language, `entries` are what staff have published.
    """

    revision: int
    salon: Salon
    consents: Mapping[Language, Consent]
    retention_days: int
    model_enabled: bool
    entries: tuple[Passage, ...]


class InForce:
    """The state in force, the same for all processes; safe to use from any thread.

    `assets` holds the standard consent. Listeners are told of a new state before anybody is given it.
    """

    def __init__(
        self, engine: Engine, salon: Salon, assets: Path, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._engine = engine
        self._folder = salon
        self._clock = clock
        self._settings = AppSettings(engine, clock=clock)
        self._knowledge = Knowledge(engine, clock=clock)
        self._consent_files = consent_files(salon, assets)
        self._listeners: list[Callable[[State], object]] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._watching: threading.Thread | None = None
        self._state = self._load(self._settings.revision())
        self._keep_texts(self._state)

    @property
    def latest(self) -> State:
        """The state as last looked at; within one message everything is taken from it."""
        return self._state

    def current(self) -> State:
        """The state in force; a database that does not answer leaves the one that is known."""
        try:
            revision = self._settings.revision()
            if revision != self._state.revision:
                self._change()
        except DatabaseUnavailable as error:
            log.warning("What admins have changed cannot be read, what is known stays in force: %s", error)
        return self._state

    def on_change(self, listener: Callable[[State], object]) -> None:
        """Call the listener now, and with every new state."""
        with self._lock:
            self._listeners.append(listener)
            listener(self._state)

    def watch(self) -> None:
        """Look every second from now on, so that a change is ready before the next message asks for it."""

        def look() -> None:
            while not self._stop.wait(_WATCH_SECONDS):
                try:
                    self.current()
                except Exception:
                    log.exception("What admins have changed could not be put in force")

        self._watching = threading.Thread(target=look, name="in-force", daemon=True)
        self._watching.start()

    def close(self) -> None:
        """Look no more. May be called again."""
        self._stop.set()
        if self._watching is not None:
            self._watching.join(5)

    def version(self, key: str) -> SettingVersion:
        """Which version of a setting is in force, for a form to show and to give back."""
        return self._settings.version(key)

    def is_edited(self, key: str) -> bool:
        """Whether an admin has set this, so that the folder's is not in force."""
        return self._settings.get(key) is not None

    # --- what admins do

    def set_retention(self, days: object, *, author: str, seen: int | None = None) -> None:
        """Keep dialogs for so many days. Raises `Refused` for what is no whole number from 1 to 3650."""
        number = _whole_number(days)
        if number is None or not 1 <= number <= LONGEST_RETENTION:
            raise Refused("retention_out_of_range", least=1, most=LONGEST_RETENTION)
        self._settings.set(RETENTION, number, author=author, seen=seen)
        self._settle(author)

    def set_consent(self, texts: Mapping[Language, str], *, author: str, seen: int | None = None) -> None:
        """Ask for another consent; an empty English text stands for the Russian one.

        Raises:
            Refused: there is no Russian text, or one is far too long.
        """
        russian, english = (texts.get(language, "").strip() for language in LANGUAGES)
        if not any(char.isalnum() for char in russian):
            raise Refused("consent_empty")
        if max(len(russian), len(english)) > CONSENT_LENGTH:
            raise Refused("consent_too_long", most=CONSENT_LENGTH)
        self._settings.set(CONSENT, {"ru": russian, "en": english or russian}, author=author, seen=seen)
        self._settle(author)

    def set_hours(self, table: Mapping[str, Any], *, author: str, seen: int | None = None) -> None:
        """Open at other hours, given like `[hours]` of salon.toml. Raises `Refused`: a line cannot be understood."""
        try:
            parse_hours(table, self._folder.zone)
        except HoursError as error:
            raise Refused(error.key, field=error.field, value=error.value) from error
        self._settings.set(HOURS, dict(table), author=author, seen=seen)
        self._settle(author)

    def set_model(self, enabled: bool, *, author: str, seen: int | None = None) -> None:
        """Let the language model speak, or answer from data alone."""
        self._settings.set(MODEL, bool(enabled), author=author, seen=seen)
        self._settle(author)

    def reset(self, key: str, *, author: str, seen: int | None = None) -> None:
        """Put what the folder says in force again; for the retention and the model, the default."""
        self._settings.remove(key, author=author, seen=seen)
        self._settle(author)

    # --- for forms

    def consent_source(self) -> Mapping[Language, str]:
        """The consent in force with its `{placeholders}`, as an admin edits it."""
        own = self._settings.get(CONSENT)
        return own if _is_consent(own) else self._consent_files

    def hours_table(self) -> dict[str, Any]:
        """The opening hours in force like `[hours]` of salon.toml."""
        return hours_as_table(self.current().salon.hours)

    def consent_texts(self, version: str) -> dict[str, str]:
        """The words of a version by language, to prove what a visitor agreed to; empty for an unknown one."""
        query = select(ConsentTextRow).where(col(ConsentTextRow.version) == version)
        with reading(self._engine) as session:
            return {row.language: row.text for row in session.scalars(query)}

    # --- the state

    def _settle(self, author: str) -> None:
        """After a change: have it in force here at once, and keep the words of the consent."""
        self._keep_texts(self.current(), author)

    def _change(self) -> None:
        with self._lock:
            revision = self._settings.revision()
            if revision == self._state.revision:
                return  # another thread has just done it
            state = self._load(revision)
            for listener in self._listeners:
                listener(state)
            self._state = state

    def _load(self, revision: int) -> State:
        values = self._settings.all()
        days = _whole_number(values.get(RETENTION)) or RETENTION_DAYS
        salon = self._folder.model_copy(update={"hours": self._hours(values.get(HOURS))})
        return State(
            revision=revision,
            salon=salon,
            consents=self._consents(values.get(CONSENT), salon, days),
            retention_days=days,
            model_enabled=values.get(MODEL, True) is not False,
            entries=tuple(self._knowledge.published()),
        )

    def _hours(self, table: Any) -> Hours:
        if table is None:
            return self._folder.hours
        try:
            return parse_hours(table, self._folder.zone)
        except (HoursError, AttributeError, TypeError):
            log.exception("The opening hours of the app cannot be read; those of the folder are in force")
            return self._folder.hours

    def _consents(self, own: Any, salon: Salon, days: int) -> dict[Language, Consent]:
        edited = _is_consent(own)
        source: Mapping[Language, str] = own if edited else self._consent_files
        texts = {language: fill_consent(source[language], salon, days) for language in LANGUAGES}
        version = consent_version(*texts.values()) if edited else consent_version(texts["ru"])
        return {language: Consent(text=text, version=version) for language, text in texts.items()}

    def _keep_texts(self, state: State, author: str | None = None) -> None:
        """Keep the words of the consent in force for as long as anybody may have agreed to them."""
        for language, consent in state.consents.items():
            try:
                with writing(self._engine) as session:
                    if session.get(ConsentTextRow, (consent.version, language)) is None:
                        session.add(
                            ConsentTextRow(
                                version=consent.version,
                                language=language,
                                text=consent.text,
                                author=author,
                                created_at=self._clock(),
                            )
                        )
            except IntegrityError:
                log.debug("another process has just kept the same words")
            except DatabaseUnavailable as error:
                log.warning("The words of the consent could not be kept: %s", error)


def _is_consent(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in LANGUAGES)


def _whole_number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if value.strip().isascii() and value.strip().isdigit() else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) else None
