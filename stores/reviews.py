"""What staff think of answers: which are wrong, why, and what would have been right."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, func, select
from sqlmodel import col

from stores.columns import utc_now
from stores.database import reading, writing
from stores.errors import TurnNotFound
from stores.models import DialogRow, TurnRow
from stores.office import ReviewRow


class Review(BaseModel):
    """A verdict on an answer. `right_answer` is empty where the reviewer knew of none. Once the flag is taken off,
    `wrong` is False and the words stay."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    turn_id: str
    wrong: bool
    reason: str
    right_answer: str
    reviewer: str
    at: datetime


class Corrected(BaseModel):
    """A question, the wrong answer that was given, and the right one, all masked; for training."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    turn_id: str
    session_id: str
    language: str
    question: str
    answer: str
    right_answer: str
    reason: str
    at: datetime


class Reviews:
    """All verdicts. What a method returns from writing is committed; each may raise `DatabaseUnavailable`.

    The words are stored as they are given: `chains.reviewing` masks them first.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def flag(self, turn_id: str, *, reason: str, right_answer: str, reviewer: str) -> Review:
        """Call an answer wrong; a second verdict on the same answer takes the place of the first.

        Raises:
            TurnNotFound: there is no such turn, or it has no answer.
        """
        with writing(self._engine) as session:
            turn = select(TurnRow).where(col(TurnRow.turn_id) == turn_id).with_for_update()
            found = session.scalars(turn).first()
            if found is None or found.answer is None:
                raise TurnNotFound(turn_id)
            row = session.get(ReviewRow, turn_id) or ReviewRow(
                turn_id=turn_id, wrong=True, reason="", right_answer="", reviewer="", at=self._clock()
            )
            row.wrong, row.reason, row.right_answer = True, reason, right_answer
            row.reviewer, row.at = reviewer, self._clock()
            session.add(row)
            session.flush()
            return Review.model_validate(row)

    def unflag(self, turn_id: str, *, reviewer: str) -> None:
        """Take the flag off again; an answer without one stays without. Its words stay, should it come back."""
        with writing(self._engine) as session:
            row = session.get(ReviewRow, turn_id, with_for_update=True)
            if row is not None and row.wrong:
                row.wrong, row.reviewer, row.at = False, reviewer, self._clock()

    def of_session(self, session_id: str) -> dict[str, Review]:
        """The verdicts on the answers of a dialog, by turn."""
        query = (
            select(ReviewRow)
            .join(TurnRow, col(TurnRow.turn_id) == col(ReviewRow.turn_id))
            .where(col(TurnRow.session_id) == session_id)
        )
        with reading(self._engine) as session:
            return {row.turn_id: Review.model_validate(row) for row in session.scalars(query)}

    def unanswered(self) -> int:
        """How many answers are flagged wrong for which nobody has written the right one."""
        query = select(func.count()).where(col(ReviewRow.wrong), col(ReviewRow.right_answer) == "")
        with reading(self._engine) as session:
            return session.scalar(query) or 0

    def corrected(self, since: datetime | None = None) -> list[Corrected]:
        """The answers that are wrong and have a right one, flagged at `since` or later, the oldest first."""
        query = (
            select(
                col(TurnRow.turn_id),
                col(TurnRow.session_id),
                col(DialogRow.language),
                col(TurnRow.question),
                col(TurnRow.answer),
                col(ReviewRow.right_answer),
                col(ReviewRow.reason),
                col(ReviewRow.at),
            )
            .join(TurnRow, col(TurnRow.turn_id) == col(ReviewRow.turn_id))
            .join(DialogRow, col(DialogRow.session_id) == col(TurnRow.session_id))
            .where(col(ReviewRow.wrong), col(ReviewRow.right_answer) != "")
            .order_by(col(ReviewRow.at), col(ReviewRow.turn_id))
        )
        if since is not None:
            query = query.where(col(ReviewRow.at) >= since)
        with reading(self._engine) as session:
            return [Corrected.model_validate(row) for row in session.execute(query)]
