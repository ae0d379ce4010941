"""Every sentence of a model against the facts of the turn: what the data does not bear out is not shown.

Checked are numbers with their units, names of models and classes, contacts, promises, claims of stock, the
language, and how much of the sentence the facts know at all. A sentence is refused on the first thing that fails.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rapidfuzz.distance import LCSseq

from chains.numerals import Word, words_of
from chains.query import read
from chains.reply import Draft, Language
from chains.text import content_lemmas, lemmas, sentences
from chains.vocabulary import Vocabulary

Failure = Literal["number", "name", "contact", "promise", "availability", "language", "unsupported"]

_UNITS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("money", re.compile(r"₽|руб\w*|р|rub\w*|\$|€|евро|доллар\w*|dollars?|euros?")),
    ("distance", re.compile(r"км|километр\w*|km|kilomet\w+")),
    ("power", re.compile(r"л\.с|лс|сил\w*|hp|horsepower|квт|kw")),
    ("percent", re.compile(r"%|процент\w*|percent")),
    (
        "time",
        re.compile(
            r"год\w*|лет|years?|месяц\w*|мес|months?|дн\w*|день|days?|час\w*|hours?|минут\w*|minutes?"
        ),
    ),
    ("litres", re.compile(r"литр\w*|л|lit\w+")),
    ("seats", re.compile(r"мест\w*|seats?")),
)
_MULTIPLIERS = {
    "млн": 1e6,
    "миллион": 1e6,
    "mln": 1e6,
    "million": 1e6,
    "млрд": 1e9,
    "billion": 1e9,
    "тыс": 1e3,
    "тысяча": 1e3,
    "thousand": 1e3,
}
_PROMISES = re.compile(
    r"(пере)?звоним|перезвонит\b|свяж(емся|утся|ется)|забронир(уем|овал|ую|ован)|зарезервир(уем|овал|ую)"
    r"|гарантиру(ем|ю)|обеща(ем|ю)|отправ(им|лю|ил)\b|пришл(ем|ю)|закреп(им|лю)|остав(им|лю) за вами"
    r"|запи(шем|сал|шу) вас|одобр(им|ят)|сдела(ем|ю) скидку|узна(ем|ю) и|уточн(им|ю) и"
    r"|\bwe('ll| will)\b|\bi('ll| will)\b|guarantee|promise|\breserved for you|will (call|contact|send)",
    re.IGNORECASE,
)
_AVAILABILITY = re.compile(
    r"в наличии|есть у нас|у нас есть|в продаже|можно купить|in stock|we have|available", re.IGNORECASE
)
_CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+\.\w+|https?://\S+|www\.\S+|\+\d[\d\s()-]{7,}\d"
    r"|\b[78][\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}\b"
)
_FOREIGN_SCRIPT = re.compile(r"[\u3000-\u9fff\uac00-\ud7af\u0600-\u06ff\u0590-\u05ff]")
_CYRILLIC_LETTER, _LATIN_LETTER = re.compile("[а-яё]", re.IGNORECASE), re.compile("[a-z]", re.IGNORECASE)
_LIST_NUMBER = re.compile(r"^\s*\d{1,2}[.)]\s+")
_SUPPORTED = 0.5
_VERBATIM = 0.85
_STEM = 5
# Words that turn a statement round.
_DECISIVE = frozenset(
    """
    не ни нет без больше меньше выше ниже дороже дешевле лучше хуже быстрее медленнее длиннее короче шире уже
    большой маленький высокий низкий дорогой дешевый хороший плохой мощный длинный короткий старший младший
    only not no more less better worse bigger smaller higher lower longer shorter cheaper dearer
    """.split()
)


class Amount(NamedTuple):
    """A number of a text with the kind of its unit; `unit` is empty when none is written."""

    value: float
    unit: str


@dataclass(frozen=True)
class Evidence:
    """What a turn's sentences may say, taken from its facts.

    `windows` are the stems of every two neighbouring sentences of the facts: what a sentence says must stand
    together there, not be picked from all over the text. `lines` are the lemmas of each sentence in their order.
    """

    amounts: frozenset[Amount]
    names: frozenset[str]
    windows: tuple[frozenset[str], ...]
    lines: tuple[list[str], ...]
    text: str
    states_stock: bool


def evidence_of(draft: Draft, question: str, vocabulary: Vocabulary) -> Evidence:
    """The evidence of a draft. The question lends its names and words, never its numbers («правда, он за миллион?»)."""
    text = "\n".join([draft.context, draft.text, *(fact.text for fact in draft.facts)])
    return Evidence(
        amounts=frozenset(amounts_in(text)),
        names=frozenset(_names_in(f"{text}\n{question}", vocabulary)),
        windows=_windows(text),
        lines=tuple(lemmas(part) for part in sentences(text)),
        text=text,
        states_stock=draft.route == "inventory",
    )


def failure_of(
    sentence: str, evidence: Evidence, language: Language, vocabulary: Vocabulary
) -> Failure | None:
    """The first reason why a sentence may not be shown, or None when it holds."""
    if _FOREIGN_SCRIPT.search(sentence) or not _in_language(sentence, language):
        return "language"
    if _PROMISES.search(sentence):
        return "promise"
    if (
        _AVAILABILITY.search(sentence)
        and not evidence.states_stock
        and not _AVAILABILITY.search(evidence.text)
    ):
        return "availability"
    if any(match.group() not in evidence.text for match in _CONTACT.finditer(sentence)):
        return "contact"
    if not all(
        _is_borne_out(amount, evidence.amounts) for amount in amounts_in(_LIST_NUMBER.sub("", sentence))
    ):
        return "number"
    if not set(_names_in(sentence, vocabulary)) <= evidence.names:
        return "name"
    # A translation shares no words with its source, so only sentences in the language of the facts can be weighed.
    if _in_language(evidence.text, language) and not _is_supported(sentence, evidence):
        return "unsupported"
    return None


def _windows(text: str) -> tuple[frozenset[str], ...]:
    bags = [frozenset(map(_stem, content_lemmas(part))) for part in sentences(text)]
    return tuple(one | other for one, other in zip(bags, [*bags[1:], frozenset()], strict=True))


def _is_supported(sentence: str, evidence: Evidence) -> bool:
    """Whether one place of the facts has most of the sentence's content words; figures are checked by themselves.

    A comparison or a negation must be nearly the facts' own words in their order: «у CLS багажник больше» shares all
    its words with a text that says the opposite.
    """
    words = lemmas(sentence)
    if not _DECISIVE.isdisjoint(words):
        return any(LCSseq.similarity(words, line) >= _VERBATIM * len(words) for line in evidence.lines)
    content = {_stem(word) for word in content_lemmas(sentence) if not _is_figure(word)}
    return not content or any(
        len(content & window) >= _SUPPORTED * len(content) for window in evidence.windows
    )


def _stem(word: str) -> str:
    """Enough of a lemma to bring «продление» and «продлить» together."""
    return word[:_STEM]


def _is_figure(word: str) -> bool:
    return word[0].isdigit() or word in _MULTIPLIERS or bool(_unit(word))


def amounts_in(text: str) -> Iterable[Amount]:
    """Numbers with their units: «5,49 млн ₽» and «5 490 000 ₽» are the same amount."""
    words = [word for word in words_of(text.replace("%", " процентов ")) if word.text != "-"]
    for index, word in enumerate(words):
        if word.number is None or (
            index and words[index - 1].text.isalpha() and _is_model_part(words, index)
        ):
            continue
        value, after = word.number, index + 1
        if after < len(words) and (
            factor := _MULTIPLIERS.get(words[after].lemma) or _MULTIPLIERS.get(words[after].text)
        ):
            value, after = value * factor, after + 1
        unit = _unit(words[after].text) if after < len(words) else ""
        yield Amount(round(value, 3), unit)


def _is_model_part(words: list[Word], index: int) -> bool:
    """«C 180», «GLE 450»: a number right after a short Latin word is part of a name, checked as such."""
    return (
        words[index - 1].text.isascii() and len(words[index - 1].text) <= 4 and words[index].text[0].isdigit()
    )


def _unit(word: str) -> str:
    return next((name for name, pattern in _UNITS if pattern.fullmatch(word)), "")


def _is_borne_out(amount: Amount, known: frozenset[Amount]) -> bool:
    """The same number with the same kind of unit; where either side writes no unit, the number decides."""
    return any(
        amount.value == other.value and (amount.unit == other.unit or not amount.unit or not other.unit)
        for other in known
    )


def _names_in(text: str, vocabulary: Vocabulary) -> Iterable[str]:
    for line in text.splitlines():
        values = read(line, vocabulary).values
        for field in ("classes", "models", "not_classes", "not_models"):
            yield from values.get(field, [])


def _in_language(text: str, language: Language) -> bool:
    cyrillic, latin = len(_CYRILLIC_LETTER.findall(text)), len(_LATIN_LETTER.findall(text))
    if cyrillic + latin < 8:
        return True
    return cyrillic * 2 >= latin if language == "ru" else latin > cyrillic
