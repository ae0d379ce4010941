"""The tables. Rows never leave the stores: callers are given the frozen types that each store documents."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from stores.columns import SafeText, UtcDateTime


class Table(SQLModel):
    """What all tables share: a catalogue of their own, in which every constraint has a name a migration can use."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _id() -> Any:
    return Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))


def _key() -> Any:
    return Field(sa_column=Column(SafeText, primary_key=True))


def _text(*, unique: bool = False) -> Any:
    return Field(sa_column=Column(SafeText, nullable=False, unique=unique))


def _optional_text() -> Any:
    return Field(default=None, sa_column=Column(SafeText, nullable=True))


def _json() -> Any:
    return Field(sa_column=Column(JSON, nullable=False))


def _moment() -> Any:
    return Field(sa_column=Column(UtcDateTime, nullable=False))


def _optional_moment() -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


def _session(*, key: bool = False) -> Any:
    """The dialog that a row belongs to; the row goes with it."""
    reference = ForeignKey("dialogs.session_id", ondelete="CASCADE")
    return Field(sa_column=Column(SafeText, reference, primary_key=key, nullable=False, index=not key))


def _version(table: str) -> Any:
    """The version that a row belongs to; the row goes with it."""
    return Field(sa_column=Column(Integer, ForeignKey(f"{table}.id", ondelete="CASCADE"), primary_key=True))


class VisitorRow(Table, table=True):
    """A visitor who asked to be remembered; `token` is the only thing that names them."""

    __tablename__ = "visitors"

    token: str = _key()
    created_at: datetime = _moment()
    seen_at: datetime = _moment()
    memory: dict[str, Any] = _json()


class DialogRow(Table, table=True):
    """One dialog; `kind` is web or api."""

    __tablename__ = "dialogs"

    session_id: str = _key()
    kind: str = _text()
    language: str = _text()
    visitor: str | None = Field(
        default=None,
        sa_column=Column(
            SafeText, ForeignKey("visitors.token", ondelete="SET NULL"), nullable=True, index=True
        ),
    )
    opened_at: datetime = _moment()
    last_at: datetime = _moment()
    ended_at: datetime | None = _optional_moment()


class ConsentRow(Table, table=True):
    """That a visitor agreed to the processing of personal data: to which text, when, from which address."""

    __tablename__ = "consents"

    id: int | None = _id()
    session_id: str = _session()
    version: str = _text()
    address: str | None = _optional_text()
    given_at: datetime = _moment()


class TurnRow(Table, table=True):
    """A masked question and, once there is one, its answer. `id` gives the order, `turn_id` is the public name."""

    __tablename__ = "turns"
    __table_args__ = (Index(None, "status"),)

    id: int | None = _id()
    turn_id: str = _text(unique=True)
    session_id: str = _session()
    status: str = _text()
    question: str = _text()
    asked_at: datetime = _moment()
    answered_at: datetime | None = _optional_moment()
    answer: str | None = _optional_text()
    route: str | None = _optional_text()
    blocked: bool = False
    reason: str | None = _optional_text()
    cars: list[str] = _json()
    cars_total: int = 0
    sources: list[dict[str, Any]] = _json()
    notices: list[str] = _json()
    llm: bool = False
    elapsed_ms: int = 0
    model: str | None = _optional_text()
    prompt_hash: str | None = _optional_text()
    checks: list[dict[str, Any]] = _json()
    timings: dict[str, Any] = _json()
    state: dict[str, Any] = _json()


class RatingRow(Table, table=True):
    """What a visitor thought of the dialog: csat 1-10, nps 0-10 or unanswered."""

    __tablename__ = "ratings"
    __table_args__ = (
        CheckConstraint("csat BETWEEN 1 AND 10", name="csat"),
        CheckConstraint("nps IS NULL OR nps BETWEEN 0 AND 10", name="nps"),
    )

    session_id: str = _session(key=True)
    csat: int
    nps: int | None = None
    comment: str = _text()
    rated_at: datetime = _moment()


class CallbackRow(Table, table=True):
    """Somebody asked to be called; `status` is new until staff take it, withdrawn when the visitor wants none."""

    __tablename__ = "callbacks"

    id: int | None = _id()
    session_id: str = _session()
    phone: str = _text()
    name: str = _text()
    comment: str = _text()
    status: str = _text()
    created_at: datetime = _moment()


class BookingRow(Table, table=True):
    """A test drive: which car, from when, for whom. `status` is booked or cancelled; the hours it takes are its
    `BookedTimeRow`s, which a cancelled one has none of."""

    __tablename__ = "bookings"

    id: int | None = _id()
    session_id: str = _session()
    stock_id: str = _text()
    car: str = _text()
    starts_at: datetime = _moment()
    minutes: int
    phone: str = _text()
    name: str = _text()
    status: str = _text()
    created_at: datetime = _moment()
    changed_at: datetime = _moment()


