"""Cars of the show-case: availability, lists, counts, prices, superlatives, one car's details. Computed by SQL only."""

from collections.abc import Sequence
from dataclasses import replace

from chains.answers import advice, compare, figures, one_field
from chains.answers.car_drafts import CARS_OF_A_REPLY, car_draft, dialog_of, numbered
from chains.answers.car_fields import option_list, order_field, order_value, value_text
from chains.answers.context import Data, Question
from chains.answers.nearest import difference_text, nearest_cars
from chains.answers.wording_cars import car_details, car_line, wish_text
from chains.car_talk import CarTalk, read_talk
from chains.followup import CarDialog, complete
from chains.query import CarQuery
from chains.reply import Draft
from stores.cars import Car, CarFilter, CarPage


def answer(question: Question, data: Data) -> Draft:
    """The computed answer to a question about cars in its dialog."""
    talk = read_talk(question.plain)
    if question.reading.foreign:
        return _in_another_currency(question, data, talk)
    if not talk.dropped and not talk.sort:
        for special in (advice.answer, _beyond_the_list, compare.answer, figures.answer, one_field.answer):
            draft = special(question, data, talk)
            if draft is not None:
                return draft
    return _search(question, data, talk)


def _in_another_currency(question: Question, data: Data, talk: CarTalk) -> Draft:
    """«до 50 тысяч долларов»: no rate is known, so no number is converted; what else is wished is looked up."""
    texts = question.texts
    prices = data.inventory.aggregate(CarFilter(), "price")
    said = {"currency": data.salon.currency, "foreign": question.reading.foreign[0].currency}
    text = texts.say("inventory.foreign", **said)
    if question.reading.has_constraints:
        draft = _search(question, data, talk)
        return replace(draft, text=f"{text}\n{draft.text}")
    if prices.minimum is not None and prices.maximum is not None:
        low, high = texts.money(prices.minimum), texts.money(prices.maximum)
        text += f" {texts.say('inventory.foreign_range', low=low, high=high)}"
    return car_draft(question, data, text, dialog=dialog_of(question))


def _beyond_the_list(question: Question, data: Data, talk: CarTalk) -> Draft | None:
    """«номер 9» of five: which numbers there are."""
    dialog = question.cars
    if dialog is None or not dialog.shown or question.reading.names_a_car:
        return None
    if all(index < len(dialog.shown) for index in talk.ordinals):
        return None
    text = question.texts.say("field.no_such_number", count=len(dialog.shown))
    return car_draft(question, data, text, dialog=dialog, cars=dialog.shown, total=len(dialog.shown))


def _search(question: Question, data: Data, talk: CarTalk) -> Draft:
    query = complete(question.reading, question.cars, talk)
    rows = max(query.limit, CARS_OF_A_REPLY)
    page = data.inventory.search(query.filter, limit=rows, offset=query.offset)
    if page.total == 0 and question.cars is None and _is_a_story(question):
        query, page = _without_doubts(question, data, query, page)
    if page.total == 0 and (named := _coupe_by_name(query)):
        page = data.inventory.search(named.filter, limit=rows, offset=named.offset)
    if page.total == 0 and _relative(question) == "dearer" and query.filter.price_max:
        query = query.model_copy(update={"filter": query.filter.model_copy(update={"price_max": None})})
        page = data.inventory.search(query.filter, limit=rows)
    # of a few matches all are given, the winner first; of many only as many as were asked for
    shown = page.cars if page.total <= CARS_OF_A_REPLY else page.cars[: query.limit]
    if page.total == 0:
        return _none(question, data, query)
    if not shown:
        return _draft(question, data, query, [], page.total, question.texts.say("inventory.no_more"))
    text = _text(question, data, query, shown, page.total)
    cars_of_answer = [] if query.ask == "average" else shown
    return _draft(question, data, query, cars_of_answer, page.total, text)


_LONG_MESSAGE = 14
_MOST_NAMED = 6
_STORY = 4


def _is_a_story(question: Question) -> bool:
    """A long message of which much was not understood: what little it seems to demand may be no demand at all."""
    return question.reading.words >= _LONG_MESSAGE and len(question.reading.unknown) >= _STORY


def _without_doubts(
    question: Question, data: Data, query: CarQuery, page: CarPage
) -> tuple[CarQuery, CarPage]:
    """A story's query without a state or a version that its words may have meant of something else, if that finds
    cars: what is in stock is not denied because of them."""
    doubtful: list[dict[str, object]] = []
    if query.filter.statuses != CarFilter().statuses:
        doubtful.append({"statuses": CarFilter().statuses})
    if query.filter.condition is not None:
        doubtful.append({"condition": None})
    if question.reading.values.get("versions") and not question.reading.values.get("models"):
        doubtful.append({"models": ()})
    for update in (*doubtful, {name: value for one in doubtful for name, value in one.items()}):
        wish = query.filter.model_copy(update=update)
        found = data.inventory.search(wish, limit=max(query.limit, CARS_OF_A_REPLY))
        if found.total:
            return query.model_copy(update={"filter": wish}), found
    return query, page


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
            return _winner(question, data, query, shown[0], what)
        best = shown[: query.limit]
        order = texts.say(f"inventory.sorted_{query.filter.order}")
        head = texts.say("inventory.winners", count=texts.cars(len(best)), wish=wish, order=order)
        return f"{head}\n{_ordered(question, data, best, query)}"
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
    elif query.offset:
        head = texts.say("inventory.listed_next", shown=len(shown), count=count, wish=wish)
    else:
        head = texts.say("inventory.listed_many", count=count, wish=wish)
        if read_talk(question.plain).sort:
            head = f"{head.rstrip(':')}, {texts.say(f'inventory.sorted_{query.filter.order}')}:"
    return f"{head}\n{_ordered(question, data, shown, query)}{_more(question, query, shown, total)}"


