"""Test drives: who drives which car when. No car and no visitor is taken twice at once, by the database's own keys.

Who drives is sealed.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.alerts import Channel, raise_alerts
from stores.columns import utc_now
from stores.database import one_at_a_time, reading, writing
from stores.errors import BookingNotFound, CarTaken, DialogNotFound, TooManyBookings, VisitorTaken
from stores.locks import Lock
from stores.models import BookedTimeRow, BookingRow, DialogRow
from stores.sealing import Cipher

STEP_MINUTES = 5
"""What a drive begins and ends at is a multiple of this."""
MOST_OF_ONE_VISITOR = 3
"""Drives still to come that one dialog may hold."""


class Booking(BaseModel):
    """A test drive as stored; `starts_at` is aware. It lasts `minutes`."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    session_id: str
    stock_id: str
    car: str
    starts_at: datetime
    minutes: int
    phone: str
    name: str
    status: Literal["booked", "cancelled"]


class Bookings:
    """All test drives. What a method returns from writing is committed; each may raise `DatabaseUnavailable`.

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

    def book(
        self,
        session_id: str,
        *,
        stock_id: str,
        car: str,
        starts_at: datetime,
        minutes: int,
        phone: str,
        name: str = "",
    ) -> Booking:
        """Store a test drive. The same drive of the same dialog again gives the one that is stored.

        Of several who ask for a car and a time at once exactly one gets it. `car` is its name as told to the visitor.

        Raises:
            CarTaken: the car is taken at some minute of the drive.
            VisitorTaken: this dialog, or somebody with this phone, has another drive then.
            TooManyBookings: this dialog has as many drives to come as one may have.
            DialogNotFound: there is no such dialog, or it was forgotten.
        """
        now, hashes = self._clock(), self._cipher.phones(phone)
        try:
            with writing(self._engine) as session:
                one_at_a_time(session, Lock.BOOKINGS)
                if session.get(DialogRow, session_id, with_for_update=True) is None:
                    raise DialogNotFound(session_id)
                own = _coming(session, now, session_id=session_id)
                for row in own:
                    if (row.stock_id, row.starts_at) == (stock_id, starts_at):
                        return self._opened(row)
                if len(own) >= MOST_OF_ONE_VISITOR:
                    raise TooManyBookings(session_id)
                _check_visitor(session, now, hashes, starts_at, minutes, {row.id for row in own})
                row = BookingRow(
                    session_id=session_id,
                    stock_id=stock_id,
                    car=car,
                    starts_at=starts_at,
                    minutes=minutes,
                    phone=self._cipher.seal(phone),
                    phone_hash=self._cipher.of_phone(phone),
                    name=self._cipher.seal(name),
                    status="booked",
                    created_at=now,
                    changed_at=now,
                )
                session.add(row)
                session.flush()
                _take(session, row)
                raise_alerts(session, "booking", row.id or 0, now, self._alerts)
                return self._opened(row)
        except IntegrityError as error:
            raise self._taken(stock_id, starts_at, minutes) from error

    def change(
        self, booking_id: int, *, starts_at: datetime, stock_id: str, car: str, minutes: int
    ) -> Booking:
        """Give a drive another time or car; when that cannot be had, it stays as it was.

        Raises:
            BookingNotFound: there is no such drive, or it was cancelled.
            CarTaken, VisitorTaken: as for `book`.
        """
        now = self._clock()
        try:
            with writing(self._engine) as session:
                one_at_a_time(session, Lock.BOOKINGS)
                row = _locked(session, booking_id)
                hashes = self._cipher.phones(self._cipher.unseal(row.phone))
                _check_visitor(session, now, hashes, starts_at, minutes, {booking_id})
                _free(session, booking_id)
                row.starts_at, row.stock_id, row.car, row.minutes = starts_at, stock_id, car, minutes
                row.changed_at = now
                session.flush()
                _take(session, row)
                return self._opened(row)
        except IntegrityError as error:
            raise self._taken(stock_id, starts_at, minutes) from error

    def renumber(self, booking_id: int, phone: str) -> Booking:
        """Give a drive another phone. Raises `BookingNotFound`, or `VisitorTaken` as for `book`."""
        now, hashes = self._clock(), self._cipher.phones(phone)
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.BOOKINGS)
            row = _locked(session, booking_id)
            _check_visitor(session, now, hashes, row.starts_at, row.minutes, {booking_id})
            row.phone, row.phone_hash = self._cipher.seal(phone), self._cipher.of_phone(phone)
            row.changed_at = now
            return self._opened(row)

    def cancel(self, booking_id: int) -> Booking:
        """Cancel a drive: its time is free at once. Raises `BookingNotFound` when there is none (any more)."""
        with writing(self._engine) as session:
            row = _locked(session, booking_id)
            row.status, row.changed_at = "cancelled", self._clock()
            _free(session, booking_id)
            return self._opened(row)

    def coming(self, session_id: str, after: datetime) -> list[Booking]:
        """The drives of a dialog that begin after a moment, the one changed last first."""
        with reading(self._engine) as session:
            rows = _coming(session, after, session_id=session_id)
            return [self._opened(row) for row in rows]

    def taken(
        self, stock_ids: Collection[str], session_id: str, since: datetime, *, but: int | None = None
    ) -> set[datetime]:
        """The steps of `STEP_MINUTES` from `since` on in which one of the cars or the dialog's visitor is taken; the
        drive `but` does not count."""
        row = BookedTimeRow
        query = select(col(row.at)).where(
            col(row.at) >= since,
            col(row.stock_id).in_(list(stock_ids)) | (col(row.session_id) == session_id),
        )
        if but is not None:
            query = query.where(col(row.booking_id) != but)
        with reading(self._engine) as session:
            return set(session.scalars(query))

    def _opened(self, row: BookingRow) -> Booking:
        unseal, sealed = self._cipher.unseal, Booking.model_validate(row)
        return sealed.model_copy(update={"phone": unseal(row.phone), "name": unseal(row.name)})

    def _taken(self, stock_id: str, starts_at: datetime, minutes: int) -> CarTaken | VisitorTaken:
        """Which of the two keys was hit; looked up afterwards, since the databases name it each in their way."""
        query = select(col(BookedTimeRow.at)).where(
            col(BookedTimeRow.stock_id) == stock_id, col(BookedTimeRow.at).in_(steps(starts_at, minutes))
        )
        with reading(self._engine) as session:
            car = session.scalars(query.limit(1)).first()
        return CarTaken(stock_id) if car is not None else VisitorTaken(starts_at)


def steps(starts_at: datetime, minutes: int) -> list[datetime]:
    """The moments, full steps of `STEP_MINUTES`, in which a drive is under way."""
    step = timedelta(minutes=STEP_MINUTES)
    first = starts_at - timedelta(
        minutes=starts_at.minute % STEP_MINUTES, seconds=starts_at.second, microseconds=starts_at.microsecond
    )
    count = -(-(starts_at + timedelta(minutes=minutes) - first) // step)
    return [first + step * number for number in range(count)]


def _coming(session: Session, after: datetime, *, session_id: str) -> list[BookingRow]:
    row = BookingRow
    query = (
        select(row)
        .where(col(row.session_id) == session_id, col(row.status) == "booked", col(row.starts_at) > after)
        .order_by(col(row.changed_at).desc(), col(row.id).desc())
    )
    return list(session.scalars(query))


def _check_visitor(
    session: Session,
    now: datetime,
    hashes: Collection[str],
    starts_at: datetime,
    minutes: int,
    own: Collection[int | None],
) -> None:
    """Whoever has the phone with these fingerprints drives nothing else then; the database watches the dialog's own
    drives."""
    row = BookingRow
    query = select(row).where(
        col(row.phone_hash).in_(hashes),
        col(row.status) == "booked",
        col(row.starts_at) > now - timedelta(days=1),
    )
    ends_at = starts_at + timedelta(minutes=minutes)
    for other in session.scalars(query):
        overlaps = other.starts_at < ends_at and starts_at < other.starts_at + timedelta(
            minutes=other.minutes
        )
        if other.id not in own and overlaps:
            raise VisitorTaken(starts_at)


def _locked(session: Session, booking_id: int) -> BookingRow:
    row = session.get(BookingRow, booking_id, with_for_update=True)
    if row is None or row.status != "booked":
        raise BookingNotFound(booking_id)
    return row


def _take(session: Session, row: BookingRow) -> None:
    session.add_all(
        BookedTimeRow(stock_id=row.stock_id, at=at, session_id=row.session_id, booking_id=row.id or 0)
        for at in steps(row.starts_at, row.minutes)
    )
    session.flush()


def _free(session: Session, booking_id: int) -> None:
    session.execute(delete(BookedTimeRow).where(col(BookedTimeRow.booking_id) == booking_id))
