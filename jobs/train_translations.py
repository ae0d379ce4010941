"""Learns the word pairs of `assets/translations` from parallel questions."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings

NAME = "train-translations"
HELP = "learn the word pairs, Russian and English, of assets/translations from RuBQ and XSafety"

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def add_arguments(parser: ArgumentParser) -> None:
    """Where the parallel questions lie, and where the pairs go."""
    parser.add_argument(
        "--rubq", type=Path, required=True, metavar="DIR", help="folder of RuBQ's 1.0 dev and test, 2.0 dev"
    )
    parser.add_argument(
        "--xsafety", type=Path, required=True, metavar="DIR", help="folder of XSafety with `ru` and `en`"
    )
    parser.add_argument(
        "--out", type=Path, default=ASSETS / "translations", metavar="DIR", help="where the pairs are written"
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Learn, write `learned.tsv` and, in `learned.json`, the hashes of its data. 2 when the data cannot be read."""
    from jobs.translation_training.alignment import learn
    from jobs.translation_training.data import ParallelDataError, load_parallel

    try:
        parallel = load_parallel(args.rubq, args.xsafety)
    except ParallelDataError as error:
        print(error, file=sys.stderr)
        return 2
    learned = learn(parallel.pairs)
    args.out.mkdir(parents=True, exist_ok=True)
    table = args.out / "learned.tsv"
    rows = [f"{one.russian}\t{one.english}\t{one.likelihood:g}\n" for one in learned]
    table.write_text("".join(rows), encoding="utf-8")
    origin = {"questions": len(parallel.pairs), "pairs": len(learned), "sha256": parallel.hashes}
    table.with_suffix(".json").write_text(
        json.dumps(origin, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    print(f"{len(parallel.pairs)} parallel questions, {len(learned)} word pairs: {table}")
    return 0
