"""Cars as the rest of the program sees them, and what may be asked of the show-case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

# The fields of a car as the contract names them: what a source may give.
FIELDS = (
    "stock_id",
    "model",
    "class",
    "body",
    "year",
    "price",
    "mileage_km",
    "fuel",
    "transmission",
    "drive",
    "color",
    "interior",
    "engine_l",
    "power_hp",
    "seats",
    "options",
    "status",
    "url",
)
REQUIRED = ("stock_id", "model", "price")

Status = Literal["available", "reserved", "in_transit", "sold"]
STATUSES: tuple[Status, ...] = ("available", "reserved", "in_transit", "sold")
Condition = Literal["new", "used"]
NumberField = Literal["price", "year", "mileage_km", "power_hp", "engine_l", "seats"]
Order = Literal[
    "relevance",
    "price",
    "-price",
    "year",
    "-year",
    "mileage",
    "-mileage",
    "power",
    "-power",
    "engine",
    "-engine",
    "seats",
    "-seats",
]


class Car(BaseModel):
    """One physical car. Texts are as in the source, `*_code` what the lexicon makes of them; a text that it does not
    know is its own code, folded.

    `price` is in the salon's currency. `mileage_km` is 0 for a new car, also where the source leaves it out; None
    means that the source holds something that is no number. `class_name` is the contract's `class`, `base_class`
    the class it belongs to (`Maybach S` → `S`); `variant` is 0 for a plain version, 1 for a coupé or Maybach one.
    `options` are separated by `;`, empty where there are none. `engine_l` is in litres, `power_hp` in horsepower.
    """

    model_config = ConfigDict(frozen=True)

    stock_id: str
    model: str
    class_name: str | None
    base_class: str | None
    variant: int
    body: str | None
    body_code: str | None
    year: int | None
    price: int
    mileage_km: int | None
    is_new: bool
    fuel: str | None
    fuel_code: str | None
    transmission: str | None
    transmission_code: str | None
    drive: str | None
    drive_code: str | None
    color: str | None
    color_code: str | None
    interior: str | None
    engine_l: float | None
    power_hp: int | None
    seats: int | None
    options: str
    status: Status
    url: str | None


class CarFilter(BaseModel):
    """Which cars are meant. An empty field asks for nothing; the values of one field are alternatives, except that
    all of `options` must be there. A car whose value is unknown fits neither a wish nor an exclusion nor a range.

    `classes` take a class with all that belongs to it (`S` finds `Maybach S`). `models` are names or parts of names
    (`GLE 450`). `bodies` to `interiors` are codes of the lexicon, `interiors` colours of the upholstery; `options` are
    such codes or words looked for in the text. Ranges include both ends. `statuses` empty means any.
    `years` are the only model years meant where they do not follow one another («2020 или 2022»). `stock_ids` limits
    the search to these cars.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    fuels: tuple[str, ...] = ()
    drives: tuple[str, ...] = ()
    transmissions: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    interiors: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    not_classes: tuple[str, ...] = ()
    not_models: tuple[str, ...] = ()
    not_bodies: tuple[str, ...] = ()
    not_fuels: tuple[str, ...] = ()
    not_drives: tuple[str, ...] = ()
    not_transmissions: tuple[str, ...] = ()
    not_colors: tuple[str, ...] = ()
    not_interiors: tuple[str, ...] = ()
    not_options: tuple[str, ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    year_min: int | None = None
    year_max: int | None = None
    years: tuple[int, ...] = ()
    mileage_min: int | None = None
    mileage_max: int | None = None
    power_min: int | None = None
    power_max: int | None = None
    engine_min: float | None = None
    engine_max: float | None = None
    seats_min: int | None = None
    seats_max: int | None = None
    condition: Condition | None = None
    statuses: tuple[Status, ...] = ("available",)
    stock_ids: tuple[str, ...] = ()
    order: Order = "relevance"


class CarPage(NamedTuple):
    """The first cars of a search, and how many there are before any limit."""

    total: int
    cars: list[Car]


@dataclass(frozen=True)
class Aggregate:
    """`count` cars match, `known` of them have the number; without any, the other three are None."""

    count: int
    known: int
    minimum: float | None
    maximum: float | None
    mean: float | None


@dataclass(frozen=True)
class ValueCount:
    """`count` cars share these `values`; the cheapest of them costs `lowest`."""

    values: tuple[Any, ...]
    count: int
    lowest: int


class RejectedRow(NamedTuple):
    """What is wrong with a row of the source; `line` is a line of the file, counted from 1, or the row of a query."""

    line: int
    stock_id: str | None
    reason: str


@dataclass(frozen=True)
class LoadReport:
    """The outcome of a refresh. `rejected` rows were left out, the cars of `remarks` load without a field.

    `stale` with its `error` means that the source could not be read and the last good version stays in force;
    `changed` that this refresh made a new version.
    """

    version: int
    cars: int
    rejected: list[RejectedRow]
    remarks: list[RejectedRow]
    refreshed_at: datetime
    stale: bool
    error: str | None
    changed: bool


@dataclass(frozen=True)
class InventoryStatus:
    """The version in force; before the first load `version` is 0, `refreshed_at` None and `stale` true."""

    version: int
    cars: int
    rejected: int
    refreshed_at: datetime | None
    stale: bool
    error: str | None = None


@dataclass(frozen=True)
class Facets:
    """Every value that occurs in one version, whatever the status of its car; texts in alphabetical order.

    The lowest and the highest price are None for an empty show-case.
    """

    version: int
    models: tuple[str, ...]
    classes: tuple[str, ...]
    bodies: tuple[str, ...]
    fuels: tuple[str, ...]
    drives: tuple[str, ...]
    transmissions: tuple[str, ...]
    colors: tuple[str, ...]
    options: tuple[str, ...]
    price_min: int | None = None
    price_max: int | None = None
