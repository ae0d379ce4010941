"""Judges labelled prompts and answers with the guard: how much it finds, and how often it is wrong."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from jobs.bench.guard.columns import Wrong
    from jobs.bench.guard.judging import Judged
    from jobs.bench.guard.scoring import Cell
    from settings import Settings

NAME = "bench-guard"
HELP = "judge labelled prompts and answers with the guard: precision, recall, F1 and false alarms"

T = TypeVar("T")
_CHUNK = 200
_SHOWN = 20


def add_arguments(parser: ArgumentParser) -> None:
    """Where the rows come from, and where the figures go."""
    parser.add_argument(
        "--data",
        dest="files",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="labelled rows: CSV, TSV, JSONL, JSON or Parquet files",
    )
    parser.add_argument("--workers", type=int, metavar="N", help="processes that judge (default: one a core)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")


def run(args: Namespace, settings: "Settings") -> int:
    """Judge and print. 2 when a source gives nothing."""
    from jobs.bench.guard.reading import SourceUnusable

    try:
        return _run(args)
    except SourceUnusable as error:
        print(error, file=sys.stderr)
        return 2


def _run(args: Namespace) -> int:
    from tqdm import tqdm

    from jobs.bench.guard import report
    from jobs.bench.guard.cleaning import Cleaner, survey
    from jobs.bench.guard.collecting import collect, sources_of
    from jobs.bench.guard.judging import cores, judged
    from jobs.bench.guard.reading import SourceUnusable

    sources = sources_of(args.files)
    if not sources:
        raise SourceUnusable("Nothing to judge: name files with --data")
    found = survey(collect(sources, []))
    wrong: list[Wrong] = []
    cleaner = Cleaner(found)
    cells: Counter[Cell] = Counter()
    with tqdm(total=found.rows, unit="row", disable=None) as bar:
        for chunk in judged(chunks(cleaner.clean(collect(sources, wrong)), _CHUNK), args.workers or cores()):
            count(chunk, cells)
            bar.update(cleaner.losses.read - bar.n)
    print(report.losses(cleaner.losses, wrong))
    if not cleaner.losses.kept:
        raise SourceUnusable("No row is left to judge.")
    counted = [cell._replace(rows=number) for cell, number in cells.items()]
    print(f"\n{report.tables(counted)}")
    if args.json:
        args.json.write_text(
            json.dumps(report.as_json(counted), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    return 0


def chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """The rows in lists of `size`, the last one shorter."""
    stream = iter(rows)
    while chunk := list(islice(stream, size)):
        yield chunk


def count(chunk: "Sequence[Judged]", cells: "Counter[Cell]") -> None:
    """Add rows with their judgements to the counts."""
    from jobs.bench.guard.rows import LABELS
    from jobs.bench.guard.scoring import Cell

    for row, judgement in chunk:
        for name in LABELS:
            label, verdict = row.label(name), getattr(judgement, name)
            if label is not None and verdict is not None:
                cells[Cell(name, label, verdict, row.language, row.source, row.model, row.look_alike, 0)] += 1
