"""Copies of the embedded database: made while chats go on, checked, few of them kept, and put back.

A backup is a zip file of the database and a manifest. What visitors left of themselves is sealed in it as it is in the
database, and the key is not in it. Vectors are not either: they are made anew from the passages.

What a visitor had forgotten must not live on in backups: each run of the job takes it out of the older ones
(`Backups.cleanse`), and it is taken out again of what `restore` puts back. What retention destroys leaves them as
they are rotated out.
"""

import hashlib
import json
import os
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, select
from sqlmodel import col

from stores.columns import utc_now
from stores.database import first_line, looking_up, open_database, writing
from stores.errors import BackupUnusable, DatabaseUnavailable
from stores.forgetting import destroy_dialog, destroy_visitor
from stores.models import DialogRow, VisitorRow
from stores.pseudonyms import Pseudonyms
from stores.receipts import Receipts
from stores.tidying import tidy

KEPT = 7
"""Backups that are kept unless a setting says otherwise."""
_NAME, _SUFFIX, _PART = "salon-", ".zip", ".part"
_MOMENT = "%Y%m%dT%H%M%SZ"
_DATABASE, _MANIFEST = "salon.db", "manifest.json"
_PAGES_AT_ONCE = 2_000
_BYTES_AT_ONCE = 1 << 20

Stop = Callable[[], bool]


class Backup(NamedTuple):
    """A backup that lies in the folder: what was written before `made_at` is in it."""

    path: Path
    made_at: datetime


class Stopped(Exception):
    """The work was asked to stop; nothing half done is left."""


