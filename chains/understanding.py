"""What a message asks: its reading, the passages found for it, and which question it is."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock, local
from typing import Any, Literal, NamedTuple

from chains import memory
from chains.answers.context import Data, Question
from chains.answers.salon_facts import asks_hours, days_asked
from chains.car_intent import name_lone_letter, reconsidered
from chains.decision import Decision
from chains.finding import Finder
from chains.intents import Prediction
from chains.model_reading import ModelReader
from chains.numerals import words_of
from chains.owned import clauses_of_own_car
from chains.privacy import Known, Masked, Span, known_of, mask, masked_at, warm_up, without_overlaps
from chains.query import Reading, read
from chains.reranking import Reranker
from chains.router import Router
from chains.text import Token, content_lemmas, is_dictionary_word, lemma, tokens
from chains.texts import Texts
from chains.topics import Topics
from chains.vocabulary import Vocabulary, vocabulary_of
from stores.dialogs import Turn
from stores.lexicon import fold

_CAR_ROUTES = {"inventory", "price", "test_drive"}
_PASSAGE_ROUTES = {"legend", "wiki"}
_CANDIDATES = 20
_SHORT = 5
_LOOKED_UP = {"unknown", "off_topic", "wiki", "legend"}
_FORMS = {"test_drive", "callback", "brochure"}
_OF_NOTHING = {"unknown", "off_topic", "smalltalk", "wiki"}
_CERTAINLY = 0.75  # the share from which on a section is not questioned
_TOPICAL = 0.7  # the confidence that a section found by its topic is given
_STOCK_ID = re.compile(r"[A-Za-zА-Яа-я0-9]+(?:[-_/][A-Za-zА-Яа-я0-9]+)+|\b[A-HJ-NPR-Z0-9]{17}\b")
_ADDRESS_PARTS = re.compile(r"(?<=[/=])[\w-]+(?=$|[\s/?#&.,!)])")
_TELLS_OF_DATA = re.compile(
    r"(?:(?:меня зовут|мои данные|по|мой|мои|вот|это|my|here is|here's)\s+)*"
    r"(?:паспорт\w*|серия|номер\w*|телефон\w*|тел\.?|почта|passport|phone|my number)"
    r"(?:\s+(?:и номер|данные|номер|is|number))*[\s:№-]*$",
    re.IGNORECASE,
)
_NO_WISH = re.compile(
    r"https?://\S+|\bwww\.\S+|(?:\bне\s+)?(?:\bс\s+)?\b(?:ч[её]рн\w+|сер\w+)\s+рын(?:ок|к\w+)\b|\bblack market\b",
    re.IGNORECASE,
)
"""Web addresses and set phrases with a colour in them."""


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


class _Held(NamedTuple):
    """What is known, of which inventory version and which texts."""

    version: int
    texts: object
    known: Known


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
        self._topics = Topics(router.topics, lambda title: router.predict(title, self.vocabulary()))
        self._finder = Finder(data.retriever, router, reranker, self._topics)
        self._vocabulary: tuple[int, Vocabulary] | None = None
        self._vocabulary_lock = Lock()
        self._known: _Held | None = None
        self._last = local()

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
        warm_up()
        self.mask("")
        read("прогрев", self.vocabulary())
        self._data.retriever.search("прогрев", k=1)

    def mask(self, message: str) -> Masked:
        """The message without personal data; the salon's own contacts, cars and the people of its brand stay."""
        known = self.known()
        # One message is masked for storing, for reading and for routing: its thread asks again and again.
        held: tuple[str, Known, Masked] | None = getattr(self._last, "masked", None)
        if held is None or held[0] != message or held[1] is not known:
            held = self._last.masked = (message, known, self._masked(message, known))
        return held[2]

    @contextmanager
    def parts_of(self, message: str) -> Iterator[None]:
        """Within the block this thread masks a part of the message as it would mask the whole: «Вот мой паспорт.
        4500 123456» says in one sentence what the figures of the other are."""
        found = self.mask(message).found
        self._last.whole = (message, found) if found else None
        try:
            yield
        finally:
            self._last.masked = self._last.whole = None

    def _masked(self, message: str, known: Known) -> Masked:
        by_itself = mask(message, known=known)
        whole: tuple[str, tuple[Span, ...]] | None = getattr(self._last, "whole", None)
        start = whole[0].find(message) if whole else -1
        if whole is None or start < 0:
            return by_itself
        spans = [Span(span.kind, span.start - start, span.end - start) for span in whole[1]]
        inside = [span for span in spans if span.start >= 0 and span.end <= len(message)]
        found = tuple(without_overlaps([*inside, *by_itself.found]))
        return by_itself if found == by_itself.found else masked_at(message, found)

    def known(self) -> Known:
        """What is not personal data here, by the inventory version and the texts in force."""
        facets = self._data.inventory.facets()
        texts = self._data.retriever.generation
        held = self._known
        if held is None or held.version != facets.version or held.texts is not texts:
            if held is None or held.texts is not texts:
                passages = self._data.retriever.passages
                known = known_of(
                    self._data.salon, self._data.lexicon, models=facets.models, passages=passages
                )
            else:
                known = held.known
            ids = self._data.inventory.stock_ids()
            held = self._known = _Held(facets.version, texts, known.with_ids(ids, facets.models))
        return held.known

    def by_rules(
        self, session_id: str, message: str, texts: Texts, now: datetime, past: Before
    ) -> Understood:
        """One question, given what went before; `now` is in the salon's time zone."""
        vocabulary = self.vocabulary()
        reading = self._read(message, vocabulary, now)
        cars = memory.car_dialog(past.state)
        name_lone_letter(message, reading, vocabulary.letters, follows=cars is not None)
        prediction = self._predicted(message, vocabulary)
        hits = tuple(self._finder.find(message, reading, vocabulary, _passages_before(past), prediction))
        plain = self._anonymous(message)
        question = Question(session_id, message, texts, now, reading, cars, hits, plain)
        asked_hours = past.state.get("asked") == "hours"
        if asked_hours and reading.words <= _SHORT and days_asked(plain, now.date()):
            return Understood(question, Decision("hours"))  # «а 1 января?»
        follows_cars = cars is not None and past.route in _CAR_ROUTES
        decided = self._decided(question, follows_cars, prediction)
        if decided.decision.intent in _FORMS and (elsewhere := self._without_street(message)) != message:
            return self.by_rules(session_id, elsewhere, texts, now, past)  # «на Пробной можно запарковаться?»
        of_salon = decided.decision.intent == "legend" and _hears_of_salon(prediction)
        if decided.decision.detail == "private" or (of_salon and cars is None):
            return decided
        changed = reconsidered(
            plain,
            reading,
            cars,
            decided=decided.decision.intent,
            follows=follows_cars,
            asked=past.state.get("asked"),
        )
        if changed is None and decided.decision.intent in _OF_NOTHING and asks_hours(plain, now.date()):
            return Understood(question, Decision("hours"))  # «в пн со скольки»
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

    def _without_street(self, message: str) -> str:
        """The message without the words of the salon's own address, be they ordinary words besides."""
        street = {word for word in content_lemmas(self._data.salon.address) if not word.isdigit()}
        spans = [(token.start, token.end) for token in tokens(message) if lemma(token.text) in street]
        return _without(message, spans)

    def is_other_brand(self, word: str) -> bool:
        """The word names a brand that the salon does not sell."""
        return self._router.is_other_brand(word)

    def decide(self, message: str, texts: Texts, prediction: Prediction | Literal["own"] | None) -> Decision:
        """Which question a message is outside any dialog, by a prediction other than the router's "own", or none."""
        vocabulary = self.vocabulary()
        now = datetime.now(self._data.salon.zone)
        reading = self._read(message, vocabulary, now)
        heard = self._predicted(message, vocabulary) if prediction == "own" else prediction
        hits = tuple(self._finder.find(message, reading, vocabulary, None, heard))
        question = Question("", message, texts, now, reading, None, hits, self._anonymous(message))
        return self._decided(question, follows_cars=False, prediction=heard).decision

    def _predicted(self, message: str, vocabulary: Vocabulary) -> Prediction | None:
        """What the router's model says of a message, personal data left out; None for one without words."""
        anonymous = self._anonymous(message)
        has_words = any(char.isalnum() for char in anonymous)
        return self._router.predict(anonymous, vocabulary) if has_words else None

    def _decided(
        self,
        question: Question,
        follows_cars: bool,
        prediction: Prediction | None,
    ) -> Understood:
        """The router's decision; where nothing was found for a topic that the model is sure of, its section."""
        reading = question.reading
        decision = self._router.route(
            question.message,
            replace(reading, unknown=tuple(self._finder.respelt(" ".join(reading.unknown)).split())),
            question.hits,
            follows_cars=follows_cars,
            prediction=prediction,
            respelt=self._finder.spelt_out(question),
        )
        told_off = decision.intent == "off_topic" and decision.confidence == 1
        looked_up = decision.intent in _LOOKED_UP and not told_off and decision.detail != "private"
        topic = self._router.topic(prediction) if looked_up else ()
        hit = (
            self._finder.section(question.message, topic)
            if topic and not self._finder.fits(question, decision, topic)
            else None
        )
        if hit is None or not self._router.speaks_of_it(
            question.message, self._topics.rated(hit, prediction)
        ):
            return Understood(question, decision)
        hits = (hit, *(other for other in question.hits if other.passage.id != hit.passage.id))
        return Understood(replace(question, hits=hits), Decision("legend", confidence=_TOPICAL))

    def _read(self, message: str, vocabulary: Vocabulary, now: datetime) -> Reading:
        """What the message says of cars.

        Personal data, addresses and other brands are taken out first: a phone's digits are no price and a surname no
        colour, and what is read is kept with the dialog. Words of an id are not called unknown.
        """
        others = self._other_brands(message)
        stock_ids = self._stock_ids(message)
        spans = [*self._personal(message), *(found.span() for found in _NO_WISH.finditer(message))]
        spans += [(token.start, token.end) for token in others]
        spans += [  # «VA-500» names no Tank 500
            found.span() for one in stock_ids for found in re.finditer(re.escape(one), message, re.IGNORECASE)
        ]
        reading = read(_without(message, spans), vocabulary, now.year)
        owned = clauses_of_own_car(message, lambda clause: self._names_a_car(clause, vocabulary))
        if owned:
            rest = read(_without(message, [*spans, *owned]), vocabulary, now.year)
            if rest.has_constraints:  # «раньше была Тойота, ищу GLE»
                reading = rest
                others = [one for one in others if not any(start <= one.start < end for start, end in owned)]
        reading.stock_ids = stock_ids
        ids = {word.text for stock_id in reading.stock_ids for word in words_of(stock_id)}
        left = [*reading.unknown, *(fold(token.text) for token in others)]
        reading.unknown = tuple(word for word in left if word not in ids)
        return reading

    def _names_a_car(self, clause: str, vocabulary: Vocabulary) -> bool:
        return bool(self._other_brands(clause)) or read(clause, vocabulary).names_a_car

    def _anonymous(self, message: str) -> str:
        """The message with personal data left out; where there is none, the message as it is."""
        return _without(message, self._personal(message))

    def _personal(self, message: str) -> list[tuple[int, int]]:
        """Where personal data stands, the word that says what it is included: «по паспорту 4500 123456»."""
        found = []
        for span in self.mask(message).found:
            told = _TELLS_OF_DATA.search(message[: span.start])
            found.append((told.start() if told else span.start, span.end))
        return found

    def _other_brands(self, message: str) -> list[Token]:
        """The words that name brands which neither the salon bears nor its cars."""
        vocabulary = self.vocabulary()
        return [
            token
            for token in tokens(message)
            if self._router.is_other_brand(fold(token.text)) and not _is_sold(token, message, vocabulary)
        ]

    def _stock_ids(self, message: str) -> tuple[str, ...]:
        """The ids of cars that a message names, as they stand in the show-case."""
        patterns = (_STOCK_ID, _ADDRESS_PARTS)
        found = dict.fromkeys(
            one for text in (message, message.upper()) for form in patterns for one in form.findall(text)
        )
        return (
            tuple(car.stock_id for car in self._data.inventory.get(list(found)[:_CANDIDATES]))
            if found
            else ()
        )


