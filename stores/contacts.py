"""What a visitor has given of themselves in a form not finished yet: phone, e-mail, name; sealed."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, delete
from sqlmodel import col

from stores.columns import utc_now
from stores.database import reading, writing
from stores.errors import DialogNotFound
from stores.models import ContactRow, DialogRow
from stores.sealing import Cipher


class Contact(BaseModel):
    """How a visitor may be reached; None is what was not given."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    phone: str | None = None
    email: str | None = None
    name: str | None = None


class Contacts:
    """Contacts by dialog, gone with it. Each method may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, cipher: Cipher, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._cipher = cipher
        self._clock = clock

    def get(self, session_id: str) -> Contact:
        """What is known so far; an empty contact when nothing is."""
        with reading(self._engine) as session:
            row = session.get(ContactRow, session_id)
            if row is None:
                return Contact()
            unseal = self._cipher.unseal_optional
            return Contact(phone=unseal(row.phone), email=unseal(row.email), name=unseal(row.name))

    def put(
        self, session_id: str, *, phone: str | None = None, email: str | None = None, name: str | None = None
    ) -> None:
        """Keep what is given; None leaves what is known. Raises `DialogNotFound`."""
        with writing(self._engine) as session:
            if session.get(DialogRow, session_id, with_for_update=True) is None:
                raise DialogNotFound(session_id)
            row = session.get(ContactRow, session_id) or ContactRow(
                session_id=session_id, changed_at=self._clock()
            )
            for field, given in (("phone", phone), ("email", email), ("name", name)):
                if given:
                    setattr(row, field, self._cipher.seal(given))
            row.changed_at = self._clock()
            session.add(row)

    def forget(self, session_id: str) -> None:
        """Destroy what is known; nothing happens when nothing is."""
        with writing(self._engine) as session:
            session.execute(delete(ContactRow).where(col(ContactRow.session_id) == session_id))
