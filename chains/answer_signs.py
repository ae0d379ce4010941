"""What in an answer tells that it refuses or complies: signs counted by where they stand.

The signs are regular expressions in `assets/guard/answers.toml`, in Russian and English. Pure once loaded.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from chains.text import normalise

_HEAD, _TAIL = 1600, 500
# A short line is a sentence of its own; «1.» and "e.g." do not end one.
_SENTENCE_END = re.compile(r"(?<=[^\d\s.][.!?…])[\"')\]*]*\s+|\s*\n+\s*")


class SignBook:
    """The signs of one file. Raises ValueError naming it where an expression cannot be read."""

    def __init__(self, path: Path) -> None:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))["signs"]
            self._signs = {name: [re.compile(regex) for regex in regexes] for name, regexes in data.items()}
        except (KeyError, TypeError, re.error) as error:
            raise ValueError(f"{path}: {error}") from error

    def found(self, sentence: str) -> frozenset[str]:
        """The names of the signs in one sentence, which is normalised and in lower case."""
        return frozenset(
            name for name, regexes in self._signs.items() if any(regex.search(sentence) for regex in regexes)
        )

    def by_sentence(self, answer: str) -> list[frozenset[str]]:
        """The signs of each sentence of an answer; of a long one its beginning and its end."""
        return [self.found(sentence) for sentence in sentences_of(answer)]


def sentences_of(answer: str) -> Sequence[str]:
    """The sentences and lines of an answer, normalised and in lower case; of a long one its two ends."""
    text = normalise(answer).strip().lower()
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]}\n{text[-_TAIL:]}"
    return [part for part in _SENTENCE_END.split(text) if part]
