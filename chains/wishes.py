"""What a visitor is looking for, as a filter of cars and in words; nothing of it names a person.

Only closed values and figures of cars count: names of the show-case and the lexicon, never the visitor's own words.
"""

from typing import Any

from pydantic import ValidationError

from chains.answers.wording_cars import wish_words
from chains.texts import Texts
from stores.cars import CarFilter
from stores.lexicon import Lexicon

SUBJECT = ("classes", "models", "bodies")
"""The fields that say which cars are looked for; the others only narrow them down."""
_LISTS = (
    *("classes", "models", "bodies", "fuels", "drives", "transmissions", "colors", "interiors"),
    *(
        "not_classes",
        "not_models",
        "not_bodies",
        "not_fuels",
        "not_drives",
        "not_transmissions",
        "not_colors",
    ),
)
_FIGURES = tuple(
    f"{name}_{end}"
    for name in ("price", "year", "mileage", "power", "engine", "seats")
    for end in ("min", "max")
)
_LARGEST = 1_000_000_000  # no figure of a car has ten digits; a phone number has


def wish_of(wanted: CarFilter, lexicon: Lexicon) -> CarFilter | None:
    """The part of a filter that is worth remembering, or None: no single car, no order, no words of unknown meaning."""
    if wanted.stock_ids:
        return None
    kept: dict[str, Any] = {name: getattr(wanted, name) for name in _LISTS if getattr(wanted, name)}
    for name in _FIGURES:
        value = getattr(wanted, name)
        if value is not None and abs(value) < _LARGEST:
            kept[name] = value
    for name in ("options", "not_options"):
        if codes := tuple(code for code in getattr(wanted, name) if lexicon.knows("option", code)):
            kept[name] = codes
    if wanted.condition:
        kept["condition"] = wanted.condition
    return CarFilter(**kept) if kept else None


def same_subject(one: CarFilter, other: CarFilter) -> bool:
    """Whether both look for the same kind of car, however narrowed down."""
    return all(getattr(one, name) == getattr(other, name) for name in SUBJECT)


def read_filter(stored: object) -> CarFilter | None:
    """A filter as it was stored; None for what an older version left behind."""
    try:
        return CarFilter.model_validate(stored)
    except ValidationError:
        return None


def as_json(wish: CarFilter) -> dict[str, Any]:
    """The filter without the fields that ask for nothing."""
    return wish.model_dump(mode="json", exclude_defaults=True)


def in_words(wish: CarFilter, texts: Texts, lexicon: Lexicon) -> str:
    """«E-класс, чёрный, до 6 000 000 ₽»."""
    return ", ".join(wish_words(wish, texts, lexicon))
