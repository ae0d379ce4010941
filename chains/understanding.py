"""What a message asks: its reading, the passages found for it, and which question it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, Literal, NamedTuple

from chains import memory
from chains.answers.context import Data, Question
from chains.answers.salon_facts import days_asked
from chains.car_intent import name_lone_letter, reconsidered
from chains.intents import Prediction
from chains.model_reading import ModelReader
from chains.numerals import words_of
from chains.privacy import Masked, mask
from chains.query import Reading, read
from chains.reranking import Reranker
from chains.retrieval import Hit
from chains.router import Decision, Router
from chains.search_terms import terms
from chains.text import content_lemmas, normalise
from chains.texts import Texts
from chains.vocabulary import Vocabulary, vocabulary_of
from stores.dialogs import Turn

_CAR_ROUTES = {"inventory", "price", "test_drive"}
_KINDS: tuple[Literal["legend", "wiki"], ...] = ("legend", "wiki")
_LEGEND: tuple[Literal["legend", "wiki"], ...] = ("legend",)
_CANDIDATES = 20
_SHORT = 5
_FEW = 3
_SEVERAL = 2
_TOPICAL = 0.7  # the confidence that a section found by its topic is given
_STOCK_ID = re.compile(r"[A-Za-zА-Яа-я0-9]+(?:[-_/][A-Za-zА-Яа-я0-9]+)+|\b[A-HJ-NPR-Z0-9]{17}\b")


@dataclass(frozen=True)
class Before:
    """What went before a question: the question answered last, its route, and what the dialog remembers."""

    question: str = ""
    route: str | None = None
    state: dict[str, Any] = field(default_factory=dict)


class Understood(NamedTuple):
    """A question with the decision which one it is."""

    question: Question
    decision: Decision


def before(turns: Sequence[Turn]) -> Before:
    """What the turns of a dialog leave for the next question."""
    last = next((turn for turn in reversed(turns) if turn.answer), None)
    state = memory.last_state(turns)
    return Before(last.question, last.route, state) if last else Before(state=state)


class Understanding:
    """Understands messages by one salon's vocabulary and passages; thread-safe."""

    def __init__(
        self, *, data: Data, router: Router, reranker: Reranker, model_reader: ModelReader | None = None
    ) -> None:
        """`model_reader` is asked for what the rules leave unexplained in a question about cars."""
        self._model_reader = model_reader
        self._data = data
        self._router = router
        self._reranker = reranker
        self._vocabulary: tuple[int, Vocabulary] | None = None
        self._vocabulary_lock = Lock()

    def vocabulary(self) -> Vocabulary:
        """The vocabulary of the inventory version in force, built anew when that changes."""
        with self._vocabulary_lock:
            facets = self._data.inventory.facets()
            if self._vocabulary is None or self._vocabulary[0] != facets.version:
                built = vocabulary_of(self._data.lexicon, facets, self._data.salon.currency)
                self._vocabulary = (facets.version, built)
            return self._vocabulary[1]

    def warm_up(self) -> None:
        """Build now what the first question would otherwise wait seconds for: dictionaries, vocabulary, vectors."""
        self.mask("")
        read("прогрев", self.vocabulary())
        self._data.retriever.search("прогрев", k=1)

    def mask(self, message: str) -> Masked:
        """The message without personal data; the salon's own contacts stay."""
        return mask(message, keep=(self._data.salon.phone, self._data.salon.email))

    def by_rules(
        self, session_id: str, message: str, texts: Texts, now: datetime, past: Before
    ) -> Understood:
        """One question, given what went before; `now` is in the salon's time zone."""
        vocabulary = self.vocabulary()
        reading = self._read(message, vocabulary, now)
        cars = memory.car_dialog(past.state)
        name_lone_letter(message, reading, vocabulary.letters, follows=cars is not None)
        hits = tuple(self._find(message, reading, vocabulary, past))
        question = Question(session_id, message, texts, now, reading, cars, hits)
        asked_hours = past.state.get("asked") == "hours"
        if asked_hours and reading.words <= _SHORT and days_asked(message, now.date()):
            return Understood(question, Decision("hours"))  # «а 1 января?»
        follows_cars = cars is not None and past.route in _CAR_ROUTES
        decided = self._decided(question, vocabulary, follows_cars)
        changed = reconsidered(
            message,
            reading,
            cars,
            decided=decided.decision.intent,
            follows=follows_cars,
            asked=past.state.get("asked"),
        )
        return Understood(decided.question, Decision(changed) if changed else decided.decision)

    def by_model(self, understood: Understood) -> Understood:
        """The same with what a model reads in the words about cars that the rules leave unexplained."""
        question, decision = understood
        if decision.intent != "inventory" or not question.reading.unknown or not self._model_reader:
            return understood
        masked = self.mask(question.message).text
        reading = self._model_reader.read(
            masked, question.reading, self.vocabulary(), question.texts.language
        )
        return Understood(replace(question, reading=reading), decision)

    def is_other_brand(self, word: str) -> bool:
        """The word names a brand that the salon does not sell."""
        return self._router.is_other_brand(word)

    def decide(self, message: str, texts: Texts, prediction: Prediction | Literal["own"] | None) -> Decision:
        """Which question a message is outside any dialog, by a prediction other than the router's "own", or none."""
        vocabulary = self.vocabulary()
        now = datetime.now(self._data.salon.zone)
        reading = self._read(message, vocabulary, now)
        hits = tuple(self._find(message, reading, vocabulary, Before()))
        question = Question("", message, texts, now, reading, None, hits)
        return self._decided(question, vocabulary, follows_cars=False, prediction=prediction).decision

    def _decided(
        self,
        question: Question,
        vocabulary: Vocabulary,
        follows_cars: bool,
        prediction: Prediction | Literal["own"] | None = "own",
    ) -> Understood:
        """The router's decision; where nothing was found for a topic that the model is sure of, its section."""
        if prediction == "own":
            prediction = self._router.predict(question.message, vocabulary)
        decision = self._router.route(
            question.message,
            question.reading,
            question.hits,
            follows_cars=follows_cars,
            prediction=prediction,
        )
        topic = self._router.topic(prediction) if decision.intent in {"unknown", "off_topic", "wiki"} else ()
        hit = self._section(question.message, topic) if topic else None
        if hit is None:
            return Understood(question, decision)
        hits = (hit, *(other for other in question.hits if other.passage.id != hit.passage.id))
        return Understood(replace(question, hits=hits), Decision("legend", confidence=_TOPICAL))

    def _section(self, message: str, topic: Sequence[str]) -> Hit | None:
        """The section of the brochure on a topic: its title has a word of it, or its text several."""
        words = {term for word in topic for term in terms(normalise(word))}
        found = self._data.retriever.search(f"{message} {' '.join(topic)}", kinds=_LEGEND, k=_CANDIDATES)
        titled = [hit for hit in found if words & set(terms(normalise(hit.passage.title)))]
        told = [hit for hit in found if len(words & set(terms(normalise(hit.passage.text)))) >= _SEVERAL]
        return next(iter([*titled, *told]), None)

    def _read(self, message: str, vocabulary: Vocabulary, now: datetime) -> Reading:
        """What the message says of cars.

        Personal data is taken out first: a phone's digits are no price and a surname no colour, and what is read is
        kept with the dialog. Words of an id are not called unknown.
        """
        reading = read(self._anonymous(message), vocabulary, now.year)
        reading.stock_ids = self._stock_ids(message)
        ids = {word.text for stock_id in reading.stock_ids for word in words_of(stock_id)}
        reading.unknown = tuple(word for word in reading.unknown if word not in ids)
        return reading

    def _anonymous(self, message: str) -> str:
        """The message without what `mask` finds; a semicolon in its place keeps the words around it apart."""
        parts, end = [], 0
        for span in self.mask(message).found:
            parts += [message[end : span.start], "; "]
            end = span.end
        return "".join([*parts, message[end:]])

    def _find(self, message: str, reading: Reading, vocabulary: Vocabulary, past: Before) -> list[Hit]:
        """Passages for a message, best first.

        «а у какого больше?» is searched with the question before it; «можно забронировать C 180?» without the car,
        since the brochure's rules name none.
        """
        named = [*reading.values.get("classes", ()), *reading.values.get("models", ())]
        strictly = self._router.asks_to_know(message)
        searched, kinds = vocabulary.expand(message), _KINDS
        continues = past.route in _KINDS and reading.phrasing.follow_up
        if continues and len(content_lemmas(message)) <= _FEW:
            searched = f"{searched} {past.question}"
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


def lend_car(question: Question, lender: Question | None) -> Question:
    """«Есть ли C 180 и какой за него платёж?»: the later question means the car that the earlier one names."""
    names = ("classes", "models", "versions")
    if lender is None or question.reading.names_a_car or not lender.reading.names_a_car:
        return question
    lent = {name: list(lender.reading.values[name]) for name in names if lender.reading.values.get(name)}
    reading = replace(
        question.reading,
        values={**lent, **question.reading.values},
        stock_ids=question.reading.stock_ids or lender.reading.stock_ids,
    )
    return replace(question, reading=reading)
