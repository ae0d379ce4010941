"""One database for everything the assistant keeps: SQLite in a file or PostgreSQL, migrated at start.

Every store reads within `reading(engine)` and writes within `writing(engine)`; both turn a database that went away
into `DatabaseUnavailable`.
"""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from stores.columns import to_json
from stores.errors import DatabaseUnavailable
from stores.locks import Lock
from stores.text_search import SQLITE_FUNCTION, holds

MIGRATIONS = Path(__file__).parent / "migrations"
SQLITE_BUSY_SECONDS = 15.0
CONNECT_SECONDS = 10
_WENT_AWAY = (OperationalError, InterfaceError, InternalError, PoolTimeout)

logger = logging.getLogger(__name__)


def open_database(url: str) -> Engine:
    """Connect, make the tables of this version, and give back the engine that all stores share.

    A SQLite file and its folder are created when missing; it runs in WAL mode with foreign keys enforced. Two
    processes may start at once: one migrates, the other waits. A read-only database opens if it is up to date.

    Raises:
        DatabaseUnavailable: the URL is wrong, nobody answers, or the tables cannot be brought up to date.
    """
    parsed = _parse(url)
    try:
        _make_folder(parsed)
        engine = create_engine(parsed, json_serializer=to_json, hide_parameters=True, **_options(parsed))
    except ModuleNotFoundError as error:
        raise _unopened(parsed, f"the driver {error.name!r} is not installed") from error
    except (NoSuchModuleError, ArgumentError, TypeError, OSError) as error:
        raise _unopened(parsed, first_line(error)) from error
    try:
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            _switch_to_wal(engine)
        _migrate(engine)
    except CommandError as error:
        engine.dispose()
        raise _unopened(parsed, f"another version of this program made it: {first_line(error)}") from error
    except (SQLAlchemyError, sqlite3.Error, UnicodeError) as error:
        engine.dispose()
        raise _unopened(parsed, first_line(error)) from error
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session for looking things up; nothing it changes is kept."""
    try:
        with Session(engine) as session:
            yield session
    except _WENT_AWAY as error:
        raise DatabaseUnavailable(f"the database cannot be read: {first_line(error)}") from error


@contextmanager
def looking_up(engine: Engine) -> Iterator[Connection]:
    """A connection for queries of plain columns: without the bookkeeping of a session, in half the time."""
    try:
        with engine.connect() as connection:
            yield connection
    except _WENT_AWAY as error:
        raise DatabaseUnavailable(f"the database cannot be read: {first_line(error)}") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction: committed when the block ends, undone when it raises.

    On SQLite the write lock is taken at the start, so that what the block reads is still true when it writes.
    """
    try:
        with Session(engine.execution_options(writes=True)) as session, session.begin():
            yield session
    except _WENT_AWAY as error:
        raise DatabaseUnavailable(f"the database cannot be written: {first_line(error)}") from error


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """`writing` with a connection for plain statements, for what happens at every message."""
    try:
        with engine.execution_options(writes=True).begin() as connection:
            yield connection
    except _WENT_AWAY as error:
        raise DatabaseUnavailable(f"the database cannot be written: {first_line(error)}") from error


def one_at_a_time(session: Session, lock: Lock) -> None:
    """Wait until no other transaction, of any process, holds `lock`; it is let go when this transaction ends.

    On SQLite there is nothing to do: it has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": int(lock)})


def masked(url: URL) -> str:
    """The URL as it may be shown: without password and without the query, which may hold one too."""
    return url.set(query={}).render_as_string(hide_password=True)


def first_line(error: BaseException) -> str:
    """What a driver says, cut to its first line, without SQLAlchemy's additions."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0].strip()


def alembic_config() -> Config:
    """The settings of Alembic, independent of the current folder."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _unopened(url: URL, why: str) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"the database {masked(url)} cannot be opened: {why}")


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        # The text itself is not repeated: it may hold a password.
        raise DatabaseUnavailable("the database URL cannot be understood; expected dialect://…") from error


def _is_memory(url: URL) -> bool:
    return url.database in {None, "", ":memory:"}


def _make_folder(url: URL) -> None:
    if (
        url.get_backend_name() == "sqlite"
        and not _is_memory(url)
        and not str(url.database).startswith("file:")
    ):
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)


def _options(url: URL) -> dict[str, Any]:
    backend = url.get_backend_name()
    if backend == "sqlite":
        arguments: dict[str, Any] = {"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False}
        # In memory a database is as old as its connection: all threads take turns at a single one.
        memory = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0} if _is_memory(url) else {}
        return {"connect_args": arguments, **memory}
    options: dict[str, Any] = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20}
    if backend == "postgresql" and "connect_timeout" not in url.query:
        options["connect_args"] = {"connect_timeout": CONNECT_SECONDS}
    return options


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun in `_begin_sqlite`, not by the driver's guess
    connection.execute("PRAGMA foreign_keys = ON")
    connection.create_function(SQLITE_FUNCTION, 3, holds, deterministic=True)
    connection.execute("PRAGMA secure_delete = ON")  # what was forgotten is overwritten, not just unlinked


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _switch_to_wal(engine: Engine) -> None:
    """WAL lets readers and one writer work side by side; it is a property of the file and stays."""
    give_up = time.monotonic() + SQLITE_BUSY_SECONDS
    with closing(engine.raw_connection()) as connection:
        while True:
            try:
                cursor = connection.cursor()
                if cursor.execute("PRAGMA page_count").fetchone() == (0,):
                    cursor.execute(
                        "PRAGMA auto_vacuum = INCREMENTAL"
                    )  # only a new file takes it: it can shrink later
                cursor.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "readonly" in str(error):
                    return
                # Changing the mode does not wait for another process that does the same, whatever the busy timeout.
                if "locked" not in str(error) or time.monotonic() > give_up:
                    raise
                time.sleep(0.05)


def _migrate(engine: Engine) -> None:
    config = alembic_config()
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": int(Lock.MIGRATION)})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    logger.info("the tables are at version %s", head)
