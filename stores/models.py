"""The tables of dialogs and of what is for sale; those of the back office are in `stores/office.py`.

Rows never leave the stores: callers are given the frozen types that each store documents.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, UniqueConstraint
from sqlmodel import Field

from stores import table
from stores.columns import SafeText, UtcDateTime
from stores.table import Table


class VisitorRow(Table, table=True):
    """A visitor who asked to be remembered; `token` is the only thing that names them."""

    __tablename__ = "visitors"

    token: str = table.key()
    created_at: datetime = table.moment()
    seen_at: datetime = table.moment()
    memory: dict[str, Any] = table.json()


class DialogRow(Table, table=True):
    """One dialog; `kind` is web or api."""

    __tablename__ = "dialogs"
    __table_args__ = (Index(None, "opened_at"), Index(None, "last_at"))

    session_id: str = table.key()
    kind: str = table.text()
    language: str = table.text()
    visitor: str | None = Field(
        default=None,
        sa_column=Column(
            SafeText, ForeignKey("visitors.token", ondelete="SET NULL"), nullable=True, index=True
        ),
    )
    opened_at: datetime = table.moment()
    last_at: datetime = table.moment()
    ended_at: datetime | None = table.optional_moment()


class ConsentRow(Table, table=True):
    """That a visitor agreed to the processing of personal data: to which text (its words are a `ConsentTextRow`), when,
    from which address."""

    __tablename__ = "consents"

    id: int | None = table.identity()
    session_id: str = table.of_dialog()
    version: str = table.text()
    address: str | None = table.optional_text()
    given_at: datetime = table.moment()


class TurnRow(Table, table=True):
    """A masked question and, once there is one, its answer. `id` gives the order, `turn_id` is the public name.

    The tokens are those that a language model read and wrote for it; None where none had a part.
    """

    __tablename__ = "turns"
    __table_args__ = (Index(None, "status"), Index(None, "asked_at"))

    id: int | None = table.identity()
    turn_id: str = table.text(unique=True)
    session_id: str = table.of_dialog()
    status: str = table.text()
    question: str = table.text()
    asked_at: datetime = table.moment()
    answered_at: datetime | None = table.optional_moment()
    answer: str | None = table.optional_text()
    route: str | None = table.optional_text()
    blocked: bool = False
    reason: str | None = table.optional_text()
    cars: list[str] = table.json()
    cars_total: int = 0
    sources: list[dict[str, Any]] = table.json()
    notices: list[str] = table.json()
    llm: bool = False
    elapsed_ms: int = 0
    model: str | None = table.optional_text()
    prompt_hash: str | None = table.optional_text()
    checks: list[dict[str, Any]] = table.json()
    timings: dict[str, Any] = table.json()
    state: dict[str, Any] = table.json()
    facts: list[dict[str, Any]] | None = table.optional_json()
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class RatingRow(Table, table=True):
    """What a visitor thought of the dialog: csat 1-10, nps 0-10 or unanswered."""

    __tablename__ = "ratings"
    __table_args__ = (
        CheckConstraint("csat BETWEEN 1 AND 10", name="csat"),
        CheckConstraint("nps IS NULL OR nps BETWEEN 0 AND 10", name="nps"),
    )

    session_id: str = table.of_dialog(key=True)
    csat: int
    nps: int | None = None
    comment: str = table.text()
    rated_at: datetime = table.moment()


class CallbackRow(Table, table=True):
    """Somebody asked to be called. `status` is new, taken, done or no_answer; withdrawn when the visitor wants none.

    `phone`, `name`, `comment` and `note` are sealed (see `stores/sealing.py`); by `phone_hash` equal numbers are found.
    """

    __tablename__ = "callbacks"
    __table_args__ = (Index(None, "status"),)

    id: int | None = table.identity()
    session_id: str = table.of_dialog()
    phone: str = table.text()
    name: str = table.text()
    comment: str = table.text()
    status: str = table.text()
    created_at: datetime = table.moment()
    phone_hash: str | None = table.optional_text()
    taken_by: str | None = table.optional_text()
    taken_at: datetime | None = table.optional_moment()
    closed_at: datetime | None = table.optional_moment()
    note: str | None = table.optional_text()


class BookingRow(Table, table=True):
    """A test drive: which car, from when, for whom. `status` is booked or cancelled; the hours it takes are its
    `BookedTimeRow`s, which a cancelled one has none of.

    `handling` is how far staff are with it: new, taken, done or no_answer. `phone`, `name` and `note` are sealed.
    """

    __tablename__ = "bookings"
    __table_args__ = (Index(None, "phone_hash"),)

    id: int | None = table.identity()
    session_id: str = table.of_dialog()
    stock_id: str = table.text()
    car: str = table.text()
    starts_at: datetime = table.moment()
    minutes: int
    phone: str = table.text()
    name: str = table.text()
    status: str = table.text()
    created_at: datetime = table.moment()
    changed_at: datetime = table.moment()
    phone_hash: str | None = table.optional_text()
    handling: str = Field(default="new", sa_column=Column(SafeText, nullable=False, server_default="new"))
    taken_by: str | None = table.optional_text()
    taken_at: datetime | None = table.optional_moment()
    closed_at: datetime | None = table.optional_moment()
    note: str | None = table.optional_text()


class BookedTimeRow(Table, table=True):
    """Some minutes that a test drive takes of a car and of a visitor.

    A drive of an hour has a row for each five minutes. That no car and no visitor is taken twice at once is therefore
    what the database's keys say, whatever begins when and however long it lasts.
    """

    __tablename__ = "booked_times"
    __table_args__ = (UniqueConstraint("session_id", "at"),)

    stock_id: str = table.key()
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
    `email` is sealed.
    """

    __tablename__ = "mailings"
    __table_args__ = (Index(None, "status", "due_at"),)

    id: int | None = table.identity()
    session_id: str = table.of_dialog()
    email: str = table.text()
    language: str = table.text()
    consent_version: str = table.text()
    consent_text: str = table.text()
    consent_at: datetime = table.moment()
    status: str = table.text()
    attempts: int
    due_at: datetime = table.moment()
    error: str | None = table.optional_text()
    created_at: datetime = table.moment()
    sent_at: datetime | None = table.optional_moment()
    email_hash: str | None = table.optional_text()


