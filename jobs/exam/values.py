"""Whether an answer says what the salon's files give: computed values, and numbers as people write them."""

import re
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from jobs.exam.cases import Aggregate, Credit, Says, Where
from jobs.exam.oracle import Oracle

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALL_DAY = r"круглосуточно|round the clock"
_CLOSED = r"закрыт|выходн|не работа|closed|day off|не откр"
_THIN = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "ё": "е", "Ё": "Е", "–": "-", "—": "-", "−": "-"}
)
MONEY = re.compile(
    r"(?<![\w.,])(\d{1,3}(?: \d{3})+|\d+(?:[.,]\d+)?)\s*(млн\w*|million\w*|mln|тыс\w*|thousand)?\.?\s*"
    r"(₽|руб\w*|rub\w*|р\.|\$|€|usd\b|eur\b|доллар\w*|евро\b)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.,])(\d{1,3}(?: \d{3})+|\d+(?:[.,]\d+)?)")
_FACTORS = (("млн", 10**6), ("mill", 10**6), ("mln", 10**6), ("тыс", 10**3), ("thou", 10**3))
AVERAGE_TOLERANCE = 0.005
"""A mean may be rounded for speech."""


class Value(NamedTuple):
    """A number that an answer should give; `said` is the nearest one of that unit in it, None where it gives none."""

    unit: str
    true: float
    said: float | None

    @property
    def right(self) -> bool:
        """Whether it is the true one, a mean within half a per cent."""
        if self.said is None:
            return False
        tolerance = AVERAGE_TOLERANCE * abs(self.true) if self.unit.startswith("average") else 1
        return abs(self.said - self.true) <= (tolerance if self.unit != "count" else 0)


class Outcome(NamedTuple):
    """What was missed, in words; the numbers that were looked for."""

    missing: list[str]
    values: list[Value]


def plain(text: str) -> str:
    """The text with usual spaces, hyphens and «е», so that a pattern need not know of others."""
    return text.translate(_THIN)


def number_of(digits: str, factor: str = "") -> float:
    """`5 490 000`, `5,49` with `млн`."""
    value = float(digits.replace(" ", "").replace(",", "."))
    return value * next((by for start, by in _FACTORS if factor.lower().startswith(start)), 1)


def amounts(text: str) -> list[float]:
    """The amounts of money in a text that `plain` has gone over."""
    return [number_of(match[1], match[2] or "") for match in MONEY.finditer(text)]


def numbers(text: str) -> list[float]:
    """All numbers in a text that `plain` has gone over."""
    return [number_of(match[1]) for match in _NUMBER.finditer(text)]


