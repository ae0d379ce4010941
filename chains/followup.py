"""A message in its dialog → the query it means: «а подешевле?», «а вторая сколько стоит?», «а чёрный?».

A follow-up amends the last query field by field; "the second one" points at the list shown last, "it" at the car
spoken of last. Lists are numbered from 1 on every page, so a number means a line of the list before the visitor's eyes.
"""

import re
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from chains.bare import bare_amount
from chains.car_talk import CarTalk
from chains.query import Ask, CarQuery, Reading
from stores.cars import Car, CarFilter
from stores.lexicon import fold

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
_BRIEF, _SHORT = 3, 6
_PAGE = 5
_ALL = 20
_WHOLE = {"price", "year", "mileage", "power", "seats"}


class LoanMemory(BaseModel, frozen=True):
    """What was said of a loan: months, down payment as a share or a sum, a price without a car, the most to be paid a
    month. `wants_subject` says that the visitor was asked which car or price is meant."""

    months: tuple[int, ...] = ()
    down_percent: float | None = None
    down_money: int | None = None
    price: int | None = None
    monthly: int | None = None
    wants_subject: bool = False


class CarDialog(BaseModel, frozen=True):
    """What a follow-up needs of the dialog so far.

    `query` is the last search and `total` how many cars it found (None: not told); `shown` the list that ordinals
    point at, `compared` those of it that were compared last; `focus` the one car spoken of last, which need not be a
    line of that list; `about` what was asked of one car last (`field`, or `values` to be checked), for «а у второй?»;
    `loan` what was asked of a loan, for «а на 5 лет?».
    """

    query: CarQuery
    shown: tuple[Car, ...] = ()
    focus: Car | None = None
    total: int | None = None
    compared: tuple[str, ...] = ()
    about: dict[str, Any] = {}
    loan: LoanMemory | None = None

    @property
    def spoken_of(self) -> Car | None:
        """The car that «она» means: the one spoken of last, or the only one shown."""
        if self.focus is not None:
            return self.focus
        return self.shown[0] if len(self.shown) == 1 else None


def complete(reading: Reading, dialog: CarDialog | None, talk: CarTalk | None = None) -> CarQuery:
    """The query that a message means after the dialog so far (None: it is the first about cars).

    `talk` is what the message says beyond a search, as far as that has been read.
    """
    talk = talk or CarTalk(line="", words=reading.words)
    if talk.excludes:  # «убери чёрные»
        reading = replace(reading, values={_opposite(name): found for name, found in reading.values.items()})
    if (
        dialog is not None
        and not reading.names_a_car
        and (meant := bare_amount(talk.line, dialog.query.filter))
    ):
        reading = replace(reading, quantities=(meant,), unknown=())  # «а до 100?» after a mileage
    if dialog is not None:
        managed = _managed(reading, dialog, talk)
        if managed is not None:
            return managed
        pointed = pointed_at(reading, dialog, talk)
        if pointed is not None:
            return _about(pointed, reading)
        # a body beside a class asked for before would seldom be meant, and seldom be there
        has_name = bool(dialog.query.filter.classes or dialog.query.filter.models)
        follows = _is_follow_up(reading, starts_anew=talk.starts_anew or has_name)
        rejects = (
            talk.starts_anew and has_name and bool(reading.values.get("bodies"))
        )  # «не то. какие кабриолеты есть»
        corrects = talk.corrects and reading.has_constraints and not rejects
        if follows or talk.relative or corrects:
            amended = _amended(reading, dialog, talk)
            if reading.phrasing.relative == "more" and amended.filter == dialog.query.filter:
                return _next_page(reading, dialog)
            return amended
    query = _fresh(reading)
    returns = talk.among or _RETURNS.search(talk.line)
    among = returns and talk.order and dialog is not None and _names_nothing_else(reading, dialog)
    if among and dialog is not None:
        query = CarQuery(filter=dialog.query.filter)
    named = len(reading.values.get("classes", ())) + len(reading.values.get("models", ()))
    best = talk.superlative or talk.among or (talk.which and named == 1)  # «какая E дешевле?»
    if query.superlative and talk.best_of_many and reading.phrasing.limit is None:
        return query.model_copy(update={"limit": _PAGE})
    if talk.order and best and not query.superlative and not reading.quantities:
        # «у какой машины самый большой пробег»
        kept = {} if among else {"condition": None}
        ordered = query.filter.model_copy(update={"order": talk.order, **kept})
        return query.model_copy(update={"filter": ordered, "superlative": True, "limit": 1})
    return query


_RETURNS = re.compile(r"\bверн[уеё]\w* (?:\w+ )?к\b|\b(?:go|going|get|come)? ?back to\b")


def _names_nothing_else(reading: Reading, dialog: CarDialog) -> bool:
    """«самый свежий из этих GLE» after a list of GLE: the name only says again what is before the eyes."""
    named = {name: set(reading.values.get(name, ())) for name in _NAMED}
    return not reading.stock_ids and all(
        found <= set(getattr(dialog.query.filter, name)) for name, found in named.items()
    )


