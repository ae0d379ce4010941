"""Made-up questions about a made-up show-case: their words, and the query that they mean."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from chains.text import is_dictionary_word
from tests.integration.car_worlds import (
    BODIES,
    COLORS,
    DRIVES,
    FUELS,
    GEARBOXES,
    OPTIONS,
    STATUSES,
    THIS_YEAR,
    World,
    tokens_of,
)

_GENITIVE = "нуля одного двух трёх четырёх пяти шести семи восьми девяти десяти".split()
_HEADS = (
    "",
    "",
    "есть ",
    "есть ли ",
    "ищу ",
    "нужен ",
    "покажите ",
    "хочу ",
    "у вас есть ",
    "подберите ",
    "Здравствуйте! Интересует ",
)


@dataclass
class Asked:
    """A question: its parts in words, the filter that they mean, and how it is put."""

    parts: list[str] = field(default_factory=list)
    wish: dict[str, Any] = field(default_factory=dict)
    ask: str | None = None
    superlative: bool = False
    limit: int = 5


def question(world: World, cars: pd.DataFrame, rng: random.Random) -> Asked:
    """A question about these cars, of one to four parts in any order."""
    asked = Asked()
    makers: list[Callable[[Asked, World, pd.DataFrame, random.Random], None]] = [
        _name, _body, _color, _fuel, _drive, _gearbox, _interior, _option, _price, _year, _mileage, _power,
        _engine, _seats, _condition, _status, _superlative,
    ]  # fmt: skip
    for maker in sorted(rng.sample(makers, rng.randint(1, 4)), key=makers.index):
        maker(asked, world, cars, rng)
    if asked.wish.get("mileage_max") is not None and asked.wish.get("condition") == "new":
        asked.wish.pop("condition")
        asked.parts = [part for part in asked.parts if part not in _NEW]
    rng.shuffle(asked.parts)
    return asked


def written(asked: Asked, rng: random.Random) -> str:
    """The question as somebody types it: any case, commas or not, «ё» or «е», perhaps one typo in a long word."""
    if asked.ask == "count":
        text = f"сколько у вас {_joined(asked.parts, rng)}"
    else:
        text = rng.choice(_HEADS) + _joined(asked.parts, rng)
    if rng.random() < 0.3:
        text = text.replace("ё", "е")
    if rng.random() < 0.25:
        text = _with_typo(text, rng)
    return rng.choice([str, str, str.capitalize, str.upper])(text) + rng.choice(["", "?", ".", " ?"])


def _joined(parts: Sequence[str], rng: random.Random) -> str:
    return parts[0] + "".join(rng.choice([" ", ", "]) + part for part in parts[1:])


def _with_typo(text: str, rng: random.Random) -> str:
    """One slip in one long word that names a body or a colour: a letter lost, doubled or two swapped, not the first."""
    known = {word for _, words, _ in (*BODIES.values(), *COLORS.values()) for word in words.split()}
    words = text.split(" ")
    long = [index for index, word in enumerate(words) if word in known and len(word) >= 8]
    if not long:
        return text
    index = rng.choice(long)
    word, place = words[index], rng.randint(1, len(words[index]) - 5)  # the ending stays
    typo = rng.choice(
        [
            word[:place] + word[place + 1 :],
            word[:place] + word[place] + word[place:],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        ]
    )
    words[index] = word if is_dictionary_word(typo) else typo
    return " ".join(words)


def _name(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    if rng.random() < 0.6:
        known = sorted(set(cars["class"]) if world.brand != "Mercedes-Benz" else world.said)
        names = rng.sample(known, min(len(known), rng.choice([1, 1, 2])))
        asked.parts.append(rng.choice([" или ", ", "]).join(rng.choice(world.said[name]) for name in names))
        asked.wish["classes"] = tuple(names)
        return
    model = str(rng.choice(list(cars["model"])))
    tokens = tokens_of(model).split()
    if not any(char.isdigit() for char in model) or model in world.said:
        asked.parts.append(model)
        asked.wish["classes"] = (str(cars.loc[cars["model"] == model, "class"].iloc[0]),)
        return
    spellings = [model, model.lower(), " ".join(tokens)]
    if tokens[1][0].isdigit():
        spellings.append(f"{tokens[0]}{' '.join(tokens[1:])}")
    if len(tokens[0]) == 1 and tokens[0] in "aceskmt":
        spellings.append(f"{'аcескмт'['aceskmt'.index(tokens[0])]}{' '.join(tokens[1:])}")
    asked.parts.append(rng.choice(spellings))
    asked.wish["models"] = (" ".join(tokens),)


def _body(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    if rng.random() < 0.3:
        codes = rng.sample(list(BODIES), rng.choice([1, 2]))
        asked.parts.append("кроме " + " и ".join(BODIES[code][2] for code in codes))
        asked.wish["not_bodies"] = tuple(codes)
        return
    codes = rng.sample(list(BODIES), rng.choice([1, 1, 2]))
    asked.parts.append(" или ".join(rng.choice(BODIES[code][1].split()) for code in codes))
    asked.wish["bodies"] = tuple(codes)


def _color(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    known = [code for code in COLORS if code != "хамелеон" or code in set(cars["color"])]
    codes = rng.sample(known, rng.choice([1, 1, 2, 3]))
    names = [rng.choice(COLORS[code][1].split()) for code in codes]
    names = [f"{name} цвета" if name.endswith("го") else name for name in names]
    if rng.random() < 0.3:
        asked.parts.append("не " + " и не ".join(names))
        asked.wish["not_colors"] = tuple(codes)
    else:
        asked.parts.append(rng.choice([" или ", " либо "]).join(names))
        asked.wish["colors"] = tuple(codes)


def _fuel(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    # An electric S-Class has a name of its own, EQS, and is understood as one.
    electric_is_a_class = world.brand == "Mercedes-Benz" and asked.wish.keys() & {"classes", "models"}
    code = rng.choice([code for code in FUELS if code != "electric" or not electric_is_a_class])
    asked.parts.append(rng.choice(FUELS[code][1]))
    asked.wish["fuels"] = FUELS[code][2]


def _drive(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    code = rng.choice(list(DRIVES))
    asked.parts.append(rng.choice(DRIVES[code][1]))
    asked.wish["drives"] = (code,)


def _gearbox(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    code = rng.choice(list(GEARBOXES))
    negated = rng.random() < 0.2
    asked.parts.append(f"не {GEARBOXES[code][1][0]}" if negated else rng.choice(GEARBOXES[code][1]))
    asked.wish["not_transmissions" if negated else "transmissions"] = (code,)


def _interior(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    code = rng.choice([code for code in COLORS if COLORS[code][2]])
    name, instrumental = COLORS[code][0], COLORS[code][2]
    ways = [f"с {instrumental} салоном", f"салон {name}", f"{name} салон"]
    # «серый салон белый» may be either way round
    asked.parts.append(ways[0] if asked.wish.keys() & {"colors", "not_colors"} else rng.choice(ways))
    asked.wish["interiors"] = (code,)


def _option(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    codes = rng.sample(list(OPTIONS), rng.choice([1, 1, 2]))
    asked.parts += [rng.choice(OPTIONS[code][1]) for code in codes]
    asked.wish["options"] = tuple(codes)


def _price(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    low = rng.randint(2, 25)
    high = low + rng.randint(1, 5)
    unit = rng.choice(["млн", "миллионов", "лямов", "кк", "мультов", "млн рублей", "mln"])
    whole = high if rng.random() < 0.6 else high - 0.5
    amount = f"{whole:g}".replace(".", rng.choice([",", "."]))
    spelt = f"{_GENITIVE[int(whole)]}{' с половиной' if whole % 1 else ''}" if whole <= 10 else amount
    exact = rng.randint(1_500_000, 29_999_999)
    kind = rng.randint(0, 5)
    if kind == 0:
        part, limits = f"от {low} до {amount} {unit}", (low * 10**6, round(whole * 10**6))
    elif kind == 1:
        part, limits = f"{low}-{high} {unit}", (low * 10**6, high * 10**6)
    elif kind == 2:
        part, limits = (
            f"{rng.choice(['до', 'не дороже', 'дешевле', 'максимум'])} {amount} {unit}",
            (None, whole * 10**6),
        )
    elif kind == 3:
        part, limits = (
            f"{rng.choice(['от', 'дороже', 'не дешевле', 'минимум'])} {low} {unit}",
            (low * 10**6, None),
        )
    elif kind == 4:
        part, limits = f"{rng.choice(['до', 'не дороже'])} {spelt} {unit}", (None, whole * 10**6)
    else:
        grouped = f"{exact:,}".replace(",", rng.choice([" ", "\u00a0", ""]))
        part, limits = f"до {grouped}{rng.choice(['', ' руб', ' ₽', ' рублей', 'р'])}", (None, exact)
    _range(asked, "price", part, limits)


def _year(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    year = rng.randint(2016, THIS_YEAR - 1)
    age = rng.randint(2, 8)
    part, limits = rng.choice(
        [
            (f"{year} года", (year, year)),
            (f"{year % 100}-{year % 100 + 1} года", (year, year + 1)),
            (f"от {year} года", (year, None)),
            (f"не старше {year} года", (year, None)),
            (f"не старше {year}", (year, None)),
            (f"новее {year} года", (year + 1, None)),
            (f"{year}+", (year, None)),
            (f"{year} и новее", (year, None)),
            (f"не новее {year} года", (None, year)),
            (f"с {year} по {year + 1} год", (year, year + 1)),
            (f"не старше {_GENITIVE[age]} лет", (THIS_YEAR - age, None)),
            ("прошлого года", (THIS_YEAR - 1, THIS_YEAR - 1)),
        ]
    )
    _range(asked, "year", part, limits)


def _mileage(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    km = rng.randint(2, 140)
    part = rng.choice(
        [f"пробег до {km} тыс", f"пробег меньше {km}к", f"до {km} тыс км", f"до {km} 000 км", f"до {km}ткм",
         f"пробег не больше {km} тысяч", f"не более {km} тысяч километров"]
    )  # fmt: skip
    _range(asked, "mileage", part, (None, km * 1000))


def _power(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    power = rng.randint(11, 55) * 10
    unit = rng.choice(["л.с.", "лс", "сил", "лошадей", "hp"])
    part, limits = rng.choice(
        [
            (f"мощнее {power} {unit}", (power + 1, None)),
            (f"от {power} {unit}", (power, None)),
            (f"до {power} {unit}", (None, power)),
            (f"от {power} до {power + 100} {unit}", (power, power + 100)),
            (f"{power}+ {unit}" if unit == "hp" else f"не меньше {power} {unit}", (power, None)),
        ]
    )
    _range(asked, "power", part, limits)


def _engine(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    litres = rng.choice([1.6, 2.0, 2.5, 3.0])
    part, limits = rng.choice(
        [
            (f"{litres:.1f} литра", (litres - 0.06, litres + 0.06)),
            (f"больше {litres:.1f} литра", (litres + 0.1, None)),
            (f"до {litres:.1f} литров", (None, litres)),
        ]
    )
    _range(asked, "engine", part, limits)


def _seats(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    seats = rng.choice([6, 7, 8])
    word = {6: "шести", 7: "семи", 8: "восьми"}[seats]
    part = rng.choice(
        [f"{seats} мест", f"на {seats} мест", f"{word}местный", f"{seats}-местный", f"от {seats} мест"]
    )
    _range(asked, "seats", part, (seats, None))


def _range(asked: Asked, name: str, part: str, limits: tuple[float | None, float | None]) -> None:
    asked.parts.append(part)
    for end, value in zip(("min", "max"), limits, strict=True):
        if value is not None:
            asked.wish[f"{name}_{end}"] = round(value, 6) if name == "engine" else round(value)


_NEW = ("новый", "новые", "без пробега", "новая машина")


def _condition(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    condition = rng.choice(["new", "used"])
    words = _NEW if condition == "new" else ("с пробегом", "бу", "б/у", "подержанный", "бэушный", "не новый")
    asked.parts.append(rng.choice(words))
    asked.wish["condition"] = condition


def _status(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    status = rng.choice(["reserved", "in_transit"])
    asked.parts.append(rng.choice(STATUSES[status][1]))
    asked.wish["statuses"] = (status,)


def _superlative(asked: Asked, world: World, cars: pd.DataFrame, rng: random.Random) -> None:
    if rng.random() < 0.3:
        asked.ask = "count"
        return
    part, order, limit = rng.choice(
        [
            ("самый дешёвый", "price", 1),
            ("самая дорогая", "-price", 1),
            ("самый мощный", "-power", 1),
            ("топ 3 по мощности", "-power", 3),
            ("три самых дешёвых", "price", 3),
            ("с самым маленьким пробегом", "mileage", 1),
        ]
    )
    asked.parts.append(part)
    asked.wish["order"], asked.superlative, asked.limit = order, True, limit
