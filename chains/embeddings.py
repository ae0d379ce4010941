"""Sentence vectors without any download: averaged word vectors that Natasha's package carries.

A weak but honest dense part (XQuAD Russian, 240 passages: nDCG@10 0.84, where BM25 on lemmas has 0.96): it finds
paraphrases that share no word, and is never trusted alone. See `retrieval.py`.
"""

import hashlib
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from langchain_core.embeddings import Embeddings
from navec import Navec
from numpy.typing import NDArray

from chains.text import lemma, normalise, tokens
from chains.word_vectors import word_vectors

Vector = NDArray[np.float32]

DIMENSION = 300
_FREQUENT = 8_000  # words from which the common direction of all vectors is estimated
_COMMON_COMPONENTS = (
    5  # directions that every text shares; measured: 0 gives 0.820, 2 0.829, 5 0.843, 8 0.843
)
_SMOOTHING = 1e-4  # `a` of the weight a / (a + p(word)); measured: 1e-3 gives 0.79, 1e-4 and 3e-5 0.82


class _Words(NamedTuple):
    navec: Navec
    counts: NDArray[np.float64]
    total: float
    mean: Vector
    common: Vector  # rows are orthonormal directions


def _load() -> _Words:
    navec = word_vectors()
    counts = np.asarray(navec.vocab.counts, dtype=np.float64)
    frequent = np.argsort(-counts, kind="stable")[:_FREQUENT]
    vectors = _unpacked(navec, frequent)
    mean = vectors.mean(axis=0)
    centred = vectors - mean
    _, directions = np.linalg.eigh(centred.T @ centred)  # ascending eigenvalues
    common = directions[:, -_COMMON_COMPONENTS:].T
    return _Words(navec, counts, float(counts.sum()), mean.astype(np.float32), common.astype(np.float32))


class Embedder(Embeddings):
    """Texts to L2-normalised vectors of `DIMENSION` floats; a text without words is the zero vector.

    A text is the average of its words' vectors, weighted by how rare each is, with the directions that all words
    share removed (Arora et al. 2017, "A simple but tough-to-beat baseline for sentence embeddings"; unlike there,
    the directions come from the vocabulary, so that a text's vector does not depend on the other texts). Each word
    counts as written and as its lemma, half each. A word that Navec does not know, such as a model name, gets a
    random vector that is always the same one.

    The vectors are loaded at the first text (0.6 s, about 80 MB), once, whichever thread comes first.
    """

    name = "navec-news-sif-2"
    """Changes whenever the same text would get another vector: stores keep vectors of one name together."""

    def __init__(self) -> None:
        self._words: _Words | None = None
        self._lock = threading.Lock()
        self._vector_of = lru_cache(maxsize=20_000)(self._vector_of_word)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text, in the same order."""
        cut = [[token.text.lower() for token in tokens(normalise(text))] for text in texts]
        places = {
            word: place for place, word in enumerate(dict.fromkeys(word for words in cut for word in words))
        }
        vectors = self.word_vectors(list(places))
        sums = (vectors[[places[word] for word in words]].sum(axis=0) for words in cut)
        return [_unit(total).tolist() for total in sums]

    def embed_query(self, text: str) -> list[float]:
        """The vector of one text; questions and passages are treated alike."""
        return list(self.vector(text).tolist())

    def vector(self, text: str) -> Vector:
        """The vector of one text as an array of float32."""
        words = [token.text.lower() for token in tokens(normalise(text))]
        if not words:
            return np.zeros(DIMENSION, dtype=np.float32)
        return _unit(np.asarray([self._vector_of(word) for word in words]).sum(axis=0))

    def word_vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """One row a word in lower case: what it adds to the vector of a text, its weight included."""
        bases = [lemma(word) for word in words]
        forms = {form: place for place, form in enumerate(dict.fromkeys((*words, *bases)))}
        vectors = self._vectors_of(list(forms))
        written = vectors[[forms[word] for word in words]]
        return np.asarray((written + vectors[[forms[base] for base in bases]]) / 2, dtype=np.float32)

    def _ready(self) -> _Words:
        if self._words is None:
            with self._lock:
                if self._words is None:
                    self._words = _load()
        return self._words

    def _vector_of_word(self, word: str) -> Vector:
        return np.asarray(self.word_vectors([word])[0], dtype=np.float32)

    def _vectors_of(self, forms: Sequence[str]) -> NDArray[np.float32]:
        """The unit vectors of word forms times their weights, all at once."""
        words = self._ready()
        vocabulary = words.navec.vocab
        known = [place for place, form in enumerate(forms) if form in vocabulary]
        numbers = [vocabulary.word_ids[forms[place]] for place in known]
        result = np.zeros((len(forms), DIMENSION), dtype=np.float32)
        for place in set(range(len(forms))).difference(known):
            result[place] = _hashed(forms[place])
        if known:
            vectors = _unpacked(words.navec, numbers) - words.mean
            vectors -= (vectors @ words.common.T) @ words.common
            share = words.counts[numbers] / words.total
            norms = np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)
            result[known] = vectors * (_SMOOTHING / (_SMOOTHING + share) / norms)[:, None]
        return result


def _unpacked(navec: Navec, numbers: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
    vectors = navec.pq.codes[navec.pq.qdims, navec.pq.indexes[numbers]]
    return np.asarray(vectors.reshape(len(numbers), DIMENSION), dtype=np.float32)


def _unit(total: NDArray[np.float32]) -> Vector:
    """The sum of word vectors made one long; nothing stays nothing."""
    norm = float(np.linalg.norm(total))
    return np.asarray(total / np.float32(norm) if norm > 0 else total, dtype=np.float32)


def _hashed(word: str) -> Vector:
    """A unit vector drawn from the word itself: equal words meet, unequal ones are nearly orthogonal."""
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
    vector = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


class CommonWords(NamedTuple):
    """The words that have vectors, with the share of each in the news they were counted in."""

    words: list[str]
    shares: NDArray[np.float64]


def common_words() -> CommonWords:
    """All words with a vector; two special entries of the vocabulary are left out."""
    loaded = _load()
    vocabulary = loaded.navec.vocab
    special = {vocabulary.unk_id, vocabulary.pad_id}
    kept = [number for number in range(len(vocabulary.words)) if number not in special]
    counts = loaded.counts[kept]
    return CommonWords([str(vocabulary.words[number]) for number in kept], counts / counts.sum())
