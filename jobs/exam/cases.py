"""The dialogs of the exam and what makes an answer right, as read from `assets/exam/*.yaml`.

`assets/exam/README.md` documents the form for people who write dialogs.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

PARAPHRASES = 3
"""How many other wordings a message has."""

Number = Literal["price", "year", "mileage_km", "power_hp", "engine_l", "seats"]
Store = Literal["callback", "booking", "mailing"]
Guarded = Literal["forbidden", "injection", "harmful"]


def _several(value: Any) -> Any:
    """One value stands for a list of one."""
    return value if isinstance(value, list | tuple) else (value,)


def _lines(value: Any) -> Any:
    """A text block holds one wording a line."""
    return (
        tuple(line.strip() for line in value.splitlines() if line.strip())
        if isinstance(value, str)
        else value
    )


def _patterns(value: Any) -> Any:
    """A bare number is looked for as one."""
    return tuple(rf"(?<!\d){one}(?!\d)" if isinstance(one, int) else one for one in _several(value))


Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]
Wordings = Annotated[tuple[str, ...], BeforeValidator(_lines)]


class ExamError(ValueError):
    """A file of the exam cannot be used; the message names the file and what is wrong."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Where(_Strict):
    """Which cars are meant, in the words of the inventory file; all conditions hold at once, the values of one
    condition are alternatives, all of `options` must be there. `order` is a column, with `-` for the highest first;
    `nth` takes one car of the list, counted from 1, `skip` leaves out those that were shown before."""

    ids: Texts = ()
    class_: Texts = Field(default=(), alias="class")
    not_class: Texts = ()
    model: Texts = ()
    not_model: Texts = ()
    body: Texts = ()
    not_body: Texts = ()
    fuel: Texts = ()
    not_fuel: Texts = ()
    drive: Texts = ()
    not_drive: Texts = ()
    transmission: Texts = ()
    color: Texts = ()
    not_color: Texts = ()
    options: Texts = ()
    not_options: Texts = ()
    interior: Texts = ()
    condition: Literal["new", "used"] | None = None
    status: Texts = ("available",)
    price_min: float | None = None
    price_max: float | None = None
    year: int | None = None
    year_min: float | None = None
    year_max: float | None = None
    mileage_min: float | None = None
    mileage_max: float | None = None
    power_min: float | None = None
    power_max: float | None = None
    engine_min: float | None = None
    engine_max: float | None = None
    seats: int | None = None
    seats_min: float | None = None
    seats_max: float | None = None
    order: str | None = None
    limit: int | None = None
    nth: int | None = None
    skip: int = 0


class Credit(_Strict):
    """A loan for the first car of `of`, or for `price`; what is left out is the salon's own."""

    of: Where | None = None
    price: int | None = None
    months: int | None = None
    down_percent: float | None = None
    down: int | None = None


class Aggregate(_Strict):
    """A number over many cars."""

    of: Where
    by: Number = "price"


class Says(_Strict):
    """Something that the answer must hold, worked out from the salon's files; exactly one field is set.

    `field` is a number or word of the first car of `of`. `hours` is a date, a weekday, `today`, `tomorrow`,
    `opening` (the next one) or `week`. `any` holds when one of its entries does.
    """

    price: Where | None = None
    count: Where | None = None
    model: Where | None = None
    average: Aggregate | None = None
    low: Where | None = None
    high: Where | None = None
    field: str | None = None
    of: Where | None = None
    monthly: Credit | None = None
    down: Credit | None = None
    loan: Credit | None = None
    hours: str | None = None
    salon: Literal["phone", "address", "email", "name"] | None = None
    any: "tuple[str | Says, ...] | None" = None


class Expect(_Strict):
    """What a right answer is. Everything named must hold; see the README for each."""

    route: Texts = ()
    cars: Annotated[tuple[Where, ...], BeforeValidator(_several)] = ()
    winner: Where | None = None
    count: Where | None = None
    average: Aggregate | None = None
    compare: tuple[Where, ...] = ()
    nearest: bool = False
    legend: Texts = ()
    wiki: Texts = ()
    says: Annotated[tuple[str | Says, ...], BeforeValidator(_patterns)] = ()
    never: Texts = ()
    unknown: bool = False
    refuses: bool = False
    blocked: Annotated[tuple[Guarded, ...], BeforeValidator(_several)] = ()
    stored: dict[Store, int] = Field(default_factory=dict)
    stored_has: Texts = ()
    reference: Texts = ()
    any: "tuple[Expect, ...]" = ()


class Turn(_Strict):
    """A message, its other wordings, and what is expected. `later` begins a new session of the same visitor."""

    say: str
    again: Wordings = ()
    later: bool = False
    expect: Expect = Expect()

    def wording(self, number: int) -> str:
        """The message itself for 0, a paraphrase for 1 to 3; the message where there is no such paraphrase."""
        return self.again[number - 1] if 0 < number <= len(self.again) else self.say


class Dialog(_Strict):
    """A dialog. `at` is `day` (in opening hours), `night` (outside them) or a local date and time."""

    id: str
    kind: str
    language: Literal["ru", "en"] = "ru"
    at: str = "day"
    remember: bool = False
    turns: tuple[Turn, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _one_turn_needs_no_list(cls, value: Any) -> Any:
        if isinstance(value, dict) and "say" in value:
            keys = ("say", "again", "expect")
            turn = {key: value[key] for key in keys if key in value}
            return {**{key: kept for key, kept in value.items() if key not in keys}, "turns": [turn]}
        return value


def load_exam(folder: Path, kinds: Iterable[str] = ()) -> list[Dialog]:
    """The dialogs of all files, or of those kinds; paraphrases in `paraphrases/` are added.

    Raises:
        ExamError: a file is no such form, an id occurs twice, there is no such kind.
    """
    wanted = set(kinds)
    found = [dialog for path in sorted(folder.glob("*.yaml")) for dialog in _load(path)]
    ids = [dialog.id for dialog in found]
    if twice := {one for one in ids if ids.count(one) > 1}:
        raise ExamError(f"{folder}: ids that occur twice: {', '.join(sorted(twice))}")
    if missing := wanted - {dialog.kind for dialog in found}:
        raise ExamError(f"{folder}: there is no such kind: {', '.join(sorted(missing))}")
    other = _paraphrases(folder / "paraphrases", set(ids))
    return [_reworded(dialog, other) for dialog in found if not wanted or dialog.kind in wanted]


def _load(path: Path) -> list[Dialog]:
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ExamError(f"{path.name}: {error}") from error
    dialogs = []
    for row in rows:
        try:
            dialogs.append(Dialog(**{"kind": path.stem, **row}))
        except (ValidationError, TypeError) as error:
            raise ExamError(f"{path.name}, {row.get('id', row)}: {error}") from error
    return dialogs


def _paraphrases(folder: Path, ids: set[str]) -> dict[str, tuple[str, ...]]:
    """By dialog id and turn number from 1: `models-01: {1: block, 2: block}`, or the block for one turn."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        for dialog, turns in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            if dialog not in ids:
                raise ExamError(f"paraphrases/{path.name}: there is no dialog {dialog}")
            numbered = turns if isinstance(turns, dict) else {1: turns}
            found.update({f"{dialog}:{number}": _lines(texts) for number, texts in numbered.items()})
    return found


def _reworded(dialog: Dialog, other: dict[str, tuple[str, ...]]) -> Dialog:
    turns = tuple(
        turn.model_copy(update={"again": (*turn.again, *other.get(f"{dialog.id}:{number}", ()))})
        for number, turn in enumerate(dialog.turns, start=1)
    )
    return dialog.model_copy(update={"turns": turns})
