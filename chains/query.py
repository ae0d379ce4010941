"""A visitor's words about cars → one typed query. Pure: no database, no model.

`read` takes one message by itself; `chains.followup.complete` adds what the dialog so far implies. Order of
reading: names of models and classes first (their digits are no amounts), then amounts, then phrases of the
lexicon, then how it is asked. What is left over is listed in `unknown` instead of being guessed at.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from chains.money import Money
from chains.names import Meaning, NameFound
from chains.numerals import Word, spoken_number, words_of
from chains.one_sign import ends_in_amount, one_sign_class, series_words, unlisted_name
from chains.phrases import add_value, is_negated, narrowed, negation_after, numbered_phrases, read_phrases
from chains.phrasing import Phrasing, read_phrasing
from chains.quantities import ForeignAmount, Quantity, find_quantities
from chains.respelling import respelt
from chains.sounds import letter_of
from chains.text import STOPWORDS, lemma
from chains.vocabulary import CLASS_WORDS, Vocabulary
from stores.cars import CarFilter
from stores.lexicon import fold, model_tokens

Ask = Literal["list", "availability", "count", "price", "average", "details", "compare"]
Relative = Literal["cheaper", "dearer", "newer", "older", "stronger", "more_seats", "less_mileage", "more"]


class CarQuery(BaseModel, frozen=True):
    """What to look up and how to put it.

    `offset` and `limit` page through the matches in the filter's order; `unknown` holds the words that were not
    understood; `superlative` says that the order asked for names a winner («самый дешёвый»).
    """

    filter: CarFilter = CarFilter()
    ask: Ask = "list"
    superlative: bool = False
    limit: int = 5
    offset: int = 0
    unknown: tuple[str, ...] = ()


@dataclass
class Reading:
    """What one message says by itself. `values` maps CarFilter fields to values, as found; `stock_ids` are ids of
    cars that it names, filled in by whoever knows them; `foreign` prices in another currency than the salon's, which
    no filter holds; `years` model years that are alternatives; `unknown` the words that carry a meaning which nothing
    above explains."""

    values: dict[str, list[str]] = field(default_factory=dict)
    quantities: tuple[Quantity, ...] = ()
    foreign: tuple[ForeignAmount, ...] = ()
    years: tuple[int, ...] = ()
    phrasing: Phrasing = field(default_factory=Phrasing)
    unknown: tuple[str, ...] = ()
    words: int = 0
    stock_ids: tuple[str, ...] = ()

    @property
    def has_values(self) -> bool:
        """A class, a colour or the like is named, or a car by its id."""
        return bool(self.values or self.stock_ids)

    @property
    def names_a_car(self) -> bool:
        """A class or a model is named, so the message stands by itself."""
        return bool(self.values.get("classes") or self.values.get("models") or self.stock_ids)

    @property
    def has_constraints(self) -> bool:
        """The message narrows the cars down in any way."""
        return bool(
            self.values
            or self.stock_ids
            or self.quantities
            or self.phrasing.condition
            or self.phrasing.statuses
            or self.phrasing.order
        )


_EXCEPTING = re.compile(
    r"\b(?:(?:other|rather) than|(?:apart|aside) from|with the exception of|excluding"
    r"|за исключением|помимо|не считая)\b",
    re.IGNORECASE,
)
"""What says «кроме» in several words, or in another one."""


def read(message: str, vocabulary: Vocabulary, this_year: int | None = None) -> Reading:
    """Read one message. Never fails: what is not understood is listed in `unknown`.

    Args:
        this_year: what «не старше трёх лет» and «прошлого года» are counted from; the present year by default.
    """
    words = _corrected(words_of(_EXCEPTING.sub("except", message)), vocabulary)
    reading = Reading(words=len(words))
    taken: set[int] = set()
    _read_names(words, vocabulary, reading, taken)
    if not set(vocabulary.numbered.values()).isdisjoint(reading.values.get("classes", ())):
        taken |= series_words(words)
    money = Money(vocabulary.currency, *vocabulary.prices)
    named = frozenset(taken | numbered_phrases(words, vocabulary))
    found = find_quantities(words, named, money, this_year or datetime.now(UTC).year)
    reading.quantities, reading.foreign, reading.years = found.quantities, found.foreign, found.years
    taken |= found.used
    read_phrases(words, vocabulary, reading.values, taken)
    _drop_makes(reading, vocabulary)
    narrowed(words, vocabulary, reading.values)
    reading.quantities += _seats_among_options(reading, vocabulary)
    reading.quantities += _years_of_chassis(reading, vocabulary)
    reading.phrasing, used = read_phrasing(words, frozenset(taken))
    taken |= used
    unknown = _unknown(words, vocabulary, taken | found.weak_used)
    if found.weak and (reading.has_constraints or reading.phrasing.any_car or not unknown):
        reading.quantities += found.weak
        taken |= found.weak_used
    reading.unknown = _unknown(words, vocabulary, taken)
    return reading


_BETWEEN_NAMES = {"vs", "versus", "and", "or", "и", "или", "с", "против"}


def only_names(message: str, vocabulary: Vocabulary, is_other_brand: Callable[[str], bool]) -> bool:
    """Whether a message is names of cars, their versions and brands, and nothing else but numbers."""
    words = words_of(message)
    reading, taken = Reading(), set[int]()
    _read_names(words, vocabulary, reading, taken)
    for index, word in enumerate(words):
        found = vocabulary.phrase_at(words, index)
        if found and found[1].field in {"class", "version"}:
            taken.update(range(index, index + found[0]))
        elif vocabulary.names.is_brand(word) or is_other_brand(word.text):
            taken.add(index)
    left = [
        word
        for index, word in enumerate(words)
        if index not in taken and len(word.text) > 1 and word.text[0].isalpha()
    ]
    return bool(taken) and all(word.text in _BETWEEN_NAMES for word in left)


def _corrected(words: Sequence[Word], vocabulary: Vocabulary) -> list[Word]:
    """The words with misspelt ones of `chains.phrasing` («мощьный», «колличество») put right."""
    found = []
    for word in words:
        right = None if vocabulary.knows(word) else respelt(word)
        found.append(Word(right, right, lemma(right), word.number, word.upper) if right else word)
    return found


def _unknown(words: Sequence[Word], vocabulary: Vocabulary, taken: set[int]) -> tuple[str, ...]:
    return tuple(
        word.text
        for index, word in enumerate(words)
        if index not in taken and _is_content(word) and not vocabulary.names.is_brand(word)
    )


def _drop_makes(reading: Reading, vocabulary: Vocabulary) -> None:
    """«киа рио» means the Rio, not any Kia: a make goes where one of its models is named."""
    named = [*reading.values.get("models", ()), *map(fold, reading.values.get("classes", ()))]
    kept = [
        model
        for model in reading.values.get("models", ())
        if not any(
            f" {' '.join(model_tokens(name))} " in key and name not in vocabulary.makes
            for name in named
            for key in vocabulary.makes.get(model, ())
        )
    ]
    if kept:
        reading.values["models"] = kept
    else:
        reading.values.pop("models", None)


def _years_of_chassis(reading: Reading, vocabulary: Vocabulary) -> tuple[Quantity, ...]:
    """A generation («w213») is its class in its model years; years that the message names win."""
    found = [vocabulary.chassis[code] for code in reading.values.pop("chassis", [])]
    reading.values.pop("not_chassis", None)
    for one in found:
        add_value(reading.values, Meaning("class", one.class_name), negated=False)
        if one.body and "bodies" not in reading.values:
            add_value(reading.values, Meaning("body", one.body), negated=False)
    if not found or any(quantity.kind == "year" for quantity in reading.quantities):
        return ()
    last = None if any(one.last is None for one in found) else max(one.last or 0 for one in found)
    return (Quantity("year", min(one.first for one in found), last),)


def _seats_among_options(reading: Reading, vocabulary: Vocabulary) -> tuple[Quantity, ...]:
    """«третий ряд» is written in an inventory as seats or as equipment; seats are what both come to."""
    options = reading.values.get("options", [])
    seats = {code: count for code in options if (count := vocabulary.seats.get(code))}
    if not seats:
        return ()
    reading.values["options"] = [code for code in options if code not in seats]
    if not reading.values["options"]:
        del reading.values["options"]
    if any(quantity.kind == "seats" for quantity in reading.quantities):
        return ()
    return (Quantity("seats", max(seats.values()), None),)


def _is_content(word: Word) -> bool:
    return (
        word.text[0].isalnum()
        and len(word.text) > 1
        and word.lemma not in STOPWORDS
        and word.text not in STOPWORDS
    )


def _read_names(words: Sequence[Word], vocabulary: Vocabulary, reading: Reading, taken: set[int]) -> None:
    """Models («е200», "GLE 450") and classes («С-класс», «класс S», «мерседес V»)."""
    index = 0
    while index < len(words):
        found = vocabulary.names.at(words, index)
        if found is not None and found.length > 2 and _counts_something(words, index + found.length - 1):
            found = vocabulary.names.at(words[: index + found.length - 1], index) or found
        if found is not None and found.length == 1 and letter_of(words[index].text):
            found = unlisted_name(words, index, vocabulary) or found  # «икс 6» is no iX
        if found is None or _is_an_amount(words, index, found.length):
            found = (
                one_sign_class(words, index, vocabulary, taken)
                or _slang_model(words, index, vocabulary)
                or vocabulary.names.number_at(words, index)
                or unlisted_name(words, index, vocabulary)
            )
        if found is None:
            index += _length_of_figure(words, index, vocabulary)
            continue
        refusal = negation_after(words, index + found.length, taken)
        for meaning in found.meanings:
            add_value(reading.values, meaning, is_negated(words, index, taken) or bool(refusal))
        taken.update(refusal)
        taken.update(range(index, index + found.length))
        index += found.length
        while joined := _joined_number(words, index, found, vocabulary):
            for meaning in joined.meanings:
                add_value(reading.values, meaning, negated=False)
            taken.update(range(index, index + joined.length))
            index += joined.length
        skipped = index + (index < len(words) and words[index].text == "-")
        if skipped < len(words) and words[skipped].text in CLASS_WORDS:
            taken.update(range(index, skipped + 1))
            index = skipped + 1


def _length_of_figure(words: Sequence[Word], index: int, vocabulary: Vocabulary) -> int:
    """How far to go on from a word that begins no name: «4x4» is no X4, «4 на 4» no number before one."""
    phrase = vocabulary.phrase_at(words, index) if words[index].number is not None else None
    return phrase[0] if phrase is not None and phrase[1].field == "drive" else 1


def _slang_model(words: Sequence[Word], index: int, vocabulary: Vocabulary) -> NameFound | None:
    """«глс 450», «гелик 63»: slang for a class with a model's number after it."""
    found = vocabulary.phrase_at(words, index)
    if found is None:
        return _number_before_class(words, index, vocabulary)
    if found[1].field != "class":
        return None
    start = index + found[0]
    model = vocabulary.names.of_class(found[1].value, words, start)
    if model is None and (number := spoken_number(words, start)):
        model = vocabulary.names.of_class(found[1].value, [number[0]], 0)
        model = model._replace(length=number[1]) if model else None
    if model is None or ends_in_amount(words, start + model.length):
        return None
    return model._replace(length=found[0] + model.length)


