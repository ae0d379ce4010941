"""From the cells of a source to cars: values mapped, numbers read, words turned into codes, faults given a reason."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from stores.cars import STATUSES, Car, RejectedRow, Status
from stores.inventory_query import INTERIOR_MARK
from stores.inventory_source import SourceTable
from stores.lexicon import Field, Lexicon, fold, model_key, model_tokens
from stores.numbers import NotANumber, is_missing, parse_number, says_unknown

FIRST_YEAR, LAST_YEAR = 1886, 2100

_STATUS_WORDS: dict[str, Status] = {
    **{status: status for status in STATUSES},
    **dict.fromkeys(("в наличии", "есть в наличии", "на складе", "свободен", "in stock"), "available"),
    **dict.fromkeys(("резерв", "в резерве", "зарезервирован", "забронирован", "бронь"), "reserved"),
    **dict.fromkeys(("в пути", "едет", "ожидается", "in transit", "on the way"), "in_transit"),
    **dict.fromkeys(("продан", "продано", "выдан"), "sold"),
}
_CLASS_WORD = re.compile(r"[\s-]*(?:klasse|class|класса?)\b[\s-]*", re.IGNORECASE)
_COUPE = re.compile(r"\b(?:coup[eé]|купе)\b", re.IGNORECASE)
_SEATS = re.compile(r"\b([1-9])\s*[-–]?\s*(?:мест|местн\w+|seats?|seater)\b", re.IGNORECASE)
_PARTS = re.compile(r"\s*(?:[;,/+]|\bи\b|\band\b)\s*", re.IGNORECASE)  # «чёрная кожа и микрофибра»
_SEATS_ALONE = re.compile(r"([1-9])\s*места", re.IGNORECASE)
_REQUIRED_TEXTS = ("stock_id", "model")
_HEAD = re.compile(r"[.;:!?<>\[\](){}|\n]|\s[-–—]\s")  # what stands before is the name of a model
_SHOWN = 40
_WORD_FIELDS: tuple[Field, ...] = ("body", "fuel", "transmission", "drive", "color")


class Unusable(ValueError):
    """A row that no car can be made of; the message is the reason for staff."""


class CarKeys(NamedTuple):
    """What the search looks through besides a car's own fields."""

    model_key: str
    options_key: str


@dataclass
class CarLoad:
    """The cars of a source with their search keys, in its order, the rows left out, and remarks on those that load."""

    cars: list[tuple[Car, CarKeys]]
    rejected: list[RejectedRow]
    remarks: list[RejectedRow]


Unfit = Callable[[str, str], str | None]
"""Why the text of a field cannot be shown to visitors, None if it can; the field's name comes first."""


def all_fit(name: str, text: str) -> None:
    """Nothing is unfit."""


def load_rows(
    table: SourceTable, lexicon: Lexicon, values: Mapping[str, Mapping[str, str]], unfit: Unfit = all_fit
) -> CarLoad:
    """Make cars of all rows. Of two rows with one id the first stays.

    A field that is `unfit` stays empty, of options those that are; a row whose id or model is, is left out.
    """
    mapped = {
        name: {fold(theirs): ours for theirs, ours in mapping.items()} for name, mapping in values.items()
    }
    words = _Words(lexicon)
    load = CarLoad(cars=[], rejected=list(table.rejected), remarks=list(table.remarks))
    lines: dict[str, int] = {}
    for row in table.rows:
        cells = {name: _mapped(cell, mapped.get(name)) for name, cell in row.cells.items()}
        stock_id = _text(cells.get("stock_id"))
        try:
            if stock_id in lines:
                raise Unusable(f"its id stands in line {lines[stock_id]} already; the first row stays")
            fit, unshown = _fit_cells(cells, unfit)
            reading = _Reading(fit, words, unshown)
            load.cars.append((reading.car(), reading.keys()))
        except Unusable as error:
            load.rejected.append(RejectedRow(row.line, stock_id, str(error)))
            continue
        lines[stock_id or ""] = row.line
        load.remarks += [RejectedRow(row.line, stock_id, remark) for remark in reading.remarks]
    load.rejected.sort(key=lambda rejected: rejected.line)
    return load


class _FitCells(NamedTuple):
    cells: dict[str, Any]
    remarks: list[str]