class Sayings:
    """Looks for what `Says` asks for. `now` is the salon's local moment."""

    def __init__(self, oracle: Oracle, now: datetime) -> None:
        self._oracle = oracle
        self._now = now

    def check(self, wanted: "tuple[str | Says, ...]", answer: str) -> Outcome:
        """Every entry must hold."""
        outcome = Outcome([], [])
        for one in wanted:
            found = self._one(one, plain(answer))
            outcome.missing.extend(found.missing)
            outcome.values.extend(found.values)
        return outcome

    def _one(self, wanted: "str | Says", answer: str) -> Outcome:
        if isinstance(wanted, str):
            holds = re.search(plain(wanted), answer, re.IGNORECASE)
            return Outcome([] if holds else [f"does not say /{wanted}/"], [])
        if wanted.any is not None:
            outcomes = [self._one(one, answer) for one in wanted.any]
            return next((one for one in outcomes if not one.missing), outcomes[0])
        if wanted.hours is not None:
            return self._hours(wanted.hours, answer)
        if wanted.salon is not None:
            return self._contact(wanted.salon, answer)
        if wanted.model is not None:
            name = str(self._first(wanted.model)["model"])
            return Outcome([] if plain(name).lower() in answer.lower() else [f"does not name {name}"], [])
        if wanted.field is not None:
            return self._field(wanted.field, wanted.of or Where(), answer)
        return self._number(wanted, answer)

    def _number(self, wanted: Says, answer: str) -> Outcome:
        oracle = self._oracle
        money: list[tuple[str, float]] = []
        if wanted.price is not None:
            money.append(("price", float(self._first(wanted.price)["price"])))
        if wanted.low is not None:
            money.append(("price", float(oracle.select(wanted.low)["price"].min())))
        if wanted.high is not None:
            money.append(("price", float(oracle.select(wanted.high)["price"].max())))
        for name in ("monthly", "down", "loan"):
            credit: Credit | None = getattr(wanted, name)
            if credit is not None:
                money.append((name, float(getattr(oracle.credit(credit), name))))
        if wanted.average is not None:
            return self.average(wanted.average, answer)
        if wanted.count is not None:
            return self.count(wanted.count, answer)
        values = [_nearest(unit, true, amounts(answer)) for unit, true in money]
        return _outcome(values)

    def count(self, where: Where, answer: str) -> Outcome:
        """The number of cars that fit; «нет» will do for none and «один», «одна» for one."""
        true = len(self._oracle.select(where))
        said = numbers(re.sub(MONEY, " ", answer))
        words = {0: r"\bнет\b|\bни одно|\bno\b|\bnone\b|n't", 1: r"\bодин|\bодна|\bодно|\bone\b|\ba single"}
        if true in words and re.search(words[true], answer, re.IGNORECASE):
            said.append(true)
        return _outcome([_nearest("count", true, said)])

    def average(self, wanted: Aggregate, answer: str) -> Outcome:
        """The mean of a column."""
        true = float(self._oracle.select(wanted.of)[wanted.by].mean())
        said = amounts(answer) if wanted.by == "price" else numbers(answer)
        return _outcome([_nearest(f"average {wanted.by}", true, said)])

    def _field(self, field: str, where: Where, answer: str) -> Outcome:
        value = self._first(where)[field]
        if isinstance(value, str):
            words = [part.strip() for part in value.split(";") if part.strip()]
            missing = [word for word in words if plain(word).lower() not in answer.lower()]
            return Outcome([f"does not say {field} {', '.join(missing)}"] if missing else [], [])
        return _outcome([_nearest(field, float(value), numbers(answer))])

    def _first(self, where: Where) -> Any:
        return self._oracle.select(where).iloc[0]

    def _hours(self, day: str, answer: str) -> Outcome:
        if day == "opening":
            moment = self._oracle.next_opening(self._now)
            missing = (
                []
                if re.search(
                    rf"\b0?{moment.hour}[:.]{moment.minute:02}|\b{moment.hour} (час|утра|am)", answer
                )
                else [f"does not say the next opening, {moment:%H:%M}"]
            )
            return Outcome(missing, [])
        missing = []
        for one in self._days(day):
            hours = self._oracle.on(one)
            if hours is None:
                if not re.search(_CLOSED, answer, re.IGNORECASE):
                    missing.append(f"does not say that {one} is closed")
                continue
            if hours.opens == hours.closes and re.search(_ALL_DAY, answer, re.IGNORECASE):
                continue
            for at in hours:
                pattern = rf"\b0?{at.hour}[:.]{at.minute:02}"
                if at.minute == 0:
                    pattern += rf"|\b{at.hour}\b(?![:.\d])|\b{(at.hour - 1) % 12 + 1} ?(am|pm|утра|вечера)"
                if not re.search(pattern, answer, re.IGNORECASE):
                    missing.append(f"does not say {at:%H:%M} for {one}")
        return Outcome(missing, [])

    def _days(self, day: str) -> list[date]:
        today = self._now.date()
        if day == "week":
            monday = today - timedelta(days=today.weekday())
            return [monday + timedelta(days=number) for number in range(7)]
        if day in ("today", "tomorrow"):
            return [today + timedelta(days=int(day == "tomorrow"))]
        if day in _WEEKDAYS:
            ahead = (_WEEKDAYS.index(day) - today.weekday()) % 7
            return [today + timedelta(days=ahead)]
        return [date.fromisoformat(day)]

    def _contact(self, name: str, answer: str) -> Outcome:
        text = str(self._oracle.salon[name])
        if name == "phone":
            found = re.sub(r"\D", "", text) in re.sub(r"\D", "", answer)
        elif name == "address":  # street and number are enough: the city goes without saying
            found = plain(text.partition(", ")[2] or text).lower() in answer.lower()
        else:
            found = plain(text).lower() in answer.lower()
        return Outcome([] if found else [f"does not give the {name}"], [])


def _nearest(unit: str, true: float, said: list[float]) -> Value:
    return Value(unit, true, min(said, key=lambda number: abs(number - true)) if said else None)


def _outcome(values: list[Value]) -> Outcome:
    missing = []
    for value in values:
        if not value.right:
            nearest = "none" if value.said is None else f"{value.said:,.0f}"
            missing.append(f"{value.unit} {value.true:,.0f} is not said (nearest: {nearest})")
    return Outcome(missing, values)
