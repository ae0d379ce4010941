"""Log-ins under way: a random token in the browser's cookie, of which the database keeps only the hash."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, cast

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.columns import utc_now
from stores.database import changing, looking_up, writing
from stores.office import AccountRow, StaffSessionRow

Role = Literal["staff", "admin"]
ROLES: tuple[Role, ...] = ("staff", "admin")
LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=2)
_SEEN_EVERY = timedelta(minutes=1)


class Member(NamedTuple):
    """Whose log-in it is; `login` names the log-in without giving it away."""

    account_id: int
    name: str
    role: Role
    login: str


def new_token() -> str:
    """A secret that cannot be guessed, for a cookie or a link."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is kept of a token. It is random and long, so a plain hash will do."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def open_session(session: Session, account_id: int, address: str | None, now: datetime) -> str:
    """Begin a log-in within a transaction; the token for the cookie. What has expired is cleared away."""
    session.execute(delete(StaffSessionRow).where(col(StaffSessionRow.expires_at) <= now))
    token = new_token()
    session.add(
        StaffSessionRow(
            token_hash=hash_of(token),
            account_id=account_id,
            created_at=now,
            seen_at=now,
            expires_at=now + LONGEST,
            address=address,
        )
    )
    return token


def end_sessions(session: Session, account_id: int, *, but: str | None = None) -> None:
    """End the log-ins of an account within a transaction, except the one with the token `but`."""
    ended = delete(StaffSessionRow).where(col(StaffSessionRow.account_id) == account_id)
    if but is not None:
        ended = ended.where(col(StaffSessionRow.token_hash) != hash_of(but))
    session.execute(ended)


class StaffSessions:
    """Log-ins by their token. Each method may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def member(self, token: str, *, seen: bool = True) -> Member | None:
        """Who is logged in with this token; None when nobody is (any more), or the account was closed.

        A log-in ends `LONGEST` after it began, and `IDLE` after the last request that counts as `seen`.
        """
        now, token_hash = self._clock(), hash_of(token)
        query = (
            select(
                col(AccountRow.id),
                col(AccountRow.name),
                col(AccountRow.role),
                col(StaffSessionRow.seen_at),
            )
            .join(StaffSessionRow, col(StaffSessionRow.account_id) == col(AccountRow.id))
            .where(
                col(StaffSessionRow.token_hash) == token_hash,
                col(StaffSessionRow.expires_at) > now,
                col(StaffSessionRow.seen_at) > now - IDLE,
                col(AccountRow.active).is_(True),
            )
        )
        with looking_up(self._engine) as connection:
            found = connection.execute(query).first()
        if found is None:
            return None
        if seen and found.seen_at < now - _SEEN_EVERY:
            self._note(token_hash, now)
        return Member(found.id, found.name, cast("Role", found.role), token_hash[:16])

    def end(self, token: str) -> None:
        """Log out; an unknown token is no error."""
        with writing(self._engine) as session:
            ended = delete(StaffSessionRow).where(col(StaffSessionRow.token_hash) == hash_of(token))
            session.execute(ended)

    def _note(self, token_hash: str, now: datetime) -> None:
        with changing(self._engine) as connection:
            connection.execute(
                update(StaffSessionRow)
                .where(col(StaffSessionRow.token_hash) == token_hash)
                .values(seen_at=now)
            )
