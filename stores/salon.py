"""The salon folder: `salon.toml`, read once at start and never changed, and the consent text it fills."""

import hashlib
import logging
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from stores.cars import FIELDS
from stores.errors import ConsentOutdated, SalonFolderError
from stores.hours import Hours, HoursError, Interval, parse_hours

__all__ = [
    "Consent",
    "Finance",
    "Hours",
    "Interval",
    "InventorySource",
    "Salon",
    "TestDrive",
    "load_consent",
    "load_salon",
]

RETENTION_DAYS = 90
_VARIABLE = re.compile(r"\$\{(\w+)\}")
# A variable within the user name or password of a URL is a secret as it is, not a piece of URL syntax.
_CREDENTIALS = re.compile(r"(?<=://)[^/@]*\$\{\w+\}[^/@]*(?=@)")
_OPTIONAL_PART = re.compile(r"\s*\([^()]*\{(\w+)\}[^()]*\)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")

logger = logging.getLogger(__name__)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


class InventorySource(_Part):
    """Where the show-case comes from.

    `source` is the text of salon.toml and may be shown. With variables filled in it is either `url` or `path`.
    `columns` maps our field to their column, `values` for a field their value to ours.
    """

    source: str = Field(default="inventory.csv", min_length=1)
    query: str | None = None
    refresh_minutes: int = Field(default=30, ge=1)
    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    url: SecretStr | None = None
    path: Path | None = None

    @field_validator("values", mode="before")
    @classmethod
    def _as_text(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {
            field: {key: str(value) for key, value in mapping.items()}
            if isinstance(mapping, dict)
            else mapping
            for field, mapping in values.items()
        }

    @field_validator("columns", "values")
    @classmethod
    def _only_our_fields(cls, mapping: dict[str, Any]) -> dict[str, Any]:
        for name in mapping:
            if name not in FIELDS:
                raise ValueError(f"{name!r} is no field of a car; the fields are {', '.join(FIELDS)}")
        return mapping


class Finance(_Part):
    """Terms of credit: yearly rate and least down payment in per cent, and the numbers of months offered."""

    rate_percent: float = Field(ge=0, le=1000)
    down_payment_percent: float = Field(ge=0, lt=100)
    months: tuple[int, ...] = Field(min_length=1)

    @field_validator("months")
    @classmethod
    def _positive(cls, months: tuple[int, ...]) -> tuple[int, ...]:
        if any(month < 1 for month in months):
            raise ValueError("a credit lasts one month or more")
        return months


class TestDrive(_Part):
    """How long a test drive takes, in minutes, and how many years of driving it asks for.

    `lead_minutes` is the least time from the booking to the drive, `days_ahead` how many days ahead one may book.
    """

    __test__ = False  # pytest takes every Test… for a test

    slot_minutes: int = Field(ge=1)
    min_driving_years: int = Field(ge=0)
    lead_minutes: int = Field(default=60, ge=0)
    days_ahead: int = Field(default=30, ge=1, le=365)


class Salon(_Part):
    """One dealership as its folder describes it. `hours.zone` and `zone` are the salon's time zone."""

    folder: Path
    name: str = Field(min_length=1)
    brand: str = Field(min_length=1)
    legal_name: str | None = None
    inn: str | None = None
    city: str = Field(min_length=1)
    address: str = Field(min_length=1)
    phone: str = Field(min_length=1)
    email: str = Field(min_length=1)
    timezone: str
    currency: str = Field(min_length=1)
    hours: Hours
    inventory: InventorySource
    finance: Finance | None = None
    test_drive: TestDrive | None = None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the salon."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True)
class Consent:
    """A consent text in one language; `version` is that of the Russian text, which is the one that binds."""

    text: str
    version: str

    def check(self, given: str | None) -> None:
        """Accept the version that a visitor agreed to; None stands for the one in force.

        Raises:
            ConsentOutdated: the text has changed since.
        """
        if given is not None and given != self.version:
            raise ConsentOutdated(given, self.version)


def load_salon(folder: Path, environ: Mapping[str, str] | None = None) -> Salon:
    """Read `salon.toml` of a folder; `${NAME}` in the inventory's source comes from `environ` (the process's own).

    Raises:
        SalonFolderError: the folder or file is missing, is no TOML, or a field is missing or wrong.
    """
    if not folder.is_dir():
        raise SalonFolderError("there is no such salon folder", file=folder)
    file = folder / "salon.toml"
    raw = _read_toml(file)
    zone = _zone(raw, file)
    try:
        hours = parse_hours(_table(raw, "hours", file, required=True), zone)
    except HoursError as error:
        raise SalonFolderError(str(error), file=file, field=f"hours.{error.field}") from error
    environment = os.environ if environ is None else environ
    inventory = _located(_table(raw, "inventory", file), folder, file, environment)
    try:
        salon = Salon.model_validate({**raw, "folder": folder, "hours": hours, "inventory": inventory})
    except ValidationError as error:
        raise _as_folder_error(error, file) from error
    for name in raw.keys() - Salon.model_fields.keys():
        logger.warning("%s: there is no field `%s`; it is ignored", file, name)
    return salon


def load_consent(
    salon: Salon, assets: Path, language: Literal["ru", "en"], *, retention_days: int = RETENTION_DAYS
) -> Consent:
    """The consent text: the folder's `consent.md` (in English `consent.en.md`, where there is one), else the
    standard text with the salon's data filled in.

    A part in parentheses that names something the salon does not have, such as `(ИНН {inn})`, is left out.

    Raises:
        SalonFolderError: a text is missing, empty, or not UTF-8.
    """
    texts = {
        name: fill_consent(text, salon, retention_days) for name, text in consent_files(salon, assets).items()
    }
    return Consent(text=texts[language], version=consent_version(texts["ru"]))


def consent_files(salon: Salon, assets: Path) -> dict[Literal["ru", "en"], str]:
    """The consent of the folder, or the standard one, in both languages and with its `{placeholders}`.

    Raises `SalonFolderError` like `load_consent`.
    """
    own = {"ru": salon.folder / "consent.md", "en": salon.folder / "consent.en.md"}
    if not own["ru"].is_file():
        files = {name: assets / "consent" / f"{name}.md" for name in ("ru", "en")}
    else:
        files = {name: path if path.is_file() else own["ru"] for name, path in own.items()}
    return {"ru": _read_text(files["ru"]).strip(), "en": _read_text(files["en"]).strip()}


def fill_consent(text: str, salon: Salon, retention_days: int) -> str:
    """A consent text with the salon's data filled in."""
    known = {
        "name": salon.name,
        "legal_name": salon.legal_name or salon.name,
        "inn": salon.inn,
        "address": salon.address,
        "email": salon.email,
        "phone": salon.phone,
        "retention_days": str(retention_days),
    }
    return _filled(text, known)


def consent_version(*texts: str) -> str:
    """The name of a version: another one for other words."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]


def _read_text(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SalonFolderError(f"cannot be read: {error.strerror}", file=file) from error
    except UnicodeDecodeError as error:
        raise SalonFolderError("is not UTF-8", file=file) from error
    if not text.strip():
        raise SalonFolderError("is empty", file=file)
    return text


def _filled(text: str, known: Mapping[str, str | None]) -> str:
    text = _OPTIONAL_PART.sub(lambda part: "" if known.get(part[1], "") is None else part[0], text)
    return _PLACEHOLDER.sub(lambda place: known.get(place[1], place[0]) or "", text)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read_text(file))
    except tomllib.TOMLDecodeError as error:
        raise SalonFolderError(f"is no valid TOML: {error}", file=file) from error


def _table(raw: Mapping[str, Any], name: str, file: Path, *, required: bool = False) -> dict[str, Any]:
    if name not in raw and required:
        raise SalonFolderError("is missing", file=file, field=name)
    table = raw.get(name, {})
    if not isinstance(table, dict):
        raise SalonFolderError("must be a table", file=file, field=name)
    return dict(table)


def _zone(raw: Mapping[str, Any], file: Path) -> ZoneInfo:
    name = raw.get("timezone")
    if name is None:
        raise SalonFolderError("is missing", file=file, field="timezone")
    try:
        return ZoneInfo(str(name))
    except (OSError, ValueError, LookupError):
        problem = f'{name!r} is no time zone, such as "Europe/Moscow"'
        raise SalonFolderError(problem, file=file, field="timezone") from None


def _located(
    inventory: dict[str, Any], folder: Path, file: Path, environ: Mapping[str, str]
) -> dict[str, Any]:
    """The `[inventory]` table with `url` or `path` filled in from its source."""
    source = inventory.setdefault("source", "inventory.csv")
    if not isinstance(source, str):
        return inventory  # the model says what is wrong with it
    field = "inventory.source"

    def value(match: re.Match[str]) -> str:
        if not environ.get(match[1]):
            raise SalonFolderError(f"the environment variable {match[1]} is not set", file=file, field=field)
        return environ[match[1]]

    source = _CREDENTIALS.sub(
        lambda part: _VARIABLE.sub(lambda match: quote(value(match), safe=""), part[0]), source.strip()
    )
    source = _VARIABLE.sub(value, source)
    if "://" in source:
        if not inventory.get("query"):
            problem = "a database needs a query that gives the show-case"
            raise SalonFolderError(problem, file=file, field="inventory.query")
        return {**inventory, "url": SecretStr(source), "path": None}
    path = Path(os.path.normpath(folder.absolute() / source))
    if not path.is_relative_to(os.path.normpath(folder.absolute())):
        raise SalonFolderError(f"{source!r} lies outside the salon folder", file=file, field=field)
    return {**inventory, "url": None, "path": path}


def _as_folder_error(error: ValidationError, file: Path) -> SalonFolderError:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    problem = "is missing" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ")
    given = first.get("input")
    if (
        first["type"] != "missing"
        and isinstance(given, str | int | float | bool)
        and field != "inventory.url"
    ):
        problem += f", not {given!r}"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return SalonFolderError(f"{problem}{more}", file=file, field=field)
