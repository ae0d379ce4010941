"""Seals visitors' contacts anew with the newest key. It may be broken off, and run again, while the assistant is up."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from settings import Settings

NAME = "rotate-key"
HELP = "seal visitors' contacts anew with the newest key"


def add_arguments(parser: ArgumentParser) -> None:
    """`--generate`, `--drop-old` and `--lost`."""
    parser.add_argument(
        "--generate", action="store_true", help="put a fresh key in front of those in contacts.key first"
    )
    parser.add_argument(
        "--drop-old", action="store_true", help="then take the older keys out of contacts.key"
    )
    parser.add_argument(
        "--lost",
        action="store_true",
        help="the older keys are lost: destroy what they sealed, so that the assistant starts again",
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Seal, and tell how many rows there were. 2 when the keys are not in the file that is to be changed."""
    from stores.database import open_database

    if settings.sealing_keys and (args.generate or args.drop_old):
        print("The keys stand in SALON_CONTACT_KEYS, so change them there: the newest first")
        return 2
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        counts = _rotate(args, settings, engine)
    finally:
        engine.dispose()
    print("Sealed anew: " + ", ".join(f"{table} {count}" for table, count in counts.items()))
    return 0


def _rotate(args: Namespace, settings: "Settings", engine: "Engine") -> dict[str, int]:
    from stores import sealed_rows
    from stores.sealing import KEY_FILE, new_key, open_cipher, read_keys, write_keys

    file = settings.data / KEY_FILE
    cipher = open_cipher(settings.sealing_keys, settings.data)
    if args.lost:
        sealed_rows.replace_keys(engine, cipher)
    sealed_rows.check_keys(engine, cipher, lose=args.lost)
    # With rows still to be sealed, an earlier rotation was broken off: that one is brought to its end.
    if args.generate and sealed_rows.is_current(engine, cipher):
        write_keys(file, [new_key(), *read_keys(file)])
        cipher = open_cipher((), settings.data)
        sealed_rows.check_keys(engine, cipher)
    counts = sealed_rows.reseal(engine, cipher, lose=args.lost)
    sealed_rows.forget_older_keys(engine, cipher)
    if args.drop_old:
        write_keys(file, read_keys(file)[:1])
    return counts
