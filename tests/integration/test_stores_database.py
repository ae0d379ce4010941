"""Opening the database: on SQLite and PostgreSQL, twice at once, and when it cannot be had."""

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, select

from stores.database import MIGRATIONS, alembic_config, one_at_a_time, open_database, reading, writing
from stores.errors import DatabaseUnavailable
from stores.locks import Lock
from stores.models import SettingRow, VisitorRow
from stores.table import Table

MOMENT = datetime(2026, 11, 21, 12, 30, 15, 123456, tzinfo=UTC)


def put(engine: Engine, key: str, value: object, at: datetime = MOMENT) -> None:
    with writing(engine) as session:
        session.add(SettingRow(key=key, value=value, changed_at=at))


def test_models_and_migrations_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Table.metadata) == []


def test_the_first_migration_can_be_undone(engine: Engine) -> None:
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}


def test_opening_again_keeps_what_was_stored(database_url: str) -> None:
    first = open_database(database_url)
    put(first, "greeting", {"ru": "Здравствуйте"})
    first.dispose()
    second = open_database(database_url)
    with reading(second) as session:
        assert session.get_one(SettingRow, "greeting").value == {"ru": "Здравствуйте"}
    second.dispose()


def test_moments_come_back_aware_and_in_utc_whatever_zone_they_were_given_in(engine: Engine) -> None:
    moscow = MOMENT.astimezone(timezone(timedelta(hours=3)))
    put(engine, "a", 1, at=moscow)
    with reading(engine) as session:
        stored = session.get_one(SettingRow, "a").changed_at
    assert stored == MOMENT
    assert stored.tzinfo is UTC


def test_a_naive_moment_is_refused(engine: Engine) -> None:
    with pytest.raises(Exception, match="has no time zone"):
        put(engine, "a", 1, at=datetime(2026, 1, 1))


@pytest.mark.parametrize("value", [None, 0, "", [], {"а": ["\x00", "\ud800", "🚗"]}])
def test_any_json_value_is_stored_on_both_databases(engine: Engine, value: object) -> None:
    put(engine, "a", value)
    with reading(engine) as session:
        stored = session.get_one(SettingRow, "a").value
    assert stored == (value if value in (None, 0, "", []) else {"а": ["\x00", "?", "🚗"]})


def test_text_that_no_database_could_keep_is_cleaned_on_the_way_in(engine: Engine) -> None:
    put(engine, "к\x00люч\ud800", 1)
    with reading(engine) as session:
        assert session.scalars(select(SettingRow.key)).all() == ["ключ?"]


def test_nothing_of_a_failed_transaction_stays(engine: Engine) -> None:
    def fail() -> None:
        with writing(engine) as session:
            session.add(SettingRow(key="a", value=1, changed_at=MOMENT))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with reading(engine) as session:
        assert session.get(SettingRow, "a") is None


def test_many_threads_that_read_and_then_write_lose_no_update(engine: Engine) -> None:
    put(engine, "counter", 0)
    failures: list[Exception] = []

    def count() -> None:
        try:
            for _ in range(10):
                with writing(engine) as session:
                    one_at_a_time(session, Lock.SETTINGS)
                    row = session.get_one(SettingRow, "counter")
                    row.value += 1
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with reading(engine) as session:
        assert session.get_one(SettingRow, "counter").value == 80


def test_readers_are_not_stopped_by_a_writer(engine: Engine) -> None:
    put(engine, "a", "before")
    with writing(engine) as session:
        session.get_one(SettingRow, "a").value = "after"
        session.flush()
        with reading(engine) as other:
            assert other.get_one(SettingRow, "a").value == "before"
    with reading(engine) as session:
        assert session.get_one(SettingRow, "a").value == "after"


