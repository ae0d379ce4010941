"""Advice: a need put into criteria that the stock bears out, or a question back when none is named."""

from chains.advice import asks_for_advice, joined, needs_in
from chains.answers.car_drafts import CARS_OF_A_REPLY, car_draft, dialog_of, numbered
from chains.answers.context import Data, Question
from chains.answers.wording_cars import wish_text
from chains.car_talk import CarTalk
from chains.followup import CarDialog, complete
from chains.query import CarQuery
from chains.reply import Draft
from stores.cars import CarFilter, CarPage

_LET_GO = ("transmissions", "engine_max", "power_max", "power_min", "seats_min", "fuels", "drives", "bodies")


def answer(question: Question, data: Data, talk: CarTalk) -> Draft | None:
    """Cars for the need named, with the criteria; a question back for «что посоветуете?»; None for other messages."""
    needs = needs_in(question.plain)
    reading, texts = question.reading, question.texts
    if not needs:
        return _ask_back(question, data) if asks_for_advice(question.plain) else None
    if reading.names_a_car:
        return None  # «живём за городом, думаем про GLE»: the car is chosen already
    said = complete(reading, question.cars if reading.phrasing.follow_up else None, talk)
    need = joined(needs)
    wish = _together(said.filter, need)
    if any(one.order for one in needs) and wish.order == "relevance":
        wish = wish.model_copy(update={"order": next(one.order for one in needs if one.order)})
    wish, page = _found(wish, need, said.filter, data)
    if page.total == 0:
        return None
    title = ", ".join(one.title[texts.language] for one in needs)
    criteria = wish_text(wish, texts, data.lexicon).strip(" ()")
    head = texts.say("advice.head" if criteria else "advice.no_criteria", need=title, criteria=criteria)
    lines = [
        head,
        texts.say("advice.found", count=texts.cars(page.total)),
        numbered(question, data, page.cars),
    ]
    if page.total > len(page.cars):
        lines.append(texts.say("inventory.more_plain", count=texts.cars(page.total - len(page.cars))))
    if wish.price_max is None and page.total > len(page.cars):
        lines.append(texts.say("advice.budget"))
    dialog = CarDialog(query=CarQuery(filter=wish), shown=tuple(page.cars), total=page.total)
    return car_draft(question, data, "\n".join(lines), dialog=dialog, cars=page.cars, total=page.total)


def _together(said: CarFilter, need: CarFilter) -> CarFilter:
    """What the visitor says outright goes before what their need suggests."""
    suggested = need.model_dump(exclude_defaults=True)
    named = said.model_dump(exclude_defaults=True)
    if said.classes or said.models:
        suggested.pop("bodies", None)
    for low, high in (("power_min", "power_max"), ("seats_min", "seats_max"), ("engine_min", "engine_max")):
        if low in named or high in named:
            suggested = {name: value for name, value in suggested.items() if name not in {low, high}}
    return CarFilter.model_validate({**suggested, **named})


def _found(wish: CarFilter, need: CarFilter, said: CarFilter, data: Data) -> tuple[CarFilter, CarPage]:
    """The cars that meet the wish, criteria of the need let go one by one until there are some."""
    page = data.inventory.search(wish, limit=CARS_OF_A_REPLY)
    suggested = need.model_dump(exclude_defaults=True)
    for name in _LET_GO:
        if page.total:
            break
        if name in suggested and getattr(wish, name) == getattr(need, name) != getattr(said, name):
            wish = wish.model_copy(update={name: getattr(CarFilter(), name)})
            page = data.inventory.search(wish, limit=CARS_OF_A_REPLY)
    return wish, page


def _ask_back(question: Question, data: Data) -> Draft | None:
    """Nothing to go by: what there is, and what would help."""
    reading, texts = question.reading, question.texts
    if reading.has_constraints or reading.phrasing.relative or reading.phrasing.follow_up:
        return None
    if question.cars is not None and question.cars.shown and reading.phrasing.points_back:
        return None
    prices = data.inventory.aggregate(CarFilter(), "price")
    if not prices.count or prices.minimum is None or prices.maximum is None:
        return None
    bodies = [
        data.lexicon.title("body", one.values[0], texts.language)
        for one in sorted(data.inventory.counts(CarFilter(), ("body_code",)), key=lambda one: -one.count)
        if one.values[0]
    ]
    text = texts.say(
        "advice.ask",
        count=texts.cars(prices.count),
        low=texts.money(prices.minimum),
        high=texts.money(prices.maximum),
    )
    if bodies:
        text += " " + texts.say("advice.bodies", bodies=", ".join(bodies))
    dialog = question.cars if question.cars is not None else dialog_of(question)
    return car_draft(question, data, text, dialog=dialog, total=prices.count)
