"""Questions that were not answered well, gathered by what they ask: what the brochure lacks, most frequent first.

A question is a vector: its words' vectors (weak but honest, see `embeddings.py`) beside its content lemmas, so that two
questions are alike if they mean about the same in about the same words. English words have no vectors here; their
lemmas alone count. Each run adds what was asked since the last one: a question joins the nearest gap that there is,
whatever has become of it; the rest are put together by average linkage (scipy). The same questions in the same order
make the same gaps.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from chains.text import content_lemmas, language_of
from stores.gaps import GapQuestion, Gaps

# Two paraphrases that share a word or a field have 0.39 to 0.75, two different questions up to 0.39.
_ALIKE = 0.42
_WORDS = 2_048
_LEMMAS_SHARE = 0.4
_BATCH = 1_000
_EXAMPLES = 30

Vector = NDArray[np.float32]


class SentenceVectors(Protocol):
    """Texts as unit vectors, as `chains.embeddings.Embedder` makes them."""

    def vector(self, text: str) -> Vector:
        """The vector of one text."""


class Clustered(NamedTuple):
    """What a run did: questions looked at, how many joined a gap that there was, gaps made, questions without words."""

    questions: int
    joined: int
    made: int
    left_out: int


def cluster_gaps(gaps: Gaps, vectors: SentenceVectors) -> Clustered:
    """Add what was asked and not answered well since the last run; safe to be killed and to be run again.

    Raises `DatabaseUnavailable`.
    """
    gaps.forget_empty()
    known = _centres(gaps, vectors)
    questions = joined = made = left_out = 0
    while batch := gaps.unsorted(_BATCH):
        questions += len(batch)
        places = [_vector_of(one.text, vectors) for one in batch]
        told = [(one, place) for one, place in zip(batch, places, strict=True) if place.any()]
        gaps.set_aside([one for one, place in zip(batch, places, strict=True) if not place.any()])
        left_out += len(batch) - len(told)
        rest: list[tuple[GapQuestion, Vector]] = []
        for one, place in told:
            gap = _nearest(place, known)
            if gap is None:
                rest.append((one, place))
            elif gaps.join(gap, [one]):
                joined += 1
            else:  # its last question was forgotten meanwhile: this one is looked at again
                del known[gap]
        for group in _groups([place for _, place in rest]):
            members = [rest[number] for number in group]
            centre = _unit(np.sum([place for _, place in members], axis=0))
            # The most typical question names the gap; of equals the first.
            title = max(members, key=lambda member: float(member[1] @ centre))[0]
            gap = gaps.make(title, [one for one, _ in members])
            if gap is not None:
                known[gap] = centre
                made += 1
    return Clustered(questions, joined, made, left_out)


def _centres(gaps: Gaps, vectors: SentenceVectors) -> dict[int, Vector]:
    found = {}
    for gap in gaps.all():
        texts = [gap.title, *(one.text for one in gaps.questions(gap.id, limit=_EXAMPLES))]
        centre = _unit(np.sum([_vector_of(text, vectors) for text in texts], axis=0))
        if centre.any():
            found[gap.id] = centre
    return found


def _nearest(place: Vector, centres: dict[int, Vector]) -> int | None:
    best = max(centres, key=lambda gap: (float(centres[gap] @ place), -gap), default=None)
    return best if best is not None and float(centres[best] @ place) >= _ALIKE else None


def _groups(places: Sequence[Vector]) -> list[list[int]]:
    """The places of those that belong together, in the order of their first members."""
    if len(places) < 2:
        return [[number] for number in range(len(places))]
    tree = linkage(np.stack(places).astype(np.float64), method="average", metric="cosine")
    labels = fcluster(tree, t=1 - _ALIKE, criterion="distance")
    groups: dict[int, list[int]] = {}
    for number, label in enumerate(labels):
        groups.setdefault(int(label), []).append(number)
    return list(groups.values())


def _vector_of(text: str, vectors: SentenceVectors) -> Vector:
    """A unit vector, or zeros for a text without content words."""
    words = content_lemmas(text)
    said = np.zeros(_WORDS, dtype=np.float32)
    for word in words:
        digest = hashlib.blake2b(word.encode(), digest_size=4).digest()
        said[int.from_bytes(digest, "big") % _WORDS] += 1
    meant = vectors.vector(text) if words and language_of(text) == "ru" else np.zeros(300, dtype=np.float32)
    return _unit(
        np.concatenate([np.sqrt(1 - _LEMMAS_SHARE) * _unit(meant), np.sqrt(_LEMMAS_SHARE) * _unit(said)])
    )


def _unit(vector: Vector) -> Vector:
    norm = float(np.linalg.norm(vector))
    return np.asarray(vector / norm if norm else vector, dtype=np.float32)
