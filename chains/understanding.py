"""What a message asks: its reading, the passages found for it, and which question it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, Literal, NamedTuple

from chains import memory
from chains.answers.context import Data, Question
from chains.answers.salon_facts import asks_hours, days_asked
from chains.car_intent import name_lone_letter, reconsidered
from chains.decision import Decision
from chains.intents import Prediction
from chains.model_reading import ModelReader
from chains.numerals import words_of
from chains.owned import clauses_of_own_car
from chains.privacy import Masked, mask
from chains.query import Reading, read
from chains.reranking import Reranker
from chains.retrieval import Hit
from chains.router import Router
from chains.search_terms import terms
from chains.text import Token, content_lemmas, lemma, normalise, tokens
from chains.texts import Texts
from chains.topics import Topics
from chains.vocabulary import Vocabulary, vocabulary_of
from stores.dialogs import Turn
from stores.lexicon import fold

_CAR_ROUTES = {"inventory", "price", "test_drive"}
_KINDS: tuple[Literal["legend", "wiki"], ...] = ("legend", "wiki")
_LEGEND: tuple[Literal["legend", "wiki"], ...] = ("legend",)
_WIKI: tuple[Literal["legend", "wiki"], ...] = ("wiki",)
_CANDIDATES = 20
_COSTS = ("стоимость",)
_SERVICE = "техобслуживание"
_SHORT = 5
_FEW = 3
_SEVERAL = 2
_OWN_WORDS = 3
_LOOKED_UP = {"unknown", "off_topic", "wiki", "legend"}
_FORMS = {"test_drive", "callback", "brochure"}
_OF_NOTHING = {"unknown", "off_topic", "smalltalk", "wiki"}
_CERTAINLY = 0.75  # the share from which on a section is not questioned
_TOLD = 0.6  # the share of a question about a car from which on an article answers it
_COVERED = 0.4  # the share of a message that a section must cover if only its text is on the topic
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
        prediction = self._predicted(message, vocabulary)
        hits = tuple(self._find(message, reading, vocabulary, past, prediction))
        question = Question(session_id, message, texts, now, reading, cars, hits)
        asked_hours = past.state.get("asked") == "hours"
        if asked_hours and reading.words <= _SHORT and days_asked(message, now.date()):
            return Understood(question, Decision("hours"))  # «а 1 января?»
        follows_cars = cars is not None and past.route in _CAR_ROUTES
        decided = self._decided(question, follows_cars, prediction)
        if decided.decision.intent in _FORMS and (elsewhere := self._without_street(message)) != message:
            return self.by_rules(session_id, elsewhere, texts, now, past)  # «на Пробной можно запарковаться?»
        of_salon = decided.decision.intent == "legend" and _hears_of_salon(prediction)
        if decided.decision.detail == "private" or (of_salon and cars is None):
            return decided
        changed = reconsidered(
            message,
            reading,
            cars,
            decided=decided.decision.intent,
            follows=follows_cars,
            asked=past.state.get("asked"),
        )
        if changed is None and decided.decision.intent in _OF_NOTHING and asks_hours(message, now.date()):
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
        hits = tuple(self._find(message, reading, vocabulary, Before(), heard))
        question = Question("", message, texts, now, reading, None, hits)
        return self._decided(question, follows_cars=False, prediction=heard).decision

    def _predicted(self, message: str, vocabulary: Vocabulary) -> Prediction | None:
        """What the router's model says of a message, personal data left out; None for one without words."""
        anonymous = _without(message, self._personal(message))
        has_words = any(char.isalnum() for char in anonymous)
        return self._router.predict(anonymous, vocabulary) if has_words else None

    def _decided(
        self,
        question: Question,
        follows_cars: bool,
        prediction: Prediction | None,
    ) -> Understood:
        """The router's decision; where nothing was found for a topic that the model is sure of, its section."""
        decision = self._router.route(
            question.message,
            question.reading,
            question.hits,
            follows_cars=follows_cars,
            prediction=prediction,
        )
        topic = self._router.topic(prediction) if decision.intent in _LOOKED_UP else ()
        hit = (
            self._section(question.message, topic)
            if topic and not self._fits(question, decision, topic)
            else None
        )
        if hit is None:
            return Understood(question, decision)
        hits = (hit, *(other for other in question.hits if other.passage.id != hit.passage.id))
        return Understood(replace(question, hits=hits), Decision("legend", confidence=_TOPICAL))

    def _fits(self, question: Question, decision: Decision, topic: Sequence[str]) -> bool:
        """The section found for a message is on the topic that the model hears, or answers it for certain."""
        best = question.hits[0] if decision.intent == "legend" and question.hits else None
        if best is None or best.passage.kind != "legend":
            return False
        like = self._reranker.likeness(question.message, best.passage.title)
        return bool(like) or best.coverage >= _CERTAINLY or self._reranker.speaks_of_any(best.passage, topic)

    def _section(self, message: str, topic: Sequence[str]) -> Hit | None:
        """The section of the brochure on a topic.

        Its title says the topic's own words, or others of the topic while it is like the message; or else its text
        speaks of the topic and covers a good part of the message.
        """
        known = [set(terms(normalise(word))) for word in topic]
        own, words = set().union(*known[:_OWN_WORDS]), set().union(*known)
        search = self._data.retriever.search
        found = search(f"{message} {' '.join(topic)}", kinds=_LEGEND, k=_CANDIDATES)
        covered = {hit.passage.id: hit.coverage for hit in search(message, kinds=_LEGEND, k=_CANDIDATES)}

        def fits(hit: Hit) -> float:
            title = set(terms(normalise(hit.passage.title)))
            like = self._reranker.likeness(message, hit.passage.title)
            share = covered.get(hit.passage.id, 0.0)
            if own & title or (words & title and like):
                return 1 + like + len(words & title) / len(words) + share / 2
            told = len(own & set(terms(normalise(hit.passage.text)))) >= _SEVERAL
            return share if told and share >= _COVERED else 0.0

        best = max(found, key=fits, default=None)
        return best if best is not None and fits(best) else None

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
            if self._router.is_other_brand(fold(token.text))
            and not any(map(vocabulary.is_sold, words_of(token.text)))
        ]

    def _find(
        self,
        message: str,
        reading: Reading,
        vocabulary: Vocabulary,
        past: Before,
        prediction: Prediction | None,
    ) -> list[Hit]:
        """Passages for a message, best first.

        «а у какого больше?» is searched with the question before it; «можно забронировать C 180?» without the car,
        since the brochure's rules name none.
        """
        named = [*reading.values.get("classes", ()), *reading.values.get("models", ())]
        strictly = self._router.asks_to_know(message)
        respelt, unknown = self._respelt(message), self._respelt(" ".join(reading.unknown)).split()
        searched, kinds = vocabulary.expand(respelt), _KINDS
        continues = past.route in _KINDS and reading.phrasing.follow_up
        if self._router.asks_for_service(message):
            searched, kinds = f"{searched} {_SERVICE}", _LEGEND
        elif continues and len(content_lemmas(message)) <= _FEW:
            searched = f"{searched} {past.question}"
        elif named and unknown and not strictly:
            asked = (*unknown, *(_COSTS if reading.phrasing.ask == "price" else ()))
            searched, kinds = " ".join(asked), _LEGEND
        candidates = self._data.retriever.search(searched, kinds=kinds, k=_CANDIDATES)
        hits = self._reranker.rerank(searched, candidates, named=named, needed=unknown, strictly=strictly)
        hits = self._topics.ranked(hits, prediction)
        if kinds is _KINDS or (hits and self._reranker.speaks_of(hits[0].passage, unknown)):
            return hits
        return [*self._about(respelt, named, unknown), *hits]

    def _respelt(self, text: str) -> str:
        """The text with names and misspelt words in the spelling of the passages."""
        return self._data.retriever.respelt(text)

    def _about(self, message: str, named: Sequence[str], asked: Sequence[str]) -> list[Hit]:
        """The article about the cars named, if it speaks of what is asked of them: «взрослый влезет на третий ряд?»."""
        found = self._data.retriever.search(message, kinds=_WIKI, k=_CANDIDATES)
        ranked = self._reranker.rerank(message, found, named=named, needed=asked, strictly=True)
        return [
            hit
            for hit in ranked[:1]
            if hit.coverage >= _TOLD
            and len(asked) >= _SEVERAL
            and self._reranker.speaks_of(hit.passage, asked)
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
