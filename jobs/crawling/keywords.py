"""Whether a text speaks of what is looked for."""

import re
from collections.abc import Sequence

from chains.text import lemma, normalise, tokens

_PARTS = re.compile(r"[-‐‑–'’]")
_RUSSIAN = re.compile("[а-я]{4,}")
_ENDINGS = "а у е ы и о я ю ь й ом ем ой ей ою ею ов ев ам ям ах ях ами ями ия ию ий ии".split()


class Keywords:
    """Words and phrases, found in any inflection and case as whole words: «мерседес» in «о Мерседесах», “Mercedes”
    in “Mercedes-Benz”, but not «бенц» in «бензин». A list without any finds every text that has words.

    Two forms are of one word if their lemmas are equal or, for names that no dictionary knows («Бенца»), if they differ
    in nothing but a Russian ending.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._phrases = [[_forms(part) for part in parts] for word in words if (parts := _parts(word))]

    def found_in(self, text: str) -> bool:
        """Whether any of them stands in the text."""
        words = _parts(text)
        if not self._phrases:
            return bool(words)
        known = {word: _forms(word) for word in set(words)}
        forms = set().union(*known.values()) if known else set()
        return any(
            all(forms & part for part in phrase) and _follow([known[word] for word in words], phrase)
            for phrase in self._phrases
        )


def _parts(text: str) -> list[str]:
    """Words in lower case, each part of a hyphenated one by itself."""
    found = tokens(normalise(text).lower())
    return [part for token in found for part in _PARTS.split(token.text) if part]


def _forms(word: str) -> frozenset[str]:
    """The lemma, and what may be left of a name without its ending, marked so that it equals no lemma."""
    bases = set()
    if _RUSSIAN.fullmatch(word):
        bases = {f"{word.removesuffix(ending)}~" for ending in _ENDINGS if word.endswith(ending)} | {
            f"{word}~"
        }
    return frozenset({lemma(word), *(base for base in bases if len(base) >= len("xxx~"))})


def _follow(words: Sequence[frozenset[str]], phrase: Sequence[frozenset[str]]) -> bool:
    """Whether the words of the phrase stand one after the other."""
    size = len(phrase)
    return any(
        all(word & part for word, part in zip(words[start : start + size], phrase, strict=True))
        for start in range(len(words) - size + 1)
    )
