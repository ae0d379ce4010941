"""Precision, recall, F1 and false alarms out of counts, with bootstrap intervals.

Every figure is a function of how many rows there are of each (label, verdict), so a bootstrap over rows is a draw of
these four counts from a multinomial distribution: the same as drawing rows, in memory that does not grow with them.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

DRAWS = 2_000
_SEED = 20_261_122
FIGURES = ("precision", "recall", "f1", "false_alarm_rate")


class Interval(NamedTuple):
    """The middle 95 % of the bootstrap."""

    low: float
    high: float


@dataclass(frozen=True)
class Score:
    """Rows by label and verdict, for one label; `tp` are the positive ones that were found."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn, self.tn + other.tn)

    @property
    def n(self) -> int:
        """Rows."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def precision(self) -> float | None:
        """Share of the found ones that are right; None when nothing was found."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """Share of the positive ones that were found; None when there are none."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float | None:
        """2 tp / (2 tp + fp + fn); None when nothing is positive and nothing was found."""
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def false_alarm_rate(self) -> float | None:
        """Share of the negative ones that were found all the same; None when there are none."""
        return _share(self.fp, self.fp + self.tn)

    def interval(self, figure: str) -> Interval | None:
        """The 95 % interval of one of the figures, None where it is not known. The same counts give the same one."""
        if getattr(self, figure) is None:
            return None
        draws = np.random.default_rng(_SEED).multinomial(
            self.n, np.array([self.tp, self.fp, self.fn, self.tn]) / self.n, DRAWS
        )
        tp, fp, fn, tn = draws.T.astype(float)
        parts = {
            "precision": (tp, tp + fp),
            "recall": (tp, tp + fn),
            "f1": (2 * tp, 2 * tp + fp + fn),
            "false_alarm_rate": (fp, fp + tn),
        }
        top, bottom = parts[figure]
        drawn = top[bottom > 0] / bottom[bottom > 0]
        if not len(drawn):
            return None
        low, high = np.quantile(drawn, (0.025, 0.975))
        return Interval(float(low), float(high))

    def as_json(self) -> dict[str, Any]:
        """The figures as `--json` has them."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "n": self.n,
            "false_alarm_rate": self.false_alarm_rate,
        }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
