"""What the rows of a run are like: how labels and lengths are spread, what goes with what; told and drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jobs.bench.guard import plots
from jobs.bench.guard.rows import LABELS
from jobs.bench.guard.scoring import Cell, scores, scores_by
from stores.guard_runs import GuardRuns
from stores.guard_views import Bar, Filters, GuardViews

_MEASURED = (
    "prompt_label",
    "guard_prompt_label",
    "response_label",
    "guard_response_label",
    "response_refusal_label",
    "guard_response_refusal_label",
    "prompt_length",
    "response_length",
    "language",
)
_POSITIVE = {meaning.positive: 1.0 for meaning in LABELS.values()}
_FEW = 20


@dataclass
class Correlations:
    """Pearson's r of each pair of columns over the rows that have both, out of sums: no row is kept.

    Labels count 1 when positive, lengths by their logarithm, the language 1 for Russian.
    """

    n: np.ndarray[Any, Any] = field(default_factory=lambda: np.zeros((len(_MEASURED),) * 2))
    x: np.ndarray[Any, Any] = field(default_factory=lambda: np.zeros((len(_MEASURED),) * 2))
    xx: np.ndarray[Any, Any] = field(default_factory=lambda: np.zeros((len(_MEASURED),) * 2))
    xy: np.ndarray[Any, Any] = field(default_factory=lambda: np.zeros((len(_MEASURED),) * 2))

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Count rows, their columns in the order of `_MEASURED`."""
        values = np.array([[_number(value) for value in row] for row in rows])
        there = (~np.isnan(values)).astype(float)
        filled = np.nan_to_num(values)
        self.n += there.T @ there
        self.x += filled.T @ there
        self.xx += (filled**2).T @ there
        self.xy += filled.T @ filled

    def matrix(self) -> list[list[float | None]]:
        """r of each pair, None where a column does not vary or too few rows have both."""
        with np.errstate(all="ignore"):
            mean = self.x / self.n
            variance = self.xx / self.n - mean**2
            covariance = self.xy / self.n - mean * mean.T
            found = covariance / np.sqrt(variance * variance.T)
        usable = (self.n >= _FEW) & (variance > 1e-12) & (variance.T > 1e-12)
        return [
            [float(value) if fine else None for value, fine in zip(line, fines, strict=True)]
            for line, fines in zip(found, usable, strict=True)
        ]


def _number(value: Any) -> float:
    if value is None:
        return float("nan")
    if isinstance(value, str):
        return 1.0 if value == "ru" else _POSITIVE.get(value, 0.0)
    return float(np.log1p(value))


def correlations(runs: GuardRuns, run_id: int) -> list[list[float | None]]:
    """What goes with what in a run."""
    found = Correlations()
    for rows in runs.walk(run_id, *_MEASURED):
        found.add(rows)
    return found.matrix()


def strongest(matrix: Sequence[Sequence[float | None]], least: float = 0.3) -> list[str]:
    """The pairs that go with one another most, told in words."""
    pairs = [
        (abs(value), value, _MEASURED[row], _MEASURED[column])
        for row, line in enumerate(matrix)
        for column, value in enumerate(line)
        if row < column and value is not None and abs(value) >= least
    ]
    return [
        f"{first} and {second}: r = {value:+.2f}" for _, value, first, second in sorted(pairs, reverse=True)
    ]


def draw(
    views: GuardViews,
    run_id: int,
    cells: Sequence[Cell],
    matrix: Sequence[Sequence[float | None]],
    folder: Path,
) -> list[Path]:
    """Write the plots of a run into a folder, which is made; gives their paths."""
    filters = Filters(run_id)
    labels = {
        name: {v: float(c) for v, c in counts.items()}
        for name, counts in views.tally(run_id).labels(filters).items()
    }
    drawn = {
        "labels": plots.bars("Labels", {name: counts for name, counts in labels.items() if counts}),
        "prompt-lengths": plots.bars(
            "Length of prompts, characters", _spans(views.lengths(filters, "prompt"))
        ),
        "response-lengths": plots.bars(
            "Length of answers, characters", _spans(views.lengths(filters, "response"))
        ),
        "sources": plots.bars("Rows by source", _by_source(cells)),
        "f1": plots.intervals("F1 with its 95 % interval", _f1(cells)),
        "false-alarms": plots.intervals("False alarms by source, with their 95 % interval", _alarms(cells)),
        "correlations": plots.heat("Correlations", _MEASURED, matrix),
    }
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, svg in drawn.items():
        path = folder / f"{name}.svg"
        path.write_text(svg, encoding="utf-8")
        paths.append(path)
    return paths


def _spans(found: Sequence[Bar]) -> dict[str, dict[str, float]]:
    spans: dict[str, dict[str, float]] = {}
    for bar in found:
        span = f"{bar.low}+" if bar.high is None else f"{bar.low}–{bar.high}"
        spans.setdefault(span, {})[bar.label or "no label"] = float(bar.rows)
    return spans


def _by_source(cells: Sequence[Cell]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for cell in cells:
        kinds = found.setdefault(cell.source, {})
        kind = f"{cell.name.partition('_')[0]} {cell.label}"
        kinds[kind] = kinds.get(kind, 0.0) + cell.rows
    return found


def _f1(cells: Sequence[Cell]) -> list[tuple[str, float, float, float]]:
    rows = []
    for language, found in [("all", scores(cells)), *scores_by(cells, lambda cell: cell.language).items()]:
        for name, score in found.items():
            interval = score.interval("f1")
            if score.f1 is not None and interval is not None:
                rows.append(
                    (f"{name.removesuffix('_label')}, {language}", interval.low, score.f1, interval.high)
                )
    return rows


def _alarms(cells: Sequence[Cell]) -> list[tuple[str, float, float, float]]:
    rows = []
    prompts = [cell for cell in cells if cell.name == "prompt_label"]
    for source, found in scores_by(prompts, lambda cell: cell.source).items():
        score = found["prompt_label"]
        interval = score.interval("false_alarm_rate")
        if score.false_alarm_rate is not None and interval is not None:
            rows.append((source, interval.low, score.false_alarm_rate, interval.high))
    return rows
