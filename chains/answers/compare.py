"""Cars side by side: «сравни первый и второй», «что дешевле, GLC или GLE?», «у какой пробег меньше?»."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chains.answers.car_drafts import CARS_OF_A_REPLY, car_draft, dialog_of, numbered
from chains.answers.car_fields import order_field, order_value, value_text
from chains.answers.context import Data, Question
from chains.answers.wording_cars import car_details, car_line, car_title, class_title, model_title, wish_text
from chains.car_talk import CarTalk
from chains.followup import CarDialog, complete
from chains.query import CarQuery
from chains.reply import Draft
from chains.texts import Texts
from stores.cars import Car, CarFilter, Order

_BY: tuple[Order, ...] = ("price", "-year", "mileage", "-power")


def answer(question: Question, data: Data, talk: CarTalk) -> Draft | None:
    """The comparison asked for, the winner named where there is one; None when nothing is to be compared."""
    names = _names(question)
    either = talk.which or re.search(r"\b(или|or)\b", talk.line)
    if len(names) > 1 and (talk.compare or (talk.order and either and not question.reading.phrasing.limit)):
        if talk.points_at_shown and question.cars and question.cars.shown and not names:
            return None
        return _groups(question, data, talk, names)
    if question.cars is None or (names and not talk.points_at_shown):
        return _which_two(question, data, talk)
    among = _among_shown(question, talk)
    if len(names) == 1 and talk.asks_to_compare and (one := _pointed(question, talk)):
        return _one_and_named(question, data, one, names[0])
    if among is None or names:
        return _which_two(question, data, talk)
    current = data.inventory.get([car.stock_id for car in among])
    if len(current) < len(among):
        gone = [car for car in among if car.stock_id not in {one.stock_id for one in current}]
        lead = question.texts.say("compare.gone", cars=", ".join(car_title(car) for car in gone)) + "\n"
    else:
        lead = ""
    if len(current) < 2:
        return None if not lead else car_draft(
            question, data, lead + numbered(question, data, current), dialog=question.cars, cars=current,
            total=len(current),
        )  # fmt: skip
    if talk.order is not None and not talk.compare:
        return _winner(question, data, current, talk.order, lead)
    return _side_by_side(question, data, current, lead, CarDialog.model_copy(question.cars))


def _which_two(question: Question, data: Data, talk: CarTalk) -> Draft | None:
    """«сравни» alone: which cars?"""
    if not talk.asks_to_compare or question.reading.names_a_car:
        return None
    text = question.texts.say("inventory.compare_missing")
    return car_draft(question, data, text, dialog=dialog_of(question))


def _among_shown(question: Question, talk: CarTalk) -> Sequence[Car] | None:
    """The cars shown that are to be compared: those pointed at, else all when the message speaks of them."""
    dialog = question.cars
    assert dialog is not None  # noqa: S101  told by the caller
    shown, reading = dialog.shown, question.reading
    if len(shown) < 2:
        return None
    everyone = [car for car in shown if not dialog.compared or car.stock_id in dialog.compared]
    places = [index for index in talk.ordinals if -len(shown) <= index < len(shown)]
    if len(places) > 1 and len(places) == len(talk.ordinals) and (talk.compare or talk.order or talk.which):
        return [shown[index] for index in places]
    if talk.first and (talk.compare or talk.order):
        return shown[: talk.first]
    if len(places) == 1 and talk.compare and dialog.focus and dialog.focus != shown[places[0]]:
        return [dialog.focus, shown[places[0]]]  # «а чем она отличается от второй?»
    if places or reading.quantities or reading.values:
        return None
    if (talk.asks_to_compare or (talk.compare and talk.them)) and not talk.ordinals:
        return everyone[:CARS_OF_A_REPLY]
    if talk.superlative and talk.among and not dialog.compared and (dialog.total or 0) > len(shown):
        return None  # «какой из них самый мощный?»: of all that were found, not only of those shown
    comparative = talk.order is not None and not reading.phrasing.any_car
    if comparative and (talk.among or (talk.which and not talk.superlative and talk.words <= _SHORT)):
        return everyone
    return None


_SHORT = 6


def _pointed(question: Question, talk: CarTalk) -> Car | None:
    dialog = question.cars
    if dialog is None:
        return None
    if len(talk.ordinals) == 1 and -len(dialog.shown) <= talk.ordinals[0] < len(dialog.shown):
        return dialog.shown[talk.ordinals[0]]
    return dialog.spoken_of if talk.points else None


@dataclass(frozen=True)
class _Group:
    """Cars that a name takes in: `cheapest` first of `total`; `extreme` the best by the order asked for."""

    title: str
    wish: CarFilter
    total: int
    cheapest: Car | None
    extreme: Car | None


def _names(question: Question) -> list[tuple[str, str]]:
    """(field, name) of every class, model or version that the message names."""
    values = question.reading.values
    models = [("models", name) for name in values.get("models", ())]
    named = [*(("classes", name) for name in values.get("classes", ())), *models]
    # «AMG GLE»: beside a class a version only says which of its cars are meant
    return named or [("models", name) for name in values.get("versions", ())]


def _groups(question: Question, data: Data, talk: CarTalk, names: Sequence[tuple[str, str]]) -> Draft:
    """Models or classes by their cheapest car, or by the best one in the order asked for."""
    texts = question.texts
    order: Order = talk.order or _by(talk.line)
    limits = _limits(question)
    groups = [_group(question, data, field, name, order, limits) for field, name in names[:_MOST]]
    none_within = [group.title for group in groups if not group.total]
    if none_within and limits != CarFilter():  # what is in stock at all is not denied
        groups = [_group(question, data, field, name, order) for field, name in names[:_MOST]]
    there = [group for group in groups if group.total]
    lacking = [group.title for group in groups if not group.total]
    missing = "".join(texts.say("compare.not_in_stock", name=name) + "\n" for name in lacking)
    if there and len(lacking) < len(none_within):  # some are compared without the limits, which is said
        missing = "".join(texts.say("compare.not_in_stock", name=name) + "\n" for name in none_within)
        missing += texts.say("compare.without_limits") + "\n"
    total = sum(group.total for group in there)
    if not there:
        dialog = CarDialog(query=CarQuery(filter=groups[0].wish), total=0)
        return car_draft(question, data, missing.strip(), dialog=dialog)
    firsts = [group.extreme for group in there if group.extreme]
    if all(group.total == 1 for group in there) and talk.order is None and len(there) > 1:
        dialog = CarDialog(query=_query_of(there), shown=tuple(firsts), total=total)
        return _side_by_side(question, data, firsts, missing, dialog)
    lines = [_group_line(group, data, texts) for group in there]
    ranked = _ranked(firsts, order)
    verdict = ""
    if len(ranked) > 1:
        verdict = (
            _verdict(ranked, order, data, texts, {id(group.extreme): group.title for group in there}) + "\n"
        )
    text = f"{missing}{verdict}" + "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
    if len(there) > 1:
        text += "\n" + texts.say("compare.narrow")
    dialog = CarDialog(query=_query_of(there), shown=tuple(firsts), total=total)
    told = [group.cheapest for group in there if group.cheapest]
    return car_draft(question, data, text, dialog=dialog, cars=ranked, told=told, total=total)


_MOST = 5


def _by(line: str) -> Order:
    """«сравни … по мощности»: the order named, the price where none is."""
    named: tuple[tuple[Order, str], ...] = (
        ("-power", "мощност|power"),
        ("-year", r"(?<!\d )\bгод|(?<!\d )\byear"),
        ("mileage", "пробег|mileage"),
    )
    return next((order for order, pattern in named if re.search(pattern, line)), "price")


def _query_of(groups: Sequence[_Group]) -> CarQuery:
    classes = tuple(name for group in groups for name in group.wish.classes)
    models = tuple(name for group in groups for name in group.wish.models)
    return CarQuery(filter=CarFilter(classes=classes, models=models))


_LIMITS = tuple(
    f"{kind}_{end}"
    for kind in ("price", "year", "mileage", "power", "engine", "seats")
    for end in ("min", "max")
)


def _limits(question: Question) -> CarFilter:
    """The figures within which cars are to be compared: «что новее, GLC или GLE до 8 млн?»."""
    wish = complete(question.reading, None).filter
    return CarFilter.model_validate({name: getattr(wish, name) for name in (*_LIMITS, "years")})


def _group(
    question: Question, data: Data, field: str, name: str, order: Order, limits: CarFilter | None = None
) -> _Group:
    wish = (limits or CarFilter()).model_copy(update={field: (name,)})
    cheapest = data.inventory.search(wish.model_copy(update={"order": "price"}), limit=1)
    best = data.inventory.search(wish.model_copy(update={"order": order}), limit=1)
    title = class_title(name, question.texts, data.lexicon) if field == "classes" else model_title(name)
    title += wish_text(limits, question.texts, data.lexicon) if limits else ""
    return _Group(title, wish, cheapest.total, next(iter(cheapest.cars), None), next(iter(best.cars), None))


def _group_line(group: _Group, data: Data, texts: Texts) -> str:
    """What cars of one name there are: number, prices, years, mileage and power from least to most."""
    parts = [texts.say("compare.in_stock", count=texts.cars(group.total))]
    for field, key in (
        ("price", "prices"),
        ("year", "years"),
        ("mileage_km", "mileage"),
        ("power_hp", "power"),
    ):
        figures = data.inventory.aggregate(group.wish, field)  # type: ignore[arg-type]  # literals of NumberField
        if figures.minimum is None or figures.maximum is None:
            continue
        write = texts.money if field == "price" else str if field == "year" else texts.number
        low, high = write(round(figures.minimum)), write(round(figures.maximum))
        if field == "mileage_km" and figures.maximum == 0:
            parts.append(texts.say("compare.all_new"))
        elif low == high:
            parts.append(texts.say(f"compare.{key}_one", value=low))
        else:
            parts.append(texts.say(f"compare.{key}", low=low, high=high))
    return f"{group.title}: {'; '.join(parts)}"


def _one_and_named(question: Question, data: Data, one: Car, name: tuple[str, str]) -> Draft:
    """«сравни её с E 200»: the car pointed at beside the cheapest of that name."""
    group = _group(question, data, *name, "price")
    current = data.inventory.get([one.stock_id])
    if group.cheapest is None or not current:
        text = question.texts.say("compare.not_in_stock", name=group.title)
        return car_draft(question, data, text, dialog=dialog_of(question))
    cars = [current[0], group.cheapest]
    dialog = CarDialog(query=CarQuery(filter=group.wish), shown=tuple(cars), total=2)
    lead = question.texts.say("compare.cheapest_of", name=group.title) + "\n" if group.total > 1 else ""
    return _side_by_side(question, data, cars, lead, dialog)


def _side_by_side(question: Question, data: Data, cars: Sequence[Car], lead: str, dialog: CarDialog) -> Draft:
    """Everything known of each car, then who is better by what and by how much."""
    texts = question.texts
    verdicts = [
        _verdict(ranked, order, data, texts, {})
        for order in _BY
        if len(ranked := _ranked(cars, order)) == len(cars)
        and len({order_value(car, order) for car in cars}) > 1
    ]
    places = {car.stock_id: number for number, car in enumerate(dialog.shown, 1)}
    if all(car.stock_id in places for car in cars):
        # cars of the list keep their numbers, which a visitor may still mean
        lines = [f"{places[car.stock_id]}. {car_details(car, texts, data.lexicon)}" for car in cars]
        shown = dialog.model_copy(update={"focus": None, "compared": tuple(car.stock_id for car in cars)})
    else:
        lines = [numbered(question, data, cars, details=True)]
        shown = dialog.model_copy(update={"shown": tuple(cars), "focus": None, "compared": ()})
    text = "\n".join([f"{lead}{texts.say('compare.head')}", *lines])
    if verdicts:
        text += "\n" + " ".join(verdicts)
    return car_draft(question, data, text, dialog=shown, cars=cars, total=len(cars))


def _ranked(cars: Sequence[Car], order: Order) -> list[Car]:
    """The cars whose value is known, best first; of equals the cheaper one."""
    known = [car for car in cars if order_value(car, order) is not None]
    sign = -1 if order.startswith("-") else 1
    return sorted(known, key=lambda car: (sign * (order_value(car, order) or 0), car.price))


def _verdict(ranked: Sequence[Car], order: Order, data: Data, texts: Texts, titles: dict[int, str]) -> str:
    """«Дешевле: C 180, 2023 — 4 500 000 ₽ (разница 2 000 000 ₽).», ties stated as such."""
    best, rest = ranked[0], ranked[1:]
    field = order_field(order)
    assert field is not None  # noqa: S101  an order to compare by has a field
    winners = [car for car in ranked if order_value(car, order) == order_value(best, order)]
    value = value_text(best, field, texts, data.lexicon) or ""
    named = [_named(car, ranked, titles, data, texts) for car in winners]
    what = texts.say(f"compare.better_{order}")
    if field == "year":  # the titles have it
        key = "compare.winner_plain" if len(winners) < len(ranked) else "compare.equal"
        return texts.say(
            key, what=what, cars=", ".join(named), **({} if key.endswith("plain") else {"value": value})
        )
    if len(winners) == len(ranked):
        return texts.say("compare.equal", what=what, cars=", ".join(named), value=value)
    if len(winners) > 1:
        return texts.say("compare.tie", what=what, cars=", ".join(named), value=value)
    gap = abs((order_value(rest[0], order) or 0) - (order_value(best, order) or 0))
    if len(ranked) == 2 and field in {"price", "power"}:
        written = texts.money(gap) if field == "price" else texts.say("field.hp", value=texts.number(gap))
        return texts.say("compare.winner_by", what=what, car=named[0], value=value, gap=written)
    return texts.say("compare.winner", what=what, car=named[0], value=value.rstrip("."))


def _named(car: Car, cars: Sequence[Car], titles: dict[int, str], data: Data, texts: Texts) -> str:
    """The car's title, with its colour and more where another one compared is called the same."""
    if id(car) in titles:
        return f"{titles[id(car)]} ({car_title(car)})"
    same = [other for other in cars if car_title(other) == car_title(car)]
    if len(same) == 1:
        return car_title(car)
    return car_line(car, texts, data.lexicon).partition(" — ")[0]


