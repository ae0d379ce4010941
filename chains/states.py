"""The state of cars that a message asks for: new or used, reserved, on the way.

The same words tell of the visitor («долго ехать до работы», «часто в дороге», «новая квартира», "I used to drive"):
those are left alone, since a state that nobody asked for would deny cars that are there.
"""

import re
from collections.abc import Sequence
from typing import Literal

from chains.numerals import Word
from chains.text import is_noun

Condition = Literal["new", "used"]

USED = frozenset("подержанный used preowned secondhand вторичка подержать бэушка бушка подержанка".split())
NEW = frozenset("новый new нулевый brand-new новенький новье новьем нулевка нулячий новехонький".split())
USED_PHRASE = re.compile(
    r"\bб\s*[-/]?\s*у\b|\bbu\b|\bбэ?уш\w+|\bused\b(?! to\b)|с пробегом|second - hand|second hand|pre - owned|pre owned"
    r"|preowned|\bне нов(?:ый|ая|ую|ое|ые|ого|ой|ых|еньк\w+)\b|\bненов\w+|\bnot new\b"
)
NEW_PHRASE = re.compile(
    r"brand - new|brand new|без пробега|с нуля|с завода|из салона нов\w+|zero mileage|new ones?\b"
)
_COMES = (
    r"(?:прид(?:ет|ут)|приед(?:ет|ут)|приход(?:ит|ят)|поступ(?:ит|ят|ает|ают|лени\w+)|привез(?:ут|ете))\b"
)
COMING = re.compile(
    r"on the way|(?<!\bi m )(?<!\bi am )(?<!\bwe are )(?<!\bwe re )\bcoming\b"
    r"(?! (?:to|on|by|over|from|in|at|with|along)\b)"
    r"|(?<!\bi )(?<!\bwe )\barriv\w+"
    rf"|(?:когда|какие|какая|какой|что) (?:\w+ )?{_COMES}|ожида(?:ет|ют|ем|ете|ни)\w*"
    rf"|скоро {_COMES}|{_COMES} скоро|in transit|\bна подходе"
)
_BOTH = re.compile(
    r"\bнов\w+ (?:или|и|либо) (?:с пробегом|б\s*[-/]?\s*у\b|подерж\w+)|\bnew or used\b|used or new"
)
# «забронированные машины», «уже забронировали», not «можно забронировать?»
_RESERVED = re.compile(
    r"(?:забронирован|зарезервирован|reserved$|брон[ьи]$|резерве$|(?:забронировали|зарезервировали)$)"
)
_DRIVES_HERE = frozenset("едет едут едущий едущая едущие едущую едущих едете".split())
_IN_TRANSIT = frozenset("транзит transit ожидаться".split())
_WAYS = frozenset("путь дорога transit".split())
_OF_THE_VISITOR = frozenset(
    """
    много часто постоянно долго долгий время час день весь всегда проводить провести бывать быть регулярно помногу кофе
    поесть спать дорога дальний долгий комфортный удобно комфортно much often always long time hours day spend
    """.split()
)
_NEAR = 3
# What is new of a visitor's, in English, where nouns are not told apart from the rest.
_NEW_OF_OTHERS = frozenset(
    "job house home flat apartment driver city town baby here to in year role office place area country dad mum".split()
)
_CARS = frozenset("машина автомобиль авто тачка модель кузов вариант экземпляр мотор".split())


def read_condition(
    words: Sequence[Word], line: str, taken: frozenset[int], *, newest: bool
) -> Condition | None:
    """New or used cars, None where neither is asked for.

    Args:
        line: all words in one line.
        taken: the words that names, phrases and amounts have used.
        newest: the newest or the oldest cars are asked for, so that «новый» is no state.
    """
    free = [word for index, word in enumerate(words) if index not in taken]
    said = {form for word in free for form in (word.text, word.lemma)}
    if _BOTH.search(line):
        return None
    if USED_PHRASE.search(line) or said & (USED - {"used"}):
        return "used"
    if newest:
        return None
    new = any(
        index not in taken and {word.text, word.lemma} & NEW and not _of_another_thing(words, index, taken)
        for index, word in enumerate(words)
    )
    return "new" if new or NEW_PHRASE.search(line) else None


def _of_another_thing(words: Sequence[Word], index: int, taken: frozenset[int]) -> bool:
    """«новая квартира», "a new job": a thing that is new and no car."""
    following = words[index + 1] if index + 1 < len(words) else None
    if following is None or index + 1 in taken or not following.text.isalpha():
        return False
    if following.text.isascii():
        return words[index].text == "new" and following.text in _NEW_OF_OTHERS
    return len(following.text) > len("мес") and following.lemma not in _CARS and is_noun(following.text)


def read_statuses(free: Sequence[tuple[int, Word]], line: str) -> tuple[tuple[str, ...], set[int]]:
    """The statuses asked for, and the positions of the words that say so; `free` are words with their positions."""
    used: set[int] = set()
    found: list[str] = ["in_transit"] if COMING.search(line) else []
    for position, (index, word) in enumerate(free):
        if _RESERVED.match(word.text):
            found.append("reserved")
            used.add(index)
            continue
        following = free[position + 1][1] if position + 1 < len(free) else None
        on_the_way = word.text in {"в", "in"} and following is not None and following.lemma in _WAYS
        if on_the_way and not _tells_of_the_visitor(free, position):
            found.append("in_transit")
            used.update({index, free[position + 1][0]})
        elif word.text in _DRIVES_HERE or word.lemma in _IN_TRANSIT:
            found.append("in_transit")
            used.add(index)
    return tuple(dict.fromkeys(found)), used


def _tells_of_the_visitor(free: Sequence[tuple[int, Word]], position: int) -> bool:
    """«часто в дороге», «провожу в пути весь день»."""
    near = [word for _, word in free[max(0, position - _NEAR) : position + 2 + _NEAR]]
    return any({word.text, word.lemma} & _OF_THE_VISITOR - _WAYS for word in near)
