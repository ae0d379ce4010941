"""Numbers of bank cards and of personal documents: passport, pension insurance (SNILS), taxpayer (INN)."""

import re
from collections.abc import Iterable, Iterator

from chains.privacy.phones import MONEY_AFTER
from chains.privacy.spans import Kind, Span

# Between a document's word and its number: a few words, but none that announces a phone.
_NEAR = r"(?:(?!тел|звон|набер|ватс|whats|phone|call|mobile)[^\d\n]){0,40}?"
_CARD_GAP = r"(?:[ \-.\u00a0\u2009]{1,3})"
_CARD_NUMBER = (
    rf"(?:\d{{16,19}}|"
    rf"\d{{4}}(?P<g>{_CARD_GAP})\d{{4}}{_CARD_GAP}\d{{4}}{_CARD_GAP}\d{{4}}(?:{_CARD_GAP}\d{{1,3}})?"
    rf"|3\d{{3}}{_CARD_GAP}\d{{6}}{_CARD_GAP}\d{{5}})(?!\w)"
)
CARD_PATTERN = (
    rf"(?<![\w+])(?=[23456])(?:\d{{13,19}}|\d(?:{_CARD_GAP}\d){{15}}|\d\d(?:{_CARD_GAP}\d\d){{7}}"
    rf"|\d{{4}}{_CARD_GAP}\d{{4}}{_CARD_GAP}\d{{4}}{_CARD_GAP}\d{{4}}(?:{_CARD_GAP}\d{{1,3}})?"
    rf"|3\d{{3}}{_CARD_GAP}\d{{6}}{_CARD_GAP}\d{{4,5}}|\d{{8}}{_CARD_GAP}\d{{8}})(?!\w)"
)
"""Digits in one run, singly, in pairs, or as printed: 4-4-4-4, 4-4-4-4-3, 4-6-5. Prices have groups of three."""
_CARD = re.compile(CARD_PATTERN)
_CARD_WORD = re.compile(
    rf"\b(?:карт[аыеуо]й?|карточк\w+|card|visa|виза|мир|mastercard)\b{_NEAR}(?=\d)", re.IGNORECASE
)
_ANNOUNCED_CARD = re.compile(_CARD_NUMBER)
_SIGN = r"[\s,;.:\-–—]{0,4}(?:№|no\.?|n|и?\s?номер\w*|и?\s?ном\.?|number|#)?[\s.:\-–—]{0,4}"
# Series (two and two digits) and number of a Russian passport; of one for travel, two and seven digits.
_PASSPORT = rf"(?P<found>\d{{2}}[\s\-]{{0,2}}\d{{2}}{_SIGN}\d{{3}}[\s\-]?\d{{3}}|\d{{2}}{_SIGN}\d{{7}})(?!\w)"
_PASSPORTS = (
    re.compile(rf"(?:пасс?пор[тд]\w*|загран\w*|пасп\.){_NEAR}(?<!\w){_PASSPORT}", re.IGNORECASE),
    re.compile(rf"passport\w*{_NEAR}(?<!\w){_PASSPORT}", re.IGNORECASE),
    re.compile(
        r"passport\w*(?:\s+(?:number|no\.?|is|#|id|details|my|it's|the|:|=|for|-))*[\s:#№.\-]*"
        r"(?P<found>[A-Z]{0,2}\s?\d{6,9})(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:сери[яиюей]+|сер\.|series)(?!\w)(?:\s+(?:и|and)\s+(?:номер\w*|"
        rf"number))?[\s:\-–—]{{0,4}}{_PASSPORT}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w){_PASSPORT}[\s,;:()\-–—]{{0,6}}(?:это\s+|мой\s+|is\s+|my\s+|данные\s+|"
        rf"номер\s+)*(?:паспорт|passport)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w){_PASSPORT}[\s,;:()\-–—]{{0,4}}(?:выдан|код\s+подразд|уфмс|офмс|овд|увд|мвд|гу\s+мвд|"
        rf"issued\b)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![\w.\-+])(?P<found>\d{2} \d{2} (?:№ ?)?\d{6})(?![\w.\-])"),
    re.compile(
        r"(?<![\w.\-+])(?P<found>\d{6},?\s(?:сери[яиюей]+|сер\.|series)\s?\d{2}\s?\d{2})(?!\w)", re.IGNORECASE
    ),
)
_SNILS = re.compile(r"(?<![\w+-])\d{3}[\- ]\d{3}[\- ]\d{3}[ \-\u00a0]{0,3}\d{2}(?![\w-])")
_SNILS_WORD = re.compile(
    rf"(?:\b(?:снилс|snils)\w*|страхов\w+\s+(?:номер|свид)\w*|пенсионн\w+\s+(?:номер|страх)\w*|"
    rf"social (?:security|insurance)"
    rf"){_NEAR}(?<!\w)(?P<found>\d{{3}}[\s\-.]{{0,2}}\d{{3}}[\s\-.]{{0,2}}\d{{3}}[\s\-.]{{0,2}}\d{{2}})(?!\w)",
    re.IGNORECASE,
)
_SNILS_BEFORE = re.compile(
    r"(?<!\w)(?P<found>\d{3}[\s\-]?\d{3}[\s\-]?\d{3}[\s\-]?\d{2})[\s,;:()\-–—]{0,6}(?:это\s+|мой\s+|"
    r"is\s+|my\s+)*\b(?:снилс|snils)\b",
    re.IGNORECASE,
)
_INN_DIGITS = r"(?P<found>\d{4}[ \-]\d{4}[ \-]\d{4}|\d{4}[ \-]\d{6}[ \-]\d{2}|\d{12}|\d{10})(?!\w)"
_INNS = (
    re.compile(
        rf"(?:\b(?:инн|inn|itn|tin|tax id|taxpayer)\b|налогоплательщик\w*){_NEAR}(?<!\w){_INN_DIGITS}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w){_INN_DIGITS}[\s,;:()\-–—]{{0,6}}(?:это\s+|мой\s+|is\s+|my\s+)*\b(?:инн|inn)\b",
        re.IGNORECASE,
    ),
)
_TEN = re.compile(r"(?<![\w+.\-])\d{10}(?![\w\-]|[.,]\d)")
_INN_WORD = re.compile(r"\b(?:инн|inn)\b", re.IGNORECASE)
_COMPANY = re.compile(
    r"(?<!\w)(?:ооо|оао|зао|пао|ао|ип|юр\.?\s?лиц\w*|юрик\w*|организаци\w+|реквизит\w*|фирм\w+|"
    r"компани\w+)(?!\w)"
    r"(?:(?!тел|звон|набер|моб|сот|ватс|whats|номер)[^\d\n]){0,30}$",
    re.IGNORECASE,
)
_TWELVE = re.compile(r"(?<![\w+.\-])\d{12}(?![\w\-]|[.,]\d)")
_NUMBER_OF_A_THING = re.compile(
    r"(?:заказ\w*|артикул\w*|арт\.|договор\w*|сч[её]т\w*|накладн\w*|полис\w*|чек\w*|код\w*|order|"
    r"invoice|article|sku|"
    r"contract|\bid|лот|штрих\w*|трек\w*|серийн\w*|tracking|part|детал\w*|огрн\w*|огрнип)"
    r"[\s.,:]*(?:(?:№|#|номер\w*|number|is|это|no\.?)[\s.,:]*)*$",
    re.IGNORECASE,
)


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right (ISO/IEC 7812-1)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        digit = int(char)
        total += sum(divmod(2 * digit, 10)) if place % 2 else digit
    return total % 10 == 0


