"""What stands in an answer and in its question: signs of refusing, of complying and of harm, sentence by sentence.

The signs are regular expressions in `assets/guard/answers.toml`, in Russian and English. One sign decides nothing;
what they come to together is learnt (`chains/answer_features.py`).
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from chains.text import normalise


class _Expressions(NamedTuple):
    """Names of signs with their expressions: the Russian ones, the rest, and all."""

    cyrillic: dict[str, list[re.Pattern[str]]]
    other: dict[str, list[re.Pattern[str]]]
    names: tuple[str, ...]


_HEAD, _TAIL = 1600, 500
# A short line is a sentence of its own; «1.» and "e.g." do not end one.
_SENTENCE_END = re.compile(r"(?<=[^\d\s.][.!?…])[\"')\]*]*\s+|\s*\n+\s*")
_CYRILLIC = re.compile("[а-я]", re.IGNORECASE)
_LATIN = re.compile("[a-z]")
_GREETS = "greets"
_NO_GREETING = frozenset({"cannot", "judges", "denies"})


class Pair(NamedTuple):
    """A question and its answer, read.

    `asked` says what kind of question it is, `said` the signs of each sentence of the answer without its words of
    welcome; `asked_harm` and `said_harm` the themes of harm, the latter for each sentence. `question` and `answer`
    are the texts normalised and in lower case, long ones shortened to their two ends.
    """

    question: str
    answer: str
    asked: frozenset[str]
    said: tuple[frozenset[str], ...]
    asked_harm: frozenset[str]
    said_harm: tuple[frozenset[str], ...]


class SignBook:
    """The signs of one file. Raises ValueError naming it where an expression cannot be read."""

    def __init__(self, path: Path) -> None:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            self._signs, self._asked, self._harm = (
                _compiled(data[table]) for table in ("signs", "question", "harm")
            )
        except (KeyError, TypeError, re.error) as error:
            raise ValueError(f"{path}: {error}") from error
        self.signs, self.kinds, self.themes = self._signs.names, self._asked.names, self._harm.names

    def read(self, question: str, answer: str) -> Pair:
        """All signs of a pair."""
        asked, text = _shortened(question), _shortened(answer)
        sentences = sentences_of(text)
        said = [_found(self._signs, sentence) for sentence in sentences]
        welcome = 0
        while welcome + 1 < len(said) and _GREETS in said[welcome] and not said[welcome] & _NO_GREETING:
            welcome += 1
        return Pair(
            asked,
            text,
            _found(self._asked, asked),
            tuple(said[welcome:]),
            _found(self._harm, asked),
            tuple(_found(self._harm, sentence) for sentence in sentences),
        )


def sentences_of(text: str) -> Sequence[str]:
    """The sentences and lines of a text."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part]


def _shortened(text: str) -> str:
    plain = normalise(text[: 8 * _HEAD]).strip().lower()
    return plain if len(plain) <= _HEAD + _TAIL else f"{plain[:_HEAD]}\n{plain[-_TAIL:]}"


def _compiled(data: Mapping[str, Sequence[str]]) -> _Expressions:
    found = _Expressions({}, {}, tuple(data))
    for name, regexes in data.items():
        for regex in regexes:
            side = found.cyrillic if _CYRILLIC.search(regex) else found.other
            side.setdefault(name, []).append(re.compile(regex))
    return found


def _found(expressions: _Expressions, text: str) -> frozenset[str]:
    """The signs in a text; words of an alphabet that it is not written in are not looked for."""
    names = set()
    sides = [expressions.cyrillic] if _CYRILLIC.search(text) else [expressions.other]
    if sides[0] is expressions.cyrillic and _LATIN.search(text):
        sides.append(expressions.other)
    for side in sides:
        for name, regexes in side.items():
            if name not in names and any(regex.search(text) for regex in regexes):
                names.add(name)
    return frozenset(names)
