"""Amounts in a visitor's words: money, years, mileage, power, engine size and seats, as ranges.

«до 20 лямов», «от 3 до 5,5 млн», «21-22 года», "under 8 mln", «с пробегом до 30 тысяч», «на 7 мест».
Pure: text tokens in, ranges and the positions they took up out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from chains import units
from chains.amounts import DASHES, MOST_LITRES, Amount, Amounts
from chains.limits import full_year, limits
from chains.money import BARE_PRICE_FROM, MILLIONS_BELOW, Money
from chains.numerals import Word
from chains.orders import ORDERS
from chains.refusals import as_meant
from chains.units import Comparator

Kind = Literal["price", "year", "mileage", "power", "engine", "seats"]
KINDS: tuple[Kind, ...] = ("price", "year", "mileage", "power", "engine", "seats")

_NEARBY_WORDS = 4
_FIRST_YEAR, _LAST_YEAR = 1950, 2035
_THOUSANDS_OF_KM_BELOW = 500
_LEAST_MILLION = 1_000_000
_MOST_SEATS, _USUAL_SEATS, _PARENTS = 9, 5, 2
_OLD_YEAR = 15  # of two digits; below it a pair of numbers is a pair of prices
_PRONOUNS = {"one", "один", "одна", "одно", "одну", "одного"}  # "the cheapest one"
_NO_COMPARATOR = Comparator(None)


class Quantity(NamedTuple):
    """A range of one kind; None means open. Money in whole currency units, mileage in km, engine in litres."""

    kind: Kind
    low: float | None
    high: float | None


class ForeignAmount(NamedTuple):
    """A price in a currency (ISO 4217) other than the salon's; never a `Quantity`."""

    currency: str
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Found:
    """What a text says in numbers, and the indices of the words that say it.

    `weak` are prices without any unit («до 5»): they hold only where the rest of the text is about cars. `years` are
    the only model years meant where they do not follow one another («2020 или 2022»); their range is a quantity, too.
    """

    quantities: tuple[Quantity, ...]
    used: frozenset[int]
    foreign: tuple[ForeignAmount, ...] = ()
    weak: tuple[Quantity, ...] = ()
    weak_used: frozenset[int] = frozenset()
    years: tuple[int, ...] = ()


def find_quantities(
    words: Sequence[Word],
    taken: frozenset[int] = frozenset(),
    money: Money | None = None,
    this_year: int | None = None,
) -> Found:
    """Find all ranges in `words`, leaving alone those already `taken` (a model name's digits).

    Args:
        money: the salon's; roubles of unknown height by default.
        this_year: what ages are counted from; without it they are left unread.
    """
    return _Reader(words, taken, money or Money(), this_year).read()


