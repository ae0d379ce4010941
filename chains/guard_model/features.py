"""What a classifier of the guard sees of a text: runs of letters, words, concepts and shape, hashed into one vector.

Everything is counted within blocks, and each block is scaled to the same length whatever the text's, so that how long
a text is says nothing. Concepts are groups of Russian and English words that mean the same (`assets/guard/concepts`):
what was learnt of “ignore the instructions above” holds for «не учитывай сказанное выше».

No dictionary is asked and no loop runs over letters: a message takes a fraction of a millisecond.
"""

import re
import tomllib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from chains.text import normalise

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BITS = 18
"""The vector has 2 to this power places; the artefact holds one weight a place and label."""
BLOCKS = {"letters": 1.0, "words": 1.0, "concepts": 1.0, "shape": 0.15}
"""How long each block's part of the vector is."""
_LETTERS = (3, 4, 5)
_STEM = 6  # words are compared by their first letters: Russian endings carry no meaning here
_REACH = 6  # concepts this many words apart belong together
_MOST_CHARACTERS = 3_000  # of a longer text, the beginning and the end are read
_HEAD = 2_000

_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|\d+|[?!:;=<>{}\[\]|#*/\\`\"]")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")
_IN_FULL = {"r": "are", "u": "you", "ur": "your", "pls": "please", "plz": "please"}
_SHORTHAND = re.compile(rf"(?<![\w'-])(?:{'|'.join(_IN_FULL)})(?![\w'-])")
_NUMBER = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_PRIME = np.uint64(1_099_511_628_211)
_MIXING = np.uint64(0x9E37_79B9_7F4A_7C15)


@dataclass(frozen=True)
class Concepts:
    """Words by what they mean: whole `forms` and `stems` (the first letters of words), each with its concepts."""

    forms: Mapping[str, tuple[str, ...]]
    stems: Mapping[str, tuple[str, ...]]

    def of(self, word: str) -> tuple[str, ...]:
        """The concepts of a word in lower case; of several stems the longest decides."""
        if found := self.forms.get(word):
            return found
        for length in range(min(len(word), 12), 2, -1):
            if found := self.stems.get(word[:length]):
                return found
        return ()

    def as_lists(self) -> dict[str, list[str]]:
        """The same as a file has it: concept to words, `*` after a stem."""
        lists: dict[str, list[str]] = {}
        for ending, words in (("", self.forms), ("*", self.stems)):
            for word, names in words.items():
                for name in names:
                    lists.setdefault(name, []).append(word + ending)
        return {name: sorted(words) for name, words in sorted(lists.items())}


def concepts_of(lists: Mapping[str, Iterable[str]]) -> Concepts:
    """Concepts from lists of words; `ignor*` stands for all words that begin so."""
    forms: dict[str, tuple[str, ...]] = {}
    stems: dict[str, tuple[str, ...]] = {}
    for name, words in sorted(lists.items()):
        for word in words:
            low = normalise(word).lower()
            table, key = (stems, low[:-1]) if low.endswith("*") else (forms, low)
            if name not in table.get(key, ()):
                table[key] = (*table.get(key, ()), name)
    return Concepts(forms, stems)


def load_concepts(path: Path) -> Concepts:
    """The concepts of a TOML file of lists. Raises ValueError or FileNotFoundError when the installation is broken."""
    with path.open("rb") as file:
        return concepts_of(tomllib.load(file))


class Parts(NamedTuple):
    """The places that a text's features fall on, block by block, repeated as often as they occur."""

    blocks: tuple[tuple[str, Ints], ...]


@dataclass(frozen=True, repr=False)
class FeatureSpace:
    """Texts to vectors. `idf` says how telling each place is, 0 for one that training never saw."""

    concepts: Concepts
    idf: Floats
    bits: int = BITS

    def vectors(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """One row a text."""
        return self.weighed([parts_of(text, self.concepts, self.bits) for text in texts])

    def weighed(self, parts: Sequence[Parts]) -> sparse.csr_matrix:
        """One row for each text of which the places are known already."""
        rows = [self._row(one) for one in parts]
        ends = np.cumsum([0, *(len(places) for places, _ in rows)])
        places = np.concatenate([one for one, _ in rows]) if rows else np.zeros(0, dtype=np.int64)
        values = np.concatenate([one for _, one in rows]) if rows else np.zeros(0, dtype=np.float32)
        return sparse.csr_matrix((values, places, ends), shape=(len(rows), 1 << self.bits))

    def _row(self, parts: Parts) -> tuple[Ints, Floats]:
        places, values = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.float32)]
        for name, found in parts.blocks:
            if not len(found):
                continue
            own, counts = np.unique(found, return_counts=True)
            weighed = (1 + np.log(counts)).astype(np.float32) * self.idf[own]
            length = float(np.sqrt(weighed @ weighed))
            if length:
                places.append(own)
                values.append(weighed * np.float32(BLOCKS[name] / length))
        return np.concatenate(places), np.concatenate(values)


