"""Links that make the first account or set the password of an account: they work once, and for a day."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.errors import SetupLinkInvalid
from stores.office import AccountRow, SetupLinkRow
from stores.staff_sessions import hash_of, new_token

VALID = timedelta(hours=24)


class SetupLink(NamedTuple):
    """What a link is for: `name` is the account whose password it sets, None where it makes the first account."""

    account_id: int | None
    name: str | None


def make(session: Session, account_id: int | None, now: datetime) -> str:
    """A new link within a transaction; its token. Earlier links for the same end work no more."""
    session.execute(delete(SetupLinkRow).where(col(SetupLinkRow.account_id).is_not_distinct_from(account_id)))
    token = new_token()
    row = SetupLinkRow(
        token_hash=hash_of(token), account_id=account_id, created_at=now, expires_at=now + VALID
    )
    session.add(row)
    return token


def revoke(session: Session, account_id: int) -> None:
    """Let no link of an account work any more, within a transaction."""
    session.execute(delete(SetupLinkRow).where(col(SetupLinkRow.account_id) == account_id))


def look(session: Session, token: str, now: datetime) -> SetupLink:
    """What the link is for; it stays good. Raises `SetupLinkInvalid`."""
    row = _valid(session, token, now)
    if row.account_id is None:
        return SetupLink(None, None)
    account = session.get(AccountRow, row.account_id)
    if account is None or not account.active:
        raise SetupLinkInvalid
    return SetupLink(row.account_id, account.name)


def use(session: Session, token: str, now: datetime) -> SetupLink:
    """What the link is for; it works no more once the transaction is done. Raises `SetupLinkInvalid`."""
    found = look(session, token, now)
    row = _valid(session, token, now, lock=True)
    row.used_at = now
    return found


def _valid(session: Session, token: str, now: datetime, *, lock: bool = False) -> SetupLinkRow:
    row = session.get(SetupLinkRow, hash_of(token), with_for_update=lock, populate_existing=lock)
    if row is None or row.used_at is not None or row.expires_at <= now:
        raise SetupLinkInvalid
    if row.account_id is None and session.scalar(select(col(AccountRow.id)).limit(1)) is not None:
        raise SetupLinkInvalid
    return row
