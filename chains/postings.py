"""BM25 over posting lists in plain arrays: a query reads only the lists of its own units."""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_K1 = 1.2
_B = 0.5  # half of BM25's usual 0.75: passages are cut to about one length already
_AT_ONCE = 2000  # documents that are counted together
_UNIT_BITS = 32  # of a key that holds a document and a unit


class _Counted(NamedTuple):
    """One entry for each unit of each document, in the order of documents; `lengths` has one for each document."""

    units: NDArray[np.int32]
    documents: NDArray[np.int32]
    times: NDArray[np.int32]
    lengths: NDArray[np.int32]


class Postings:
    """Which documents hold which units, each with its BM25 weight (Lucene's variant, Robertson's k1 and b).

    `documents` are lists of words; `cut` makes a word into the units that are looked up: itself, its stem, its
    letter groups. `like` are those of other documents, beside which these are searched: the weights are then what they
    would be if all stood together. Never changed after it is built, so any number of threads may read it.
    """

    def __init__(
        self,
        documents: Iterable[Sequence[str]],
        cut: Callable[[str], Sequence[str]] | None = None,
        *,
        like: "Postings | None" = None,
    ) -> None:
        self._cut = cut
        self._units: dict[str, int] = {}
        counted = self._counted(documents)
        self.count = len(counted.lengths)
        # Documents come in order, so a stable sort by unit leaves each posting list in the order of documents.
        order = np.argsort(counted.units, kind="stable")
        self._documents = counted.documents[order]
        frequency = np.bincount(counted.units, minlength=len(self._units))
        self._starts = np.concatenate(([0], np.cumsum(frequency)))
        self._like = like
        self._idf = self._weighed(frequency)
        self._length: int = int(np.sum(counted.lengths)) + (like._length if like else 0)
        self._all: int = self.count + (like._all if like else 0)
        mean = max(1.0, self._length / self._all) if self._all else 1.0
        norm = (_K1 * (1 - _B + _B * counted.lengths.astype(np.float32) / mean)).astype(np.float32)
        times = counted.times.astype(np.float32)
        saturated = (times * (_K1 + 1) / (times + norm[counted.documents]))[order]
        self._weights = (saturated * np.repeat(self._idf, frequency)).astype(np.float32)

    @property
    def units(self) -> Collection[str]:
        """Every unit of any document."""
        return self._units.keys()

    def __contains__(self, unit: str) -> bool:
        return unit in self._units

    def idf(self, unit: str) -> float:
        """How telling the unit is; that of a unit in no document is as high as can be."""
        place = self._units.get(unit)
        if place is not None:
            return float(self._idf[place])
        return self._like.idf(unit) if self._like else self.idf_of(0)

    def idf_of(self, frequency: int) -> float:
        """How telling a unit would be that is in `frequency` documents."""
        return float(idf(self._all, np.asarray([float(frequency)]))[0])

    def scores(self, words: Iterable[str]) -> NDArray[np.float32]:
        """The sum of the weights of the words' distinct units, one figure a document."""
        cut = self._cut
        return self.scores_of(words if cut is None else (unit for word in words for unit in cut(word)))

    def scores_of(self, units: Iterable[str]) -> NDArray[np.float32]:
        """The same for units that are cut already."""
        total = np.zeros(self.count, dtype=np.float32)
        for unit in dict.fromkeys(units):
            documents, weights = self.found(unit)
            total[documents] += weights
        return total

    def found(self, unit: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The documents that hold the unit, each once, and its weight in each; empty for an unknown one."""
        place = self._units.get(unit)
        found = slice(0, 0) if place is None else slice(self._starts[place], self._starts[place + 1])
        return self._documents[found], self._weights[found]

    def _weighed(self, frequency: NDArray[np.int64]) -> NDArray[np.float32]:
        like = self._like
        if like is None:
            return idf(self.count, frequency)
        elsewhere = np.asarray([len(like.found(unit)[0]) for unit in self._units], dtype=np.int64)
        return idf(self.count + like._all, frequency + elsewhere)

    def _counted(self, documents: Iterable[Sequence[str]]) -> _Counted:
        """Which distinct units each document has, how often, and the lengths; some thousand documents at a time."""
        places: dict[str, int] = {}
        cut: list[NDArray[np.int32]] = []  # the units of each distinct word
        parts: list[_Counted] = []
        rest = iter(documents)
        first = 0
        while batch := list(islice(rest, _AT_ONCE)):
            words = []
            for document in batch:
                for word in document:
                    place = places.get(word)
                    if place is None:
                        place = places[word] = len(cut)
                        cut.append(self._places(word))
                    words.append(place)
            parts.append(_count(words, [len(document) for document in batch], cut, first))
            first += len(batch)
        if not parts:
            return _Counted(*(np.zeros(0, dtype=np.int32) for _ in _Counted._fields))
        return _Counted(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _places(self, word: str) -> NDArray[np.int32]:
        units = [word] if self._cut is None else self._cut(word)
        return np.asarray([self._units.setdefault(unit, len(self._units)) for unit in units], dtype=np.int32)


def _count(
    words: Sequence[int], sizes: Sequence[int], cut: Sequence[NDArray[np.int32]], first: int
) -> _Counted:
    """The counts of some documents, the `first` one numbered so; `words` are all theirs, `sizes` how many each has."""
    units = [cut[word] for word in words]
    owners = np.repeat(
        np.repeat(np.arange(len(sizes), dtype=np.int64), sizes),
        np.fromiter(map(len, units), dtype=np.int64, count=len(units)),
    )
    every = np.concatenate(units) if units else np.zeros(0, dtype=np.int32)
    lengths = np.bincount(owners, minlength=len(sizes)).astype(np.int32)
    keys, times = np.unique(owners << _UNIT_BITS | every, return_counts=True)
    documents = ((keys >> _UNIT_BITS) + first).astype(np.int32)
    return _Counted(
        (keys & ((1 << _UNIT_BITS) - 1)).astype(np.int32), documents, times.astype(np.int32), lengths
    )


def idf(count: int, frequency: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float32]:
    """How telling a unit in `frequency` of `count` documents is (Lucene's variant, never negative)."""
    return np.log(1 + (count - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
