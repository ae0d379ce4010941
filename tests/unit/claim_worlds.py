"""Generated salons and true sentences about their cars, for properties of the check of claims."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from chains.claims import Evidence, evidence_of
from chains.reply import Draft, Fact, Language
from chains.vocabulary import Vocabulary, build_vocabulary
from stores.lexicon import load_lexicon

ASSETS = Path(__file__).parents[2] / "assets"
BRANDS = {
    "Mercedes-Benz": (
        *(("C 180", "C"), ("C 200 Coupe", "C"), ("E 200", "E"), ("GLE 350 d 4MATIC", "GLE"), ("AMG G 63", "G")),
        *(("S 500 4MATIC", "S"), ("Maybach S 580 4MATIC", "Maybach S"), ("EQS 450+", "EQS"), ("C 180 4MATIC", "C")),
    ),
    "Веста Моторс": (  # no brand file: known by its inventory alone
        *(("Orion 1.6", "Orion"), ("Orion Sport 2.0", "Orion"), ("Lyra", "Lyra"), ("Lyra Cross", "Lyra")),
        *(("Vega 7", "Vega"), ("T 90", "T")),
    ),
}  # fmt: skip
COLORS = {
    "white": ("белый", "white"),
    "black": ("чёрный", "black"),
    "blue": ("синий", "blue"),
    "grey": ("серый", "grey"),
}
DRIVES = {"all": ("полный привод", "all-wheel drive"), "rear": ("задний привод", "rear-wheel drive")}
NUMBERS = ("price", "year", "mileage_km", "power_hp", "engine_l", "seats")


@dataclass(frozen=True)
class Car:
    stock_id: str
    model: str
    class_name: str
    values: dict[str, Any]


@dataclass(frozen=True)
class World:
    cars: tuple[Car, ...]
    evidence: Evidence
    vocabulary: Vocabulary


LEXICONS = {brand: load_lexicon(ASSETS, brand, ASSETS) for brand in BRANDS}
VOCABULARIES = {
    brand: build_vocabulary(
        LEXICONS[brand],
        sorted({class_name for _, class_name in models}),
        [model for model, _ in models],
        {},
    )
    for brand, models in BRANDS.items()
}


def codes(brand: str, field: str, words: dict[str, tuple[str, str]]) -> list[tuple[str, tuple[str, str]]]:
    """The lexicon's own codes for words of the templates."""
    found = []
    for pair in words.values():
        code = LEXICONS[brand].code(field, pair[0])  # type: ignore[arg-type]  # a literal of the lexicon
        if code:
            found.append((code, pair))
    return found


@st.composite
def worlds(draw: Callable[..., Any]) -> World:
    brand = draw(st.sampled_from(sorted(BRANDS)))
    models = draw(st.lists(st.sampled_from(BRANDS[brand]), min_size=2, max_size=5, unique=True))
    pick: Callable[[Any], Any] = lambda options: draw(st.sampled_from(list(options)))  # noqa: E731  a shorthand
    prices = draw(st.lists(st.integers(20, 600), min_size=len(models), max_size=len(models), unique=True))
    years = draw(st.lists(st.integers(2012, 2026), min_size=len(models), max_size=len(models), unique=True))
    miles = draw(st.lists(st.integers(3, 190), min_size=len(models), max_size=len(models), unique=True))
    powers = draw(st.lists(st.integers(90, 620), min_size=len(models), max_size=len(models), unique=True))
    engines = draw(
        st.lists(
            st.integers(11, 60).filter(lambda tenths: tenths % 10),
            min_size=len(models),
            max_size=len(models),
            unique=True,
        )
    )
    seats = draw(st.permutations([2, 4, 5, 7, 8]))
    cars = tuple(
        Car(
            f"CAR-{index + 1:03}",
            model,
            class_name,
            {
                "price": prices[index] * 50_000,
                "year": years[index],
                "mileage_km": miles[index] * 1_000,
                "power_hp": powers[index],
                "engine_l": engines[index] / 10,
                "seats": seats[index],
                "color": pick(codes(brand, "color", COLORS)),
                "drive": pick(codes(brand, "drive", DRIVES)),
            },
        )
        for index, (model, class_name) in enumerate(models)
    )
    facts = [Fact("query", "count", len(cars), str(len(cars)))]
    for car in cars:
        told = {"model": car.model, "class": car.class_name, **car.values, "status": "available"}
        told |= {name: car.values[name][0] for name in ("color", "drive")}
        facts += [Fact(car.stock_id, name, value, str(value)) for name, value in told.items()]
    draft = Draft(
        route="inventory",
        text="Цены в ₽.",
        facts=tuple(facts),
        cars=tuple(car.stock_id for car in cars),
        cars_total=len(cars),
    )
    return World(cars, evidence_of(draft, "Что есть в наличии?", VOCABULARIES[brand]), VOCABULARIES[brand])


def grouped(value: float, mark: str) -> str:
    return f"{value:,.0f}".replace(",", mark)


