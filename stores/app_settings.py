"""Settings that staff change in the app, as JSON values by key."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from stores.columns import utc_now
from stores.database import reading, writing
from stores.models import SettingRow


class AppSettings:
    """Values by key, the same for all processes. Each method may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, `default` when it was never set; None that was set is None."""
        with reading(self._engine) as session:
            row = session.get(SettingRow, key)
            return default if row is None else row.value

    def set(self, key: str, value: Any) -> None:
        """Set a key to any JSON value; of two who set it at once the last wins."""
        try:
            self._put(key, value)
        except IntegrityError:  # another process has just added the same key, so now it is there
            self._put(key, value)

    def _put(self, key: str, value: Any) -> None:
        with writing(self._engine) as session:
            row = session.get(SettingRow, key, with_for_update=True)
            if row is None:
                session.add(SettingRow(key=key, value=value, changed_at=self._clock()))
            else:
                row.value = value
                row.changed_at = self._clock()
