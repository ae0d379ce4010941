"""Judges labelled prompts and answers with the guard: how much it finds, and how often it is wrong."""

import json
import sys
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from jobs.bench.guard.collecting import Source
    from jobs.bench.guard.pipeline import Outcome
    from settings import Settings

NAME = "bench-guard"
HELP = "judge labelled prompts and answers with the guard: precision, recall, F1 and false alarms"

AUTHORED = Path(__file__).resolve().parents[3] / "assets" / "guard" / "training" / "prompts"
_MOST_TIMED = 5_000


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
    parser.add_argument(
        "--model", metavar="URL|auto", help="a language model that answers prompts, to judge its answers"
    )
    parser.add_argument(
        "--answers", type=int, default=100, metavar="N", help="prompts that it answers (default: 100)"
    )
    parser.add_argument("--part", choices=("quality", "speed"), default="quality", help="what to measure")
    parser.add_argument(
        "--plots", type=Path, metavar="DIR", help="where the plots go (default: the data folder)"
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
        return _speed(args, settings) if args.part == "speed" else _run(args, settings)
    except SourceUnusable as error:
        print(error, file=sys.stderr)
        return 2


def _sources(args: Namespace, settings: "Settings") -> "list[Source]":
    from jobs.bench.guard.collecting import sources_of
    from jobs.bench.guard.public import public_sources

    found = sources_of(args.files, settings.data / "bench-guard")
    return [*found, *(public_sources(args.public) if args.public else ())]


def _run(args: Namespace, settings: "Settings") -> int:
    from jobs.bench.guard import pipeline
    from jobs.bench.guard.answering import open_answerer
    from jobs.bench.guard.dialogs import DialogSource
    from jobs.bench.guard.judges import open_judged
    from jobs.bench.guard.reading import SourceUnusable
    from stores.database import open_database
    from stores.guard_runs import GuardRuns

    sources = _sources(args, settings)
    engine = open_database(settings.database_url)
    try:
        if args.dialogs:
            sources.append(DialogSource(engine))
        if not sources:
            raise SourceUnusable("Nothing to judge: name files with --data, sets with --public, or --dialogs")
        with (
            open_judged(settings) as judges,
            open_answerer(settings, args.model) if args.model else nullcontext() as answerer,
        ):
            outcome = pipeline.run(
                sources,
                GuardRuns(engine),
                workers=args.workers,
                anew=args.anew,
                answerer=answerer,
                answers=args.answers,
                judges=judges,
            )
        if args.json:
            text = json.dumps(pipeline.outcome_json(outcome), ensure_ascii=False, indent=1)
            args.json.parent.mkdir(parents=True, exist_ok=True)
            args.json.write_text(text + "\n", encoding="utf-8")
        _tell(outcome, engine, args, settings.data / "bench-guard" / f"run-{outcome.run.id}")
    finally:
        engine.dispose()
    return 0


def _tell(outcome: "Outcome", engine: "Engine", args: Namespace, folder: Path) -> None:
    """Print what was lost, found and goes with what, and draw it."""
    from jobs.bench.guard import analysis, report
    from stores.guard_runs import GuardRuns
    from stores.guard_views import GuardViews

    run, views = outcome.run, GuardViews(engine)
    print(report.losses(outcome.losses, outcome.wrong))
    matrix = analysis.correlations(GuardRuns(engine), run.id)
    for pair in analysis.strongest(matrix):
        print(pair)
    folder = args.plots or folder
    analysis.draw(views, run.id, outcome.cells, matrix, folder)
    print(f"plots: {folder}")
    if suspects := report.suspects(views, run.id):
        print(suspects)
    table = report.markdown(outcome.cells) if args.markdown else report.tables(outcome.cells)
    print(f"\nrun {run.id}, guard {run.guard_version}\n\n{table}")
    if outcome.answers:
        print(f"\n{report.answers(outcome.answers, run.model or '')}")


def _speed(args: Namespace, settings: "Settings") -> int:
    from itertools import islice

    from jobs.bench.guard.collecting import FileSource, collect
    from jobs.bench.guard.columns import Remarks
    from jobs.bench.guard.speed import measure, told

    sources = _sources(args, settings) or [
        FileSource(path, path.stem) for path in sorted(AUTHORED.glob("*.csv"))
    ]
    speed = measure(list(islice(collect(sources, Remarks()), _MOST_TIMED)))
    print(told(speed))
    if args.json:
        args.json.write_text(json.dumps(speed._asdict(), indent=1) + "\n", encoding="utf-8")
    return 0
