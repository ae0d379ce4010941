"""Which cars a filter finds, and in which order: the same on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from stores.cars import CarFilter
from stores.database import open_database
from stores.inventory import Inventory
from tests.stock import found, open_inventory


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stock(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    make_salon_folder: Callable[[Path], Path],
) -> Iterator[Inventory]:
    """The same show-case, for tests that only look: loaded once on each database."""
    folder = make_salon_folder(tmp_path_factory.mktemp("stock") / "salon")
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{folder.parent / 'salon.db'}"
        else:
            url = stack.enter_context(request.getfixturevalue("new_postgres_database")())
        engine = open_database(url)
        stack.callback(engine.dispose)
        opened = open_inventory(engine, folder)
        opened.refresh()
        yield opened


def test_only_available_cars_are_found_unless_others_are_asked_for(stock: Inventory) -> None:
    assert len(found(stock)) == 7
    assert found(stock, statuses=["reserved"]) == ["E2"]
    assert found(stock, statuses=["in_transit"]) == ["G1"]
    assert found(stock, statuses=["sold"]) == ["EQS1"]
    assert len(found(stock, statuses=[])) == 10


def test_plain_versions_come_first_then_the_lowest_price(stock: Inventory) -> None:
    assert found(stock, classes=["C"]) == ["C1", "C2"]  # the coupé is cheaper, but a coupé
    assert found(stock, classes=["S"]) == ["S1", "S2"]  # the Maybach too
    assert found(stock, bodies=["sedan"]) == ["C1", "E1", "S1", "S2"]


def test_a_version_may_be_asked_for_by_itself(stock: Inventory) -> None:
    assert found(stock, classes=["Maybach S"]) == ["S2"]
    assert found(stock, classes=["S"], not_classes=["Maybach S"]) == ["S1"]
    assert found(stock, classes=["C", "S"], not_classes=["S"]) == ["C1", "C2"]


@pytest.mark.parametrize(
    "models, ids",
    [
        (["C 180"], ["C1"]),
        (["c180"], ["C1"]),
        (["С 180"], ["C1"]),  # a Cyrillic letter
        (["C 18"], []),
        (["180"], ["C1"]),
        (["GLE 350 d"], ["GLE1"]),
        (["4MATIC"], ["GLC1", "GLE1", "S1", "S2"]),
        (["C 180", "E 200"], ["C1", "E1"]),
        (["%"], []),
        (["_"], []),
        (["C_180"], ["C1"]),
        (["'; DROP TABLE dialogs; --"], []),
        (["\x00"], []),
        (["C 180\ud800"], ["C1"]),
        (["я" * 5000], []),
    ],
)
def test_a_model_is_found_by_its_name_or_a_part_of_it(
    stock: Inventory, models: list[str], ids: list[str]
) -> None:
    assert found(stock, models=models) == ids


def test_codes_of_all_fields_limit_the_search(stock: Inventory) -> None:
    assert found(stock, bodies=["suv"]) == ["GLC1", "GLE1"]
    assert found(stock, fuels=["diesel"]) == ["GLE1"]
    assert found(stock, drives=["rwd"]) == ["C1", "E1"]
    assert found(stock, colors=["white", "grey"]) == ["C1", "E1", "GLC1"]
    assert found(stock, transmissions=["manual"]) == []


def test_the_upholstery_is_found_by_colour_and_as_equipment(stock: Inventory) -> None:
    assert found(stock, interiors=["black", "beige"]) == ["C1"]
    assert found(stock, interiors=["white"]) == []
    assert found(stock, not_interiors=["beige"]) == ["C1"]  # of the others nobody knows the colour
    assert found(stock, not_interiors=["black"]) == []
    assert found(stock, options=["leather"]) == ["C1"]


def test_exclusions_leave_out(stock: Inventory) -> None:
    assert found(stock, not_colors=["black"]) == ["C1", "E1", "GLC1"]
    assert found(stock, bodies=["suv"], not_models=["GLE"]) == ["GLC1"]
    assert found(stock, classes=["C"], not_bodies=["coupe"]) == ["C1"]
    assert found(stock, not_fuels=["petrol"]) == ["GLE1"]
    assert found(stock, not_drives=["awd"]) == ["C1", "E1"]
    assert found(stock, classes=["C"], not_options=["панорам"]) == ["C2"]


@pytest.mark.parametrize(
    "wish, ids",
    [
        ({"price_max": 4500000}, ["C1", "C2"]),
        ({"price_max": 4499999}, ["C2"]),
        ({"price_min": 16900000}, ["S1", "S2"]),
        ({"price_min": 4500000, "price_max": 7400000}, ["C1", "E1", "GLC1"]),
        ({"year_min": 2024}, ["E1", "GLC1", "S1", "S2"]),
        ({"year_max": 2022}, ["C2"]),
        ({"mileage_max": 12000}, ["C1", "E1", "GLC1", "S1", "S2"]),
        ({"mileage_min": 1, "mileage_max": 25000}, ["C1", "GLE1"]),
        ({"power_min": 272}, ["GLE1", "S1", "S2"]),
        ({"engine_min": 2.9}, ["GLE1", "S1", "S2"]),
        ({"engine_max": 1.5}, ["C1", "C2"]),
        ({"seats_min": 7}, ["GLE1"]),
        ({"condition": "new"}, ["E1", "GLC1", "S1", "S2"]),
        ({"condition": "used"}, ["C1", "GLE1", "C2"]),
        ({"price_max": 0}, []),
        ({"price_max": 10**18}, ["C1", "E1", "GLC1", "GLE1", "S1", "C2", "S2"]),
    ],
)
def test_ranges_include_their_ends(stock: Inventory, wish: dict[str, object], ids: list[str]) -> None:
    assert found(stock, **wish) == ids


def test_an_unknown_value_fits_no_range_no_wish_and_no_exclusion(stock: Inventory) -> None:
    sold = {"statuses": ["sold"], "models": ["EQS"]}
    assert found(stock, **sold) == ["EQS1"]
    assert found(stock, **sold, engine_min=0) == []
    assert found(stock, **sold, engine_max=9) == []


@pytest.mark.parametrize(
    "options, ids",
    [
        (["panorama"], ["C1", "GLC1"]),
        (["панорамная"], ["C1", "GLC1"]),
        (["ПАНОРАМНАЯ Крыша"], ["C1", "GLC1"]),
        (["panorama", "camera_360"], ["C1"]),
        (["burmester"], ["E1"]),
        (["BURM"], ["E1"]),
        (["100%"], []),
        (["крыша_"], []),
        (["\x00крыша"], ["C1", "GLC1"]),
    ],
)
def test_options_are_found_by_code_or_by_words_in_any_case(
    stock: Inventory, options: list[str], ids: list[str]
) -> None:
    assert found(stock, options=options) == ids


@pytest.mark.parametrize(
    "order, ids",
    [
        ("price", ["C2", "C1", "E1", "GLC1", "GLE1", "S2", "S1"]),
        ("-price", ["S1", "S2", "GLE1", "GLC1", "E1", "C1", "C2"]),
        ("year", ["C2", "C1", "GLE1", "E1", "GLC1", "S1", "S2"]),
        ("-year", ["E1", "GLC1", "S1", "S2", "C1", "GLE1", "C2"]),
        ("mileage", ["E1", "GLC1", "S1", "S2", "C1", "GLE1", "C2"]),
        ("-mileage", ["C2", "GLE1", "C1", "E1", "GLC1", "S1", "S2"]),
        ("power", ["C1", "E1", "C2", "GLC1", "GLE1", "S1", "S2"]),
        ("-power", ["S2", "S1", "GLE1", "GLC1", "E1", "C2", "C1"]),
        ("-seats", ["GLE1", "C1", "E1", "GLC1", "S1", "C2", "S2"]),
        ("-engine", ["S2", "S1", "GLE1", "E1", "GLC1", "C1", "C2"]),
    ],
)
def test_the_order_asked_for_wins(stock: Inventory, order: str, ids: list[str]) -> None:
    assert found(stock, order=order) == ids


def test_unknown_values_come_last_in_either_direction(stock: Inventory) -> None:
    for order in ("engine", "-engine"):
        assert found(stock, statuses=[], order=order)[-1] == "EQS1"


def test_the_total_counts_all_cars_and_the_page_shows_a_few(stock: Inventory) -> None:
    page = stock.search(CarFilter(), limit=2)
    assert (page.total, [car.stock_id for car in page.cars]) == (7, ["C1", "E1"])
    page = stock.search(CarFilter(), limit=2, offset=6)
    assert (page.total, [car.stock_id for car in page.cars]) == (7, ["S2"])
    assert stock.search(CarFilter(), limit=0) == (7, [])


def test_a_search_may_be_limited_to_certain_cars(stock: Inventory) -> None:
    assert found(stock, stock_ids=["S1", "C1", "none"]) == ["C1", "S1"]


def test_a_search_is_one_query_for_the_count_and_one_for_the_page(engine: Engine, salon_folder: Path) -> None:
    inventory = open_inventory(engine, salon_folder)
    inventory.refresh()
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    inventory.search(CarFilter(classes=("C",)))
    assert len([statement for statement in statements if "FROM inventory_cars" in statement]) == 2


def test_cars_are_given_by_id_in_the_order_asked_whatever_their_status(stock: Inventory) -> None:
    assert [car.stock_id for car in stock.get(["EQS1", "none", "C1", "EQS1"])] == ["EQS1", "C1"]
    assert stock.get([]) == []


def test_numbers_are_computed_over_all_matches(stock: Inventory) -> None:
    prices = stock.aggregate(CarFilter(classes=("C",)), "price")
    assert (prices.count, prices.known, prices.minimum, prices.maximum) == (2, 2, 4200000, 4500000)
    assert prices.mean == pytest.approx(4350000)
    engines = stock.aggregate(CarFilter(statuses=()), "engine_l")
    assert (engines.count, engines.known, engines.minimum) == (10, 9, 1.5)
    nothing = stock.aggregate(CarFilter(classes=("X",)), "price")
    assert (nothing.count, nothing.minimum, nothing.maximum, nothing.mean) == (0, None, None, None)


def test_classes_are_counted_among_available_cars(stock: Inventory) -> None:
    assert stock.class_counts() == {"C": 2, "E": 1, "GLC": 1, "GLE": 1, "Maybach S": 1, "S": 1}


def test_facets_name_everything_that_occurs(stock: Inventory) -> None:
    facets = stock.facets()
    assert facets.classes == ("C", "E", "EQS", "G", "GLC", "GLE", "Maybach S", "S")
    assert "AMG G 63" in facets.models
    assert set(facets.fuels) == {"petrol", "diesel", "electric"}
    assert "панорамная крыша" in facets.options
    assert stock.facets() is facets
