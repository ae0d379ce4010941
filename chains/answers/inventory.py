"""Cars of the show-case: availability, lists, counts, prices, superlatives, one car's details. Computed by SQL only."""

from collections.abc import Sequence

from chains.answers.context import Data, Question
from chains.answers.nearest import nearest_cars
from chains.answers.wording_cars import car_details, car_facts, car_line, car_source, term, wish_text
from chains.followup import CarDialog, complete
from chains.query import CarQuery
from chains.reply import Draft, Fact, Source
from stores.cars import Car, CarFilter

_SHOWN = 5


def answer(question: Question, data: Data) -> Draft:
    """The computed answer to a question about cars in its dialog."""
    query = complete(question.reading, question.cars)
    page = data.inventory.search(query.filter, limit=_SHOWN, offset=query.offset)
    if page.total == 0 and (named := _coupe_by_name(query)):
        page = data.inventory.search(named.filter, limit=_SHOWN, offset=named.offset)
    # of a few matches all are given, the winner first; of many only as many as were asked for
    shown = page.cars if page.total <= _SHOWN else page.cars[: query.limit]
    if page.total == 0:
        return _none(question, data, query)
    if not shown:
        return _draft(question, data, query, [], page.total, question.texts.say("inventory.no_more"))
    text = _text(question, data, query, shown, page.total)
    cars_of_answer = [] if query.ask == "average" else shown
    return _draft(question, data, query, cars_of_answer, page.total, text)


def _coupe_by_name(query: CarQuery) -> CarQuery | None:
    """«GLE купе» where the show-case calls its body an SUV: then the word is a part of the model's name."""
    wish = query.filter
    if "coupe" not in wish.bodies or not wish.classes or wish.models:
        return None
    bodies = tuple(body for body in wish.bodies if body != "coupe")
    return query.model_copy(
        update={"filter": wish.model_copy(update={"bodies": bodies, "models": ("coupe", "купе")})}
    )


def _text(question: Question, data: Data, query: CarQuery, shown: Sequence[Car], total: int) -> str:
    texts = question.texts
    wish = wish_text(query.filter, texts, data.lexicon)
    count = texts.cars(total)
    if query.filter.stock_ids and len(shown) == 1:
        return _one_car(question, data, query, shown[0])
    if query.superlative:
        what = texts.say(f"inventory.superlative_{query.filter.order}")
        if query.limit == 1:
            return texts.say("inventory.winner", what=what, car=car_line(shown[0], texts, data.lexicon))
        return f"{texts.say('inventory.winners', what=what)}\n{_lines(question, data, shown[: query.limit])}"
    if query.ask == "average":
        prices = data.inventory.aggregate(query.filter, "price")
        return texts.say(
            "inventory.average", wish=wish, mean=texts.money(prices.mean or 0), count=count,
            low=texts.money(prices.minimum or 0), high=texts.money(prices.maximum or 0),
        )  # fmt: skip
    if not question.reading.has_constraints and query.filter == CarFilter():
        return _overview(question, data, shown, total)
    statuses = query.filter.statuses
    elsewhere = statuses[0] if len(statuses) == 1 and statuses[0] in {"reserved", "in_transit"} else None
    if query.ask == "count" or (elsewhere and total > 1):
        head = texts.say(
            f"inventory.count_{elsewhere}" if elsewhere else "inventory.count", count=count, wish=wish
        )
        return f"{head}\n{_lines(question, data, shown)}{_more(question, query, shown, total)}"
    if total == 1:
        if query.ask in {"price", "details"}:
            return _one_car(question, data, query, shown[0])
        key = "inventory.found_one" if query.ask == "availability" else "inventory.listed_one"
        return texts.say(key, car=car_line(shown[0], texts, data.lexicon))
    if query.ask == "price":
        prices = data.inventory.aggregate(query.filter, "price")
        head = texts.say(
            "inventory.price_many",
            count=count,
            wish=wish,
            low=texts.money(prices.minimum or 0),
            high=texts.money(prices.maximum or 0),
        )
    elif query.ask == "availability":
        head = texts.say("inventory.found_many", count=count, wish=wish)
    else:
        head = texts.say("inventory.listed_many", count=count, wish=wish)
    return f"{head}\n{_lines(question, data, shown)}{_more(question, query, shown, total)}"