def test_two_processes_may_open_a_fresh_database_at_once(database_url: str) -> None:
    code = "import sys; from stores.database import open_database; open_database(sys.argv[1]).dispose()"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, database_url], cwd=MIGRATIONS.parent.parent, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    for process in processes:
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == 0, stderr.decode()
    engine = open_database(database_url)
    assert set(Table.metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_migrations_are_found_from_any_folder(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    open_database(sqlite_url).dispose()


def test_sqlite_runs_in_wal_mode_with_foreign_keys_and_overwrites_what_is_deleted(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        assert (connection.exec_driver_sql("PRAGMA busy_timeout").scalar() or 0) >= 5000
    engine.dispose()


def test_a_database_in_memory_is_one_for_all_threads() -> None:
    engine = open_database("sqlite://")
    put(engine, "a", 1)
    seen: list[object] = []

    def look() -> None:
        with reading(engine) as session:
            seen.append(session.get_one(SettingRow, "a").value)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [1]
    engine.dispose()


@pytest.mark.parametrize(
    "url, said",
    [
        ("postgresql+psycopg://clerk:hunter2@127.0.0.1:1/salon?password=hunter3", "Connection refused"),
        ("postgresql+psycopg://clerk:hunter2@no-such-host.invalid/salon", "no-such-host.invalid"),
        ("mysql://clerk:hunter2@127.0.0.1/salon", "is not installed"),
        ("dbase://clerk:hunter2@127.0.0.1/salon", "dbase"),
        ("clerk:hunter2", "cannot be understood"),
    ],
)
def test_an_unreachable_database_is_one_sentence_without_the_password(url: str, said: str) -> None:
    with pytest.raises(DatabaseUnavailable) as raised:
        open_database(url)
    sentence = str(raised.value)
    assert said in sentence
    assert "hunter" not in sentence
    assert "\n" not in sentence


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "salon.db").write_text("Это не база данных, а письмо.\n" * 100, encoding="utf-8")
    with pytest.raises(DatabaseUnavailable, match=r"salon\.db.*not a database"):
        open_database(f"sqlite:///{tmp_path / 'salon.db'}")


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnavailable, match="cannot be opened"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'salon.db'}")
    with pytest.raises(DatabaseUnavailable, match="unable to open database file"):
        open_database(f"sqlite:///{tmp_path}")


def test_a_database_of_a_newer_version_is_left_alone(engine: Engine, database_url: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseUnavailable, match="another version of this program"):
        open_database(database_url)


def test_a_read_only_file_can_be_read_and_says_so_when_written(sqlite_url: str) -> None:
    writable = open_database(sqlite_url)
    put(writable, "a", 1)
    path = writable.url.database
    engine = open_database(f"sqlite:///file:{path}?mode=ro&uri=true")
    with reading(engine) as session:
        assert session.get_one(SettingRow, "a").value == 1
    with pytest.raises(DatabaseUnavailable, match="cannot be written: attempt to write a readonly database"):
        put(engine, "b", 2)
    engine.dispose()
    writable.dispose()


def test_a_read_only_file_without_tables_is_refused(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    with pytest.raises(DatabaseUnavailable, match="readonly"):
        open_database(f"sqlite:///file:{tmp_path / 'empty.db'}?mode=ro&uri=true")


def test_a_writer_that_waits_too_long_is_told_that_the_database_is_locked(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stores.database.SQLITE_BUSY_SECONDS", 0.2)
    engine = open_database(sqlite_url)
    with writing(engine) as session:
        session.add(VisitorRow(token="t", created_at=MOMENT, seen_at=MOMENT, memory={}))
        session.flush()
        with pytest.raises(DatabaseUnavailable, match="database is locked"):
            put(engine, "a", 1)
    put(engine, "a", 1)
    engine.dispose()


def test_a_postgresql_server_that_goes_away_is_said_so(postgres_database_url: str) -> None:
    engine = open_database(postgres_database_url)

    def read_on_after_the_server_hung_up() -> None:
        with reading(engine) as session:
            pid = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with open_database(postgres_database_url).begin() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
            session.scalars(select(SettingRow)).all()

    with pytest.raises(DatabaseUnavailable, match="cannot be read"):
        read_on_after_the_server_hung_up()
    put(engine, "a", 1)  # the pool mends itself
    engine.dispose()
