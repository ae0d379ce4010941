"""What a salon's own data makes impersonal: its contacts, its cars and their ids, the people of its brand's history."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from chains.privacy.name_words import names
from chains.privacy.phones import digits_of
from chains.privacy.spans import Span
from chains.privacy.vehicles import vin_key
from chains.text import content_lemmas
from stores.lexicon import Lexicon, fold, latin_lookalikes
from stores.passages import Passage
from stores.salon import Salon

_SPELLINGS = Path(__file__).parents[2] / "assets" / "brands" / "spellings.toml"
_WORD = re.compile(r"[^\W\d_]+(?:[-‐‑'’][^\W\d_]+)*")
_FULL_NAME = re.compile(
    r"[A-ZА-ЯЁ][^\W\d_]*[^\W\d_A-ZА-ЯЁ](?:-[A-ZА-ЯЁ]?[^\W\d_A-ZА-ЯЁ]+)*(?:\s(?:(?:von|van|de|фон|де|"
    r"ван)\s)?(?:[A-ZА-ЯЁ]\.\s?)?"
    r"[A-ZА-ЯЁ][^\W\d_]*[^\W\d_A-ZА-ЯЁ](?:-[A-ZА-ЯЁ]?[^\W\d_A-ZА-ЯЁ]+)*){1,2}"
)
_ENDING = re.compile(r"(?:ого|ому|ыми|ими|ами|ями|ой|ою|ей|ею|ом|ем|ым|им|ах|ях|ов|а|я|у|ю|ы|и|е|ь|й|о)$")
_MOST_TEXT = 4_000_000
"""Characters of the salon's texts in which names are looked for; the rest of a great library adds none."""


@dataclass(frozen=True)
class Known:
    """What is not personal data, for one salon.

    `contacts` are its phones, e-mails, numbers and names, a phone in any spelling; `ids` those of its cars; `cars`
    folded words that name cars; `addresses` where it is; `people` full names.
    """

    contacts: tuple[str, ...] = ()
    ids: frozenset[str] = frozenset()
    cars: frozenset[str] = frozenset()
    addresses: tuple[str, ...] = ()
    people: Collection[str] = ()
    _by_surname: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def with_ids(self, ids: Iterable[str], models: Iterable[str] = ()) -> "Known":
        """The same salon with another show-case."""
        return Known(
            self.contacts,
            frozenset(map(vin_key, ids)),
            self.cars | _words_of(models),
            self.addresses,
            self.people,
            self._by_surname,
        )

    def is_thing(self, word: str) -> bool:
        """Whether a word is part of a car's name."""
        return word in self.cars or latin_lookalikes(word) in self.cars

    def covers(self, text: str, span: Span) -> bool:
        """Whether a find is the salon's own or a public one."""
        found = text[span.start : span.end]
        if span.kind == "phone" and digits_of(found)[-10:] in self._phones:
            return True
        if span.kind == "name":
            return self._is_public(found, text)
        if span.kind == "address":
            return self._is_own_address(found)
        key = vin_key(found)
        return key in self.ids or (span.kind in {"inn", "email"} and key in self._keys)

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(map(vin_key, self.contacts))

    @cached_property
    def _phones(self) -> frozenset[str]:
        return frozenset(digits[-10:] for digits in map(digits_of, self.contacts) if len(digits) >= 10)

    def _is_own_address(self, found: str) -> bool:
        said = {word for word in content_lemmas(found) if word not in _OF_ADDRESSES}
        return bool(said) and any(said <= set(content_lemmas(own)) for own in self.addresses)

    def _is_public(self, found: str, text: str) -> bool:
        words = [stem(word) for word in _WORD.findall(found)]
        full = [word for word in words if len(word) > 1]
        if not full:
            return False
        if len(full) == 1:  # a surname alone, or a first name beside its bearer's surname
            if full[0] in self._surnames:
                return not _INTRODUCES.search(text[: text.find(found)])
            surnames = self._surnames_of.get(full[0], frozenset())
            return any(word in surnames for word in map(stem, _WORD.findall(text)))
        return any(
            first in self._surnames.get(last, frozenset()) for last in full for first in full if first != last
        )

    @cached_property
    def _surnames(self) -> Mapping[str, frozenset[str]]:
        """The first names of the public people of each surname, all as stems."""
        found: dict[str, set[str]] = {surname: set(firsts) for surname, firsts in self._by_surname.items()}
        for person in (*names().history, *self.people):
            words = [stem(word) for word in _WORD.findall(person)]
            if len(words) > 1:
                found.setdefault(words[-1], set()).update(words[:-1])
        return {surname: frozenset(firsts) for surname, firsts in found.items()}

    @cached_property
    def _surnames_of(self) -> Mapping[str, frozenset[str]]:
        turned: dict[str, set[str]] = {}
        for surname, firsts in self._surnames.items():
            for first in firsts:
                turned.setdefault(first, set()).add(surname)
        return {first: frozenset(surnames) for first, surnames in turned.items()}


_INTRODUCES = re.compile(r"(?:зовут|имя|фамилия|фио|name is|i'?m|call me)\W{0,4}$", re.IGNORECASE)
_OF_ADDRESSES = frozenset("улица ул дом д город г проспект пр пр-т просп шоссе street st avenue road".split())


def stem(word: str) -> str:
    """A name without its ending, so that its cases compare equal: Бенца and Бенцем are both бенц."""
    low = fold(word).replace("é", "e").replace("è", "e").replace("ä", "a").replace("ö", "o").replace("ü", "u")
    cut = _ENDING.sub("", low)
    return cut if len(cut) >= 3 else low


@cache
def makes() -> frozenset[str]:
    """The names of all makes and the nicknames of models, folded. Raises FileNotFoundError: a broken installation."""
    data = tomllib.loads(_SPELLINGS.read_text(encoding="utf-8"))
    phrases = [word for group in data["spellings"] for word in group] + [*data.get("nicknames", {})]
    parts = {part for phrase in phrases for part in (fold(phrase), *_WORD.findall(fold(phrase)))}
    return names().cars | {part for part in parts if len(part) > 2}


def known_of(
    salon: Salon,
    lexicon: Lexicon | None = None,
    *,
    models: Iterable[str] = (),
    ids: Iterable[str] = (),
    passages: Iterable[Passage] = (),
) -> Known:
    """What a salon's folder, its show-case and its texts make known."""
    contacts = tuple(filter(None, (salon.phone, salon.email, salon.inn, salon.legal_name, salon.name)))
    phrases = [salon.brand, salon.name, *models]
    if lexicon is not None:
        phrases += [*lexicon.brand_words, *lexicon.nicknames]
        phrases += [word for car_class in lexicon.classes for word in (*car_class.words, *car_class.models)]
        phrases += [word for version in lexicon.versions for word in version.words]
    people: dict[str, set[str]] = {}
    left = _MOST_TEXT
    for passage in passages:
        for text in (passage.title, passage.text):
            for match in _FULL_NAME.finditer(text[:left]):
                parts = [stem(word) for word in _WORD.findall(match.group())]
                people.setdefault(parts[-1], set()).update(parts[:-1])
            left -= len(text)
        if left <= 0:
            break
    return Known(
        contacts=contacts,
        ids=frozenset(map(vin_key, ids)),
        cars=makes() | _words_of(phrases),
        addresses=(f"{salon.city} {salon.address}",),
        _by_surname={surname: frozenset(firsts) for surname, firsts in people.items()},
    )


def _words_of(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(part for phrase in phrases for part in _WORD.findall(fold(phrase)) if len(part) > 1)


NOTHING = Known(cars=makes())
"""No salon at all: only what holds everywhere is known."""
