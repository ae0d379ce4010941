"""What visitors asked, newest first: for looking at all questions of some days, not at one dialog."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, func, select
from sqlmodel import col

from stores.database import looking_up
from stores.models import TurnRow

_PAGE = 500


class Asked(NamedTuple):
    """A masked question as it is stored; `reason` is why it was blocked, None where it was not."""

    turn_id: str
    session_id: str
    question: str
    asked_at: datetime
    reason: str | None


def count_asked(engine: Engine, since: datetime) -> int:
    """How many questions were asked since then. Raises `DatabaseUnavailable`."""
    with looking_up(engine) as connection:
        query = select(func.count()).select_from(TurnRow).where(col(TurnRow.asked_at) >= since)
        return connection.scalar(query) or 0


def asked_since(engine: Engine, since: datetime, *, most: int) -> Iterator[Sequence[Asked]]:
    """The newest `most` questions since then, in pages, so that a week of them is never in memory at once.

    Raises `DatabaseUnavailable`.
    """
    number = col(TurnRow.id)
    columns = [col(getattr(TurnRow, name)) for name in Asked._fields]
    query = select(number, *columns).where(col(TurnRow.asked_at) >= since).order_by(number.desc())
    last: int | None = None
    while most > 0:
        page = query.limit(min(_PAGE, most))
        with looking_up(engine) as connection:
            rows = connection.execute(page if last is None else page.where(number < last)).all()
        if not rows:
            return
        last = rows[-1][0]
        most -= len(rows)
        yield [Asked(*row[1:]) for row in rows]