def _without(message: str, spans: Sequence[tuple[int, int]]) -> str:
    """The message with a semicolon in the place of each span, which keeps the words around it apart."""
    parts, end = [], 0
    for start, stop in sorted(spans):
        if start >= end:
            parts += [message[end:start], "; "]
            end = stop
    return "".join([*parts, message[end:]])


def _is_sold(token: Token, message: str, vocabulary: Vocabulary) -> bool:
    """The show-case explains the word; one in Cyrillic letters that only begins a name needs the rest of it, and one
    that no dictionary has no other's lemma («джили» is no «джити»)."""
    if not any(map(vocabulary.is_sold, words_of(token.text))):
        return False
    words = words_of(message[token.start :])
    phrase = vocabulary.phrase_at(words, 0)
    known = (token.text.lower(),) in vocabulary.phrases or is_dictionary_word(token.text)
    said = phrase is not None and (phrase[0] > 1 or known)
    return token.text.isascii() or said or vocabulary.names.at(words, 0) is not None


def _passages_before(past: Before) -> str | None:
    """The question before, if passages answered it."""
    return past.question if past.route in _PASSAGE_ROUTES else None


def _hears_of_salon(prediction: Prediction | None) -> bool:
    """The model is sure that a question is about the salon's services."""
    return prediction is not None and prediction.share("legend") >= _CERTAINLY


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
