"""Any true sentence of many forms passes; the same sentence with a number foreign to the facts, or moved to another
car, field or unit, is stopped. Cars, brands' model names, figures, their spelling and the sentences are generated."""

import random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chains.claims import failure_of
from chains.reply import Language
from tests.unit.claim_worlds import NUMBERS, TEMPLATES, Slot, Template, World, money, sentence, worlds


def fails(world: World, template: Template, text: str) -> str | None:
    return failure_of(text, world.evidence, template[0], world.vocabulary)


cases = st.tuples(worlds(), st.sampled_from(TEMPLATES), st.randoms(use_true_random=False))
of_two = st.tuples(
    worlds(), st.sampled_from([one for one in TEMPLATES if one[1] == 2]), st.randoms(use_true_random=False)
)
thorough = settings(max_examples=300, deadline=None)


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
@settings(max_examples=100, deadline=None)
def test_the_cheapest_is_the_cheapest_of_all_that_match(
    language: Language, world: World, rng: random.Random
) -> None:
    car = rng.choice(world.cars)
    text = f"Самый дешёвый — {car.model}." if language == "ru" else f"The cheapest is the {car.model}."
    held = failure_of(text, world.evidence, language, world.vocabulary) is None
    assert held is (car.values["price"] == min(other.values["price"] for other in world.cars)), text
