"""Names for dialogs that lead back to one only for who knows its id: in receipts and in exported files."""

import hashlib
import hmac
import secrets
from functools import cached_property

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from stores.columns import utc_now
from stores.database import reading, writing
from stores.models import SettingRow

_SETTING = "pseudonym_key"
_LENGTH = 32


class Pseudonyms:
    """Keyed hashes of session ids: the same as long as the database lives, others in another database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, session_id: str) -> str:
        """The pseudonym of a dialog, 32 hexadecimal digits (HMAC-SHA256, cut). Raises `DatabaseUnavailable`."""
        return hmac.new(self._key, session_id.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()[
            :_LENGTH
        ]

    @cached_property
    def _key(self) -> bytes:
        found = self._stored()
        if found is None:
            try:
                with writing(self._engine) as session:
                    value = secrets.token_hex(32)
                    session.add(SettingRow(key=_SETTING, value=value, changed_at=utc_now()))
                return bytes.fromhex(value)
            except IntegrityError:  # another process has just made it
                found = self._stored()
        return bytes.fromhex(str(found))

    def _stored(self) -> str | None:
        with reading(self._engine) as session:
            row = session.get(SettingRow, _SETTING)
            return None if row is None else str(row.value)
