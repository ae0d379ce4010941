"""Multinomial logistic regression over the features of `chains.guard_model`, calibrated on texts it has not seen."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from chains.guard_model.features import BITS, Concepts, FeatureSpace, Floats, Ints, Parts, idf_of, parts_of
from chains.guard_model.model import GuardModel, softmax
from jobs.guard_training.augmenting import Copy
from jobs.guard_training.duplicates import Fingerprints, groups_of
from jobs.guard_training.rows import Row
from jobs.router_training.data import folds_of

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Options:
    """`penalty` is the weight of the squared weights beside the mean loss, `least` how many texts a feature needs."""

    penalty: float = 2e-5
    least: int = 2
    steps: int = 50
    bits: int = BITS


@dataclass(frozen=True, repr=False)
class Prepared:
    """The rows with their features and the groups of those that are alike; `labels` has the harmless one last.

    `copies` says of each row whether it was made from others: such are learnt from, and not counted in figures.
    """

    rows: Sequence[Row]
    labels: tuple[str, ...]
    concepts: Concepts
    parts: Sequence[Parts]
    groups: Sequence[int]
    copies: Sequence[bool]
    options: Options

    @property
    def targets(self) -> Ints:
        """The place of each row's label."""
        return np.array([self.labels.index(row.label) for row in self.rows], dtype=np.int64)

    def only(self, kept: Collection[int]) -> "Prepared":
        """These rows alone."""
        return replace(
            self,
            rows=[self.rows[place] for place in kept],
            parts=[self.parts[place] for place in kept],
            groups=[self.groups[place] for place in kept],
            copies=[self.copies[place] for place in kept],
        )


def prepare(
    rows: Sequence[Row],
    labels: Sequence[str],
    concepts: Concepts,
    options: Options,
    copies: Sequence[Copy] = (),
) -> Prepared:
    """Compute what every fold needs once."""
    texts = [*(row.text for row in rows), *(copy.row.text for copy in copies)]
    parts = [parts_of(text, concepts, options.bits) for text in texts]
    groups = groups_of(Fingerprints(parts[: len(rows)]))
    return Prepared(
        [*rows, *(copy.row for copy in copies)],
        tuple(labels),
        concepts,
        parts,
        [*groups, *(groups[copy.owner] for copy in copies)],
        [False] * len(rows) + [True] * len(copies),
        options,
    )


def fitted(prepared: Prepared) -> GuardModel:
    """A model of all rows, not calibrated."""
    options = prepared.options
    idf = idf_of(prepared.parts, least=options.least, bits=options.bits)
    space = FeatureSpace(prepared.concepts, idf, options.bits)
    used = np.flatnonzero(idf)
    points = space.weighed(prepared.parts)[:, used].tocsr()
    own, bias = _descend(
        points,
        prepared.targets,
        row_weights(prepared.rows, prepared.groups, prepared.labels),
        len(prepared.labels),
        options,
    )
    weights = np.zeros((len(idf), len(prepared.labels)), dtype=np.float32)
    weights[used] = own.astype(np.float16)
    return GuardModel(
        labels=prepared.labels,
        space=space,
        weights=weights,
        bias=bias.astype(np.float32),
        scale=1.0,
        shift=np.zeros(len(prepared.labels), dtype=np.float32),
        thresholds={},
        version="",
    )


