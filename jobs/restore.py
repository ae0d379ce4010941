"""Puts a backup in the place of the embedded database."""

import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings

NAME = "restore"
HELP = "put a backup in the place of the embedded database, of which a copy is laid aside"


def add_arguments(parser: ArgumentParser) -> None:
    """Which backup."""
    parser.add_argument("file", type=Path, help="a file that the job backup has made")
    parser.add_argument(
        "--force", action="store_true", help="even while the assistant is up; restart it afterwards"
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Restore, and write that into the log of runs. 2 when it cannot be done; the database is as it was then."""
    from sqlalchemy import make_url

    from jobs.work import by_hand
    from stores.database import open_database
    from stores.restoring import restore

    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        print(
            "Only the embedded database is restored here: PostgreSQL has pg_restore for it", file=sys.stderr
        )
        return 2
    restored = restore(args.file, Path(url.database), force=args.force, now=datetime.now(UTC))
    engine = open_database(settings.database_url)
    try:
        by_hand(engine, NAME, lambda _: {"file": args.file.name, "forgotten": restored.forgotten_again})
    finally:
        engine.dispose()
    print(f"{args.file} is in the place of {url.database}")
    if restored.aside is not None:
        print(f"The database of before is {restored.aside}: delete it once nobody needs it")
    if restored.forgotten_again:
        print(f"{restored.forgotten_again} dialogs that were forgotten since were destroyed again")
    return 0
