"""How near the nearest sentence or two of a passage are to a question, by word vectors."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chains.embeddings import Embedder
from chains.text import normalise, sentences, tokens
from stores.passages import Passage

_LANGUAGE = "ru"


class Windows:
    """The passages cut into windows: each sentence, each two that follow each other; the title is the first one.

    A question asks for what one sentence says: the best window tells passages apart far better than the average of
    a whole passage (XQuAD Russian, vectors alone: nDCG@10 0.88 against 0.83). Only Russian passages have windows,
    since the vectors are of Russian words. Never changed after it is built.
    """

    def __init__(self, passages: Sequence[Passage], embedder: Embedder) -> None:
        self._embedder = embedder
        cuts = [_cut(passage) for passage in passages]
        places: dict[str, int] = {}
        for sentence in (sentence for cut in cuts for sentence in cut):
            for word in sentence:
                places.setdefault(word, len(places))
        vectors = embedder.word_vectors(list(places))
        self._sentences = [_summed(cut, places, vectors) for cut in cuts]

    def similarities(self, question: str, places: Sequence[int]) -> NDArray[np.float32]:
        """The cosine of the best window of each passage, 0 for a passage or a question without words it knows."""
        asked = self._embedder.vector(question)
        return np.asarray([_best(asked, self._sentences[place]) for place in places], dtype=np.float32)


def _cut(passage: Passage) -> list[list[str]]:
    """The words of each sentence, those of the title first; nothing for a passage in another language."""
    if passage.language != _LANGUAGE:
        return []
    cut = ([token.text.lower() for token in tokens(normalise(one))] for one in _sentences(passage))
    return [words for words in cut if words]


def _sentences(passage: Passage) -> list[str]:
    return [passage.title, *sentences(passage.text)]


def _summed(
    cut: list[list[str]], places: Mapping[str, int], vectors: NDArray[np.float32]
) -> NDArray[np.float16]:
    """The sum of each sentence's word vectors; half precision takes half the memory and leaves the ranks."""
    sums = [vectors[[places[word] for word in words]].sum(axis=0) for words in cut]
    return np.asarray(sums, dtype=np.float16).reshape(len(sums), vectors.shape[1])


def _best(asked: NDArray[np.float32], summed: NDArray[np.float16]) -> float:
    if not len(summed):
        return 0.0
    single = summed.astype(np.float32)
    windows = np.concatenate((single, single[:-1] + single[1:]))
    norms = np.maximum(np.linalg.norm(windows, axis=1), 1e-9)
    return float(max(0.0, np.max(windows @ asked / norms)))
