"""What is remembered of a visitor who agreed to it: which cars they looked for and when, found again by their token."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import AwareDatetime, BaseModel, ValidationError

from chains.reply import Language
from chains.texts import Texts
from chains.wishes import as_json, in_words, read_filter, same_subject
from stores.cars import CarFilter
from stores.columns import utc_now
from stores.errors import DatabaseUnavailable, VisitorNotFound
from stores.forgetting import Forgetting
from stores.lexicon import Lexicon
from stores.receipts import Receipt
from stores.visitors import Visitors

KEPT = 6
"""How many wishes are kept; an older one gives way."""

log = logging.getLogger(__name__)


class Visit(NamedTuple):
    """A dialog of a visitor who agreed to be remembered: their token, and when the dialog was opened."""

    token: str
    since: datetime


class Wish(NamedTuple):
    """What was looked for, and when last."""

    cars: CarFilter
    at: datetime


class _Stored(BaseModel):
    filter: dict[str, Any]
    at: AwareDatetime


class Remembering:
    """Keeps and tells wishes; safe to use from any thread.

    What cannot be read or written for want of a database counts as not remembered: the log has it, the visitor is
    answered without. `visitors` decides who agreed: a token that it does not know is nobody's.
    """

    def __init__(
        self,
        visitors: Visitors,
        forgetting: Forgetting,
        lexicon: Lexicon,
        texts: Mapping[Language, Texts],
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._visitors = visitors
        self._forgetting = forgetting
        self._lexicon = lexicon
        self._texts = texts
        self._clock = clock

    def wishes(self, token: str) -> list[Wish]:
        """What the visitor looked for, the latest first. Raises `VisitorNotFound`."""
        return _once(_read(self._visitors.get(token).memory))

    def before(self, visit: Visit | None) -> list[Wish]:
        """What the visitor looked for in earlier dialogs, the latest first; nothing for a visitor who is unknown."""
        if visit is None:
            return []
        try:
            known = _read(self._visitors.get(visit.token).memory)
        except VisitorNotFound:
            return []
        except DatabaseUnavailable:
            log.exception("What is remembered of a visitor cannot be read")
            return []
        return _once(wish for wish in known if wish.at < visit.since)

    def note(self, visit: Visit, cars: CarFilter) -> None:
        """Remember a wish. It takes the place of one for the same kind of car from the same dialog."""
        now = self._clock()

        def with_wish(memory: Mapping[str, Any]) -> dict[str, Any]:
            others = [
                wish for wish in _read(memory) if wish.at < visit.since or not same_subject(wish.cars, cars)
            ]
            return _stored([Wish(cars, now), *others][:KEPT])

        try:
            self._visitors.update(visit.token, with_wish)
        except VisitorNotFound:
            log.info("The visitor was forgotten while being answered; nothing is remembered")
        except DatabaseUnavailable:
            log.exception("What a visitor looked for cannot be remembered")

    def forget(self, token: str) -> Receipt | None:
        """Destroy all that is remembered; the token is nobody's from then on. None when it is already.

        Raises `DatabaseUnavailable`.
        """
        return self._forgetting.forget_visitor(token, cause="visitor")

    def in_words(self, wishes: Sequence[Wish], language: Language) -> str:
        """«E-класс, до 6 000 000 ₽; кроссовер, дизель»; empty without a wish."""
        return "; ".join(in_words(wish.cars, self._texts[language], self._lexicon) for wish in wishes)

    @staticmethod
    def as_json(wish: Wish) -> dict[str, Any]:
        """The fields of a CarFilter that the wish sets."""
        return as_json(wish.cars)

    def greeting(self, visit: Visit | None, language: Language) -> str:
        """«В прошлый раз вы смотрели: …. Показать, что есть сейчас?»; empty when there is nothing to come back to."""
        wishes = self.before(visit)[:1]
        if not wishes:
            return ""
        return self._texts[language].say("memory.greeting", wish=self.in_words(wishes, language))


def _once(wishes: Iterable[Wish]) -> list[Wish]:
    """The wishes without those that an earlier one of the list repeats."""
    first: dict[CarFilter, Wish] = {}
    for wish in wishes:
        first.setdefault(wish.cars, wish)
    return list(first.values())


def _read(memory: Mapping[str, Any]) -> list[Wish]:
    """The wishes of a stored memory; what another version wrote and this one cannot read is left out."""
    found: list[Wish] = []
    stored = memory.get("wishes")
    for item in stored if isinstance(stored, list) else []:
        try:
            entry = _Stored.model_validate(item)
        except ValidationError:
            continue
        cars = read_filter(entry.filter)
        if cars is not None:
            found.append(Wish(cars, entry.at))
    return found


def _stored(wishes: Sequence[Wish]) -> dict[str, Any]:
    return {"wishes": [{"filter": as_json(wish.cars), "at": wish.at.isoformat()} for wish in wishes]}
