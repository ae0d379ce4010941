"""A linear classifier of texts with calibrated probabilities, read from plain arrays: nothing is executed on loading.

`python -m jobs train-guard` makes the artefacts in `assets/guard/models`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse

from chains.guard_model.features import FeatureSpace, Floats, concepts_of

_FORMAT = 1


class Belief(NamedTuple):
    """What a model believes of a text: a label and its probability."""

    label: str
    probability: float


@dataclass(frozen=True, repr=False)
class GuardModel:
    """A weight a feature and label. Probabilities are softmax(`scale` · logits + `shift`), fitted on unseen texts.

    `thresholds` gives for a label the probability from which on it is believed; `version` is the hash of the data and
    the code's features; thread-safe.
    """

    labels: tuple[str, ...]
    space: FeatureSpace
    weights: Floats
    bias: Floats
    scale: float
    shift: Floats
    thresholds: Mapping[str, float]
    version: str

    def logits(self, texts: Sequence[str]) -> Floats:
        """One row a text, one column a label, before calibration."""
        return self.logits_of(self.space.vectors(texts))

    def logits_of(self, vectors: sparse.csr_matrix) -> Floats:
        """The same for vectors of `space`."""
        return np.asarray(vectors @ self.weights + self.bias, dtype=np.float32)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """One row a text, one column for each of `labels`; rows sum to one."""
        return softmax(self.logits(texts) * np.float32(self.scale) + self.shift)

    def believed(self, texts: Sequence[str]) -> list[Belief]:
        """What to think of each text: of the labels whose probability reaches its threshold the one that exceeds it
        most, else the last label, which says that nothing is wrong."""
        found = []
        for row in self.probabilities(texts):
            over = [
                (float(row[place]) / self.thresholds[label], Belief(label, float(row[place])))
                for place, label in enumerate(self.labels)
                if label in self.thresholds and row[place] >= self.thresholds[label]
            ]
            found.append(max(over)[1] if over else Belief(self.labels[-1], float(row[-1])))
        return found


def softmax(logits: Floats) -> Floats:
    """Shares of one, along the last axis."""
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True), dtype=np.float32)


def save_guard_model(model: GuardModel, path: Path) -> None:
    """Write the artefact: places that have a weight, in half precision; the same model makes the same bytes."""
    used = np.flatnonzero(model.space.idf)
    head = {
        "format": _FORMAT,
        "labels": model.labels,
        "bits": model.space.bits,
        "concepts": model.space.concepts.as_lists(),
        "scale": model.scale,
        "thresholds": dict(model.thresholds),
        "version": model.version,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        head=np.frombuffer(json.dumps(head, ensure_ascii=False, sort_keys=True).encode(), dtype=np.uint8),
        places=used.astype(np.uint32),
        idf=model.space.idf[used].astype(np.float16),
        weights=model.weights[used].astype(np.float16),
        bias=model.bias.astype(np.float32),
        shift=model.shift.astype(np.float32),
    )


def load_guard_model(path: Path) -> GuardModel:
    """Read the artefact. Raises FileNotFoundError, KeyError or ValueError when the installation is broken."""
    with np.load(path, allow_pickle=False) as file:
        head = json.loads(file["head"].tobytes().decode())
        if head["format"] != _FORMAT:
            raise ValueError(f"{path}: format {head['format']} is not known; train it anew")
        places, bias, shift = (file[name] for name in ("places", "bias", "shift"))
        idf = _spread(places, file["idf"], head["bits"])
        weights = _spread(places, file["weights"], head["bits"])
    return GuardModel(
        labels=tuple(head["labels"]),
        space=FeatureSpace(concepts_of(head["concepts"]), idf, head["bits"]),
        weights=weights,
        bias=bias,
        scale=float(head["scale"]),
        shift=shift,
        thresholds=head["thresholds"],
        version=head["version"],
    )


def _spread(places: np.ndarray, values: np.ndarray, bits: int) -> Floats:
    whole = np.zeros((1 << bits, *values.shape[1:]), dtype=np.float32)
    whole[places] = values
    return whole
