import pytest

from stores.inventory_log import shown_source


@pytest.mark.parametrize(
    "source, shown",
    [
        ("inventory.csv", "inventory.csv"),
        ("postgresql://user:secret@db.example/cars?password=secret", "postgresql://***@db.example/cars"),
        ("mysql://${USER}:${PASSWORD}@db.example/cars", "mysql://***@db.example/cars"),
        ("sqlite:///stock.db", "sqlite:///stock.db"),
    ],
)
def test_a_source_is_shown_without_its_secrets(source: str, shown: str) -> None:
    assert shown_source(source) == shown
