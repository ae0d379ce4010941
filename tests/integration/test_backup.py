"""Backups of the embedded database are made while chats go on, checked, rotated, and put back."""

import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from jobs.__main__ import main
from jobs.bench.retention import fill
from stores.backup import Backups, Stopped, unpack
from stores.database import open_database
from stores.dialogs import Dialogs
from stores.errors import BackupUnusable, DialogNotFound, InUse
from stores.forgetting import Forgetting
from stores.job_runs import JobRuns
from stores.receipts import Receipts
from stores.restoring import restore
from stores.sealing import Cipher
from tests.integration.stopped_clock import Clock

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Engine]:
    engine = open_database(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def backups(sqlite: Engine, tmp_path: Path, clock: Clock) -> Backups:
    return Backups(sqlite, tmp_path / "backups", clock=clock)


@pytest.fixture
def asked(sqlite: Engine) -> Callable[[str], str]:
    def ask(question: str) -> str:
        dialogs = Dialogs(sqlite)
        session = dialogs.open(
            kind="web", language="ru", consent=None, address=None, remember=False, visitor=None
        ).session_id
        dialogs.add_question(session, question)
        return session

    return ask


def questions(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT question FROM turns ORDER BY id")).scalars())


def file_of(engine: Engine) -> Path:
    return Path(str(engine.url.database))


def test_a_backup_is_put_back_and_the_database_of_before_is_laid_aside(
    sqlite: Engine, sqlite_url: str, backups: Backups, asked: Callable[[str], str]
) -> None:
    asked("before")
    made = backups.make()
    asked("after")
    sqlite.dispose()
    restored = restore(made.path, file_of(sqlite), now=NOW)
    assert questions(open_database(sqlite_url)) == ["before"]
    assert restored.aside is not None
    assert questions(open_database(f"sqlite:///{restored.aside.as_posix()}")) == ["before", "after"]


def test_nothing_is_put_in_the_place_of_a_database_in_use_unless_it_must(
    sqlite: Engine, backups: Backups, asked: Callable[[str], str]
) -> None:
    asked("before")
    made = backups.make()
    asked("after")
    with pytest.raises(InUse, match="stop the assistant first"):
        restore(made.path, file_of(sqlite), now=NOW)
    assert questions(sqlite) == ["before", "after"]
    restore(made.path, file_of(sqlite), force=True, now=NOW)
    assert questions(sqlite) == ["before"]
    asked("and on")
    assert questions(sqlite) == ["before", "and on"]


def test_a_backup_is_one_moment_though_chats_go_on(sqlite: Engine, backups: Backups, tmp_path: Path) -> None:
    fill(sqlite, 8_000)
    done, failed = threading.Event(), []

    def chat() -> None:
        dialogs = Dialogs(sqlite)
        while not done.is_set():
            try:
                session = dialogs.open(
                    kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
                ).session_id
                dialogs.add_question(session, "Есть седаны?")
            except Exception as error:
                failed.append(error)

    thread = threading.Thread(target=chat)
    thread.start()
    try:
        made = backups.make()
    finally:
        done.set()
        thread.join()
    assert not failed
    unpack(made.path, tmp_path / "copy.db")  # its checksum and its integrity are looked at
    with open_database(f"sqlite:///{tmp_path}/copy.db").connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM turns")).scalar() >= 8_000
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_a_backup_holds_neither_the_key_nor_open_contacts(backups: Backups, tmp_path: Path) -> None:
    made = backups.make()
    with zipfile.ZipFile(made.path) as packed:
        assert sorted(packed.namelist()) == ["manifest.json", "salon.db"]
    assert made.path.stat().st_mode & 0o077 == 0
    assert [path.name for path in made.path.parent.iterdir()] == ["salon-20261120T040000Z.zip"]


def test_the_newest_backups_stay(backups: Backups, clock: Clock) -> None:
    for day in range(5):
        clock.now = NOW + timedelta(days=day)
        backups.make()
    (backups.all()[0].path.parent / "notes.zip").write_text("somebody else's", encoding="utf-8")
    assert backups.rotate(2) == 3
    assert [backup.made_at.day for backup in backups.all()] == [24, 23]
    assert backups.rotate(0) == 1  # a mistaken setting never removes the last one


def test_what_was_forgotten_leaves_the_backups_and_does_not_come_back(
    sqlite: Engine,
    backups: Backups,
    asked: Callable[[str], str],
    cipher: Cipher,
    clock: Clock,
    tmp_path: Path,
) -> None:
    forgotten, kept = asked("forget me"), asked("keep me")
    made = backups.make()
    untouched = tmp_path / "elsewhere.zip"
    untouched.write_bytes(made.path.read_bytes())
    clock.now = NOW + timedelta(hours=1)
    receipt = Forgetting(sqlite, cipher, clock=clock).forget(forgotten, cause="visitor")
    assert backups.cleanse() == 1
    assert backups.cleanse() == 0
    unpack(made.path, tmp_path / "copy.db")
    assert b"forget me" not in (tmp_path / "copy.db").read_bytes()
    assert b"keep me" in (tmp_path / "copy.db").read_bytes()
    sqlite.dispose()
    assert restore(untouched, file_of(sqlite), now=NOW).forgotten_again == 1
    assert Dialogs(sqlite).get(kept)
    with pytest.raises(DialogNotFound):
        Dialogs(sqlite).get(forgotten)
    assert Receipts(sqlite).get(receipt.number).subject == receipt.subject


def test_a_visitor_who_was_forgotten_alone_is_in_no_backup_either(
    sqlite: Engine, backups: Backups, cipher: Cipher, clock: Clock, tmp_path: Path
) -> None:
    dialog = Dialogs(sqlite, clock=clock).open(
        kind="web", language="ru", consent=None, address=None, remember=True, visitor=None
    )
    token = dialog.visitor or ""
    made = backups.make()
    clock.now = NOW + timedelta(hours=1)
    assert Forgetting(sqlite, cipher, clock=clock).forget_visitor(token, cause="visitor") is not None
    assert backups.cleanse() == 1
    unpack(made.path, tmp_path / "copy.db")
    left = (tmp_path / "copy.db").read_bytes()
    assert token.encode() not in left
    assert dialog.session_id.encode() in left


def test_a_broken_backup_is_refused_and_changes_nothing(
    sqlite: Engine, backups: Backups, asked: Callable[[str], str], tmp_path: Path
) -> None:
    asked("before")
    whole = backups.make().path.read_bytes()
    sqlite.dispose()
    broken = tmp_path / "broken.zip"
    for content in (
        b"",
        b"no zip at all",
        whole[: len(whole) // 2],
        whole[:500] + b"\x00" * 50 + whole[550:],
    ):
        broken.write_bytes(content)
        with pytest.raises(BackupUnusable):
            restore(broken, file_of(sqlite), now=NOW)
    with pytest.raises(BackupUnusable, match="there is no file"):
        restore(tmp_path / "nowhere.zip", file_of(sqlite), now=NOW)
    assert questions(sqlite) == ["before"]
    assert sorted(path.name for path in file_of(sqlite).parent.iterdir() if "wal" not in path.name) == [
        "salon.db",
        "salon.db-shm",
    ]


def test_a_broken_database_is_no_hindrance(
    sqlite: Engine, backups: Backups, asked: Callable[[str], str]
) -> None:
    asked("before")
    made = backups.make()
    sqlite.dispose()
    file_of(sqlite).write_bytes(b"\x00garbage" * 1000)
    restored = restore(made.path, file_of(sqlite), now=NOW)
    assert questions(sqlite) == ["before"]
    assert restored.aside is not None
    assert b"garbage" in restored.aside.read_bytes()


def test_what_is_stopped_leaves_nothing(sqlite: Engine, backups: Backups, tmp_path: Path) -> None:
    fill(sqlite, 4_000)
    with pytest.raises(Stopped):
        backups.make(lambda: True)
    assert list((tmp_path / "backups").iterdir()) == []


KILLED = """
import sys
from pathlib import Path
from stores import backup
from stores.database import open_database
backup._PAGES_AT_ONCE = 5
backups = backup.Backups(open_database(sys.argv[1]), Path(sys.argv[2]))
def stop():
    print("a piece", flush=True)
    return False
backups.make(stop)
"""


def test_a_backup_that_was_killed_is_none_and_the_next_one_clears_up(
    sqlite: Engine, sqlite_url: str, backups: Backups, tmp_path: Path
) -> None:
    fill(sqlite, 4_000)
    folder = tmp_path / "backups"
    command = [sys.executable, "-c", KILLED, sqlite_url, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        for _ in range(20):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    assert backups.all() == []
    assert list(folder.iterdir())
    made = backups.make()
    assert list(folder.iterdir()) == [made.path]


def test_the_jobs_make_and_put_back(
    sqlite: Engine,
    salon_folder: Path,
    sqlite_url: str,
    tmp_path: Path,
    asked: Callable[[str], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--salon", str(salon_folder), "--data", str(tmp_path / "data"), "--db", sqlite_url]
    asked("before")
    assert main(["backup", *options]) == 0
    assert "1 backups are kept" in capsys.readouterr().out
    (made,) = (tmp_path / "data" / "backups").iterdir()
    asked("after")
    assert main(["restore", str(made), *options]) == 2
    assert "stop the assistant first" in capsys.readouterr().err
    sqlite.dispose()
    assert main(["restore", str(made), *options]) == 0
    assert "The database of before is" in capsys.readouterr().out
    assert questions(sqlite) == ["before"]
    assert [(run.job, run.status) for run in JobRuns(sqlite).recent(1)] == [("restore", "done")]


def test_with_postgresql_a_word_says_whose_work_it_is(
    salon_folder: Path, postgres_database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--salon", str(salon_folder), "--data", str(tmp_path), "--db", postgres_database_url]
    assert main(["backup", *options]) == 2
    assert "pg_dump" in capsys.readouterr().out
    assert main(["restore", "any.zip", *options]) == 2
    assert "pg_restore" in capsys.readouterr().err
