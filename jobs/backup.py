"""Backs the embedded database up while the assistant goes on."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.work import Counts, Stop, Stopped, by_hand

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from settings import Settings
    from stores.app_settings import AppSettings

NAME = "backup"
HELP = "back the embedded database up, check the copy, and remove the oldest ones"
FOLDER = "backups"
"""Its name in the data folder."""
KEPT_KEY = "backups_kept"
"""The setting that holds how many backups are kept."""


def add_arguments(parser: ArgumentParser) -> None:
    """None of its own."""


def run(args: Namespace, settings: "Settings") -> int:
    """Back up, and tell what lies where. 1 when it is running already, 2 when the database is another than SQLite."""
    from stores.app_settings import AppSettings
    from stores.database import open_database

    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        if not is_embedded(engine):
            print("PostgreSQL is backed up with its own tools, such as pg_dump; nothing was done here")
            return 2
        app_settings, folder = AppSettings(engine), settings.data / FOLDER
        counts = by_hand(engine, NAME, lambda stop: back_up(engine, folder, app_settings, stop))
    finally:
        engine.dispose()
    if counts is None:
        return 1
    print(f"{folder / counts['file']}: {counts['bytes'] / 1e6:.1f} MB; {counts['kept']} backups are kept")
    return 0


def is_embedded(engine: "Engine") -> bool:
    """Whether the database is a file of ours."""
    return engine.dialect.name == "sqlite"


def back_up(engine: "Engine", folder: Path, app_settings: "AppSettings", stop: Stop) -> Counts:
    """One backup, as the clock and people at a terminal make it. Raises `Stopped`."""
    from stores import backup

    backups = backup.Backups(engine, folder)
    try:
        made = backups.make(stop)
        removed = backups.rotate(int(app_settings.get(KEPT_KEY, backup.KEPT)))
        forgotten = backups.cleanse(stop)
    except backup.Stopped as error:
        raise Stopped({}) from error
    return {
        "file": made.path.name,
        "bytes": made.path.stat().st_size,
        "kept": len(backups.all()),
        "removed": removed,
        "forgotten": forgotten,
    }
