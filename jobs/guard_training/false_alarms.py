"""What the guard stopped by mistake, as staff say: learnt from, and held against each new classifier."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from chains.guard_model.features import Floats
from jobs.guard_training.rows import Row, load_authored
from stores.reviewed import ReviewedTurn

FILE = Path("guard") / "prompts" / "false_alarms.csv"
"""Where the cases lie in the data folder, as a table like those in assets/guard/training/prompts."""

_COLUMNS = ("text", "label", "language", "kind")
_SAFE = "safe"
_ATTACKS = ("injection", "harmful")


class Classifier(Protocol):
    """Of a classifier, what a case is held against."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, the harmless one last."""

    @property
    def thresholds(self) -> Mapping[str, float]:
        """The probability from which on a label is believed."""

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """One row a text, one column a label."""


def cases_of(turns: Iterable[ReviewedTurn]) -> list[Row]:
    """The masked questions that were stopped as attacks and whose answer staff call wrong, each once."""
    found = {
        turn.question: Row(turn.question, _SAFE, turn.language, f"false-alarm-{turn.reason}")
        for turn in turns
        if turn.wrong and turn.blocked and turn.reason in _ATTACKS and turn.question.strip()
    }
    return list(found.values())


def write_cases(cases: Iterable[Row], path: Path) -> None:
    """The table anew: what was taken back or forgotten since is in it no more."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows((case.text, case.label, case.language, case.source) for case in cases)
    fresh.replace(path)


def load_cases(data: Path) -> list[Row]:
    """The cases in a data folder; none where nobody has collected any. Raises ValueError like `load_authored`."""
    return load_authored((data / FILE).parent, (_SAFE,))


def still_stopped(model: Classifier, cases: Sequence[Row]) -> list[str]:
    """The texts that a classifier would stop again."""
    if not cases:
        return []
    limits = np.array([model.thresholds.get(label, np.inf) for label in model.labels])
    stopped = (model.probabilities([case.text for case in cases]) >= limits).any(axis=1)
    return [case.text for case, stops in zip(cases, np.asarray(stopped).tolist(), strict=True) if stops]
