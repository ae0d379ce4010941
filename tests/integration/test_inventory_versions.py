"""Versions of the show-case: swapped in at once, the last good one kept."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import col

from stores.cars import CarFilter, LoadReport
from stores.database import open_database, reading
from stores.errors import InventoryUnreadable
from stores.inventory import KEPT_VERSIONS, Inventory
from stores.models import CarRow, InventoryRemarkRow, InventoryVersionRow
from tests.stock import ASSETS, START, found, open_inventory, replace_inventory, write


@pytest.fixture
def inventory(engine: Engine, salon_folder: Path) -> Inventory:
    """The show-case of the test salon, loaded."""
    opened = open_inventory(engine, salon_folder)
    opened.refresh()
    return opened


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
    seen: set[tuple[int, int, tuple[str, ...]]] = set()

    def look() -> None:
        while not done.is_set():
            page = inventory.search(CarFilter(), limit=1000)
            seen.add((page.total, len(page.cars), tuple({car.options for car in page.cars})))

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for rows in (second, first, second):
            write(salon_folder, *rows)
            inventory.refresh()
    finally:
        done.set()
        reader.join()
    assert seen <= {(300, 300, ("old",)), (200, 200, ("new",))}
    assert seen


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