class _Reader(Amounts):
    """One text being read."""

    def __init__(
        self, words: Sequence[Word], taken: frozenset[int], money: Money, this_year: int | None
    ) -> None:
        super().__init__(words, taken)
        self.money = money
        self.this_year = this_year

    def read(self) -> Found:
        quantities: list[Quantity] = []
        foreign: list[ForeignAmount] = []
        weak: list[Quantity] = []
        used: set[int] = set()
        weak_used: set[int] = set()
        years: list[int] = []
        index = 0
        while index < len(self.words):
            first = None if index in self.taken else self.amount(index)
            if first is None:
                if year := self._relative_year(index):
                    quantities.append(year)
                    used.update((index, index + 1))
                index += 1
                continue
            before = self._comparator(first.start)
            alternatives = [] if before.sign else self.years(first)
            if len(alternatives) > 1:
                quantities.append(self._either_year(alternatives, years))
                self.last_end = index = alternatives[-1].end
                used.update(range(first.start, index))
                continue
            # «до 39 тыс до 250 сил» are two limits, «от 3 до 5» is one range
            limit = before.sign == "<" or before.kind is not None
            second = None if limit and self.text(first.end) == "до" else self.range_end(first)
            end = second.end if second else first.end
            after = self._trailing(end)
            comparator = Comparator(">") if first.or_more else after if after.sign else before
            if second is None and not after.sign:
                comparator, by = as_meant(comparator, self.words, first.start - before.length, end)
                used.update(by)
            kind, is_weak = self._kind(first, second, comparator)
            span = range(first.start - before.length, end + after.length)
            currency = (second.currency if second else None) or first.currency
            if kind == "price" and currency not in {None, self.money.currency}:
                low, high = limits(first, second, comparator, 1)
                foreign.append(ForeignAmount(currency or "", low, high))
                used.update(span)
            elif kind == "none":
                used.update(span)
            elif kind and (quantity := self._quantity(kind, first, second, comparator)):
                (weak if is_weak else quantities).append(quantity)
                (weak_used if is_weak else used).update(span)
            self.last_end = index = max(end + (after.length if kind else 0), index + 1)
        return Found(
            tuple(quantities),
            frozenset(used),
            tuple(foreign),
            tuple(weak),
            frozenset(weak_used),
            tuple(years),
        )

    def _either_year(self, amounts: Sequence[Amount], years: list[int]) -> Quantity:
        """The range of years that are alternatives; where there are others between, they are added to `years`."""
        named = sorted({int(full_year(amount.value)) for amount in amounts})
        if named[-1] - named[0] >= len(named):
            years += named
        return Quantity("year", named[0], named[-1])

    def _relative_year(self, index: int) -> Quantity | None:
        """«прошлого года», «позапрошлогодние», "this year's"."""
        if self.this_year is None or index in self.taken:
            return None
        text, word = self.words[index].text, self.words[index]
        ago = units.YEARS_AGO.get(word.lemma, units.YEARS_AGO.get(text))
        if ago is None and text.endswith(units.LAST_YEARS):
            ago = 2 if text.startswith("поза") else 1
        elif ago is None or (self.text(index + 1) not in units.YEAR | {"year", "years"}):
            return None
        return Quantity("year", self.this_year - ago, self.this_year - ago)

    def _comparator(self, start: int) -> Comparator:
        """What stands before an amount: «не дороже», "at least", «около»… and how many words it takes."""
        if found := self._phrase_before(start, 0):
            return found
        skip = 0
        while start - skip > self.last_end and self._is_filler(start - skip - 1):
            skip += 1
        return (skip and self._phrase_before(start, skip)) or _NO_COMPARATOR

    def _phrase_before(self, start: int, skip: int) -> Comparator | None:
        end = start - skip
        for length in (4, 3, 2, 1):
            if end - length < self.last_end or any(p in self.taken for p in range(end - length, end)):
                continue
            phrase = " ".join(word.text for word in self.words[end - length : end])
            if phrase in units.COMPARATORS:
                return units.COMPARATORS[phrase]._replace(length=length + skip)
        return None

    def _is_filler(self, index: int) -> bool:
        """Words between «не дороже» and its amount: «чем», «чем с», «чем за», a currency sign."""
        if index in self.taken:
            return False
        after_than = self.words[index].text in {"с", "со", "за"} and self.text(index - 1) == "чем"
        return self.words[index].text in units.FILLERS_BEFORE or after_than

    def _trailing(self, end: int) -> Comparator:
        """«2023 и новее», «300 сил и больше», "2020 or newer": the limit itself is meant, too."""
        text = self.text(end)
        if text in {"и", "или", "or", "and"}:
            found = units.COMPARATORS.get(self.text(end + 1) or "")
            follows = self.text(end + 2)
            number_follows = end + 2 < len(self.words) and self.words[end + 2].number is not None
            of_years = found is not None and found.kind == "year"
            if found and found.sign in {"<", ">"} and found.length == 1 and (of_years or not number_follows):
                bare = self.text(end + 1) in {"до", "от", "с", "со", "по", "from"}
                if not bare and follows not in units.CURRENCIES:
                    return Comparator(found.sign, kind=found.kind, length=2)
        if text in units.TRAILING and (text == "+" or self._amount_after(end + 1) is None):
            return units.TRAILING[text]
        if text in {"не", ","} and self._amount_after(end + 3) is None:
            for skip in (0, 1):
                phrase = f"{self.text(end + skip)} {self.text(end + skip + 1)}"
                found = units.COMPARATORS.get(phrase)
                after = end + skip + 2
                if found and phrase.startswith("не ") and self._amount_after(after) is None:
                    return found._replace(length=2 + skip)
        return _NO_COMPARATOR

    def _amount_after(self, index: int) -> float | None:
        return self.words[index].number if index < len(self.words) else None

    def _kind(self, first: Amount, second: Amount | None, comparator: Comparator) -> tuple[str | None, bool]:
        """What a number means, by its unit, its comparison, the words around it and its size; and whether it is weak.

        `none` is an amount that says nothing of a car: a monthly payment, an advance.
        """
        kind = (second.kind if second else None) or first.kind
        value = max(first.value, second.value if second else 0)
        end = second.end if second else first.end
        before = self._before(first.start)
        of_a_sum = before & units.NOT_PRICES or (value < _LEAST_MILLION and before & units.PAYING)
        if kind in {None, "price"} and (of_a_sum or self._per_month(end)):
            return "none", False
        if kind in {None, "price", "engine"} and before & {"разгон", "расход", "consumption"}:
            return "none", False
        if kind is None and end < len(self.words) and self.words[end].lemma in units.CHILDREN:
            # With their parents: what fits into any car limits nothing.
            return ("children" if value + _PARENTS > _USUAL_SEATS else "none"), False
        of_us = self.text(first.start - 1) == "нас" and first.value == value <= _MOST_SEATS  # «нас шестеро»
        if kind is None and (before & {"family", "семья"} or of_us):
            return "people", False
        if kind == "age":
            return self._age_kind(comparator, first, second, before), False
        if kind == "price" and self._is_mileage(before, end, value) and value < BARE_PRICE_FROM * 10:
            has_currency = first.currency or (second and second.currency)
            return ("price" if has_currency else "mileage"), False
        if kind:
            return kind, False
        multiplied = first.multiplied or bool(second and second.multiplied)
        if not multiplied and float(value).is_integer() and _FIRST_YEAR + 40 <= value <= _LAST_YEAR:
            return "year", False  # even after «с маленьким пробегом»
        if self._is_mileage(before, end, value):
            return "mileage", False
        if comparator.kind and not (multiplied and comparator.kind == "year"):
            return comparator.kind, False
        if multiplied and value < 1_000_000 and self._too_cheap(value) and not before & units.PRICE_WORDS:
            return "mileage", False
        if multiplied or value >= BARE_PRICE_FROM:
            return "price", False
        if _FIRST_YEAR <= first.value <= _LAST_YEAR and first.value == math.floor(first.value):
            return "year", False
        if before & units.SEATS_WORDS and value <= _MOST_SEATS and not multiplied:
            return "seats", False  # «мест минимум семь»
        if before & units.POWER_WORDS and value >= MILLIONS_BELOW / 2:
            return "power", False
        if before & units.ENGINE_WORDS and value <= MOST_LITRES:
            return "engine", False
        spoken = self.words[first.start].text in _PRONOUNS
        if not comparator.sign and value <= _MOST_SEATS and self._after_an_order(first.start):
            return "none", False  # «самые дешёвые 2 кабриолета»
        if before & units.PRICE_WORDS and not spoken and self.text(end) not in units.COUNTED:
            return "price", False
        if second and not comparator.sign and self._is_pair_of_years(first, second):
            return "year", False
        return self._guess(first, second, comparator, end)

    def _is_pair_of_years(self, first: Amount, second: Amount) -> bool:
        """«гле 21-22»: two years that follow one another, rather than millions."""
        if self.this_year is None or self.text(first.end) not in DASHES:
            return False
        newest = self.this_year % 100 + 1
        near = _OLD_YEAR <= first.value < second.value <= min(newest, first.value + 2)
        return near and self.text(first.start - 1) not in {"за", "for", "от", "бюджет", "budget"}

    def _guess(
        self, first: Amount, second: Amount | None, comparator: Comparator, end: int
    ) -> tuple[str | None, bool]:
        """A number that nothing explains: «3.0» is an engine, «до 5» perhaps a price."""
        word = self.words[first.start]
        if word.text in _PRONOUNS or self.text(end) in units.COUNTED:
            return None, False
        compared = bool(comparator.sign or second or self.text(first.start - 1) in {"за", "for"})
        if not compared:
            litres = "." in word.text or "," in word.text
            return ("engine" if litres and 0.6 <= first.value <= 8.4 else None), False
        if self.text(first.start - 1) in {"с", "со"} and not second:
            return None, False
        return "price", True

    def _before(self, start: int) -> frozenset[str]:
        """The lemmas shortly before an amount, after the number or comma before it."""
        begin = max(self.last_end, start - _NEARBY_WORDS - 1)
        for index in range(begin, start):
            if self.words[index].number is not None or self.words[index].text == ",":
                begin = index + 1
        return frozenset(word.lemma for word in self.words[begin:start])

    def _per_month(self, end: int) -> bool:
        near = [self.text(end + ahead) or "" for ahead in range(3)]
        return any(text in units.PER_MONTH for text in near) and near[0] in {
            "в",
            "a",
            "per",
            "мес",
            "/",
            "ежемесячно",
            "monthly",
            "every",
        }

    def _is_mileage(self, before: frozenset[str], end: int, value: float) -> bool:
        after = self.text(end)
        alone = all(word.number is None for word in self.words[end + 1 : end + 1 + _NEARBY_WORDS])
        return value < _LEAST_MILLION and bool(
            before & units.MILEAGE_WORDS
            or after in units.MILEAGE_AFTER
            or (
                after == "пробег" and alone
            )  # «148000 пробег, серый»; in «до 3 млн, пробег до 50» it is the next one's
        )

    def _after_an_order(self, start: int) -> bool:
        """The number stands between «дешёвые» and what is counted, so that it is how many."""
        counted = start + 1 < len(self.words) and self.words[start + 1].text not in units.CURRENCIES
        return start > 0 and counted and any(self.words[start - 1].lemma in forms for _, forms in ORDERS)

    def _too_cheap(self, value: float) -> bool:
        return self.money.low is not None and value < self.money.low / 4

    def _age_kind(
        self, comparator: Comparator, first: Amount, second: Amount | None, before: frozenset[str]
    ) -> str | None:
        """Years of age are a car's where they are compared or called so, and nothing else has years here."""
        end = second.end if second else first.end
        if self.this_year is None or any(word.lemma in units.NOT_AGES for word in self.words):
            return None
        spoken = self.words[end - 1].text
        exact = (spoken.startswith("лет") and spoken != "лет") or spoken == "old"
        about_age = exact or comparator.sign or "возраст" in before or second is not None
        return "age" if about_age else None

    def _quantity(
        self, kind: str, first: Amount, second: Amount | None, comparator: Comparator
    ) -> Quantity | None:
        if kind == "age":
            return self._age(first, second, comparator)
        if kind == "children":
            return Quantity("seats", first.value + _PARENTS, None)
        if kind == "people":
            return Quantity("seats", first.value if second is None else max(first.value, second.value), None)
        scale = 1.0
        if kind == "price" and not (first.multiplied or (second and second.multiplied)):
            scale = self.money.scale(second.value if second else first.value, first.kind, first.currency)
            if not scale:
                return None
        if kind == "mileage" and first.kind is None and not first.multiplied:
            largest = second.value if second else first.value
            scale = 1000 if 0 < largest < _THOUSANDS_OF_KM_BELOW else 1
            if second and second.multiplied:
                scale = 1
        if kind == "year":
            values = [full_year(amount.value) for amount in (first, second) if amount]
            if not all(_FIRST_YEAR <= value <= _LAST_YEAR for value in values):
                return None
        low, high = limits(first, second, comparator, scale, kind)
        return Quantity(kind, low, high)  # type: ignore[arg-type]  # what is left are the literals of Kind

    def _age(self, first: Amount, second: Amount | None, comparator: Comparator) -> Quantity | None:
        if self.this_year is None:
            return None
        newest = self.this_year - min(first.value, second.value if second else first.value)
        oldest = self.this_year - max(first.value, second.value if second else first.value)
        # «не старше трёх лет» compares years, «возраст до трёх лет» ages: fewer of them is a later year
        later = ">" if comparator.kind == "year" else "<"
        if second is None and comparator.sign == later:
            return Quantity("year", oldest + comparator.strict, None)
        if second is None and comparator.sign in {"<", ">"}:
            return Quantity("year", None, newest - comparator.strict)
        return Quantity("year", oldest, newest)
