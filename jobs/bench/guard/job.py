"""Judges labelled prompts and answers with the guard: how much it finds, and how often it is wrong."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings

NAME = "bench-guard"
HELP = "judge labelled prompts and answers with the guard: precision, recall, F1 and false alarms"


def add_arguments(parser: ArgumentParser) -> None:
    """Where the rows come from, and where the figures go."""
    parser.add_argument(
        "--data",
        dest="files",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="labelled rows: CSV, TSV, JSONL, JSON or Parquet files, or the link of a public Google sheet",
    )
    parser.add_argument(
        "--public", type=Path, metavar="DIR", help="the public sets, each in a folder of its own"
    )
    parser.add_argument("--dialogs", action="store_true", help="the dialogs that staff have looked through")
    parser.add_argument(
        "--markdown", action="store_true", help="print one Markdown table, by set and language"
    )
    parser.add_argument("--workers", type=int, metavar="N", help="processes that judge (default: one a core)")
    parser.add_argument(
        "--anew", action="store_true", help="begin anew where a run of the same rows was broken off"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")


def run(args: Namespace, settings: "Settings") -> int:
    """Judge, store and print. 2 when a source gives nothing or the rows cannot be stored."""
    from jobs.bench.guard.reading import SourceUnusable

    try:
        return _run(args, settings)
    except SourceUnusable as error:
        print(error, file=sys.stderr)
        return 2


def _run(args: Namespace, settings: "Settings") -> int:
    from jobs.bench.guard import pipeline, report
    from jobs.bench.guard.collecting import sources_of
    from jobs.bench.guard.dialogs import DialogSource
    from jobs.bench.guard.public import public_sources
    from jobs.bench.guard.reading import SourceUnusable
    from stores.database import open_database
    from stores.guard_runs import GuardRuns

    sources = sources_of(args.files, settings.data / "bench-guard")
    if args.public:
        sources += public_sources(args.public)
    engine = open_database(settings.database_url)
    try:
        if args.dialogs:
            sources.append(DialogSource(engine))
        if not sources:
            raise SourceUnusable("Nothing to judge: name files with --data, sets with --public, or --dialogs")
        outcome = pipeline.run(sources, GuardRuns(engine), workers=args.workers, anew=args.anew)
    finally:
        engine.dispose()
    print(report.losses(outcome.losses, outcome.wrong))
    table = report.markdown(outcome.cells) if args.markdown else report.tables(outcome.cells)
    print(f"\nrun {outcome.run.id}, guard {outcome.run.guard_version}\n\n{table}")
    if args.json:
        text = json.dumps(pipeline.outcome_json(outcome), ensure_ascii=False, indent=1)
        args.json.write_text(text + "\n", encoding="utf-8")
    return 0
