"""How good a ranking is: nDCG@10, recall@10, MRR, and the time it took."""

import math
import statistics
from collections.abc import Collection, Sequence
from typing import NamedTuple

DEPTH = 10


class Ranked(NamedTuple):
    """One question's answer: ids, best first, and the seconds it took."""

    ids: list[str]
    seconds: float


class Figures(NamedTuple):
    """Means over all questions; times in milliseconds."""

    ndcg: float
    recall: float
    mrr: float
    p50_ms: float
    p95_ms: float


def figures(ranked: Sequence[Ranked], relevant: Sequence[Collection[str]]) -> Figures:
    """The figures of one system; `relevant` are each question's passages, never empty."""
    pairs = [(one.ids[:DEPTH], wanted) for one, wanted in zip(ranked, relevant, strict=True)]
    times = sorted(one.seconds * 1000 for one in ranked)
    return Figures(
        ndcg=statistics.fmean(ndcg(ids, wanted) for ids, wanted in pairs),
        recall=statistics.fmean(len(set(ids) & set(wanted)) / len(wanted) for ids, wanted in pairs),
        mrr=statistics.fmean(reciprocal_rank(ids, wanted) for ids, wanted in pairs),
        p50_ms=times[len(times) // 2],
        p95_ms=times[min(len(times) - 1, math.ceil(0.95 * len(times)) - 1)],
    )


def ndcg(ids: Sequence[str], relevant: Collection[str]) -> float:
    """Normalised discounted cumulative gain with gains of 0 and 1 (Järvelin and Kekäläinen 2002), 0 to 1."""
    gain = sum(1 / math.log2(place + 2) for place, name in enumerate(ids) if name in relevant)
    best = sum(1 / math.log2(place + 2) for place in range(min(len(relevant), DEPTH)))
    return gain / best


def reciprocal_rank(ids: Sequence[str], relevant: Collection[str]) -> float:
    """1 over the rank of the first relevant id; 0 if none is among the first ten."""
    return next((1 / (place + 1) for place, name in enumerate(ids) if name in relevant), 0.0)
