"""Show-cases that come from a database or a Parquet file, with columns of their own."""

import sqlite3
from pathlib import Path

import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from sqlalchemy import Engine

from stores.database import open_database
from stores.errors import InventoryUnreadable
from tests.stock import found, open_inventory, replace_inventory

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
