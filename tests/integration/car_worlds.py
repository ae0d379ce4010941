"""Made-up show-cases, and the cars that pandas finds in them. Nothing here looks at how the program does it."""

import random
from dataclasses import dataclass
from typing import Any

import pandas as pd

from chains.text import is_dictionary_word

THIS_YEAR = 2026
COLORS = {
    "black": ("чёрный", "чёрный чёрная черные чёрного", "чёрным"),
    "white": ("белый", "белый белая белые белого", "белым"),
    "grey": ("серый", "серый серая серые серого", "серым"),
    "blue": ("синий", "синий синяя синие синего", "синим"),
    "red": ("красный", "красный красная красного", "красным"),
    "brown": ("коричневый", "коричневый коричневая коричневого", "коричневым"),
    "beige": ("бежевый", "бежевый бежевая бежевого", "бежевым"),
    "silver": ("серебристый", "серебристый серебристая серебристого", "серебристым"),
    "хамелеон": ("хамелеон", "хамелеон", ""),
}
BODIES = {
    "suv": (
        "внедорожник",
        "внедорожник внедорожники внедорожника кроссовер кроссоверы джип SUV",
        "внедорожников",
    ),
    "sedan": ("седан", "седан седаны седана sedan", "седанов"),
    "coupe": ("купе", "купе", "купе"),
    "estate": ("универсал", "универсал универсалы универсала", "универсалов"),
    "hatchback": ("хэтчбек", "хэтчбек хетчбек хэтчбеки", "хэтчбеков"),
    "van": ("минивэн", "минивэн минивены минивэна", "минивэнов"),
    "cabriolet": ("кабриолет", "кабриолет кабриолеты кабрик", "кабриолетов"),
    "pickup": ("пикап", "пикап пикапы", "пикапов"),
}
FUELS = {
    "petrol": ("бензин", ["бензин", "бензиновый", "на бензине", "petrol"], ("petrol",)),
    "diesel": ("дизель", ["дизель", "дизельный", "на дизеле", "diesel"], ("diesel",)),
    "electric": ("электро", ["электро", "электрический", "электромобиль"], ("electric",)),
    "plugin_hybrid": ("подключаемый гибрид", ["подключаемый гибрид", "плагин-гибрид"], ("plugin_hybrid",)),
    "hybrid": ("гибрид", ["гибрид", "гибридный"], ("hybrid", "plugin_hybrid")),
}
DRIVES = {
    "awd": ("полный", ["полный привод", "полноприводный", "с полным приводом", "4x4", "AWD"]),
    "rwd": ("задний", ["задний привод", "заднеприводный", "на заднем приводе"]),
    "fwd": ("передний", ["передний привод", "переднеприводный", "с передним приводом"]),
}
GEARBOXES = {
    "automatic": ("автомат", ["автомат", "на автомате", "акпп"]),
    "manual": ("механика", ["механика", "на механике", "мкпп"]),
    "cvt": ("вариатор", ["вариатор", "на вариаторе"]),
}
OPTIONS = {
    "panorama": ("панорамная крыша", ["с панорамой", "панорама", "с панорамной крышей"]),
    "sunroof": ("люк", ["с люком", "люк"]),
    "camera_360": ("камера 360°", ["с камерой 360", "камера 360"]),
    "massage": ("массаж сидений", ["с массажем"]),
    "tow_bar": ("фаркоп", ["с фаркопом", "фаркоп"]),
    "heated_wheel": ("подогрев руля", ["с подогревом руля", "подогрев руля"]),
}
STATUSES = {
    "available": ("available", []),
    "reserved": ("reserved", ["забронированные", "в резерве", "зарезервированные"]),
    "in_transit": ("in_transit", ["в пути", "едет"]),
}
SYLLABLES = """
ве:ve ло:lo ра:ra тар:tar ка:ka до:do сан:san ми:mi бру:bru фен:fen зу:zu нор:nor вик:vik лу:lu гра:gra ба:ba
"""
_SYLLABLES = [tuple(pair.split(":")) for pair in SYLLABLES.split()]
MERCEDES = {
    "A": ["A 200", "A 180"],
    "C": ["C 180", "C 200 4MATIC"],
    "E": ["E 200", "E 220 d 4MATIC"],
    "S": ["S 500 4MATIC"],
    "G": ["G 400 d", "AMG G 63"],
    "GLC": ["GLC 300 4MATIC"],
    "GLE": ["GLE 450 4MATIC", "GLE 300 d 4MATIC"],
    "V": ["V 250 d"],
}
_SOUNDS = {"A": "а", "C": "с", "E": "е", "S": "эс", "G": "г", "V": "вэ", "GLC": "глц", "GLE": "гле"}
_SLANG = {"A": "ашка", "C": "цэшка", "E": "ешка", "S": "эска", "G": "гелик", "V": "вэшка"}


