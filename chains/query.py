"""A visitor's words about cars → one typed query. Pure: no database, no model.

`read` takes one message by itself; `chains.followup.complete` adds what the dialog so far implies. Order of
reading: names of models and classes first (their digits are no amounts), then amounts, then phrases of the
lexicon, then how it is asked. What is left over is listed in `unknown` instead of being guessed at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from chains import units
from chains.names import Meaning, NameFound
from chains.numerals import Word, words_of
from chains.phrases import add_value, is_negated, numbered_phrases, read_phrases
from chains.phrasing import Phrasing, read_phrasing
from chains.quantities import ForeignAmount, Money, Quantity, find_quantities
from chains.text import STOPWORDS
from chains.vocabulary import CLASS_WORDS, Vocabulary
from stores.cars import CarFilter

_UNITS = (
    units.POWER
    | units.KM
    | units.THOUSAND
    | units.MILLION
    | units.YEAR
    | units.SEATS
    | frozenset(units.CURRENCIES)
)

Ask = Literal["list", "availability", "count", "price", "average", "details", "compare"]
Relative = Literal["cheaper", "dearer", "newer", "older", "stronger", "more_seats", "less_mileage", "more"]


_ALTERNATIVES = {"или", "либо", "or"}
_JOINED_BY = _ALTERNATIVES | {",", "и", "and", "/"}


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
    no filter holds; `unknown` the words that carry a meaning which nothing above explains."""

    values: dict[str, list[str]] = field(default_factory=dict)
    quantities: tuple[Quantity, ...] = ()
    foreign: tuple[ForeignAmount, ...] = ()
    phrasing: Phrasing = field(default_factory=Phrasing)
    unknown: tuple[str, ...] = ()
    words: int = 0
    stock_ids: tuple[str, ...] = ()

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


def read(message: str, vocabulary: Vocabulary, this_year: int | None = None) -> Reading:
    """Read one message. Never fails: what is not understood is listed in `unknown`.

    Args:
        this_year: what «не старше трёх лет» and «прошлого года» are counted from; the present year by default.
    """
    words = words_of(message)
    reading = Reading(words=len(words))
    taken: set[int] = set()
    _read_names(words, vocabulary, reading, taken)
    money = Money(vocabulary.currency, *vocabulary.prices)
    named = frozenset(taken | numbered_phrases(words, vocabulary))
    found = find_quantities(words, named, money, this_year or datetime.now(UTC).year)
    reading.quantities, reading.foreign = found.quantities, found.foreign
    taken |= found.used
    read_phrases(words, vocabulary, reading.values, taken)
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


def _unknown(words: Sequence[Word], vocabulary: Vocabulary, taken: set[int]) -> tuple[str, ...]:
    return tuple(
        word.text
        for index, word in enumerate(words)
        if index not in taken and _is_content(word) and not vocabulary.names.is_brand(word)
    )


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
        if found is None or _is_an_amount(words, index, found.length):
            found = (
                _letter_class(words, index, vocabulary, taken)
                or _slang_model(words, index, vocabulary)
                or vocabulary.names.number_at(words, index)
            )
        if found is None:
            index += 1
            continue
        for meaning in found.meanings:
            add_value(reading.values, meaning, is_negated(words, index, taken))
        taken.update(range(index, index + found.length))
        index += found.length
        skipped = index + (index < len(words) and words[index].text == "-")
        if skipped < len(words) and words[skipped].text in CLASS_WORDS:
            taken.update(range(index, skipped + 1))
            index = skipped + 1


def _slang_model(words: Sequence[Word], index: int, vocabulary: Vocabulary) -> NameFound | None:
    """«глс 450», «гелик 63»: slang for a class with a model's number after it."""
    found = vocabulary.phrase_at(words, index)
    if found is None or found[1].field != "class":
        return None
    model = vocabulary.names.of_class(found[1].value, words, index + found[0])
    if model is None or _ends_in_amount(words, index + found[0] + model.length):
        return None
    return model._replace(length=found[0] + model.length)


def _ends_in_amount(words: Sequence[Word], end: int) -> bool:
    return end < len(words) and words[end].text in _UNITS


def _is_an_amount(words: Sequence[Word], index: int, length: int) -> bool:
    """«с 180 силами» is an amount though «C 180» is a model: the unit after the number decides."""
    return length == 2 and words[index].text != words[index].latin and _ends_in_amount(words, index + length)


def _letter_class(
    words: Sequence[Word], index: int, vocabulary: Vocabulary, taken: set[int]
) -> NameFound | None:
    """A class of one letter, which needs «класс» beside it, the brand before it, or a class joined to it."""
    word = words[index]
    written_as_name = word.text.isascii() or (word.upper and not _is_shouted(words))
    name = vocabulary.letters.get(word.latin)
    if name is None:
        return None
    after = [other.text for other in words[index + 1 : index + 3]]
    with_class = bool(after) and (
        after[0] in CLASS_WORDS or (len(after) > 1 and after[0] == "-" and after[1] in CLASS_WORDS)
    )
    before = words[index - 1].text if index else ""
    after_class = (
        before in CLASS_WORDS
        and index - 1 not in taken
        # «класса в наличии» has a preposition, «класса В» and "class S" a name
        and (written_as_name or index + 1 == len(words))
        and not with_class
    )
    after_brand = (
        bool(before)
        and vocabulary.names.is_brand(words[index - 1])
        and word.text.isascii()
        and word.text != "a"
    )
    listed = _is_listed(words, index, vocabulary, taken, written_as_name=written_as_name)
    found = with_class or after_class or after_brand or listed
    return NameFound(1, (Meaning("class", name),)) if found else None


def _is_shouted(words: Sequence[Word]) -> bool:
    """All in capitals, so that a capital tells nothing."""
    letters = [word for word in words if word.text.isalpha()]
    return len(letters) > 1 and all(word.upper for word in letters)


def _is_listed(
    words: Sequence[Word], index: int, vocabulary: Vocabulary, taken: set[int], *, written_as_name: bool
) -> bool:
    """«С или Е класс», «C, E и S классы», «S либо майбах»: the letter is joined to what certainly is a class."""
    position = index + 1
    while position + 1 < len(words) and words[position].text in _JOINED_BY:
        if words[position].text != "," and not written_as_name and words[position].text not in _ALTERNATIVES:
            return False
        position += 1
        text = words[position]
        phrase = vocabulary.phrase_at(words, position)
        if phrase is not None and phrase[1].field in {"class", "version"} and written_as_name:
            return True
        if vocabulary.letters.get(text.latin) is None:
            return written_as_name and vocabulary.names.at(words, position) is not None
        after = [other.text for other in words[position + 1 : position + 3]]
        if after and (
            after[0] in CLASS_WORDS or (after[0] == "-" and after[1:2] and after[1] in CLASS_WORDS)
        ):
            return True
        position += 1
    before = index - 2
    joined = index > 1 and words[index - 1].text in _JOINED_BY and words[before].text in CLASS_WORDS
    return joined and before in taken and (written_as_name or index + 1 == len(words))
