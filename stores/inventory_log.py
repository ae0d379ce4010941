"""The loads of the show-case that are kept, for staff."""

import re
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, select
from sqlmodel import col

from stores.database import reading
from stores.models import InventoryVersionRow

_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


class Load(BaseModel):
    """A version of the show-case: when its content was first read and last found unchanged, and how much it holds.

    `stale` and `error` tell that the last attempt to read it anew has failed.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    created_at: datetime
    refreshed_at: datetime
    cars: int
    rejected: int
    stale: bool
    error: str | None


def loads(engine: Engine) -> list[Load]:
    """The versions that are kept, the one in force first. Raises `DatabaseUnavailable`."""
    with reading(engine) as session:
        query = select(InventoryVersionRow).order_by(col(InventoryVersionRow.id).desc())
        return [Load.model_validate(row) for row in session.scalars(query)]


def shown_source(source: str) -> str:
    """A source as it may be shown: a URL without user, password and query, a path as it is."""
    if "://" not in source:
        return source
    return _CREDENTIALS.sub("***@", source).partition("?")[0]
