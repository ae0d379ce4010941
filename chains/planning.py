"""From a message to a finished Draft, by code alone: mask, guard, read, search, route, compute."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Literal
from zoneinfo import ZoneInfo

from chains import memory
from chains.answers import inventory, passages, price, salon_facts, service, smalltalk, unknown
from chains.answers.context import Data, Question
from chains.answers.salon_facts import days_asked
from chains.guard import Guard, Verdict
from chains.numerals import words_of
from chains.privacy import Masked, mask
from chains.query import Reading, read
from chains.reply import Draft, Language, Notice, Source
from chains.reranking import Reranker
from chains.retrieval import Hit
from chains.router import Decision, Router
from chains.text import content_lemmas, language_of
from chains.texts import Texts
from chains.vocabulary import Vocabulary, build_vocabulary
from stores.callbacks import Callbacks
from stores.dialogs import Turn

_CAR_ROUTES = {"inventory", "price"}
_KINDS: tuple[Literal["legend", "wiki"], ...] = ("legend", "wiki")
_CANDIDATES = 20
_SHORT = 5
_FEW = 3
_STOCK_ID = re.compile(r"[A-Za-zА-Яа-я0-9]+(?:[-_/][A-Za-zА-Яа-я0-9]+)+|\b[A-HJ-NPR-Z0-9]{17}\b")
_PHONE_ROUTES = {"callback", "unknown", "test_drive"}
_BLOCKED_ROUTES = {"injection", "harmful"}


@dataclass(frozen=True)
class Plan:
    """A message made ready to be answered: the draft, what is said should it turn out to answer nothing, the masked
    message, and what a model may see of the dialog."""

    draft: Draft
    unknown: Draft
    masked: str
    language: Language
    history: list[tuple[str, str]]


class Planner:
    """Makes drafts for one salon; thread-safe, and quick enough for a hundred a second."""

    def __init__(
        self,
        *,
        data: Data,
        router: Router,
        reranker: Reranker,
        guard: Guard,
        callbacks: Callbacks,
        texts: dict[Language, Texts],
    ) -> None:
        self._data = data
        self._router = router
        self._reranker = reranker
        self._guard = guard
        self._callbacks = callbacks
        self._texts = texts
        self._vocabulary: tuple[int, Vocabulary] | None = None
        self._vocabulary_lock = Lock()

    @property
    def zone(self) -> ZoneInfo:
        """The salon's time zone."""
        return self._data.salon.zone

    def masked(self, message: str) -> str:
        """The message without personal data, as it may be stored."""
        return self._mask(message).text

    def vocabulary(self) -> Vocabulary:
        """The vocabulary of the inventory version in force, built anew when that changes."""
        with self._vocabulary_lock:
            facets = self._data.inventory.facets()
            if self._vocabulary is None or self._vocabulary[0] != facets.version:
                values = {
                    "body": facets.bodies,
                    "fuel": facets.fuels,
                    "drive": facets.drives,
                    "transmission": facets.transmissions,
                    "color": facets.colors,
                }
                built = build_vocabulary(self._data.lexicon, facets.classes, facets.models, values)
                self._vocabulary = (facets.version, built)
            return self._vocabulary[1]

    def warm_up(self) -> None:
        """Build now what the first question would otherwise wait seconds for: dictionaries, vocabulary, vectors."""
        self._mask("")
        read("прогрев", self.vocabulary())
        self._data.retriever.search("прогрев", k=1)

    def plan(
        self, session_id: str, message: str, dialog_language: str, now: datetime, turns: Sequence[Turn]
    ) -> Plan:
        """The draft that answers `message` after `turns`; `now` is in the salon's time zone."""
        language = language_of(message, "en" if dialog_language == "en" else "ru")
        texts = self._texts[language]
        masked = self._mask(message)
        state = memory.last_state(turns)
        verdict = self._guard.check_input(message, language)
        if verdict.blocked:
            draft = _blocked(verdict, texts, state)
            return Plan(draft, draft, masked.text, language, [])
        question, decision = self._question(session_id, message, texts, now, turns)
        last_route = turns[-1].route if turns else None
        phone = next((message[span.start : span.end] for span in masked.found if span.kind == "phone"), None)
        if phone and (
            decision.intent == "callback"
            or last_route in _PHONE_ROUTES
            or decision.intent == "unknown"
            or question.reading.words <= 6
        ):
            draft = self._phone_left(question, phone, masked)
        else:
            draft = self._draft(question, decision)
            draft = replace(draft, state={**draft.state, "asked": decision.intent})
        nothing = unknown.answer(question, self._data)
        draft, nothing = (replace(one, state={**state, **one.state}) for one in (draft, nothing))
        return Plan(draft, nothing, masked.text, language, memory.recent(turns))

    def wait_notice(self, message: str, now: datetime) -> Notice:
        """What a visitor is told who has waited long; with the offer of a call-back in opening hours."""
        texts = self._texts[language_of(message)]
        return Notice(texts.say("notice.wait"), offer_callback=self._data.salon.hours.is_open(now))

    def _mask(self, message: str) -> Masked:
        return mask(message, keep=(self._data.salon.phone, self._data.salon.email))

    def _question(
        self, session_id: str, message: str, texts: Texts, now: datetime, turns: Sequence[Turn]
    ) -> tuple[Question, Decision]:
        vocabulary = self.vocabulary()
        reading = self._read(message, vocabulary)
        last = next((turn for turn in reversed(turns) if turn.answer), None)
        hits = tuple(self._find(message, reading, vocabulary, last))
        cars = memory.car_dialog(memory.last_state(turns))
        question = Question(session_id, message, texts, now, reading, cars, hits)
        asked_hours = last is not None and last.state.get("asked") == "hours"
        if asked_hours and reading.words <= _SHORT and days_asked(message, now.date()):
            return question, Decision("hours")  # «а 1 января?»
        follows_cars = cars is not None and last is not None and last.route in _CAR_ROUTES
        return question, self._router.route(message, reading, hits, follows_cars=follows_cars)

    def _read(self, message: str, vocabulary: Vocabulary) -> Reading:
        """What the message says of cars; words that are personal data or an id are not called unknown."""
        reading = read(message, vocabulary)
        reading.stock_ids = self._stock_ids(message)
        safe = {word.text for word in words_of(self.masked(message))}
        safe -= {word.text for stock_id in reading.stock_ids for word in words_of(stock_id)}
        reading.unknown = tuple(word for word in reading.unknown if word in safe)
        return reading

    def _find(self, message: str, reading: Reading, vocabulary: Vocabulary, last: Turn | None) -> list[Hit]:
        """Passages for a message, best first.

        «а у какого больше?» is searched with the question before it; «можно забронировать C 180?» without the car,
        since the brochure's rules name none.
        """
        named = [*reading.values.get("classes", ()), *reading.values.get("models", ())]
        strictly = self._router.asks_to_know(message)
        searched, kinds = vocabulary.expand(message), _KINDS
        if (
            last
            and last.route in _KINDS
            and reading.phrasing.follow_up
            and len(content_lemmas(message)) <= _FEW
        ):
            searched = f"{searched} {last.question}"
        elif named and reading.unknown and not strictly:
            searched, kinds = " ".join(reading.unknown), ("legend",)
        candidates = self._data.retriever.search(searched, kinds=kinds, k=_CANDIDATES)
        return self._reranker.rerank(
            searched, candidates, named=named, needed=reading.unknown, strictly=strictly
        )

    def _stock_ids(self, message: str) -> tuple[str, ...]:
        """The ids of cars that a message names, as they stand in the show-case."""
        found = dict.fromkeys([*_STOCK_ID.findall(message), *_STOCK_ID.findall(message.upper())])
        return (
            tuple(car.stock_id for car in self._data.inventory.get(list(found)[:_CANDIDATES]))
            if found
            else ()
        )

    def _draft(self, question: Question, decision: Decision) -> Draft:
        if decision.intent == "smalltalk":
            return smalltalk.answer(question, self._data, decision.detail)
        if decision.intent == "off_topic":
            return smalltalk.off_topic(question, self._data, decision.detail)
        if not any(char.isalnum() for char in question.message):
            return unknown.clarify(question, self._data)
        answers: dict[str, Callable[[Question, Data], Draft]] = {
            "inventory": inventory.answer,
            "legend": passages.legend,
            "wiki": passages.wiki,
            "hours": salon_facts.hours,
            "contacts": salon_facts.contacts,
            "credit": price.answer,
            "test_drive": service.test_drive,
            "callback": service.callback,
            "brochure": service.brochure,
            "unknown": unknown.answer,
        }
        return answers[decision.intent](question, self._data)

    def _phone_left(self, question: Question, phone: str, masked: Masked) -> Draft:
        """A number written into the chat: in opening hours it is a request for a call, outside them nothing is kept."""
        if not self._data.salon.hours.is_open(question.now):
            return service.callback(question, self._data)
        self._callbacks.add(question.session_id, phone, "", masked.text)
        source = Source(kind="salon", title=question.texts.say("callback.source"), ref="salon.toml")
        return Draft(route="callback", text=question.texts.say("callback.stored"), sources=(source,))


def _blocked(verdict: Verdict, texts: Texts, state: dict[str, object]) -> Draft:
    """The stub for a message that the guard or a forbidden topic stopped."""
    reason = verdict.reason or "harmful"
    route = "forbidden" if reason.startswith("forbidden") else reason
    text = verdict.stub or texts.say(f"guard.{route}")
    return Draft(
        route=route if route in {"forbidden", *_BLOCKED_ROUTES} else "harmful",  # type: ignore[arg-type]  # literals of Route
        text=text,
        blocked=True,
        reason=reason,
        state=dict(state),
    )
