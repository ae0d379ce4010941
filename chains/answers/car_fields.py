"""One field of a car in words: «цвет белый», «168 л. с.», and plainly when the data does not have it."""

from collections.abc import Callable

from chains.answers.wording_cars import car_title, term
from chains.car_words import CarField
from chains.texts import Texts
from stores.cars import Car, Order
from stores.lexicon import Field, Lexicon

_TERMS: dict[CarField, Field] = {
    "color": "color",
    "drive": "drive",
    "transmission": "transmission",
    "fuel": "fuel",
    "body": "body",
}


def value_text(car: Car, field: CarField, texts: Texts, lexicon: Lexicon) -> str | None:
    """The value of a field for people, with its unit; None when the data does not have it."""
    if field in _TERMS:
        name = _TERMS[field]
        raw = getattr(car, name)
        return term(lexicon, name, getattr(car, f"{name}_code"), raw, texts) if raw else None
    plain: dict[CarField, Callable[[], str | None]] = {
        "interior": lambda: car.interior or None,
        "mileage": lambda: _mileage(car, texts),
        "power": lambda: texts.say("field.hp", value=texts.number(car.power_hp)) if car.power_hp else None,
        "seats": lambda: str(car.seats) if car.seats else None,
        "year": lambda: str(car.year) if car.year else None,
        "price": lambda: texts.money(car.price),
        "engine": lambda: _engine(car, texts, lexicon),
        "link": lambda: car.url or None,
        "options": lambda: option_list(car, texts, lexicon) or None,
    }
    return plain[field]() if field in plain else None


def _mileage(car: Car, texts: Texts) -> str | None:
    if car.is_new:
        return texts.say("inventory.new")
    return None if car.mileage_km is None else texts.say("inventory.mileage", km=texts.number(car.mileage_km))


def _engine(car: Car, texts: Texts, lexicon: Lexicon) -> str | None:
    parts = [
        *([term(lexicon, "fuel", car.fuel_code, car.fuel, texts)] if car.fuel else []),
        *([texts.say("field.litres", value=texts.number(car.engine_l))] if car.engine_l else []),
        *([texts.say("field.hp", value=texts.number(car.power_hp))] if car.power_hp else []),
    ]
    return ", ".join(parts) or None


def option_list(car: Car, texts: Texts, lexicon: Lexicon) -> str:
    """Equipment in the source's own words, which are Russian; in English by the lexicon where it knows them."""
    options = [option.strip() for option in car.options.split(";") if option.strip()]
    if texts.language == "en":
        options = [
            term(lexicon, "option", lexicon.code("option", option), option, texts) for option in options
        ]
    return ", ".join(options)


def field_sentence(car: Car, field: CarField, texts: Texts, lexicon: Lexicon) -> str:
    """One sentence that states exactly the field asked for."""
    title = car_title(car)
    if field == "status":
        return status_sentence(car, texts)
    value = value_text(car, field, texts, lexicon)
    if value is None:
        if field == "link":
            return texts.say("field.no_link", car=title)
        return texts.say("field.unknown", car=title, name=texts.say(f"field.name_{field}"))
    if field == "mileage" and car.is_new:
        return texts.say("field.mileage_new", car=title)
    return texts.say(f"field.{field}", car=title, value=value if field == "link" else value.rstrip("."))


def status_sentence(car: Car, texts: Texts) -> str:
    """Whether a car can be bought right now."""
    return texts.say(f"field.status_{car.status}", car=car_title(car), price=texts.money(car.price))


_ORDER_FIELDS: dict[str, CarField] = {
    "price": "price", "year": "year", "mileage": "mileage", "power": "power", "engine": "engine", "seats": "seats",
}  # fmt: skip


def order_field(order: Order) -> CarField | None:
    """The field that an order goes by; None for the order of relevance."""
    return _ORDER_FIELDS.get(order.removeprefix("-"))


def order_value(car: Car, order: Order) -> float | None:
    """The number that an order goes by, None where the data does not have it."""
    names = {
        "price": car.price,
        "year": car.year,
        "mileage": car.mileage_km,
        "power": car.power_hp,
        "engine": car.engine_l,
        "seats": car.seats,
    }
    return names.get(order.removeprefix("-"))
