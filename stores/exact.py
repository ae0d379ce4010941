"""Nearest vectors by one product of matrices: exact, and for some thousand vectors quicker than any index."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Neighbour(NamedTuple):
    """A passage near a question; `similarity` is the cosine, 1 for the same text."""

    passage_id: str
    similarity: float


class ExactSearch:
    """Vectors kept in memory with the id and the kind of the passage of each; never changed after it is built."""

    def __init__(self, ids: Sequence[str], kinds: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._ids = list(ids)
        norms = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        self._vectors = (vectors / norms).astype(np.float32)
        self._of_kind = {kind: np.asarray([other == kind for other in kinds]) for kind in set(kinds)}

    def nearest(self, vector: Sequence[float], *, k: int, kinds: Collection[str]) -> list[Neighbour]:
        """The nearest `k` of these kinds by cosine, best first; a vector of zeros is equally far from all."""
        wanted = [self._of_kind[kind] for kind in kinds if kind in self._of_kind]
        if not wanted:
            return []
        asked = np.asarray(vector, dtype=np.float32)
        cosines = self._vectors @ (asked / max(float(np.linalg.norm(asked)), 1e-9))
        places = np.flatnonzero(np.logical_or.reduce(wanted))
        if len(places) > k:
            places = places[np.argpartition(-cosines[places], k - 1)[:k]]
        best = places[np.argsort(-cosines[places], kind="stable")]
        return [Neighbour(self._ids[place], float(cosines[place])) for place in best]
