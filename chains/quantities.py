"""Amounts in a visitor's words: money, years, mileage, power, engine size and seats, as ranges.

«до 20 лямов», «от 3 до 5,5 млн», «21-22 года», "under 8 mln", «с пробегом до 30 тысяч», «на 7 мест».
Pure: text tokens in, ranges and the positions they took up out.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

from chains.numerals import Word

Kind = Literal["price", "year", "mileage", "power", "engine", "seats"]

_MILLION = frozenset(
    """
    млн миллион миллиона миллионов миллионами лям ляма лямов лямчик лимон лимона лимонов мульт мильен мильон
    mln million millions mil m м кк kk миллионах
    """.split()
)
_THOUSAND = {
    "тыс",
    "тысяч",
    "тысяча",
    "тысячи",
    "тысячами",
    "тыщ",
    "тыщи",
    "тр",
    "k",
    "к",
    "thousand",
    "тысячах",
    "штук",
}
_CURRENCY = frozenset(
    """
    руб рубль рубля рублей рублями р ₽ rub rubles roubles ruble
    """.split()
)
_FOREIGN_CURRENCY = frozenset(
    "usd eur $ € доллар доллара долларов баксов бакс евро euro euros dollar dollars".split()
)
_KM = {"км", "km", "километр", "километра", "километров", "kilometers", "kilometres", "miles"}
_POWER = {
    "лс",
    "лошадь",
    "лошади",
    "лошадей",
    "лошадок",
    "сил",
    "силы",
    "сила",
    "hp",
    "bhp",
    "horsepower",
    "horses",
    "л.с",
}
_LITRE = {
    "литр",
    "литра",
    "литров",
    "литровый",
    "литровая",
    "литровым",
    "литровой",
    "л",
    "l",
    "liter",
    "litre",
    "liters",
    "litres",
}
_SEATS = frozenset(
    """
    место места мест местный местная местные местную местного seat seats seater seaters человек people
    пассажиров
    """.split()
)
_YEAR = {"год", "года", "году", "годов", "годы", "г", "гг", "г.в", "year", "years", "гв", "годом"}

_AT_MOST = tuple(
    " ".join(phrase.split())
    for phrase in """
    не дороже | не больше | не более | не выше | не превышает | не превышая | не новее | не позже | не свыше
    | максимум | макс | до | дешевле | ниже | менее | меньше | в пределах | в районе до | under | below | up
    to | at most | max | less than | cheaper than | no more than | not more than | within | before | older
    than | старше | раньше | < | maximum
    """.split("|")
)
_AT_LEAST = tuple(
    " ".join(phrase.split())
    for phrase in """
    не дешевле | не меньше | не менее | не ниже | не старше | не раньше | минимум | от | дороже | выше |
    более | больше | свыше | начиная с | начиная от | с | over | above | from | at least | min | more than |
    since | newer than | after | новее | позже | мощнее | > | no less than | not older than | minimum |
    starting from | starting at
    """.split("|")
)
_STRICT = {"новее", "newer than", "after", "позже", "старше", "older than", "before", "раньше"}
_ABOUT = (
    "около",
    "примерно",
    "порядка",
    "в районе",
    "где-то",
    "где то",
    "приблизительно",
    "around",
    "about",
    "approximately",
    "roughly",
)
_MILEAGE_WORDS = {"пробег", "mileage", "накатать", "проехать", "пробежать"}
_PRICE_WORDS = {"бюджет", "budget", "дорогой", "дорого", "дешевый", "дешево", "cheap", "cheaper"}
_MILLIONS_BELOW = 100
_PRONOUNS = {"one", "один", "одна", "одно"}  # "the cheapest one"
_POWER_WORDS = {"мощность", "power"}
_ENGINE_WORDS = {"объем", "двигатель", "мотор", "engine", "displacement"}
_FIRST_YEAR, _LAST_YEAR = 1950, 2035
_BARE_PRICE_FROM = 100_000
_NEARBY_WORDS = 3


class Quantity(NamedTuple):
    """A range of one kind; None means open. Money in whole currency units, mileage in km, engine in litres."""

    kind: Kind
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Found:
    """The quantities of a text and the indices of the words that make them up."""

    quantities: tuple[Quantity, ...]
    used: frozenset[int]


@dataclass(frozen=True)
class _Amount:
    """A number with its unit as written: words[start:end]."""

    value: float
    kind: Kind | None
    multiplied: bool
    start: int
    end: int


def find_quantities(words: list[Word], taken: frozenset[int] = frozenset()) -> Found:
    """Find all ranges in `words`, leaving alone those already `taken` (a model name's digits)."""
    quantities: list[Quantity] = []
    used: set[int] = set()
    index = 0
    while index < len(words):
        first = None if index in taken else _amount(words, index, taken)
        if first is None:
            index += 1
            continue
        second, gap_start = _range_end(words, first, taken)
        end = second.end if second else first.end
        comparator = _comparator(words, first.start, taken)
        trailing = _trailing(words, end)
        foreign = end < len(words) and words[end].text in _FOREIGN_CURRENCY
        found = None if foreign else _range(words, first, second, trailing or comparator)
        if found is not None:
            end += trailing.length if trailing else 0
            used.update(range(first.start - comparator.length, end))
            quantities.append(found)
            index = end
        else:
            index = gap_start
    return Found(tuple(quantities), frozenset(used))


class _Comparator(NamedTuple):
    sign: Literal["<", ">", "~", ""]
    strict: bool
    length: int


def _comparator(words: list[Word], start: int, taken: frozenset[int]) -> _Comparator:
    """What stands before an amount: «не дороже», "at least", «около»… and how many words it takes."""
    skip = 0
    while start - skip > 0 and _is_filler(words, start - skip - 1):
        skip += 1
    end = start - skip
    for length in (3, 2, 1):
        if end - length < 0 or any(position in taken for position in range(end - length, end)):
            continue
        phrase = " ".join(word.text for word in words[end - length : end])
        for sign, phrases in (("<", _AT_MOST), (">", _AT_LEAST), ("~", _ABOUT)):
            if phrase in phrases:
                return _Comparator(sign, phrase in _STRICT, length + skip)  # type: ignore[arg-type]  # literals above
    return _Comparator("", False, 0)


_FILLERS = frozenset("чем than the a цена цену ценой стоимостью price $ ₽".split())


def _is_filler(words: list[Word], index: int) -> bool:
    """Words between «не дороже» and its amount: «чем», «чем с», a currency sign."""
    after_than = words[index].text in {"с", "со"} and index > 0 and words[index - 1].text == "чем"
    return words[index].text in _FILLERS or after_than


def _amount(words: list[Word], index: int, taken: frozenset[int]) -> _Amount | None:
    word = words[index]
    if word.number is None:
        return None
    value, end, multiplied, kind = word.number, index + 1, False, None

    def unit(offset: int) -> str | None:
        return words[offset].text if offset < len(words) and offset not in taken else None

    def is_seats(offset: int) -> bool:
        return unit(offset) in _SEATS or (unit(offset) is not None and words[offset].lemma == "место")

    if unit(end) in _MILLION:
        value, end, multiplied, kind = value * 1_000_000, end + 1, True, "price"
        more = words[end].number if end < len(words) and end not in taken else None
        if more is not None and more < 1000 and unit(end + 1) in _THOUSAND:  # «5 млн 400 тысяч»
            value, end = value + more * 1000, end + 2
    elif unit(end) in _THOUSAND and word.number < 100_000:
        value, end, multiplied = value * 1000, end + 1, True
    following = unit(end)
    if following in _CURRENCY:
        kind, end = "price", end + 1
    elif following in _KM:
        kind, end = "mileage", end + 1
    elif following == "л" and unit(end + 1) in {"с", "c", "силами"}:
        kind, end = "power", end + 2
    elif following in _POWER:
        kind, end = "power", end + 1
    elif following == "лошадиных":
        kind, end = "power", end + 2
    elif not multiplied and is_seats(end) and value <= 20:
        kind, end = "seats", end + 1
    elif not multiplied and following in _LITRE and value <= 10:
        kind, end = "engine", end + 1
    elif not multiplied and following in _YEAR:
        kind, end = "year", end + 1
    return _Amount(value, kind, multiplied, index, end)  # type: ignore[arg-type]  # kinds are the literals above


def _range_end(words: list[Word], first: _Amount, taken: frozenset[int]) -> tuple[_Amount | None, int]:
    """The upper end of «от 3 до 5 млн», «21-22 года», "between 3 and 5 mln", when there is one."""
    position = first.end
    if position < len(words) and words[position].text in {"-", "–", "—", "до", "to", "и", "and", "по"}:
        second = (
            _amount(words, position + 1, taken)
            if position + 1 < len(words) and position + 1 not in taken
            else None
        )
        joined_by_and = words[position].text in {"и", "and"}
        between = first.start > 0 and words[first.start - 1].text in {"между", "between"}
        if second is not None and (not joined_by_and or between) and _same_kind(first, second):
            return second, position + 1
    return None, first.end


def _same_kind(first: _Amount, second: _Amount) -> bool:
    return first.kind is None or second.kind is None or first.kind == second.kind


def _trailing(words: list[Word], end: int) -> _Comparator | None:
    """«2023 и новее», «300 сил и больше», "2020 or newer": the limit itself is meant, too."""
    if end + 1 < len(words) and words[end].text in {"и", "или", "or", "and"}:
        for sign, phrases in (("<", _AT_MOST), (">", _AT_LEAST)):
            if words[end + 1].text in phrases:
                return _Comparator(sign, False, 2)  # type: ignore[arg-type]  # literals above
    return None


def _range(
    words: list[Word], first: _Amount, second: _Amount | None, comparator: _Comparator
) -> Quantity | None:
    kind = (second.kind if second else None) or first.kind or _kind_from_context(words, first, second)
    if kind is None:
        return None
    if second is not None:
        low, high = first.value, second.value
        if second.multiplied and not first.multiplied and low < high:
            low *= 1_000_000 if second.value >= 1_000_000 and low < 1000 else 1000
        if kind == "year":
            low, high = _full_year(low), _full_year(high)
        return Quantity(kind, min(low, high), max(low, high))
    value = _full_year(first.value) if kind == "year" else first.value
    if kind == "price" and first.kind is None and value < _MILLIONS_BELOW:  # «не дороже пяти с половиной»
        value *= 1_000_000
    if kind == "year" and not _FIRST_YEAR <= value <= _LAST_YEAR:
        return None
    return _one_sided(kind, value, comparator)


def _one_sided(kind: Kind, value: float, comparator: _Comparator) -> Quantity:
    step = 1 if comparator.strict and kind == "year" else 0
    if comparator.sign == "<":
        return Quantity(kind, None, value - step)
    if comparator.sign == ">":
        return Quantity(kind, value + step, None)
    if comparator.sign == "~":
        margin = 1 if kind == "year" else value * 0.1
        return Quantity(kind, value - margin, value + margin)
    # A bare amount: a budget or a mileage is a ceiling, a year is that year, power and size are meant as said.
    if kind in {"price", "mileage"}:
        return Quantity(kind, None, value)
    if kind == "seats" and value > 5:
        return Quantity(kind, value, None)
    if kind == "engine":  # «2 литра» is 1.991 in the papers
        return Quantity(kind, value - 0.06, value + 0.06)
    return Quantity(kind, value, value)


def _kind_from_context(words: list[Word], first: _Amount, second: _Amount | None) -> Kind | None:
    """What a number without a unit means, by the words around it and by its size."""
    before = {word.lemma for word in words[max(0, first.start - _NEARBY_WORDS - 1) : first.start]}
    value = max(first.value, second.value if second else 0)
    multiplied = first.multiplied or bool(second and second.multiplied)
    if before & _MILEAGE_WORDS:
        return "mileage"
    if multiplied or value >= _BARE_PRICE_FROM:
        return "price"
    if _FIRST_YEAR <= first.value <= _LAST_YEAR and first.value == math.floor(first.value):
        return "year"
    if before & _POWER_WORDS:
        return "power"
    if before & _ENGINE_WORDS and value <= 10:
        return "engine"
    if value < _MILLIONS_BELOW and before & _PRICE_WORDS and words[first.start].text not in _PRONOUNS:
        return "price"
    return None


def _full_year(value: float) -> float:
    """Two-digit years: 21 → 2021, 98 → 1998."""
    if value >= 100:
        return value
    return value + (2000 if value <= 40 else 1900)
