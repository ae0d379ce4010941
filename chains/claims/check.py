"""Every sentence of a model against the facts of the turn: what the data does not bear out is not shown.

Checked are names of models and classes, numbers with their units and what they are of, terms such as colours and
drives, comparisons, contacts, opening hours, promises, claims of stock, the language, and how much of the sentence
the facts know at all. A sentence is refused on the first thing that fails; in doubt it is refused.
"""

import re
from collections.abc import Iterable
from typing import Literal

from chains.claims.cars import failure_about_cars
from chains.claims.evidence import Amount, Evidence, names_in
from chains.claims.figures import figures_in, words_in
from chains.claims.hours import contradicts_hours, without_times
from chains.claims.items import Items
from chains.claims.reading import items_of
from chains.claims.texts import failure_against_texts
from chains.claims.words import NEUTRAL
from chains.reply import Language
from chains.text import STOPWORDS, language_of
from chains.vocabulary import Vocabulary

Failure = Literal[
    "number", "name", "value", "contact", "hours", "promise", "availability", "language", "unsupported"
]

_PROMISES: tuple[tuple[str, str], ...] = (
    (
        "callback",
        r"(пере)?звоним|перезвонит\b|перезвонят|наберем вас|свяж(емся|утся|ется)|will call|call you back",
    ),
    (
        "booking",
        r"забронир(уем|овал\w*|ую|ован\w*)|зарезервир(уем|овал\w*|ую|ован\w*)|запи(шем|сал\w*|шу|саны) вас"
        r"|вы записаны|закреп(им|лю|лен\w* за вами)|остав(им|лю) за вами|придерж(им|у)|reserved for you|booked"
        r"|(will|we'll|i'll) (hold|reserve|book)",
    ),
    (
        "brochure",
        r"отправ(им|лю|ил\w*|лен\w*)\b|пришл(ем|ю|ют)|вышл(ем|ю|ют)|will send|have sent|we sent",
    ),
    (
        "",
        r"гарантиру(ем|ю)|обеща(ем|ю)|одобр(им|ят)|сдела(ем|ю) (вам )?скидк|дадим скидк|предостав(им|лю) скидк"
        r"|узна(ем|ю) и|уточн(им|ю) и|договорились|по рукам|сделка заключена|подтвержда(ем|ю)|верн(ем|у) деньги"
        r"|\bwe('ll| will)\b|\bi('ll| will)\b|guarantee|promise|it's a deal|\bdeal!|we agree|legally binding"
        r"|will contact|get back to you",
    ),
)
"""The kind of row that a promise needs, and its words; nothing in the program can keep one without a kind."""
_PROMISE_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _PROMISES)
_RESERVED = re.compile(r"\b(забронирован|зарезервирован)\w*\b(?!.{0,12}\b(вам|вас|вами)\b)", re.IGNORECASE)
_AVAILABILITY = re.compile(
    r"в наличии|есть у нас|у нас есть|в продаже|можно купить|in stock|we have|available", re.IGNORECASE
)
_CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+\.\w+|https?://\S+|www\.\S+|\+\d[\d\s()-]{7,}\d|\b(?:[\w-]+\.)+(?:ru|com|рф|org|net|example)\b"
    r"|\b[78][\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}\b"
)
_ADDRESS = re.compile(
    r"\b(?:улица|ул\.|проспект|пр-т|шоссе|площадь|переулок|набережная|бульвар|street|avenue|highway|square)\b",
    re.IGNORECASE,
)
_FOREIGN_SCRIPT = re.compile(
    r"[\u3000-\u9fff\uac00-\ud7af\u0600-\u06ff\u0590-\u05ff\u0e00-\u0e7f\u0900-\u097f]"
)
_CYRILLIC_LETTER, _LATIN_LETTER = re.compile("[а-яё]", re.IGNORECASE), re.compile("[a-z]", re.IGNORECASE)
_LIST_NUMBER = re.compile(r"^\s*(?:\d{1,2}[.)]|[-•*])\s+")