def row_weights(rows: Sequence[Row], groups: Sequence[int], labels: Sequence[str]) -> Doubles:
    """How much each row counts: harmless ones half of all and each other label the same share of the rest; within a
    label a source by the root of its size, and within a source a group of like texts by the root of its own.

    A set of 10,000 questions to a bank must not drown 200 attacks, nor 400 fillings of one template 40 others.
    """
    alike = Counter((row.label, row.source, group) for row, group in zip(rows, groups, strict=True))
    own = [alike[row.label, row.source, group] ** -0.5 for row, group in zip(rows, groups, strict=True)]
    sizes: defaultdict[tuple[str, str], float] = defaultdict(float)
    for row, weight in zip(rows, own, strict=True):
        sizes[row.label, row.source] += weight
    by_label: defaultdict[str, float] = defaultdict(float)
    for (label, _), size in sizes.items():
        by_label[label] += size**0.5
    shares = {label: 0.5 / (len(labels) - 1) for label in labels[:-1]} | {labels[-1]: 0.5}
    weights = np.array(
        [
            shares[row.label] * weight * sizes[row.label, row.source] ** -0.5 / by_label[row.label]
            for row, weight in zip(rows, own, strict=True)
        ]
    )
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def out_of_fold(prepared: Prepared, folds: int) -> Floats:
    """For each row the logits of a model that has seen neither it nor any row that is alike."""
    labels = [row.label for row in prepared.rows]
    fold = np.array(folds_of(prepared.groups, labels, folds))
    logits = np.zeros((len(labels), len(prepared.labels)), dtype=np.float32)
    for one in range(folds):
        held = np.flatnonzero(fold == one).tolist()
        model = fitted(prepared.only(np.flatnonzero(fold != one).tolist()))
        logits[held] = model.logits_of(model.space.weighed([prepared.parts[place] for place in held]))
    return logits


def calibrated(model: GuardModel, logits: Floats, targets: Ints, weights: Doubles) -> GuardModel:
    """The model with the scale and shifts that make the log loss of unseen rows least (Platt 1999, several labels)."""
    count = len(model.labels)
    wanted = np.eye(count)[targets]

    def loss(point: Doubles) -> tuple[float, Doubles]:
        shares = softmax((logits * point[0] + point[1:]).astype(np.float64))
        off = (shares - wanted) * weights[:, None]
        value = -float((weights * np.log(shares[np.arange(len(targets)), targets] + 1e-12)).sum())
        return value, np.concatenate([[(off * logits).sum()], off.sum(axis=0)])

    found = minimize(loss, np.array([1.0, *[0.0] * count]), jac=True, method="L-BFGS-B").x
    return replace(model, scale=round(float(found[0]), 4), shift=np.round(found[1:], 4).astype(np.float32))


def threshold_for(scores: Floats, *, alarms: float, floor: float = 0.5) -> float:
    """The least probability that at most this share of harmless texts reaches, never below `floor`."""
    allowed = int(len(scores) * alarms)
    ordered = np.sort(scores)[::-1]
    return max(floor, round(float(ordered[allowed]) + 1e-3, 3)) if len(ordered) > allowed else floor


def scores_by_label(probabilities: Floats, labels: Sequence[str]) -> Mapping[str, Floats]:
    """The columns by name."""
    return {label: probabilities[:, place] for place, label in enumerate(labels)}


def _descend(
    points: sparse.csr_matrix, targets: Ints, weights: Doubles, labels: int, options: Options
) -> tuple[Doubles, Doubles]:
    """The weights and biases of least penalised loss, by L-BFGS; biases are not penalised."""
    width = points.shape[1]
    wanted = np.eye(labels)[targets]
    turned = points.T.tocsr()

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        matrix, bias = flat[: width * labels].reshape(width, labels), flat[width * labels :]
        logits = points @ matrix.astype(np.float32) + bias
        logits -= logits.max(axis=1, keepdims=True)
        sums = np.log(np.exp(logits).sum(axis=1, keepdims=True))
        off = (np.exp(logits - sums) - wanted) * weights[:, None]
        value = float(((sums[:, 0] - (logits * wanted).sum(axis=1)) * weights).sum())
        value += options.penalty / 2 * float((matrix**2).sum())
        slope = turned @ off.astype(np.float32) + options.penalty * matrix
        return value, np.concatenate([slope.ravel(), off.sum(axis=0)])

    start = np.zeros(width * labels + labels)
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": options.steps, "maxcor": 10}
    ).x
    return found[: width * labels].reshape(width, labels), found[width * labels :]