_ALTERNATIVELY = {"или", "либо", "и", "or", "and", "vs", "против", "/", ","}


def _joined_number(
    words: Sequence[Word], index: int, before: NameFound, vocabulary: Vocabulary
) -> NameFound | None:
    """«глс 450 или 580», «пятисотый гелик или 63-й»: the number of another model of the same class."""
    if (
        index + 1 >= len(words)
        or words[index].text not in _ALTERNATIVELY
        or before.meanings[0].field != "model"
    ):
        return None
    family = [token for token in model_tokens(before.meanings[0].value) if not token[0].isdigit()]
    number = spoken_number(words, index + 1)
    word, length = number or (words[index + 1], 1)
    if not family or not word.latin.isdigit() or ends_in_amount(words, index + 1 + length):
        return None
    model = vocabulary.names.of_class(family[0], [word], 0)
    listed = words[index].text == "," and not model
    return model._replace(length=1 + length) if model and not listed else None


def _number_before_class(words: Sequence[Word], index: int, vocabulary: Vocabulary) -> NameFound | None:
    """«580-й глс», «пятисотый гелик»."""
    number = spoken_number(words, index)
    if number is None:
        return None
    found = vocabulary.phrase_at(words, index + number[1])
    if found is None or found[1].field != "class":
        return None
    model = vocabulary.names.of_class(found[1].value, [number[0]], 0)
    return model._replace(length=number[1] + found[0]) if model else None


def _counts_something(words: Sequence[Word], index: int) -> bool:
    """«G 63 6 мест» is no G 63 6x6."""
    return words[index].number is not None and ends_in_amount(words, index + 1)


def _is_an_amount(words: Sequence[Word], index: int, length: int) -> bool:
    """«с 180 силами» is an amount though «C 180» is a model: the unit after the number decides."""
    return length == 2 and words[index].text != words[index].latin and ends_in_amount(words, index + length)
