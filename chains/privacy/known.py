"""What a salon's own data makes impersonal: its contacts, its cars and their ids, the people of its brand's history."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from chains.privacy.addresses import find_addresses
from chains.privacy.emails import find_emails
from chains.privacy.name_words import names
from chains.privacy.phones import digits_of, find_foreign_phones, find_phones
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
_DOUBLED = re.compile(r"([^\W\d_аеиоуыэюяaeiou])\1")
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
            return self._is_public(found, text, span)
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

    def _is_public(self, found: str, text: str, span: Span) -> bool:
        words = [stem(word) for word in _WORD.findall(found)]
        full = [word for word in words if len(word) > 1]
        if not full:
            return False
        if len(full) > 1:
            return any(
                first in self._surnames.get(last, frozenset())
                for last in full
                for first in full
                if first != last
            )
        if _INTRODUCES.search(text[max(0, span.start - _BESIDE) : span.start]):
            return False
        if full[0] in self._surnames:
            return True
        if (surnames := self._surnames_of.get(full[0])) is None:
            return False
        near = text[max(0, span.start - _NEAR) : span.end + _NEAR]
        if any(word in surnames for word in map(stem, _WORD.findall(near))):
            return True
        # «Берта» alone, where visitors hardly bear the name; unless she does what only one of today does
        return full[0] not in _usual() and (bool(_HISTORY.search(near)) or not _ACTS.match(text, span.end))

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


_NEAR = 300  # characters around a first name in which its bearer's surname or a word of history is looked for
_BESIDE = 40
_INTRODUCES = re.compile(
    r"(?:\b(?:зовут|имя|фамилия|фио|я|с уважением|подпись|передайте|позовите|запишите|name is|"
    r"name['’]s|i['’]?m|i am|call me|"
    r"regards|ask for|tell|this is)\W{0,4}|\b(?:мо[яйюе]|моей|моего|моему|наш[аеиу]?|my|our)\s(?:[^\W\d]+\s)?)$",
    re.IGNORECASE,
)
# What a visitor's relative or a member of the staff does, and nobody of the past: «Берта просила перезвонить».
_ACTS = re.compile(
    r"\s*[,(]|\W{0,3}$|\s(?:\w+\s)?(?:сказ|говор|прос[ия]|попрос|обещ|пообещ|звон|позвон|перезвон|"
    r"напис|пис|ответ|посовет|приед|подъед|зайд|запис|хоч|"
    r"said|told|ask|call|want|will|promis|emailed|texted|from|and i\b|\d)",
    re.IGNORECASE,
)
_HISTORY = re.compile(
    r"\b(?:основ(?:ал|ател|ани)\w*|изобр[её]\w+|изобретател\w*|патент\w*|истори[яиюей]\w*|"
    r"кто так(?:ой|ая|ие)|в честь|назва(?:ли|на|но|ны|л)\b|"
    r"первы[йемх]\w* (?:автомобил|в мире|поезд|пробег|дальн)\w*|легендарн\w+|конструктор\w*|"
    r"создател\w+|созда(?:л|ла|ли)\b|придума(?:л|ла|ли)\b|"
    r"1[89]-?(?:м|й|го)? век\w*|(?<![\d.])1[89][0-4]\d|found(?:ed|er\w*)|invent\w*|patent\w*|history|"
    r"who (?:was|is|were)|named after|first (?:car|drive|trip)|"
    r"pioneer\w*|legend\w*|designed|(?:start|began|built|ran)\w*\s(?:\w+\s){0,3}(?:company|firm|works|factory))",
    re.IGNORECASE,
)
_OF_ADDRESSES = frozenset("улица ул дом д город г проспект пр пр-т просп шоссе street st avenue road".split())


@cache
def _usual() -> frozenset[str]:
    """The stems of first names that visitors bear."""
    return frozenset(
        map(stem, (*names().common, *names().russian, *names().english, *names().english_ambiguous))
    )


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A name without its ending and doubled consonants, so that its cases and spellings compare equal: Бенца and
    Бенцем are both бенц, Готтлиб is Готлиб."""
    low = fold(word).replace("é", "e").replace("è", "e").replace("ä", "a").replace("ö", "o").replace("ü", "u")
    cut = _DOUBLED.sub(r"\1", _ENDING.sub("", low))
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
    addresses = [f"{salon.city} {salon.address}"]
    people: dict[str, set[str]] = {}
    left = _MOST_TEXT
    for passage in passages:
        for text in (passage.title, passage.text):
            for surname, first in _named_in(text[:left]):
                people.setdefault(surname, set()).add(first)
            left -= len(text)
        if passage.kind == "legend":  # the brochure's own: a service's telephone, a second address
            found = _contacts_in(passage.text)
            contacts += found.numbers
            addresses += found.addresses
        if left <= 0:
            break
    return Known(
        contacts=contacts,
        ids=frozenset(map(vin_key, ids)),
        cars=makes() | _words_of(phrases),
        addresses=tuple(addresses),
        _by_surname={surname: frozenset(firsts) for surname, firsts in people.items()},
    )


@lru_cache(maxsize=65_536)
def _named_in(text: str) -> tuple[tuple[str, str], ...]:
    """The people whom a text names in full: stems of the surname and of each other name; remembered, so that after a
    crawl only what is new is read."""
    found = []
    for match in _FULL_NAME.finditer(text):
        *firsts, surname = (stem(word) for word in _WORD.findall(match.group()))
        found += [(surname, first) for first in firsts]
    return tuple(found)


class _Contacts(NamedTuple):
    """What a text of the salon's tells of how to reach it: telephones with e-mails, and places."""

    numbers: tuple[str, ...]
    addresses: tuple[str, ...]


@lru_cache(maxsize=4_096)
def _contacts_in(text: str) -> _Contacts:
    numbers = [span for find in (find_phones, find_foreign_phones, find_emails) for span in find(text)]
    return _Contacts(
        tuple(text[span.start : span.end] for span in numbers),
        tuple(text[span.start : span.end] for span in find_addresses(text)),
    )


def _words_of(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(part for phrase in phrases for part in _WORD.findall(fold(phrase)) if len(part) > 1)


NOTHING = Known(cars=makes())
"""No salon at all: only what holds everywhere is known."""
