"""Sentences with marked personal data, and how well a finder's spans agree with the marks."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

_MARK = re.compile(
    r"\[([A-Z_]+) ((?:[^\[\]]|\[[^\[\]]*\])*)\]"
)  # «[EMAIL ivan [at] mail.ru]» has brackets within
_WHOLE = 0.5

Language = Literal["ru", "en"]


class Marked(NamedTuple):
    """A datum: `text[start:end]` is of this type."""

    type: str
    start: int
    end: int


@dataclass(frozen=True)
class Case:
    """A message and what is personal in it."""

    text: str
    spans: tuple[Marked, ...]
    language: Language


@dataclass
class Score:
    """How finds agree with marks. `exact` finds have the very place and type of a mark, `near` ones its type and at
    least half of what both cover together."""

    marked: int = 0
    found: int = 0
    exact: int = 0
    near: int = 0

    def add(self, other: "Score") -> None:
        """Put another score's counts to this one's."""
        self.marked += other.marked
        self.found += other.found
        self.exact += other.exact
        self.near += other.near

    @property
    def precision(self) -> float | None:
        """The share of the finds that are right, None where nothing was found."""
        return self.near / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """The share of the marked that was found, None where nothing was marked."""
        return self.near / self.marked if self.marked else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; 0 where nothing agrees, None where there is nothing."""
        return 2 * self.near / (self.marked + self.found) if self.marked + self.found else None


def parse(line: str, language: Language) -> Case:
    """A line of the evaluation files: the message with its marks taken off, which give the spans."""
    text, spans, place = "", [], 0
    for mark in _MARK.finditer(line):
        text += line[place : mark.start()]
        spans.append(Marked(mark[1], len(text), len(text) + len(mark[2])))
        text += mark[2]
        place = mark.end()
    return Case(text + line[place:], tuple(spans), language)


def load_cases(paths: Iterable[Path]) -> list[Case]:
    """The cases of files named `….ru.txt` and `….en.txt`; empty lines and those that begin with # are none."""
    cases = []
    for path in paths:
        language: Language = "en" if path.stem.endswith(".en") else "ru"
        lines = path.read_text(encoding="utf-8").splitlines()
        cases += [parse(line, language) for line in lines if line.strip() and not line.startswith("#")]
    return cases


def compared(case: Case, found: Sequence[Marked]) -> dict[str, Score]:
    """The scores of one case by type. A mark agrees with one find at most, and a find with one mark."""
    scores: dict[str, Score] = {}
    for one in case.spans:
        scores.setdefault(one.type, Score()).marked += 1
    left = list(case.spans)
    for find in found:
        score = scores.setdefault(find.type, Score())
        score.found += 1
        match = max(left, key=lambda mark: _agreement(mark, find), default=None)
        if match is not None and _agreement(match, find) >= _WHOLE:
            left.remove(match)
            score.near += 1
            score.exact += match == find
    return scores


def _agreement(one: Marked, other: Marked) -> float:
    """What two spans of one type share, of what they cover together; 0 for different types."""
    if one.type != other.type:
        return 0.0
    shared = min(one.end, other.end) - max(one.start, other.start)
    return max(0, shared) / (max(one.end, other.end) - min(one.start, other.start))