def _one_car(question: Question, data: Data, query: CarQuery, car: Car) -> str:
    texts = question.texts
    if query.ask == "price":
        line, _, price = car_line(car, texts, data.lexicon).partition(" — ")
        return texts.say("inventory.price_one", car=line, price=price)
    text = texts.say("inventory.details", car=car_details(car, texts, data.lexicon))
    if car.options:
        text += " " + texts.say(
            "inventory.options",
            options=", ".join(_option(option, question, data) for option in car.options.split(";")),
        )
    return text


def _option(option: str, question: Question, data: Data) -> str:
    """Equipment in the source's own words, which are Russian; in English by the lexicon where it knows them."""
    if question.texts.language == "ru":
        return option
    return term(data.lexicon, "option", data.lexicon.code("option", option), option, question.texts)


def _lines(question: Question, data: Data, cars: Sequence[Car]) -> str:
    if question.reading.phrasing.ask == "details":
        details = (car_details(car, question.texts, data.lexicon) for car in cars)
        return "\n".join(f"{number}. {line}" for number, line in enumerate(details, 1))
    return "\n".join(
        f"{number}. {car_line(car, question.texts, data.lexicon)}" for number, car in enumerate(cars, 1)
    )


def _more(question: Question, query: CarQuery, shown: Sequence[Car], total: int) -> str:
    left = total - query.offset - len(shown)
    return f"\n{question.texts.say('inventory.more', count=question.texts.cars(left))}" if left > 0 else ""


def _overview(question: Question, data: Data, shown: Sequence[Car], total: int) -> str:
    """A question about the stock as a whole: how many of which class."""
    classes = ", ".join(f"{name} — {count}" for name, count in data.inventory.class_counts().items())
    return (
        question.texts.say("inventory.overview", count=question.texts.cars(total), classes=classes)
        + "\n"
        + _lines(question, data, shown)
    )


def _none(question: Question, data: Data, query: CarQuery) -> Draft:
    """Not in stock: say so plainly, then the three nearest. «А подешевле?» shows nothing shown before, and a further
    follow-up goes on from the query before it."""
    texts = question.texts
    before = question.cars if question.reading.phrasing.relative else None
    if before is not None:
        key = (
            "inventory.none_cheaper"
            if question.reading.phrasing.relative == "cheaper"
            else "inventory.none_relative"
        )
        wish = wish_text(before.query.filter, texts, data.lexicon)
        known = {car.stock_id for car in before.shown}
        low, high = query.filter.price_min or 0, query.filter.price_max
        near = [
            car
            for car in nearest_cars(query.filter, data, 3 + len(known))
            if car.stock_id not in known and low <= car.price and (high is None or car.price <= high)
        ][:3]
        query = before.query
    else:
        key = "inventory.none" if query.filter.statuses == ("available",) else "inventory.none_status"
        wish = wish_text(query.filter, texts, data.lexicon)
        near = nearest_cars(query.filter, data)
    text = texts.say(key, wish=wish)
    if near:
        text += f" {texts.say('inventory.alternatives')}\n{_lines(question, data, near)}"
    return _draft(question, data, query, near, 0, text)


def _draft(
    question: Question, data: Data, query: CarQuery, shown: Sequence[Car], total: int, text: str
) -> Draft:
    texts = question.texts
    status = data.inventory.status()
    refreshed = status.refreshed_at.astimezone(data.salon.zone) if status.refreshed_at else question.now
    stock = Source(
        kind="inventory",
        title=texts.say("inventory.source", at=f"{refreshed:%d.%m.%Y %H:%M}"),
        ref=f"inventory:{status.version}",
    )
    if question.reading.unknown and question.reading.has_constraints:
        text += f"\n{texts.say('inventory.not_understood', words=', '.join(question.reading.unknown))}"
    return Draft(
        route="inventory",
        text=text,
        facts=(
            Fact("query", "count", total, str(total)),
            *(fact for car in shown for fact in car_facts(car)),
        ),
        sources=(*(car_source(car) for car in shown), stock),
        cars=tuple(car.stock_id for car in shown[:_SHOWN]),
        cars_total=total,
        state={"cars": CarDialog(query=query, shown=tuple(shown)).model_dump(mode="json")},
    )