def _opposite(name: str) -> str:
    return f"not_{name}" if f"not_{name}" in (*_SETS, "not_versions") else name


def _next_page(reading: Reading, dialog: CarDialog) -> CarQuery:
    query = dialog.query
    further: dict[str, object] = {
        "offset": query.offset + query.limit,
        "unknown": reading.unknown,
        "ask": "list",
    }
    if query.superlative:  # what follows the winner wins nothing
        further |= {"superlative": False, "limit": _PAGE}
    return query.model_copy(update=further)


def _managed(reading: Reading, dialog: CarDialog, talk: CarTalk) -> CarQuery | None:
    """What is done with the list itself: the next page, another order, all of it, a wish less, its number."""
    if reading.names_a_car or reading.quantities or reading.phrasing.superlative:
        return None
    query = dialog.query
    if talk.sort:
        ordered = query.filter.model_copy(update={"order": talk.sort})
        return CarQuery(filter=ordered, limit=_PAGE)
    if "all" in talk.dropped and reading.has_constraints:
        return _fresh(reading)  # «сбрось фильтры и покажи кабриолеты»
    if talk.dropped:
        return CarQuery(filter=_without(query.filter, talk.dropped), limit=_PAGE)
    if talk.back:
        return query.model_copy(update={"ask": "list"})
    if talk.show_all:
        wish = query.filter
        if dialog.total == 0:
            # after «такого нет» all means: whatever there is of that model
            wish = CarFilter(classes=wish.classes, models=wish.models)
        return CarQuery(filter=wish, limit=_ALL)
    plain_price = reading.phrasing.ask == "price" and reading.words <= _BRIEF and not reading.has_constraints
    one_line = bool(talk.ordinals) or reading.phrasing.ordinal is not None  # «цена второй?»
    if plain_price and not one_line and dialog.spoken_of is None and dialog.shown:
        return query.model_copy(update={"ask": "price", "offset": 0, "limit": _PAGE})  # «сколько стоят?»
    if talk.counts and not reading.has_constraints:
        return CarQuery(filter=query.filter, ask="count", limit=_PAGE)
    wants_more = talk.more or (reading.phrasing.relative == "more" and talk.relative is None)
    if wants_more and not reading.has_constraints:
        return _next_page(reading, dialog)
    return None


def _without(wish: CarFilter, dropped: tuple[str, ...]) -> CarFilter:
    """The wish less what the visitor lets go: «цвет не важен», «забудь всё»."""
    if "all" in dropped:
        return CarFilter()
    empty = CarFilter()
    update: dict[str, object] = {}
    for name in dropped:
        if name == "names":
            fields = ["classes", "models", "not_classes", "not_models", "stock_ids"]
        elif name in _RANGES:
            fields = [*_RANGES[name], *{"mileage": ["condition"], "year": ["years"]}.get(name, [])]
        else:
            fields = [name, f"not_{name}"]
        update |= {field: getattr(empty, field) for field in fields}
    return wish.model_copy(update=update)


def _is_follow_up(reading: Reading, *, starts_anew: bool = False) -> bool:
    """A message continues the last query when it names no car itself or begins like a continuation."""
    if reading.phrasing.any_car and not reading.phrasing.follow_up:
        return False
    if reading.phrasing.relative or (
        reading.phrasing.superlative and not reading.names_a_car and reading.words <= 5
    ):
        return True
    if reading.phrasing.follow_up:
        return True
    if reading.names_a_car or not reading.has_constraints or reading.words > _SHORT:
        return False
    # «покажи универсалы» begins anew, «лучше универсал» goes on
    return not reading.values.get("bodies") or (
        reading.words <= _BRIEF and reading.phrasing.ask is None and not starts_anew
    )


def pointed_at(reading: Reading, dialog: CarDialog, talk: CarTalk) -> Car | None:
    """The one car that a message points at: a line of the list, or the car spoken of last."""
    shown = dialog.shown
    if reading.names_a_car or len(talk.ordinals) > 1 or talk.first:
        return None
    ordinal = talk.ordinals[0] if talk.ordinals else reading.phrasing.ordinal
    if ordinal is not None:
        return shown[ordinal] if shown and -len(shown) <= ordinal < len(shown) else None
    asks_about = reading.phrasing.ask in {"price", "details"} or reading.phrasing.points_back or talk.points
    about_the_list = talk.among or talk.compare or talk.of_another or reading.phrasing.any_car
    if asks_about and not about_the_list and not reading.has_constraints and not reading.phrasing.relative:
        return dialog.spoken_of
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
    if reading.values.get("not_versions"):  # «GLE не AMG»: a version is a part of the model's name
        excluded = (*reading.values.get("not_models", ()), *reading.values["not_versions"])
        update["not_models"] = tuple(dict.fromkeys(excluded))
    if reading.stock_ids:
        update["stock_ids"] = reading.stock_ids
        update["statuses"] = ("available", "reserved", "in_transit")
    for quantity in reading.quantities:
        low_name, high_name = _RANGES[quantity.kind]
        whole = quantity.kind in _WHOLE
        for name, value in ((low_name, quantity.low), (high_name, quantity.high)):
            if value is not None:
                update[name] = round(value) if whole else value
    for (
        low_name,
        high_name,
    ) in _RANGES.values():  # «если дороже 3 млн …, что есть до 3?»: only the ceiling is meant
        low, high = update.get(low_name), update.get(high_name)
        apart = not any(one.low is not None and one.high is not None for one in reading.quantities)
        if apart and isinstance(low, int | float) and isinstance(high, int | float) and low >= high:
            del update[low_name]
    if reading.years:
        update["years"] = reading.years
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


