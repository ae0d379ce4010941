"""Knowledge gaps: questions that were not answered well, gathered by what they ask, and what became of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Engine, delete, func, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.columns import utc_now
from stores.database import reading, writing
from stores.errors import NotFound
from stores.models import RatingRow, TurnRow
from stores.office import GapRow, GapTurnRow, ReviewRow

Status = Literal["open", "drafted", "published", "dismissed", "aside"]

LOW_RATING = 6
"""A dialog rated so, or lower, was not a good one."""
_NO_QUESTIONS = ("smalltalk", "off_topic", "forbidden", "injection", "harmful")
_ASIDE: Literal["aside"] = "aside"


class GapQuestion(NamedTuple):
    """A masked question of a gap, and why it counts: unknown, wrong (staff say so) or rated (the dialog was)."""

    turn_id: str
    session_id: str
    text: str
    asked_at: datetime
    why: Literal["unknown", "wrong", "rated"]


class Gap(BaseModel):
    """Questions of one meaning; `title` is the most typical one."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    title: str
    questions: int
    first_at: datetime
    last_at: datetime
    status: Status
    changed_at: datetime


class Gaps:
    """All gaps. Each method may raise `DatabaseUnavailable`, those that take the id of a gap `NotFound`."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def all(self, status: Status | None = None, limit: int = 1_000) -> list[Gap]:
        """The gaps, the most frequent first; what was set aside is none."""
        query = select(GapRow).where(col(GapRow.status) != _ASIDE)
        if status is not None:
            query = query.where(col(GapRow.status) == status)
        query = query.order_by(col(GapRow.questions).desc(), col(GapRow.last_at).desc(), col(GapRow.id))
        with reading(self._engine) as session:
            return [Gap.model_validate(row) for row in session.scalars(query.limit(limit))]

    def count(self, status: Status) -> int:
        """How many gaps are in this state."""
        query = select(func.count()).select_from(GapRow).where(col(GapRow.status) == status)
        with reading(self._engine) as session:
            return session.scalar(query) or 0

    def get(self, gap_id: int) -> Gap:
        """One gap."""
        with reading(self._engine) as session:
            row = session.get(GapRow, gap_id)
            if row is None:
                raise NotFound(f"there is no gap {gap_id}")
            return Gap.model_validate(row)

    def questions(self, gap_id: int, limit: int = 20) -> list[GapQuestion]:
        """The latest questions of a gap."""
        mine = col(TurnRow.turn_id).in_(
            select(col(GapTurnRow.turn_id)).where(col(GapTurnRow.gap_id) == gap_id)
        )
        query = _questions().where(mine).order_by(col(TurnRow.id).desc()).limit(limit)
        with reading(self._engine) as session:
            return [_question(row) for row in session.execute(query)]

    def unsorted(self, limit: int) -> list[GapQuestion]:
        """The oldest questions that were not answered well and belong to no gap yet."""
        sorted_ones = select(col(GapTurnRow.turn_id))
        query = (
            _questions()
            .where(_not_well(), col(TurnRow.turn_id).not_in(sorted_ones))
            .order_by(col(TurnRow.id))
            .limit(limit)
        )
        with reading(self._engine) as session:
            return [_question(row) for row in session.execute(query)]

    def make(self, title: GapQuestion, questions: Sequence[GapQuestion]) -> int | None:
        """A new, open gap of these questions, named by one of them; gives its id.

        A question that was forgotten meanwhile is left out; None where none is left.
        """
        with writing(self._engine) as session:
            left = _still_there(session, questions)
            if not left:
                return None
            named = title if title in left else left[0]
            return self._make(session, named.text, left, "open")

    def join(self, gap_id: int, questions: Sequence[GapQuestion]) -> bool:
        """Add questions to a gap; what has become of it stays. A question that was forgotten meanwhile is left out.

        False when the gap itself is gone.
        """
        with writing(self._engine) as session:
            # Before the questions, as whoever destroys a dialog does.
            gap = session.get(GapRow, gap_id, with_for_update=True)
            if gap is not None:
                _add(session, gap, _still_there(session, questions))
            return gap is not None

    def set_aside(self, questions: Sequence[GapQuestion]) -> None:
        """Note questions that say nothing, so that they are not looked at again."""
        if not questions:
            return
        with writing(self._engine) as session:
            known = select(GapRow).where(col(GapRow.status) == _ASIDE).with_for_update()
            gap = session.scalars(known).first()
            left = _still_there(session, questions)
            if left and gap is not None:
                _add(session, gap, left)
            elif left:
                self._make(session, "…", left, _ASIDE)

    def mark(self, gap_id: int, status: Status) -> Gap:
        """Note what has become of a gap."""
        with writing(self._engine) as session:
            row = session.get(GapRow, gap_id, with_for_update=True)
            if row is None:
                raise NotFound(f"there is no gap {gap_id}")
            row.status, row.changed_at = status, self._clock()
            return Gap.model_validate(row)

    def forget_empty(self) -> int:
        """Count anew what was forgotten, and drop open gaps of which no question is left; tells how many."""
        with writing(self._engine) as session:
            dropped = 0
            for row in session.scalars(select(GapRow)):
                left = _count(session, row.id or 0)
                if left == 0 and row.status in ("open", "dismissed", _ASIDE):
                    session.execute(delete(GapRow).where(col(GapRow.id) == row.id))
                    dropped += 1
                elif left != row.questions:
                    row.questions = left
            return dropped

    def _make(self, session: Session, title: str, questions: Sequence[GapQuestion], status: Status) -> int:
        first, last = min(one.asked_at for one in questions), max(one.asked_at for one in questions)
        gap = GapRow(
            title=title, questions=0, first_at=first, last_at=last, status=status, changed_at=self._clock()
        )
        session.add(gap)
        session.flush()
        _add(session, gap, questions)
        return gap.id or 0


def _still_there(session: Session, questions: Sequence[GapQuestion]) -> list[GapQuestion]:
    """The questions that nobody has forgotten, and that nobody forgets before this transaction ends."""
    wanted = [one.turn_id for one in questions]
    row = col(TurnRow.turn_id)
    there = select(row).where(row.in_(wanted)).order_by(row).with_for_update(read=True, key_share=True)
    left = set(session.scalars(there))
    return [one for one in questions if one.turn_id in left]


def _add(session: Session, gap: GapRow, questions: Sequence[GapQuestion]) -> None:
    mine = col(GapTurnRow.gap_id) == gap.id
    wanted = [one.turn_id for one in questions]
    known = set(
        session.scalars(select(col(GapTurnRow.turn_id)).where(mine, col(GapTurnRow.turn_id).in_(wanted)))
    )
    new = [one for one in questions if one.turn_id not in known]
    session.add_all(GapTurnRow(gap_id=gap.id or 0, turn_id=one.turn_id) for one in new)
    session.flush()
    gap.questions = _count(session, gap.id or 0)
    gap.first_at = min([gap.first_at, *(one.asked_at for one in new)])
    gap.last_at = max([gap.last_at, *(one.asked_at for one in new)])


def _count(session: Session, gap_id: int) -> int:
    query = select(func.count()).select_from(GapTurnRow).where(col(GapTurnRow.gap_id) == gap_id)
    return int(session.scalar(query) or 0)


def _rated_low() -> ColumnElement[bool]:
    low = select(col(RatingRow.session_id)).where(col(RatingRow.csat) <= LOW_RATING)
    return col(TurnRow.session_id).in_(low)


def _flagged_wrong() -> ColumnElement[bool]:
    wrong = select(col(ReviewRow.turn_id)).where(col(ReviewRow.wrong).is_(True))
    return col(TurnRow.turn_id).in_(wrong)


def _not_well() -> ColumnElement[bool]:
    asks = (
        (col(TurnRow.status) == "answered")
        & col(TurnRow.blocked).is_(False)
        & col(TurnRow.route).not_in(_NO_QUESTIONS)
    )
    return asks & or_(col(TurnRow.route) == "unknown", _rated_low(), _flagged_wrong())


def _questions() -> Any:
    return select(
        col(TurnRow.turn_id),
        col(TurnRow.session_id),
        col(TurnRow.question),
        col(TurnRow.asked_at),
        col(TurnRow.route),
        _flagged_wrong().label("wrong"),
    )


def _question(row: Any) -> GapQuestion:
    why: Literal["unknown", "wrong", "rated"] = (
        "wrong" if row.wrong else "unknown" if row.route == "unknown" else "rated"
    )
    return GapQuestion(row.turn_id, row.session_id, row.question, row.asked_at, why)
