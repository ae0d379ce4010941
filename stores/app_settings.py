"""Settings that staff change in the app, as JSON values by key, and a number that tells that something has changed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.columns import utc_now
from stores.database import looking_up, one_at_a_time, reading, writing
from stores.errors import ChangedMeanwhile
from stores.locks import Lock
from stores.models import SettingRow

_REVISION, _VERSIONS = "revision", "versions"
_OWN = frozenset({_REVISION, _VERSIONS})
_CURRENT = select(col(SettingRow.value)).where(col(SettingRow.key) == _REVISION)


class SettingVersion(NamedTuple):
    """How often a setting was changed, who did it last and when; 0 and None while it never was."""

    number: int = 0
    author: str | None = None
    at: datetime | None = None


class AppSettings:
    """Values by key, the same for all processes. Each method may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, `default` when it was never set or was reset; None that was set is None."""
        with reading(self._engine) as session:
            row = session.get(SettingRow, key)
            return default if row is None else row.value

    def all(self) -> dict[str, Any]:
        """Every value that is set, by key."""
        with reading(self._engine) as session:
            return {row.key: row.value for row in session.scalars(select(SettingRow)) if row.key not in _OWN}

    def set(self, key: str, value: Any, *, author: str | None = None, seen: int | None = None) -> None:
        """Set a key to any JSON value; of two who set it at once the last wins.

        Unless it was looked at before: then `seen` is the number of the version that was, and whoever comes second
        is told by `ChangedMeanwhile`.
        """
        with writing(self._engine) as session:
            self._changing(session, key, author, seen)
            row = session.get(SettingRow, key)
            if row is None:
                session.add(SettingRow(key=key, value=value, changed_at=self._clock()))
            else:
                row.value = value
                row.changed_at = self._clock()

    def remove(self, key: str, *, author: str | None = None, seen: int | None = None) -> None:
        """Let a key have its default again. Raises `ChangedMeanwhile` like `set`."""
        with writing(self._engine) as session:
            self._changing(session, key, author, seen)
            row = session.get(SettingRow, key)
            if row is not None:
                session.delete(row)

    def version(self, key: str) -> SettingVersion:
        """Which version of a setting is in force."""
        known = self.get(_VERSIONS, {}).get(key)
        if known is None:
            return SettingVersion()
        return SettingVersion(known["number"], known["author"], datetime.fromisoformat(known["at"]))

    def revision(self) -> int:
        """A number that grows with every change that answers depend on: of these settings, of what is published."""
        with looking_up(self._engine) as connection:
            value = connection.scalar(_CURRENT)
        return value if isinstance(value, int) else 0

    def _changing(self, session: Session, key: str, author: str | None, seen: int | None) -> None:
        now = self._clock()
        bump(session, now)
        row = session.get(SettingRow, _VERSIONS)
        versions: Mapping[str, Any] = row.value if row is not None else {}
        number = versions.get(key, {}).get("number", 0)
        if seen is not None and seen != number:
            raise ChangedMeanwhile(seen, number)
        changed = {**versions, key: {"number": number + 1, "author": author, "at": now.isoformat()}}
        if row is None:
            session.add(SettingRow(key=_VERSIONS, value=changed, changed_at=now))
        else:
            row.value, row.changed_at = changed, now


def bump(session: Session, now: datetime) -> None:
    """Let all processes notice, when this transaction is committed, that something has changed; one at a time."""
    one_at_a_time(session, Lock.SETTINGS)
    row = session.get(SettingRow, _REVISION)
    if row is None:
        session.add(SettingRow(key=_REVISION, value=1, changed_at=now))
        session.flush()
    else:
        row.value, row.changed_at = row.value + 1, now
