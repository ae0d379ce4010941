"""Finding and masking personal data, so that what is stored or shown to a model names nobody.

Each kind of data has a finder; `mask` runs them all. A further kind is a further finder.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Literal, NamedTuple

from phonenumbers import Leniency, PhoneNumberMatcher

from chains.text import is_name, language_of, tokens

Kind = Literal["phone", "email", "card", "passport", "snils", "inn", "name"]


class Span(NamedTuple):
    """A piece of personal data: `text[start:end]` of the text that was searched."""

    kind: Kind
    start: int
    end: int


class Masked(NamedTuple):
    """The text with each find replaced by a word in brackets; `found` refers to the original text, in its order."""

    text: str
    found: tuple[Span, ...]


Finder = Callable[[str], Iterator[Span]]

_PLACEHOLDERS: dict[str, dict[Kind, str]] = {
    "ru": {
        "phone": "[телефон]",
        "email": "[почта]",
        "card": "[номер карты]",
        "passport": "[паспорт]",
        "snils": "[СНИЛС]",
        "inn": "[ИНН]",
        "name": "[имя]",
    },
    "en": {
        "phone": "[phone]",
        "email": "[e-mail]",
        "card": "[card number]",
        "passport": "[passport]",
        "snils": "[SNILS]",
        "inn": "[INN]",
        "name": "[name]",
    },
}

# What may stand between the digits of a number; zero-width characters among them, since they are typed to hide one.
_GAP = r"[\s().\-‐‑–—\u00ad\u200b-\u200d\u2060\ufeff]{0,3}"
_PHONE = re.compile(
    rf"(?<![\w+])(?:(?:\+{_GAP}7|[78]){_GAP}\d{{3}}|\(?9\d{{2}}){_GAP}\d{{3}}{_GAP}\d{{2}}{_GAP}\d{{2}}(?![\w])"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")
# Digits in one run, or grouped as printed on cards: 4-4-4-4, 4-4-4-4-3, 4-6-5. Prices are grouped by three.
_CARD = re.compile(
    r"(?<!\w)(?:\d{13,19}|\d{4}([ \-\u00a0])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|3\d{3}([ \-])\d{6}\2\d{5})(?!\w)"
)
# Between a document's word and its number: a few words, but none that announces a phone.
_NEAR = r"(?:(?!тел|звон|набер|ватс|whats|phone|call|mobile)[^\d\n]){0,30}?"
_CARD_WORD = re.compile(rf"\b(?:карт[аыеуо]й?|карточк\w+|card)\b{_NEAR}(?=\d)", re.IGNORECASE)
_LONG_NUMBER = re.compile(
    r"(?:\d{16,19}|\d{4}([ \-\u00a0])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|3\d{3}([ \-])\d{6}\2\d{5})(?!\w)"
)
_SIGN = r"[\s,;.:\-–—]{0,4}(?:№|no\.?|n|номер|number)?[\s.:\-–—]{0,4}"
# Series (two and two digits) and number of a Russian passport; of one for travel, two and seven digits.
_PASSPORT = rf"(?P<found>\d{{2}}[\s\-]?\d{{2}}{_SIGN}\d{{6}}|\d{{2}}{_SIGN}\d{{7}})(?!\w)"
_PASSPORTS = (
    re.compile(rf"паспорт\w*{_NEAR}(?<!\w){_PASSPORT}", re.IGNORECASE),
    re.compile(rf"passport\w*{_NEAR}(?<!\w){_PASSPORT}", re.IGNORECASE),
    re.compile(rf"\bсери[яию]\b[\s:]{{0,4}}{_PASSPORT}", re.IGNORECASE),
    re.compile(
        rf"(?<!\w){_PASSPORT}[\s,;:()\-–—]{{0,6}}(?:это\s+|мой\s+|my\s+)*(?:паспорт|passport)", re.IGNORECASE
    ),
)
_SNILS = re.compile(r"(?<![\w-])\d{3}-\d{3}-\d{3}[ \-\u00a0]?\d{2}(?![\w-])")
_SNILS_WORD = re.compile(
    rf"\b(?:снилс|snils)\w*{_NEAR}(?<!\w)(?P<found>\d{{3}}[\s\-]?\d{{3}}[\s\-]?\d{{3}}[\s\-]?\d{{2}})(?!\w)",
    re.IGNORECASE,
)
_INNS = (
    re.compile(rf"\b(?:инн|inn|tax id)\b{_NEAR}(?<!\w)(?P<found>\d{{12}}|\d{{10}})(?!\w)", re.IGNORECASE),
    re.compile(
        r"(?<!\w)(?P<found>\d{12}|\d{10})[\s,;:()\-–—]{0,6}(?:это\s+|мой\s+|my\s+)*\b(?:инн|inn)\b",
        re.IGNORECASE,
    ),
)
_INTRODUCTION = re.compile(
    r"\b(?:меня\s+зовут|мо[её]\s+имя(?:\s*[-–—:])?|my\s+name(?:\s+is|['’]s))\s+"
    r"|(?:^|[,;\n])\s*(?:имя|фио|ф\.\s?и\.\s?о\.|(?:full |first |last )?name)\s*[:=]\s*",
    re.IGNORECASE,
)
_MONEY_AFTER = re.compile(r"\s?(?:₽|р\b|руб|тыс|млн|\$|€|км\b)", re.IGNORECASE)
_NAME_WORDS = 3  # first name, patronymic, surname


def mask(text: str, *, keep: Collection[str] = ()) -> Masked:
    """Replaces phones, e-mails, bank cards, numbers of documents and the names by which people introduce themselves.

    `keep` is what must stay readable: the salon's own phone and e-mail, the ids of its cars. A phone is kept
    whatever its spelling. Prices, years, mileages and VINs are no personal data and stay anyway.
    """
    protected = _Protected(text, keep)
    found: list[Span] = []
    for finder in FINDERS:
        for span in finder(text):
            if not protected.covers(span) and not any(_overlap(span, other) for other in found):
                found.append(span)
    found.sort(key=lambda span: span.start)
    words = _PLACEHOLDERS[language_of(text)]
    parts: list[str] = []
    end = 0
    for span in found:
        parts += [text[end : span.start], words[span.kind]]
        end = span.end
    return Masked("".join([*parts, text[end:]]), tuple(found))


def find_emails(text: str) -> Iterator[Span]:
    """E-mail addresses, in any alphabet."""
    for match in _EMAIL.finditer(text):
        yield Span("email", match.start(), match.end())


def find_cards(text: str) -> Iterator[Span]:
    """Bank card numbers: those whose check digit (Luhn) is right, and any after the word «карта»."""
    for word in _CARD_WORD.finditer(text):
        number = _LONG_NUMBER.match(text, word.end())
        if number and not _MONEY_AFTER.match(text, number.end()):
            yield Span("card", number.start(), number.end())
    for match in _CARD.finditer(text):
        digits = [int(char) for char in match.group() if char.isdecimal()]
        doubled = [
            sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(reversed(digits))
        ]
        if digits[0] in range(2, 7) and sum(doubled) % 10 == 0:
            yield Span("card", match.start(), match.end())


def find_passports(text: str) -> Iterator[Span]:
    """Series and number of a Russian passport beside the word, or announced as a series."""
    yield from _named("passport", _PASSPORTS, text)


def find_snils(text: str) -> Iterator[Span]:
    """Numbers of the Russian pension insurance: beside the word, or with hyphens and the right check digits."""
    yield from _named("snils", (_SNILS_WORD,), text)
    for match in _SNILS.finditer(text):
        digits = _digits(match.group())
        total = sum(int(digit) * (9 - place) for place, digit in enumerate(digits[:9]))
        if total % 101 % 100 == int(digits[9:]):
            yield Span("snils", match.start(), match.end())


def find_inns(text: str) -> Iterator[Span]:
    """Taxpayer numbers (10 digits of a company, 12 of a person) beside the word."""
    yield from _named("inn", _INNS, text)


def _named(kind: Kind, patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[Span]:
    """The groups called `found`, unless a sum of money follows from them."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            if not _MONEY_AFTER.match(text, match.end("found")):
                yield Span(kind, match.start("found"), match.end("found"))


