"""Words to staff about call-backs and bookings that have just come in: an outbox, filled in the transaction of each."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.columns import utc_now
from stores.database import reading, writing
from stores.models import BookingRow, CallbackRow
from stores.office import AlertRow

Kind = Literal["callback", "booking"]
Channel = Literal["mail", "webhook"]
Status = Literal["pending", "sent", "failed"]
ATTEMPTS = 12
"""Tries before an alert is given up: some six hours."""
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)
_LEASE = timedelta(minutes=2)
_ERROR_CHARACTERS = 300
_TAKEN_BACK = "the request was taken back"


class Alert(BaseModel):
    """An alert about the request `ref_id` of `kind`; `attempts` counts the tries so far. It holds no personal data."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    kind: Kind
    ref_id: int
    channel: Channel
    status: Status
    attempts: int
    error: str | None
    created_at: datetime
    sent_at: datetime | None


def raise_alerts(
    session: Session, kind: Kind, ref_id: int, now: datetime, channels: Collection[Channel]
) -> None:
    """Put an alert by each channel into the outbox, within the transaction that stores the request itself."""
    # SQLite gives the number of a request that was forgotten to the next one: what is left of that one's goes first.
    session.execute(delete(AlertRow).where(col(AlertRow.kind) == kind, col(AlertRow.ref_id) == ref_id))
    session.add_all(
        AlertRow(
            kind=kind,
            ref_id=ref_id,
            channel=channel,
            status="pending",
            attempts=0,
            due_at=now,
            created_at=now,
        )
        for channel in channels
    )


class Alerts:
    """The outbox. What a method returns from writing is committed; each may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def claim(self, channel: Channel) -> Alert | None:
        """Take the next alert of a channel that is due, for this process alone, or None.

        It counts as tried at once, and is due again in two minutes should this process die while sending it: an alert
        may then come twice, but none is lost. One whose request is gone or was taken back is given up unsent.
        """
        now = self._clock()
        row = AlertRow
        due = (col(row.status) == "pending", col(row.due_at) <= now, col(row.channel) == channel)
        query = select(row).where(*due).order_by(col(row.due_at), col(row.id)).limit(1)
        while True:
            with writing(self._engine) as session:
                found = session.scalars(query.with_for_update(skip_locked=True)).first()
                if found is None:
                    return None
                if _is_wanted(session, found):
                    found.attempts += 1
                    found.due_at = now + _LEASE
                    session.flush()
                    return Alert.model_validate(found)
                found.status, found.error = "failed", _TAKEN_BACK

    def sent(self, alert: Alert) -> None:
        """It has arrived."""
        self._update(alert.id, status="sent", sent_at=self._clock(), error=None)

    def failed(self, alert: Alert, error: str, *, for_good: bool = False) -> None:
        """It has not arrived; it is due again, after 10 s at first and twice as long each time, until it is given up.

        `error` is kept for staff, so it names no address and no secret.
        """
        if for_good or alert.attempts >= ATTEMPTS:
            self._update(alert.id, status="failed", error=error[:_ERROR_CHARACTERS])
        else:
            wait = min(_FIRST_WAIT * 2 ** (alert.attempts - 1), _LONGEST_WAIT)
            self._update(alert.id, due_at=self._clock() + wait, error=error[:_ERROR_CHARACTERS])

    def of(self, kind: Kind, ref_id: int) -> list[Alert]:
        """The alerts about one request."""
        query = select(AlertRow).where(col(AlertRow.kind) == kind, col(AlertRow.ref_id) == ref_id)
        with reading(self._engine) as session:
            return [Alert.model_validate(row) for row in session.scalars(query.order_by(col(AlertRow.id)))]

    def troubled(self, within: timedelta) -> Sequence[Alert]:
        """The alerts of the last time that were tried and have not arrived, the newest first."""
        row, since = AlertRow, self._clock() - within
        query = select(row).where(col(row.status).in_(("pending", "failed")), col(row.due_at) >= since)
        query = query.where(col(row.error).is_not(None), col(row.error) != _TAKEN_BACK)
        with reading(self._engine) as session:
            found = session.scalars(query.order_by(col(row.id).desc()).limit(100))
            return [Alert.model_validate(each) for each in found]

    def _update(self, alert_id: int, **values: object) -> None:
        with writing(self._engine) as session:
            session.execute(update(AlertRow).where(col(AlertRow.id) == alert_id).values(**values))


def _is_wanted(session: Session, alert: AlertRow) -> bool:
    """Whether the request is still there, and the visitor still wants it."""
    if alert.kind == "callback":
        callback = session.get(CallbackRow, alert.ref_id)
        return callback is not None and callback.status != "withdrawn"
    booking = session.get(BookingRow, alert.ref_id)
    return booking is not None and booking.status == "booked"
