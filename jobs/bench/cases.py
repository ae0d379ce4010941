"""The questions of a benchmark and what makes an answer right, as read from `cases/*.jsonl`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Column = Literal["price", "power_hp", "mileage_km", "year"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Where(_Strict):
    """Which cars are meant, in the words of the inventory file itself; all conditions hold at once."""

    model: str | None = None
    class_: tuple[str, ...] = Field(default=(), alias="class")
    body: tuple[str, ...] = ()
    color: tuple[str, ...] = ()
    fuel: tuple[str, ...] = ()
    drive: tuple[str, ...] = ()
    transmission: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    new: bool | None = None
    price_min: int | None = None
    price_max: int | None = None
    year_min: int | None = None
    mileage_max: int | None = None
    power_min: int | None = None
    seats_min: int | None = None


class Cars(_Strict):
    """Names at least one of the cars, and no price of another."""

    check: Literal["cars"]
    where: Where


class Available(_Strict):
    """Like `cars`; a plain «да, … есть» with the model will do too."""

    check: Literal["available"]
    where: Where


class NoneLeft(_Strict):
    """Says that there is no such car. Alternatives may be named, at their real prices."""

    check: Literal["none"]
    where: Where


class Count(_Strict):
    """Gives their number."""

    check: Literal["count"]
    where: Where


class Best(_Strict):
    """Names the winner first."""

    check: Literal["best"]
    where: Where
    by: Column
    pick: Literal["min", "max"]


class Average(_Strict):
    """Gives the mean, within one per cent."""

    check: Literal["average"]
    where: Where
    by: Column


class Payment(_Strict):
    """Gives the monthly payment by the salon's own terms, within one per cent."""

    check: Literal["payment"]
    price: int
    months: int


class SalonFact(_Strict):
    """Says what `salon.toml` says; `day` for opening hours."""

    check: Literal["salon"]
    fact: Literal["phone", "address", "opens", "closes"]
    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] | None = None


class Says(_Strict):
    """Has one wording of each group of `all`, and none of `never`."""

    check: Literal["says"]
    all: tuple[tuple[str, ...], ...]
    never: tuple[str, ...] = ()


class Declines(_Strict):
    """Does not go along: none of `never`, and a refusal or a way back to cars."""

    check: Literal["declines"]
    never: tuple[str, ...]


class Admits(_Strict):
    """Says that it does not know or refers to people, and has none of `never`."""

    check: Literal["admits"]
    never: tuple[str, ...] = ()


Expectation = Annotated[
    Cars | Available | NoneLeft | Count | Best | Average | Payment | SalonFact | Says | Declines | Admits,
    Field(discriminator="check"),
]


class Case(_Strict):
    """One question; `before` are the visitor's earlier messages of the same dialog."""

    kind: str
    question: str
    expect: Expectation
    before: tuple[str, ...] = ()


def load_cases(path: Path) -> list[Case]:
    """The cases of a file, one JSON object a line. Raises `ValueError` naming the line that is wrong."""
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                cases.append(Case.model_validate_json(line))
            except ValidationError as error:
                raise ValueError(f"{path.name}, line {number}: {error.errors()[0]['msg']}") from error
    return cases
