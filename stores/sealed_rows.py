"""All rows that hold sealed text: which columns, whether this process has the keys to them, sealing them anew."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.columns import utc_now
from stores.database import reading, writing
from stores.errors import KeyUnusable, Unreadable
from stores.models import BookingRow, CallbackRow, ContactRow, MailingRow, SettingRow
from stores.sealing import Cipher
from stores.table import Table

_SETTING = "contact_keys"
_CHECKED = "visitors' contacts can be read"
_BATCH = 200


class _Sealed(NamedTuple):
    """The sealed columns of a table, and the column by which an equal `hashed` one is found, if there is one."""

    row: type[Table]
    key: str
    columns: tuple[str, ...]
    hashed: str | None = None
    hash: str | None = None


TABLES = (
    _Sealed(CallbackRow, "id", ("phone", "name", "comment", "note"), "phone", "phone_hash"),
    _Sealed(BookingRow, "id", ("phone", "name", "note"), "phone", "phone_hash"),
    _Sealed(MailingRow, "id", ("email",), "email", "email_hash"),
    _Sealed(ContactRow, "session_id", ("phone", "email", "name")),
)
"""Every table with sealed columns."""


def check_keys(engine: Engine, cipher: Cipher, *, lose: bool = False) -> None:
    """Make sure that what is stored can be read with these keys, and seal what was stored before there was sealing.

    To be called at start. The first process leaves a word sealed with its newest key in the database; who cannot read
    it has other keys, and must not add rows that nobody else can read. `lose` is for the sealing, see `reseal`.

    Raises `KeyUnusable`.
    """
    checks = _checks(engine)
    _readable(checks, cipher)
    if cipher.newest not in checks.get("words", {}):
        checks = _leave_word(engine, cipher)
    if not checks.get("sealed"):
        reseal(engine, cipher, lose=lose)
        _change_checks(engine, lambda now: {**now, "sealed": True})


def reseal(engine: Engine, cipher: Cipher, *, lose: bool = False) -> dict[str, int]:
    """Seal with the newest key all that is not; how many rows of each table that were.

    It may be broken off and begun again. With `lose` text whose key is lost is destroyed; else it raises `Unreadable`.
    """
    return {
        str(table.row.__tablename__): sum(_reseal_table(engine, cipher, table, lose=lose)) for table in TABLES
    }


def forget_older_keys(engine: Engine, cipher: Cipher) -> None:
    """From now on the newest key alone is asked for at start: for when `reseal` is through."""
    _change_checks(engine, lambda now: {**now, "words": {cipher.newest: now["words"][cipher.newest]}})


def replace_keys(engine: Engine, cipher: Cipher) -> None:
    """Take these keys for the right ones, whatever was stored with others: for when the others are lost."""
    with writing(engine) as session:
        row = session.get(SettingRow, _SETTING, with_for_update=True)
        if row is not None:
            session.delete(row)
    _leave_word(engine, cipher)


def is_current(engine: Engine, cipher: Cipher) -> bool:
    """Whether all rows are sealed with the newest key."""
    with reading(engine) as session:
        return not any(
            session.execute(select(_key(table)).where(_stale(table, cipher)).limit(1)).first()
            for table in TABLES
        )


def _checks(engine: Engine) -> dict[str, Any]:
    with reading(engine) as session:
        row = session.get(SettingRow, _SETTING)
        return {} if row is None else dict(row.value)


def _readable(checks: dict[str, Any], cipher: Cipher) -> None:
    for key_id, word in checks.get("words", {}).items():
        try:
            right = cipher.unseal(word) == _CHECKED
        except Unreadable:
            right = False
        if not right:
            raise KeyUnusable(
                f"visitors' contacts in the database were sealed with another key (its id is {key_id}): put it "
                "into SALON_CONTACT_KEYS, or restore contacts.key in the data folder"
            )


def _leave_word(engine: Engine, cipher: Cipher) -> dict[str, Any]:
    def leave(checks: dict[str, Any]) -> dict[str, Any]:
        _readable(checks, cipher)  # of two processes that start at once with different keys, one stops here
        word = cipher.seal(_CHECKED)
        return {**checks, "words": {**checks.get("words", {}), cipher.newest: word}}

    return _change_checks(engine, leave)


def _change_checks(engine: Engine, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    try:
        return _put_checks(engine, change)
    except IntegrityError:  # another process has just left the first word
        return _put_checks(engine, change)


def _put_checks(engine: Engine, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    with writing(engine) as session:
        row = session.get(SettingRow, _SETTING, with_for_update=True)
        checks = change({} if row is None else dict(row.value))
        if row is None:
            session.add(SettingRow(key=_SETTING, value=checks, changed_at=utc_now()))
        else:
            row.value, row.changed_at = checks, utc_now()
    return checks


def _reseal_table(engine: Engine, cipher: Cipher, table: _Sealed, *, lose: bool) -> Iterator[int]:
    """Batch by batch, each a transaction of its own, so that the chats go on meanwhile."""
    key = _key(table)
    last: Any = None
    while True:
        with writing(engine) as session:
            query = select(table.row).where(_stale(table, cipher)).order_by(key).limit(_BATCH)
            if last is not None:
                query = query.where(key > last)
            rows = session.scalars(query.with_for_update()).all()
            for row in rows:
                _reseal_row(session, row, cipher, table, lose=lose)
            if rows:
                last = getattr(rows[-1], table.key)
        if not rows:
            return
        yield len(rows)


def _reseal_row(session: Session, row: Any, cipher: Cipher, table: _Sealed, *, lose: bool) -> None:
    for name in table.columns:
        value = getattr(row, name)
        if value is None:
            continue
        try:
            plain = cipher.unseal(value)
        except Unreadable:
            if not lose:
                raise
            plain = ""
        setattr(row, name, cipher.seal(plain))
        if name == table.hashed and table.hash:
            of = cipher.of_email if name == "email" else cipher.of_phone
            setattr(row, table.hash, of(plain) if plain else None)
    session.add(row)


def _key(table: _Sealed) -> Any:
    return col(getattr(table.row, table.key))


def _stale(table: _Sealed, cipher: Cipher) -> ColumnElement[bool]:
    """Rows with a column that holds something, and not something sealed with the newest key."""
    columns = [col(getattr(table.row, name)) for name in table.columns]
    return or_(
        *(column.is_not(None) & (column != "") & column.not_like(f"{cipher.newest}:%") for column in columns)
    )
