"""Multinomial logistic regression over the features of `chains.intents`, fitted by accelerated gradient descent.

There are fewer messages than features, so it is fitted in coefficients of the messages (the kernel form, the same
optimum): only products of messages with each other are needed, and numpy alone is enough.
"""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from chains.intents import (
    OTHER,
    Array,
    IntentModel,
    Space,
    WordVectors,
    feature_names,
    plain_words,
    softmax,
    vector_of,
)
from chains.router import Patterns, fired_patterns
from chains.synonyms import Synonyms
from chains.translations import Table
from jobs.router_training.data import Message, disturbed, filled, groups_of

_PENALTY = 1e-4  # of 1e-3, 3e-4, 1e-4, 3e-5 the best by cross-validation
_STEPS = 150
_COPIES = 1


class Prepared:
    """The messages with their features, and a disturbed copy of each beside it.

    `texts` are the messages filled in; `owner` gives for each row of features the message that it belongs to.
    """

    def __init__(
        self,
        messages: Sequence[Message],
        patterns: Patterns,
        synonyms: Synonyms,
        translations: Table,
        vectors: WordVectors,
    ) -> None:
        chance = random.Random(1)  # noqa: S311  # repeatable, no secret
        self.messages = messages
        self.vectors_name = vectors.name
        self.labels = sorted({message.intent for message in messages})
        self.texts = [filled(message.text, turn) for turn, message in enumerate(messages)]
        self.owner = list(range(len(messages)))
        texts = list(self.texts)
        for _ in range(_COPIES):
            self.owner += range(len(messages))
            texts += [
                disturbed(text, message, chance) for text, message in zip(self.texts, messages, strict=True)
            ]
        plains = [plain_words(text, None, lambda word: word == OTHER) for text in texts]
        self.names = [
            feature_names(text, plain, fired_patterns(patterns, text), synonyms)
            for text, plain in zip(texts, plains, strict=True)
        ]
        self.dense = np.stack([vector_of(plain, vectors, translations) for plain in plains])
        self.groups = groups_of([" ".join(plain) for plain in plains[: len(messages)]])
        self.targets = np.array([self.labels.index(messages[place].intent) for place in self.owner])


class Fitted:
    """A model fitted on some rows of `prepared`."""

    def __init__(self, prepared: Prepared, rows: Sequence[int]) -> None:
        counts = Counter(name for row in rows for name in prepared.names[row])
        known = sorted(name for name, count in counts.items() if count > 1)
        idf = np.array([_idf(name, counts[name], len(rows)) for name in known], dtype=np.float32)
        self.space = Space({name: place for place, name in enumerate(known)}, idf)
        points = _matrix(self.space, [prepared.names[row] for row in rows])
        dense = prepared.dense[list(rows)]
        kernel = points @ points.T + dense @ dense.T
        coefficients = _descend(kernel, prepared.targets[list(rows)], len(prepared.labels))
        self.weights = points.T @ coefficients
        self.dense_weights = dense.T @ coefficients

    def logits(self, prepared: Prepared, rows: Sequence[int]) -> Array:
        """One row of logits for each of these rows."""
        points = _matrix(self.space, [prepared.names[row] for row in rows])
        return np.asarray(
            points @ self.weights + prepared.dense[list(rows)] @ self.dense_weights, dtype=np.float32
        )


def train(prepared: Prepared, *, temperature: float, version: str) -> IntentModel:
    """The model of all messages."""
    fitted = Fitted(prepared, range(len(prepared.owner)))
    return IntentModel(
        labels=tuple(prepared.labels),
        space=fitted.space,
        weights=fitted.weights,
        dense_weights=fitted.dense_weights,
        temperature=temperature,
        vectors=prepared.vectors_name,
        version=version,
    )


def out_of_fold_logits(prepared: Prepared, folds: Sequence[int]) -> Array:
    """For each message the logits of a model that has seen neither it nor any of its group."""
    count = len(prepared.messages)
    logits = np.zeros((count, len(prepared.labels)), dtype=np.float32)
    for fold in sorted(set(folds)):
        seen = [row for row, owner in enumerate(prepared.owner) if folds[owner] != fold]
        held = [place for place in range(count) if folds[place] == fold]
        logits[held] = Fitted(prepared, seen).logits(prepared, held)
    return logits


def _idf(name: str, frequency: int, count: int) -> float:
    """Words and manners are told apart by their weights alone; of letters and patterns the rare ones tell more."""
    return 1.0 if name[0] in "ws" else max(0.05, math.log(count / frequency))


def _matrix(space: Space, names: Sequence[set[str]]) -> Array:
    matrix = np.zeros((len(names), len(space.places)), dtype=np.float32)
    for row, own in enumerate(names):
        point: Mapping[int, float] = space.point(own)
        matrix[row, list(point)] = list(point.values())
    return matrix


def _descend(kernel: Array, targets: np.ndarray, labels: int) -> Array:
    """Coefficients of the messages: Nesterov's accelerated gradient on the penalised log loss."""
    count = len(kernel)
    wanted = np.eye(labels, dtype=np.float32)[targets]
    step = np.float32(1 / (0.5 * _largest_eigenvalue(kernel) / count + _PENALTY))
    current = ahead = np.zeros((count, labels), dtype=np.float32)
    momentum = 1.0
    for _ in range(_STEPS):
        slope = (softmax(kernel @ ahead) - wanted) / np.float32(count) + np.float32(_PENALTY) * ahead
        moved = ahead - step * slope
        following = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
        ahead = moved + np.float32((momentum - 1) / following) * (moved - current)
        current, momentum = moved, following
    return np.asarray(current, dtype=np.float32)


def _largest_eigenvalue(kernel: Array) -> float:
    """By the power method, to the accuracy that a step size needs."""
    vector = np.ones(len(kernel), dtype=np.float32)
    size = 1.0
    for _ in range(20):
        vector = kernel @ vector
        size = float(np.linalg.norm(vector))
        vector /= size
    return size
