"""Counted rows as scores: of each label, and of each part of the rows."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple, TypeVar

from chains.scores import Score
from jobs.bench.guard.rows import LABELS, LabelName

Key = TypeVar("Key", bound=Hashable)


class Cell(NamedTuple):
    """So many rows of one kind: their label, and what the guard made of it."""

    name: LabelName
    label: str
    verdict: str
    language: str
    source: str
    model: str | None
    look_alike: bool
    rows: int


Scores = dict[LabelName, Score]


def score_of(cell: Cell) -> Score:
    """A cell's rows as a score."""
    positive = LABELS[cell.name].positive
    if cell.label == positive:
        return Score(tp=cell.rows) if cell.verdict == positive else Score(fn=cell.rows)
    return Score(fp=cell.rows) if cell.verdict == positive else Score(tn=cell.rows)


def scores(cells: Iterable[Cell]) -> Scores:
    """The scores of the three labels; one without rows has n = 0."""
    found: Scores = {name: Score() for name in LABELS}
    for cell in cells:
        found[cell.name] += score_of(cell)
    return found


def scores_by(cells: Iterable[Cell], key: Callable[[Cell], Key]) -> dict[Key, Scores]:
    """The scores of each group of cells, by `key`, in the order of the groups' names."""
    groups: defaultdict[Key, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[key(cell)].append(cell)
    return {name: scores(group) for name, group in sorted(groups.items(), key=lambda item: str(item[0]))}


def as_json(found: Scores) -> dict[str, Any]:
    """The three labels' figures."""
    return {name: score.as_json() for name, score in found.items()}
