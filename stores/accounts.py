"""The accounts of the salon's people: who may log in, as what, with which password."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from stores import login_attempts, setup_links
from stores.columns import utc_now
from stores.database import one_at_a_time, reading, writing
from stores.errors import AccountNotFound, LastAdmin, LoginRefused, NameInvalid, NameTaken, SetupLinkInvalid
from stores.locks import Lock
from stores.login_attempts import Attempt
from stores.office import AccountRow
from stores.passwords import Passwords
from stores.setup_links import SetupLink
from stores.staff_sessions import Role, end_sessions, open_session

_NAME = re.compile(r"[\w.@+-]{2,64}")


class Account(BaseModel):
    """An account as it may be shown; `ready` is false until somebody has set a password."""

    model_config = ConfigDict(frozen=True)

    id: int
    name: str
    role: Role
    active: bool
    ready: bool
    created_at: datetime
    password_changed_at: datetime | None


class Login(NamedTuple):
    """A log-in that succeeded: the token for the cookie, and whose it is."""

    token: str
    name: str
    role: Role


def name_of(text: str) -> str:
    """A name as it is kept and compared: small letters, no spaces around it. Raises `NameInvalid`."""
    name = unicodedata.normalize("NFKC", text).strip().casefold()
    if not _NAME.fullmatch(name):
        raise NameInvalid(text)
    return name


class Accounts:
    """Accounts by name. Each method may raise `DatabaseUnavailable`; those that take a name `AccountNotFound`."""

    def __init__(
        self,
        engine: Engine,
        *,
        passwords: Passwords | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine = engine
        self._passwords = passwords or Passwords()
        self._clock = clock

    # Who there is -------------------------------------------------------------------------------------------------

    def all(self) -> list[Account]:
        """Every account, by name; those that were closed too."""
        with reading(self._engine) as session:
            return [
                _public(row) for row in session.scalars(select(AccountRow).order_by(col(AccountRow.name)))
            ]

    def get(self, name: str) -> Account:
        """The account of this name."""
        with reading(self._engine) as session:
            return _public(_row(session, name))

    def add(self, name: str, role: Role) -> str:
        """Make an account without a password; the token of the link that sets one.

        Raises:
            NameInvalid, NameTaken: choose another name.
        """
        known = name_of(name)
        with writing(self._engine) as session:
            return setup_links.make(session, self._insert(session, known, role, None), self._clock())

    def add_ready(self, name: str, role: Role, password: str) -> None:
        """Make an account with a password.

        Raises:
            NameInvalid, NameTaken, PasswordTooShort, PasswordIsName: choose another one.
        """
        known = name_of(name)
        password_hash = self._passwords.hash(password, name=known)
        with writing(self._engine) as session:
            self._insert(session, known, role, password_hash)

    def set_role(self, name: str, role: Role) -> None:
        """Make somebody staff or admin, from their next request on. Raises `LastAdmin`."""
        with writing(self._engine) as session:
            row = self._locked(session, name)
            if role != "admin":
                self._spare_last_admin(session, row)
            row.role = role

    def deactivate(self, name: str) -> None:
        """Close an account: its log-ins end at once, its links work no more. Raises `LastAdmin`."""
        with writing(self._engine) as session:
            row = self._locked(session, name)
            self._spare_last_admin(session, row)
            row.active = False
            end_sessions(session, row.id or 0)
            setup_links.revoke(session, row.id or 0)

    def activate(self, name: str) -> None:
        """Open an account again, with the password that it had."""
        with writing(self._engine) as session:
            self._locked(session, name).active = True

    # Passwords and links ------------------------------------------------------------------------------------------

    def first_link(self) -> str | None:
        """The token of a link that makes the first account; None where there is an account already.

        Only the latest link works: two processes that start at once give out two, and one of them is void.
        """
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.ACCOUNTS)
            if session.scalar(select(func.count()).select_from(AccountRow)):
                return None
            return setup_links.make(session, None, self._clock())

    def reset_link(self, name: str) -> str:
        """The token of a link that sets the password anew; the old one holds until then.

        Raises:
            SetupLinkInvalid: the account is closed, so a link would not work.
        """
        with writing(self._engine) as session:
            row = self._locked(session, name)
            if not row.active:
                raise SetupLinkInvalid
            return setup_links.make(session, row.id, self._clock())

    def look_at_link(self, token: str) -> SetupLink:
        """What a link is for; it stays good. Raises `SetupLinkInvalid`."""
        with reading(self._engine) as session:
            return setup_links.look(session, token, self._clock())

    def use_link(self, token: str, *, name: str | None, password: str, address: str | None) -> Login:
        """Set the password by a link and log in; `name` is asked for where the link makes the first account.

        Raises:
            SetupLinkInvalid: it works no more.
            NameInvalid, PasswordTooShort, PasswordIsName: choose another one; the link stays good.
        """
        link = self.look_at_link(token)
        known = link.name if link.name is not None else name_of(name or "")
        password_hash = self._passwords.hash(password, name=known)
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.ACCOUNTS)
            now = self._clock()
            used = setup_links.use(session, token, now)
            if used.account_id is None:
                self._insert(session, known, "admin", password_hash)
                row = _row(session, known)
            else:
                row = _row(session, known, lock=True)
                row.password_hash, row.password_changed_at = password_hash, now
                end_sessions(session, row.id or 0)
            return self._logged_in(session, row, address)

    def change_password(self, name: str, old: str, new: str, *, keep: str, address: str | None) -> None:
        """Set a password by the old one; all log-ins of the account but the one with the token `keep` end.

        Raises:
            LoginRefused: the old password is wrong.
            LoginThrottled: too many wrong ones; they count like failures to log in.
            PasswordTooShort, PasswordIsName: choose another one.
        """
        known = self._prove(name, old, address)
        password_hash = self._passwords.hash(new, name=known)
        with writing(self._engine) as session:
            row = _row(session, known, lock=True)
            row.password_hash, row.password_changed_at = password_hash, self._clock()
            end_sessions(session, row.id or 0, but=keep)

    # Logging in ---------------------------------------------------------------------------------------------------

    def log_in(self, name: str, password: str, *, address: str | None) -> Login:
        """Judge name and password, and begin a log-in.

        Raises:
            LoginRefused: they do not belong together, or the account is closed or not ready.
            LoginThrottled: there were too many failures before; the password was not looked at.
        """
        known = self._prove(name, password, address)
        with writing(self._engine) as session:
            row = _row(session, known, lock=True)
            if not row.active:
                raise LoginRefused
            if row.password_hash is not None and self._passwords.is_outdated(row.password_hash):
                row.password_hash = self._passwords.rehash(password)
            return self._logged_in(session, row, address)

    def _prove(self, name: str, password: str, address: str | None) -> str:
        """The name of the account that the password belongs to; the attempt is counted first."""
        network = login_attempts.network_of(address)
        with writing(self._engine) as session:
            row = _find(session, name)
            known = login_attempts.stranger(name) if row is None else row.name
            kept = row.password_hash if row is not None and row.active else None
            number = login_attempts.begin(session, Attempt(known, network), self._clock())
        if not self._passwords.verify(password, kept):
            raise LoginRefused
        with writing(self._engine) as session:
            login_attempts.succeed(session, number)
        return known

    def _logged_in(self, session: Session, row: AccountRow, address: str | None) -> Login:
        account = _public(row)
        return Login(open_session(session, account.id, address, self._clock()), account.name, account.role)

    # Rows ---------------------------------------------------------------------------------------------------------

    def _insert(self, session: Session, name: str, role: Role, password_hash: str | None) -> int:
        now = self._clock()
        changed = now if password_hash else None
        row = AccountRow(
            name=name, role=role, password_hash=password_hash, created_at=now, password_changed_at=changed
        )
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise NameTaken(name) from error
        return row.id or 0

    def _locked(self, session: Session, name: str) -> AccountRow:
        """A row to be changed; the changes of accounts take turns, so that two cannot each remove the last admin."""
        one_at_a_time(session, Lock.ACCOUNTS)
        return _row(session, name, lock=True)

    def _spare_last_admin(self, session: Session, row: AccountRow) -> None:
        others = (
            select(func.count())
            .select_from(AccountRow)
            .where(
                col(AccountRow.role) == "admin",
                col(AccountRow.active).is_(True),
                col(AccountRow.id) != row.id,
                col(AccountRow.password_hash).is_not(None),
            )
        )
        if row.role == "admin" and row.active and not session.scalar(others):
            raise LastAdmin(row.name)


def _find(session: Session, name: str, *, lock: bool = False) -> AccountRow | None:
    try:
        known = name_of(name)
    except NameInvalid:
        return None
    query = select(AccountRow).where(col(AccountRow.name) == known)
    return session.scalars(query.with_for_update() if lock else query).first()


def _row(session: Session, name: str, *, lock: bool = False) -> AccountRow:
    row = _find(session, name, lock=lock)
    if row is None:
        raise AccountNotFound(name)
    return row


def _public(row: AccountRow) -> Account:
    return Account(
        id=row.id or 0,
        name=row.name,
        role=row.role,  # pydantic checks it
        active=row.active,
        ready=row.password_hash is not None,
        created_at=row.created_at,
        password_changed_at=row.password_changed_at,
    )
