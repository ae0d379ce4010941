"""The show-case in the database: versions, searches, and sources that fail."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from sqlalchemy import Engine, event, func, select
from sqlmodel import col

from stores.cars import CarFilter, LoadReport
from stores.database import open_database, reading
from stores.errors import InventoryUnreadable
from stores.inventory import KEPT_VERSIONS, Inventory
from stores.lexicon import load_lexicon
from stores.models import CarRow, InventoryRemarkRow, InventoryVersionRow
from stores.salon import load_salon

ASSETS = Path(__file__).parents[2] / "assets"
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def clock() -> Iterator[datetime]:
    now = START
    while True:
        yield now
        now += timedelta(minutes=1)


def open_inventory(engine: Engine, folder: Path) -> Inventory:
    salon = load_salon(folder)
    return Inventory(engine, salon, load_lexicon(ASSETS, salon.brand, folder), clock=clock().__next__)


@pytest.fixture
def inventory(engine: Engine, salon_folder: Path) -> Inventory:
    """The show-case of the test salon, loaded."""
    opened = open_inventory(engine, salon_folder)
    opened.refresh()
    return opened


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


def found(inventory: Inventory, **wish: object) -> list[str]:
    page = inventory.search(CarFilter.model_validate(wish), limit=100)
    assert page.total == len(page.cars)
    return [car.stock_id for car in page.cars]


def write(folder: Path, *rows: str, header: str = "stock_id,model,price,color,options") -> None:
    (folder / "inventory.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def replace_inventory(folder: Path, table: str) -> None:
    """Put another [inventory] table into salon.toml."""
    file = folder / "salon.toml"
    text = file.read_text(encoding="utf-8")
    start, end = text.index("[inventory]"), text.index("[finance]")
    file.write_text(f"{text[:start]}{table}\n\n{text[end:]}", encoding="utf-8")


# --- searching


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


def test_a_search_is_one_query_for_the_count_and_one_for_the_page(
    inventory: Inventory, engine: Engine
) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    inventory.search(CarFilter(classes=("C",)))
    on_cars = [statement for statement in statements if "FROM inventory_cars" in statement]
    assert len(on_cars) == 2


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


# --- versions


def test_a_load_reports_what_it_took_and_what_it_left_out(engine: Engine, salon_folder: Path) -> None:
    write(salon_folder, "A1,C 180,1000,белый,", ",E 200,5,,", "A3,E 200,дорого,,", "A1,E 200,7,,", "A5,E")
    inventory = open_inventory(engine, salon_folder)
    report = inventory.refresh()
    assert (report.version, report.cars, report.stale, report.error, report.changed) == (
        1,
        1,
        False,
        None,
        True,
    )
    assert [(row.line, row.stock_id) for row in report.rejected] == [
        (3, None),
        (4, "A3"),
        (5, "A1"),
        (6, "A5"),
    ]
    assert all(row.reason for row in report.rejected)
    assert inventory.rejected() == report.rejected
    status = inventory.status()
    assert (status.version, status.cars, status.rejected, status.stale) == (1, 1, 4, False)
    assert status.refreshed_at == START


def test_what_could_not_be_read_of_a_car_is_remarked_for_staff(engine: Engine, salon_folder: Path) -> None:
    write(salon_folder, "A1,C 180,1000,нет такого года", header="stock_id,model,price,year")
    inventory = open_inventory(engine, salon_folder)
    report = inventory.refresh()
    assert (report.cars, report.rejected) == (1, [])
    assert [(row.line, row.stock_id) for row in report.remarks] == [(2, "A1")]
    assert inventory.remarks() == report.remarks


def test_unchanged_content_moves_only_the_time(inventory: Inventory) -> None:
    before = inventory.status()
    report = inventory.refresh()
    assert not report.changed
    after = inventory.status()
    assert after.version == before.version
    assert after.refreshed_at is not None
    assert before.refreshed_at is not None
    assert after.refreshed_at > before.refreshed_at


def test_changed_content_is_a_new_version_for_everybody(
    inventory: Inventory, engine: Engine, salon_folder: Path
) -> None:
    other = open_inventory(engine, salon_folder)
    assert "C1" in found(other)
    assert "Z 1" not in other.facets().models
    write(salon_folder, "Z1,Z 1,1000,белый,")
    assert inventory.refresh().changed
    assert found(other) == ["Z1"]
    assert other.facets().models == ("Z 1",)
    assert other.get(["C1"]) == []


def test_a_change_of_the_mapping_is_a_new_version_too(engine: Engine, salon_folder: Path) -> None:
    open_inventory(engine, salon_folder).refresh()
    replace_inventory(
        salon_folder, '[inventory]\nsource = "inventory.csv"\n[inventory.values.color]\n"белый" = "чёрный"'
    )
    inventory = open_inventory(engine, salon_folder)
    assert inventory.refresh().changed
    assert found(inventory, colors=["white"]) == []


def test_only_the_last_versions_are_kept(inventory: Inventory, engine: Engine, salon_folder: Path) -> None:
    for price in range(1, KEPT_VERSIONS + 4):
        write(salon_folder, f"A1,C 180,{price},,", ",no id,1,,")
        inventory.refresh()
    with reading(engine) as session:
        versions = session.scalars(
            select(col(InventoryVersionRow.id)).order_by(col(InventoryVersionRow.id))
        ).all()
        assert len(versions) == KEPT_VERSIONS
        for table in (CarRow, InventoryRemarkRow):
            assert set(session.scalars(select(col(table.version_id)))) == set(versions)
    assert inventory.get(["A1"])[0].price == KEPT_VERSIONS + 3


def spoil_by_deleting(folder: Path) -> None:
    (folder / "inventory.csv").unlink()


def spoil_by_dropping_a_column(folder: Path) -> None:
    write(folder, "A1,C 180", header="stock_id,model")


def spoil_by_emptying(folder: Path) -> None:
    (folder / "inventory.csv").write_bytes(b"")


def spoil_by_leaving_the_header(folder: Path) -> None:
    write(folder)


def spoil_all_rows(folder: Path) -> None:
    write(folder, "A1,C 180,дорого,,")


SPOILS = [
    (spoil_by_deleting, "cannot be read: No such file"),
    (spoil_by_dropping_a_column, "lacks the column price"),
    (spoil_by_emptying, "is empty"),
    (spoil_by_leaving_the_header, "holds no car"),
    (spoil_all_rows, "holds no usable car: 1 rows were left out, line 2 because its price"),
]


@pytest.mark.parametrize("spoil, said", SPOILS)
def test_a_source_that_fails_leaves_the_last_good_version_in_force(
    inventory: Inventory, engine: Engine, salon_folder: Path, spoil: Callable[[Path], None], said: str
) -> None:
    good = (salon_folder / "inventory.csv").read_bytes()
    before = inventory.status()
    spoil(salon_folder)
    report = inventory.refresh()
    assert report.stale
    assert said in (report.error or "")
    assert (report.version, report.cars, report.refreshed_at) == (before.version, 10, before.refreshed_at)
    assert len(found(inventory)) == 7
    assert open_inventory(engine, salon_folder).status().stale  # other processes know it too

    (salon_folder / "inventory.csv").write_bytes(good)
    assert not inventory.refresh().stale
    assert inventory.status().error is None


@pytest.mark.parametrize("spoil, said", SPOILS)
def test_a_source_that_fails_at_the_first_start_is_an_error(
    engine: Engine, salon_folder: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(salon_folder)
    inventory = open_inventory(engine, salon_folder)
    with pytest.raises(InventoryUnreadable, match=said):
        inventory.refresh()
    status = inventory.status()
    assert (status.version, status.cars, status.refreshed_at, status.stale) == (0, 0, None, True)
    assert found(inventory) == []
    assert inventory.facets().models == ()


def test_many_who_refresh_at_once_make_one_version(engine: Engine, salon_folder: Path) -> None:
    reports: list[LoadReport] = []
    failures: list[Exception] = []

    def refresh() -> None:
        try:
            reports.append(open_inventory(engine, salon_folder).refresh())
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=refresh) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [report.changed for report in reports].count(True) == 1
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(InventoryVersionRow)) == 1


def test_a_search_never_sees_half_a_version(inventory: Inventory, salon_folder: Path) -> None:
    first = [f"A{number},C 180,{number + 1},,old" for number in range(300)]
    second = [f"B{number},E 200,{number + 1},,new" for number in range(200)]
    write(salon_folder, *first)
    inventory.refresh()
    done = threading.Event()
    seen: set[tuple[int, int]] = set()

    def look() -> None:
        while not done.is_set():
            page = inventory.search(CarFilter(), limit=1000)
            seen.add((page.total, len({car.options for car in page.cars})))
            assert page.total == len(page.cars)

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for rows in (second, first, second):
            write(salon_folder, *rows)
            inventory.refresh()
    finally:
        done.set()
        reader.join()
    assert seen <= {(300, 1), (200, 1)}


# --- other sources

COLUMNS = """
[inventory.columns]
stock_id = "vin"
model = "modell"
price = "preis"
mileage_km = "km_stand"
[inventory.values.status]
"1" = "available"
"2" = "sold"
"""
QUERY = "SELECT vin, modell, preis, einkauf, km_stand, status FROM wagen WHERE vin NOT LIKE '%:x%'"
ROWS = [
    ("V1", "C 180", 4500000.0, 1, None, 1),
    ("V2", "E 200", 6500000.0, 2, 12000, 2),
    ("V3", "E 220", None, 3, 1, 1),
]
CREATE = "CREATE TABLE wagen (vin TEXT, modell TEXT, preis DOUBLE PRECISION, einkauf INT, km_stand INT, status INT)"


def check_foreign_cars(engine: Engine, folder: Path) -> None:
    inventory = open_inventory(engine, folder)
    report = inventory.refresh()
    assert [(row.line, row.stock_id) for row in report.rejected] == [(3, "V3")]
    assert found(inventory) == ["V1"]
    assert found(inventory, statuses=["sold"]) == ["V2"]
    assert inventory.get(["V2"])[0].mileage_km == 12000


def test_cars_may_come_from_a_query_to_sqlite(engine: Engine, salon_folder: Path) -> None:
    with sqlite3.connect(salon_folder / "dms.db") as connection:
        connection.execute(CREATE)
        connection.executemany("INSERT INTO wagen VALUES (?, ?, ?, ?, ?, ?)", ROWS)
    connection.close()
    replace_inventory(salon_folder, f'[inventory]\nsource = "sqlite:///dms.db"\nquery = "{QUERY}"\n{COLUMNS}')
    check_foreign_cars(engine, salon_folder)


def test_cars_may_come_from_a_query_to_postgresql(
    engine: Engine, salon_folder: Path, postgres_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(postgres_database_url.replace("+psycopg", "")) as connection:
        connection.execute(CREATE)
        connection.cursor().executemany("INSERT INTO wagen VALUES (%s, %s, %s, %s, %s, %s)", ROWS)
    monkeypatch.setenv("DMS_URL", postgres_database_url)
    replace_inventory(salon_folder, f'[inventory]\nsource = "${{DMS_URL}}"\nquery = "{QUERY}"\n{COLUMNS}')
    check_foreign_cars(engine, salon_folder)


def test_cars_may_come_from_parquet(engine: Engine, salon_folder: Path) -> None:
    names = ("vin", "modell", "preis", "einkauf", "km_stand", "status")
    columns = dict(zip(names, (list(column) for column in zip(*ROWS, strict=True)), strict=True))
    pyarrow.parquet.write_table(pyarrow.table(columns), salon_folder / "cars.parquet")
    replace_inventory(salon_folder, f'[inventory]\nsource = "cars.parquet"\n{COLUMNS}')
    check_foreign_cars(engine, salon_folder)


@pytest.mark.parametrize(
    "source, query, said",
    [
        ("sqlite:///none.db", "SELECT 1", "names a file that does not exist"),
        ("sqlite:///dms.db", "SELECT * FROM nowhere", "failed: no such table: nowhere"),
        ("sqlite:///dms.db", "SELECT 1 AS vin", "lacks the columns modell, preis"),
        ("sqlite:///dms.db", "DELETE FROM wagen", "failed: attempt to write a readonly database"),
        ("sqlite:///dms.db", "SAVEPOINT s", "gives no rows"),
        ("postgresql+psycopg://clerk:hunter2@127.0.0.1:1/dms", "SELECT 1", "Connection refused"),
        ("mysql+pymysql://clerk:hunter2@127.0.0.1/dms", "SELECT 1", "driver 'pymysql'"),
        ("dbase://clerk:hunter2@127.0.0.1/dms", "SELECT 1", "dbase"),
    ],
)
def test_a_query_that_fails_is_one_sentence_without_the_password(
    sqlite_url: str, salon_folder: Path, source: str, query: str, said: str
) -> None:
    with sqlite3.connect(salon_folder / "dms.db") as connection:
        connection.execute(CREATE)
        connection.execute("INSERT INTO wagen VALUES ('V1', 'C 180', 1, 1, 1, 1)")
    connection.close()
    replace_inventory(salon_folder, f'[inventory]\nsource = "{source}"\nquery = "{query}"\n{COLUMNS}')
    engine = open_database(sqlite_url)
    with pytest.raises(InventoryUnreadable, match=said) as raised:
        open_inventory(engine, salon_folder).refresh()
    assert "hunter2" not in str(raised.value)
    assert "\n" not in str(raised.value)
    engine.dispose()
    with sqlite3.connect(salon_folder / "dms.db") as connection:
        assert connection.execute("SELECT count(*) FROM wagen").fetchone() == (1,)
    connection.close()


def test_a_query_to_postgresql_cannot_change_anything(
    sqlite_url: str, salon_folder: Path, postgres_database_url: str
) -> None:
    with psycopg.connect(postgres_database_url.replace("+psycopg", "")) as connection:
        connection.execute(CREATE)
    replace_inventory(
        salon_folder,
        f'[inventory]\nsource = "{postgres_database_url}"\nquery = "DROP TABLE wagen"\n{COLUMNS}',
    )
    engine = open_database(sqlite_url)
    with pytest.raises(InventoryUnreadable, match="read-only transaction"):
        open_inventory(engine, salon_folder).refresh()
    engine.dispose()


# --- the sample salon


def test_every_row_of_the_sample_salon_loads(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    inventory = open_inventory(engine, ASSETS / "salon")
    report = inventory.refresh()
    assert report.rejected == []
    assert report.remarks == []
    assert report.cars >= 150
    everything = inventory.search(CarFilter(statuses=()), limit=1000).cars
    for field in (
        "class_name",
        "body_code",
        "fuel_code",
        "drive_code",
        "transmission_code",
        "color_code",
        "year",
    ):
        assert [car.stock_id for car in everything if getattr(car, field) is None] == []
    engine.dispose()
