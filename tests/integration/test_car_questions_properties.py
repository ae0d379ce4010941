"""Any question about any show-case, however it is spelt, reads back as the query it means, and SQL finds the very
cars that pandas finds."""

import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.followup import complete
from chains.query import CarQuery, read
from chains.vocabulary import vocabulary_of
from stores.cars import CarFilter
from stores.database import open_database
from stores.inventory import Inventory
from stores.lexicon import Lexicon, load_lexicon
from stores.salon import load_salon
from tests.conftest import SALON_TOML
from tests.integration.car_questions import Asked, question, written
from tests.integration.car_worlds import (
    THIS_YEAR,
    csv_of,
    found_by_pandas,
    invented_world,
    inventory_of,
    mercedes_world,
)

ASSETS = Path(__file__).parents[2] / "assets"
_QUESTIONS = 12


@cache
def _lexicon(brand: str) -> Lexicon:
    return load_lexicon(ASSETS, brand, ASSETS / "no-such-salon")


def _check(seed: int, *, invented: bool) -> None:
    """One show-case and a dozen questions about it."""
    rng = random.Random(seed)
    world = invented_world(rng) if invented else mercedes_world(rng)
    cars = inventory_of(world, rng)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "salon.toml").write_text(
            SALON_TOML.replace('"Mercedes-Benz"', f'"{world.brand}"'), encoding="utf-8"
        )
        (folder / "inventory.csv").write_text(csv_of(cars), encoding="utf-8")
        salon = load_salon(folder)
        lexicon = _lexicon(salon.brand)
        engine = open_database(f"sqlite:///{folder / 'salon.db'}")
        inventory = Inventory(engine, salon, lexicon)
        assert inventory.refresh().rejected == []
        vocabulary = vocabulary_of(lexicon, inventory.facets(), salon.currency)
        for _ in range(_QUESTIONS):
            asked = question(world, cars, rng)
            if not asked.parts:
                continue
            message = written(asked, rng)
            query = complete(read(message, vocabulary, THIS_YEAR), None)
            _assert_read_back(query, asked, message)
            page = inventory.search(query.filter, limit=100)
            assert [car.stock_id for car in page.cars] == found_by_pandas(cars, asked.wish), message
        engine.dispose()


def _assert_read_back(query: CarQuery, asked: Asked, message: str) -> None:
    empty = CarFilter()
    got = {name: value for name, value in query.filter if value != getattr(empty, name)}
    assert {name: _plain(value) for name, value in got.items()} == {
        name: _plain(value) for name, value in asked.wish.items()
    }, message
    assert (query.superlative, query.limit) == (asked.superlative, asked.limit), message
    assert (query.ask == "count") == (asked.ask == "count"), message
    assert query.unknown == (), message


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return frozenset(value)
    return round(value, 6) if isinstance(value, float) else value


@settings(derandomize=True, max_examples=25, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**9), invented=st.booleans())
def test_any_question_reads_back_and_finds_what_pandas_finds(seed: int, invented: bool) -> None:
    _check(seed, invented=invented)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=1500, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**9), invented=st.booleans())
def test_thousands_of_questions_read_back_and_find_what_pandas_finds(seed: int, invented: bool) -> None:
    _check(seed, invented=invented)
