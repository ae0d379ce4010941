"""From labelled texts to an artefact: near-duplicates out, calibration on unseen texts, thresholds, the model."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chains.guard_model.features import Concepts, load_concepts, parts_of
from chains.guard_model.model import GuardModel, softmax
from jobs.guard_training.duplicates import Fingerprints, seen_in
from jobs.guard_training.rows import Row, version_of
from jobs.guard_training.sources import load_sets
from jobs.guard_training.targets import Target
from jobs.guard_training.training import (
    Prepared,
    calibrated,
    fitted,
    out_of_fold,
    prepare,
    row_weights,
    scores_by_label,
    threshold_for,
)


@dataclass(frozen=True, repr=False)
class Made:
    """A trained target: its model, the rows it was made from and the figures of its cross-validation."""

    model: GuardModel
    prepared: Prepared
    figures: dict[str, Any]


def gather(target: Target, assets: Path, data: Path | None, further: Sequence[Row] = ()) -> Prepared:
    """The rows to train on, none of which is nearly like a measured one; what was left out is printed.

    `further` are texts of the salon's own.
    """
    rows = [*target.authored(assets / "guard" / "training"), *further]
    public = load_sets(target.training, data) if data else {}
    rows += [row for found in public.values() for row in found]
    if not rows:
        raise FileNotFoundError(f"{target.name}: nothing to train on, neither authored nor in --sets")
    concepts, kept = load_concepts(concepts_file(target, assets)), unique(rows)
    measured = [
        row for found in (load_sets(target.measuring, data) if data else {}).values() for row in found
    ]
    seen = nearly(kept, measured, concepts, target.options.bits)
    print(
        f"{target.name}: {len(rows)} rows, {len(rows) - len(kept)} repeated, "
        f"{int(seen.sum())} nearly like a measured one and left out"
    )
    kept = [row for row, out in zip(kept, seen, strict=True) if not out]
    return prepare(kept, target.labels, concepts, target.options, target.copies(kept))


def nearly(rows: Sequence[Row], others: Sequence[Row], concepts: Concepts, bits: int) -> NDArray[np.bool_]:
    """Of each row whether one of the others is nearly the same."""
    prints, further = (
        Fingerprints([parts_of(row.text, concepts, bits) for row in some]) for some in (rows, others)
    )
    return seen_in(prints, further)


def unique(rows: Sequence[Row]) -> list[Row]:
    """The rows without repeated texts; the first of each stays."""
    return list({" ".join(row.text.lower().split()): row for row in reversed(rows)}.values())[::-1]


def concepts_file(target: Target, assets: Path) -> Path:
    """Where the target's words stand."""
    return assets / "guard" / "concepts" / f"{target.concepts}.toml"


def make(target: Target, prepared: Prepared, assets: Path, *, folds: int) -> Made:
    """Train on all rows, with calibration and thresholds from predictions of unseen ones."""
    own = [place for place, copy in enumerate(prepared.copies) if not copy]
    logits = out_of_fold(prepared, folds)[own]
    seen = prepared.only(own)
    weights = row_weights(seen.rows, seen.groups, seen.labels)
    model = calibrated(fitted(prepared), logits, seen.targets, weights)
    probabilities = softmax(logits * np.float32(model.scale) + model.shift)
    ordinary = np.array([target.ordinary(row) for row in seen.rows], dtype=np.bool_)
    harmless = (seen.targets == len(target.labels) - 1) & ordinary
    by_label = scores_by_label(probabilities, target.labels)
    thresholds = {
        label: threshold_for(by_label[label][harmless], alarms=alarms, floor=target.floors.get(label, 0.5))
        for label, alarms in target.alarms.items()
    }
    model = replace(
        model, thresholds=thresholds, version=version_of(seen.rows, concepts_file(target, assets))
    )
    return Made(model, prepared, _figures(model, seen, probabilities))


def _figures(model: GuardModel, prepared: Prepared, probabilities: np.ndarray) -> dict[str, Any]:
    """What metrics.json holds: the version, how many rows of which source, precision and recall out of fold."""
    found = {
        label: {
            "threshold": threshold,
            **_scores(
                probabilities[:, model.labels.index(label)] >= threshold,
                prepared.targets == model.labels.index(label),
            ),
        }
        for label, threshold in model.thresholds.items()
    }
    sources = Counter(row.source.split()[0] for row in prepared.rows)
    return {
        "version": model.version,
        "rows": len(prepared.rows),
        "groups": len(set(prepared.groups)),
        "labels": dict(sorted(Counter(row.label for row in prepared.rows).items())),
        "sources": dict(sorted(sources.items())),
        "out_of_fold": found,
    }


def _scores(found: np.ndarray, wanted: np.ndarray) -> dict[str, float]:
    right = int((found & wanted).sum())
    precision, recall = right / max(1, int(found.sum())), right / max(1, int(wanted.sum()))
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    alarms = int((found & ~wanted).sum()) / max(1, int((~wanted).sum()))
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(f1, 4),
        "false_alarm_rate": round(alarms, 4),
    }
