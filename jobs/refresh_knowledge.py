"""Looks whether the brochure and the articles can be read, and what has changed in them."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from jobs.work import Counts, by_hand

if TYPE_CHECKING:
    from settings import Settings
    from stores.corpora import Sources
    from stores.job_runs import JobRuns

NAME = "refresh-knowledge"
HELP = "read the brochure and the articles anew, and tell whether they have changed"
_NAMED = 10


def add_arguments(parser: ArgumentParser) -> None:
    """None of its own."""


def run(args: Namespace, settings: "Settings") -> int:
    """Read, and tell. 1 when it is running already, 2 when a file is wrong: what was known before stays then."""
    from parts import open_screen
    from stores.corpora import Sources
    from stores.database import open_database
    from stores.job_runs import JobRuns
    from stores.salon import load_salon

    sources = Sources(load_salon(settings.salon).folder, settings.data, screen=open_screen().kept)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        counts = by_hand(engine, NAME, lambda _: look(sources, JobRuns(engine)))
    finally:
        engine.dispose()
    if counts is None:
        return 1
    changed = (
        "changed: the assistant knows it within a minute" if counts["changed"] else "nothing has changed"
    )
    print(f"{counts['legend']} passages of the brochure, {counts['wiki']} of articles; {changed}")
    if counts["screened"]:
        print(
            f"Orders or hidden words were taken out of {counts['screened']} passages: {counts['first_screened']}"
        )
    if counts["left_out"]:
        print(f"{counts['left_out']} broken rows of articles left out, the first: {counts['first_left_out']}")
    return 0


def look(sources: "Sources", runs: "JobRuns") -> Counts:
    """One run: reads what each process takes over by itself, so that an error is in the log of runs.

    `changed` is against the last run that could read it, `left_out` counts broken rows of articles,
    `screened` passages that orders or hidden words were taken out of.

    Raises `SalonFolderError`.
    """
    passages, rejected, screened = sources.read()
    digest = sha256("\x00".join(f"{one.id}\x00{one.title}\x00{one.text}" for one in passages).encode())
    content = digest.hexdigest()[:16]
    earlier = (run.counts.get("content") for run in runs.recent(20, job=NAME) if run.status == "done")
    kinds = Counter(passage.kind for passage in passages)
    counts: dict[str, object] = {
        "legend": kinds["legend"],
        "wiki": kinds["wiki"],
        "screened": len(screened),
        "left_out": len(rejected),
        "content": content,
        "changed": next(earlier, None) != content,
    }
    if screened:
        counts["first_screened"] = ", ".join(screened[:_NAMED])
    if rejected:
        counts["first_left_out"] = f"{rejected[0].file}, line {rejected[0].line}: {rejected[0].reason}"
    return counts
