"""What all tables share: one catalogue, and the kinds of columns that they are made of."""

from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Integer, MetaData
from sqlalchemy import Table as SqlTable
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


def table_of(row: type[Table]) -> SqlTable:
    """The table behind a class of rows, for statements of plain columns."""
    return Table.metadata.tables[str(row.__tablename__)]


def identity() -> Any:
    """A number that the database gives."""
    return Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))


def key() -> Any:
    """Text that names the row."""
    return Field(sa_column=Column(SafeText, primary_key=True))


def text(*, unique: bool = False) -> Any:
    """Text that is always there."""
    return Field(sa_column=Column(SafeText, nullable=False, unique=unique))


def optional_text() -> Any:
    """Text, or None."""
    return Field(default=None, sa_column=Column(SafeText, nullable=True))


def json() -> Any:
    """Any JSON value."""
    return Field(sa_column=Column(JSON, nullable=False))


def optional_json() -> Any:
    """Any JSON value, or None."""
    return Field(default=None, sa_column=Column(JSON, nullable=True))


def moment() -> Any:
    """An aware moment."""
    return Field(sa_column=Column(UtcDateTime, nullable=False))


def optional_moment() -> Any:
    """An aware moment, or None."""
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


def of_dialog(*, key: bool = False) -> Any:
    """The dialog that a row belongs to; the row goes with it."""
    reference = ForeignKey("dialogs.session_id", ondelete="CASCADE")
    return Field(sa_column=Column(SafeText, reference, primary_key=key, nullable=False, index=not key))


def of_version(table: str) -> Any:
    """The version that a row belongs to; the row goes with it."""
    return Field(sa_column=Column(Integer, ForeignKey(f"{table}.id", ondelete="CASCADE"), primary_key=True))
