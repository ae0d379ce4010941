"""Which car a visitor means to drive: named, pointed at, or still to be chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chains.answers.context import Data, Question
from chains.answers.nearest import nearest_cars
from chains.followup import CarDialog, complete
from chains.forms.saying import Said
from chains.query import CarQuery, Reading
from stores.cars import Car, CarFilter

_LISTED = 5
_ELSEWHERE = ("reserved", "in_transit", "sold")


@dataclass(frozen=True)
class Choice:
    """What a message leaves of the question which car.

    One car in `cars` is the answer, several are to choose from (`total` counts all). `unavailable` tells that those
    meant are not for sale now, then `cars` are the nearest that are. Nothing said: no cars at all. `query` is the
    description that they fit.
    """

    cars: tuple[Car, ...] = ()
    total: int = 0
    unavailable: bool = False
    meant: Car | None = None
    query: CarQuery | None = None

    @property
    def one(self) -> Car | None:
        """The car, when it is clear which."""
        return self.cars[0] if len(self.cars) == 1 and self.total == 1 and not self.unavailable else None


def names_car(reading: Reading) -> bool:
    """Whether a message describes a car by anything but figures, which in a form are dates and phones."""
    return bool(reading.values or reading.stock_ids or reading.phrasing.condition)


def choose(
    question: Question, said: Said, choices: Sequence[str], data: Data, *, any_will_do: bool = False
) -> Choice:
    """The car that a message means, given the cars listed for the form and those shown in the dialog before."""
    listed = in_order(data, choices)
    shown = listed or _available(question, data)
    if said.ordinal is not None and shown and not names_car(question.reading):
        place = said.ordinal
        if -len(shown) <= place < len(shown):
            return Choice((shown[place],), 1)
        return Choice(tuple(shown), len(shown))
    reading = question.reading
    if said.when.says_something or said.phone:
        reading = replace(reading, quantities=())
    superlative = bool(reading.phrasing.superlative and reading.phrasing.order)
    if names_car(reading) or superlative or reading.quantities:
        return _described(question, reading, listed, data)
    if any_will_do and shown:
        return Choice((shown[0],), 1)
    if any_will_do:
        page = data.inventory.search(CarFilter(), limit=1)
        return Choice(tuple(page.cars[:1]), len(page.cars[:1]))
    return Choice(tuple(shown[:_LISTED]), len(shown))


def in_order(data: Data, stock_ids: Sequence[str]) -> list[Car]:
    """The cars of these ids that are available now, in the order given."""
    found = {car.stock_id: car for car in data.inventory.get(list(stock_ids))} if stock_ids else {}
    cars = (found.get(stock_id) for stock_id in stock_ids)
    return [car for car in cars if car is not None and car.status == "available"]


def listing(cars: Sequence[Car], query: CarQuery | None = None) -> dict[str, object]:
    """The state after which «а вторая сколько стоит?» means the second of these cars."""
    query = query or CarQuery(filter=CarFilter(stock_ids=tuple(car.stock_id for car in cars)))
    return {"cars": CarDialog(query=query, shown=tuple(cars)).model_dump(mode="json")}


def _available(question: Question, data: Data) -> list[Car]:
    shown = question.cars.shown if question.cars else ()
    return in_order(data, [car.stock_id for car in shown])


def _described(question: Question, reading: Reading, listed: Sequence[Car], data: Data) -> Choice:
    if listed:
        wish = complete(reading, None).filter
        if not wish.stock_ids:
            ids = tuple(car.stock_id for car in listed)
            page = data.inventory.search(wish.model_copy(update={"stock_ids": ids}), limit=_LISTED)
            if page.total:
                return Choice(tuple(page.cars), page.total, query=complete(reading, question.cars))
    query = complete(reading, None if reading.names_a_car else question.cars)
    wish = query.filter.model_copy(update={"statuses": ("available",)})
    page = data.inventory.search(wish, limit=_LISTED)
    if page.total:
        if query.superlative:
            return Choice(tuple(page.cars[:1]), 1)
        return Choice(tuple(page.cars), page.total, query=query.model_copy(update={"ask": "list"}))
    elsewhere = data.inventory.search(wish.model_copy(update={"statuses": _ELSEWHERE}), limit=1).cars
    return Choice(
        tuple(nearest_cars(wish, data)), 0, unavailable=True, meant=elsewhere[0] if elsewhere else None
    )
