"""Whether a text speaks of what is looked for."""

import re
from collections.abc import Sequence

from chains.text import lemma, normalise, tokens

_PARTS = re.compile(r"[-‐‑–'’]")


class Keywords:
    """Words and phrases, found in any inflection and case as whole words: «мерседес» in «о Мерседесах», “Mercedes”
    in “Mercedes-Benz”, but not «бенц» in «бензин». A list without any finds every text that has words."""

    def __init__(self, words: Sequence[str]) -> None:
        self._phrases = [phrase for phrase in (_lemmas(word) for word in words) if phrase]

    def found_in(self, text: str) -> bool:
        """Whether any of them stands in the text."""
        words = _lemmas(text)
        if not self._phrases:
            return bool(words)
        known = set(words)
        return any(
            known.issuperset(phrase) and (len(phrase) == 1 or _follow(words, phrase))
            for phrase in self._phrases
        )


def _lemmas(text: str) -> list[str]:
    """Each part of a hyphenated word by itself."""
    return [lemma(part) for token in tokens(normalise(text)) for part in _PARTS.split(token.text) if part]


def _follow(words: Sequence[str], phrase: Sequence[str]) -> bool:
    size = len(phrase)
    return any(
        list(words[start : start + size]) == list(phrase)
        for start, word in enumerate(words)
        if word == phrase[0]
    )