def money(value: float, language: Language, rng: random.Random) -> str:
    millions = f"{value / 1e6:g}"
    if language == "ru":
        million = millions.replace(".", ",")
        forms = [
            f"{grouped(value, ' ')} ₽",
            f"{grouped(value, chr(160))} рублей",
            f"{million} млн ₽",
            f"{value:.0f} руб.",
        ]
        forms += (
            [f"{million} миллиона рублей", f"{int(value // 1e6)} млн {int(value % 1e6 / 1e3)} тыс. руб."]
            if value % 1e6 and value > 1e6
            else []
        )
        forms += [f"{grouped(value, '.')} ₽"] if value >= 1e6 else []
    else:
        forms = [
            f"{grouped(value, ',')} rubles",
            f"{millions} million rubles",
            f"₽{grouped(value, ',')}",
            f"{millions} mln ₽",
        ]
    return rng.choice(forms)


def written(name: str, value: Any, language: Language, rng: random.Random) -> str:
    if name == "price":
        return money(value, language, rng)
    ru = {
        "year": [f"{value} года", f"{value} года выпуска"],
        "mileage_km": [
            f"пробег {grouped(value, ' ')} км",
            f"пробег {value / 1000:g} тыс. км",
            f"{value} километров",
        ],
        "power_hp": [f"{value} л. с.", f"{value} л.с.", f"мощность {value} лошадиных сил"],
        "engine_l": [f"{str(value).replace('.', ',')} л", f"двигатель {value} литра"],
        "seats": [f"{value} мест", f"мест: {value} мест"],
    }
    en = {
        "year": [f"year {value}", f"model year {value}"],
        "mileage_km": [f"mileage {grouped(value, ',')} km", f"{value} km", f"{value / 1000:g} thousand km"],
        "power_hp": [f"{value} hp", f"{value} horsepower"],
        "engine_l": [f"{value} l", f"{value} litres"],
        "seats": [f"{value} seats"],
    }
    return rng.choice((ru if language == "ru" else en)[name])


@dataclass(frozen=True)
class Slot:
    """A number of a sentence: of which car and field it is said."""

    car: int
    field: str


Write = Callable[[Slot], str]
Template = tuple[Language, int, Callable[[Callable[[int], str], Write], str]]


def one(language: Language, text: str, fields: tuple[str, ...] = NUMBERS) -> list[Template]:
    return [
        (language, 1, lambda name, write, f=f: text.format(n=name(0), v=write(Slot(0, f)))) for f in fields
    ]  # type: ignore[misc]  # mypy cannot infer it


TEMPLATES: list[Template] = [
    *one("ru", "{n} — {v}."),
    *one("ru", "У {n}: {v}."),
    *one("ru", "В наличии {n}, {v}."),
    *one("ru", "{n} стоит {v}.", ("price",)),
    *one("ru", "Цена {n} составляет {v}.", ("price",)),
    *one("ru", "За {v} есть {n}.", ("price",)),
    *one("en", "The {n} has {v}.", NUMBERS[2:]),
    *one("en", "The {n} costs {v}.", ("price",)),
    *one("en", "We have the {n}, {v}."),
    ("ru", 1, lambda n, w: f"{n(0)}, {w(Slot(0, 'year'))}, {w(Slot(0, 'mileage_km'))} — {w(Slot(0, 'price'))}."),
    ("ru", 1, lambda n, w: f"{n(0)} {w(Slot(0, 'year'))} стоит {w(Slot(0, 'price'))}, {w(Slot(0, 'power_hp'))}."),
    ("en", 1, lambda n, w: f"{n(0)}, {w(Slot(0, 'year'))}, {w(Slot(0, 'mileage_km'))}: {w(Slot(0, 'price'))}."),
    ("ru", 2, lambda n, w: f"{n(0)} стоит {w(Slot(0, 'price'))}, а {n(1)} — {w(Slot(1, 'price'))}."),
    ("ru", 2, lambda n, w: f"{n(0)} за {w(Slot(0, 'price'))} и {n(1)} за {w(Slot(1, 'price'))}."),
    ("ru", 2, lambda n, w: f"{n(0)}: {w(Slot(0, 'power_hp'))}; {n(1)}: {w(Slot(1, 'power_hp'))}."),
    ("ru", 2, lambda n, w: f"За {w(Slot(0, 'price'))} есть {n(0)}, а за {w(Slot(1, 'price'))} — {n(1)}."),
    ("ru", 2, lambda n, w: ", ".join(f"{n(i)} {w(Slot(i, 'year'))} — {w(Slot(i, 'price'))}" for i in (0, 1)) + "."),
    ("en", 2, lambda n, w: f"The {n(0)} costs {w(Slot(0, 'price'))}, and the {n(1)} costs {w(Slot(1, 'price'))}."),
    ("en", 2, lambda n, w: f"The {n(0)} is {w(Slot(0, 'price'))}, while the {n(1)} is {w(Slot(1, 'price'))}."),
]  # fmt: skip


def sentence(
    template: Template,
    world: World,
    rng: random.Random,
    order: list[int],
    change: Callable[[Slot, Any], tuple[str, Any]],
) -> str:
    """The template about the cars of `order`; `change` gives the field and the value that are written for a slot."""
    language, _, build = template
    forms: list[Callable[[Car], str]] = [lambda car: car.model, lambda car: car.model]
    if all(
        other.model == car.model or car.model not in other.model for car in world.cars for other in world.cars
    ):
        forms.append(lambda car: f"{car.model} ({car.stock_id})")
    name = rng.choice(forms)

    def write(slot: Slot) -> str:
        field, value = change(slot, world.cars[order[slot.car]].values[slot.field])
        return written(field, value, language, rng)

    return build(lambda index: name(world.cars[order[index]]), write)
