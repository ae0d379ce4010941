"""Receipts of what was destroyed: what, how many, when, why, by whom; not whose."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.database import reading
from stores.errors import ReceiptNotFound
from stores.office import ReceiptRow

Cause = Literal["visitor", "withdrawal", "staff"]
"""The visitor's own wish, the withdrawal of a consent, or a request that reached the staff."""
# Without letters and digits that are taken for one another when read out.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 8


class Receipt(BaseModel):
    """One destruction. `counts` is how many rows of each table, `export_lines` among them; `pending` that lines of
    exported files are still to be removed. `subject` is the pseudonym of the dialog, see `stores/pseudonyms.py`."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    number: str
    subject: str
    cause: str
    actor: str | None
    at: datetime
    counts: dict[str, int]
    pending: bool = False


class Receipts:
    """All receipts. Each method may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, number: str) -> Receipt:
        """The receipt with a number, in capital letters or small. Raises `ReceiptNotFound`."""
        query = select(ReceiptRow).where(col(ReceiptRow.number) == number.strip().upper())
        with reading(self._engine) as session:
            row = session.scalars(query).first()
            if row is None:
                raise ReceiptNotFound(number)
            return opened(row)

    def latest(self, *, limit: int, offset: int = 0) -> list[Receipt]:
        """`limit` receipts after the first `offset`, the latest first."""
        query = select(ReceiptRow).order_by(col(ReceiptRow.id).desc()).limit(limit).offset(offset)
        with reading(self._engine) as session:
            return [opened(row) for row in session.scalars(query)]

    def count(self) -> int:
        """How many there are."""
        with reading(self._engine) as session:
            return session.scalar(select(func.count()).select_from(ReceiptRow)) or 0

    def subjects_since(self, since: datetime) -> set[str]:
        """Whose dialogs were destroyed from a moment on, as pseudonyms."""
        query = select(col(ReceiptRow.subject)).where(col(ReceiptRow.at) >= since)
        with reading(self._engine) as session:
            return set(session.scalars(query))


def leave(
    session: Session,
    *,
    subject: str,
    cause: Cause,
    actor: str | None,
    at: datetime,
    counts: Mapping[str, Any],
) -> Receipt:
    """Leave a receipt in the transaction that destroys."""
    number = f"{at:%Y%m%d}-" + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    row = ReceiptRow(number=number, subject=subject, cause=cause, actor=actor, at=at, counts=dict(counts))
    session.add(row)
    session.flush()
    return opened(row)


def opened(row: ReceiptRow) -> Receipt:
    """A row as callers get it."""
    counts = dict(row.counts)
    pending = bool(counts.pop("pending", False))
    return Receipt(
        number=row.number,
        subject=row.subject,
        cause=row.cause,
        actor=row.actor,
        at=row.at,
        counts=counts,
        pending=pending,
    )
