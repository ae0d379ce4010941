"""What staff are told when something cannot be done: one sentence, in their language."""

import logging
from collections.abc import Callable
from html import escape

from stores.errors import ChangedMeanwhile, NotFound, Refused, SalonFolderError, StoreError
from ui.pages.staff.parts import alert
from ui.pages.texts import Texts

log = logging.getLogger(__name__)


def sentence(error: StoreError, texts: Texts) -> str:
    """Why it was refused, and what can be done."""
    if isinstance(error, Refused):
        return texts(f"refusals.{error.key}", **error.values)
    if isinstance(error, ChangedMeanwhile):
        return texts("refusals.changed_meanwhile")
    if isinstance(error, SalonFolderError):
        return texts("refusals.folder", problem=str(error))
    if isinstance(error, NotFound):
        return texts("refusals.gone")
    log.warning("staff are told that something does not work now: %s", error)
    return texts("refusals.unavailable")


def tried(change: Callable[[], str], texts: Texts) -> str:
    """What came of a change as HTML: its own word on it, or why it was refused."""
    try:
        return change()
    except StoreError as error:
        return alert(sentence(error, texts))


def lines(text: str | None) -> tuple[str, ...]:
    """The lines of a field without blanks around them; empty ones and repetitions are left out."""
    return tuple(dict.fromkeys(" ".join(line.split()) for line in (text or "").splitlines() if line.strip()))


def link(url: str, title: str) -> str:
    """A link within the back office as HTML."""
    return f'<a href="{escape(url)}">{escape(title)}</a>'
