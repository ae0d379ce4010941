"""The two ends of a range that an amount, or a pair of them, means: «до 5», «от 3 до 5,5 млн», «21-22 года»."""

from chains.amounts import Amount
from chains.units import Comparator


def limits(
    first: Amount, second: Amount | None, comparator: Comparator, scale: float, kind: str = "price"
) -> tuple[float | None, float | None]:
    """The two ends that an amount, or a pair of them, means; None is open."""
    value = first.value * scale
    if second is not None:
        low, high = value, second.value * scale
        if second.multiplied and not first.multiplied and low < high:
            low *= 1_000_000 if second.value >= 1_000_000 and low < 1000 else 1000
        if first.multiplied and not second.multiplied and high < low:  # «миллионов пять-шесть»
            high *= 1_000_000 if low >= 1_000_000 else 1000
        if kind == "year":
            low, high = full_year(low), full_year(high)
        return min(low, high), max(low, high)
    if kind == "year":
        value = full_year(value)
    step = (
        {"seats": 1.0, "power": 1.0, "year": 1.0, "engine": 0.1}.get(kind, 0.0) if comparator.strict else 0.0
    )
    if comparator.sign == "<":
        return None, round(value - step, 6)
    if comparator.sign == ">":
        return round(value + step, 6), None
    if comparator.sign == "~":
        margin = 1 if kind == "year" else value * 0.1
        return value - margin, value + margin
    if comparator.sign == "=":
        return value, value
    return _bare(kind, value)


def _bare(kind: str, value: float) -> tuple[float | None, float | None]:
    """A bare amount: a budget or a mileage is a ceiling, a year is that year, power and size are meant as said."""
    if kind in {"price", "mileage"}:
        return None, value
    if kind == "seats" and value > 5:
        return value, None
    if kind == "engine":  # «2 литра» is 1.991 in the papers
        return round(value - 0.06, 6), round(value + 0.06, 6)
    return value, value


def full_year(value: float) -> float:
    """Two-digit years: 21 → 2021, 98 → 1998."""
    return value if value >= 100 else value + (2000 if value <= 40 else 1900)