def failure_of(
    sentence: str, evidence: Evidence, language: Language, vocabulary: Vocabulary
) -> Failure | None:
    """The first reason why a sentence may not be shown, or None when it holds."""
    sentence = _LIST_NUMBER.sub("", sentence)
    if _FOREIGN_SCRIPT.search(sentence) or not _in_language(_without_names(sentence, evidence), language):
        return "language"
    told = _without_status(sentence, evidence)
    if any(kind not in evidence.promises for kind, pattern in _PROMISE_PATTERNS if pattern.search(told)):
        return "promise"
    if _contact_failure(sentence, evidence):
        return "contact"
    if contradicts_hours(sentence, evidence.text):
        return "hours"
    rest = without_times(_CONTACT.sub(" ", sentence))
    if evidence.cars or evidence.states_stock:
        items = items_of(rest, evidence, vocabulary)
        if items.concerns_cars:
            return failure_about_cars(items, evidence) or _unknown_words(items, evidence, language)
    if (
        _AVAILABILITY.search(sentence)
        and not evidence.states_stock
        and not _AVAILABILITY.search(evidence.text)
    ):
        return "availability"
    known = {amount.value for amount in evidence.amounts}
    if any(amount.value not in known for amount in amounts_in(rest)):
        return "number"
    if not set(names_in(sentence, vocabulary)) <= evidence.names:
        return "name"
    # A translation shares no words with its source, so only sentences in the language of the facts can be weighed.
    return failure_against_texts(
        rest, evidence, same_language=language_of(evidence.text, language) == language
    )


def _without_status(sentence: str, evidence: Evidence) -> str:
    """The sentence without «забронирован» where a car of the turn is so: a state, told to no one in person."""
    if not any(car.status == "reserved" for car in evidence.cars):
        return sentence
    return _RESERVED.sub(" ", sentence)


def amounts_in(text: str) -> Iterable[Amount]:
    """Numbers with their units: «5,49 млн ₽» and «5 490 000 ₽» are the same amount."""
    for figure in figures_in(words_in(text)):
        yield Amount(figure.value, figure.unit)


def _contact_failure(sentence: str, evidence: Evidence) -> bool:
    if any(match.group().rstrip(".,;") not in evidence.text for match in _CONTACT.finditer(sentence)):
        return True
    # an address is words and a number, so what stands beside «улица» must stand in the facts
    return any(not _address_stands(sentence, match, evidence.text) for match in _ADDRESS.finditer(sentence))


def _address_stands(sentence: str, match: re.Match[str], text: str) -> bool:
    """The name before or after «улица» and the house number are those of the facts."""
    after = re.match(r"\W*(\w+)?\W*(\d+\w?)?", sentence[match.end() :])
    before = re.search(r"(\w+)\W*$", sentence[: match.start()])
    parts = [part for part in ((before and before[1]), (after and after[2])) if part]
    return match.group() in text and all(part in text for part in parts)


def _unknown_words(items: Items, evidence: Evidence, language: Language) -> Failure | None:
    """A word of a sentence about cars that is neither a claim held against the facts nor said by them."""
    for index, word in enumerate(items.words):
        if index in items.used or not word.text[0].isalpha() or len(word.text) < 2:
            continue
        if word.lemma in STOPWORDS or word.text in STOPWORDS or word.lemma in NEUTRAL or word.text in NEUTRAL:
            continue
        if word.lemma not in evidence.allowed:
            return "unsupported"
    return None


def _without_names(sentence: str, evidence: Evidence) -> str:
    """The sentence without the Latin words that the facts themselves use: names are of no language."""
    words = [word for word in sentence.split() if word.strip('.,;:()«»"').casefold() not in evidence.spelt]
    return " ".join(words)


def _in_language(text: str, language: Language) -> bool:
    cyrillic, latin = len(_CYRILLIC_LETTER.findall(text)), len(_LATIN_LETTER.findall(text))
    if cyrillic + latin < 8:
        return True
    return cyrillic * 2 >= latin if language == "ru" else latin > cyrillic
