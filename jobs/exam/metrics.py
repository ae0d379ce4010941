"""The figures of the exam that are more than a share: BLEU, RMSE, percentiles, pass^k."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from jobs.exam.values import Value

_GRAMS = 4


class Error(NamedTuple):
    """How far the numbers of one unit are off: `said` of `asked` were given, `right` of them are right.

    `rmse` is over those that were said, in the unit itself; `relative` the same over error / true value.
    """

    unit: str
    asked: int
    said: int
    right: int
    rmse: float | None
    relative: float | None


def bleu(pairs: Sequence[tuple[str, Sequence[str]]]) -> float | None:
    """Corpus BLEU with up to 4-grams (Papineni et al., 2002), 0 to 1; None without an answer.

    `pairs` are an answer and its references. Clipped n-gram counts are summed over all answers; the geometric mean
    of the four precisions is multiplied by the brevity penalty exp(1 - r/c), 1 from c = r on. c is the mean length
    of the answers and, other than in the paper, which takes the closest, r the mean length of all references.
    Tokens are lower-case words and numbers. An order without any match makes it 0: nothing is smoothed.
    """
    pairs = [(answer, references) for answer, references in pairs if references]
    if not pairs:
        return None
    matched, total = [0] * _GRAMS, [0] * _GRAMS
    answers, lengths = 0, []
    for answer, references in pairs:
        words = _tokens(answer)
        answers += len(words)
        lengths += [len(_tokens(reference)) for reference in references]
        for size in range(1, _GRAMS + 1):
            said = _grams(words, size)
            most: Counter[tuple[str, ...]] = Counter()
            for reference in references:
                most |= _grams(_tokens(reference), size)
            matched[size - 1] += sum((said & most).values())
            total[size - 1] += sum(said.values())
    if not all(matched):
        return 0.0
    precision = math.exp(sum(math.log(m / t) for m, t in zip(matched, total, strict=True)) / _GRAMS)
    mean_answer, mean_reference = answers / len(pairs), sum(lengths) / len(lengths)
    brevity = 1.0 if mean_answer >= mean_reference else math.exp(1 - mean_reference / mean_answer)
    return precision * brevity


def errors(values: Sequence[Value]) -> list[Error]:
    """RMSE and accuracy by unit; a number that was not said counts as not right and enters no RMSE."""
    found = []
    for unit in sorted({value.unit for value in values}):
        asked = [value for value in values if value.unit == unit]
        pairs = [(value.said, value.true) for value in asked if value.said is not None]
        squares = [(said - true) ** 2 for said, true in pairs]
        shares = [((said - true) / true) ** 2 for said, true in pairs if true]
        found.append(
            Error(
                unit=unit,
                asked=len(asked),
                said=len(pairs),
                right=sum(value.right for value in asked),
                rmse=math.sqrt(sum(squares) / len(squares)) if squares else None,
                relative=math.sqrt(sum(shares) / len(shares)) if shares else None,
            )
        )
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; NaN of nothing."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else math.nan


def passes(runs: Sequence[Sequence[bool]]) -> tuple[float, float]:
    """pass^1 and pass^k of dialogs played k times each: the mean share of single runs that are right, and the share
    of dialogs of which all k runs are (Yao et al., τ-bench, 2024, for n = k). NaN of nothing."""
    if not runs:
        return math.nan, math.nan
    return sum(sum(one) / len(one) for one in runs) / len(runs), sum(all(one) for one in runs) / len(runs)


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _grams(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + size]) for start in range(len(words) - size + 1))
