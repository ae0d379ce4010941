"""How a car, and a wish for one, are put into words; and the facts that such a line states."""

from collections.abc import Sequence

from chains.reply import Fact, Source
from chains.texts import Texts
from stores.cars import Car, CarFilter
from stores.lexicon import Field, Lexicon

_FUELS = {"d", "e", "h", "i"}
"""Letters after a number that are written small: `E 220 d`."""
_LITRE_STEP = 0.2
"""Below it the two ends of a range are one engine: «3 литра» is 2.94 to 3.06."""

_TERM_FIELDS: tuple[tuple[str, Field], ...] = (
    ("bodies", "body"),
    ("colors", "color"),
    ("fuels", "fuel"),
    ("drives", "drive"),
    ("transmissions", "transmission"),
    ("options", "option"),
)


def car_title(car: Car) -> str:
    """`C 180, 2023`."""
    return f"{car.model}, {car.year}" if car.year else car.model


def car_line(car: Car, texts: Texts, lexicon: Lexicon) -> str:
    """One line that tells cars apart: model, year, colour, mileage, price and, unless available, the status."""
    parts = [car_title(car)]
    if car.color:
        parts.append(term(lexicon, "color", car.color_code, car.color, texts))
    if car.is_new:
        parts.append(texts.say("inventory.new"))
    elif car.mileage_km is not None:
        parts.append(texts.say("inventory.mileage", km=texts.number(car.mileage_km)))
    line = f"{', '.join(parts)} — {texts.money(car.price)}"
    return line if car.status == "available" else f"{line} ({texts.say(f'inventory.{car.status}')})"


def car_details(car: Car, texts: Texts, lexicon: Lexicon) -> str:
    """Everything known of one car that a visitor asks for, as one sentence."""
    parts = [car_line(car, texts, lexicon)]
    described: tuple[tuple[Field, str | None, str | None], ...] = (
        ("body", car.body_code, car.body),
        ("fuel", car.fuel_code, car.fuel),
        ("drive", car.drive_code, car.drive),
        ("transmission", car.transmission_code, car.transmission),
    )
    for field, code, raw in described:
        if raw:
            parts.append(term(lexicon, field, code, raw, texts))
    units = ("л", "л. с.", "мест") if texts.language == "ru" else ("l", "hp", "seats")
    if car.engine_l:
        parts.append(f"{texts.number(car.engine_l)} {units[0]}")
    if car.power_hp:
        parts.append(f"{texts.number(car.power_hp)} {units[1]}")
    if car.seats:
        parts.append(f"{units[2]}: {car.seats}" if texts.language == "ru" else f"{car.seats} {units[2]}")
    return "; ".join(parts)


def term(lexicon: Lexicon, field: Field, code: str | None, raw: str, texts: Texts) -> str:
    """A value in the visitor's language; a value without a code as it stands in the source."""
    if code is None or not lexicon.knows(field, code):
        return raw
    return lexicon.title(field, code, texts.language)


def wish_text(filter_: CarFilter, texts: Texts, lexicon: Lexicon) -> str:
    """What was understood, in brackets: « (C-класс, чёрный, до 5 000 000 ₽)»; empty when nothing was asked for."""
    parts = wish_words(filter_, texts, lexicon)
    return texts.say("wish.some", wish=", ".join(parts)) if parts else ""


def wish_words(filter_: CarFilter, texts: Texts, lexicon: Lexicon) -> list[str]:
    """Each part of a wish in words: «C-класс», «чёрный», «до 5 000 000 ₽»."""
    parts = [class_title(name, texts, lexicon) for name in filter_.classes]
    parts += [model_title(model) for model in filter_.models]
    for plural_name, field in _TERM_FIELDS:
        parts += _titles(getattr(filter_, plural_name), field, texts, lexicon)
        parts += [
            texts.say("wish.not", value=lexicon.title(field, code, texts.language))
            for code in getattr(filter_, f"not_{plural_name}", ())
        ]
    parts += [texts.say("wish.not", value=name) for name in (*filter_.not_classes, *filter_.not_models)]
    for name, negated in (("interiors", False), ("not_interiors", True)):
        colors = ", ".join(_titles(getattr(filter_, name), "color", texts, lexicon))
        if colors:
            wish = texts.say("wish.interior", value=colors)
            parts.append(texts.say("wish.not", value=wish) if negated else wish)
    if filter_.condition:
        parts.append(texts.say(f"wish.{filter_.condition}"))
    parts += _ranges(filter_, texts)
    return parts


def _titles(codes: Sequence[str], field: Field, texts: Texts, lexicon: Lexicon) -> list[str]:
    """The titles of codes; of «светлый», which takes in white and beige, only its own."""
    included = {code for term in lexicon.terms.get(field, ()) if term.code in codes for code in term.includes}
    return [lexicon.title(field, code, texts.language) for code in codes if code not in included]