class BookedTimeRow(Table, table=True):
    """Some minutes that a test drive takes of a car and of a visitor.

    A drive of an hour has a row for each five minutes. That no car and no visitor is taken twice at once is therefore
    what the database's keys say, whatever begins when and however long it lasts.
    """

    __tablename__ = "booked_times"
    __table_args__ = (UniqueConstraint("session_id", "at"),)

    stock_id: str = _key()
    at: datetime = Field(sa_column=Column(UtcDateTime, primary_key=True))
    session_id: str = Field(
        sa_column=Column(SafeText, ForeignKey("dialogs.session_id", ondelete="CASCADE"), nullable=False)
    )
    booking_id: int = Field(
        sa_column=Column(Integer, ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False, index=True)
    )


class MailingRow(Table, table=True):
    """A brochure to be sent by mail, with the consent to that: its whole text, its version, when it was given.

    `status` is pending, sent or failed; a pending one is due at `due_at`, `attempts` counts the tries.
    """

    __tablename__ = "mailings"
    __table_args__ = (Index(None, "status", "due_at"),)

    id: int | None = _id()
    session_id: str = _session()
    email: str = _text()
    language: str = _text()
    consent_version: str = _text()
    consent_text: str = _text()
    consent_at: datetime = _moment()
    status: str = _text()
    attempts: int
    due_at: datetime = _moment()
    error: str | None = _optional_text()
    created_at: datetime = _moment()
    sent_at: datetime | None = _optional_moment()


class ContactRow(Table, table=True):
    """What a visitor has given of themselves in a form that is not finished yet; gone when it is."""

    __tablename__ = "contacts"

    session_id: str = _session(key=True)
    phone: str | None = _optional_text()
    email: str | None = _optional_text()
    name: str | None = _optional_text()
    changed_at: datetime = _moment()


class InventoryVersionRow(Table, table=True):
    """One load of the show-case; the one with the highest id is in force.

    `stale` and `error` tell that the last attempt to refresh it failed, `refreshed_at` when one last succeeded.
    """

    __tablename__ = "inventory_versions"

    id: int | None = _id()
    content_hash: str = _text()
    created_at: datetime = _moment()
    refreshed_at: datetime = _moment()
    cars: int
    rejected: int
    stale: bool = False
    error: str | None = _optional_text()


class CarRow(Table, table=True):
    """A car of one inventory version. `model_key` and `options_key` are folded for searching."""

    __tablename__ = "inventory_cars"
    __table_args__ = (
        UniqueConstraint("version_id", "position"),
        Index(None, "version_id", "status", "class_name"),
    )

    version_id: int = _version("inventory_versions")
    stock_id: str = _key()
    position: int
    model: str = _text()
    model_key: str = _text()
    class_name: str | None = _optional_text()
    base_class: str | None = _optional_text()
    variant: int
    body: str | None = _optional_text()
    body_code: str | None = _optional_text()
    year: int | None = None
    price: int = Field(sa_column=Column(BigInteger, nullable=False))
    mileage_km: int | None = None
    is_new: bool
    fuel: str | None = _optional_text()
    fuel_code: str | None = _optional_text()
    transmission: str | None = _optional_text()
    transmission_code: str | None = _optional_text()
    drive: str | None = _optional_text()
    drive_code: str | None = _optional_text()
    color: str | None = _optional_text()
    color_code: str | None = _optional_text()
    interior: str | None = _optional_text()
    engine_l: float | None = None
    power_hp: int | None = None
    seats: int | None = None
    options: str = _text()
    options_key: str = _text()
    status: str = _text()
    url: str | None = _optional_text()


class InventoryRemarkRow(Table, table=True):
    """What was wrong with a row of the source; `loaded` tells whether its car is for sale all the same."""

    __tablename__ = "inventory_remarks"

    version_id: int = _version("inventory_versions")
    position: int = Field(primary_key=True)
    loaded: bool
    line: int
    stock_id: str | None = _optional_text()
    reason: str = _text()


class TopicVersionRow(Table, table=True):
    """One state of the forbidden topics; the one with the highest id is in force. `origin` is folder or admin."""

    __tablename__ = "topic_versions"

    id: int | None = _id()
    origin: str = _text()
    created_at: datetime = _moment()


class TopicRow(Table, table=True):
    """A forbidden topic of one version."""

    __tablename__ = "topics"

    version_id: int = _version("topic_versions")
    position: int = Field(primary_key=True)
    name: str = _text()
    stop_words: list[str] = _json()
    examples: list[str] = _json()
    stub: str | None = _optional_text()


class SettingRow(Table, table=True):
    """A setting that staff change in the app."""

    __tablename__ = "settings"

    key: str = _key()
    value: Any = _json()
    changed_at: datetime = _moment()
