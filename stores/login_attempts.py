"""How often somebody may try to log in: counted in the database, so that it holds for all processes together.

By name: after `FREE` failures in a row the wait before the next attempt doubles from `FIRST_WAIT` up to `LONGEST_WAIT`.
An address from which the account was logged into in the last days has a count of its own: whoever guesses from
elsewhere cannot keep the owner out. By address: at most `PER_ADDRESS` failures in `ADDRESS_WINDOW`.
"""

import hashlib
import ipaddress
import math
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, delete, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.database import one_at_a_time
from stores.errors import LoginThrottled
from stores.locks import Lock
from stores.office import LoginAttemptRow

FREE = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
WINDOW = timedelta(days=1)
PER_ADDRESS = 30
ADDRESS_WINDOW = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=30)


class Attempt(NamedTuple):
    """Who tries, and from where; `name` is the account's, or `stranger(…)`."""

    name: str
    address: str | None


def stranger(name: str) -> str:
    """What is kept of a name that no account has: it may be a password typed into the wrong field."""
    return "?" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:24]


def network_of(address: str | None) -> str | None:
    """What is counted as one address: IPv6 by its /64, for that much is handed to one customer."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def begin(session: Session, attempt: Attempt, now: datetime) -> int:
    """Note an attempt as failed before it is judged, so that many at once are counted too; its number.

    Raises:
        LoginThrottled: it is not to be judged, and was not noted.
    """
    one_at_a_time(session, Lock.LOGIN_ATTEMPTS)
    wait = _wait(session, attempt, now)
    if wait > timedelta(0):
        raise LoginThrottled(max(1, math.ceil(wait.total_seconds())))
    session.execute(delete(LoginAttemptRow).where(col(LoginAttemptRow.at) < now - KNOWN_FOR))
    row = LoginAttemptRow(name=attempt.name, address=attempt.address, at=now, succeeded=False)
    session.add(row)
    session.flush()
    return row.id or 0


def succeed(session: Session, number: int) -> None:
    """The attempt turned out right; the failures before it do not count any more."""
    row = session.get(LoginAttemptRow, number)
    if row is not None:
        row.succeeded = True


def _wait(session: Session, attempt: Attempt, now: datetime) -> timedelta:
    name = col(LoginAttemptRow.name) == attempt.name
    here = and_(name, col(LoginAttemptRow.address) == attempt.address)
    if session.scalar(_successes(and_(here, col(LoginAttemptRow.at) > now - KNOWN_FOR))) is not None:
        return _wait_in_a_row(session, here, now)
    return max(_wait_in_a_row(session, name, now), _wait_of_address(session, attempt.address, now))


def _wait_in_a_row(session: Session, mine: ColumnElement[bool], now: datetime) -> timedelta:
    at = col(LoginAttemptRow.at)
    last_success = session.scalar(_successes(mine))
    failures = and_(mine, col(LoginAttemptRow.succeeded).is_(False), at > now - WINDOW)
    if last_success is not None:
        failures = and_(failures, at > last_success)
    count, last = session.execute(select(func.count(), func.max(at)).where(failures)).one()
    if count < FREE:
        return timedelta(0)
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(count - FREE, 10))
    until: datetime = last + wait
    return until - now


def _wait_of_address(session: Session, address: str | None, now: datetime) -> timedelta:
    at = col(LoginAttemptRow.at)
    failures = and_(
        col(LoginAttemptRow.address) == address,
        col(LoginAttemptRow.succeeded).is_(False),
        at > now - ADDRESS_WINDOW,
    )
    oldest_that_counts = session.scalar(
        select(at).where(failures).order_by(at.desc()).offset(PER_ADDRESS - 1).limit(1)
    )
    return timedelta(0) if oldest_that_counts is None else oldest_that_counts + ADDRESS_WINDOW - now


def _successes(which: ColumnElement[bool]) -> Select[Any]:
    return select(func.max(col(LoginAttemptRow.at))).where(which, col(LoginAttemptRow.succeeded).is_(True))
