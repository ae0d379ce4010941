"""The frame: Presidio's analyzer over blank spaCy pipelines, with its own recognisers and ours.

Nothing is downloaded: the pipelines only cut text into words, and the list of domain endings is the one that tldextract
carries.
"""

from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache
from typing import Any

import spacy
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, Pattern, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, EmailRecognizer, PhoneRecognizer
from tldextract import TLDExtract

from chains.privacy.addresses import find_addresses
from chains.privacy.dates import find_birth_dates
from chains.privacy.documents import (
    CARD_PATTERN,
    find_cards,
    find_further_passports,
    find_inns,
    find_passports,
    find_snils,
)
from chains.privacy.emails import find_emails
from chains.privacy.known import NOTHING, Known
from chains.privacy.people import RussianPeople
from chains.privacy.people_en import EnglishPeople
from chains.privacy.phones import MONEY_AFTER, find_foreign_phones, find_phones
from chains.privacy.spans import TYPES, Finder, Kind, Span
from chains.privacy.spelt_documents import find_spelt_documents
from chains.privacy.tagger import people as tagged_people
from chains.privacy.vehicles import find_plates, find_vins
from chains.privacy.words import Words
from chains.reply import Language
from chains.text import language_of

_KINDS: dict[str, Kind] = {
    **{name: kind for kind, name in TYPES.items()},
    "PHONE_NUMBER": "phone",
    "EMAIL_ADDRESS": "email",
    "CREDIT_CARD": "card",
}
_LANGUAGES: tuple[Language, ...] = ("ru", "en")
_FINDERS: dict[Kind, tuple[Finder, ...]] = {
    "email": (find_emails,),
    "vin": (find_vins,),
    "passport": (find_passports, find_further_passports, find_spelt_documents),
    "snils": (find_snils,),
    "inn": (find_inns,),
    "card": (find_cards,),
    "phone": (find_phones, find_foreign_phones),
    "plate": (find_plates,),
    "birthdate": (find_birth_dates,),
    "address": (find_addresses,),
}
_known: ContextVar[Known] = ContextVar("known", default=NOTHING)


class _Own(EntityRecognizer):
    """One of our finders as a recogniser of Presidio's."""

    def __init__(self, kind: Kind, finders: tuple[Finder, ...], language: Language) -> None:
        self._kind: Kind = kind
        self._finders = finders
        super().__init__([TYPES[kind]], name=f"{TYPES[kind]}_{language}", supported_language=language)

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """The finds of all finders."""
        return [
            RecognizerResult(TYPES[span.kind], span.start, span.end, 1.0)
            for finder in self._finders
            for span in finder(text)
        ]


class _People(_Own):
    """Names, by rules, dictionaries and natasha's tagger."""

    def __init__(self, language: Language) -> None:
        super().__init__("name", (find_people,), language)


class OfflineEmails(EmailRecognizer):
    """Presidio's, with the list of domain endings that is installed instead of one from the network."""

    _extract = TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        """Whether the domain has an ending that exists."""
        return bool(self._extract(pattern_text).fqdn)


def find_people(text: str) -> Iterator[Span]:
    """People named in either language, by what the salon in force knows of cars."""
    words = Words(text)
    if not len(words):
        return
    is_thing = _known.get().is_thing
    yield from RussianPeople(tagged_people, is_thing).find(words)
    yield from EnglishPeople(is_thing).find(words)


@cache
def _analyzer() -> AnalyzerEngine:
    """The analyzer, built once; half a second with the imports."""
    nlp = SpacyNlpEngine(models=[{"lang_code": language, "model_name": "blank"} for language in _LANGUAGES])
    pipelines: Any = {language: spacy.blank(language) for language in _LANGUAGES}
    nlp.nlp = pipelines  # what `load` would fill from models on disk
    recognisers: list[EntityRecognizer] = []
    for language in _LANGUAGES:
        recognisers += [_Own(kind, finders, language) for kind, finders in _FINDERS.items()]
        recognisers += [
            _People(language),
            PhoneRecognizer(supported_language=language, supported_regions=("RU",)),
            OfflineEmails(supported_language=language),
            CreditCardRecognizer(
                supported_language=language,
                patterns=[Pattern("Any grouping", CARD_PATTERN, 0.3)],
                replacement_pairs=[(sign, "") for sign in " -.\u00a0\u2009"],
            ),
        ]
    for recogniser in recognisers:
        recogniser.context = []  # the words around a number are our finders' matter; without any, no time goes there
    registry = RecognizerRegistry(recognizers=recognisers, supported_languages=list(_LANGUAGES))
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=list(_LANGUAGES))


def analyse(text: str, known: Known) -> Iterator[Span]:
    """Everything that any recogniser takes for personal data in a text of moderate length; finds may overlap."""
    token = _known.set(known)
    try:
        results: list[Any] = _analyzer().analyze(text, language=language_of(text))
    finally:
        _known.reset(token)
    own = [result for result in results if result.entity_type == "PHONE"]
    for result in results:
        if result.entity_type == "PHONE_NUMBER" and (
            not _has_plus(text, result) or any(result.intersects(other) for other in own)
        ):
            continue
        yield Span(_KINDS[result.entity_type], result.start, result.end)


def _has_plus(text: str, result: RecognizerResult) -> bool:
    """What Presidio alone takes for a phone counts with a plus only: a price, an id and a date may look like one."""
    written = text[result.start : result.end]
    return written.lstrip("(").startswith("+") and not MONEY_AFTER.match(text, result.end)


def warm_up() -> None:
    """Build now what the first message would otherwise wait for."""
    list(analyse("Меня зовут Вера, живу в Твери.", NOTHING))
    tagged_people("Меня зовут Вера.")
