"""What staff add to the brochure: drafted, edited, published by a person, withdrawn again."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.app_settings import bump
from stores.columns import utc_now
from stores.database import reading, writing
from stores.errors import ChangedMeanwhile, NotFound, Refused
from stores.legend import language_by_letters
from stores.office import GapRow, KnowledgeRow
from stores.passages import Passage

Status = Literal["draft", "published", "withdrawn"]

TITLE_LENGTH = 200
TEXT_LENGTH = 5_000


class Entry(BaseModel):
    """An entry. `author` is who changed it last, `gap_id` the gap that it was written for, if any; `published_at` is
    None unless it is in force."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    title: str
    text: str
    status: Status
    gap_id: int | None
    author: str
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None

    @property
    def version(self) -> int:
        """Another number for another state: what an editor has looked at."""
        return round(self.changed_at.timestamp() * 1_000_000)


class Knowledge:
    """All entries, the same for all processes. Each method may raise `DatabaseUnavailable`, those that take the id of
    an entry `NotFound`, and those that take what was `seen` of it `ChangedMeanwhile`."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def get(self, entry_id: int) -> Entry:
        """One entry."""
        with reading(self._engine) as session:
            return Entry.model_validate(_row(session, entry_id))

    def all(self, limit: int = 500) -> list[Entry]:
        """The entries, the last changed first."""
        query = select(KnowledgeRow).order_by(
            col(KnowledgeRow.changed_at).desc(), col(KnowledgeRow.id).desc()
        )
        with reading(self._engine) as session:
            return [Entry.model_validate(row) for row in session.scalars(query.limit(limit))]

    def of_gap(self, gap_id: int) -> Entry | None:
        """The entry that was written for a gap and not withdrawn, if there is one."""
        with reading(self._engine) as session:
            row = session.scalars(_of_gap(gap_id)).first()
            return None if row is None else Entry.model_validate(row)

    def draft(self, title: str, text: str, *, author: str, gap_id: int | None = None) -> Entry:
        """A new entry, which nobody but staff sees; for a gap that has one already, that one.

        Raises `Refused` like `save`.
        """
        title, text = _checked(title, text)
        now = self._clock()
        with writing(self._engine) as session:
            if gap_id is not None:
                session.get(GapRow, gap_id, with_for_update=True)
                known = session.scalars(_of_gap(gap_id)).first()
                if known is not None:
                    return Entry.model_validate(known)
            row = KnowledgeRow(
                title=title,
                text=text,
                status="draft",
                gap_id=gap_id,
                author=author,
                created_at=now,
                changed_at=now,
            )
            session.add(row)
            _mark_gap(session, gap_id, "drafted", now)
            session.flush()
            return Entry.model_validate(row)

    def save(self, entry_id: int, title: str, text: str, *, author: str, seen: int) -> Entry:
        """Change the words of an entry; a published one answers with them at once.

        Raises:
            Refused: the title or the text is empty or too long.
        """
        title, text = _checked(title, text)
        with writing(self._engine) as session:
            row = _row(session, entry_id, seen)
            row.title, row.text, row.author, row.changed_at = title, text, author, self._clock()
            if row.status == "published":
                bump(session, self._clock())
            return Entry.model_validate(row)

    def publish(self, entry_id: int, *, author: str, seen: int) -> Entry:
        """Let the assistant answer with an entry, in all processes from the next message on."""
        return self._move(entry_id, "published", "published", author, seen)

    def withdraw(self, entry_id: int, *, author: str, seen: int) -> Entry:
        """Take an entry back: the assistant no longer knows it, its gap is open again."""
        return self._move(entry_id, "withdrawn", "open", author, seen)

    def published(self) -> list[Passage]:
        """What is published, as sections of the brochure."""
        query = (
            select(KnowledgeRow).where(col(KnowledgeRow.status) == "published").order_by(col(KnowledgeRow.id))
        )
        with reading(self._engine) as session:
            return [
                Passage(
                    f"legend:entry-{row.id}",
                    "legend",
                    row.title,
                    row.text,
                    language=language_by_letters(row.text),
                )
                for row in session.scalars(query)
            ]

    def _move(self, entry_id: int, status: Status, gap_status: str, author: str, seen: int) -> Entry:
        with writing(self._engine) as session:
            row = _row(session, entry_id, seen)
            now = self._clock()
            row.status, row.author, row.changed_at = status, author, now
            row.published_at = now if status == "published" else None
            _mark_gap(session, row.gap_id, gap_status, now)
            bump(session, now)
            return Entry.model_validate(row)


def _of_gap(gap_id: int) -> Select[KnowledgeRow]:
    return (
        select(KnowledgeRow)
        .where(col(KnowledgeRow.gap_id) == gap_id, col(KnowledgeRow.status) != "withdrawn")
        .order_by(col(KnowledgeRow.id).desc())
    )


def _row(session: Session, entry_id: int, seen: int | None = None) -> KnowledgeRow:
    """The entry, with what was `seen` of it to be changed by nobody else: its gap is locked first, as by whoever
    destroys a dialog."""
    row = session.get(KnowledgeRow, entry_id)
    if row is not None and seen is not None:
        if row.gap_id is not None:
            session.get(GapRow, row.gap_id, with_for_update=True)
        session.refresh(row, with_for_update=True)
    if row is None:
        raise NotFound(f"there is no entry {entry_id}")
    current = Entry.model_validate(row).version
    if seen is not None and seen != current:
        raise ChangedMeanwhile(seen, current)
    return row


def _mark_gap(session: Session, gap_id: int | None, status: str, now: datetime) -> None:
    gap = session.get(GapRow, gap_id) if gap_id is not None else None
    if gap is not None:
        gap.status, gap.changed_at = status, now


def _checked(title: str, text: str) -> tuple[str, str]:
    title, text = " ".join(title.split()), text.strip()
    if not any(char.isalnum() for char in title):
        raise Refused("entry_without_title")
    if not any(char.isalnum() for char in text):
        raise Refused("entry_without_text")
    if len(title) > TITLE_LENGTH:
        raise Refused("title_too_long", most=TITLE_LENGTH)
    if len(text) > TEXT_LENGTH:
        raise Refused("text_too_long", most=TEXT_LENGTH)
    return title, text
