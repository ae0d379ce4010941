"""Gathers the questions that were not answered well by what they ask."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from jobs.work import Counts, by_hand

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from chains.gaps import SentenceVectors
    from settings import Settings

NAME = "cluster-gaps"
HELP = "gather the questions that were not answered well into knowledge gaps, the most frequent first"
_SHOWN = 10


def add_arguments(parser: ArgumentParser) -> None:
    """None beyond those of the settings."""


def run(args: Namespace, settings: "Settings") -> int:
    """Gather and tell. 1 when it is under way elsewhere."""
    from chains.embeddings import Embedder
    from stores.database import open_database
    from stores.gaps import Gaps

    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        counts = by_hand(engine, NAME, lambda _: cluster(engine, Embedder()))
        if counts is None:
            return 1
        print(
            f"{counts['questions']} questions: {counts['joined']} join a gap, {counts['made']} gaps are new"
        )
        for gap in Gaps(engine).all("open", limit=_SHOWN):
            print(f"  {gap.questions:4} {gap.title}")
    finally:
        engine.dispose()
    return 0


def cluster(engine: "Engine", vectors: "SentenceVectors") -> Counts:
    """One run, as the clock and people at a terminal start it."""
    from chains.gaps import cluster_gaps
    from stores.gaps import Gaps

    return cluster_gaps(Gaps(engine), vectors)._asdict()
