"""The nearest cars to a wish that nothing meets, by a distance that adds up what is not as wished.

What a buyer lets go last weighs most: class 8, body 4, model up to 3, fuel and drive 2, gearbox 1.5, colour 1,
equipment 0.5 each. Figures weigh by how far they are off: price 1 for every tenth (at most 6), model year 0.5 a year
(4), mileage 3 and power 5 times the share (3), a seat 1.5 (4). An unknown value counts as one that is not as wished.
A body in which the class asked for does not come adds 2.
"""

from collections.abc import Iterator
from typing import NamedTuple

from chains.answers.context import Data
from chains.answers.wording_cars import term
from chains.texts import Texts
from stores.cars import Car, CarFilter
from stores.lexicon import Field, Lexicon, model_key, model_tokens

_CANDIDATES = 60
_SLACK = 0.2
_FIGURES = (
    *("year_min", "year_max", "mileage_min", "mileage_max", "power_min", "power_max"),
    *("engine_min", "engine_max", "seats_min", "seats_max", "condition"),
)
_CODES: tuple[tuple[str, Field, float], ...] = (
    ("bodies", "body", 4),
    ("fuels", "fuel", 2),
    ("drives", "drive", 2),
    ("transmissions", "transmission", 1.5),
    ("colors", "color", 1),
)
_SCALES: tuple[tuple[str, str, float, float], ...] = (
    ("price", "price", 10, 6),
    ("mileage", "mileage_km", 3, 3),
    ("power", "power_hp", 5, 3),
    ("engine", "engine_l", 5, 2),
)
_STEPS: tuple[tuple[str, str, float, float], ...] = (("year", "year", 0.5, 4), ("seats", "seats", 1.5, 4))
_BODY_OF_CLASS = 2
_CLASS, _MODEL, _OPTION, _CONDITION = 8, 3, 0.5, 2


class Difference(NamedTuple):
    """One thing in which a car is not as wished: its weight, its name and, where it has one, its size."""

    weight: float
    name: str
    size: float | None = None


def nearest_cars(wish: CarFilter, data: Data, count: int = 3) -> list[Car]:
    """Up to `count` available cars that come nearest, nearest first; none when the show-case is empty.

    Of equal ones plain versions come first, then the cheaper car.
    """
    found: dict[str, Car] = {}
    for relaxed in _relaxations(wish, data):
        if relaxed == CarFilter() and wish != CarFilter() and len(found) >= count:
            break
        for car in data.inventory.search(relaxed, limit=_CANDIDATES).cars:
            found.setdefault(car.stock_id, car)
    # of equally near ones the price nearest to the limit named
    about = wish.price_max or wish.price_min or 0
    usual = _usual_bodies(wish, data.lexicon)

    def order(car: Car) -> tuple[float, int, int, int]:
        strange = _BODY_OF_CLASS if usual and car.body_code not in usual else 0
        off = abs(car.price - about) if about else 0
        return distance(car, wish, data.lexicon) + strange, car.variant, off, car.price

    ranked = sorted(found.values(), key=order)
    return ranked[:count]


def _usual_bodies(wish: CarFilter, lexicon: Lexicon) -> frozenset[str]:
    """The bodies in which the classes asked for come, where none is asked for."""
    if wish.bodies:
        return frozenset()
    classes = {*wish.classes, *(lexicon.class_of(model) for model in wish.models)}
    return frozenset(body for one in lexicon.classes if one.name in classes for body in one.bodies)


def distance(car: Car, wish: CarFilter, lexicon: Lexicon) -> float:
    """The sum of the weights of all differences; 0 for a car that is all that was asked for."""
    return sum(difference.weight for difference in differences(car, wish, lexicon))


def differences(car: Car, wish: CarFilter, lexicon: Lexicon) -> list[Difference]:
    """All in which the car is not as wished, the weightiest first."""
    found = [*_names(car, wish, lexicon)]
    for plural, field, weight in _CODES:
        code = getattr(car, f"{field}_code") or getattr(car, field)
        wanted, unwanted = getattr(wish, plural), getattr(wish, f"not_{plural}")
        if (wanted and code not in wanted) or (unwanted and code in unwanted):
            found.append(Difference(weight, field))
    for name, column, factor, most in _SCALES:
        gap = _gap(car, wish, name, column)
        if gap is not None:
            bound = getattr(wish, f"{name}_max" if gap > 0 else f"{name}_min") or 1
            found.append(Difference(min(most, abs(gap) / bound * factor), name, gap))
    for name, column, factor, most in _STEPS:
        gap = _gap(car, wish, name, column)
        if gap is not None:
            found.append(Difference(min(most, abs(gap) * factor), name, gap))
    if wish.years and car.year not in wish.years and _gap(car, wish, "year", "year") is None:
        found.append(Difference(_STEPS[0][2], "year"))
    if wish.condition and car.is_new is not (wish.condition == "new"):
        found.append(Difference(_CONDITION, "condition"))
    listed = {lexicon.code("option", option) for option in car.options.split(";")}
    text = car.options.casefold()
    missing = [option for option in wish.options if option not in listed and option not in text]
    found += [Difference(_OPTION, f"option:{option}") for option in missing]
    return sorted(found, key=lambda one: -one.weight)


