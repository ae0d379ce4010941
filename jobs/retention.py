"""Destroys dialogs that are past the days they are kept for, and what else has had its time; the figures stay."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.work import Counts, Stop, Stopped, by_hand
from stores.columns import utc_now

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from settings import Settings
    from stores.in_force import InForce

NAME = "retention"
HELP = "destroy dialogs that are older than they are kept for; their figures stay"
ASSETS = Path(__file__).resolve().parent.parent / "assets"


def add_arguments(parser: ArgumentParser) -> None:
    """None of its own: the days are what admins have set."""


def run(args: Namespace, settings: "Settings") -> int:
    """Destroy, and tell how many of what. 1 when it is running already."""
    from stores.database import open_database
    from stores.in_force import InForce
    from stores.salon import load_salon

    salon = load_salon(settings.salon)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        in_force = InForce(engine, salon, ASSETS)
        counts = by_hand(engine, NAME, lambda stop: destroy_old(engine, in_force, stop))
    finally:
        engine.dispose()
    if counts is None:
        return 1
    gone = ", ".join(f"{name} {count}" for name, count in counts.items() if name != "days")
    print(f"Destroyed what is older than {counts['days']} days: {gone or 'nothing'}")
    return 0


def destroy_old(
    engine: "Engine",
    in_force: "InForce",
    stop: Stop,
    *,
    clock: Callable[[], datetime] = utc_now,
    told: Callable[[Counter[str]], Any] = lambda _: None,
) -> Counts:
    """One run of retention, as the clock and people at a terminal start it, by the days and the opening hours that are
    in force. Raises `Stopped`."""
    from stores.job_runs import JobRuns
    from stores.retention import Retention
    from stores.tidying import tidy

    state = in_force.current()
    days = state.retention_days
    retention = Retention(engine, is_open=state.salon.hours.is_open, clock=clock)
    counts = retention.destroy(days, stop=stop, told=told)
    runs = JobRuns(engine)
    counts["job_runs"] += runs.prune(runs.now() - timedelta(days=days))
    if not stop():  # also when nothing went: the run before may have been killed on its way here
        tidy(engine, stop)
    done = {"days": days, **+counts}
    if stop():
        raise Stopped(done)
    return done
