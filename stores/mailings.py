"""Brochures to be sent by mail: asked for with a consent of its own, kept until they are sent or given up. The address
is sealed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, select, update
from sqlmodel import col

from stores.columns import utc_now
from stores.database import reading, writing
from stores.errors import DialogNotFound
from stores.models import DialogRow, MailingRow
from stores.sealing import Cipher

Status = Literal["pending", "sent", "failed"]
ATTEMPTS = 6
"""Tries before a letter is given up."""
_LEASE = timedelta(minutes=10)
_ERROR_CHARACTERS = 300


class Mailing(BaseModel):
    """A letter to be sent, or one that was; `attempts` counts the tries so far."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    session_id: str
    email: str
    language: Literal["ru", "en"]
    consent_version: str
    status: Status
    attempts: int
    error: str | None
    sent_at: datetime | None


class Mailings:
    """The outbox. What a method returns from writing is committed; each may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, cipher: Cipher, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._cipher = cipher
        self._clock = clock

    def add(
        self,
        session_id: str,
        email: str,
        *,
        language: Literal["ru", "en"],
        consent_text: str,
        consent_version: str,
    ) -> int:
        """Store a request together with the consent given for it just now, and give back its number.

        The same address again while its letter is pending changes nothing. Raises `DialogNotFound`.
        """
        now = self._clock()
        with writing(self._engine) as session:
            if session.get(DialogRow, session_id, with_for_update=True) is None:
                raise DialogNotFound(session_id)
            same = select(MailingRow).where(
                col(MailingRow.session_id) == session_id,
                col(MailingRow.email_hash).in_(self._cipher.emails(email)),
                col(MailingRow.status) == "pending",
            )
            row = session.scalars(same).first()
            if row is None:
                row = MailingRow(
                    session_id=session_id,
                    email=self._cipher.seal(email),
                    email_hash=self._cipher.of_email(email),
                    language=language,
                    consent_version=consent_version,
                    consent_text=consent_text,
                    consent_at=now,
                    status="pending",
                    attempts=0,
                    due_at=now,
                    created_at=now,
                )
                session.add(row)
                session.flush()
            return row.id or 0

    def of_session(self, session_id: str) -> list[Mailing]:
        """The letters asked for in a dialog, the oldest first."""
        query = (
            select(MailingRow).where(col(MailingRow.session_id) == session_id).order_by(col(MailingRow.id))
        )
        with reading(self._engine) as session:
            return [self._opened(row) for row in session.scalars(query)]

    def claim(self) -> Mailing | None:
        """Take the next letter that is due, for this process alone, or None.

        It counts as tried at once, and is due again in ten minutes should this process die while sending it: a letter
        may then arrive twice, but none is lost.
        """
        now = self._clock()
        row = MailingRow
        due = (col(row.status) == "pending", col(row.due_at) <= now)
        with writing(self._engine) as session:
            query = select(row).where(*due).order_by(col(row.due_at), col(row.id)).limit(1)
            found = session.scalars(query.with_for_update(skip_locked=True)).first()
            if found is None:
                return None
            found.attempts += 1
            found.due_at = now + _LEASE
            session.flush()
            return self._opened(found)

    def sent(self, mailing_id: int) -> None:
        """The letter is on its way: the mail server has taken it."""
        self._update(mailing_id, status="sent", sent_at=self._clock(), error=None)

    def failed(self, mailing: Mailing, error: str, *, for_good: bool = False) -> None:
        """The letter was not taken; it is due again later, twice as long after each try, until it is given up."""
        if for_good or mailing.attempts >= ATTEMPTS:
            self._update(mailing.id, status="failed", error=error[:_ERROR_CHARACTERS])
        else:
            due_at = self._clock() + timedelta(minutes=2**mailing.attempts)
            self._update(mailing.id, due_at=due_at, error=error[:_ERROR_CHARACTERS])

    def _opened(self, row: MailingRow) -> Mailing:
        sealed = Mailing.model_validate(row)
        return sealed.model_copy(update={"email": self._cipher.unseal(row.email)})

    def _update(self, mailing_id: int, **values: object) -> None:
        with writing(self._engine) as session:
            session.execute(update(MailingRow).where(col(MailingRow.id) == mailing_id).values(**values))
