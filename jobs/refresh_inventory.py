"""Reads the cars from their source now, and tells what was left out and why."""

import logging
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from jobs import snapshot
from jobs.work import ERROR, Counts, by_hand

if TYPE_CHECKING:
    from settings import Settings
    from stores.cars import LoadReport
    from stores.inventory import Inventory
    from stores.snapshots import Snapshots

NAME = "refresh-inventory"
HELP = "read the cars from their source now and list the rows that were left out"

ASSETS = Path(__file__).resolve().parent.parent / "assets"

log = logging.getLogger(__name__)


def add_arguments(parser: ArgumentParser) -> None:
    """`--strict`, for a build server that guards a salon folder."""
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a row was left out")


def run(args: Namespace, settings: "Settings") -> int:
    """Load and report. 1 when the source could not be read and the last good version stays in force, or when a refresh
    is under way."""
    from parts import open_screen
    from stores.database import open_database
    from stores.inventory import Inventory
    from stores.lexicon import load_lexicon
    from stores.salon import load_salon
    from stores.snapshots import Snapshots

    salon = load_salon(settings.salon)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    reports: list[LoadReport] = []
    try:
        inventory = Inventory(
            engine, salon, load_lexicon(ASSETS, salon.brand, salon.folder), unfit=open_screen().cell
        )
        snapshots = Snapshots(engine, settings.data / snapshot.FOLDER)
        begun = by_hand(engine, NAME, lambda _: refresh(inventory, snapshots, told=reports.append))
    finally:
        engine.dispose()
    if begun is None:
        return 1
    (report,) = reports
    print(f"Version {report.version}: {report.cars} cars, {len(report.rejected)} rows left out")
    for row in report.rejected:
        print(f"  line {row.line}, {row.stock_id or 'no id'}: {row.reason}")
    if report.stale:
        print(f"The source cannot be read, the version above stays in force: {report.error}")
        return 1
    return 1 if args.strict and report.rejected else 0


def refresh(
    inventory: "Inventory",
    snapshots: "Snapshots",
    *,
    told: "Callable[[LoadReport], object]" = lambda _: None,
) -> Counts:
    """One refresh, as the clock and people at a terminal start it, and a snapshot of what it has put in force; `told`
    is given the whole report."""
    report = inventory.refresh()
    told(report)
    counts: dict[str, object] = {
        "version": report.version,
        "cars": report.cars,
        "left_out": len(report.rejected),
        "changed": report.changed,
    }
    if report.stale:
        log.warning("The inventory's source cannot be read, the last good version stays: %s", report.error)
        return counts | {"stale": True, ERROR: report.error}
    if report.rejected:
        log.warning("Inventory version %s: %d rows left out", report.version, len(report.rejected))
    try:
        return counts | {"frozen": snapshots.freeze().made}
    except OSError as error:
        return counts | {ERROR: f"the snapshot cannot be written: {error.strerror or error}"}