def class_title(name: str, texts: Texts, lexicon: Lexicon) -> str:
    """`C` → «C-класс» where the brand's file speaks of classes; `3` → `BMW 3`; any other class by its own name."""
    known = any(one.name == name and one.words for one in lexicon.classes)
    if lexicon.says_class and known and len(name) <= 3 and name.isalpha() and name.isupper():
        return texts.say("wish.class", value=name)
    return f"{lexicon.brand} {name}" if name.isdigit() else name


def model_title(model: str) -> str:
    """The tokens of a model as they are usually written: `gle 450 4matic` → `GLE 450 4MATIC`, `maybach` → `Maybach`."""
    short, written = 3, list[str]()
    for token in model.split():
        if written and written[-1].isdigit() and token in _FUELS:
            written.append(token)
        else:
            written.append(token.upper() if len(token) <= short or token[0].isdigit() else token.capitalize())
    return " ".join(written)


def _one_price(name: str, value: int, texts: Texts) -> str:
    """«до 5 000 000 ₽»; what «подороже» made of a price, one more than that of the dearest car shown, is «дороже»."""
    if name == "price_min" and value % 10 == 1:
        return texts.say("wish.price_above", value=texts.money(value - 1))
    if name == "price_max" and value % 10 == 9:
        return texts.say("wish.price_below", value=texts.money(value + 1))
    return texts.say(f"wish.{name}", value=texts.money(value))


def _ranges(filter_: CarFilter, texts: Texts) -> list[str]:
    parts = []
    if filter_.price_min is not None and filter_.price_max is not None:
        low, high = texts.money(filter_.price_min), texts.money(filter_.price_max)
        parts.append(texts.say("wish.prices", low=low, high=high))
    else:
        for name in ("price_min", "price_max"):
            if (value := getattr(filter_, name)) is not None:
                parts.append(_one_price(name, value, texts))
    if filter_.year_min is not None and filter_.year_min == filter_.year_max:
        parts.append(texts.say("wish.year_one", value=filter_.year_min))
    elif filter_.years:
        years = [str(year) for year in filter_.years]
        parts.append(texts.say("wish.years_either", first=", ".join(years[:-1]), last=years[-1]))
    elif filter_.year_min is not None and filter_.year_max is not None:
        parts.append(texts.say("wish.years", low=filter_.year_min, high=filter_.year_max))
    else:
        for name in ("year_min", "year_max"):
            if (value := getattr(filter_, name)) is not None:
                parts.append(texts.say(f"wish.{name}", value=value))
    one_number_of_seats = filter_.seats_min is not None and filter_.seats_min == filter_.seats_max
    if one_number_of_seats:
        parts.append(texts.say("nearest.seats", value=filter_.seats_min))
    litres = _litres(filter_)
    if litres is not None:
        parts.append(texts.say("wish.engine", value=texts.number(litres)))
    for name in (
        "mileage_min",
        "mileage_max",
        "power_min",
        "power_max",
        "engine_min",
        "engine_max",
        "seats_min",
        "seats_max",
    ):
        if (one_number_of_seats and name.startswith("seats")) or (
            litres is not None and name.startswith("engine")
        ):
            continue
        if (value := getattr(filter_, name)) is not None:
            parts.append(texts.say(f"wish.{name}", value=texts.number(value)))
    return parts


def _litres(filter_: CarFilter) -> float | None:
    """The one size of engine that a narrow range stands for."""
    smallest, largest = filter_.engine_min, filter_.engine_max
    if smallest is None or largest is None or largest - smallest >= _LITRE_STEP:
        return None
    return round((smallest + largest) / 2, 1)


def car_facts(car: Car) -> tuple[Fact, ...]:
    """Every field of a car as a fact about its stock_id; terms by the lexicon's code where it has one."""
    return tuple(
        Fact(subject=car.stock_id, field=field, value=value, text=str(value))
        for field, value in (
            ("model", car.model),
            ("class", car.class_name),
            ("base_class", car.base_class),
            ("year", car.year),
            ("price", car.price),
            ("mileage_km", car.mileage_km),
            ("color", car.color_code or car.color),
            ("body", car.body_code or car.body),
            ("fuel", car.fuel_code or car.fuel),
            ("drive", car.drive_code or car.drive),
            ("transmission", car.transmission_code or car.transmission),
            ("interior", car.interior),
            ("power_hp", car.power_hp),
            ("engine_l", car.engine_l),
            ("seats", car.seats),
            ("options", car.options or None),
            ("status", car.status),
        )
        if value is not None
    )


def car_source(car: Car) -> Source:
    """The row of the show-case that a car's facts come from."""
    return Source(kind="inventory", title=car_title(car), ref=car.stock_id, url=car.url or None)
