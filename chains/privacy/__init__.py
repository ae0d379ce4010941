"""Finding and masking personal data, so that what is stored, exported or shown to a model names nobody.

One finder, the same everywhere: `find` in the job, `mask` in the visitor's way and in exports.
"""

import re
from collections.abc import Collection, Iterator

from chains.privacy.dates import birth_date_after
from chains.privacy.emails import find_emails
from chains.privacy.engine import analyse, warm_up
from chains.privacy.known import NOTHING, Known, known_of
from chains.privacy.people import RussianPeople
from chains.privacy.people_en import EnglishPeople
from chains.privacy.phones import digits_of, find_foreign_phones
from chains.privacy.phones import find_phones as find_russian_phones
from chains.privacy.spans import TYPES, Kind, Masked, Span, overlap, without_overlaps
from chains.privacy.words import Words
from chains.text import language_of

__all__ = [
    "NOTHING",
    "TYPES",
    "Kind",
    "Known",
    "Masked",
    "Span",
    "digits_of",
    "find",
    "find_emails",
    "find_names",
    "find_phones",
    "known_of",
    "mask",
    "masked_at",
    "warm_up",
    "without_overlaps",
]

_ORDER: tuple[Kind, ...] = (
    "email",
    "vin",
    "passport",
    "snils",
    "inn",
    "card",
    "phone",
    "plate",
    "birthdate",
    "address",
    "name",
)
"""Where two finds overlap, the kind named earlier stays; of one kind, the longer find."""

_PLACEHOLDERS: dict[str, dict[Kind, str]] = {
    "ru": {
        "phone": "[телефон]",
        "email": "[почта]",
        "card": "[номер карты]",
        "passport": "[паспорт]",
        "snils": "[СНИЛС]",
        "inn": "[ИНН]",
        "name": "[имя]",
        "vin": "[VIN]",
        "plate": "[госномер]",
        "address": "[адрес]",
        "birthdate": "[дата рождения]",
    },
    "en": {
        "phone": "[phone]",
        "email": "[e-mail]",
        "card": "[card number]",
        "passport": "[passport]",
        "snils": "[SNILS]",
        "inn": "[INN]",
        "name": "[name]",
        "vin": "[VIN]",
        "plate": "[number plate]",
        "address": "[address]",
        "birthdate": "[date of birth]",
    },
}
_MOST_MASKED = 50_000
"""Characters of a text that `mask` searches, some seconds' work; nobody writes so much to a salon, and what
is not searched is not let through either."""
_WINDOW = 4_000
_MARGIN = 300  # no datum with the words that announce it is longer


def find(text: str, known: Known = NOTHING, *, keep: Collection[str] = ()) -> tuple[Span, ...]:
    """The personal data in a text of any length, in its order and without overlaps.

    `known` is what the salon makes impersonal: its contacts, stock, address and the people of its brand's history.
    `keep` is what must stay besides, as it is written; a phone in any spelling.
    """
    protected = _Protected(text, keep)
    found: list[Span] = []
    public: list[Span] = []
    for span in _in_windows(text, known):
        kept = protected.covers(span) or known.covers(text, span)
        (public if kept else found).append(span)
    # «ул. Карла Маркса, 96» is the salon's own address, so nobody is named in it
    own = [span for span in public if span.kind == "address"]
    found = [span for span in found if span.kind != "name" or not any(overlap(span, one) for one in own)]
    found += [
        date
        for span in found
        if span.kind == "name" and (date := birth_date_after(text, span.end)) is not None
    ]
    rank = {kind: place for place, kind in enumerate(_ORDER)}
    found.sort(key=lambda span: (rank[span.kind], span.start - span.end, span.start))
    return tuple(without_overlaps(found))


def mask(text: str, *, keep: Collection[str] = (), known: Known = NOTHING) -> Masked:
    """Replaces every piece of personal data by a word in brackets that says what stood there.

    What follows the first 50,000 characters of a text is left out: it is not searched, so it must not be kept.
    `known` and `keep` are those of `find`. Prices, years, mileages and names of cars are no personal data.
    """
    if len(text) > _MOST_MASKED:
        text = text[: text.rfind(" ", _MOST_MASKED - _MARGIN, _MOST_MASKED) + 1 or _MOST_MASKED]
    return masked_at(text, find(text, known, keep=keep))


def masked_at(text: str, found: tuple[Span, ...]) -> Masked:
    """Replaces what was found in a text, in its order and without overlaps, by words in brackets."""
    words = _PLACEHOLDERS[language_of(text)]
    parts: list[str] = []
    end = 0
    for span in found:
        parts += [text[end : span.start], words[span.kind]]
        end = span.end
    return Masked("".join([*parts, text[end:]]), found)


def find_phones(text: str) -> list[Span]:
    """The phone numbers in a text, in their order."""
    found = [*find_russian_phones(text), *find_foreign_phones(text)]
    return without_overlaps(sorted(found, key=lambda span: (span.start - span.end, span.start)))


def find_names(text: str) -> Iterator[Span]:
    """The names by which people introduce themselves or fill in a form: «меня зовут …», «ФИО: …», “my name is …”."""
    words = Words(text)
    yield from RussianPeople(lambda _: (), lambda _: False).introduced(words)
    yield from EnglishPeople(lambda _: False).introduced(words)


def _in_windows(text: str, known: Known) -> Iterator[Span]:
    """The finds of a long text, window by window; windows overlap so that nothing is cut."""
    if len(text) <= _WINDOW + 2 * _MARGIN:
        yield from analyse(text, known)
        return
    start = 0
    while start < len(text):
        end = min(start + _WINDOW, len(text))
        left, right = max(0, start - _MARGIN), min(len(text), end + _MARGIN)
        for span in analyse(text[left:right], known):
            if start <= left + span.start < end:
                yield Span(span.kind, left + span.start, left + span.end)
        start = end


class _Protected:
    """The places of a text that must stay, and the digits of phones that must."""

    def __init__(self, text: str, keep: Collection[str]) -> None:
        self._text = text
        self._phones = {digits[-10:] for digits in map(digits_of, keep) if len(digits) >= 10}
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
        """Whether a find is to stay."""
        if span.kind == "phone" and digits_of(self._text[span.start : span.end])[-10:] in self._phones:
            return True
        return any(start < span.end and span.start < end for start, end in self._places)
