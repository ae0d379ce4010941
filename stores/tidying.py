"""Giving back the room of what was destroyed, and leaving nothing of it in the database's files."""

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import cast

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from stores.database import first_line
from stores.models import CallbackRow, DialogRow, TurnRow, VisitorRow
from stores.table import table_of

_PAGES_AT_ONCE = 200
_PAUSE_S = 0.02
_PATIENCE_S = 10.0
_VACUUMED = tuple(table_of(row).name for row in (DialogRow, TurnRow, CallbackRow, VisitorRow))

log = logging.getLogger(__name__)


def tidy(engine: Engine, stop: Callable[[], bool] = lambda: False) -> None:
    """After much was deleted: have the rows overwritten or their place reused, while others go on working.

    SQLite overwrites what is deleted (`secure_delete`); its write-ahead log still holds the old pages until they are
    checkpointed, and the file shrinks only when asked to. PostgreSQL keeps dead rows until a `VACUUM`; its write-ahead
    log and its backups are the operator's. What cannot be done now is logged, and done by the next call.
    """
    try:
        if engine.dialect.name == "sqlite":
            with closing(engine.raw_connection()) as connection:
                cursor = cast("sqlite3.Cursor", connection.cursor())
                _shrink(cursor, stop)
                _empty_log(cursor)
        elif engine.dialect.name == "postgresql":
            with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as autonomous:
                for name in _VACUUMED:
                    autonomous.exec_driver_sql(f"VACUUM {name}")
    except (SQLAlchemyError, sqlite3.Error) as error:
        log.warning("The room of what was destroyed is not given back yet: %s", first_line(error))


def _shrink(cursor: sqlite3.Cursor, stop: Callable[[], bool]) -> None:
    """Cut the free pages off the file, some at a time: each piece is a short transaction."""
    while not stop():
        free = _free_pages(cursor)
        begun = time.monotonic()
        # `execute` would stop after the first page: it frees one whenever it is asked for a row, of which it has none.
        cursor.executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})")
        left = _free_pages(cursor)
        if not left or left >= free:  # a file of old, that cannot shrink, keeps its free pages for later use
            return
        time.sleep(max(time.monotonic() - begun, _PAUSE_S))


def _free_pages(cursor: sqlite3.Cursor) -> int:
    cursor.execute("PRAGMA freelist_count")
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def _empty_log(cursor: sqlite3.Cursor) -> None:
    """Write the log into the file and cut it to nothing; a reader that is at it is waited for."""
    until = time.monotonic() + _PATIENCE_S
    cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")  # most of it without keeping anybody from writing
    cursor.fetchone()
    while True:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        row = cursor.fetchone()
        if row is not None and not row[0]:
            return
        if time.monotonic() > until:
            log.warning("The write-ahead log is in use; it is emptied next time")
            return
        time.sleep(_PAUSE_S)
