"""Numbers as people write and say them: runs of digit groups, some of which may be spelt out.

«8 девятьсот 16 сто двадцать три сорок пять, шестьдесят семь» is one run of the groups 8, 916, 123, 45 and 67, each
with its place in the text.
"""

import re
from typing import NamedTuple


class Group(NamedTuple):
    """Digits that belong together, as written at `text[start:end]`; `spelt` tells that they were words."""

    digits: str
    start: int
    end: int
    spelt: bool
    spare: int = 0
    """How many digits more it has if its words are not put together: «сто сорок три» may be 143 or 100 and 43."""


_UNITS = {
    "один": 1, "одна": 1, "одну": 1, "одно": 1, "единица": 1, "единичка": 1, "раз": 1, "два": 2, "две": 2,
    "двойка": 2, "двоечка": 2, "три": 3, "тройка": 3, "троечка": 3, "четыре": 4, "четверка": 4, "пять": 5,
    "пятерка": 5, "пятерочка": 5, "шесть": 6, "шестерка": 6, "семь": 7, "семерка": 7, "семерочка": 7, "восемь": 8,
    "восьмерка": 8, "восьмерочка": 8, "девять": 9, "девятка": 9, "девяточка": 9,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
_ZEROS = {"ноль", "нуль", "нолик", "ноля", "нуля", "zero", "oh", "о", "o", "оу"}
_TEENS = {
    "десять": 10, "одиннадцать": 11, "двенадцать": 12, "тринадцать": 13, "четырнадцать": 14, "пятнадцать": 15,
    "шестнадцать": 16, "семнадцать": 17, "восемнадцать": 18, "девятнадцать": 19, "шеснадцать": 16, "одинадцать": 11,
    "семнацать": 17, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "двадцать": 20, "двацать": 20, "тридцать": 30, "трицать": 30, "сорок": 40, "пятьдесят": 50, "пятдесят": 50,
    "писят": 50, "шестьдесят": 60, "шестдесят": 60, "семьдесят": 70, "семдесят": 70, "восемьдесят": 80,
    "восемдесят": 80, "девяносто": 90, "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_HUNDREDS = {
    "сто": 100, "двести": 200, "триста": 300, "четыреста": 400, "пятьсот": 500, "пятсот": 500, "шестьсот": 600,
    "шестсот": 600, "семьсот": 700, "семсот": 700, "восемьсот": 800, "восемсот": 800, "девятьсот": 900,
    "девятсот": 900,
}  # fmt: skip
# «два ноля», «три семёрки»: a small number before one of these says how often.
_REPEATED = {
    "нуля": 0, "ноля": 0, "нолика": 0, "нулей": 0, "нулями": 0, "единицы": 1, "единички": 1, "двойки": 2, "тройки": 3,
    "четверки": 4, "пятерки": 5, "шестерки": 6, "семерки": 7, "восьмерки": 8, "девятки": 9, "девяток": 9,
    "семерок": 7, "пятерок": 5, "zeros": 0, "zeroes": 0,
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3}

_ALL = {*_UNITS, *_ZEROS, *_TEENS, *_TENS, *_HUNDREDS, *_REPEATED, *_TIMES, "hundred"}
_PIECE = re.compile(r"\d+|[^\W\d_]+")
_BETWEEN = re.compile(r"[\s().,/\\\-‐‑‒–—_*·•|~\u00ad\u200b-\u200d\u2060\ufeff\ufe0f\u20e3]{0,5}")
_BETWEEN_DIGITS = re.compile(r"[\s()./\\\-‐‑‒–—_*·•|~\u00ad\u200b-\u200d\u2060\ufeff\ufe0f\u20e3]{0,4}")
# Said between the parts of one number: «восемь девятьсот, дальше восемьсот, и в конце двенадцать тридцать четыре».
_LETTER_ONE = re.compile(r"(?<=\d)[Il|](?=[\doOоО]{2})")
_LINK = re.compile(
    r"[\s,;.:—–-]{1,4}(?:(?:а|и|и ещё|и еще|and|then)\s)?(?:дальше|далее|потом|затем|в конце|"
    r"последние(?: цифры)?|конец|после(?: него| этого)?|"
    r"затем идёт|дальше идёт|then|and then|ending(?: in| with)?|the last (?:four|two|"
    r"digits are)?)(?:\s(?:идёт|идет|идут|цифры|три|еще|ещё))?[\s,:—–-]{1,4}",
    re.IGNORECASE,
)
_LETTER_O = re.compile(r"(?<=\d)[oOоО]+(?=[\doOоО])|(?<=\d[ -])[oOоО]{2,4}(?=[ -]?\d)")
_LONGEST_LINK = 30
_LONG_BREAK = re.compile(r"\n\s*\n")


class _Item(NamedTuple):
    """A piece of a run: a digit group or one number word."""

    text: str
    start: int
    end: int
    spelt: bool


def runs(text: str) -> list[list[Group]]:
    """The runs of the text in their order; each has one group or more."""
    return [groups for items in _item_runs(text) if (groups := _composed(items))]


def _item_runs(text: str) -> list[list[_Item]]:
    text = _LETTER_ONE.sub("1", text)
    text = _LETTER_O.sub(lambda match: "0" * len(match.group()), text)
    found: list[list[_Item]] = []
    current: list[_Item] = []
    for match in _PIECE.finditer(text):
        piece = match.group()
        spelt = not piece[0].isdecimal()
        word = piece.lower().replace("ё", "е") if spelt else piece
        if (spelt and word not in _ALL) or not piece.isalnum():
            if current and not _may_link(text, current[-1].end, match.start()):
                found.append(current)
                current = []
            continue
        item = _Item(word, match.start(), match.end(), spelt)
        if current:
            gap = text[current[-1].end : item.start]
            between = _BETWEEN if spelt or current[-1].spelt else _BETWEEN_DIGITS
            if not (between.fullmatch(gap) or _LINK.fullmatch(gap)) or _LONG_BREAK.search(gap):
                found.append(current)
                current = []
        current.append(item)
    return [*found, current] if current else found


def _may_link(text: str, end: int, start: int) -> bool:
    """A word so near a number's last digit may lead to its next ones; whether it does, the next digits tell."""
    return start - end <= _LONGEST_LINK and "\n" not in text[end:start]


def _composed(items: list[_Item]) -> list[Group]:
    """Words put together into the numbers they say: сто двадцать три is 123, nine one six three groups."""
    groups: list[Group] = []
    level = 0  # what may still be added to the last group: below hundreds 3, below tens 2, nothing 0
    times = 0
    for item in items:
        if not item.spelt:
            if level == 3 and len(item.text) <= 2 and groups[-1].end < item.start:  # «девятьсот 16»
                last = groups.pop()
                value = int(last.digits) + int(item.text)
                groups.append(Group(str(value), last.start, item.end, True))
            else:
                groups.append(Group(_ascii(item.text), item.start, item.end, False))
            level = 0
            continue
        word = item.text
        if word in _TIMES:
            times = _TIMES[word]
            level = 0
            continue
        if word in _REPEATED and groups and groups[-1].spelt and groups[-1].digits in {"2", "3", "4", "5"}:
            last = groups.pop()
            groups.append(Group(str(_REPEATED[word]) * int(last.digits), last.start, item.end, True))
            level = 0
            continue
        value_level = _value(word)
        if value_level is None:
            level = 0
            continue
        value, own, leaves = value_level
        if own == 3 and word == "hundred":
            if groups and groups[-1].spelt and len(groups[-1].digits) == 1:
                last = groups.pop()
                groups.append(Group(f"{last.digits}00", last.start, item.end, True))
                level = 3
            continue
        if own and own < level:
            last = groups.pop()
            spare = max(last.spare, len(str(value)))  # 100 and 43 make two digits more, 40 and 5 one
            groups.append(Group(str(int(last.digits) + value), last.start, item.end, True, spare))
        else:
            digits = str(value) * (times or 1)
            groups.append(Group(digits, item.start, item.end, True))
        times = 0
        level = leaves
    return groups


def _value(word: str) -> tuple[int, int, int] | None:
    """A word's value, its own level (3 hundreds, 2 tens and teens, 1 units, 0 alone) and the level it leaves open."""
    if word in _ZEROS:
        return 0, 0, 0
    if word in _UNITS:
        return _UNITS[word], 1, 0
    if word in _TEENS:
        return _TEENS[word], 2, 0
    if word in _TENS:
        return _TENS[word], 2, 2
    if word in _HUNDREDS:
        return _HUNDREDS[word], 3, 3
    return (100, 3, 3) if word == "hundred" else None


def _ascii(digits: str) -> str:
    """Digits of any script as those of ASCII."""
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)


def digits_of(text: str) -> str:
    """All digits of a text in their order, spelt-out ones included: «восемь 916» gives 8916."""
    return "".join(group.digits for run in runs(text) for group in run)
