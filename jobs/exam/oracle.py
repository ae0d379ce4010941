"""What is true of a salon, worked out with pandas from its files, by no code that the assistant answers with.

An exam that took its truth from the assistant's own queries would find it right whatever it says.
"""

import csv
import io
import re
import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from jobs.exam.cases import Credit, ExamError, Where

SHOWN = 5
"""How many cars a reply names at most."""
_EXACT = ("body", "fuel", "drive", "transmission", "color")
_NUMBERS = ("year", "price", "mileage_km", "engine_l", "power_hp", "seats")
_COLUMNS = (*_EXACT, *_NUMBERS, "class", "interior", "options", "status")
_RANGES = {
    "price": "price",
    "year": "year",
    "mileage": "mileage_km",
    "power": "power_hp",
    "engine": "engine_l",
    "seats": "seats",
}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_COUPES = ("купе", "coupe", "coupé")
_COUPE = r"(?i)\bcoup[eé]\b|\bкупе\b"


class Opening(NamedTuple):
    """The hours of one day in local time."""

    opens: time
    closes: time


class Loan(NamedTuple):
    """A loan worked out, all in whole units of the salon's currency."""

    price: int
    down: int
    loan: int
    months: int
    monthly: int


class Oracle:
    """The salon folder, read anew."""

    def __init__(self, folder: Path) -> None:
        self.salon: dict[str, Any] = tomllib.loads((folder / "salon.toml").read_text(encoding="utf-8"))
        self.zone = ZoneInfo(self.salon["timezone"])
        self.cars = _read_cars(folder, self.salon["inventory"])
        self.legend = _read_legend(folder / "legend.md")
        self.articles = _read_articles(folder / "wiki")

    # --- cars

    def select(self, where: Where) -> pd.DataFrame:
        """All cars that fit, in the order of the contract: the one asked for, else plain versions first, then the
        lowest price. `limit` is left to the reader."""
        rows = self.cars
        if where.status != ("any",):
            rows = rows[rows["status"].isin(where.status)]
        if where.ids:
            rows = rows[rows["stock_id"].isin(where.ids)]
        rows = _by_words(rows, where)
        for name, column in _RANGES.items():
            low, high = getattr(where, f"{name}_min"), getattr(where, f"{name}_max")
            if low is not None:
                rows = rows[rows[column] >= low]
            if high is not None:
                rows = rows[rows[column] <= high]
        if where.year is not None:
            rows = rows[rows["year"] == where.year]
        if where.seats is not None:
            rows = rows[rows["seats"] == where.seats]
        if where.condition is not None:
            rows = rows[(rows["mileage_km"] == 0) == (where.condition == "new")]
        rows = self._ordered(rows, where.order)
        return rows if where.nth is None else rows.iloc[where.nth - 1 : where.nth]

    def ranks(
        self, rows: pd.DataFrame, order: str | None, *, coupes_by_body: bool = False
    ) -> list[tuple[float, ...]]:
        """What the rows are sorted by; rows that are level may stand in either order.

        The contract leaves open whether a class that is a coupé by nature has plain versions: both are right.
        """
        keys = rows.copy()
        keys["_variant"] = (_is_variant(rows) | (coupes_by_body & rows["body"].isin(_COUPES))).astype(float)
        columns = ["_variant", "price"]
        if order:
            column = order.removeprefix("-")
            keys["_asked"] = keys[column].astype(float) * (-1 if order.startswith("-") else 1)
            columns = ["_asked"]
        return [tuple(float(value) for value in row) for row in keys[columns].to_numpy()]

    def _ordered(self, rows: pd.DataFrame, order: str | None) -> pd.DataFrame:
        frame = rows.assign(_variant=_is_variant(rows).astype(int))
        columns, ways = ["_variant", "price"], [True, True]
        if order:
            columns = [order.removeprefix("-"), *columns]
            ways = [not order.startswith("-"), *ways]
        return frame.sort_values(columns, ascending=ways, kind="stable", na_position="last")

    def car(self, stock_id: str) -> Any:
        """The row of an id, None where there is none."""
        rows = self.cars[self.cars["stock_id"] == stock_id]
        return None if rows.empty else rows.iloc[0]

    # --- money

    def credit(self, wish: Credit, months: int | None = None) -> Loan:
        """The annuity loan of the contract; without months in the wish, for `months` or the salon's longest term."""
        price = (
            wish.price if wish.price is not None else int(self.select(wish.of or Where()).iloc[0]["price"])
        )
        terms = self.salon["finance"]
        percent = wish.down_percent if wish.down_percent is not None else terms["down_payment_percent"]
        down = wish.down if wish.down is not None else round(price * percent / 100)
        length = wish.months or months or max(terms["months"])
        return Loan(price, down, price - down, length, self.annuity(price - down, length))

    def annuity(self, loan: float, months: int) -> int:
        """The equal monthly payment: loan · r / (1 - (1 + r)^-n), r a twelfth of the yearly rate."""
        rate: float = self.salon["finance"]["rate_percent"] / 100 / 12
        return round(loan / months if rate == 0 else loan * rate / (1 - (1 + rate) ** -months))

    # --- hours

    def on(self, day: date) -> Opening | None:
        """The hours of a date, None when closed."""
        hours = self.salon["hours"]
        text = hours.get("except", {}).get(day.isoformat(), hours.get(_WEEKDAYS[day.weekday()], "closed"))
        if text.strip().lower() == "closed":
            return None
        parts = (part.strip().zfill(5).replace("24:", "00:") for part in re.split("[-–—]", text))
        opens, closes = map(time.fromisoformat, parts)
        return Opening(opens, closes)

    def is_open(self, at: datetime) -> bool:
        """Whether the salon is open at a local moment (salons that close after midnight are not examined)."""
        hours = self.on(at.date())
        return (
            hours is not None
            and hours.opens <= at.time()
            and (at.time() < hours.closes or hours.closes == time(0))
        )

    def next_opening(self, at: datetime) -> datetime:
        """When the doors open next."""
        for days in range(400):
            day = at.date() + timedelta(days=days)
            if hours := self.on(day):
                moment = datetime.combine(day, hours.opens, tzinfo=self.zone)
                if moment > at:
                    return moment
        raise ValueError("the salon never opens")

    def moment(self, at: str) -> datetime:
        """`day` and `night` of a Wednesday without special hours, or a local date and time."""
        if at not in ("day", "night"):
            return datetime.fromisoformat(at).replace(tzinfo=self.zone)
        start = datetime(2026, 12, 16, 12, 30, tzinfo=self.zone)
        for hours in range(24 * 14):
            moment = start + timedelta(hours=hours)
            if self.is_open(moment) == (at == "day"):
                return moment + timedelta(minutes=35 if at == "night" else 0)
        raise ValueError(f"there is no {at} at this salon")


