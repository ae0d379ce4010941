"""Putting a backup of the embedded database in the place of the database."""

import logging
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import insert, select

from stores.backup import copy_database, forget_again, unpack
from stores.database import first_line, looking_up, open_database, writing
from stores.errors import DatabaseUnavailable, InUse
from stores.office import ReceiptRow
from stores.pseudonyms import Pseudonyms
from stores.receipts import Receipts
from stores.table import table_of
from stores.tidying import tidy

log = logging.getLogger(__name__)


class Restored(NamedTuple):
    """What a restore did: where the database of before lies, None where there was none, and how many dialogs of the
    backup were forgotten since and are destroyed again."""

    aside: Path | None
    forgotten_again: int


def restore(backup: Path, database: Path, *, force: bool = False, now: datetime) -> Restored:
    """Put the database of `backup` in the place of `database`, of which a copy is laid aside first.

    It is swapped in within one transaction: killed at any moment, either the old or the new one is there. What was
    forgotten since the backup was made is destroyed in it again, with its receipts.

    Raises:
        BackupUnusable: the file is no backup, or not whole.
        InUse: another program has the database open, and it is not `force`d: the assistant must be stopped first.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    fresh = database.with_name(f"{database.name}.restoring")
    aside = database.with_name(f"{database.name}.before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    try:
        manifest = unpack(backup, fresh)
        if not database.exists():
            fresh.replace(database)
            _make_current(database)
            return Restored(None, 0)
        if not force:
            _check_unused(database)
        again = 0
        if _lay_aside(database, aside):
            again = _carry_receipts(aside, fresh, datetime.fromisoformat(str(manifest["made_at"])))
        _put(fresh, database)
    finally:
        for rest in ("", "-wal", "-shm", "-journal"):
            fresh.with_name(fresh.name + rest).unlink(missing_ok=True)
    _make_current(database)
    return Restored(aside, again)


def _check_unused(database: Path) -> None:
    """Leaving the write-ahead mode takes the database for oneself, which nobody can who is not alone."""
    try:
        with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error) and "busy" not in str(error):
            raise DatabaseUnavailable(f"{database} cannot be opened: {first_line(error)}") from error
        raise InUse(f"{database} is in use: stop the assistant first, or say --force") from error
    except sqlite3.DatabaseError:
        return  # it is broken: that is what backups are for


def _lay_aside(database: Path, aside: Path) -> bool:
    """Keep the database of before; False when it is broken, and was copied as it is."""
    aside.touch(0o600)
    try:
        copy_database(database, aside)
    except DatabaseUnavailable as error:
        log.warning("%s; its files are laid aside as they are", error)
        for rest in ("", "-wal"):
            if (file := database.with_name(database.name + rest)).exists():
                shutil.copyfile(file, aside.with_name(aside.name + rest))
        return False
    return True


def _carry_receipts(old: Path, fresh: Path, made_at: datetime) -> int:
    """Keep to what was forgotten since: destroy it in the fresh database, and carry its receipts over."""
    source, target = (open_database(f"sqlite:///{path.as_posix()}") for path in (old, fresh))
    receipts = table_of(ReceiptRow)
    columns = [column for column in receipts.c if column.name != "id"]
    try:
        subjects = Receipts(source).subjects_since(made_at)
        again = forget_again(target, subjects, Pseudonyms(source)) if subjects else 0
        with looking_up(source) as connection:
            rows = [dict(row) for row in connection.execute(select(*columns)).mappings()]
        with writing(target) as session:
            known = set(session.scalars(select(receipts.c.number)))
            missing = [row for row in rows if row["number"] not in known]
            if missing:
                session.execute(insert(receipts), missing)
        tidy(target)
    finally:
        source.dispose()
        target.dispose()
    return again


def _put(source: Path, target: Path) -> None:
    """Copy one database over another, in one transaction of the latter."""
    try:
        with (
            closing(sqlite3.connect(source, isolation_level=None)) as reader,
            closing(sqlite3.connect(target, timeout=15, isolation_level=None)) as writer,
        ):
            reader.backup(writer)
    except sqlite3.DatabaseError as error:
        if "not a database" not in str(error) and "malformed" not in str(error):
            raise DatabaseUnavailable(f"{target} cannot be written: {first_line(error)}") from error
        for rest in ("-wal", "-shm", "-journal"):
            target.with_name(target.name + rest).unlink(missing_ok=True)
        shutil.copyfile(source, target)


def _make_current(database: Path) -> None:
    """Bring the tables of an older version to this one's."""
    open_database(f"sqlite:///{database.as_posix()}").dispose()
