"""The queue of staff: call-backs and test drives together, who has taken which, and what came of it.

A request is new, then taken by one person, then done or no_answer. Who got no answer may take it again; what is done
is reopened first. Each step is one statement that the database carries out for one person only.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Engine, Integer, and_, func, literal, null, or_, select, union_all
from sqlalchemy.sql import Select
from sqlmodel import col

from stores.alerts import Kind
from stores.columns import SafeText, UtcDateTime, utc_now
from stores.database import looking_up, writing
from stores.errors import (
    RequestClosed,
    RequestMoved,
    RequestNotFound,
    RequestNotTaken,
    RequestTaken,
    Unreadable,
)
from stores.models import BookingRow, CallbackRow
from stores.sealing import Cipher

State = Literal["new", "taken", "done", "no_answer"]
View = Literal["open", "new", "mine", "closed", "all"]
PAGE = 30
_OPEN = ("new", "taken")
_TAKEABLE: tuple[State, ...] = ("new", "no_answer")


class Key(NamedTuple):
    """Which request: the kind and the number within it."""

    kind: Kind
    id: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class StaffRequest(BaseModel):
    """A request as staff see it: its phone masked, the rest as the visitor gave it (of `comment`, bookings have none).

    `waited` is from the request until somebody took it, or until now. `cancelled` is a drive that the visitor called
    off after somebody had taken it. `car`, `starts_at` and `minutes` are those of a drive.
    """

    model_config = ConfigDict(frozen=True)

    key: Key
    session_id: str
    state: State
    created_at: datetime
    waited: timedelta
    phone: str
    name: str
    comment: str
    note: str
    taken_by: str | None
    taken_at: datetime | None
    closed_at: datetime | None
    cancelled: bool
    car: str | None
    starts_at: datetime | None
    minutes: int | None


class Cursor(NamedTuple):
    """Where a page of requests ends."""

    created_at: datetime
    kind: Kind
    id: int


class RequestPage(NamedTuple):
    """Some requests, and where the next ones begin; None when there are no more."""

    requests: tuple[StaffRequest, ...]
    next: Cursor | None


class Counts(NamedTuple):
    """How many requests nobody has taken, and how many somebody is busy with."""

    new: int
    taken: int


class Requests:
    """The queue. What a method returns from writing is committed; each may raise `DatabaseUnavailable`.

    What visitors and staff have written is sealed in the tables; what no key opens (any more) is shown empty.
    """

    def __init__(self, engine: Engine, cipher: Cipher, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._cipher = cipher
        self._clock = clock

    def queue(
        self, view: View = "open", *, who: str = "", kind: Kind | None = None, after: Cursor | None = None
    ) -> RequestPage:
        """The requests of a view, at most `PAGE`: what is open with the longest waiting first, the others newest first.

        `who` is whose requests `mine` shows.
        """
        oldest_first = view in ("open", "new", "mine")
        rows = union_all(*(_rows(each, view, who) for each in _KINDS if kind in (None, each))).subquery()
        c = rows.c
        keys: tuple[ColumnElement[Any], ...] = (c.created_at, c.kind, c.id)
        query = select(rows)
        if after is not None:
            query = query.where(_beyond(keys, after, forwards=oldest_first))
        query = query.order_by(*(key if oldest_first else key.desc() for key in keys)).limit(PAGE + 1)
        with looking_up(self._engine) as connection:
            found = connection.execute(query).mappings().all()
        requests = tuple(self._read(row) for row in found[:PAGE])
        last = requests[-1] if len(found) > PAGE else None
        return RequestPage(requests, Cursor(last.created_at, *last.key) if last else None)

    def get(self, key: Key) -> StaffRequest:
        """One request, whatever its state. Raises `RequestNotFound`."""
        rows = _rows(key.kind, "all", "").subquery()
        with looking_up(self._engine) as connection:
            row = connection.execute(select(rows).where(rows.c.id == key.id)).mappings().one_or_none()
        if row is None:
            raise RequestNotFound(*key)
        return self._read(row)

    def counts(self) -> Counts:
        """The figures above the queue, cheap enough to be asked for every few seconds."""
        figures: dict[str, int] = {"new": 0, "taken": 0}
        with looking_up(self._engine) as connection:
            for kind in _KINDS:
                rows = _rows(kind, "open", "").subquery()
                for state, number in connection.execute(select(rows.c.state, func.count()).group_by("state")):
                    figures[state] += number
        return Counts(figures["new"], figures["taken"])

    def longest_wait(self) -> timedelta | None:
        """How long the first of those waits that nobody has taken; None where nobody waits."""
        first = []
        with looking_up(self._engine) as connection:
            for kind in _KINDS:
                rows = _rows(kind, "new", "").subquery()
                first.append(connection.scalar(select(func.min(rows.c.created_at))))
        waiting = [moment for moment in first if moment is not None]
        return self._clock() - min(waiting) if waiting else None

    def reveal(self, key: Key) -> str:
        """The phone in full. Whoever asks writes it into the audit log. Raises `RequestNotFound`, `Unreadable`."""
        table = _table(key.kind)
        with looking_up(self._engine) as connection:
            phone = connection.scalar(select(table.phone).where(table.id == key.id, _is_there(key.kind)))
        if phone is None:
            raise RequestNotFound(*key)
        return self._cipher.unseal(phone)

    def take(self, key: Key, who: str) -> None:
        """Take a request that is new, or that nobody answered. Taking one's own again changes nothing.

        Raises:
            RequestTaken: somebody else has it; of two who try at once exactly one gets it.
            RequestClosed: it is done.
            RequestNotFound: there is none, or the visitor took it back.
        """
        there = _is_there(key.kind)
        if key.kind == "booking":
            there = col(BookingRow.status) == "booked"
        # Whom nobody reached is called again: how long they waited for the first call stays.
        first_taken = func.coalesce(_table(key.kind).taken_at, literal(self._clock(), UtcDateTime))
        self._move(
            key,
            _TAKEABLE,
            {"state": "taken", "taken_by": who, "taken_at": first_taken, "closed_at": None},
            who=who,
            there=there,
        )

    def release(self, key: Key, who: str, *, anyones: bool = False) -> None:
        """Give a taken request back to the queue; with `anyones` also somebody else's. Raises as `close`."""
        values = {"state": "new", "taken_by": None, "taken_at": None, "closed_at": None}
        self._move(key, ("taken",), values, who=who, of=None if anyones else who)

    def close(
        self,
        key: Key,
        who: str,
        state: Literal["done", "no_answer"],
        note: str = "",
        *,
        anyones: bool = False,
    ) -> None:
        """Say what came of a request that one has taken; an empty `note` leaves an earlier one.

        Raises:
            RequestTaken: it is somebody else's.
            RequestNotTaken: nobody has taken it.
            RequestClosed, RequestNotFound: as for `take`.
        """
        values: dict[str, Any] = {"state": state, "closed_at": self._clock()}
        if note:
            values["note"] = self._cipher.seal(note)
        self._move(key, ("taken",), values, who=who, of=None if anyones else who)

    def reopen(self, key: Key, who: str) -> None:
        """Put a closed request back into the queue. Raises `RequestNotFound`, or when it is taken `RequestMoved`."""
        values = {"state": "new", "taken_by": None, "taken_at": None, "closed_at": None}
        self._move(key, ("done", "no_answer"), values, who=who)

    def _move(
        self,
        key: Key,
        begins: tuple[State, ...],
        values: Mapping[str, Any],
        *,
        who: str,
        of: str | None = None,
        there: ColumnElement[bool] | None = None,
    ) -> None:
        """One step as one statement; when it touches nothing, the error says why."""
        table, state = _table(key.kind), _state(key.kind)
        change = (
            table.__table__.update()
            .where(table.id == key.id, state.in_(begins))
            .where(there if there is not None else _is_there(key.kind))
            .values({state.key if name == "state" else name: value for name, value in values.items()})
        )
        if of is not None:
            change = change.where(table.taken_by == of)
        with writing(self._engine) as session:
            if session.connection().execute(change).rowcount:
                return
        self._explain(key, str(values["state"]), who)

    def _explain(self, key: Key, wanted: str, who: str) -> None:
        """Raise what fits a step that was not possible; that what one wants is so already is no error."""
        found = self.get(key)
        if found.cancelled and wanted == "taken":
            raise RequestNotFound(*key)
        if found.state == wanted and (found.taken_by in (None, who)):
            return
        error: RequestMoved = RequestNotTaken()
        if found.state == "taken" and found.taken_by not in (None, who):
            error = RequestTaken(found.taken_by or "")
        elif found.state in ("done", "no_answer") and wanted != "new":
            error = RequestClosed()
        raise error

    def _read(self, row: Mapping[Any, Any]) -> StaffRequest:
        created_at = row["created_at"]
        return StaffRequest(
            key=Key(row["kind"], row["id"]),
            session_id=row["session_id"],
            state=row["state"],
            created_at=created_at,
            waited=max((row["taken_at"] or self._clock()) - created_at, timedelta()),
            phone=masked_phone(self._opened(row["phone"])),
            name=self._opened(row["name"]),
            comment=self._opened(row["comment"]),
            note=self._opened(row["note"]),
            taken_by=row["taken_by"],
            taken_at=row["taken_at"],
            closed_at=row["closed_at"],
            cancelled=bool(row["cancelled"]),
            car=row["car"],
            starts_at=row["starts_at"],
            minutes=row["minutes"],
        )

    def _opened(self, sealed: str | None) -> str:
        try:
            return self._cipher.unseal(sealed or "")
        except Unreadable:
            return ""


