"""What waits for somebody to do something, as the start page tells it."""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from stores.errors import StoreError
from stores.gaps import Gaps
from ui.auth import StaffMember
from ui.pages.staff.request_view import LATE, span
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from services import Services

log = logging.getLogger(__name__)
_RECENTLY = timedelta(days=1)


class Note(NamedTuple):
    """A line on a tile of the start page; `urgent` ones are told more firmly."""

    text: str
    urgent: bool = False


class Waiting:
    """The figures of the start page, over the stores."""

    def __init__(self, services: "Services") -> None:
        self._services = services
        self._gaps = Gaps(services.engine)

    def of(self, member: StaffMember, texts: Texts) -> dict[str, list[Note]]:
        """What waits on each page that this person may see, by its path; nothing while the database is away."""
        try:
            notes = {
                "/staff/requests/": self._requests(texts),
                "/staff/dialogs/": self._flags(texts),
                "/staff/gaps/": self._open_gaps(texts),
            }
            if member.may("admin"):
                notes["/staff/inventory/"] = self._stock(texts)
        except StoreError as error:
            log.warning("the start page cannot tell what waits: %s", error)
            return {}
        return notes

    def _requests(self, texts: Texts) -> list[Note]:
        counts, longest = self._services.requests.counts(), self._services.requests.longest_wait()
        notes = []
        if counts.new and longest is not None:
            wait = span(texts, longest)
            notes.append(Note(texts("home.new", count=counts.new, wait=wait), longest >= LATE))
        if counts.taken:
            notes.append(Note(texts("home.taken", count=counts.taken)))
        return notes or [Note(texts("home.no_requests"))]

    def _flags(self, texts: Texts) -> list[Note]:
        count = self._services.reviews.unanswered()
        return [Note(texts("home.flags", count=count))] if count else []

    def _open_gaps(self, texts: Texts) -> list[Note]:
        count = self._gaps.count("open")
        return [Note(texts("home.gaps", count=count))] if count else []

    def _stock(self, texts: Texts) -> list[Note]:
        notes = []
        status = self._services.inventory.status()
        if status.stale:
            notes.append(Note(texts("home.stale"), urgent=True))
        if status.rejected:
            notes.append(Note(texts("home.rejected", count=status.rejected)))
        if broken := self._services.job_runs.broken(self._services.clock() - _RECENTLY):
            notes.append(Note(texts("home.broken", count=broken), urgent=True))
        return notes
