"""Column types that mean the same on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator


def utc_now() -> datetime:
    """Now, aware, in UTC: the clock of every store unless a test hands in another."""
    return datetime.now(UTC)


def storable(text: str) -> str:
    """`text` as both databases can keep it: without NUL, which PostgreSQL refuses, and without lone surrogates,
    which are no UTF-8 (they become `?`)."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class SafeText(TypeDecorator[str]):
    """Text of any length that never fails to be stored or compared, whatever a client sent (see `storable`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean a value on its way into the database."""
        return None if value is None else storable(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware on both sides, kept in UTC. A naive datetime is a `ValueError`, for nobody knows its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back in UTC; SQLite keeps no zone, PostgreSQL answers in the server's."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def to_json(value: Any) -> str:
    """A JSON column's text: readable Cyrillic, no lone surrogates. What is not JSON raises `TypeError`."""
    return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
