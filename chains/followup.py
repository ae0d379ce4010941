"""A message in its dialog → the query it means: «а подешевле?», «а вторая сколько стоит?», «а чёрный?».

A follow-up amends the last query field by field; "the second one" points at the cars shown last.
"""

from pydantic import BaseModel

from chains.query import Ask, CarQuery, Reading
from stores.cars import Car, CarFilter

_NAMED = ("classes", "models")
_SETS = tuple(
    """
    classes models bodies fuels drives transmissions colors interiors options not_classes not_models not_bodies
    not_colors not_interiors not_fuels not_drives not_transmissions not_options
    """.split()
)
_RANGES = {
    kind: (f"{kind}_min", f"{kind}_max") for kind in ("price", "year", "mileage", "power", "engine", "seats")
}
_WHOLE = {"price", "year", "mileage", "power", "seats"}


class CarDialog(BaseModel, frozen=True):
    """What a follow-up needs of the dialog so far: the last query and the cars shown for it, in their order."""

    query: CarQuery
    shown: tuple[Car, ...] = ()


def complete(reading: Reading, dialog: CarDialog | None) -> CarQuery:
    """The query that a message means after the dialog so far (None: it is the first about cars)."""
    if dialog is not None:
        pointed = _pointed_at(reading, dialog)
        if pointed is not None:
            return _about(pointed, reading)
        if reading.phrasing.relative == "more" and not reading.names_a_car:
            return dialog.query.model_copy(
                update={
                    "offset": dialog.query.offset + dialog.query.limit,
                    "unknown": reading.unknown,
                    "ask": "list",
                }
            )
        if _is_follow_up(reading):
            return _amended(reading, dialog)
    return _fresh(reading)


def _is_follow_up(reading: Reading) -> bool:
    """A message continues the last query when it names no car itself or begins like a continuation."""
    if reading.phrasing.any_car and not reading.phrasing.follow_up:
        return False
    if reading.phrasing.relative or (
        reading.phrasing.superlative and not reading.names_a_car and reading.words <= 5
    ):
        return True
    if reading.phrasing.follow_up:
        return True
    return (
        not reading.names_a_car
        and reading.has_constraints
        and reading.words <= 6
        and not reading.values.get("bodies")
    )


def _pointed_at(reading: Reading, dialog: CarDialog) -> Car | None:
    shown = dialog.shown
    ordinal = reading.phrasing.ordinal
    if ordinal is not None and shown and not reading.names_a_car and -len(shown) <= ordinal < len(shown):
        return shown[ordinal]
    asks_about = reading.phrasing.ask in {"price", "details"} or reading.phrasing.points_back
    if (
        len(shown) == 1
        and asks_about
        and not reading.names_a_car
        and not reading.has_constraints
        and not reading.phrasing.relative
    ):
        return shown[0]
    return None


def _about(car: Car, reading: Reading) -> CarQuery:
    ask: Ask = "price" if reading.phrasing.ask == "price" else "details"
    statuses = ("available", "reserved", "in_transit")
    return CarQuery(filter=CarFilter(stock_ids=(car.stock_id,), statuses=statuses), ask=ask, limit=1)


def _fresh(reading: Reading) -> CarQuery:
    return _query(reading, _constraints(reading))


def _constraints(reading: Reading) -> dict[str, object]:
    """The CarFilter fields that this message sets."""
    update: dict[str, object] = {
        name: tuple(reading.values[name]) for name in _SETS if reading.values.get(name)
    }
    if reading.values.get("versions") and "models" not in update:
        update["models"] = tuple(reading.values["versions"])
    if reading.stock_ids:
        update["stock_ids"] = reading.stock_ids
        update["statuses"] = ("available", "reserved", "in_transit")
    for quantity in reading.quantities:
        low_name, high_name = _RANGES[quantity.kind]
        whole = quantity.kind in _WHOLE
        for name, value in ((low_name, quantity.low), (high_name, quantity.high)):
            if value is not None:
                update[name] = round(value) if whole else value
    if reading.phrasing.condition and update.get("mileage_max") != 0:  # «с пробегом 0» is new
        update["condition"] = reading.phrasing.condition
    if reading.phrasing.statuses:
        update["statuses"] = reading.phrasing.statuses
    if reading.phrasing.order:
        update["order"] = reading.phrasing.order
    return update


def _query(reading: Reading, update: dict[str, object], base: CarFilter | None = None) -> CarQuery:
    phrasing = reading.phrasing
    limit = phrasing.limit or (1 if phrasing.superlative and phrasing.order else 5)
    return CarQuery(
        filter=(base or CarFilter()).model_copy(update=update),
        ask=phrasing.ask or "list",
        superlative=phrasing.superlative and phrasing.order is not None,
        limit=limit,
        unknown=reading.unknown,
    )


def _amended(reading: Reading, dialog: CarDialog) -> CarQuery:
    base = dialog.query.filter
    update = _constraints(reading)
    if reading.names_a_car:
        # another car, same wishes: the old name goes, and what only described the old car goes with it
        base = base.model_copy(
            update=dict.fromkeys((*_NAMED, "not_classes", "not_models", "stock_ids", "bodies"), ())
        )
    if base.stock_ids:
        base = base.model_copy(
            update={
                "stock_ids": (),
                "statuses": ("available",),
                "classes": tuple({car.class_name for car in dialog.shown}),
            }
        )
    for kind, (low_name, high_name) in _RANGES.items():
        if any(quantity.kind == kind for quantity in reading.quantities):
            base = base.model_copy(update={low_name: None, high_name: None})
    if "colors" in update:
        base = base.model_copy(update={"not_colors": ()})
    if "order" not in update and not dialog.query.superlative:
        update["order"] = base.order
    elif "order" not in update:
        base = base.model_copy(update={"order": "relevance"})
    update |= _relative(reading.phrasing.relative, dialog)
    return _query(reading, update, base)


def _relative(relative: str | None, dialog: CarDialog) -> dict[str, object]:
    """«подешевле», «поновее»…: beyond the best of the cars shown."""
    shown = dialog.shown
    if not relative or not shown:
        return {"order": "price"} if relative == "cheaper" else {}
    if relative == "cheaper":
        return {"price_max": min(car.price for car in shown) - 1, "price_min": None}
    if relative == "dearer":
        return {"price_min": max(car.price for car in shown) + 1, "price_max": None, "order": "price"}
    years = [car.year for car in shown if car.year]
    powers = [car.power_hp for car in shown if car.power_hp]
    seats = [car.seats for car in shown if car.seats]
    if relative == "newer" and years:
        return {"year_min": round(max(years)) + 1, "year_max": None}
    if relative == "older" and years:
        return {"year_max": round(min(years)) - 1, "year_min": None}
    if relative == "stronger" and powers:
        return {"power_min": round(max(powers)) + 1, "power_max": None, "order": "power"}
    if relative == "more_seats" and seats:
        return {"seats_min": round(max(seats)) + 1, "seats_max": None}
    return {}
