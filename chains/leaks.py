"""What an answer gives away of the program's inside: settings, paths, keys, and the prompts, said over or nearly so."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from chains.text import content_lemmas, lemmas, sentences

# So many words in a row are shared with a prompt by copying only; shorter runs are the language's own.
_RUN = 8
# A sentence of a prompt counts as told when so much of its meaning stands in one sentence of an answer.
_LEAST_WORDS, _NEARLY = 6, 0.75


class LeakFinder:
    """Looks for leaks; `path` holds the expressions, `prompts` are the texts that no answer may recite.

    Raises ValueError naming the file where an expression cannot be read.
    """

    def __init__(self, path: Path, prompts: Sequence[str] = ()) -> None:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))["leaks"]
            self._expressions = {name: re.compile(regex) for name, regex in data.items()}
        except (KeyError, TypeError, re.error) as error:
            raise ValueError(f"{path}: {error}") from error
        self._runs = frozenset(run for prompt in prompts for run in _runs(prompt))
        self._told = [
            words
            for prompt in prompts
            for sentence in sentences(prompt)
            if len(words := frozenset(content_lemmas(sentence))) >= _LEAST_WORDS
        ]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for number, told in enumerate(self._told):
            for word in told:
                self._by_word[word].append(number)

    def find(self, answer: str, question: str = "") -> str | None:
        """What kind of thing is given away, with the words that show it; None for nothing.

        What stands in the question too is the visitor's own.
        """
        for name, expression in self._expressions.items():
            for match in expression.finditer(answer):
                if match.group() not in question:
                    return f"{name}: {match.group()[:60]}"
        if recited := self._recited(answer, question):
            return f"recites a prompt: {recited}"
        return None

    def _recited(self, answer: str, question: str) -> str | None:
        if not self._runs and not self._told:
            return None
        if copied := self._runs & set(_runs(answer)) - set(_runs(question)):
            return " ".join(min(copied))
        asked = set(content_lemmas(question))
        for sentence in sentences(answer):
            words = set(content_lemmas(sentence)) - asked
            shared = Counter(number for word in words for number in self._by_word.get(word, ()))
            for number, count in shared.items():
                if count >= max(_LEAST_WORDS - 1, _NEARLY * len(self._told[number])):
                    return " ".join(sorted(words & self._told[number]))
        return None


def _runs(text: str) -> list[tuple[str, ...]]:
    words = lemmas(text)
    return [tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1)]
