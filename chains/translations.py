"""Words of the other language: an English question finds a Russian passage, and the other way about.

Two ways that complete each other: a table of word pairs (`assets/translations`, learned from parallel questions), and
the sound of names and borrowed words, «Бенц» and Benz, «революция» and revolution.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chains.search_terms import stem

Table = Mapping[str, Mapping[str, float]]

_ALIKE = 0.55  # Dice coefficient of the sounds' letter groups; 0.5-0.6 give the same on XQuAD within 0.003
_SOUNDS_KEPT = 6
_SAME_STEM = 0.7
_SHORTEST = 3

_CYRILLIC = re.compile("^[а-я-]+$")
_LATIN = re.compile("^[a-z-]+$")
_LETTERS = str.maketrans(
    dict(zip("абвгдежзийклмнопрстуфхцыэ", "abvgdejziiklmnoprstufhsie", strict=True))
    | {"ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ь": "", "ю": "u", "я": "a"}
)
# Latin spellings of one sound, replaced in this order.
_SOUNDS = [
    tuple(pair.split(":"))
    for pair in (
        "sch:sh tch:ch tion:ts sion:s ck:k ph:f th:t kh:h zh:j dj:j x:ks w:v y:i ce:tse ci:tsi c:k kh:ch ts:s z:s"
        " j:g oo:u ee:i ou:u ea:e ie:i ei:i ai:a ia:a iu:u h:g"
    ).split()
]
_ENDING = re.compile(
    "(?:ский|ской|ского|ость|ация|ция|ировать|ироваться|ия|ий|ый|ой|ая|ое|ать|ять|ить|а|я|о|ь|ы|и)$"
)


class Translator:
    """Finds what words of a vocabulary a word of the other language may be; safe to use from several threads."""

    def __init__(self, vocabulary: Collection[str], table: Table) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._table = table
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for word in self._vocabulary:
            self._by_stem[stem(word)].append(word)
        self._sounds = {
            "ru": _Sounds(word for word in self._vocabulary if _CYRILLIC.match(word)),
            "en": _Sounds(word for word in self._vocabulary if _LATIN.match(word)),
        }
        self._found = lru_cache(maxsize=4096)(self._search)

    def translations(self, word: str) -> Mapping[str, float]:
        """Words of the vocabulary with how likely each means the same, above 0 to 1; the word itself never."""
        return self._found(word)

    def _search(self, word: str) -> Mapping[str, float]:
        found: dict[str, float] = {}
        for other, share in self._table.get(word, {}).items():
            for form, weight in ((other, share), *((kin, _SAME_STEM * share) for kin in self._kin(other))):
                if form in self._vocabulary:
                    found[form] = max(found.get(form, 0.0), weight)
        target = "en" if _CYRILLIC.match(word) else "ru" if _LATIN.match(word) else None
        if target is not None and len(word) >= _SHORTEST:
            for other, share in self._sounds[target].like(word):
                found[other] = max(found.get(other, 0.0), share)
        found.pop(word, None)
        return found

    def _kin(self, word: str) -> list[str]:
        return self._by_stem.get(stem(word), [])


class _Sounds:
    """Words by the letter groups of their sound."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = [word for word in words if len(word) >= _SHORTEST]
        lists: dict[str, list[int]] = defaultdict(list)
        sizes = []
        for place, word in enumerate(self._words):
            groups = _groups(sound(word))
            sizes.append(len(groups))
            for group in groups:
                lists[group].append(place)
        self._sizes = np.asarray(sizes, dtype=np.int32)
        self._lists: dict[str, NDArray[np.int32]] = {
            group: np.asarray(places, dtype=np.int32) for group, places in lists.items()
        }

    def like(self, word: str) -> Iterator[tuple[str, float]]:
        """The words that sound alike, with their likeness, the likest first."""
        if not self._words:
            return
        alike = np.zeros(len(self._words), dtype=np.float32)
        for spelling in {word, _ENDING.sub("", word)}:
            groups = _groups(sound(spelling))
            found = [self._lists[group] for group in groups if group in self._lists]
            if len(spelling) >= _SHORTEST and found:
                shared = np.bincount(np.concatenate(found), minlength=len(self._words))
                alike = np.maximum(alike, 2 * shared / (len(groups) + self._sizes))
        near = np.flatnonzero(alike >= _ALIKE)
        for place in near[np.argsort(-alike[near], kind="stable")[:_SOUNDS_KEPT]]:
            yield self._words[int(place)], float(alike[place])


def sound(word: str) -> str:
    """A rough key of how a word sounds, the same for both alphabets where luck will have it."""
    key = word.translate(_LETTERS)
    for written, heard in _SOUNDS:
        key = key.replace(written, heard)
    return re.sub(r"(.)\1", r"\1", key)


def _groups(key: str) -> set[str]:
    marked = f"^{key}$"
    return {marked[start : start + size] for size in (2, 3) for start in range(len(marked) - size + 1)}


def load_translations(folder: Path) -> Table:
    """Both directions of the word pairs in the folder's `*.tsv`: Russian lemma, English lemma, likelihood.

    A folder or a file that is not there means no pairs. The likelier of two entries of one pair counts.
    """
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for path in sorted(folder.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                russian, english, share = line.split("\t")
                for one, other in ((russian, english), (english, russian)):
                    table[one][other] = max(table[one].get(other, 0.0), float(share))
    return table
