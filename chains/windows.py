"""How near the nearest sentence or two of a passage are to a question, by word vectors."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chains.embeddings import Embedder
from chains.text import normalise, sentences, tokens
from stores.passages import Passage

_LANGUAGE = "ru"
_AT_ONCE = 4096  # sentences: their words' vectors are in memory together


class Windows:
    """The passages cut into windows: each sentence, each two that follow each other; the title is the first one.

    A question asks for what one sentence says: the best window tells passages apart far better than the average of
    a whole passage (XQuAD Russian, vectors alone: nDCG@10 0.88 against 0.83). Only Russian passages have windows,
    since the vectors are of Russian words. Never changed after it is built.
    """

    def __init__(self, passages: Sequence[Passage], embedder: Embedder) -> None:
        self._embedder = embedder
        cuts = [_cut(passage) for passage in passages]
        self._sums = _summed([sentence for cut in cuts for sentence in cut], embedder)
        counts = np.asarray([len(cut) for cut in cuts], dtype=np.int64)
        self._ends = np.cumsum(counts)
        self._starts = self._ends - counts
        self._norms, self._pair_norms = _norms(self._sums, self._ends)

    def similarities(self, question: str, places: Sequence[int]) -> NDArray[np.float32]:
        """The cosine of the best window of each passage, 0 for a passage or a question without words it knows."""
        result = np.zeros(len(places), dtype=np.float32)
        cut = [number for number, place in enumerate(places) if self._ends[place] > self._starts[place]]
        if not cut:
            return result
        parts = [np.arange(self._starts[places[number]], self._ends[places[number]]) for number in cut]
        rows = np.concatenate(parts)
        asked = self._embedder.vector(question)
        near = self._sums[rows].astype(np.float32) @ asked
        pairs = (near + np.append(near[1:], np.float32(0))) / self._pair_norms[rows]
        firsts = np.cumsum([0, *(len(part) for part in parts[:-1])])
        result[cut] = np.maximum.reduceat(np.maximum(near / self._norms[rows], pairs), firsts)
        return np.maximum(result, 0)


def _cut(passage: Passage) -> list[list[str]]:
    """The words of each sentence, those of the title first; nothing for a passage in another language."""
    if passage.language != _LANGUAGE:
        return []
    cut = ([token.text.lower() for token in tokens(normalise(one))] for one in _sentences(passage))
    return [words for words in cut if words]


def _sentences(passage: Passage) -> list[str]:
    return [passage.title, *sentences(passage.text)]


def _summed(cut: Sequence[Sequence[str]], embedder: Embedder) -> NDArray[np.float16]:
    """The sum of each sentence's word vectors; half precision takes half the memory and leaves the ranks."""
    numbers: dict[str, int] = {}
    words = [[numbers.setdefault(word, len(numbers)) for word in sentence] for sentence in cut]
    vectors = embedder.word_vectors(list(numbers))
    sums = np.zeros((len(words), vectors.shape[1]), dtype=np.float16)
    for start in range(0, len(words), _AT_ONCE):
        part = words[start : start + _AT_ONCE]
        firsts = np.cumsum([0, *(len(sentence) for sentence in part[:-1])])
        sums[start : start + len(part)] = np.add.reduceat(vectors[[*chain.from_iterable(part)]], firsts)
    return sums


class _Norms(NamedTuple):
    single: NDArray[np.float32]
    pairs: NDArray[np.float32]


def _norms(sums: NDArray[np.float16], ends: NDArray[np.int64]) -> _Norms:
    """The lengths of each sentence's vector and of its sum with the next one's; no next one is infinitely long."""
    single = np.zeros(len(sums), dtype=np.float32)
    pairs = np.full(len(sums), np.inf, dtype=np.float32)
    for start in range(0, len(sums), _AT_ONCE):
        part = sums[start : start + _AT_ONCE + 1].astype(np.float32)
        single[start : start + len(part)] = np.linalg.norm(part, axis=1)
        pairs[start : start + len(part) - 1] = np.linalg.norm(part[:-1] + part[1:], axis=1)
    pairs[ends[ends > 0] - 1] = np.inf
    return _Norms(np.maximum(single, np.float32(1e-9)), np.maximum(pairs, np.float32(1e-9)))
