"""What is true of a salon, worked out from its files without any code that the assistant answers with.

A benchmark that took its truth from the assistant's own queries would find it right whatever it says.
"""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from jobs.bench.cases import Average, Best, Column, Payment, SalonFact, Where

_EXACT = ("body", "color", "fuel", "drive", "transmission")


class Stock:
    """The cars for sale, read from the sample's CSV file with its own column names and words."""

    def __init__(self, folder: Path) -> None:
        self.salon: dict[str, Any] = tomllib.loads((folder / "salon.toml").read_text(encoding="utf-8"))
        rows = pd.read_csv(folder / self.salon["inventory"]["source"])
        self.rows = rows[rows["status"] == "available"].fillna({"mileage_km": 0, "options": ""})

    def matching(self, where: Where) -> pd.DataFrame:
        """The available cars that fit."""
        rows: pd.DataFrame = self.rows
        if where.model:
            rows = rows[rows["model"].str.contains(rf"\b{where.model}\b", regex=True)]
        if where.class_:
            rows = rows[rows["class"].isin(where.class_)]
        for column in _EXACT:
            if wanted := getattr(where, column):
                rows = rows[rows[column].isin(wanted)]
        for option in where.options:
            rows = rows[rows["options"].str.contains(option, regex=False)]
        if where.new is not None:
            rows = rows[(rows["mileage_km"] == 0) == where.new]
        bounds = (
            ("price", where.price_min, where.price_max),
            ("year", where.year_min, None),
            ("mileage_km", None, where.mileage_max),
            ("power_hp", where.power_min, None),
            ("seats", where.seats_min, None),
        )
        for column, least, most in bounds:
            if least is not None:
                rows = rows[rows[column] >= least]
            if most is not None:
                rows = rows[rows[column] <= most]
        return rows

    def winners(self, expected: Best) -> pd.DataFrame:
        """The cars that nobody beats; several when they are level."""
        rows = self.matching(expected.where)
        values = rows[expected.by]
        best: pd.DataFrame = rows[values == (values.min() if expected.pick == "min" else values.max())]
        return best

    def mean(self, expected: Average) -> float:
        """The mean of a column."""
        column: Column = expected.by
        return float(self.matching(expected.where)[column].mean())

    def payment(self, expected: Payment) -> int:
        """The annuity of the price less the down payment, by the salon's rate, in whole currency units."""
        terms = self.salon["finance"]
        debt: float = expected.price * (1 - terms["down_payment_percent"] / 100)
        rate: float = terms["rate_percent"] / 100 / 12
        return round(debt * rate / (1 - (1 + rate) ** -expected.months))

    def wordings(self, expected: SalonFact) -> tuple[str, ...]:
        """The ways in which a person would write the fact."""
        if expected.fact in ("opens", "closes"):
            opens, closes = self.salon["hours"][expected.day].split("-")
            hour, minute = (opens if expected.fact == "opens" else closes).split(":")
            ways = [f"{hour}:{minute}", f"{int(hour)}:{minute}"]
            if minute == "00":
                halves = ("am", "утра") if expected.fact == "opens" else ("pm", "вечера")
                ways += [f"{word} {int(hour)}" for word in ("до", "в", "с", "at", "till", "until")]
                ways += [f"{(int(hour) - 1) % 12 + 1} {half}" for half in halves]
            return tuple(ways)
        text = str(self.salon[expected.fact])
        # Street and number are enough of an address: the city goes without saying.
        return (text.partition(", ")[2] or text,) if expected.fact == "address" else (text,)


class Named(NamedTuple):
    """A car as an answer may name it."""

    stock_id: str
    model: str
    price: int


def named(rows: pd.DataFrame) -> list[Named]:
    """The rows as cars."""
    return [
        Named(str(stock_id), str(model), int(price))
        for stock_id, model, price in zip(rows["stock_id"], rows["model"], rows["price"], strict=True)
    ]
