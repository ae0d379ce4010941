"""The tables of the back office: accounts and what they did, what staff make of dialogs, the clock, what is kept.

Rows never leave the stores: callers are given the frozen types that each store documents.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, UniqueConstraint
from sqlmodel import Field

from stores import table
from stores.columns import SafeText
from stores.table import Table


def _of_turn(*, index: bool = False) -> Any:
    """The turn that a row is about; the row goes with it."""
    reference = ForeignKey("turns.turn_id", ondelete="CASCADE")
    return Field(sa_column=Column(SafeText, reference, primary_key=True, index=index))


class AccountRow(Table, table=True):
    """Somebody of the salon. `role` is staff or admin; without a `password_hash` (argon2) nobody can log in."""

    __tablename__ = "accounts"

    id: int | None = table.identity()
    name: str = table.text(unique=True)
    role: str = table.text()
    password_hash: str | None = table.optional_text()
    active: bool = True
    created_at: datetime = table.moment()
    password_changed_at: datetime | None = table.optional_moment()


class StaffSessionRow(Table, table=True):
    """A log-in under way; the browser's cookie holds the token, of which only the hash is kept."""

    __tablename__ = "staff_sessions"

    token_hash: str = table.key()
    account_id: int = Field(
        sa_column=Column(Integer, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    created_at: datetime = table.moment()
    seen_at: datetime = table.moment()
    expires_at: datetime = table.moment()
    address: str | None = table.optional_text()


class LoginAttemptRow(Table, table=True):
    """Somebody tried to log in: who they said they were, and from where."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index(None, "name", "at"), Index(None, "address", "at"))

    id: int | None = table.identity()
    name: str = table.text()
    address: str | None = table.optional_text()
    at: datetime = table.moment()
    succeeded: bool


class SetupLinkRow(Table, table=True):
    """A link that makes the first account, or sets the password of an account; it works once."""

    __tablename__ = "setup_links"

    token_hash: str = table.key()
    account_id: int | None = Field(
        default=None,
        sa_column=Column(Integer, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=True, index=True),
    )
    created_at: datetime = table.moment()
    expires_at: datetime = table.moment()
    used_at: datetime | None = table.optional_moment()


class AuditRow(Table, table=True):
    """Something that staff did. It holds no personal data of visitors; `target` names a row, as in `callback:12`."""

    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "at"),)

    id: int | None = table.identity()
    at: datetime = table.moment()
    actor: str = table.text()
    action: str = table.text()
    target: str | None = table.optional_text()
    details: dict[str, Any] = table.json()
    address: str | None = table.optional_text()


class ReviewRow(Table, table=True):
    """What staff think of an answer: whether it is wrong, why, and which one would be right."""

    __tablename__ = "turn_reviews"

    turn_id: str = _of_turn()
    wrong: bool
    reason: str = table.text()
    right_answer: str = table.text()
    reviewer: str = table.text()
    at: datetime = table.moment()


class AlertRow(Table, table=True):
    """A word to staff about a row of `kind` callback or booking, by `channel` mail or webhook; an outbox like that of
    letters: `status` is pending, sent or failed."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("kind", "ref_id", "channel"), Index(None, "status", "due_at"))

    id: int | None = table.identity()
    kind: str = table.text()
    ref_id: int
    channel: str = table.text()
    status: str = table.text()
    attempts: int
    due_at: datetime = table.moment()
    error: str | None = table.optional_text()
    created_at: datetime = table.moment()
    sent_at: datetime | None = table.optional_moment()


class GapRow(Table, table=True):
    """Questions of one meaning that were not answered well. `status` is open, drafted, published or dismissed."""

    __tablename__ = "gaps"

    id: int | None = table.identity()
    title: str = table.text()
    questions: int
    first_at: datetime = table.moment()
    last_at: datetime = table.moment()
    status: str = table.text()
    changed_at: datetime = table.moment()


class GapTurnRow(Table, table=True):
    """A question of a gap."""

    __tablename__ = "gap_turns"

    gap_id: int = table.of_version("gaps")
    turn_id: str = _of_turn(index=True)


class KnowledgeRow(Table, table=True):
    """An entry that staff add to the brochure. `status` is draft, published (then it answers) or withdrawn."""

    __tablename__ = "knowledge_entries"

    id: int | None = table.identity()
    title: str = table.text()
    text: str = table.text()
    status: str = table.text()
    gap_id: int | None = Field(
        default=None,
        sa_column=Column(Integer, ForeignKey("gaps.id", ondelete="SET NULL"), nullable=True, index=True),
    )
    author: str = table.text()
    created_at: datetime = table.moment()
    changed_at: datetime = table.moment()
    published_at: datetime | None = table.optional_moment()


class ConsentTextRow(Table, table=True):
    """The words of a version of the consent, kept for as long as anybody may have agreed to them."""

    __tablename__ = "consent_texts"

    version: str = table.key()
    language: str = table.key()
    text: str = table.text()
    author: str | None = table.optional_text()
    created_at: datetime = table.moment()


class JobRunRow(Table, table=True):
    """A run of a job. Its `tick` is the moment that the timetable names, or a name of its own for one started by hand;
    that it is unique lets one process of many have it.

    `status` is requested, running, done, failed or abandoned (its process went away); `beat_at` is when it last
    gave a sign of life.
    """

    __tablename__ = "job_runs"
    __table_args__ = (UniqueConstraint("job", "tick"), Index(None, "status"))

    id: int | None = table.identity()
    job: str = table.text()
    tick: str = table.text()
    status: str = table.text()
    requested_by: str | None = table.optional_text()
    host: str = table.text()
    pid: int
    started_at: datetime = table.moment()
    beat_at: datetime = table.moment()
    finished_at: datetime | None = table.optional_moment()
    counts: dict[str, Any] = table.json()
    error: str | None = table.optional_text()


class DialogFactRow(Table, table=True):
    """The figures of a dialog whose words were destroyed. Nothing in it leads back to a visitor.

    `facts` is what `stores/statistics.py` documents; its shape may grow without a migration.
    """

    __tablename__ = "dialog_facts"
    __table_args__ = (Index(None, "opened_at"),)

    id: int | None = table.identity()
    opened_at: datetime = table.moment()
    kind: str = table.text()
    language: str = table.text()
    facts: dict[str, Any] = table.json()


class ReceiptRow(Table, table=True):
    """That data was destroyed: what, when, how many, why; not whose. `subject` is a hash that only who knows the
    dialog's id can make again."""

    __tablename__ = "receipts"

    id: int | None = table.identity()
    number: str = table.text(unique=True)
    subject: str = table.text()
    cause: str = table.text()
    actor: str | None = table.optional_text()
    at: datetime = table.moment()
    counts: dict[str, Any] = table.json()


class ExportRow(Table, table=True):
    """A file of masked dialogs made for training, so that what is forgotten can be taken out of it again."""

    __tablename__ = "exports"

    id: int | None = table.identity()
    path: str = table.text()
    format: str = table.text()
    dialogs: int
    actor: str | None = table.optional_text()
    created_at: datetime = table.moment()
