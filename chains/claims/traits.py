"""What a sentence says of a car without numbers: equipment, colour, body, drive, whether it is there, new or sold."""

from collections.abc import Iterator, Sequence
from functools import partial

from chains.claims.evidence import TERMS, CarFacts, Evidence
from chains.claims.items import Claim, Items
from chains.claims.words import AVAILABLE, HAVING, NEGATIONS, STATUSES, find_phrase
from chains.numerals import Word
from chains.vocabulary import Vocabulary

_INTERIOR = frozenset("салон интерьер обивка кожа interior upholstery leather".split())


def read_options(items: Items, evidence: Evidence) -> None:
    """Equipment in the words of the show-case."""
    known = {
        option for car in evidence.cars for option in car.options if isinstance(option, tuple) and option
    }
    for option in sorted(known, key=len, reverse=True):
        for at in range(len(items.words) - len(option) + 1):
            span = range(at, at + len(option))
            if items.used.isdisjoint(span) and tuple(items.words[index].lemma for index in span) == option:
                items.used |= set(span)
                items.claims.append(Claim(at, "option", option, partial(_has_option, option)))


def read_terms(items: Items, vocabulary: Vocabulary) -> None:
    """Colours, bodies, drives and other terms of the lexicon, «не белый» as their opposite."""
    words, index = items.words, 0
    while index < len(words):
        found = None if index in items.used else vocabulary.phrase_at(words, index)
        if found is None or not items.used.isdisjoint(range(index, index + found[0])):
            index += 1
            continue
        length, meaning = found
        if meaning.field in (*TERMS, "option", "version"):
            codes = {meaning.value, *vocabulary.includes.get(meaning, ())}
            negated = any(word.text in NEGATIONS for word in words[max(0, index - 2) : index])
            items.claims.append(_term_claim(words, index, length, meaning.field, codes, negated=negated))
            items.used |= set(range(index, index + length))
            if negated:
                items.used |= {at for at in (index - 2, index - 1) if at >= 0 and words[at].text in NEGATIONS}
        index += length


def _term_claim(
    words: Sequence[Word], at: int, length: int, name: str, codes: set[str], *, negated: bool
) -> Claim:
    near = [word.lemma for word in (*words[max(0, at - 2) : at], *words[at + length : at + length + 2])]
    if name == "color" and any(word in _INTERIOR for word in near):
        lemma = words[at].lemma
        return Claim(at, "interior", lemma, lambda car: (lemma in car.interior) is not negated)
    if name == "version":
        return Claim(at, name, frozenset(codes), lambda car: bool(codes & set(car.names)) is not negated)
    if name == "option":
        return Claim(at, name, frozenset(codes), lambda car: bool(codes & set(car.options)) and not negated)
    return Claim(
        at,
        name,
        frozenset(codes),
        lambda car: name in car.terms and bool(codes & car.terms[name]) is not negated,
    )


def read_status(items: Items) -> None:
    """Availability, reservation, new or used."""
    words = items.words
    texts, bases = [word.text for word in words], [word.lemma for word in words]
    denied = any(word.text in NEGATIONS for word in words if words.index(word) not in items.used)
    elsewhere = any(
        find_phrase(bases, phrase) is not None for phrases in STATUSES.values() for phrase in phrases
    )
    for phrase in AVAILABLE:
        at = find_phrase(texts, phrase)
        if at is None or (elsewhere and phrase in HAVING):  # «есть: G 63 (в пути)»
            continue
        items.claims.append(
            Claim(at, "status", "available", lambda car: (car.status == "available") is not denied)
        )
        items.used |= set(range(at, at + len(phrase)))
        break
    for status, phrases in STATUSES.items():
        for phrase in phrases:
            at = find_phrase(bases, phrase)
            if at is not None:
                items.claims.append(Claim(at, "status", status, partial(_has_status, status, denied)))
                items.used |= set(range(at, at + len(phrase)))
    if denied:
        items.used |= {
            index for index, word in enumerate(words) if word.text in {"нет", "no", "not", "isn't"}
        }
        if not any(claim.field == "status" for claim in items.claims):
            items.failure = items.failure or "unsupported"
    for index in _new_words(items):
        items.claims.append(
            Claim(index, "condition", "new", lambda car: car.is_new is not None and car.is_new is not denied)
        )
        items.used.add(index)
    at = find_phrase(texts, ("с", "пробегом"))
    followed = at is not None and any(index in items.used for index in range(at + 2, min(at + 4, len(words))))
    if (at is not None and not followed) or "used" in texts:
        place = at if at is not None else texts.index("used")
        items.claims.append(Claim(place, "condition", "used", lambda car: car.is_new is False))


def _new_words(items: Items) -> Iterator[int]:
    for index, word in enumerate(items.words):
        if index not in items.used and word.lemma in {"новый", "new"}:
            yield index


def _has_option(option: tuple[str, ...], car: CarFacts) -> bool:
    return option in car.options


def _has_status(status: str, denied: bool, car: CarFacts) -> bool:
    return (car.status == status) is not denied