def idf_of(parts: Sequence[Parts], *, least: int, bits: int = BITS) -> Floats:
    """How telling each place is in these texts: ln(texts / texts with it), 0 where fewer than `least` have it."""
    counts = np.zeros(1 << bits, dtype=np.int64)
    for one in parts:
        for _, found in one.blocks:
            counts[np.unique(found)] += 1
    known = counts >= least
    idf = np.zeros(1 << bits, dtype=np.float32)
    idf[known] = np.maximum(np.log(len(parts) / counts[known]), 0.05)
    # kept as the artefact will hold it, so that training and use agree to the last bit
    return idf.astype(np.float16).astype(np.float32)


def parts_of(text: str, concepts: Concepts, bits: int = BITS) -> Parts:
    """The features of one text, before they are weighed."""
    plain = _SPACE.sub(" ", _shortened(normalise(text))).strip()
    low = _SHORTHAND.sub(lambda found: _IN_FULL[found.group()], plain.lower())
    low = _NUMBER.sub("0", _ADDRESS.sub("xaddressx", low))
    words = _WORD.findall(low)
    return Parts(
        (
            ("letters", _letters(low, bits)),
            ("words", _words(words, bits)),
            ("concepts", _hashed(_concept_names(words, concepts), "c", bits)),
            ("shape", _hashed(_shape(plain, words), "s", bits)),
        )
    )


def _shortened(text: str) -> str:
    if len(text) <= _MOST_CHARACTERS:
        return text
    return f"{text[:_HEAD]} {text[_HEAD - _MOST_CHARACTERS :]}"


def _letters(text: str, bits: int) -> Ints:
    """Runs of letters within words, the spaces around a word included."""
    codes = np.frombuffer(f" {text} ".encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    spaces = np.concatenate([[0], np.cumsum(codes == ord(" "))])
    found = []
    for size in _LETTERS:
        count = len(codes) - size + 1
        if count <= 0:
            continue
        hashes = np.full(count, size, dtype=np.uint64)
        for at in range(size):
            hashes = hashes * _PRIME + codes[at : at + count]
        inner = spaces[size - 1 : size - 1 + count] - spaces[1 : 1 + count]
        found.append(hashes[inner == 0])
    return _placed(np.concatenate(found), bits) if found else np.zeros(0, dtype=np.int64)


def _words(words: Sequence[str], bits: int) -> Ints:
    """Words, neighbours, and neighbours but one, by their stems."""
    if not words:
        return np.zeros(0, dtype=np.int64)
    ids = np.array([zlib.crc32(word[:_STEM].encode()) for word in ("^", *words, "$")], dtype=np.uint64)
    one = ids[1:-1] * _PRIME + np.uint64(11)
    two = (ids[:-1] * _PRIME + ids[1:]) * _PRIME + np.uint64(12)
    over = (ids[:-2] * _PRIME + ids[2:]) * _PRIME + np.uint64(13)
    three = ((ids[:-2] * _PRIME + ids[1:-1]) * _PRIME + ids[2:]) * _PRIME + np.uint64(14)
    return _placed(np.concatenate([one, two, over, three]), bits)


def _placed(hashes: NDArray[np.uint64], bits: int) -> Ints:
    mixed = hashes * _MIXING
    mixed ^= mixed >> np.uint64(29)
    return ((mixed * _MIXING) >> np.uint64(64 - bits)).astype(np.int64)


def _hashed(names: Iterable[str], block: str, bits: int) -> Ints:
    found = np.array([zlib.crc32(f"{block}:{name}".encode()) for name in names], dtype=np.uint64)
    return _placed(found, bits)


def _concept_names(words: Sequence[str], concepts: Concepts) -> list[str]:
    """Concepts by themselves and in pairs: which comes before which, a few words apart."""
    places = [(place, name) for place, word in enumerate(words) for name in concepts.of(word)]
    names = [name for _, name in places]
    for at, (place, name) in enumerate(places):
        for other, following in places[at + 1 : at + 1 + _REACH]:
            if 0 < other - place <= _REACH:
                names.append(f"{name}>{following}")
    names += [f"^{name}" for place, name in places if place < 2]
    return names


def _shape(text: str, words: Sequence[str]) -> list[str]:
    """How it is written. Nothing that grows with the length, and no mark that one set uses more than others: colons,
    quotes and code told sets apart, and not attacks."""
    letters = [char for char in text if char.isalpha()]
    cyrillic = sum("а" <= char <= "я" or "А" <= char <= "Я" for char in letters) / max(1, len(letters))
    flags = {
        "always": True,
        "russian": cyrillic > 0.5,
        "fence": bool(re.search(r"---|===|###|<\|", text)),
        "few words": len(words) < 3,
    }
    return [name for name, holds in flags.items() if holds]
