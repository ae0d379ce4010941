"""Freezes the cars in force into files, for training."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from jobs.work import Counts, by_hand

if TYPE_CHECKING:
    from settings import Settings
    from stores.snapshots import Snapshot, Snapshots

NAME = "snapshot"
HELP = "freeze the cars in force into a Parquet file, unless that was done"
FOLDER = "snapshots"
"""Its name in the data folder."""


def add_arguments(parser: ArgumentParser) -> None:
    """None of its own."""


def run(args: Namespace, settings: "Settings") -> int:
    """Freeze, and tell where it lies. 1 when it is running already, 2 when no cars were ever loaded."""
    from stores.database import open_database
    from stores.snapshots import Snapshots

    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    made: list[Snapshot] = []
    try:
        snapshots = Snapshots(engine, settings.data / FOLDER)
        counts = by_hand(engine, NAME, lambda _: freeze(snapshots, made))
    finally:
        engine.dispose()
    if counts is None:
        return 1
    (snapshot,) = made
    print(f"{snapshot.path}: {snapshot.cars} cars" + ("" if snapshot.made else ", frozen before"))
    return 0


def freeze(snapshots: "Snapshots", made: "list[Snapshot] | None" = None) -> Counts:
    """One run; what it made is added to `made`."""
    snapshot = snapshots.freeze()
    if made is not None:
        made.append(snapshot)
    return {"version": snapshot.version, "cars": snapshot.cars, "frozen": snapshot.made}