def _amended(reading: Reading, dialog: CarDialog, talk: CarTalk) -> CarQuery:
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
            years = {"years": ()} if kind == "year" else {}
            base = base.model_copy(update={low_name: None, high_name: None, **years})
    base = _reconciled(base, update, adds=talk.adds)
    if "order" not in update:
        update["order"] = base.order
    relative = talk.relative or reading.phrasing.relative
    if relative in {"cheaper", "dearer"} and any(one.kind == "price" for one in reading.quantities):
        relative = None  # «подешевле 5 миллионов» names the limit itself
    if relative == "less_mileage" and any(one.kind == "mileage" for one in reading.quantities):
        relative = None
    update |= _relative(relative, dialog)
    query = _query(reading, update, base)
    before = dialog.query
    kept: dict[str, object] = {}
    if before.superlative and not query.superlative and not relative:
        # «самый мощный», then «а из седанов?»: the most powerful of those
        kept |= {"superlative": True, "limit": before.limit}
    if reading.phrasing.ask is None and reading.phrasing.follow_up and before.ask in {"price", "count"}:
        kept["ask"] = before.ask  # «сколько белых?», «а чёрных?»
    return query.model_copy(update=kept)


def _reconciled(base: CarFilter, update: dict[str, object], *, adds: bool) -> CarFilter:
    """The old wish without what the new one speaks against; `update` takes in what the new one adds to.

    A new colour takes the old one's place («а белый?») unless it is said to come beside it («и белый»); exclusions
    and equipment add up.
    """
    changed: dict[str, object] = {}
    if "not_models" in update:  # «S-класс, Maybach», then «а без майбахов?»
        denied: Any = update["not_models"]
        changed["models"] = tuple(
            model for model in base.models if fold(model) not in {fold(one) for one in denied}
        )
        update["not_models"] = tuple(dict.fromkeys((*base.not_models, *denied)))
    for name in ("bodies", "fuels", "drives", "transmissions", "colors", "options"):
        wanted, unwanted = getattr(base, name), getattr(base, f"not_{name}")
        if name in update:
            new: Any = update[name]
            changed[f"not_{name}"] = tuple(value for value in unwanted if value not in new)
            if name == "options" or adds:
                update[name] = tuple(dict.fromkeys((*wanted, *new)))
        if f"not_{name}" in update:
            excluded: Any = update[f"not_{name}"]
            changed[name] = tuple(value for value in wanted if value not in excluded)
            update[f"not_{name}"] = tuple(dict.fromkeys((*unwanted, *excluded)))
    return base.model_copy(update=changed)


def _relative(relative: str | None, dialog: CarDialog) -> dict[str, object]:
    """«подешевле», «поновее»…: beyond the car spoken of, or the best of the cars shown."""
    shown = (dialog.focus,) if dialog.focus is not None else dialog.shown
    if not relative or not shown:
        return {"order": "price"} if relative == "cheaper" else {}
    if relative == "cheaper":
        return {"price_max": min(car.price for car in shown) - 1, "price_min": None}
    if relative == "dearer":
        least = max(car.price for car in shown) + 1
        limit = dialog.query.filter.price_max
        keeps = limit is not None and limit > least  # «до 6 млн», then «подороже»: still within the budget
        return {"price_min": least, "price_max": limit if keeps else None, "order": "price"}
    years = [car.year for car in shown if car.year]
    powers = [car.power_hp for car in shown if car.power_hp]
    seats = [car.seats for car in shown if car.seats]
    if relative == "newer" and years:
        return {"year_min": round(max(years)) + 1, "year_max": None, "years": ()}
    if relative == "older" and years:
        return {"year_max": round(min(years)) - 1, "year_min": None, "years": ()}
    if relative == "stronger" and powers:
        return {"power_min": round(max(powers)) + 1, "power_max": None, "order": "power"}
    if relative == "more_seats" and seats:
        return {"seats_min": round(max(seats)) + 1, "seats_max": None}
    driven = [car.mileage_km for car in shown if car.mileage_km is not None]
    if relative == "less_mileage" and driven and min(driven) > 0:
        return {"mileage_max": min(driven) - 1, "mileage_min": None, "order": "mileage"}
    return {}