def _fit_cells(cells: dict[str, Any], unfit: Unfit) -> _FitCells:
    """The cells that may be shown, and what became of the others. Raises `Unusable` if the id or the model may not."""
    fit, remarks = dict(cells), list[str]()
    for name in _REQUIRED_TEXTS:
        text = _text(cells.get(name))
        if text is not None and (reason := unfit(name, text)) is not None:
            head = _HEAD.split(text)[0].strip() if name == "model" else ""
            if not head or unfit(name, head) is not None:
                raise Unusable(f"its {name} cannot be shown: {reason}")
            fit[name] = head
            remarks.append(f"{name} is cut to {head!r}: {reason}")
    for name in (*_WORD_FIELDS, "class", "interior"):
        text = _text(cells.get(name))
        if text is not None and (reason := unfit(name, text)) is not None:
            fit[name] = None
            remarks.append(f"{name} stays empty: {reason}")
    options = [part.strip() for part in (_text(cells.get("options")) or "").split(";")]
    reasons = [unfit("options", option) if option else None for option in options]
    if any(reasons):
        fit["options"] = ";".join(
            option for option, reason in zip(options, reasons, strict=True) if reason is None
        )
        remarks += [
            f"the option {option[:_SHOWN]!r} is left out: {reason}"
            for option, reason in zip(options, reasons, strict=True)
            if reason is not None
        ]
    return _FitCells(fit, remarks)


def _mapped(cell: Any, mapping: Mapping[str, str] | None) -> Any:
    """`cell`, or what `[inventory.values]` makes of it; case and surrounding spaces do not matter."""
    return cell if mapping is None or cell is None else mapping.get(fold(str(cell)), cell)


def _text(cell: Any) -> str | None:
    """A cell as one line of text, None when it says nothing. A float that is a whole number loses its `.0`."""
    if isinstance(cell, list | tuple):
        cell = ";".join(str(item) for item in cell if item is not None)
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if is_missing(cell):
        return None
    return " ".join(str(cell).replace("\x00", "").split()) or None


class _Words:
    """A lexicon that remembers what it was asked: a show-case repeats its words thousands of times."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.classes = {model_tokens(known.name): known for known in lexicon.classes}
        self.versions = {
            token for known in lexicon.versions for word in known.words for token in model_tokens(word)
        }
        self.code: Callable[[Field, str | None], str | None] = cache(lexicon.code)

    def code_or_text(self, field: Field, cell: str | None) -> str | None:
        """The code of a cell; a word that no lexicon has («хамелеон») is a code of its own, so it can be asked for."""
        return self.code(field, cell) or (fold(cell) if cell else None)

    def class_named(self, given: str) -> str:
        """`G-класс`, `g`, `AMG G` → `G`; a name that the brand's file does not have stays as it is."""
        plain = _CLASS_WORD.sub(" ", given).strip() or given
        tokens = model_tokens(plain)
        if tokens in self.classes:
            return self.classes[tokens].name
        if tokens[:1] and tokens[0] in self.versions and tokens[1:] in self.classes:
            return self.classes[tokens[1:]].name
        return plain

    def base_of(self, name: str) -> str:
        """The class that `name` belongs to; «GLE Coupé», which the brand's file does not know, is still a GLE."""
        if model_tokens(name) in self.classes:
            return self.lexicon.base_of(name)
        prefix = self.lexicon.class_of(name)
        return prefix if prefix is not None and model_tokens(prefix) in self.classes else name

    def variant(self, model: str, name: str | None, base: str | None, body: str | None) -> int:
        """1 for what the contract lists after the plain versions: coupés, Maybachs; 0 for all others."""
        return int(name != base or body == "coupe" or bool(_COUPE.search(model)))