@dataclass(frozen=True)
class World:
    """A brand's name and its classes: how a class and its models may be said, and what each means."""

    brand: str
    models: dict[str, list[str]]
    said: dict[str, list[str]]


def invented_world(rng: random.Random) -> World:
    """A brand that nobody has heard of: no file tells how its cars are called, and Russians write them by ear."""
    models: dict[str, list[str]] = {}
    said: dict[str, list[str]] = {}
    skeletons: set[str] = set()
    while len(models) < 5:
        parts = rng.sample(_SYLLABLES, 3)
        cyrillic, latin = ("".join(pair[side] for pair in parts) for side in (0, 1))
        skeleton = "".join(char for char in latin if char not in "aeiou")
        if is_dictionary_word(cyrillic) or skeleton in skeletons:
            continue
        skeletons.add(skeleton)
        name = latin.capitalize()
        models[name] = [name, f"{name} {rng.choice(['1.6', '2.0', '40'])} Pro"]
        said[name] = [name, latin, latin.upper(), cyrillic, cyrillic.capitalize()]
    letter = rng.choice("XTQ")
    number = rng.choice([3, 5, 7, 9])
    short = f"{letter}{number}"
    models[short] = [short]
    said[short] = [short, short.lower(), f"{letter} {number}", f"{letter.lower()}-{number}"]
    return World("Zorvane", models, said)


def mercedes_world(rng: random.Random) -> World:
    """A brand with a file of its own, and letters that look alike in both alphabets."""
    said = {}
    for name in MERCEDES:
        sound = _SOUNDS[name]
        said[name] = [f"{name}-класс", f"{name} класс", f"{name}-class", f"{sound}-класс", f"{sound} класс"]
        said[name] += [_SLANG[name]] if name in _SLANG else [name, name.lower()]
    return World("Mercedes-Benz", MERCEDES, said)


def inventory_of(world: World, rng: random.Random) -> pd.DataFrame:
    """A show-case with codes beside what its cells say (columns `*_cell`)."""
    rows = []
    for number in range(rng.randint(4, 24)):
        name = rng.choice(list(world.models))
        used = rng.random() < 0.5
        interior = rng.choice([None, *(code for code in COLORS if code != "хамелеон")])
        fuel = rng.choice(list(FUELS))
        electric = fuel == "electric"
        rows.append(
            {
                "stock_id": f"N{number:03}",
                "model": rng.choice(world.models[name]),
                "class": name,
                "body": rng.choice(list(BODIES)),
                "year": rng.randint(2015, THIS_YEAR),
                "price": rng.randint(15, 300) * 100_000,
                "mileage": rng.randint(1, 150) * 1000 if used else 0,
                "fuel": fuel,
                "drive": rng.choice(list(DRIVES)),
                "transmission": rng.choice(list(GEARBOXES)),
                "color": rng.choice(list(COLORS)),
                "interior": interior,
                "engine": None if electric else rng.choice([1.5, 1.6, 2.0, 2.5, 3.0, 4.0]),
                "power": rng.randint(90, 600),
                "seats": rng.choice([2, 4, 5, 5, 5, 7, 8]),
                "options": frozenset(rng.sample(list(OPTIONS), rng.randint(0, 3))),
                "status": rng.choice(
                    ["available", "available", "available", "reserved", "in_transit", "sold"]
                ),
            }
        )
    return pd.DataFrame(rows)