def find_phones(text: str) -> Iterator[Span]:
    """Russian numbers as people write them (8…, 7…, +7…, or ten digits from 9) and numbers of any country with +."""
    for match in _PHONE.finditer(text):
        if not _MONEY_AFTER.match(text, match.end()):
            yield Span("phone", match.start(), match.end())
    for number in PhoneNumberMatcher(text, "RU", leniency=Leniency.VALID):
        if number.raw_string.startswith("+") and not _MONEY_AFTER.match(text, number.end):
            yield Span("phone", number.start, number.end)


def find_names(text: str) -> Iterator[Span]:
    """The name after «меня зовут», «моё имя», “my name is” or a label: «ФИО:», “Name:”."""
    for match in _INTRODUCTION.finditer(text):
        words = tokens(text[match.end() : match.end() + 120])[:_NAME_WORDS]
        end = 0
        for word in words:
            gap = text[match.end() + end : match.end() + word.start]
            if (
                gap.strip()
                or not (word.text[0].isupper() or is_name(word.text))
                or not word.text[0].isalpha()
            ):
                break
            end = word.end
        if end:
            yield Span("name", match.end(), match.end() + end)


FINDERS: tuple[Finder, ...] = (
    find_emails,
    find_passports,
    find_snils,
    find_inns,
    find_cards,
    find_phones,
    find_names,
)
"""Tried in this order; where two finds overlap, the earlier finder's stays."""


class _Protected:
    """The places of a text that must stay, and the digits of phones that must."""

    def __init__(self, text: str, keep: Collection[str]) -> None:
        self._text = text
        self._phones = {digits[-10:] for digits in map(_digits, keep) if len(digits) >= 10}
        low = text.casefold()
        # casefold may change lengths (ß); then places would be wrong, and plain lower case is near enough
        low = low if len(low) == len(text) else text
        self._places = [
            (match.start(), match.end())
            for kept in keep
            if kept.strip()
            for match in re.finditer(rf"(?<!\w){re.escape(kept.strip().casefold())}(?!\w)", low)
        ]

    def covers(self, span: Span) -> bool:
        if span.kind == "phone" and _digits(self._text[span.start : span.end])[-10:] in self._phones:
            return True
        return any(start < span.end and span.start < end for start, end in self._places)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdecimal())


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
