"""Writes masked dialogs for training, in the formats that trainers of language models read."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from chains.exporting import Mask
    from settings import Settings
    from stores.salon import Salon

NAME = "export"
HELP = "write masked dialogs for training, of visitors who consented"
_ENDINGS = {"chat-jsonl": "chat.jsonl", "sharegpt": "sharegpt.jsonl", "csv": "csv"}


def add_arguments(parser: ArgumentParser) -> None:
    """`--format`, `--since` and `--out`."""
    parser.add_argument("--format", choices=_ENDINGS, required=True, help="which trainers are to read it")
    parser.add_argument(
        "--since",
        type=_moment,
        default=datetime.min.replace(tzinfo=UTC),
        metavar="DATE",
        help="dialogs opened on this day or later (2026-11-01; in the salon's time zone); all by default",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where to; by default a new file in the data folder's exports",
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Write the file. 1 when personal data was found in it once more: then there is none."""
    from chains.errors import ExportRefused
    from stores.database import open_database
    from stores.salon import load_salon

    salon = load_salon(settings.salon)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        return _export(args, settings, salon, engine)
    except ExportRefused as error:
        print(error)
        return 1
    except OSError as error:
        print(f"The file cannot be written: {error.strerror}")
        return 2
    finally:
        engine.dispose()


def _export(args: Namespace, settings: "Settings", salon: "Salon", engine: "Engine") -> int:
    from chains.exporting import Exporter
    from stores.exports import EXPORTS, Exports
    from stores.pseudonyms import Pseudonyms

    zone = salon.hours.zone
    folder = settings.data / EXPORTS
    since = args.since if args.since.tzinfo else args.since.replace(tzinfo=zone)
    target = args.out or folder / f"{datetime.now(zone):%Y-%m-%d-%H%M%S}.{_ENDINGS[args.format]}"
    exporter = Exporter(Exports(engine, folder), Pseudonyms(engine), _mask_of(settings))
    done = exporter.export(target, format=args.format, since=since, actor=NAME)
    print(f"{done.path}: {done.dialogs} dialogs, {done.turns} questions with their answers")
    if done.forgotten:
        print(f"{done.forgotten} lines were taken out again: their dialogs were forgotten meanwhile")
    return 0


def _mask_of(settings: "Settings") -> "Mask":
    """The finder of everywhere else, with what it keeps of this salon."""
    from chains.privacy import mask
    from jobs.find_pii import salon_knowledge

    known = salon_knowledge(settings)
    return lambda text: mask(text, known=known, keep=known.contacts)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("a date like 2026-11-01 is needed") from None
