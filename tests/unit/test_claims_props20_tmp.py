"""Any true sentence of many forms passes; the same sentence with a number foreign to the facts, or moved to another
car, field or unit, is stopped. Cars, brands' model names, figures, their spelling and the sentences are generated."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chains.claims import Evidence, evidence_of, failure_of
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


def fails(world: World, template: Template, text: str) -> str | None:
    return failure_of(text, world.evidence, template[0], world.vocabulary)


cases = st.tuples(worlds(), st.sampled_from(TEMPLATES), st.randoms(use_true_random=False))
of_two = st.tuples(
    worlds(), st.sampled_from([one for one in TEMPLATES if one[1] == 2]), st.randoms(use_true_random=False)
)
thorough = settings(max_examples=6000, deadline=None)


def drawn(case: tuple[World, Template, random.Random]) -> tuple[World, Template, random.Random, list[int]]:
    world, template, rng = case
    return world, template, rng, rng.sample(range(len(world.cars)), template[1])


@thorough
@given(case=cases)
def test_a_true_sentence_passes(case: tuple[World, Template, random.Random]) -> None:
    world, template, rng, order = drawn(case)
    text = sentence(template, world, rng, order, lambda slot, value: (slot.field, value))
    assert fails(world, template, text) is None, text


@thorough
@given(case=cases, other=st.integers(1, 400))
def test_a_number_foreign_to_the_facts_is_stopped(
    case: tuple[World, Template, random.Random], other: int
) -> None:
    world, template, rng, order = drawn(case)
    known = {car.values[name] for car in world.cars for name in NUMBERS}
    foreign = {"price": other * 50_000 + 30_000, "year": 1990 + other % 22, "mileage_km": other * 1_000 + 500}
    foreign |= {"power_hp": 621 + other, "engine_l": 6.1 + other / 10, "seats": 9 + other % 40}
    broken = rng.random()

    def change(slot: Slot, value: Any) -> tuple[str, Any]:
        return slot.field, foreign[slot.field] if slot.car == int(broken * template[1]) else value

    assume(not known & set(foreign.values()))
    text = sentence(template, world, rng, order, change)
    assert fails(world, template, text) is not None, text


@thorough
@given(case=cases)
def test_a_number_moved_to_another_car_is_stopped(case: tuple[World, Template, random.Random]) -> None:
    world, template, rng, order = drawn(case)
    others = [index for index in range(len(world.cars)) if index not in order] or order[::-1]
    giver = others[0] if others[0] != order[0] else others[-1]

    def change(slot: Slot, value: Any) -> tuple[str, Any]:
        return slot.field, world.cars[giver].values[slot.field] if slot.car == 0 else value

    text = sentence(template, world, rng, order, change)
    assert fails(world, template, text) is not None, text


@thorough
@given(case=of_two)
def test_figures_swapped_between_two_cars_are_stopped(case: tuple[World, Template, random.Random]) -> None:
    world, template, rng, order = drawn(case)
    swapped = order[::-1]
    text = sentence(
        template,
        world,
        rng,
        order,
        lambda slot, _: (slot.field, world.cars[swapped[slot.car]].values[slot.field]),
    )
    assert fails(world, template, text) is not None, text


@thorough
@given(case=cases, shift=st.integers(1, 5))
def test_a_number_moved_to_another_field_is_stopped(
    case: tuple[World, Template, random.Random], shift: int
) -> None:
    """The value stays, the unit and the words become those of another field: a year given as the mileage."""
    world, template, rng, order = drawn(case)

    def change(slot: Slot, value: Any) -> tuple[str, Any]:
        field = NUMBERS[(NUMBERS.index(slot.field) + shift) % len(NUMBERS)]
        return (field, value) if slot.car == 0 else (slot.field, value)

    known = {name: {car.values[name] for car in world.cars} for name in NUMBERS}
    for name in NUMBERS:
        field = NUMBERS[(NUMBERS.index(name) + shift) % len(NUMBERS)]
        assume(not known[name] & known[field])
    text = sentence(template, world, rng, order, change)
    assert fails(world, template, text) is not None, text


@thorough
@given(case=cases)
def test_a_number_moved_to_another_unit_is_stopped(case: tuple[World, Template, random.Random]) -> None:
    world, template, rng, order = drawn(case)
    text = sentence(template, world, rng, order, lambda slot, value: (slot.field, value))
    units = {
        **{"₽": "€", "рублей": "долларов", "руб": "долларов", "rubles": "dollars", "км": "миль", "km": "miles"},
        **{"километров": "миль", "л. с": "кВт", "л.с": "кВт", "hp": "kW", "horsepower": "kW", "литра": "мест"},
        **{"litres": "seats", "мест": "л", "seats": "litres", "лошадиных сил": "кВт", "года": "км", " л": " мест"},
    }  # fmt: skip
    unit = next((unit for unit in units if unit in text.replace("2.0 л", "")), None)
    assume(unit is not None)
    assert unit is not None
    moved = text.replace(unit, units[unit])
    assert fails(world, template, moved) is not None, moved


@thorough
@given(world=worlds(), rng=st.randoms(use_true_random=False), english=st.booleans())
def test_comparisons_and_terms_pass_exactly_when_true(
    world: World, rng: random.Random, english: bool
) -> None:
    first, second = rng.sample(world.cars, 2)
    language: Language = "en" if english else "ru"
    field, words = rng.choice(
        [
            ("price", ("дешевле", "дороже", "cheaper", "more expensive")),
            ("power_hp", ("слабее", "мощнее", "weaker", "more powerful")),
            ("year", ("старше", "новее", "older", "newer")),
        ]
    )
    less = first.values[field] < second.values[field]
    more = rng.random() < 0.5
    text = (
        f"The {first.model} is {words[2 + more]} than the {second.model}."
        if english
        else rng.choice(
            [
                f"{first.model} {words[more]}, чем {second.model}.",
                f"{first.model} {words[more]} {second.model}.",
            ]
        )
    )
    held = failure_of(text, world.evidence, language, world.vocabulary) is None
    assert held is (less is not more), text
    claimed = rng.choice(world.cars).values["color"]
    text = f"The {first.model} is {claimed[1][1]}." if english else f"{first.model}, цвет {claimed[1][0]}."
    held = failure_of(text, world.evidence, language, world.vocabulary) is None
    assert held is (claimed[0] == first.values["color"][0]), text


@thorough
@given(world=worlds(), rng=st.randoms(use_true_random=False), limit=st.integers(20, 600))
def test_a_limit_passes_exactly_when_the_car_keeps_it_and_somebody_named_it(
    world: World, rng: random.Random, limit: int
) -> None:
    car = rng.choice(world.cars)
    limits = [other.values["price"] for other in world.cars]
    value = rng.choice(limits)
    for language, text in (
        ("ru", f"{car.model} стоит до {money(value, 'ru', rng)}."),
        ("ru", f"{car.model} стоит не дороже {money(value, 'ru', rng)}."),
        ("en", f"The {car.model} costs up to {money(value, 'en', rng)}."),
    ):
        held = failure_of(text, world.evidence, language, world.vocabulary) is None  # type: ignore[arg-type]  # literals
        assert held is (car.values["price"] <= value), text
    foreign = limit * 50_000 + 30_000
    text = f"{car.model} стоит до {money(foreign, 'ru', rng)}."
    assert failure_of(text, world.evidence, "ru", world.vocabulary) == "number", text


@pytest.mark.parametrize("language", ["ru", "en"])
@given(world=worlds(), rng=st.randoms(use_true_random=False))
@settings(max_examples=2000, deadline=None)
def test_the_cheapest_is_the_cheapest_of_all_that_match(
    language: Language, world: World, rng: random.Random
) -> None:
    car = rng.choice(world.cars)
    text = f"Самый дешёвый — {car.model}." if language == "ru" else f"The cheapest is the {car.model}."
    held = failure_of(text, world.evidence, language, world.vocabulary) is None
    assert held is (car.values["price"] == min(other.values["price"] for other in world.cars)), text