def csv_of(cars: pd.DataFrame) -> str:
    """The show-case as a salon writes it: words, not codes."""
    cells = pd.DataFrame(
        {
            "stock_id": cars["stock_id"],
            "model": cars["model"],
            "class": cars["class"],
            "body": cars["body"].map(lambda code: BODIES[code][0]),
            "year": cars["year"],
            "price": cars["price"],
            "mileage_km": cars["mileage"],
            "fuel": cars["fuel"].map(lambda code: FUELS[code][0]),
            "drive": cars["drive"].map(lambda code: DRIVES[code][0]),
            "transmission": cars["transmission"].map(lambda code: GEARBOXES[code][0]),
            "color": cars["color"].map(lambda code: COLORS[code][0]),
            "interior": cars["interior"].map(
                lambda code: f"{COLORS[code][0]} ткань" if code in COLORS else ""
            ),
            "engine_l": cars["engine"],
            "power_hp": cars["power"],
            "seats": cars["seats"],
            "options": cars["options"].map(
                lambda codes: ";".join(sorted(OPTIONS[code][0] for code in codes))
            ),
            "status": cars["status"],
        }
    )
    return str(cells.to_csv(index=False))


def found_by_pandas(cars: pd.DataFrame, wish: dict[str, Any]) -> list[str]:
    """The ids of the cars that fit, best first, by the contract's words."""
    fits = cars["status"].isin(wish.get("statuses", ("available",)))
    if "classes" in wish:
        fits &= cars["class"].isin(wish["classes"])
    if "models" in wish:
        keys = cars["model"].map(tokens_of)
        fits &= keys.map(lambda key: any(f" {model} " in key for model in wish["models"]))
    for name, column in (("bodies", "body"), ("fuels", "fuel"), ("drives", "drive"), ("colors", "color"),
                         ("transmissions", "transmission"), ("interiors", "interior")):  # fmt: skip
        if name in wish:
            fits &= cars[column].isin(wish[name])
        if f"not_{name}" in wish:
            fits &= cars[column].notna() & ~cars[column].isin(wish[f"not_{name}"])
    for code in wish.get("options", ()):
        fits &= cars["options"].map(lambda codes, code=code: code in codes)
    for code in wish.get("not_options", ()):
        fits &= cars["options"].map(lambda codes, code=code: code not in codes)
    for column in ("price", "year", "mileage", "power", "engine", "seats"):
        if f"{column}_min" in wish:
            fits &= cars[column] >= wish[f"{column}_min"]
        if f"{column}_max" in wish:
            fits &= cars[column] <= wish[f"{column}_max"]
    if "condition" in wish:
        fits &= (cars["mileage"] == 0) == (wish["condition"] == "new")
    found = cars.assign(variant=(cars["body"] == "coupe").astype(int), place=range(len(cars)))[fits]
    keys, directions = ["variant", "price", "place"], [True, True, True]
    order = wish.get("order", "relevance")
    if order != "relevance":
        keys, directions = [order.removeprefix("-"), *keys], [not order.startswith("-"), *directions]
        if keys.count("price") > 1:
            keys, directions = [keys[0], "variant", "place"], [directions[0], True, True]
    return list(found.sort_values(keys, ascending=directions, na_position="last", kind="stable")["stock_id"])


def tokens_of(model: str) -> str:
    parts: list[str] = []
    for word in model.lower().replace("4matic", "FOUR").split():
        start = 0
        for place in range(1, len(word) + 1):
            if place == len(word) or (word[place].isalpha() != word[place - 1].isalpha() and word != "FOUR"
                                      and "." not in word):  # fmt: skip
                parts.append(word[start:place])
                start = place
    return f" {' '.join(parts).replace('FOUR', '4matic')} "
