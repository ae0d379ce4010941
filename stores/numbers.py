"""Numbers as people and programs write them into tables: `5 490 000 ₽`, `1,5`, `12.500 км`, `5490000.00`."""

import math
import re
from decimal import Decimal
from typing import Any

_SPACES = "[ \u00a0\u2009\u202f'’]"
_MISSING = frozenset(
    {"", "-", "–", "—", "?", "н/д", "нет данных", "n/a", "na", "nan", "none", "null", "#n/a"}
    | {"неизвестно", "неизвестен", "не указан", "не указано", "unknown"}
)
_UNKNOWN = frozenset(
    {"?", "н/д", "нет данных", "неизвестно", "неизвестен", "не указан", "не указано", "unknown"}
)
_UNITS = re.compile(
    r"(?:₽|\$|€|руб(?:\.|лей|ля|ль)?|р\.?|₸|тг|тенге|rub|rur|usd|eur|kzt|byn|cny|aed|км\.?|km|л\.?\s?с\.?|hp|h\.p\.|л\.?|l|мест[ао]?|seats?|г\.?|год)$",
    re.IGNORECASE,
)
_THOUSAND_KM = re.compile(r"(?:тыс\.?|т\.?|k)\s*(?:км|km)\.?$", re.IGNORECASE)
_LEADING = re.compile(r"^[₽$€₸]\s*")
_GROUPED_BY_SPACES = re.compile(rf"[0-9]{{1,3}}(?:{_SPACES}[0-9]{{3}})+(?=[.,]|$)")
_PLAIN = re.compile(r"([0-9]+)(?:[.,]([0-9]+))?")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_THOUSANDS_AND_FRACTION = re.compile(
    r"[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]+"
)
LARGEST = 10**15


class NotANumber(ValueError):
    """A cell that holds something else than one exact, plausible number; the message repeats it, shortened."""

    def __init__(self, cell: object, problem: str = "is no number") -> None:
        text = str(cell).strip()
        super().__init__(f"{text[:40] + '…' if len(text) > 40 else text!r} {problem}")


def is_missing(cell: Any) -> bool:
    """Whether a cell says nothing: None, NaN, or text such as an empty one, a dash, `н/д`."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return True
    if isinstance(cell, Decimal):
        return cell.is_nan()
    return isinstance(cell, str) and cell.strip().casefold() in _MISSING


def says_unknown(cell: Any) -> bool:
    """Whether a cell says that a value is not known, rather than nothing."""
    return isinstance(cell, str) and cell.strip().casefold() in _UNKNOWN


def parse_number(cell: Any, *, whole: bool) -> Decimal | None:
    """The number in a cell, None when the cell says nothing.

    A unit after it and a currency before or after it are ignored. Groups of thousands may be parted by spaces of
    any kind, apostrophes, or by points or commas when those cannot be decimal ones. With `whole` (a price, a mileage)
    a single point or comma before exactly three digits parts thousands: `12.500` is 12500; without it (litres)
    it is decimal: `2.998`. With `whole` the result is rounded half up.

    Raises:
        NotANumber: text that is no number, more than one number, a negative, infinite or implausibly large one.
    """
    if is_missing(cell):
        return None
    if isinstance(cell, bool):
        raise NotANumber(cell)
    exact = isinstance(cell, int | float | Decimal)
    number = Decimal(str(cell)) if exact else _from_text(str(cell), whole=whole)
    if not number.is_finite():
        raise NotANumber(cell)
    if number < 0:
        raise NotANumber(cell, "is below 0")
    if number > LARGEST:
        raise NotANumber(cell, "is too large")
    return number.quantize(Decimal(1), rounding="ROUND_HALF_UP") if whole else number


def _from_text(cell: str, *, whole: bool) -> Decimal:
    if thousands := _THOUSAND_KM.search(cell.strip()):  # «45 тыс. км»
        return 1000 * _from_text(cell.strip()[: thousands.start()], whole=False)
    text = _UNITS.sub("", _LEADING.sub("", cell.strip())).strip(" \u00a0\u2009\u202f")
    sign = -1 if text[:1] in {"-", "−"} else 1
    text = text.removeprefix("-").removeprefix("−")
    if (grouped := _GROUPED_BY_SPACES.match(text)) is not None:
        text = re.sub(_SPACES, "", grouped[0]) + text[grouped.end() :]
    elif _THOUSANDS_AND_FRACTION.fullmatch(text):
        decimal = max(text.rfind("."), text.rfind(","))
        text = re.sub("[.,]", "", text[:decimal]) + "." + text[decimal + 1 :]
    elif _THOUSANDS.fullmatch(text) and (whole or len(re.findall("[.,]", text)) > 1):
        text = re.sub("[.,]", "", text)
    match = _PLAIN.fullmatch(text)
    if match is None:
        raise NotANumber(cell)
    return sign * Decimal(f"{match[1]}.{match[2] or 0}")
