"""Numbers of documents and cards that are said in words: «паспорт пятьдесят двенадцать номер сто двадцать три …»."""

import re
from collections.abc import Iterator

from chains.privacy.runs import Group, runs
from chains.privacy.spans import Kind, Span

_ANNOUNCED: tuple[tuple[Kind, re.Pattern[str], frozenset[int]], ...] = (
    (
        "passport",
        re.compile(r"\b(?:пасс?порт|загран|passport|сери[яиюей])\w*", re.IGNORECASE),
        frozenset({9, 10}),
    ),
    ("snils", re.compile(r"\b(?:снилс|snils)\w*", re.IGNORECASE), frozenset({11})),
    ("inn", re.compile(r"\b(?:инн|inn)\b", re.IGNORECASE), frozenset({10, 12})),
    ("card", re.compile(r"\b(?:карт[аыеуо]й?|карточк\w+|card)\b", re.IGNORECASE), frozenset({16, 18, 19})),
)
"""What announces a number of which kind, and how many digits that has."""
_NEAR = 45  # characters between the word and its number
_WITHIN = re.compile(
    r"[\s,;.:—–-]*(?:(?:сери[яиюей]+|номер\w*|и|№|number|series|потом|дальше)[\s,;.:—–-]*){0,3}",
    re.IGNORECASE,
)
_LONGEST = 200


def find_spelt_documents(text: str) -> Iterator[Span]:
    """Numbers of which at least one part is in words, beside the document's name and of as many digits as it has."""
    spelt = [groups for groups in runs(text) if any(group.spelt for group in groups)]
    if not spelt:
        return
    every = [group for groups in runs(text) for group in groups]
    for kind, word, counts in _ANNOUNCED:
        for match in word.finditer(text):
            after = [group for group in every if match.end() <= group.start <= match.end() + _LONGEST]
            if after and after[0].start - match.end() <= _NEAR:
                found = _number(text, after, counts)
                if found is not None:
                    yield Span(kind, *found)


def _number(text: str, groups: list[Group], counts: frozenset[int]) -> tuple[int, int] | None:
    """Where the longest number of a right count of digits stands among groups that follow each other."""
    digits, best, spelt = 0, None, False
    for place, group in enumerate(groups):
        if place and not _WITHIN.fullmatch(text[groups[place - 1].end : group.start]):
            break
        digits += len(group.digits)
        spelt = spelt or group.spelt
        if digits in counts and spelt:
            best = (groups[0].start, group.end)
    return best
