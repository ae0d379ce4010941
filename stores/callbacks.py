"""Requests to be called back; who is to be called is sealed."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from stores.alerts import Channel, raise_alerts
from stores.columns import utc_now
from stores.database import reading, writing
from stores.errors import DialogNotFound
from stores.models import CallbackRow, DialogRow
from stores.sealing import Cipher


class Callbacks:
    """Call-backs that visitors asked for. Each method may raise `DatabaseUnavailable`.

    `alerts` are the channels by which staff hear of a new one.
    """

    def __init__(
        self,
        engine: Engine,
        cipher: Cipher,
        *,
        clock: Callable[[], datetime] = utc_now,
        alerts: Collection[Channel] = (),
    ) -> None:
        self._engine = engine
        self._cipher = cipher
        self._clock = clock
        self._alerts = alerts

    def add(self, session_id: str, phone: str, name: str, comment: str) -> int:
        """Store a request and give back its number. Whether the phone is one is for the door to check.

        Raises:
            DialogNotFound: there is no such dialog, or it was forgotten.
        """
        with writing(self._engine) as session:
            if session.get(DialogRow, session_id, with_for_update=True) is None:
                raise DialogNotFound(session_id)
            row = CallbackRow(
                session_id=session_id,
                phone=self._cipher.seal(phone),
                phone_hash=self._cipher.of_phone(phone),
                name=self._cipher.seal(name),
                comment=self._cipher.seal(comment),
                status="new",
                created_at=self._clock(),
            )
            session.add(row)
            session.flush()
            raise_alerts(session, "callback", row.id or 0, row.created_at, self._alerts)
            return row.id or 0

    def is_waiting(self, session_id: str, phone: str) -> bool:
        """Whether this number is to be called already, as asked for in this dialog."""
        query = _waiting(session_id).where(col(CallbackRow.phone_hash).in_(self._cipher.phones(phone)))
        with reading(self._engine) as session:
            return session.scalars(query).first() is not None

    def withdraw(self, session_id: str) -> int:
        """Take back what this dialog asked for and nobody has seen to yet; how many requests that were."""
        with writing(self._engine) as session:
            rows = list(session.scalars(_waiting(session_id)))
            for row in rows:
                row.status = "withdrawn"
            return len(rows)

    def exists_for(self, session_id: str) -> bool:
        """Whether somebody asked for a call in this dialog."""
        query = select(func.count()).where(col(CallbackRow.session_id) == session_id)
        with reading(self._engine) as session:
            return bool(session.scalar(query))


def _waiting(session_id: str) -> SelectOfScalar[CallbackRow]:
    return select_rows(CallbackRow).where(
        col(CallbackRow.session_id) == session_id, col(CallbackRow.status) == "new"
    )
