"""Which question a message probably is: a linear model over words, letters, patterns and word vectors.

`python -m jobs train-router` makes it from `assets/router/messages.csv`. Names of cars, of brands and numbers are
replaced by one word each before anything is counted, so that what was learnt holds for any salon. The artefact is
plain arrays: nothing in it is executed when it is read.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from chains.numerals import Word, words_of
from chains.phrasing import read_phrasing
from chains.synonyms import Synonyms
from chains.translations import Table
from chains.vocabulary import CLASS_WORDS, Vocabulary

Array = NDArray[np.float32]

CAR, BRAND, OTHER, NUMBER = "xcarx", "xbrandx", "xotherx", "xnumx"
"""What stands for a car's name, the salon's brand, any other brand, and a number."""
_LETTERS = (3, 4, 5)
_LONG = 12
BLOCKS = {"w": 1.0, "c": 1.0, "p": 1.5, "r": 0.5, "s": 2.0, "d": 2.0}
"""How much words, runs of letters, patterns, manner, synonyms and word vectors count: the squared length of each
block of features. Chosen by cross-validation."""


class WordVectors(Protocol):
    """The word vectors that a text is averaged from, as `chains.embeddings.Embedder` offers them."""

    name: str

    def vector(self, text: str) -> Array:
        """The unit vector of a text; zero for a text without words."""


class Prediction(NamedTuple):
    """Probabilities by label, calibrated: of messages given 0.8, about 80 in 100 are right."""

    probabilities: Mapping[str, float]

    def share(self, *routes: str) -> float:
        """The probability of these routes together, each with its sub-intents: `share("legend", "hours")`."""
        return sum(value for label, value in self.probabilities.items() if label.partition(":")[0] in routes)

    def best(self, route: str | None = None) -> str:
        """The most probable label, of one route if that is given."""
        labels = [label for label in self.probabilities if route in {None, label.partition(":")[0]}]
        return max(labels, key=lambda label: self.probabilities[label])


def plain_words(
    message: str, vocabulary: Vocabulary | None, is_other_brand: Callable[[str], bool]
) -> list[str]:
    """The lemmas of a message with names of cars, brands and numbers replaced.

    `vocabulary` None (in training) means that the text has the replacements already.
    """
    words, plain, index = words_of(message), list[str](), 0
    while index < len(words):
        word = words[index]
        if is_other_brand(word.text) and not (vocabulary and vocabulary.is_sold(word)):
            plain.append(OTHER)
            index += 1
            continue
        length = _car_at(words, index, vocabulary) if vocabulary is not None else 0
        if length:
            if plain[-1:] != [CAR]:
                plain.append(CAR)
            index += length
            continue
        index += 1
        if word.text in CLASS_WORDS and plain[-1:] == [CAR]:
            continue
        if vocabulary is not None and vocabulary.names.is_brand(word):
            plain.append(BRAND)
        elif word.number is not None:
            plain.append(NUMBER)
        elif word.text[0].isalnum():
            plain.append(word.lemma)
    return plain


def _car_at(words: Sequence[Word], index: int, vocabulary: Vocabulary) -> int:
    """How many words of a class's or model's name begin here; 0 for none."""
    named = vocabulary.names.at(words, index)
    if named is not None:
        return named.length
    slang = vocabulary.phrase_at(words, index)
    if slang is not None and slang[1].field in {"class", "model"}:
        return slang[0]
    word, around = words[index], {other.text for other in words[max(0, index - 1) : index + 3]}
    return 1 if word.latin in vocabulary.letters and around & CLASS_WORDS else 0


def feature_names(message: str, plain: Sequence[str], fired: Iterable[str], synonyms: Synonyms) -> set[str]:
    """The names of the features that a message has, `block:name`; `fired` are the patterns that match it."""
    padded = ["^", *plain, "$"]
    words = {*plain, *(f"{one} {other}" for one, other in pairwise(padded))}
    shapes = [f"_{word}_" for word in plain]
    runs = {
        shape[at : at + size] for shape in shapes for size in _LETTERS for at in range(len(shape) - size + 1)
    }
    akin = {min(word, *synonyms[word]) for word in plain if synonyms.get(word)}
    blocks = {"w": words, "c": runs, "p": set(fired), "r": _manner(message, plain), "s": akin}
    return {f"{block}:{name}" for block, names in blocks.items() for name in names}


def _manner(message: str, plain: Sequence[str]) -> set[str]:
    """How it is put: its length, its marks, what is asked of cars if it is about them."""
    phrasing = read_phrasing(words_of(message), frozenset())[0]
    flags = {
        "always": True,
        "long": len(plain) > _LONG,
        "short": len(plain) <= 2,
        "empty": not plain,
        "question": "?" in message,
        "car": CAR in plain,
        "other": OTHER in plain,
        "number": NUMBER in plain,
        "any_car": phrasing.any_car,
        "back": phrasing.points_back,
        "follow": phrasing.follow_up,
        "superlative": phrasing.superlative,
        "relative": phrasing.relative is not None,
        f"ask {phrasing.ask}": phrasing.ask is not None,
    }
    return {name for name, holds in flags.items() if holds}


def vector_of(plain: Sequence[str], vectors: WordVectors, translations: Table) -> Array:
    """The averaged word vector of a message, what was replaced left out.

    The vectors are of Russian words: of an English one its likeliest translation is taken.
    """
    text = " ".join(_russian(word, translations) for word in plain if word not in {CAR, BRAND, OTHER, NUMBER})
    return vectors.vector(text) * np.float32(math.sqrt(BLOCKS["d"]))


def _russian(word: str, translations: Table) -> str:
    found = translations.get(word, {}) if word.isascii() else {}
    return max(found, key=lambda other: found[other]) if found else word


@dataclass(frozen=True, repr=False)
class Space:
    """The features that are known, with how telling each is."""

    places: Mapping[str, int]
    idf: Array

    def point(self, names: Iterable[str]) -> dict[int, float]:
        """The known features by place, each block scaled to the length that `BLOCKS` gives it."""
        known = [(name[0], self.places[name]) for name in names if name in self.places]
        squares = dict.fromkeys(BLOCKS, 0.0)
        for block, place in known:
            squares[block] += float(self.idf[place]) ** 2
        return {
            place: float(self.idf[place]) * math.sqrt(BLOCKS[block] / squares[block])
            for block, place in known
            if squares[block]
        }


@dataclass(frozen=True, repr=False)
class IntentModel:
    """A weight a feature and label, those of the vectors beside; `temperature` calibrates the probabilities.

    `version` tells which data and code it was made from; `vectors` names the word vectors that it was trained with.
    """

    labels: tuple[str, ...]
    space: Space
    weights: Array
    dense_weights: Array
    temperature: float
    vectors: str
    version: str

    def predict(self, names: Iterable[str], vector: Array) -> Prediction:
        """The probabilities for the features and the vector of a message; unknown features are ignored."""
        point = self.space.point(names)
        logits = vector @ self.dense_weights
        if point:
            logits = logits + np.fromiter(point.values(), dtype=np.float32) @ self.weights[list(point)]
        return Prediction(dict(zip(self.labels, softmax(logits / self.temperature).tolist(), strict=True)))


def softmax(logits: Array) -> Array:
    """Shares of one, along the last axis."""
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True), dtype=np.float32)


class Classifier:
    """A trained model with all it needs to look at a message; thread-safe."""

    def __init__(
        self, model: IntentModel, vectors: WordVectors, synonyms: Synonyms, translations: Table
    ) -> None:
        self.model = model
        self._vectors = vectors
        self._synonyms = synonyms
        self._translations = translations
        self._same_vectors = vectors.name == model.vectors

    def predict(
        self,
        message: str,
        vocabulary: Vocabulary,
        is_other_brand: Callable[[str], bool],
        fired: Iterable[str],
    ) -> Prediction:
        """Which question `message` is; `fired` names the router's patterns that match it."""
        plain = plain_words(message, vocabulary, is_other_brand)
        # Other vectors than those trained with would say something random: without them the rest decides.
        vector = vector_of(plain if self._same_vectors else (), self._vectors, self._translations)
        return self.model.predict(feature_names(message, plain, fired, self._synonyms), vector)


def save_model(model: IntentModel, path: Path) -> None:
    """Write the artefact: half-precision weights, names as JSON text, no pickle."""
    names = sorted(model.space.places, key=lambda name: model.space.places[name])
    head = {
        "labels": model.labels,
        "features": names,
        "temperature": model.temperature,
        "vectors": model.vectors,
        "version": model.version,
    }
    np.savez_compressed(
        path,
        head=np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), dtype=np.uint8),
        idf=model.space.idf.astype(np.float16),
        weights=model.weights.astype(np.float16),
        dense_weights=model.dense_weights.astype(np.float16),
    )


def load_model(path: Path) -> IntentModel:
    """Read the artefact. Raises FileNotFoundError, KeyError or ValueError when the installation is broken."""
    with np.load(path, allow_pickle=False) as file:
        head = json.loads(file["head"].tobytes().decode())
        idf, weights, dense = (file[name].astype(np.float32) for name in ("idf", "weights", "dense_weights"))
    places = {name: place for place, name in enumerate(head["features"])}
    return IntentModel(
        labels=tuple(head["labels"]),
        space=Space(places, idf),
        weights=weights,
        dense_weights=dense,
        temperature=float(head["temperature"]),
        vectors=head["vectors"],
        version=head["version"],
    )
