"""One field of the car pointed at or named: «какого она цвета?», «она с полным приводом?», «дай ссылку»."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chains.answers.car_drafts import CARS_OF_A_REPLY, car_draft
from chains.answers.car_fields import field_sentence, value_text
from chains.answers.context import Data, Question
from chains.answers.unknown import open_or_closed
from chains.answers.wording_cars import car_title
from chains.car_talk import CarTalk, read_talk
from chains.car_words import CarField
from chains.followup import CarDialog, complete, pointed_at
from chains.reply import Draft
from stores.cars import Car
from stores.lexicon import Field

_CHECKED: tuple[tuple[str, Field], ...] = (
    ("colors", "color"),
    ("drives", "drive"),
    ("fuels", "fuel"),
    ("transmissions", "transmission"),
    ("bodies", "body"),
)
_YES_NO_WORDS = 8


@dataclass(frozen=True)
class _Target:
    """The cars meant, as they stand now, `total` of them; `dialog` is what the next message may refer to."""

    cars: tuple[Car, ...]
    total: int
    dialog: CarDialog


def answer(question: Question, data: Data, talk: CarTalk) -> Draft | None:
    """The field asked for, or whether the car has what is named; None when the message asks for no single field."""
    question, talk = _asked_again(_less_the_field(question, talk), talk)
    reading = question.reading
    checks = _is_yes_or_no(question, talk)
    field = talk.field
    if field == "price" or (field is None and not checks):
        return None
    if field == "missing" and reading.values.get("options") and not _ASKS.search(talk.line):
        return None  # «GLC с одним владельцем есть?»
    identified = (
        field == "missing" and reading.names_a_car and {one.kind for one in reading.quantities} <= {"year"}
    )
    if not checks and ((reading.quantities and not identified) or talk.group or talk.statistic):
        return None
    if (
        not checks
        and reading.phrasing.ask == "count"
        and field not in {"power", "seats", "mileage", "engine", "missing"}
    ):
        return None
    target = _target(question, data, talk)
    if target is None:
        return None
    if not target.cars:
        return car_draft(question, data, question.texts.say("field.gone"), dialog=target.dialog)
    asked = {"values": question.reading.values} if checks else {"field": field}
    target = replace(target, dialog=target.dialog.model_copy(update={"about": asked}))
    if checks:
        return _checked(question, data, target)
    assert field is not None  # noqa: S101  told above
    return _stated(question, data, target, field)


_ASKS = re.compile(r"\b(сколько|как\w*|кто|how|what|which|who)\b")


def _less_the_field(question: Question, talk: CarTalk) -> Question:
    """The question without a value read out of the field's own name: "what colour is it?" names no colour."""
    plural = next((name for name, field in _CHECKED if field == talk.field), None)
    if plural is None or not talk.which or plural not in question.reading.values:
        return question
    values = {name: found for name, found in question.reading.values.items() if name != plural}
    return replace(question, reading=replace(question.reading, values=values))


def _asked_again(question: Question, talk: CarTalk) -> tuple[Question, CarTalk]:
    """«а у второй?» asks of another car what was asked of one before."""
    about = question.cars.about if question.cars else {}
    reading = question.reading
    plain = talk.ordinals and talk.words <= _AGAIN and reading.phrasing.ask is None and not talk.field
    if not about or not plain or reading.has_constraints or not _AT.search(talk.line):
        return question, talk
    values = {**reading.values, **about.get("values", {})}
    return replace(question, reading=replace(reading, values=values)), replace(talk, field=about.get("field"))


_AGAIN = 4
_AT = re.compile(r"^(а|и|and|what about|how about)\b|\bу \w+$")


def _is_yes_or_no(question: Question, talk: CarTalk) -> bool:
    """«она с полным приводом?», «у второй есть панорама?»: a value named of a car pointed at, not a new wish."""
    reading = question.reading
    named = any(
        reading.values.get(name) or reading.values.get(f"not_{name}") for name, _ in _CHECKED
    ) or bool(reading.values.get("options") or reading.phrasing.condition)
    points = talk.points or talk.ordinals
    if talk.field and talk.which and not reading.values.get("options"):
        return False  # «какого она цвета?»
    if not talk.ordinals and (question.cars is None or question.cars.spoken_of is None):
        return False
    if not (named and points) or reading.names_a_car or reading.quantities or reading.phrasing.relative:
        return False
    return not talk.of_another and talk.words <= _YES_NO_WORDS and not talk.compare


