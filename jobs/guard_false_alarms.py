"""Collects what the guard stopped by mistake, as staff say, and tries the guard in force on it."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings

NAME = "guard-false-alarms"
HELP = "collect the messages that the guard stopped by mistake, as staff say, and try the guard on them"


def add_arguments(parser: ArgumentParser) -> None:
    """None of its own."""


def run(args: Namespace, settings: "Settings") -> int:
    """Write `guard/prompts/false_alarms.csv` in the data folder. 1 when the guard would stop one of them again."""
    from chains.text import language_of
    from jobs.guard_training.false_alarms import FILE, cases_of, write_cases
    from parts import NoTopics, open_guard
    from stores.database import open_database
    from stores.reviewed import reviewed_turns

    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        cases = cases_of(reviewed_turns(engine))
    finally:
        engine.dispose()
    path = settings.data / FILE
    write_cases(cases, path)
    guard = open_guard(NoTopics())
    stopped = {
        case.text: verdict.evidence
        for case in cases
        if (verdict := guard.check_input(case.text, language_of(case.text))).blocked
    }
    print(f"{len(cases)} false alarms in {path}, {len(stopped)} of them would be stopped again")
    for text, evidence in stopped.items():
        print(f"  {text!r}: {evidence}")
    return 1 if stopped else 0