def _winner(question: Question, data: Data, cars: Sequence[Car], order: Order, lead: str) -> Draft:
    """«какая из них мощнее?»: the winner first, then the others; the list before the visitor's eyes stays."""
    texts, dialog = question.texts, question.cars
    assert dialog is not None  # noqa: S101  told by the caller
    ranked = _ranked(cars, order)
    unknown = [car for car in cars if order_value(car, order) is None]
    if not ranked:
        field = order_field(order)
        text = texts.say("compare.nothing_known", name=texts.say(f"field.name_{field}"))
        return car_draft(question, data, lead + text, dialog=dialog, cars=cars, total=len(cars))
    text = lead + _verdict(ranked, order, data, texts, {}) if len(ranked) > 1 else lead + texts.say(
        "compare.winner", what=texts.say(f"compare.better_{order}"), car=car_title(ranked[0]),
        value=value_text(ranked[0], order_field(order) or "price", texts, data.lexicon),
    )  # fmt: skip
    if len(ranked) > 1:
        field = order_field(order) or "price"
        others = [
            texts.say("compare.other", car=_named(car, ranked, {}, data, texts),
                      value=value_text(car, field, texts, data.lexicon))
            for car in ranked[1:]
            if order_value(car, order) != order_value(ranked[0], order)
        ]  # fmt: skip
        if others:
            text += " " + texts.say("compare.others", others="; ".join(others).rstrip("."))
    if unknown:
        text += " " + texts.say("compare.unknown", cars=", ".join(car_title(car) for car in unknown))
    focused = dialog.model_copy(update={"focus": ranked[0]})
    return car_draft(question, data, text, dialog=focused, cars=[*ranked, *unknown], total=len(cars))
