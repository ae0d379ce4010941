"""Follow-ups that leave out what they are about: «а до 100?» after a mileage, «а на 7?» after seats, «а в каком есть?»
after a colour. Pure: a line and the last wish in, what is meant out.
"""

import re

from chains.quantities import Kind, Quantity
from stores.cars import CarFilter

_BARE = re.compile(
    r"(?:(?:а|и|ну|если|может|тогда|and|what about) )*(на|до|от|с|со|за|under|up to|from|over)? ?"
    r"(\d{1,6}(?:[.,]\d+)?)( ?(?:тыс\w*|т|к|k|thousand))?"
)
_OF_WHICH = re.compile(
    r"(?:(?:а|и|ну|так|and) )*(?:в|на|с|со|in|with) (?:как(?:ом|ой|их|ими|им)|what|which)(?: (?:еще|тогда|же|ones?))*"
    r"(?: (?:есть|бывают|имеются|остались|можно|are there|do you have|is it))*"
)
_FLOORS = {"от", "с", "со", "from", "over"}
_CEILINGS = {"до", "за", "under", "up to"}
_PLAUSIBLE: dict[Kind, tuple[float, float]] = {
    "seats": (2, 9), "mileage": (1, 400_000), "power": (50, 1500), "year": (1980, 2035), "engine": (0.6, 8.4),
}  # fmt: skip
_THOUSANDS_OF_KM_BELOW = 500
_GROUPS = ("colors", "bodies", "drives", "fuels", "transmissions", "interiors")
_GROUP_OF = dict(zip(_GROUPS, ("color", "body", "drive", "fuel", "transmission", "interior"), strict=True))


def bare_amount(line: str, wish: CarFilter) -> Quantity | None:
    """The range that a number without a unit means after `wish`: of the one kind, prices apart, that was limited
    before and that the number fits. None where there is none, or where it may as well be a price."""
    said = _BARE.fullmatch(line)
    if said is None:
        return None
    value = float(said[2].replace(",", ".")) * (1000 if said[3] else 1)
    limited = [
        kind
        for kind, (least, most) in _PLAUSIBLE.items()
        if least <= value <= most and _limits(wish, kind) != (None, None)
    ]
    if len(limited) != 1 or _limits(wish, "price") != (None, None):
        return _seats(said[1], value, wish)
    kind = limited[0]
    if kind == "seats" and said[1] in {"на", None}:
        return _seats("на", value, wish)
    if kind == "mileage" and value < _THOUSANDS_OF_KM_BELOW:
        value *= 1000
    low, high = _limits(wish, kind)
    if said[1] in _FLOORS or (said[1] not in _CEILINGS and high is None):
        return Quantity(kind, value, None)
    if said[1] in _CEILINGS or low is None:
        return Quantity(kind, None, value)
    return Quantity(kind, value, value)


def _seats(preposition: str | None, value: float, wish: CarFilter) -> Quantity | None:
    """«а на 7?» after seats is no price, whatever else was limited."""
    most = _PLAUSIBLE["seats"][1]
    if preposition != "на" or _limits(wish, "seats") == (None, None) or not 2 <= value <= most:
        return None
    return Quantity("seats", value, None if value > 5 else value)


def _limits(wish: CarFilter, kind: Kind) -> tuple[float | None, float | None]:
    return getattr(wish, f"{kind}_min"), getattr(wish, f"{kind}_max")


def group_of_last(line: str, wish: CarFilter) -> tuple[str, CarFilter] | None:
    """What «а в каком есть?» asks cars to be counted by, and the wish without it; None for other lines."""
    if not _OF_WHICH.fullmatch(line):
        return None
    named = [name for name in _GROUPS if getattr(wish, name)]
    if len(named) != 1:
        return None
    return _GROUP_OF[named[0]], wish.model_copy(update={named[0]: ()})
