"""The turns of dialogs that staff have looked through, as rows with labels."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, func, select
from sqlmodel import col

from stores.database import looking_up
from stores.models import DialogRow, TurnRow
from stores.office import ReviewRow

_AT_ONCE = 500


class ReviewedTurn(NamedTuple):
    """A masked question and its answer, of a dialog with at least one verdict of staff. `wrong` says that this answer
    was called wrong."""

    id: int
    turn_id: str
    language: str
    question: str
    answer: str
    blocked: bool
    reason: str | None
    model: str | None
    wrong: bool


_REVIEWED = (
    select(col(TurnRow.session_id))
    .join(ReviewRow, col(ReviewRow.turn_id) == col(TurnRow.turn_id))
    .distinct()
    .scalar_subquery()
)


def reviewed_turns(engine: Engine) -> Iterator[ReviewedTurn]:
    """All of them in their order, a few in memory at a time."""
    after = 0
    while True:
        query = (
            select(
                col(TurnRow.id),
                col(TurnRow.turn_id),
                col(DialogRow.language),
                col(TurnRow.question),
                col(TurnRow.answer),
                col(TurnRow.blocked),
                col(TurnRow.reason),
                col(TurnRow.model),
                func.coalesce(col(ReviewRow.wrong), False),
            )
            .join(DialogRow, col(DialogRow.session_id) == col(TurnRow.session_id))
            .outerjoin(ReviewRow, col(ReviewRow.turn_id) == col(TurnRow.turn_id))
            .where(
                col(TurnRow.session_id).in_(_REVIEWED),
                col(TurnRow.answer).is_not(None),
                col(TurnRow.id) > after,
            )
            .order_by(col(TurnRow.id))
            .limit(_AT_ONCE)
        )
        with looking_up(engine) as connection:
            rows = [ReviewedTurn._make(row) for row in connection.execute(query)]
        if not rows:
            return
        yield from rows
        after = rows[-1].id


class ReviewState(NamedTuple):
    """Changes whenever staff say another thing of an answer, or an answer is forgotten."""

    turns: int
    verdicts: int
    latest: datetime | None


def review_state(engine: Engine) -> ReviewState:
    """The state of now."""
    reviews = select(func.count(), func.max(col(ReviewRow.at))).select_from(ReviewRow)
    turns = select(func.count()).select_from(TurnRow).where(col(TurnRow.session_id).in_(_REVIEWED))
    with looking_up(engine) as connection:
        verdicts, latest = connection.execute(reviews).one()
        return ReviewState(connection.execute(turns).scalar_one(), verdicts, latest)