def _target(question: Question, data: Data, talk: CarTalk) -> _Target | None:
    reading, dialog = question.reading, question.cars
    if reading.names_a_car or reading.phrasing.superlative:
        query = complete(reading, dialog, talk)
        page = data.inventory.search(query.filter, limit=CARS_OF_A_REPLY)
        if query.superlative and page.cars:  # «какого цвета самый дорогой GLE?»
            best = page.cars[0]
            dialog = CarDialog(query=query, shown=(best,), focus=best, total=page.total)
            return _Target((best,), page.total, dialog)
        focus = page.cars[0] if page.total == 1 else None
        return _Target(
            tuple(page.cars),
            page.total,
            CarDialog(query=query, shown=tuple(page.cars), focus=focus, total=page.total),
        )
    if dialog is None:
        return None
    meant: Sequence[Car]
    if len(talk.ordinals) > 1:
        meant = [dialog.shown[index] for index in talk.ordinals if index < len(dialog.shown)]
    elif talk.first:
        meant = dialog.shown[: talk.first]
    elif (
        one := pointed_at(reading, dialog, talk) or (dialog.spoken_of if not talk.among else None)
    ) is not None:
        meant = [one]
    else:
        meant = dialog.shown
    if not meant:
        return None
    current = data.inventory.get([car.stock_id for car in meant])
    focus = current[0] if len(current) == 1 and len(meant) == 1 else dialog.focus
    return _Target(tuple(current), len(current), dialog.model_copy(update={"focus": focus}))


def _stated(question: Question, data: Data, target: _Target, field: CarField) -> Draft:
    texts = question.texts
    if field == "missing":
        told = texts.say("field.missing", car=car_title(target.cars[0])) if len(target.cars) == 1 else ""
        text = f"{told} {open_or_closed(question, data, 'unknown', phone=data.salon.phone)}".strip()
        return Draft(route="unknown", text=text, state={"cars": target.dialog.model_dump(mode="json")})
    cars = target.cars[:CARS_OF_A_REPLY]
    asked = [one for one in read_talk(question.plain).fields if one not in {"status", "missing"}] or [field]
    if field not in asked:
        asked = [field]
    sentences = [" ".join(field_sentence(car, one, texts, data.lexicon) for one in asked) for car in cars]
    if len(cars) == 1:
        text = sentences[0]
    else:
        text = "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(sentences, 1))
        if target.total > len(cars):
            text += "\n" + texts.say("inventory.more", count=texts.cars(target.total - len(cars)))
    return car_draft(question, data, text, dialog=target.dialog, cars=cars, total=target.total)


def _checked(question: Question, data: Data, target: _Target) -> Draft:
    """Yes or no for each value named, with what the car really has."""
    texts, lexicon, values = question.texts, data.lexicon, question.reading.values
    lines = []
    for car in target.cars[:CARS_OF_A_REPLY]:
        title = car_title(car)
        for name, field in _CHECKED:
            for wanted, expected in ((values.get(name), True), (values.get(f"not_{name}"), False)):
                if not wanted:
                    continue
                has = value_text(car, field, texts, lexicon)  # type: ignore[arg-type]  # both name these fields
                if has is None:
                    lines.append(texts.say("field.unknown", car=title, name=texts.say(f"field.name_{field}")))
                    continue
                code = getattr(car, f"{field}_code") or getattr(car, field)
                key = "field.yes" if (code in wanted) is expected else "field.no"
                lines.append(texts.say(key, car=title, value=has))
        condition = question.reading.phrasing.condition
        if condition:
            key = "field.yes" if car.is_new is (condition == "new") else "field.no"
            value = value_text(car, "mileage", texts, lexicon) or texts.say("field.name_mileage")
            lines.append(texts.say(key, car=title, value=value))
        lines += [_option(question, data, car, option) for option in values.get("options", ())]
    shown = target.cars[:CARS_OF_A_REPLY]
    return car_draft(question, data, "\n".join(lines), dialog=target.dialog, cars=shown, total=target.total)


def _option(question: Question, data: Data, car: Car, option: str) -> str:
    """Whether the equipment listed has it; a list that lacks it is no proof that the car does."""
    texts, title = question.texts, car_title(car)
    name = data.lexicon.title("option", option, texts.language)
    if not car.options.strip():
        return texts.say("field.unknown", car=title, name=texts.say("field.name_options"))
    listed = [part for part in car.options.split(";") if data.lexicon.code("option", part) == option]
    has = bool(listed) or option in car.options.casefold()
    return texts.say("field.has_option" if has else "field.lacks_option", car=title, value=name)
