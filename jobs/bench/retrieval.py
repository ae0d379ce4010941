"""How well passages are found: BM25 on words, BM25 on lemmas, vectors alone and the whole, side by side."""

import json
import logging
import os
import random
import sys
import tempfile
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.bench.ranking import DEPTH, Figures, Ranked, figures

if TYPE_CHECKING:
    from jobs.bench.retrieval_data import Query
    from settings import Settings
    from stores.passages import Passage

log = logging.getLogger(__name__)

NAME = "bench-retrieval"
HELP = "find passages for questions: nDCG@10, recall@10, MRR and time beside plain BM25"

Search = Callable[[str], list[str]]

_SEED = 7
_WHOLE = "the whole"


def add_arguments(parser: ArgumentParser) -> None:
    """What is searched, what is asked, and where the figures go."""
    parser.add_argument(
        "--corpus",
        type=Path,
        required=True,
        metavar="FILE",
        help="passages: JSON lines or CSV with id, text and optionally title and language, or SQuAD's JSON",
    )
    parser.add_argument(
        "--questions",
        type=Path,
        metavar="FILE",
        help="questions: JSON lines or CSV with text and relevant (ids), or SQuAD's JSON; default: the corpus file",
    )
    parser.add_argument("--limit", type=_positive, metavar="N", help="ask only N questions, drawn at random")
    parser.add_argument(
        "--passages",
        type=_positive,
        metavar="N",
        help="fill the corpus up to N passages with made-up ones, to see how long a search takes then",
    )
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help="write the figures and every ranking to this file"
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Ask every question of every system, on one processor core. 2 when a file cannot be read."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # read when numpy is loaded, which happens below
    from jobs.bench.retrieval_data import BenchFileError, load_case

    try:
        case = load_case(args.corpus, args.questions or args.corpus)
    except BenchFileError as error:
        print(error, file=sys.stderr)
        return 2
    passages, queries = case.passages, case.queries
    if args.limit and args.limit < len(queries):
        queries = random.Random(_SEED).sample(queries, args.limit)  # noqa: S311  # a sample, no secret
    if args.passages:
        from jobs.bench.filler import fill

        passages = fill(passages, args.passages)
    print(
        f"{len(passages)} passages, {len(queries)} questions; {case.left_out} left out: no passage here answers"
    )
    with tempfile.TemporaryDirectory(prefix="salon-bench-") as folder:
        rankings = _measure(passages, queries, settings, Path(folder))
    relevant = [query.relevant for query in queries]
    results = {name: figures(ranked, relevant) for name, ranked in rankings.items()}
    print(_table(results))
    if args.json:
        _write(args.json, results, rankings, queries)
    return 0


def _measure(
    passages: "Sequence[Passage]", queries: "Sequence[Query]", settings: "Settings", folder: Path
) -> dict[str, list[Ranked]]:
    from jobs.bench.searchers import searchers

    rankings = {}
    for name, build in searchers(settings, folder).items():
        print(f"{name}: reading {len(passages)} passages …", file=sys.stderr)
        search = build(passages)
        rankings[name] = _ask(name, search, queries)
    return rankings


def _ask(name: str, search: Search, queries: "Sequence[Query]") -> list[Ranked]:
    from tqdm import tqdm

    _pin()
    for query in queries[:DEPTH]:
        search(query.text)  # what is loaded at the first question is not the time of a question
    ranked = []
    for query in tqdm(queries, desc=name, unit="question", disable=None):
        begun = time.perf_counter()
        ids = search(query.text)
        ranked.append(Ranked(ids, time.perf_counter() - begun))
    _unpin()
    return ranked


def _pin() -> None:
    """Keep every thread of this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        core = min(os.sched_getaffinity(0))
        _set_affinity({core})


def _unpin() -> None:
    if hasattr(os, "sched_setaffinity"):
        _set_affinity(set(range(os.cpu_count() or 1)))


def _set_affinity(cores: set[int]) -> None:
    for thread in Path("/proc/self/task").iterdir():
        try:
            os.sched_setaffinity(int(thread.name), cores)
        except OSError:  # the thread has ended meanwhile
            continue


def _table(results: dict[str, Figures]) -> str:
    lines = [f"{'':24}{'nDCG@10':>9}{'recall@10':>11}{'MRR':>8}{'p50 ms':>9}{'p95 ms':>9}"]
    lines += [
        f"{name:24}{one.ndcg:9.3f}{one.recall:11.3f}{one.mrr:8.3f}{one.p50_ms:9.1f}{one.p95_ms:9.1f}"
        for name, one in results.items()
    ]
    return "\n".join(lines)


def _write(
    path: Path, results: dict[str, Figures], rankings: dict[str, list[Ranked]], queries: "Sequence[Query]"
) -> None:
    content = {
        "figures": {name: one._asdict() for name, one in results.items()},
        "questions": [
            {
                "id": query.id,
                "text": query.text,
                "relevant": sorted(query.relevant),
                "found": {name: ranked[number].ids for name, ranked in rankings.items()},
            }
            for number, query in enumerate(queries)
        ],
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _positive(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise ArgumentTypeError("must be a whole number above 0")
    return number