def masked_phone(phone: str) -> str:
    """«+7 900 ***-**-17»: enough to tell two callers apart, too little to call one."""
    digits = "".join(char for char in phone if char.isdecimal())
    if len(digits) == 11 and digits[0] in "78":
        return f"+7 {digits[1:4]} ***-**-{digits[-2:]}"
    return f"{'+' if phone.startswith('+') else ''}{digits[:2]}***{digits[-2:]}" if len(digits) > 6 else "***"


_KINDS: tuple[Kind, ...] = ("callback", "booking")


def _table(kind: Kind) -> Any:
    return CallbackRow if kind == "callback" else BookingRow


def _state(kind: Kind) -> Any:
    return col(CallbackRow.status) if kind == "callback" else col(BookingRow.handling)


def _is_there(kind: Kind) -> ColumnElement[bool]:
    """Not taken back by the visitor; a drive called off after somebody took it stays, so that they learn of it."""
    if kind == "callback":
        return col(CallbackRow.status) != "withdrawn"
    return or_(col(BookingRow.status) == "booked", col(BookingRow.handling) != "new")


def _rows(kind: Kind, view: View, who: str) -> Select[Any]:
    table, state = _table(kind), _state(kind)
    drive = kind == "booking"
    query = select(
        literal(kind).label("kind"),
        table.id.label("id"),
        table.session_id.label("session_id"),
        state.label("state"),
        table.created_at.label("created_at"),
        table.phone.label("phone"),
        table.name.label("name"),
        (null() if drive else table.comment).label("comment"),
        table.note.label("note"),
        table.taken_by.label("taken_by"),
        table.taken_at.label("taken_at"),
        table.closed_at.label("closed_at"),
        (col(BookingRow.status) == "cancelled" if drive else literal(False)).label("cancelled"),
        (col(BookingRow.car) if drive else literal(None, SafeText)).label("car"),
        (col(BookingRow.starts_at) if drive else literal(None, UtcDateTime)).label("starts_at"),
        (col(BookingRow.minutes) if drive else literal(None, Integer)).label("minutes"),
    ).where(_is_there(kind))
    wanted: dict[View, ColumnElement[bool]] = {
        "open": state.in_(_OPEN),
        "new": state == "new",
        "mine": and_(state == "taken", table.taken_by == who),
        "closed": state.in_(("done", "no_answer")),
    }
    return query.where(wanted[view]) if view in wanted else query


def _beyond(keys: tuple[ColumnElement[Any], ...], after: Cursor, *, forwards: bool) -> ColumnElement[bool]:
    """Past the cursor, in the order of the keys."""
    conditions: list[ColumnElement[bool]] = []
    for place, (key, value) in enumerate(zip(keys, after, strict=True)):
        same = [one == other for one, other in zip(keys[:place], after[:place], strict=True)]
        conditions.append(and_(*same, key > value if forwards else key < value))
    return or_(*conditions)
