"""The classifiers of answers: weights read from plain arrays, so that loading executes nothing.

`python -m jobs train-guard` makes the artefacts: `refusal.npz`, and `response_harm.npz`, which also holds the weights
by which a text is told to be about harm.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chains.answer_features import (
    Floats,
    Places,
    harm_names,
    harm_values,
    opening_places,
    refusal_names,
    refusal_values,
    sigmoid,
    theme_places,
)
from chains.answer_signs import Pair, SignBook

_FORMAT = 1


@dataclass(frozen=True, repr=False)
class Linear:
    """A linear score: a weight for each number, one for each place of a table of word runs, and a constant."""

    dense: Floats
    table: Floats
    bias: float

    @property
    def bits(self) -> int:
        """The table has 2 to this power places."""
        return max(0, len(self.table).bit_length() - 1)

    def score(self, values: Floats | None, places: Places | None) -> float:
        """The logit; the runs' weights count as of a vector of length `RUNS_LENGTH`."""
        logit = self.bias
        if values is not None:
            logit += float(values @ self.dense)
        if places is not None and len(places):
            logit += RUNS_LENGTH * float(self.table[places].sum()) / float(np.sqrt(len(places)))
        return logit


RUNS_LENGTH = 2.0
"""How long the part of a vector that stands for word runs is."""


class Scores(NamedTuple):
    """The probabilities that an answer refuses and that it harms."""

    refusal: float
    harm: float


@dataclass(frozen=True, repr=False)
class AnswerModels:
    """The three scores, and from which probability on a refusal and harm are believed. Thread-safe."""

    book: SignBook
    refusal: Linear
    theme: Linear
    harm: Linear
    refuses_from: float
    harms_from: float
    version: str

    def scores(self, pair: Pair) -> Scores:
        """Both probabilities for a pair with words in its answer."""
        refusal = self.refusal_logit(pair)
        harm = self.harm.score(self.harm_values(pair, refusal), None)
        return Scores(sigmoid(refusal), sigmoid(harm))

    def harm_values(self, pair: Pair, refusal: float) -> Floats:
        """What the harm of a pair is told by; `refusal` is the logit of its refusing."""
        asked, said = self.theme_logit(pair.question), self.theme_logit(pair.answer)
        return harm_values(self.book, pair, refusal, asked, said)

    def refusal_logit(self, pair: Pair) -> float:
        """The refusal alone."""
        return self.refusal.score(refusal_values(self.book, pair), opening_places(pair, self.refusal.bits))

    def theme_logit(self, text: str) -> float:
        """Whether a normalised text is about harm."""
        return self.theme.score(None, theme_places(text, self.theme.bits))


def save_linear(path: Path, models: Mapping[str, Linear], head: Mapping[str, Any]) -> None:
    """Write an artefact; the same models make the same bytes."""
    arrays: dict[str, Any] = {}
    for name, model in models.items():
        used = np.flatnonzero(model.table)
        arrays |= {
            f"{name}_dense": model.dense.astype(np.float32),
            f"{name}_places": used.astype(np.uint32),
            f"{name}_weights": model.table[used].astype(np.float16),
            f"{name}_size": np.array([len(model.table)], dtype=np.int64),
            f"{name}_bias": np.array([model.bias], dtype=np.float32),
        }
    text = json.dumps({"format": _FORMAT, **head}, ensure_ascii=False, sort_keys=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, head=np.frombuffer(text.encode(), dtype=np.uint8), **arrays)


def load_answer_models(folder: Path, book: SignBook) -> AnswerModels:
    """Read both artefacts. Raises FileNotFoundError, KeyError or ValueError when the installation is broken."""
    refusal, refusal_head = _load(folder / "refusal.npz", ("refusal",), refusal_names(book))
    harm, harm_head = _load(folder / "response_harm.npz", ("theme", "harm"), harm_names(book))
    return AnswerModels(
        book,
        refusal["refusal"],
        harm["theme"],
        harm["harm"],
        float(refusal_head["threshold"]),
        float(harm_head["threshold"]),
        f"{refusal_head['version']}+{harm_head['version']}",
    )


def _load(
    path: Path, names: Sequence[str], numbers: Sequence[str]
) -> tuple[dict[str, Linear], dict[str, Any]]:
    with np.load(path, allow_pickle=False) as file:
        head = json.loads(file["head"].tobytes().decode())
        if head["format"] != _FORMAT or head["numbers"] != list(numbers):
            raise ValueError(f"{path}: made for other signs; train it anew (python -m jobs train-guard)")
        models = {}
        for name in names:
            table = np.zeros(int(file[f"{name}_size"][0]), dtype=np.float32)
            table[file[f"{name}_places"]] = file[f"{name}_weights"]
            models[name] = Linear(
                file[f"{name}_dense"].astype(np.float32), table, float(file[f"{name}_bias"][0])
            )
    return models, head
