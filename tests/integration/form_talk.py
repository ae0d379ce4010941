"""A dialog with forms in tests: spoken to, and what it has left in the stores."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from chains.reply import Reply
from services import Services
from stores.bookings import Booking, Bookings
from stores.contacts import Contact, Contacts
from stores.database import reading
from stores.models import CallbackRow

MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")
MONDAY_NIGHT = datetime.fromisoformat("2026-11-23T23:30:00+03:00")
TUESDAY_NOON = MONDAY_NOON + timedelta(days=1)
PHONE = "+7 900 000-00-01"
E164 = "+79000000001"


@dataclass
class Talk:
    """One dialog at a moment of the test's choosing."""

    services: Services
    session_id: str
    at: datetime = MONDAY_NOON

    async def ask(self, message: str) -> Reply:
        return await self.services.assistant.answer(self.session_id, message, at=self.at)

    async def say(self, *messages: str) -> Reply:
        """Several messages; the last reply."""
        return [await self.ask(message) for message in messages][-1]

    @property
    def bookings(self) -> list[Booking]:
        store = Bookings(self.services.engine, self.services.cipher)
        return store.coming(self.session_id, MONDAY_NOON)

    @property
    def calls(self) -> list[CallbackRow]:
        query = select(CallbackRow).where(CallbackRow.session_id == self.session_id)
        with reading(self.services.engine) as session:
            rows = list(session.scalars(query))
            session.expunge_all()
        for row in rows:
            sealed = (row.phone, row.name, row.comment)
            row.phone, row.name, row.comment = map(self.services.cipher.unseal, sealed)
        return rows

    @property
    def contact(self) -> Contact:
        return Contacts(self.services.engine, self.services.cipher).get(self.session_id)
