"""A `CarFilter` as SQL that means the same on SQLite and PostgreSQL."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, and_, not_, or_
from sqlmodel import col

from stores.cars import CarFilter
from stores.lexicon import fold, model_key
from stores.models import CarRow

_NUMBERS: dict[str, Any] = {
    "price": CarRow.price,
    "year": CarRow.year,
    "mileage": CarRow.mileage_km,
    "power": CarRow.power_hp,
    "engine": CarRow.engine_l,
    "seats": CarRow.seats,
}
_LONGEST_TEXT = 200
_WORD_LETTERS = 3
_BODIES_IN_NAMES = {"coupe": ("coupe", "купе"), "cabriolet": ("cabriolet", "cabrio", "кабриолет")}
INTERIOR_MARK = "@"
"""Before a colour of the upholstery among a car's option keys, where no option begins with it."""


def number_column(name: str) -> Any:
    """The column of a number by its own or its short name (`power` for `power_hp`); `KeyError` for any other."""
    return col(_NUMBERS[name.removesuffix("_km").removesuffix("_hp").removesuffix("_l")])


def conditions(wish: CarFilter, option_codes: Collection[str] = ()) -> list[ColumnElement[bool]]:
    """What a car must fulfil, all of it. An option that is among `option_codes` is compared as a code, others as text.

    In SQL an unknown value fulfils nothing, not even `NOT`: that is what `CarFilter` promises.
    """
    found = [*_wanted(wish, option_codes), *_unwanted(wish, option_codes), *_ranges(wish)]
    if wish.condition is not None:
        found.append(col(CarRow.is_new).is_(wish.condition == "new"))
    if wish.statuses:
        found.append(col(CarRow.status).in_(wish.statuses))
    if wish.stock_ids:
        found.append(col(CarRow.stock_id).in_(wish.stock_ids))
    return found


def ordering(wish: CarFilter) -> list[ColumnElement[Any] | UnaryExpression[Any]]:
    """The order asked for, unknown values last; then plain versions, the lowest price, the order of the source."""
    ties = [col(CarRow.variant).asc(), col(CarRow.price).asc(), col(CarRow.position).asc()]
    if wish.order == "relevance":
        return list(ties)
    number = number_column(wish.order.removeprefix("-"))
    first = number.desc() if wish.order.startswith("-") else number.asc()
    return [first.nulls_last(), *ties]


def _wanted(wish: CarFilter, option_codes: Collection[str]) -> Iterable[ColumnElement[bool]]:
    if wish.classes:
        yield or_(col(CarRow.class_name).in_(wish.classes), col(CarRow.base_class).in_(wish.classes))
    if wish.models:
        yield or_(*(_names_model(model) for model in wish.models))
    for column, values in _codes(wish.bodies, wish.fuels, wish.drives, wish.transmissions, wish.colors):
        yield column.in_(values)
    if wish.interiors:
        yield or_(*(_has_interior(color) for color in wish.interiors))
    for option in wish.options:
        yield _has_option(option, option_codes)


def _unwanted(wish: CarFilter, option_codes: Collection[str]) -> Iterable[ColumnElement[bool]]:
    if wish.not_classes:
        yield and_(
            col(CarRow.class_name).not_in(wish.not_classes), col(CarRow.base_class).not_in(wish.not_classes)
        )
    for body in wish.not_bodies:  # a «GLE Coupe» is no «не купе», though its body may be called an SUV
        for name in _BODIES_IN_NAMES.get(body, ()):
            yield not_(_names_model(name))
    for model in wish.not_models:
        yield not_(_names_model(model))
    for column, values in _codes(
        wish.not_bodies, wish.not_fuels, wish.not_drives, wish.not_transmissions, wish.not_colors
    ):
        yield column.not_in(values)
    if wish.not_interiors:  # of an upholstery without a colour nobody knows that it is not the unwanted one
        yield col(CarRow.options_key).contains(f"|{INTERIOR_MARK}", autoescape=True)
    for color in wish.not_interiors:
        yield not_(_has_interior(color))
    for option in wish.not_options:
        yield not_(_has_option(option, option_codes))


def _codes(
    bodies: tuple[str, ...],
    fuels: tuple[str, ...],
    drives: tuple[str, ...],
    transmissions: tuple[str, ...],
    colors: tuple[str, ...],
) -> Iterable[tuple[Any, tuple[str, ...]]]:
    columns = (
        CarRow.body_code,
        CarRow.fuel_code,
        CarRow.drive_code,
        CarRow.transmission_code,
        CarRow.color_code,
    )
    given = (bodies, fuels, drives, transmissions, colors)
    return [(col(column), values) for column, values in zip(columns, given, strict=True) if values]


def _ranges(wish: CarFilter) -> Iterable[ColumnElement[bool]]:
    for name in ("price", "year", "mileage", "power", "engine", "seats"):
        number = number_column(name)
        low, high = getattr(wish, f"{name}_min"), getattr(wish, f"{name}_max")
        if low is not None:
            yield number >= low
        if high is not None:
            yield number <= high
    if wish.years:
        yield col(CarRow.year).in_(wish.years)


def _names_model(model: str) -> ColumnElement[bool]:
    """The name, a word at its end standing at its beginning or the other way round: `C 63 AMG` is an `AMG C 63 S`."""
    tokens = tuple(model_key(model).split())
    orders = {tokens: None}
    if len(tokens) > 1 and len(tokens[-1]) >= _WORD_LETTERS and tokens[-1].isalpha():
        orders[(tokens[-1], *tokens[:-1])] = None
    if len(tokens) > 1 and len(tokens[0]) >= _WORD_LETTERS and tokens[0].isalpha():
        orders[(*tokens[1:], tokens[0])] = None
    return or_(
        *(
            col(CarRow.model_key).contains(f" {' '.join(one)} "[:_LONGEST_TEXT], autoescape=True)
            for one in orders
        )
    )


def _has_option(option: str, codes: Collection[str]) -> ColumnElement[bool]:
    text = f"|{option}|" if option in codes else fold(option)[:_LONGEST_TEXT]
    return col(CarRow.options_key).contains(text, autoescape=True)


def _has_interior(color: str) -> ColumnElement[bool]:
    return col(CarRow.options_key).contains(f"|{INTERIOR_MARK}{color}|", autoescape=True)
