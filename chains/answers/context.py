"""What every answer may look at: the question in its dialog, and the salon's data."""

from dataclasses import dataclass
from datetime import datetime

from chains.followup import CarDialog
from chains.query import Reading
from chains.retrieval import Hit, Retriever
from chains.texts import Texts
from stores.in_force import InForce
from stores.inventory import Inventory
from stores.lexicon import Lexicon
from stores.salon import Salon


@dataclass(frozen=True)
class Data:
    """The salon's data, shared by all questions; `in_force` is looked at once a message, when it begins."""

    in_force: InForce
    lexicon: Lexicon
    inventory: Inventory
    retriever: Retriever

    @property
    def salon(self) -> Salon:
        """The salon as it was when a message last began."""
        return self.in_force.latest.salon


@dataclass(frozen=True)
class Question:
    """One message in its dialog.

    `now` is in the salon's time zone; `reading` what the message says of cars; `cars` the last query and the cars
    shown for it; `hits` the passages found, best first; `texts` speaks the visitor's language. `plain` is the message
    without personal data: amounts, days and wishes are read in it, since a passport's digits are no price.
    """

    session_id: str
    message: str
    texts: Texts
    now: datetime
    reading: Reading
    cars: CarDialog | None
    hits: tuple[Hit, ...]
    plain: str