class ContactRow(Table, table=True):
    """What a visitor has given of themselves in a form that is not finished yet, sealed; gone when it is."""

    __tablename__ = "contacts"

    session_id: str = table.of_dialog(key=True)
    phone: str | None = table.optional_text()
    email: str | None = table.optional_text()
    name: str | None = table.optional_text()
    changed_at: datetime = table.moment()


class InventoryVersionRow(Table, table=True):
    """One load of the show-case; the one with the highest id is in force.

    `stale` and `error` tell that the last attempt to refresh it failed, `refreshed_at` when one last succeeded.
    """

    __tablename__ = "inventory_versions"

    id: int | None = table.identity()
    content_hash: str = table.text()
    created_at: datetime = table.moment()
    refreshed_at: datetime = table.moment()
    cars: int
    rejected: int
    stale: bool = False
    error: str | None = table.optional_text()


class CarRow(Table, table=True):
    """A car of one inventory version. `model_key` and `options_key` are folded for searching."""

    __tablename__ = "inventory_cars"
    __table_args__ = (
        UniqueConstraint("version_id", "position"),
        Index(None, "version_id", "status", "class_name"),
    )

    version_id: int = table.of_version("inventory_versions")
    stock_id: str = table.key()
    position: int
    model: str = table.text()
    model_key: str = table.text()
    class_name: str | None = table.optional_text()
    base_class: str | None = table.optional_text()
    variant: int
    body: str | None = table.optional_text()
    body_code: str | None = table.optional_text()
    year: int | None = None
    price: int = Field(sa_column=Column(BigInteger, nullable=False))
    mileage_km: int | None = None
    is_new: bool
    fuel: str | None = table.optional_text()
    fuel_code: str | None = table.optional_text()
    transmission: str | None = table.optional_text()
    transmission_code: str | None = table.optional_text()
    drive: str | None = table.optional_text()
    drive_code: str | None = table.optional_text()
    color: str | None = table.optional_text()
    color_code: str | None = table.optional_text()
    interior: str | None = table.optional_text()
    engine_l: float | None = None
    power_hp: int | None = None
    seats: int | None = None
    options: str = table.text()
    options_key: str = table.text()
    status: str = table.text()
    url: str | None = table.optional_text()


class InventoryRemarkRow(Table, table=True):
    """What was wrong with a row of the source; `loaded` tells whether its car is for sale all the same."""

    __tablename__ = "inventory_remarks"

    version_id: int = table.of_version("inventory_versions")
    position: int = Field(primary_key=True)
    loaded: bool
    line: int
    stock_id: str | None = table.optional_text()
    reason: str = table.text()


class TopicVersionRow(Table, table=True):
    """One state of the forbidden topics; the one with the highest id is in force. `origin` is folder or admin, `author`
    the name of the admin."""

    __tablename__ = "topic_versions"

    id: int | None = table.identity()
    origin: str = table.text()
    created_at: datetime = table.moment()
    author: str | None = table.optional_text()


class TopicRow(Table, table=True):
    """A forbidden topic of one version."""

    __tablename__ = "topics"

    version_id: int = table.of_version("topic_versions")
    position: int = Field(primary_key=True)
    name: str = table.text()
    stop_words: list[str] = table.json()
    examples: list[str] = table.json()
    stub: str | None = table.optional_text()


class SettingRow(Table, table=True):
    """A setting that staff change in the app."""

    __tablename__ = "settings"

    key: str = table.key()
    value: Any = table.json()
    changed_at: datetime = table.moment()
