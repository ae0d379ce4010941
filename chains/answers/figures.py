"""Figures of many cars: «какие цвета есть у GLC?», «сколько машин каждого класса?», «от и до скольки цены на GLE?»."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from chains.answers.car_drafts import CARS_OF_A_REPLY, car_draft
from chains.answers.context import Data, Question
from chains.answers.wording_cars import class_title, term, wish_text
from chains.bare import group_of_last
from chains.car_talk import CarTalk
from chains.followup import CarDialog, complete
from chains.query import CarQuery
from chains.reply import Draft, Fact
from chains.texts import Texts
from stores.cars import CarFilter, NumberField
from stores.inventory import ValueCount
from stores.lexicon import Field

_COLUMNS: dict[str, tuple[str, ...]] = {
    "color": ("color_code", "color"),
    "body": ("body_code", "body"),
    "fuel": ("fuel_code", "fuel"),
    "drive": ("drive_code", "drive"),
    "transmission": ("transmission_code", "transmission"),
    "class": ("class_name",),
    "model": ("model",),
    "year": ("year",),
    "interior": ("interior",),
    "engine": ("fuel_code", "fuel", "engine_l"),
}
_TERMS: dict[str, Field] = {
    "color": "color", "body": "body", "fuel": "fuel", "drive": "drive", "transmission": "transmission",
    "engine": "fuel",
}  # fmt: skip
_PRICED = {"model"}
_WHOLE_STOCK = re.compile(r"\bу вас\b|в салоне|всего|в наличии|do you have|in stock|класс|модел(и|ей) у")
_MOST = 30


def answer(question: Question, data: Data, talk: CarTalk) -> Draft | None:
    """The count by value, the range or the average asked for; None when the message asks for none."""
    last = question.cars.query if question.cars is not None else None
    if last is not None and (meant := group_of_last(talk.line, last.filter)):
        group, wish = meant  # «а в каком есть?»
        asked = replace(question, cars=CarDialog(query=last.model_copy(update={"filter": wish})))
        return _grouped(asked, data, talk, group)
    # "what V-Classes do you have" asks for cars of a class, not for the classes there are
    if talk.group in _COLUMNS and not (talk.group == "class" and question.reading.names_a_car):
        return _grouped(question, data, talk, talk.group)
    if talk.statistic is not None and talk.number is not None:
        return _statistic(question, data, talk)
    return None


def _query(question: Question, talk: CarTalk) -> CarQuery:
    """The search that the figures are of: what the message names, else the cars talked about."""
    reading, dialog = question.reading, question.cars
    named = reading.has_constraints or reading.phrasing.any_car or _WHOLE_STOCK.search(talk.line)
    query = dialog.query if dialog is not None and not named else complete(reading, dialog, talk)
    return query.model_copy(update={"superlative": False, "limit": CARS_OF_A_REPLY, "offset": 0})


@dataclass
class _Values:
    """Cars that share a value as people write it."""

    count: int
    lowest: int


def _grouped(question: Question, data: Data, talk: CarTalk, group: str) -> Draft | None:
    texts, query = question.texts, _query(question, talk)
    page = data.inventory.search(query.filter, limit=CARS_OF_A_REPLY)
    if page.total == 0:
        return None
    found: dict[str | None, _Values] = {}
    for one in data.inventory.counts(query.filter, _COLUMNS[group]):
        known = found.setdefault(_value(group, one, data, texts), _Values(0, one.lowest))
        known.count += one.count
        known.lowest = min(known.lowest, one.lowest)
    unknown = found.pop(None, None)
    names = sorted(found, key=_sorting(group, found))
    parts = [
        texts.say("figures.group_priced", value=name, count=found[name].count, price=texts.money(found[name].lowest))
        if group in _PRICED
        else texts.say("figures.group", value=name, count=found[name].count)
        for name in names[:_MOST]
    ]  # fmt: skip
    if len(names) > _MOST:
        left = sum(found[name].count for name in names[_MOST:])
        parts.append(texts.say("figures.and_more", count=texts.cars(left)))
    if unknown:
        parts.append(texts.say("figures.group_unknown", count=unknown.count))
    count, wish = texts.cars(page.total), wish_text(query.filter, texts, data.lexicon).strip(" ()")
    key = "figures.grouped" if wish else "figures.grouped_all"
    text = texts.say(key, count=count, groups=", ".join(parts), **({"wish": wish} if wish else {}))
    facts = [Fact("query", f"count_{name}", found[name].count, str(found[name].count)) for name in names]
    dialog = CarDialog(query=query, shown=tuple(page.cars), total=page.total)
    return car_draft(
        question,
        data,
        text[0].upper() + text[1:],
        dialog=dialog,
        cars=page.cars,
        total=page.total,
        facts=facts,
    )


def _value(group: str, one: ValueCount, data: Data, texts: Texts) -> str | None:
    """The value as people write it, None where the car does not have it."""
    first = one.values[0]
    if group in _TERMS:
        raw = one.values[1]
        written = term(data.lexicon, _TERMS[group], first, raw, texts) if raw else None
        if group == "engine" and written and one.values[2]:
            litres = texts.say("field.litres", value=texts.number(one.values[2]))
            return f"{written} {litres}"
        return written
    if group == "class":
        return class_title(first, texts, data.lexicon) if first else None
    return str(first) if first else None


def _sorting(group: str, found: dict[str | None, _Values]) -> Callable[[str | None], tuple[object, ...]]:
    """Years from old to new, models from cheap to dear, all else by how often it occurs."""
    if group == "year":
        return lambda name: (name,)
    if group == "model":
        return lambda name: (found[name].lowest, name)
    return lambda name: (-found[name].count, name)


def _statistic(question: Question, data: Data, talk: CarTalk) -> Draft | None:
    """The least, greatest and mean value, and of how many cars it is known."""
    texts, number = question.texts, talk.number
    assert number is not None  # noqa: S101  told by the caller
    query = _query(question, talk)
    page = data.inventory.search(query.filter, limit=CARS_OF_A_REPLY)
    if page.total == 0:
        return None
    figures = data.inventory.aggregate(query.filter, number)
    wish = wish_text(query.filter, texts, data.lexicon)
    name, count = texts.say(f"figures.name_{number}"), texts.cars(page.total)
    dialog = CarDialog(query=query, shown=tuple(page.cars), total=page.total)
    if figures.minimum is None or figures.maximum is None or figures.mean is None:
        text = texts.say("figures.nothing_known", name=name, wish=wish)
        return car_draft(question, data, text, dialog=dialog, total=page.total)
    low, high, mean = (
        _written(value, number, texts) for value in (figures.minimum, figures.maximum, figures.mean)
    )
    if talk.statistic == "mean":
        text = texts.say("figures.mean", name=name, wish=wish, mean=mean, count=count, low=low, high=high)
    elif low == high:
        text = texts.say("figures.one", name=name, wish=wish, value=low, count=count)
    else:
        text = texts.say("figures.range", name=name, wish=wish, low=low, high=high, count=count)
    if figures.known < figures.count:
        text += " " + texts.say("figures.known_of", known=figures.known, count=texts.number(figures.count))
    facts = [
        Fact("query", f"{kind}_{number}", value, written)
        for kind, value, written in (
            ("min", figures.minimum, low), ("max", figures.maximum, high), ("mean", figures.mean, mean),
        )
    ]  # fmt: skip
    cars = [] if talk.statistic == "mean" else page.cars
    return car_draft(question, data, text, dialog=dialog, cars=cars, total=page.total, facts=facts)


def _written(value: float, number: NumberField, texts: Texts) -> str:
    """A figure with its unit, rounded to what people say: whole units, litres to a tenth."""
    if number == "price":
        return texts.money(value)
    if number == "mileage_km":
        return texts.say("inventory.mileage", km=texts.number(round(value)))
    if number == "power_hp":
        return texts.say("field.hp", value=texts.number(round(value)))
    if number == "engine_l":
        return texts.say("field.litres", value=texts.number(round(value, 1)))
    return str(round(value))


def is_everything(wish: CarFilter) -> bool:
    """Whether a wish asks for nothing in particular, its order apart."""
    return wish.model_copy(update={"order": "relevance"}) == CarFilter()