class _Reading:
    """One row being read; `remarks` collects what had to be left empty."""

    def __init__(self, cells: Mapping[str, Any], words: _Words, remarks: Sequence[str] = ()) -> None:
        self.cells = cells
        self.words = words
        self.remarks = list(remarks)

    def car(self) -> Car:
        """The car of this row. Raises `Unusable`."""
        stock_id, model = _text(self.cells.get("stock_id")), _text(self.cells.get("model"))
        if stock_id is None:
            raise Unusable("it has no id")
        if model is None:
            raise Unusable("it has no model")
        texts = {name: _text(self.cells.get(name)) for name in _WORD_FIELDS}
        codes = {f"{name}_code": self.words.code_or_text(name, texts[name]) for name in _WORD_FIELDS}
        # What the source calls the class wins over what the model's name says.
        given = _text(self.cells.get("class"))
        class_name = self.words.class_named(given) if given else self.words.lexicon.class_of(model)
        base_class = self.words.base_of(class_name) if class_name else None
        mileage = self._mileage()
        options = self._options()
        return Car(
            stock_id=stock_id,
            model=model,
            class_name=class_name,
            base_class=base_class,
            variant=self.words.variant(model, class_name, base_class, codes["body_code"]),
            year=self._year(),
            price=self._price(),
            mileage_km=mileage,
            is_new=mileage == 0,
            interior=_text(self.cells.get("interior")),
            engine_l=self._litres(),
            power_hp=self._whole("power_hp", most=5000),
            seats=self._whole("seats", most=99) or _seats_in(options),
            options=";".join(options),
            status=self._status(),
            url=self._url(),
            **texts,
            **codes,
        )

    def keys(self) -> CarKeys:
        """What the search looks through for this row's car."""
        options = self._options()
        upholstery = [part for part in _PARTS.split(_text(self.cells.get("interior")) or "") if part]
        codes = {self.words.code("option", option) for option in (*options, *upholstery)}
        colors = {self.words.code("color", part) for part in upholstery}
        keys = (
            *(fold(option) for option in options),
            *sorted(filter(None, codes)),
            *(f"{INTERIOR_MARK}{color}" for color in sorted(filter(None, colors))),
        )
        return CarKeys(
            model_key=model_key(_text(self.cells.get("model")) or ""), options_key=f"|{'|'.join(keys)}|"
        )

    def _price(self) -> int:
        try:
            price = parse_number(self.cells.get("price"), whole=True)
        except NotANumber as error:
            raise Unusable(f"its price cannot be read: {error}") from error
        if price is None:
            raise Unusable("it has no price")
        if price <= 0:
            raise Unusable("its price is not above 0")
        return int(price)

    def _number(self, name: str, *, whole: bool, most: int) -> Decimal | None:
        """An optional number; one that cannot be right is left empty and remarked."""
        try:
            number = parse_number(self.cells.get(name), whole=whole)
        except NotANumber as error:
            self.remarks.append(f"{name} stays empty: {error}")
            return None
        if number is not None and number > most:
            self.remarks.append(f"{name} stays empty: {number} is too much")
            return None
        return number

    def _whole(self, name: str, *, most: int) -> int | None:
        number = self._number(name, whole=True, most=most)
        return int(number) if number else None  # no car has 0 seats or horsepower: it is not known

    def _litres(self) -> float | None:
        number = self._number("engine_l", whole=False, most=20)
        return float(number) if number else None  # an electric car's 0.0 says that it has no such thing

    def _mileage(self) -> int | None:
        """0 where the source says nothing, as the contract has it: such a car is new. What is unreadable is unknown,
        and so is what the source calls so («н/д»)."""
        if says_unknown(self.cells.get("mileage_km")):
            return None
        if is_missing(self.cells.get("mileage_km")):
            return 0
        number = self._number("mileage_km", whole=True, most=10_000_000)
        return None if number is None else int(number)

    def _year(self) -> int | None:
        cell = self.cells.get("year")
        number = (
            Decimal(cell.year) if isinstance(cell, date) else self._number("year", whole=True, most=LAST_YEAR)
        )
        if number is not None and number < FIRST_YEAR:
            self.remarks.append(f"year stays empty: there were no cars in {number}")
            return None
        return None if number is None else int(number)

    def _options(self) -> list[str]:
        text = _text(self.cells.get("options")) or ""
        return [option for part in text.split(";") if (option := part.strip())]

    def _status(self) -> Status:
        text = _text(self.cells.get("status"))
        if text is None:
            return "available"
        status = _STATUS_WORDS.get(fold(text)) or _STATUS_WORDS.get(fold(text).replace("-", "_"))
        if status is None:
            known = ", ".join(STATUSES)
            raise Unusable(
                f"its status {text!r} is unknown; known are {known} (see [inventory.values.status])"
            )
        return status

    def _url(self) -> str | None:
        text = _text(self.cells.get("url"))
        if text is None or re.match(r"https?://[^\s/]", text, re.IGNORECASE):
            return text
        self.remarks.append(f"url stays empty: {text[:40]!r} is no web address")
        return None


def _seats_in(options: list[str]) -> int | None:
    """The number of seats that stands among the options: «7 мест», `7 seats`."""
    for option in options:
        if match := _SEATS.search(option) or _SEATS_ALONE.fullmatch(option):
            return int(match[1])
    return None