def snils_is_valid(digits: str) -> bool:
    """Whether the last two of eleven digits are the check number of the first nine."""
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(digits[:9]))
    return len(digits) == 11 and total % 101 % 100 == int(digits[9:])


def inn_is_valid(digits: str) -> bool:
    """Whether the check digits of a taxpayer number are right: one of ten digits, two of twelve."""
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)

    def check(count: int) -> bool:
        total = sum(int(digit) * weight for digit, weight in zip(digits, weights[-count:], strict=False))
        return total % 11 % 10 == int(digits[count])

    if len(digits) == 10:
        return check(9)
    return len(digits) == 12 and check(10) and check(11)


def find_cards(text: str) -> Iterator[Span]:
    """Bank card numbers: those whose check digit (Luhn) is right, and any after the word «карта»."""
    for word in _CARD_WORD.finditer(text):
        number = _ANNOUNCED_CARD.match(text, word.end())
        if number and not MONEY_AFTER.match(text, number.end()):
            yield Span("card", number.start(), number.end())
    for match in _CARD.finditer(text):
        digits = _digits(match.group())
        if luhn(digits) and not _of_a_thing(text, match.start()):
            yield Span("card", match.start(), match.end())


def find_passports(text: str) -> Iterator[Span]:
    """Series and number of a passport beside the word, announced as a series, or before who issued it."""
    for span in _named("passport", _PASSPORTS, text):
        if not _of_a_thing(text, span.start):
            yield span


def find_further_passports(text: str) -> Iterator[Span]:
    """A second passport after a first one: «старый паспорт 5004 112233, новый 5022 445566»."""
    for match in _FURTHER.finditer(text):
        before = text[max(0, match.start() - _FURTHER_NEAR) : match.start()]
        if _PASSPORT_WORD.search(before) and not MONEY_AFTER.match(text, match.end()):
            yield Span("passport", match.start(), match.end())


_FURTHER = re.compile(r"(?<![\w.\-+])\d{2}\s?\d{2}\s\d{6}(?![\w\-]|[.,]\d)")
_PASSPORT_WORD = re.compile(r"пасп|passport|загран", re.IGNORECASE)
_FURTHER_NEAR = 80


def find_snils(text: str) -> Iterator[Span]:
    """Numbers of the Russian pension insurance: beside the word, or in groups and with the right check digits."""
    yield from _named("snils", (_SNILS_WORD, _SNILS_BEFORE), text)
    for match in _SNILS.finditer(text):
        if snils_is_valid(_digits(match.group())) and not _of_a_thing(text, match.start()):
            yield Span("snils", match.start(), match.end())


def find_inns(text: str) -> Iterator[Span]:
    """Taxpayer numbers (10 digits of a company, 12 of a person) beside the word; twelve right ones also alone."""
    yield from _named("inn", _INNS, text)
    for match in _TEN.finditer(text):  # a company's after a person's: «ИНН мой …, юрлица …»
        before = text[max(0, match.start() - _FURTHER_NEAR) : match.start()]
        named = _INN_WORD.search(before) or _COMPANY.search(before)
        if named and inn_is_valid(match.group()) and not _of_a_thing(text, match.start()):
            yield Span("inn", match.start(), match.end())
    for match in _TWELVE.finditer(text):
        if inn_is_valid(_digits(match.group())) and not _of_a_thing(text, match.start()):
            yield Span("inn", match.start(), match.end())


def _named(kind: Kind, patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[Span]:
    """The groups called `found`, unless a sum of money follows from them."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            if not MONEY_AFTER.match(text, match.end("found")):
                yield Span(kind, match.start("found"), match.end("found"))


def _of_a_thing(text: str, start: int) -> bool:
    """The words before make it the number of an order, a part, a contract."""
    return bool(_NUMBER_OF_A_THING.search(text[max(0, start - 40) : start]))


def _digits(text: str) -> str:
    return "".join(str(int(char)) for char in text if char.isdecimal())
