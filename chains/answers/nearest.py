"""The nearest cars to a wish that nothing meets: wishes are let go one by one, the least important first."""

from collections.abc import Iterator

from chains.answers.context import Data
from stores.cars import Car, CarFilter

_SLACK = 0.2
_FIGURES = (
    *("year_min", "year_max", "mileage_min", "mileage_max", "power_min", "power_max"),
    *("engine_min", "engine_max", "seats_min", "seats_max", "condition"),
)


def nearest_cars(wish: CarFilter, data: Data, count: int = 3) -> list[Car]:
    """Up to `count` available cars that come nearest, nearest first; none when the show-case is empty."""
    found: dict[str, Car] = {}
    for relaxed in _relaxations(wish, data):
        if relaxed == CarFilter() and wish != CarFilter() and found:
            break
        for car in data.inventory.search(relaxed, limit=count).cars:
            found.setdefault(car.stock_id, car)
        if len(found) >= count:
            break
    return list(found.values())[:count]


def _relaxations(wish: CarFilter, data: Data) -> Iterator[CarFilter]:
    """Ever wider filters: equipment and colour go first, then figures give way, then the model, last the class."""
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
    no_figures = dict.fromkeys(_FIGURES)
    if current.models:
        classes = tuple({name for model in current.models if (name := data.lexicon.class_of(model))})
        without_model = current.model_copy(update={"models": (), "classes": current.classes or classes})
        yield without_model
        yield _with_slack(without_model)
        yield without_model.model_copy(update=no_figures)
        current = without_model
    yield current.model_copy(
        update={**no_figures, "price_min": None, "price_max": None} if current.classes else no_figures
    )
    bodies = current.bodies or tuple(
        {
            car_class.bodies[0]
            for car_class in data.lexicon.classes
            if car_class.name in current.classes and car_class.bodies
        }
    )
    for update in ({}, no_figures, {**no_figures, "price_min": None, "price_max": None}):
        yield current.model_copy(update={"classes": (), "bodies": bodies, **update})
    prices = {"price_min": wish.price_min, "price_max": wish.price_max}
    yield CarFilter(**prices)
    yield CarFilter()


def _with_slack(wish: CarFilter) -> CarFilter:
    """Prices may be a fifth off, years by two, mileage by half."""
    update: dict[str, float | None] = {}
    if wish.price_max is not None:
        update["price_max"] = round(wish.price_max * (1 + _SLACK))
    if wish.price_min is not None:
        update["price_min"] = round(wish.price_min * (1 - _SLACK))
    if wish.year_min is not None:
        update["year_min"] = wish.year_min - 2
    if wish.year_max is not None:
        update["year_max"] = wish.year_max + 2
    if wish.mileage_max is not None:
        update["mileage_max"] = round(wish.mileage_max * 1.5)
    return wish.model_copy(update=update)