def _names(car: Car, wish: CarFilter, lexicon: Lexicon) -> Iterator[Difference]:
    classes = {car.class_name, car.base_class}
    named = any(model_key(model) in model_key(car.model) for model in wish.models)
    if wish.models and not named:
        of_class = {lexicon.class_of(model) for model in wish.models} & classes
        # of the same class the model that shares most words of the name: «C 63 AMG» is nearest to `AMG C 63 S`
        shared = max(_shared(model, car.model) for model in wish.models)
        yield Difference(_MODEL * (1.1 - shared) if of_class else _CLASS, "model")
    if wish.classes and classes.isdisjoint(wish.classes) and not (wish.models and not named):
        yield Difference(_CLASS, "model")
    if not classes.isdisjoint(wish.not_classes):
        yield Difference(_CLASS, "model")


def _shared(wanted: str, model: str) -> float:
    """The share of the words of a name that a model has, in whatever order."""
    tokens = model_tokens(wanted)
    return len(set(tokens) & set(model_tokens(model))) / max(1, len(set(tokens)))


def _gap(car: Car, wish: CarFilter, name: str, field: str) -> float | None:
    """How far a figure is above (+) or below (-) what was wished; None when it is not, or nothing was wished."""
    low, high, value = getattr(wish, f"{name}_min"), getattr(wish, f"{name}_max"), getattr(car, field)
    if low is None and high is None:
        return None
    if value is None:
        return float(high or low or 1)
    if high is not None and value > high:
        return float(value - high)
    return float(value - low) if low is not None and value < low else None


def difference_text(car: Car, wish: CarFilter, texts: Texts, lexicon: Lexicon) -> str:
    """What is not as wished, in a few words: «другой цвет, дороже на 300 000 ₽»; empty when nothing is."""
    parts = []
    for _, name, size in differences(car, wish, lexicon):
        kind, _, option = name.partition(":")
        if kind == "option":
            known = lexicon.title("option", option, texts.language)
            parts.append(texts.say("nearest.option", value=known))
        elif kind == "price" and size is not None:
            key = "nearest.dearer" if size > 0 else "nearest.cheaper"
            parts.append(texts.say(key, value=texts.money(abs(size))))
        elif kind in {"body", "fuel", "drive", "transmission"}:
            raw = getattr(car, kind)
            parts.append(
                term(lexicon, kind, getattr(car, f"{kind}_code"), raw, texts)  # type: ignore[arg-type]  # fields
                if raw
                else texts.say("field.unknown", car=car.model, name=texts.say(f"field.name_{kind}")).rstrip(
                    "."
                )
            )
        elif kind == "power" and car.power_hp:
            parts.append(texts.say("field.hp", value=texts.number(car.power_hp)))
        elif kind == "seats":
            parts.append(texts.say("nearest.seats", value=car.seats or "?"))
        else:
            parts.append(texts.say(f"nearest.{kind}"))
    return ", ".join(dict.fromkeys(parts))


def _relaxations(wish: CarFilter, data: Data) -> Iterator[CarFilter]:
    """Ever wider filters, from which the candidates come: a show-case may be too large to weigh every car."""
    current = wish.model_copy(update={"statuses": ("available",), "stock_ids": (), "order": "relevance"})
    for names in (
        ("options",),
        ("colors", "not_colors"),
        ("transmissions", "drives", "not_transmissions", "not_drives"),
        ("fuels", "not_fuels"),
    ):
        current = current.model_copy(update=dict.fromkeys(names, ()))
        yield current
    yield _with_slack(current)
    no_figures: dict[str, object] = {**dict.fromkeys(_FIGURES), "years": ()}
    if current.models:
        classes = tuple({name for model in current.models if (name := data.lexicon.class_of(model))})
        without_model = current.model_copy(update={"models": (), "classes": current.classes or classes})
        yield without_model
        yield _with_slack(without_model)
        yield without_model.model_copy(update=no_figures)
        current = without_model
    no_prices = {**no_figures, "price_min": None, "price_max": None}
    yield current.model_copy(update=no_prices if current.classes else no_figures)
    yield wish.model_copy(update={**no_prices, "models": current.models, "classes": current.classes,
                                  "statuses": ("available",), "stock_ids": (), "order": "relevance"})  # fmt: skip
    bodies = current.bodies or tuple(
        {
            car_class.bodies[0]
            for car_class in data.lexicon.classes
            if car_class.name in current.classes and car_class.bodies
        }
    )
    for update in ({}, no_figures, no_prices):
        yield current.model_copy(update={"classes": (), "bodies": bodies, **update})
    yield CarFilter(price_min=wish.price_min, price_max=wish.price_max)
    yield CarFilter()


def _with_slack(wish: CarFilter) -> CarFilter:
    """Prices may be a fifth off, years by two, mileage by half."""
    update: dict[str, object] = {}
    if wish.price_max is not None:
        update["price_max"] = round(wish.price_max * (1 + _SLACK))
    if wish.price_min is not None:
        update["price_min"] = round(wish.price_min * (1 - _SLACK))
    if wish.year_min is not None:
        update["year_min"] = wish.year_min - 2
    if wish.year_max is not None:
        update["year_max"] = wish.year_max + 2
    if wish.years:
        update["years"] = ()
    if wish.mileage_max is not None:
        update["mileage_max"] = round(wish.mileage_max * 1.5)
    return wish.model_copy(update=update)