def _one_car(question: Question, data: Data, query: CarQuery, car: Car) -> str:
    texts = question.texts
    if query.ask == "price":
        line, _, price = car_line(car, texts, data.lexicon).partition(" — ")
        return texts.say("inventory.price_one", car=line, price=price)
    text = texts.say("inventory.details", car=car_details(car, texts, data.lexicon))
    if options := option_list(car, texts, data.lexicon):
        text += " " + texts.say("inventory.options", options=options)
    return text


def _winner(question: Question, data: Data, query: CarQuery, best: Car, what: str) -> str:
    """The best car with the figure that makes it so; those that share the figure are named or counted."""
    texts, order = question.texts, query.filter.order
    text = texts.say("inventory.winner", what=what, car=car_line(best, texts, data.lexicon))
    field, value = order_field(order), order_value(best, order)
    if field is None:
        return text
    if value is None:
        return texts.say("compare.nothing_known", name=texts.say(f"field.name_{field}"))
    written = value_text(best, field, texts, data.lexicon) or ""
    if field == "seats":
        written = texts.say("nearest.seats", value=written)
    if field not in {"price", "year", "mileage"}:
        text = texts.say(
            "inventory.winner_by", what=what, value=written, car=car_line(best, texts, data.lexicon)
        )
    same = query.filter.model_copy(update={f"{field}_min": value, f"{field}_max": value})
    equal = data.inventory.search(same, limit=CARS_OF_A_REPLY)
    if equal.total == 1:
        return text
    if equal.total > CARS_OF_A_REPLY:
        return f"{text} {texts.say('figures.tie_more', value=written, count=texts.cars(equal.total))}"
    others = [car_line(car, texts, data.lexicon) for car in equal.cars if car.stock_id != best.stock_id]
    return f"{text} {texts.say('figures.tie', value=written, cars='; '.join(others))}"


def _lines(question: Question, data: Data, cars: Sequence[Car]) -> str:
    return numbered(question, data, cars, details=question.reading.phrasing.ask == "details")


def _ordered(question: Question, data: Data, cars: Sequence[Car], query: CarQuery) -> str:
    """The lines of a list, each with the figure that it is sorted by where the line does not tell it already."""
    lines = numbered(question, data, cars, details=query.ask == "details").splitlines()
    field = order_field(query.filter.order)
    if field not in {"power", "seats", "engine"} or query.ask == "details":
        return "\n".join(lines)
    values = [value_text(car, field, question.texts, data.lexicon) for car in cars]
    return "\n".join(
        question.texts.say("nearest.line", car=line, difference=value) if value else line
        for line, value in zip(lines, values, strict=True)
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


def _relative(question: Question) -> str | None:
    """«подешевле», «дорого», «пробег поменьше»: what the message compares with the cars shown."""
    return read_talk(question.plain).relative or question.reading.phrasing.relative


def _none(question: Question, data: Data, query: CarQuery) -> Draft:
    """Not in stock: say so plainly, then the three nearest. «А подешевле?» shows nothing shown before, and a further
    follow-up goes on from the query before it."""
    texts, wished = question.texts, query.filter
    before = question.cars if _relative(question) else None
    if before is not None:
        key = "inventory.none_cheaper" if _relative(question) == "cheaper" else "inventory.none_relative"
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
        text += f" {texts.say('inventory.alternatives')}\n{_alternatives(question, data, near, wished)}"
    return _draft(question, data, query, near, 0, text)


def _alternatives(question: Question, data: Data, cars: Sequence[Car], wished: CarFilter) -> str:
    """The nearest cars, each with what is not as wished."""
    lines = []
    for line, car in zip(numbered(question, data, cars).splitlines(), cars, strict=True):
        other = difference_text(car, wished, question.texts, data.lexicon)
        lines.append(question.texts.say("nearest.line", car=line, difference=other) if other else line)
    return "\n".join(lines)


def _draft(
    question: Question, data: Data, query: CarQuery, shown: Sequence[Car], total: int, text: str
) -> Draft:
    talk = read_talk(question.plain)
    managed = (
        talk.sort
        or talk.excludes
        or talk.dropped
        or talk.more
        or talk.show_all
        or talk.corrects
        or query.superlative
    )
    told = len(question.reading.unknown) <= _MOST_NAMED  # of a whole story nobody wants its words back
    if question.reading.unknown and told and question.reading.has_constraints and not managed:
        words = ", ".join(question.reading.unknown)
        text += f"\n{question.texts.say('inventory.not_understood', words=words)}"
    return car_draft(
        question, data, text, dialog=_next_dialog(question, query, shown, total), cars=shown, total=total
    )


def _next_dialog(question: Question, query: CarQuery, shown: Sequence[Car], total: int) -> CarDialog:
    """What the next message may refer to: a car pointed at leaves the list it was taken from before the eyes."""
    before = question.cars
    if before is not None and query.filter.stock_ids and not question.reading.names_a_car:
        if [car.stock_id for car in shown] == list(query.filter.stock_ids):
            return before.model_copy(update={"focus": shown[0]})
        return before
    if not shown and before is not None:
        return before.model_copy(update={"query": query, "total": total})
    focus = shown[0] if len(shown) == 1 or (query.superlative and query.limit == 1) else None
    return CarDialog(query=query, shown=tuple(shown), focus=focus if total else None, total=total)