def _by_words(rows: pd.DataFrame, where: Where) -> pd.DataFrame:
    if where.class_:
        rows = rows[_is_class(rows, where.class_)]
    if where.not_class:
        rows = rows[~_is_class(rows, where.not_class)]
    if where.model:
        rows = rows[_is_model(rows, where.model)]
    if where.not_model:
        rows = rows[~_is_model(rows, where.not_model)]
    for column in _EXACT:
        if wanted := getattr(where, column):
            rows = rows[rows[column].isin(wanted)]
        if unwanted := getattr(where, f"not_{column}", ()):
            rows = rows[~rows[column].isin(unwanted)]
    for option in where.options:
        rows = rows[_has(rows["options"], option)]
    for option in where.not_options:
        rows = rows[~_has(rows["options"], option)]
    for word in where.interior:
        rows = rows[_has(rows["interior"], word)]
    return rows


def _has(column: "pd.Series[str]", text: str) -> "pd.Series[bool]":
    return column.str.lower().str.contains(text.lower(), regex=False)


def _is_class(rows: pd.DataFrame, classes: tuple[str, ...]) -> "pd.Series[bool]":
    """A class takes its Maybach version with it."""
    return rows["class"].isin([*classes, *(f"Maybach {name}" for name in classes)])


def _is_model(rows: pd.DataFrame, models: tuple[str, ...]) -> "pd.Series[bool]":
    """A model name or a part of one, at word boundaries: `C 180` is in `C 180 Coupe`, `GLE 350` not in `GLE 350+`."""
    pattern = "|".join(rf"(?<![\w]){re.escape(model)}(?![\w+])" for model in models)
    return rows["model"].str.contains(pattern, regex=True, case=False)


def _is_variant(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Coupé and Maybach versions come after the plain ones of their class."""
    coupe = rows["model"].str.contains(_COUPE, regex=True)
    return coupe | rows["class"].fillna("").str.startswith("Maybach")


def _read_cars(folder: Path, source: dict[str, Any]) -> pd.DataFrame:
    path = folder / source["source"]
    if path.suffix.lower() != ".csv":
        raise ExamError(f"{path.name}: the exam's own reader knows CSV only")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_bytes().decode("cp1251")
    rows = pd.read_csv(io.StringIO(text), sep=None, engine="python", dtype=str)
    rows = rows.rename(columns={theirs: ours for ours, theirs in source.get("columns", {}).items()})
    for column, words in source.get("values", {}).items():
        rows[column] = rows[column].map(lambda value, words=words: words.get(value, value))
    for column in _COLUMNS:  # what a source may leave out
        if column not in rows:
            rows[column] = None
    for column in ("class", "interior", "options", *_EXACT):
        rows[column] = rows[column].fillna("")
    rows["status"] = rows["status"].fillna("available")
    for column in _NUMBERS:
        text = rows[column].astype("str").str.replace(r"[\s\u00a0]", "", regex=True)
        rows[column] = pd.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce")
    rows["mileage_km"] = rows["mileage_km"].fillna(0)
    rows = rows[rows["stock_id"].notna() & rows["model"].notna() & (rows["price"] > 0)]
    return rows.drop_duplicates("stock_id").reset_index(drop=True)


def _read_legend(path: Path) -> dict[str, str]:
    """The sections of the brochure by their headings."""
    if not path.is_file():
        return {}
    text = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8-sig"), flags=re.DOTALL)
    parts = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)[1:]
    return {title.strip(): body.strip() for title, body in zip(parts[::2], parts[1::2], strict=True)}


def _read_articles(folder: Path) -> dict[str, str]:
    """The usable articles by the last part of their address."""
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                if row["status"].strip() == "Ok":
                    found[row["url"].rstrip("/").rsplit("/", 1)[-1]] = row["context"].strip()
    return found
