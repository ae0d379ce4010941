"""Helpers for tests of the show-case."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from stores.cars import CarFilter
from stores.inventory import Inventory
from stores.lexicon import load_lexicon
from stores.salon import load_salon

ASSETS = Path(__file__).parents[1] / "assets"
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def clock() -> Iterator[datetime]:
    now = START
    while True:
        yield now
        now += timedelta(minutes=1)


def open_inventory(engine: Engine, folder: Path) -> Inventory:
    """The show-case of a salon folder, not loaded yet; its clock begins at `START` and steps by a minute."""
    salon = load_salon(folder)
    return Inventory(engine, salon, load_lexicon(ASSETS, salon.brand, folder), clock=clock().__next__)


def found(inventory: Inventory, **wish: object) -> list[str]:
    """The ids of all cars that match, in order."""
    page = inventory.search(CarFilter.model_validate(wish), limit=100)
    assert page.total == len(page.cars)
    return [car.stock_id for car in page.cars]


def write(folder: Path, *rows: str, header: str = "stock_id,model,price,color,options") -> None:
    """Put other rows into the folder's inventory.csv."""
    (folder / "inventory.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def replace_inventory(folder: Path, table: str) -> None:
    """Put another [inventory] table into salon.toml."""
    file = folder / "salon.toml"
    text = file.read_text(encoding="utf-8")
    start, end = text.index("[inventory]"), text.index("[finance]")
    file.write_text(f"{text[:start]}{table}\n\n{text[end:]}", encoding="utf-8")
