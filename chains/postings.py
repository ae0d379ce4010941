"""BM25 over posting lists in plain arrays: a query reads only the lists of its own units."""

from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

_K1 = 1.2
_B = 0.5  # half of BM25's usual 0.75: passages are cut to about one length already


class Postings:
    """Which documents hold which units, each with its BM25 weight (Lucene's variant, Robertson's k1 and b).

    `documents` are lists of words; `cut` makes a word into the units that are looked up: itself, its stem, its
    letter groups. Never changed after it is built, so any number of threads may read it.
    """

    def __init__(
        self, documents: Iterable[Sequence[str]], cut: Callable[[str], Sequence[str]] | None = None
    ) -> None:
        self._cut = cut
        self._units: dict[str, int] = {}
        units, counts, lengths = self._counted(documents)
        self.count = len(lengths)
        # Documents come in order, so a stable sort by unit leaves each posting list in the order of documents.
        order = np.argsort(units, kind="stable")
        owners = np.repeat(np.arange(self.count, dtype=np.int32), [len(part) for part in counts])
        self._documents = owners[order]
        frequency = np.bincount(units, minlength=len(self._units))
        self._starts = np.concatenate(([0], np.cumsum(frequency)))
        self._idf = idf(self.count, frequency)
        times = np.concatenate(counts).astype(np.float32) if counts else np.zeros(0, dtype=np.float32)
        mean = max(1.0, float(np.mean(lengths))) if lengths else 1.0
        norm = (_K1 * (1 - _B + _B * np.asarray(lengths, dtype=np.float32) / mean)).astype(np.float32)
        saturated = (times * (_K1 + 1) / (times + norm[owners]))[order]
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
        return float(idf(self.count, np.zeros(1))[0] if place is None else self._idf[place])

    def idf_of(self, frequency: int) -> float:
        """How telling a unit would be that is in `frequency` documents."""
        return float(idf(self.count, np.asarray([float(frequency)]))[0])

    def scores(self, words: Iterable[str]) -> NDArray[np.float32]:
        """The sum of the weights of the words' distinct units, one figure a document."""
        cut = self._cut
        return self.scores_of(words if cut is None else (unit for word in words for unit in cut(word)))

    def scores_of(self, units: Iterable[str]) -> NDArray[np.float32]:
        """The same for units that are cut already."""
        total = np.zeros(self.count, dtype=np.float32)
        for unit in dict.fromkeys(units):
            place = self._units.get(unit)
            if place is not None:
                found = slice(self._starts[place], self._starts[place + 1])
                total[self._documents[found]] += self._weights[found]
        return total

    def _counted(
        self, documents: Iterable[Sequence[str]]
    ) -> tuple[NDArray[np.int32], list[NDArray[np.int64]], list[int]]:
        """The distinct units of all documents in one array, how often each stands in each, and the lengths."""
        units: list[NDArray[np.int32]] = []
        counts: list[NDArray[np.int64]] = []
        lengths: list[int] = []
        places: dict[str, NDArray[np.int32]] = {}
        for words in documents:
            for word in words:
                if word not in places:
                    places[word] = self._places(word)
            parts = [places[word] for word in words]
            every = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
            distinct, times = np.unique(every, return_counts=True)
            units.append(distinct)
            counts.append(times)
            lengths.append(len(every))
        return np.concatenate(units) if units else np.zeros(0, dtype=np.int32), counts, lengths

    def _places(self, word: str) -> NDArray[np.int32]:
        units = [word] if self._cut is None else self._cut(word)
        return np.asarray([self._units.setdefault(unit, len(self._units)) for unit in units], dtype=np.int32)


def idf(count: int, frequency: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float32]:
    """How telling a unit in `frequency` of `count` documents is (Lucene's variant, never negative)."""
    return np.log(1 + (count - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
