"""The audit log: what staff did, when and from where. Rows are only ever added."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, Select, func, select
from sqlmodel import col

from stores.columns import utc_now
from stores.database import reading, writing
from stores.office import AuditRow

NOBODY = "?"
"""The actor where nobody is known: a log-in under a name that no account has."""


class AuditEntry(BaseModel):
    """Something that was done. `target` names a row, as in `callback:12`; `details` is JSON without personal data."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    at: datetime
    actor: str
    action: str
    target: str | None
    details: dict[str, Any]
    address: str | None


class AuditFilter(BaseModel):
    """Which entries are wanted; what is None does not matter. `since` is included, `until` is not."""

    model_config = ConfigDict(frozen=True)

    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditPage(BaseModel):
    """Some entries, the latest first, and how many there are in all."""

    model_config = ConfigDict(frozen=True)

    entries: list[AuditEntry]
    total: int


class Audit:
    """The log of everything that staff do. Each method may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(
        self,
        actor: str,
        action: str,
        target: str | None = None,
        details: Mapping[str, Any] | None = None,
        address: str | None = None,
    ) -> None:
        """Note that `actor` (the name of an account, or of a job) did `action`, a short dotted name: `callback.take`.

        Personal data of visitors must not be in it: name the row instead.
        """
        with writing(self._engine) as session:
            session.add(
                AuditRow(
                    at=self._clock(),
                    actor=actor,
                    action=action,
                    target=target,
                    details=dict(details or {}),
                    address=address,
                )
            )

    def find(self, wanted: AuditFilter, *, limit: int, offset: int = 0) -> AuditPage:
        """The entries that are wanted, `limit` of them after the first `offset`."""
        rows = _wanted(select(AuditRow), wanted)
        rows = rows.order_by(col(AuditRow.at).desc(), col(AuditRow.id).desc()).limit(limit).offset(offset)
        with reading(self._engine) as session:
            total = session.scalar(_wanted(select(func.count()).select_from(AuditRow), wanted)) or 0
            entries = [AuditEntry.model_validate(row) for row in session.scalars(rows)]
        return AuditPage(entries=entries, total=total)

    def actors(self) -> list[str]:
        """Everybody who ever did something, in the order of their names."""
        return self._distinct(col(AuditRow.actor))

    def actions(self) -> list[str]:
        """Everything that was ever done, in the order of the names."""
        return self._distinct(col(AuditRow.action))

    def _distinct(self, column: Any) -> list[str]:
        with reading(self._engine) as session:
            return sorted(session.scalars(select(column).distinct()))


def _wanted(query: Select[Any], wanted: AuditFilter) -> Select[Any]:
    if wanted.actor is not None:
        query = query.where(col(AuditRow.actor) == wanted.actor)
    if wanted.action is not None:
        query = query.where(col(AuditRow.action) == wanted.action)
    if wanted.since is not None:
        query = query.where(col(AuditRow.at) >= wanted.since)
    if wanted.until is not None:
        query = query.where(col(AuditRow.at) < wanted.until)
    return query
