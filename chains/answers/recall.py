"""«Что я искал в прошлый раз?», «забудь меня», and the «да» to showing it again: memory, told and undone."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from chains.answers.context import Question
from chains.decision import Decision
from chains.followup import CarDialog
from chains.query import CarQuery
from chains.remembered import Remembering, Visit, Wish
from chains.reply import Draft, Fact
from chains.summary import Summary
from chains.text import normalise
from chains.understanding import Before
from chains.wishes import as_json
from stores.errors import DatabaseUnavailable
from stores.lexicon import Lexicon, fold

_OFFER = "offer"
_REMEMBERED = "remembered"
_SHORT = 7


class Aside(NamedTuple):
    """The question as it is to be answered; `draft` is the answer itself where it is one about memory."""

    question: Question
    decision: Decision
    draft: Draft | None


@dataclass(frozen=True)
class Recall:
    """Answers about memory. `patterns` are those of `assets/memory.toml`, compiled; `salon` is the salon's name."""

    remembering: Remembering
    lexicon: Lexicon
    salon: str
    patterns: Mapping[str, tuple[re.Pattern[str], ...]] = field(repr=False)

    def aside(self, question: Question, decision: Decision, past: Before, visit: Visit | None) -> Aside:
        """What a message after `past` has to do with what is remembered: an answer, or an offer that it takes up."""
        first = past.route is None
        draft = self._answer(question, visit, Summary.read(past.state.get("summary")))
        if draft is None and (first or past.state.get(_OFFER) == _REMEMBERED):
            offered = self._offered(visit)
            if offered and self._accepts(question):
                phrasing = replace(question.reading.phrasing, follow_up=True)
                reading = replace(question.reading, phrasing=phrasing, unknown=())
                return Aside(replace(question, reading=reading, cars=offered), Decision("inventory"), None)
            draft = self._declines(question) if offered else None
        if draft is None and first and decision == Decision("smalltalk", "hello"):
            draft = self._welcome_back(question, visit)
        return Aside(question, decision, draft)

    def is_about(self, message: str) -> bool:
        """The message speaks of what is remembered: «забудь меня» is no wish for a call, whatever it sounds like."""
        line = _line(message)
        return any(self._any(line, name) for name in ("how_to_forget", "forget"))

    def _answer(self, question: Question, visit: Visit | None, summary: Summary) -> Draft | None:
        """The answer to a message about what is remembered; None for any other message."""
        line = _line(question.message)
        if self._any(line, "how_to_forget"):
            return _say(question, "memory.how_to_forget")
        if self._any(line, "forget"):
            return self._forget(question, visit)
        about_a_car = question.reading.names_a_car or bool(question.reading.quantities)
        if self._any(line, "recall") and not about_a_car:
            return self._recall(question, visit, summary)
        return None

    def _offered(self, visit: Visit | None) -> CarDialog | None:
        """What a greeting (the page's own, before the first message, or an answer) has offered to show again, as if it
        had been asked just now."""
        wishes = self.remembering.before(visit)
        return CarDialog(query=CarQuery(filter=wishes[0].cars)) if wishes else None

    def _accepts(self, question: Question) -> bool:
        """«Да», «покажи», «да, но до 7 млн»: the message takes an offer up; one that names a car does not."""
        line, reading = _line(question.message), question.reading
        if reading.names_a_car or reading.words > _SHORT:
            return False
        return self._any(line, "accept") or (
            reading.has_constraints and self._any(line.split(",")[0], "accept")
        )

    def _declines(self, question: Question) -> Draft | None:
        """The answer to «нет, спасибо»; None for any other message."""
        return _say(question, "memory.declined") if self._any(_line(question.message), "decline") else None

    def _welcome_back(self, question: Question, visit: Visit | None) -> Draft | None:
        """The answer to a greeting with the offer to go on where the visitor left off; None if there is nothing."""
        offer = self.remembering.greeting(visit, question.texts.language)
        if not offer:
            return None
        text = f"{question.texts.say('memory.welcome_back', salon=self.salon)} {offer}"
        return Draft(route="smalltalk", text=text, state={_OFFER: _REMEMBERED})

    def _any(self, line: str, section: str) -> bool:
        return any(pattern.search(line) for pattern in self.patterns[section])

    def _forget(self, question: Question, visit: Visit | None) -> Draft:
        if visit is None:
            return _say(question, "memory.nothing_kept")
        try:
            self.remembering.forget(visit.token)
        except DatabaseUnavailable:
            return _say(question, "memory.not_forgotten")
        return _say(question, "memory.forgotten")

    def _recall(self, question: Question, visit: Visit | None, summary: Summary) -> Draft:
        """Earlier dialogs first; else this one; else the plain truth that nothing is known."""
        texts = question.texts
        wishes = self.remembering.before(visit)
        now = summary.in_words(texts, self.lexicon)
        if wishes:
            text = texts.say("memory.recalled", wishes=self._dated(wishes, question))
            if now:
                text += f"\n{texts.say('memory.this_time', summary=now)}"
            text += f"\n{texts.say('memory.show_again')}"
            facts = tuple(Fact("visitor", "wish", as_json(wish.cars), "") for wish in wishes)
            return Draft(route="smalltalk", text=text, facts=facts, state={_OFFER: _REMEMBERED})
        if now:
            key = "memory.this_dialog" if visit else "memory.only_this_dialog"
            return replace(_say(question, key, summary=now), facts=(Fact("dialog", "summary", now, now),))
        return _say(question, "memory.nothing_yet" if visit else "memory.stranger")

    def _dated(self, wishes: Sequence[Wish], question: Question) -> str:
        zone, texts = question.now.tzinfo, question.texts
        return "; ".join(
            texts.say(
                "memory.dated",
                date=texts.date(wish.at.astimezone(zone).date()),
                wish=self.remembering.in_words([wish], texts.language),
            )
            for wish in wishes
        )


def load_patterns(path: Path) -> dict[str, tuple[re.Pattern[str], ...]]:
    """The compiled patterns of a file by section.

    Raises:
        FileNotFoundError, tomllib.TOMLDecodeError, re.error: the installation is broken.
    """
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: tuple(re.compile(text) for text in texts) for name, texts in sections.items()}


def _line(message: str) -> str:
    return fold(normalise(message)).strip()


def _say(question: Question, key: str, **values: object) -> Draft:
    return Draft(route="smalltalk", text=question.texts.say(key, **values))
