"""The running summary of a dialog: what was asked, looked for, shown and begun. Facts only, computed turn by turn."""

from typing import Any, Self

from pydantic import BaseModel, ValidationError

from chains.followup import CarDialog
from chains.reply import Draft
from chains.texts import Texts
from chains.wishes import as_json, in_words, read_filter, same_subject, wish_of
from stores.cars import CarFilter
from stores.lexicon import Lexicon

_CARS = 6
_TITLES = 4
_WISHES = 3
_TOLD = ("price", "test_drive", "callback", "brochure")
_FROM_TEXTS = {"legend", "wiki"}


class Summary(BaseModel, frozen=True):
    """What `turns` turns came to.

    `asked` are routes in the order they were first asked, `titles` the passages that answered, `cars` the titles of
    the cars shown last, `wishes` CarFilters as JSON, the latest last. It holds no word of the visitor's own.
    """

    turns: int = 0
    asked: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    cars: tuple[str, ...] = ()
    wishes: tuple[dict[str, Any], ...] = ()

    @classmethod
    def read(cls, stored: object) -> Self:
        """The summary in a turn's state; an empty one for none, and for what another version left behind."""
        try:
            return cls.model_validate(stored or {})
        except ValidationError:
            return cls()

    def after(self, draft: Draft, dialog: CarDialog | None, lexicon: Lexicon) -> Self:
        """The summary with one more turn; `dialog` is what this turn looked for and showed, None if it did not."""
        titles = [source.title for source in draft.sources if source.kind in _FROM_TEXTS]
        wish = wish_of(dialog.query.filter, lexicon) if dialog else None
        shown = (
            [f"{car.model}, {car.year}" if car.year else car.model for car in dialog.shown] if dialog else []
        )
        return self.model_copy(
            update={
                "turns": self.turns + 1,
                "asked": tuple(dict.fromkeys((*self.asked, draft.route))),
                "titles": _latest((*self.titles, *titles), _TITLES),
                "cars": _latest((*self.cars, *shown), _CARS),
                "wishes": self._with(wish) if wish else self.wishes,
            }
        )

    def in_words(self, texts: Texts, lexicon: Lexicon) -> str:
        """The summary as sentences for people and models alike; empty when there is nothing to tell."""
        wishes = [in_words(wish, texts, lexicon) for wish in map(read_filter, self.wishes) if wish]
        asked = [texts.say(f"memory.about_{route}") for route in _TOLD if route in self.asked]
        asked += [f"«{title}»" if texts.language == "ru" else f'"{title}"' for title in self.titles]
        parts = [
            texts.say("memory.sought", wish="; ".join(wishes)) if wishes else "",
            texts.say("memory.shown", cars="; ".join(self.cars)) if self.cars else "",
            texts.say("memory.asked", topics=", ".join(asked)) if asked else "",
        ]
        return " ".join(part for part in parts if part)

    def _with(self, wish: CarFilter) -> tuple[dict[str, Any], ...]:
        """The wishes with one more, which takes the place of an earlier one for the same kind of car."""
        others = [known for known in map(read_filter, self.wishes) if known and not same_subject(known, wish)]
        return tuple(as_json(known) for known in [*others, wish][-_WISHES:])


def _latest(values: tuple[str, ...], count: int) -> tuple[str, ...]:
    """The last `count` different values, in the order of their last mention."""
    return tuple(reversed(list(dict.fromkeys(reversed(values)))[:count]))
