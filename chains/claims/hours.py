"""Opening hours and other times of day in a sentence, held against those that the facts give for the same days."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_DAYS_TEXT = """
понедельник:0 пн:0 monday:0 mon:0 вторник:1 вт:1 tuesday:1 tue:1 сред:2 ср:2 wednesday:2 wed:2 четверг:3 чт:3
thursday:3 thu:3 пятниц:4 пт:4 friday:4 fri:4 суббот:5 сб:5 saturday:5 sat:5 воскресен:6 вс:6 sunday:6 sun:6
"""
_DAYS = {key: int(value) for key, _, value in (pair.partition(":") for pair in _DAYS_TEXT.split())}
_DAY = re.compile(
    r"\b(?:(понедельник|вторник|сред|четверг|пятниц|суббот|воскресен)[а-я]*|(пн|вт|ср|чт|пт|сб|вс)\b"
    r"|(monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b|(mon|tue|wed|thu|fri|sat|sun)\b)",
    re.IGNORECASE,
)
_GROUPS: tuple[tuple[re.Pattern[str], frozenset[int | str]], ...] = (
    (re.compile(r"\b(?:по )?будн\w+|\bрабочие дни\b|\bweekdays?\b", re.IGNORECASE), frozenset(range(5))),
    (re.compile(r"\b(?:по )?выходным\b|\bв выходные\b|\bweekends?\b", re.IGNORECASE), frozenset({5, 6})),
    (
        re.compile(r"\bежедневно\b|\bкаждый день\b|\bdaily\b|\bevery day\b", re.IGNORECASE),
        frozenset(range(7)),
    ),
    (re.compile(r"\bсегодня\b|\btoday\b", re.IGNORECASE), frozenset({"today"})),
    (re.compile(r"\bзавтра\b|\btomorrow\b", re.IGNORECASE), frozenset({"tomorrow"})),
    (
        re.compile(
            r"\b\d{1,2} (?:января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря|january"
            r"|february|march|april|may|june|july|august|september|october|november|december)\b",
            re.IGNORECASE,
        ),
        frozenset(),
    ),
)
_TIME = re.compile(
    r"\b(\d{1,2}):(\d{2})\s?(am|pm)?\b|\b(?:с|до|в|к|from|till|until|to|at|by)\s(\d{1,2})(?:\s?(?:(час\w{0,2}|утра|вечера|дня|am|pm)\b)"
    r"|(?=\s(?:до|to|till|until)\s\d{1,2}\b)|(?<=\d)(?=[\s.,]*$))",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"\bзакрыт\w*|\bвыходной\b|\bне работа\w+|\bclosed\b", re.IGNORECASE)


class _Token(NamedTuple):
    start: int
    end: int
    days: frozenset[int | str]
    time: int | None
    closed: bool = False


def contradicts_hours(sentence: str, facts: str) -> bool:
    """Whether the sentence gives days other times than the facts do, or a time that they do not hold at all."""
    said = list(_statements(sentence))
    if not said:
        return False
    known: dict[int | str, set[int]] = {}
    every: set[int] = set()
    for line in facts.splitlines():
        for part in re.split(r"(?<=[а-яёa-z])[.!?]\s", line):
            for days, times in _statements(part):
                every |= times
                for day in days:
                    known.setdefault(day, set()).update(times)
    for days, times in said:
        if not times:
            continue
        if not days:
            # times of no day: true if the facts give them and tell no days apart
            if not times <= every or len({frozenset(value) for value in known.values()}) > 1:
                return True
        elif any(not times <= known.get(day, set()) for day in days):
            return True
    return False


def without_times(text: str) -> str:
    """The text without the times of day, which are no amounts."""
    return _TIME.sub(" ", text)


def _statements(text: str) -> Iterator[tuple[frozenset[int | str], set[int]]]:
    """Groups of days with the times (minutes; -1 for closed) that follow or, with none following, precede them."""
    tokens = sorted(_tokens(text))
    tokens = list(_joined(tokens, text))
    groups: list[tuple[frozenset[int | str], set[int]]] = []
    leading: set[int] = set()
    for token in tokens:
        if token.days:
            if groups and not groups[-1][1] and not leading:
                groups[-1] = (groups[-1][0] | token.days, set())
            else:
                groups.append((token.days, set()))
                if leading and len(groups) == 1:
                    groups[0][1].update(leading)
        else:
            value = -1 if token.closed else (token.time or 0)
            if groups:
                groups[-1][1].add(value)
            else:
                leading.add(value)
    if not groups and leading:
        yield frozenset(), leading
    yield from groups


def _joined(tokens: list[_Token], text: str) -> Iterator[_Token]:
    """«понедельник–пятница», «с понедельника по пятницу»: all the days between."""
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if following is not None and len(token.days) == 1 and len(following.days) == 1:
            between = text[token.end : following.start]
            (first,), (last,) = token.days, following.days
            if (
                isinstance(first, int)
                and isinstance(last, int)
                and re.fullmatch(r"\s*(?:[-–—]|по|to|through)\s*", between)
            ):
                span = range(first, (last if last >= first else last + 7) + 1)
                yield _Token(token.start, following.end, frozenset(day % 7 for day in span), None)
                index += 2
                continue
        yield token
        index += 1


def _tokens(text: str) -> Iterator[_Token]:
    for match in _DAY.finditer(text):
        word = next(group for group in match.groups() if group)
        yield _Token(match.start(), match.end(), frozenset({_DAYS[word.lower()]}), None)
    for pattern, days in _GROUPS:
        for match in pattern.finditer(text):
            yield _Token(match.start(), match.end(), frozenset(days or {match.group().lower()}), None)
    for match in _TIME.finditer(text):
        hour = int(match[1] or match[4])
        half = (match[3] or match[5] or "").lower()
        if half in {"pm", "вечера", "дня"} and hour < 12:
            hour += 12
        if hour <= 24:
            yield _Token(match.start(), match.end(), frozenset(), 60 * hour + int(match[2] or 0))
    for match in _CLOSED.finditer(text):
        yield _Token(match.start(), match.end(), frozenset(), None, closed=True)
