"""A number in a visitor's words with what stands beside it: «5 млн», «$60k», «7-местный», «30 т.км»."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chains import units
from chains.numerals import Word

MOST_LITRES = 10
_MOST = {"seats": 20, "people": 20, "engine": MOST_LITRES, "power": 3000, "year": 2100, "age": 100}
DASHES = frozenset("-–—")
_MOST_SEATS = 20
_ENDINGS = frozenset("й я ый ой го ого х ти ми и е ая ом м му ые ую".split())
_OLDEST = 1950
_FIRST_SHORT, _LAST_SHORT = 10, 40
_LISTED = {"или", "либо", "or", "и", "and", ","}
_MOST_OF_THE_BEST = 10
_MOST_OF = frozenset("самых самые самый самая самую наиболее cheapest newest most latest fastest".split())
_TO = DASHES | {"до", "to", "и", "and", "по", "till"}


@dataclass(frozen=True)
class Amount:
    """A number with its unit as written: words[start:end]; `kind` is that of a Quantity, `age` or `people`."""

    value: float
    kind: str | None
    multiplied: bool
    start: int
    end: int
    currency: str | None = None
    or_more: bool = False


class Unit(NamedTuple):
    """What the words after a number make of it: `length` of them, `factor` to the unit of its kind."""

    kind: str
    length: int = 1
    factor: float = 1
    currency: str | None = None


class Amounts:
    """The amounts of one text; words `taken` (a model name's digits) and those before `last_end` are left alone."""

    def __init__(self, words: Sequence[Word], taken: frozenset[int]) -> None:
        self.words = words
        self.taken = taken
        self.last_end = 0

    def text(self, index: int) -> str | None:
        """The word at `index`; None outside the text and where it is taken."""
        free = 0 <= index < len(self.words) and index not in self.taken
        return self.words[index].text if free else None

    def amount(self, index: int) -> Amount | None:
        """The number at `index` with what stands beside it: «5 млн», «$60k», «7-местный», «до миллиона»."""
        word = self.words[index]
        if word.number is not None and self._counts_the_best(index):
            return None  # «три самых дешёвых», «топ 3»
        value, end, multiplied = word.number, index + 1, False
        if value is None:
            if word.text not in units.MILLION_ALONE:
                return None
            value, end = 1.0, index
        if (
            self.text(end) in DASHES | _ENDINGS and self.text(end) != "м"
        ):  # «7-ми местный», «2021-го», «2.5-литровый»
            skipped = end + (self.text(end) in DASHES)
            skipped += self.text(skipped) in _ENDINGS and skipped + 1 < len(self.words)
            if skipped > end and self.unit(skipped, value) is not None:
                end = skipped
        or_more = self.text(end) == "+" and self.unit(end + 1, value) is not None  # «300+ л.с.»
        end += or_more
        in_millions = self.text(end) in units.MILLION
        if in_millions:
            value, end, multiplied = value * 1_000_000, end + 1, True
            more = self.words[end].number if self.text(end) is not None else None
            if more is not None and more < 1000 and self.text(end + 1) in units.THOUSAND:  # «5 млн 400 тысяч»
                value, end = value + more * 1000, end + 2
        elif self.text(end) in units.THOUSAND and value < 100_000:
            value, end, multiplied = value * 1000, end + 1, True
        elif self.text(end) not in units.COUNTED and self.unit(end, value) is None:
            scale, unit_at = self.unit_before(index)
            if scale > 1:
                kind = "price" if scale == 1_000_000 else None
                return Amount(value * scale, kind, True, unit_at, end)
        sign = units.CURRENCIES.get(self.words[index - 1].text) if index > self.last_end else None
        if sign and self.words[index - 1].text in units.SIGNS_BEFORE and index - 1 not in self.taken:
            return Amount(value, "price", multiplied, index, end, sign)
        unit = None if multiplied and self.text(end) in units.LITRE | units.AGE else self.unit(end, value)
        if unit is None:
            return Amount(
                value,
                "price" if in_millions or (value >= 1_000_000 and multiplied) else None,
                multiplied,
                index,
                end,
            )
        return Amount(
            value * unit.factor,
            unit.kind,
            multiplied or unit.factor > 1,
            index,
            end + unit.length,
            unit.currency,
            or_more,
        )

    def _counts_the_best(self, index: int) -> bool:
        few = (self.words[index].number or 0) <= _MOST_OF_THE_BEST
        return few and (self.text(index + 1) in _MOST_OF or self.text(index - 1) in {"топ", "top"})

    def unit_before(self, index: int) -> tuple[int, int]:
        """«миллионов за пять», «лямов 5»: the unit stands before its number."""
        for position in (index - 1, index - 2):
            text = self.text(position) if position >= self.last_end else None
            number_before = position > 0 and self.words[position - 1].number is not None
            if text in units.MILLIONS_BEFORE and not number_before:
                return 1_000_000, position
            if text in units.THOUSANDS_BEFORE and not number_before:
                return 1000, position
            if text not in {"за", "до", "около", "от", "под"}:
                break
        return 1, index

    def unit(self, end: int, value: float) -> "Unit | None":
        """What the word at `end` makes of the number before it."""
        text, following = self.text(end), self.text(end + 1)
        if text is None:
            return None
        if text in units.CURRENCIES:
            return Unit("price", currency=units.CURRENCIES[text])
        if text in units.THOUSAND_ROUBLES:
            return Unit("price", factor=1000, currency="RUB")
        if text in units.MILLION or text in units.THOUSAND:
            return Unit("price")
        if text in units.THOUSAND_KM:
            return Unit("mileage", factor=1000)
        if text in units.KM:
            if following == "/" or following in {"ч", "h", "час"}:  # a speed
                return Unit("none", length=2)
            return Unit("mileage")
        if text in units.MILES:
            return Unit("mileage", factor=units.KM_IN_MILE)
        if text in {"л", "l"} and following in {"с", "c", "силами"}:
            return Unit("power", length=2)
        if text in units.POWER or text == "лошадиных":
            return Unit("power", length=1 + (text == "лошадиных"))
        if text in units.KILOWATTS and following not in {"ч", "час", "h"}:
            return Unit("power", factor=units.HP_IN_KILOWATT)
        if (text in units.SEATS or self.words[end].lemma == "место") and value <= _MOST_SEATS:
            return Unit("seats")
        if text in units.PEOPLE and value <= _MOST_SEATS:
            return Unit("people")
        if text in units.LITRE and value <= MOST_LITRES and not self._is_consumption(end + 1):
            return Unit("engine")
        if text in units.YEAR:  # «2 года» is an age, «02 года» a year
            written = self.words[end - 1].text
            return Unit("age" if value < 10 and not written.startswith("0") and text != "г" else "year")
        if text in units.AGE:
            return Unit("age", length=1 + sum(self.text(end + 1 + ahead) in units.AGE for ahead in (0, 1)))
        return None

    def _is_consumption(self, index: int) -> bool:
        """«8 литров на сотню»."""
        number = self.words[index + 1].number if index + 1 < len(self.words) else None
        return self.text(index) in {"на", "per"} and (
            number == 100 or self.text(index + 1) in {"сотню", "km"}
        )

    def _is_year(self, amount: Amount) -> bool:
        plain = amount.kind is None and not amount.multiplied and _OLDEST <= amount.value <= _MOST["year"]
        return amount.kind == "year" or plain

    def years(self, first: Amount) -> list[Amount]:
        """Model years that are alternatives, `first` included: «2020 или 2022», «2019, 2020 и 2022 года», «21 или 23
        года»; `first` alone where it is none."""
        found = [first]
        while (
            self._may_be_year(found[-1])
            and self.text(end := found[-1].end) in _LISTED
            and end + 1 < len(self.words)
            and end + 1 not in self.taken
            and (after := self.amount(end + 1)) is not None
            and self._may_be_year(after)
            and (self._is_year(after) or self.text(after.end) not in DASHES)  # «2019 года, 23-27 млн»
        ):
            found.append(after)
        told = any(one.kind == "year" for one in found) or all(map(self._is_year, found))
        return found if told else [first]

    def _may_be_year(self, amount: Amount) -> bool:
        short = amount.kind is None and not amount.multiplied and _FIRST_SHORT <= amount.value <= _LAST_SHORT
        return self._is_year(amount) or (short and float(amount.value).is_integer())

    def range_end(self, first: Amount) -> Amount | None:
        """The upper end of «от 3 до 5 млн», «21-22 года», "between 3 and 5 mln", when there is one."""
        joiner = self.text(first.end)
        if joiner not in _TO:
            return None
        position = first.end + 1
        if joiner == "и" and self.text(position) == "до":
            position += 1
        elif joiner in {"и", "and"} and self.text(first.start - 1) not in {"между", "between"}:
            return None
        if position >= len(self.words) or position in self.taken:
            return None
        second = self.amount(position)
        if second is None or (first.kind and second.kind and first.kind != second.kind):
            return None
        most = _MOST.get(first.kind or second.kind or "", math.inf)
        return second if max(first.value, second.value) <= most else None
