"""Texts that are nearly the same, found by MinHash (Broder 1997) over the places of their features.

Such texts must not be in training and in a test at once: a score on them tells nothing of unseen ones.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from chains.guard_model.features import Ints, Parts

ALIKE = 0.6
"""The share of common features (Jaccard) from which on two texts are one with other words."""
_BANDS = 20
_ROWS = 3  # two texts that share 0.6 of their features meet in a band with probability 0.99
_PRIME = (1 << 31) - 1


class Fingerprints:
    """The features of each text as a set, with a MinHash signature that finds the like ones quickly."""

    def __init__(self, parts: Sequence[Parts]) -> None:
        chance = np.random.default_rng(1)
        factors = chance.integers(1, _PRIME, (_BANDS * _ROWS, 1))
        offsets = chance.integers(0, _PRIME, (_BANDS * _ROWS, 1))
        self.sets = [_features(one) for one in parts]
        self.signatures = (
            np.stack(
                [
                    ((factors * own + offsets) % _PRIME).min(axis=1)
                    if len(own)
                    else np.full(_BANDS * _ROWS, -1 - place)
                    for place, own in enumerate(self.sets)
                ]
            )
            if self.sets
            else np.zeros((0, _BANDS * _ROWS), dtype=np.int64)
        )

    def bands(self, place: int) -> Iterator[tuple[int, bytes]]:
        """The keys under which like texts meet."""
        for band in range(_BANDS):
            yield band, self.signatures[place, band * _ROWS : (band + 1) * _ROWS].tobytes()


def groups_of(prints: Fingerprints) -> list[int]:
    """A number for each text, the same for those that are alike, directly or through others."""
    parent = list(range(len(prints.sets)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    met: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for place in range(len(prints.sets)):
        for key in prints.bands(place):
            for other in met[key][:3]:
                if root(place) != root(other) and _alike(prints.sets[place], prints.sets[other]):
                    parent[root(place)] = root(other)
            met[key].append(place)
    return [root(place) for place in range(len(prints.sets))]


def seen_in(prints: Fingerprints, others: Fingerprints) -> NDArray[np.bool_]:
    """For each text of `prints` whether one of `others` is nearly the same."""
    met: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for place in range(len(others.sets)):
        for key in others.bands(place):
            met[key].append(place)
    seen = np.zeros(len(prints.sets), dtype=np.bool_)
    for place, own in enumerate(prints.sets):
        near = {other for key in prints.bands(place) for other in met.get(key, ())}
        seen[place] = any(_alike(own, others.sets[other]) for other in near)
    return seen


def _features(parts: Parts) -> Ints:
    found = [places for name, places in parts.blocks if name in {"letters", "words"}]
    return np.unique(np.concatenate(found))


def _alike(one: Ints, other: Ints) -> bool:
    if not len(one) or not len(other):
        return False
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common >= ALIKE * (len(one) + len(other) - common)
