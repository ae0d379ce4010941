"""Reads the cars from their source now, and tells what was left out and why."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings

NAME = "refresh-inventory"
HELP = "read the cars from their source now and list the rows that were left out"

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def add_arguments(parser: ArgumentParser) -> None:
    """`--strict`, for a build server that guards a salon folder."""
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a row was left out")


def run(args: Namespace, settings: "Settings") -> int:
    """Load and report. 1 when the source could not be read and the last good version stays in force."""
    from stores.database import open_database
    from stores.inventory import Inventory
    from stores.lexicon import load_lexicon
    from stores.salon import load_salon

    salon = load_salon(settings.salon)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        report = Inventory(engine, salon, load_lexicon(ASSETS, salon.brand, salon.folder)).refresh()
    finally:
        engine.dispose()
    print(f"Version {report.version}: {report.cars} cars, {len(report.rejected)} rows left out")
    for row in report.rejected:
        print(f"  line {row.line}, {row.stock_id or 'no id'}: {row.reason}")
    if report.stale:
        print(f"The source cannot be read, the version above stays in force: {report.error}")
        return 1
    return 1 if args.strict and report.rejected else 0
