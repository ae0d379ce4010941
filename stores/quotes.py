"""Visitors' questions where staff see them quoted, as gaps of knowledge and in drafts: taken out with their dialogs."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.knowledge import TITLE_LENGTH
from stores.models import TurnRow
from stores.office import GapRow, GapTurnRow, KnowledgeRow

QUOTE = "[…]"
"""What stands where a question was."""


class Unquoted(NamedTuple):
    """How many drafts quoted a question, and how many gaps were of nothing else and are gone."""

    drafts: int
    gaps: int


def unquote(session: Session, session_ids: Collection[str]) -> Unquoted:
    """Take the questions of these dialogs out of gaps and drafts, in the transaction that destroys the dialogs.

    A gap that has other questions is named by the latest of them. What staff have published is theirs, and stays.
    """
    in_dialogs = col(TurnRow.session_id).in_(session_ids)
    quoted = (
        select(col(GapTurnRow.gap_id), col(TurnRow.question))
        .join(TurnRow, col(TurnRow.turn_id) == col(GapTurnRow.turn_id))
        .where(in_dialogs)
    )
    questions: dict[int, set[str]] = {}
    for gap_id, question in session.execute(quoted):
        questions.setdefault(gap_id, set()).add(question)
    drafts = gone = 0
    locked = select(GapRow).where(col(GapRow.id).in_(questions)).order_by(col(GapRow.id)).with_for_update()
    for gap in session.scalars(locked).all():
        of_gap = questions[gap.id or 0]
        draft = (col(KnowledgeRow.gap_id) == gap.id, col(KnowledgeRow.status) == "draft")
        drafts += sum(
            _without(entry, of_gap) for entry in session.scalars(select(KnowledgeRow).where(*draft))
        )
        of_others = (
            select(func.count(), func.max(col(TurnRow.id)))
            .join(GapTurnRow, col(GapTurnRow.turn_id) == col(TurnRow.turn_id))
            .where(col(GapTurnRow.gap_id) == gap.id, ~in_dialogs)
        )
        left, latest = session.execute(of_others).one()
        if not left and gap.status in {"open", "dismissed"}:
            session.delete(gap)
            gone += 1
            continue
        gap.questions = left
        if gap.title in of_gap:
            other = session.get(TurnRow, latest) if left else None
            gap.title = other.question if other is not None else QUOTE
    session.flush()
    return Unquoted(drafts, gone)


def _without(entry: KnowledgeRow, questions: Collection[str]) -> bool:
    """Strike the questions from an entry, also as its title has them: with single blanks, and cut."""
    before = (entry.title, entry.text)
    for question in sorted(filter(None, questions), key=len, reverse=True):
        in_title = " ".join(question.split())[:TITLE_LENGTH]
        entry.title = entry.title.replace(in_title, QUOTE)
        entry.text = entry.text.replace(question, QUOTE)
    return (entry.title, entry.text) != before
