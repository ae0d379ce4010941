"""Destroys dialogs that are past the days they are kept for, and what else has had its time; the figures stay."""

import logging
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from jobs.work import Counts, Stop, Stopped, by_hand

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from settings import Settings
    from stores.app_settings import AppSettings
    from stores.statistics import IsOpen

NAME = "retention"
HELP = "destroy dialogs that are older than they are kept for; their figures stay"
DAYS_KEY = "retention_days"
"""The setting that holds the days; admins change it in the app."""

log = logging.getLogger(__name__)


def add_arguments(parser: ArgumentParser) -> None:
    """None of its own: the days are what admins have set."""


def run(args: Namespace, settings: "Settings") -> int:
    """Destroy, and tell how many of what. 1 when it is running already."""
    from stores.app_settings import AppSettings
    from stores.database import open_database
    from stores.salon import load_salon

    hours = load_salon(settings.salon).hours
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        app_settings = AppSettings(engine)
        counts = by_hand(engine, NAME, lambda stop: destroy_old(engine, hours.is_open, app_settings, stop))
    finally:
        engine.dispose()
    if counts is None:
        return 1
    gone = ", ".join(f"{name} {count}" for name, count in counts.items() if name != "days")
    print(f"Destroyed what is older than {counts['days']} days: {gone or 'nothing'}")
    return 0


def destroy_old(
    engine: "Engine",
    is_open: "IsOpen",
    app_settings: "AppSettings",
    stop: Stop,
    *,
    told: Callable[[Counter[str]], Any] = lambda _: None,
) -> Counts:
    """One run of retention, as the clock and people at a terminal start it. Raises `Stopped`."""
    from stores.job_runs import JobRuns
    from stores.retention import DAYS, Retention
    from stores.tidying import tidy

    days = int(app_settings.get(DAYS_KEY, DAYS))
    counts = Retention(engine, is_open=is_open).destroy(days, stop=stop, told=told)
    runs = JobRuns(engine)
    counts["job_runs"] += runs.prune(runs.now() - timedelta(days=days))
    if not stop():  # also when nothing went: the run before may have been killed on its way here
        tidy(engine, stop)
    done = {"days": days, **+counts}
    if stop():
        raise Stopped(done)
    return done
