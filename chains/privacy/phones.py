"""Phone numbers, however written: Russian ones of any spelling, words included, and those of other countries."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from phonenumbers import Leniency, PhoneNumberMatcher

from chains.privacy.runs import Group, digits_of, runs
from chains.privacy.spans import Span

__all__ = ["MONEY_AFTER", "digits_of", "find_foreign_phones", "find_phones"]

MONEY_AFTER = re.compile(
    r"\s?(?:₽|р\b|р\.|руб|т\.?\s?р|тыс|млн|млрд|миллион|лям|\$|€|долл|евро|usd|rub|eur|k\b|km\b|км\b|килом|mile|"
    r"л\.?\s?с|hp\b|юан|тенге)",
    re.IGNORECASE,
)
"""What makes a number before it a sum or a measure."""
_YEAR_AFTER = re.compile(r"\s?(?:год|г\.|г\b|гг)", re.IGNORECASE)
# Words before a number that announce a phone: up to 45 characters without a digit may stand between.
_CUE = re.compile(
    r"(?:\bтел\b|тел[её]?ф\w*|\bтелеф?\w*|звон\w*|набер\w*|набира\w*|\bмоб\w*|сотов\w*|городск\w*|"
    r"домашн\w+\s+(?:тел|номер)"
    r"|рабоч\w+\s+(?:тел|номер)|w[ha]*tsapp|ват?с?ап\w*|вотсап\w*|телег\w*|telegram|viber|вайбер\w*|(?:на|мой|мо[ие]|"
    r"моему|этот|этому|наш|жены|мужа|запишите|оставлю|вот)\s+номер\w*|номер\w*\s+(?:для\s+связи|тел\w*|мой)|контакт\w*|"
    r"на связи|смс|sms|"
    r"\bphone\b|\btel\b|\bcall\b|\bcell\w*|\bmobile\b|\breach\b|\btext me\b|\bring\b|\bdial\b|my number|number is|"
    r"\bcontact\b|whats ?app|\bfax\b|факс\w*)"
    r"[^\d\n]{0,45}$",
    re.IGNORECASE,
)
# Words before a number that make it the number of a thing.
_OF_A_THING = re.compile(
    r"(?:заказ\w*|артикул\w*|арт\.|договор\w*|контракт\w*|сч[её]т\w*|накладн\w*|полис\w*|\bчек\w*|код\w*|лот\w*|"
    r"\border|invoice|ticket|contract|article|\bsku|\bref\w*|\bcode|\bid|\bинн|\binn|огрн\w*|кпп|бик|р/с|"
    r"серийн\w*|детал\w*|запчаст\w*|каталож\w*|трек\w*|tracking|part)"
    r"[\s.,:]*(?:(?:№|#|n[or]?\.?|номер\w*|number|is|это|на|с номером|под номером|за номером)[\s.,:]*){0,2}$",
    re.IGNORECASE,
)
_PLUS = re.compile(r"(?:\+|\bплюс|\bplus)[\s(]{0,3}$", re.IGNORECASE)
_OPEN = re.compile(r"\(\s?$")
_MOBILE = "9"
_AREAS = "34589"  # how the code of a Russian region or network begins; 7 is Kazakhstan's, which needs a plus
_LONGEST = 11
_SAID_SINGLY = 7
_PRICE_GROUP = re.compile(r"[ \u00a0\u202f]")


def find_phones(text: str) -> Iterator[Span]:
    """Russian numbers: +7, 8, 7 or none before ten digits, in figures, words or both; city numbers after a word that
    announces one."""
    for run in runs(text):
        yield from _phones_of(text, run)


def _phones_of(text: str, run: Sequence[Group]) -> Iterator[Span]:
    place = 0
    while place < len(run):
        end = _phone_at(text, run, place)
        if end is None:
            place += 1
            continue
        start = run[place].start
        before = text[max(0, start - 12) : start]
        if plus := _PLUS.search(before):
            start -= len(before) - plus.start()
        elif (bracket := _OPEN.search(before)) and ")" in text[start : run[end].end]:
            start -= len(before) - bracket.start()
        yield Span("phone", start, run[end].end)
        place = end + 1


def _phone_at(text: str, run: Sequence[Group], place: int) -> int | None:
    """The last group of the phone that begins at a group, or None."""
    first = run[place]
    if place == 0 and _glued(text[max(0, first.start - 2) : first.start]):
        return None
    before = (
        text[max(0, first.start - 90) : first.start]
        if place == 0
        else text[max(0, first.start - 3) : first.start]
    )
    plus = bool(_PLUS.search(before))
    cue: bool | None = None
    digits = ""
    best: int | None = None
    for end in range(place, len(run)):
        digits += run[end].digits
        if len(digits) > _LONGEST:
            break
        if len(digits) < 5 or _ends_otherwise(text, run, end):
            continue
        if cue is None:
            cue = bool(_CUE.search(text[max(0, run[0].start - 90) : run[0].start]))
        groups = run[place : end + 1]
        if _is_phone(groups, digits, plus, cue, text) or (end + 1 == len(run) and _is_said(groups, digits)):
            best = end
    if best is not None and not plus and _OF_A_THING.search(before) and len(run[place : best + 1]) == 1:
        return None
    return best


def _glued(before: str) -> bool:
    """The number is the tail of something: of a word, a decimal, an address on the web."""
    return bool(re.search(r"[^\W\d_]\Z|[\d][.,]\Z|[/=@#_]\Z|№\s?\Z", before))


def _ends_otherwise(text: str, run: Sequence[Group], end: int) -> bool:
    """What follows the group makes it part of a sum, a longer number or a word."""
    after = text[run[end].end : run[end].end + 12]
    if re.match(r"\w|[.,]\d|@", after) and not (after[0] == "." and len(after) > 1 and end + 1 < len(run)):
        return True
    if MONEY_AFTER.match(after) or (len(run[end].digits) == 4 and _YEAR_AFTER.match(after)):
        return True
    if end + 1 == len(run):
        return False
    following = run[end + 1]
    price = len(following.digits) == 3 and _PRICE_GROUP.fullmatch(text[run[end].end : following.start])
    return bool(price) and not run[end].spelt


def _is_phone(groups: Sequence[Group], digits: str, plus: bool, cue: bool, text: str) -> bool:
    sizes = [len(group.digits) for group in groups]
    spelt = any(group.spelt for group in groups)
    count = len(digits)
    if count == 11 and digits[0] in "78":
        kazakh = digits[1] in "67" and (plus or (digits[0] == "8" and cue))
        return (digits[1] in _AREAS or kazakh) and (plus or cue or not _like_prices(groups, sizes, text))
    if plus:
        return False
    if count == 10 and digits[0] == _MOBILE:
        if sizes == [5, 5] and not cue:  # a spare part: 90919-01275
            return False
        return cue or not _like_prices(groups, sizes, text)
    if count == 10 and digits[0] in _AREAS:
        return (
            cue
            or (sizes[0] == 3 and sizes[1:] in ([3, 2, 2], [3, 4]) and _has_dashes(groups, text))
            or (sizes[0] in {4, 5} and _in_brackets(groups, text))
        )
    if count in {10, 11} and len(groups) >= _SAID_SINGLY and all(group.spelt for group in groups):
        return True  # «five one two, double zero …»: nobody counts money so
    if spelt and not cue:
        return False
    if count == 7:
        return (cue and not _like_prices(groups, sizes, text)) or (
            sizes == [3, 2, 2] and _joined_by(groups, text, "-")
        )
    return (
        count in {5, 6} and cue and sizes in ([2, 2, 2], [1, 2, 2], [3, 3]) and _joined_by(groups, text, "-")
    )


def _is_said(groups: Sequence[Group], digits: str) -> bool:
    """A number in words that lacks digits only because words were put together: «… сто сорок три …» for 100 and 43."""
    whole = _LONGEST if digits[0] in "78" else _LONGEST - 1
    spares = {0}
    for group in groups:
        spares |= {spare + group.spare for spare in spares} | {
            spare + 1 for spare in spares if group.spare > 1
        }
    mobile = digits.startswith(("79", "89", "9"))
    return mobile and len(digits) >= whole - 4 and len(groups) > 3 and whole - len(digits) in spares - {0}


def _like_prices(groups: Sequence[Group], sizes: Sequence[int], text: str) -> bool:
    """«7 500 000», «8 900 000 9 500»: groups of three with a space between, or a figure with no more than three."""
    if len(sizes) == 1 or any(group.spelt for group in groups):
        return False
    tail = sizes[1:]
    spaces = all(_PRICE_GROUP.fullmatch(text[one.end : two.start]) for one, two in pairwise(groups))
    if not spaces:
        return False
    return all(size == 3 for size in tail) or (
        sum(sizes) == _LONGEST
        and sizes[-1] == 4
        and groups[-1].digits[:2] in {"19", "20"}
        and groups[-2].digits == "000"
    )


def _has_dashes(groups: Sequence[Group], text: str) -> bool:
    return "-" in text[groups[0].start : groups[-1].end] or _in_brackets(groups, text)


def _in_brackets(groups: Sequence[Group], text: str) -> bool:
    return bool(_OPEN.search(text[max(0, groups[0].start - 2) : groups[0].start]))


def _joined_by(groups: Sequence[Group], text: str, sign: str) -> bool:
    return all(text[one.end : two.start].strip() == sign for one, two in pairwise(groups))


_NORTH_AMERICAN = re.compile(
    r"(?<![\w+\-.])(?:\+?1[\s.\-]?)?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[.\-])\d?\d{2,3}[.\-\s]\d{4}(?![\w\-])"
    r"|\([2-9]\d{2}\)\s?\d{7}(?!\w)"
)
_BRITISH = re.compile(
    r"(?<![\w+\-.])(?<!\d[ \u00a0])(?:07\d{3}[\s\-]?\d{3}[\s\-]?\d{3}|"
    r"\(?0(?:1[1-9]|2\d)\d{1,2}\)?[\s\-]\d{3,4}[\s\-]?\d{3,4})(?![\w\-])"
)
_EXTENSION = re.compile(r"[\s,;]*(?:доб|ext|x|доп|вн)", re.IGNORECASE)
_WITH_PLUS = re.compile(r"(?<![\w+])\+\s?\(?[1-9](?:[\s().\-]{0,2}\d){8,14}(?!\w|[.,]\d)")
_ANNOUNCED = re.compile(r"(?<![\w+.\-])\(?\d[\d\s().\-]{5,17}\d(?!\w|[.,]\d)")
_ENGLISH_CUE = re.compile(
    r"(?:\bphone\b|\btel\b|\bcall (?:me|us|back|him|her|at|on)\b|\bcall$|\bcell\w*|\bmobile\b|"
    r"\breach (?:me|us|him|her)\b|\btext\b|\bsms\b|"
    r"\bring me\b|\bdial\b|(?:my|his|her|our|wife's|husband's) number|whats ?app)[^\d\n]{0,25}$",
    re.IGNORECASE,
)


def find_foreign_phones(text: str) -> Iterator[Span]:
    """Numbers of any country with a plus, American and British ones as they are written at home, and what an English
    word announces."""
    for number in PhoneNumberMatcher(text, "RU", leniency=Leniency.VALID):
        if number.raw_string.startswith("+") and not MONEY_AFTER.match(text, number.end):
            extension = _EXTENSION.search(number.raw_string)
            end = number.start + extension.start() if extension else number.end
            yield Span("phone", number.start, end)
    for match in _WITH_PLUS.finditer(text):
        if 9 <= sum(map(str.isdecimal, match.group())) <= 15 and not MONEY_AFTER.match(text, match.end()):
            yield Span("phone", match.start(), match.end())
    for pattern in (_NORTH_AMERICAN, _BRITISH):
        for match in pattern.finditer(text):
            if not MONEY_AFTER.match(text, match.end()):
                yield Span("phone", match.start(), match.end())
    for match in _ANNOUNCED.finditer(text):
        count = sum(map(str.isdecimal, match.group()))
        if 7 <= count <= 12 and _ENGLISH_CUE.search(text[max(0, match.start() - 60) : match.start()]):
            groups = re.split(r"\D+", match.group().strip("("))
            if not MONEY_AFTER.match(text, match.end()) and not (
                len(groups) > 2 and all(len(g) == 3 for g in groups[1:])
            ):
                yield Span("phone", match.start(), match.end())