class Backups:
    """The backups of one SQLite file. One process at a time may change them: the job's run sees to that."""

    def __init__(self, engine: Engine, folder: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._folder = folder
        self._clock = clock

    def all(self) -> list[Backup]:
        """What lies in the folder, the newest first."""
        found = []
        for path in self._folder.glob(f"{_NAME}*{_SUFFIX}"):
            try:
                made_at = datetime.strptime(path.stem.removeprefix(_NAME), _MOMENT).replace(tzinfo=UTC)
            except ValueError:
                continue  # somebody else's file
            found.append(Backup(path, made_at))
        return sorted(found, key=lambda backup: backup.made_at, reverse=True)

    def make(self, stop: Stop = lambda: False) -> Backup:
        """Copy the database as it is at one moment, check the copy and pack it; visitors are not kept waiting.

        Raises `BackupUnusable` when the copy is not sound, `Stopped` when asked to stop, `OSError` when the folder
        cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob(f"*{_PART}*"):  # by a run that was killed
            left.unlink(missing_ok=True)
        made_at = self._clock().astimezone(UTC).replace(microsecond=0)
        target = self._folder / f"{_NAME}{made_at:{_MOMENT}}{_SUFFIX}"
        with _part(target, ".db") as copy:
            copy_database(_file_of(self._engine), copy, stop)
            _check(copy)
            _pack(copy, target, {"made_at": made_at.isoformat()}, stop)
        return Backup(target, made_at)

    def rotate(self, keep: int) -> int:
        """Remove all but the newest `keep`, of which there is at least one; how many were removed."""
        old = self.all()[max(keep, 1) :]
        for backup in old:
            backup.path.unlink(missing_ok=True)
        return len(old)

    def cleanse(self, stop: Stop = lambda: False) -> int:
        """Take out of all backups what was forgotten since they were made; how many dialogs and visitors that were."""
        receipts, total = Receipts(self._engine), 0
        for backup in self.all():
            subjects = receipts.subjects_since(backup.made_at)
            if subjects:
                total += self._cleanse(backup, subjects, stop)
        return total

    def _cleanse(self, backup: Backup, subjects: set[str], stop: Stop) -> int:
        with _part(backup.path, ".db") as copy:
            manifest = unpack(backup.path, copy)
            engine = open_database(f"sqlite:///{copy.as_posix()}")
            try:
                gone = forget_again(engine, subjects, Pseudonyms(self._engine))
                tidy(engine)
            finally:
                engine.dispose()
            if gone:
                _check(copy)
                cleansed = {"cleansed_at": self._clock().isoformat()}
                _pack(copy, backup.path, {**manifest, **cleansed}, stop)
            return gone


def forget_again(engine: Engine, subjects: set[str], pseudonyms: Pseudonyms) -> int:
    """Destroy the dialogs and visitors of these pseudonyms in another state of the database; how many there were."""
    with looking_up(engine) as connection:
        known = connection.execute(select(col(DialogRow.session_id), col(DialogRow.visitor))).all()
        tokens = connection.scalars(select(col(VisitorRow.token))).all()
    forgotten = [row for row in known if pseudonyms.of(row.session_id) in subjects]
    visitors = [token for token in tokens if pseudonyms.of(token) in subjects]
    for row in forgotten:
        with writing(engine) as session:
            destroy_dialog(session, row.session_id, row.visitor)
    for token in visitors:
        with writing(engine) as session:
            destroy_visitor(session, token)
    return len(forgotten) + len(visitors)


def copy_database(source: Path, target: Path, stop: Stop = lambda: False) -> None:
    """Copy a SQLite database, as it is at one moment, into a file of its own; others may read and write meanwhile.

    Raises `Stopped` and `DatabaseUnavailable`.
    """

    def told(_status: int, _left: int, _pages: int) -> None:
        if stop():
            raise Stopped

    try:
        with closing(_connect(source)) as reader, closing(_connect(target)) as writer:
            # Within one transaction it sees one state: else each write of a chat's would make it begin anew.
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
            reader.backup(writer, pages=_PAGES_AT_ONCE, progress=told, sleep=0.005)
            reader.execute("ROLLBACK")
            writer.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    except sqlite3.Error as error:
        raise DatabaseUnavailable(f"the database cannot be copied: {first_line(error)}") from error


def unpack(path: Path, target: Path) -> dict[str, Any]:
    """Write the database of a backup to `target`, and give back the manifest.

    Raises `BackupUnusable` when it is no backup, or not the one that was made.
    """
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(path) as packed:
            manifest = json.loads(packed.read(_MANIFEST))
            with packed.open(_DATABASE) as source, target.open("wb") as file:
                target.chmod(0o600)
                while piece := source.read(_BYTES_AT_ONCE):
                    digest.update(piece)
                    file.write(piece)
    except FileNotFoundError as error:
        raise BackupUnusable(f"there is no file {path}") from error
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, ValueError, EOFError) as error:
        raise BackupUnusable(f"{path} is no backup of this program, or a broken one: {error}") from error
    if not isinstance(manifest, dict) or digest.hexdigest() != manifest.get("sha256"):
        raise BackupUnusable(f"{path} is not the file that was made: its checksum is another")
    _check(target)
    return manifest


def _pack(database: Path, target: Path, about: dict[str, Any], stop: Stop) -> None:
    """Put the database and what is known of it into one file, which appears when it is whole."""
    digest, size = hashlib.sha256(), database.stat().st_size
    with _part(target, _SUFFIX) as part:
        with (
            part.open("wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as packed,
        ):
            with database.open("rb") as source, packed.open(_DATABASE, "w", force_zip64=True) as entry:
                while piece := source.read(_BYTES_AT_ONCE):
                    if stop():
                        raise Stopped
                    digest.update(piece)
                    entry.write(piece)
            manifest = {**about, "sha256": digest.hexdigest(), "bytes": size}
            packed.writestr(_MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        with part.open("rb+") as whole:
            os.fsync(whole.fileno())
        part.replace(target)


def _check(database: Path) -> None:
    try:
        with closing(_connect(database)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            (tables,) = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name IN ('alembic_version', 'dialogs')"
            ).fetchone()
    except sqlite3.Error as error:
        raise BackupUnusable(f"the copy of the database is not sound: {first_line(error)}") from error
    if said != "ok" or tables != 2:
        raise BackupUnusable(f"the copy of the database is not sound: {said}")


@contextmanager
def _part(target: Path, suffix: str) -> Iterator[Path]:
    """A file beside `target`, for its owner's eyes only, that is gone after the block."""
    path = target.with_name(f"{target.name}{_PART}{suffix}")
    path.unlink(missing_ok=True)
    path.touch(0o600)
    try:
        yield path
    finally:
        for rest in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + rest).unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=15, isolation_level=None)
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _file_of(engine: Engine) -> Path:
    """The file of an embedded database. Raises `BackupUnusable` for another."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        raise BackupUnusable("only the embedded database is backed up here: PostgreSQL has pg_dump for it")
    return Path(name)
