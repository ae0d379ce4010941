"""What is remembered of visitors who asked for it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine

from stores.columns import utc_now
from stores.database import reading, writing
from stores.errors import VisitorNotFound
from stores.models import VisitorRow


class Visitor(BaseModel):
    """A visitor who came back, or may: `memory` is JSON, empty at first."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    token: str
    created_at: datetime
    seen_at: datetime
    memory: dict[str, Any]


class Visitors:
    """Visitors by their token, which `Dialogs.open` gives out; `stores.forgetting` destroys them.

    Each method may raise `DatabaseUnavailable`.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def get(self, token: str) -> Visitor:
        """What is known of a visitor. Raises `VisitorNotFound`."""
        with reading(self._engine) as session:
            row = session.get(VisitorRow, token)
            if row is None:
                raise VisitorNotFound(token)
            return Visitor.model_validate(row)

    def remember(self, token: str, memory: Mapping[str, Any]) -> None:
        """Put `memory` in place of what was remembered. Raises `VisitorNotFound`."""
        self.update(token, lambda _: dict(memory))

    def update(self, token: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
        """Put what `change` makes of the memory in its place; two dialogs at once lose nothing of each other's.

        Raises `VisitorNotFound`.
        """
        with writing(self._engine) as session:
            row = session.get(VisitorRow, token, with_for_update=True)
            if row is None:
                raise VisitorNotFound(token)
            row.memory = change(row.memory)
            row.seen_at = self._clock()
