"""Which question is it: the route of a message, from patterns, what was read of cars, and what retrieval found."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chains.answerable import counts_another_thing, names_another_thing
from chains.decision import Decision, Intent
from chains.intents import Classifier, Prediction
from chains.opinion import INSTALMENTS, NOT_STOCK, SURE, learnt, not_stock, of_instalments, surely, vetoed
from chains.query import Reading
from chains.reranking import TO_THE_SALON, Reranker
from chains.retrieval import Hit
from chains.route_hints import asks_for_stock, explained_elsewhere
from chains.search_terms import names_maintenance
from chains.sounds import sounds_like
from chains.text import normalise
from chains.vocabulary import Vocabulary
from stores.lexicon import fold

Patterns = Mapping[str, Mapping[str, tuple[re.Pattern[str], ...]]]
"""Compiled patterns by section and name."""

_CERTAIN: tuple[Intent, ...] = ("callback", "brochure", "test_drive", "hours", "contacts")
_TOPIC = 0.5
"""The probability of a topic of the brochure from which on its section is looked up by the topic's own words."""
_ON_TOPIC = 0.7
"""How much a section must be on the topic that is heard to answer without the thing that is asked for."""
_ANSWERS = 0.5
"""The share of a question (by idf) that a passage must cover to count as its answer."""
_ANSWERS_KNOWLEDGE, _ANSWERS_TITLED = 0.4, 0.3
_ANSWERS_UNASKED = 1.25
"""The same where the model takes a question for one that brochures leave open: the title must be about it, too."""
_LEANING = 0.2
"""How much of that share the model's opinion may add or take."""
_TITLE_SHARE = 0.3
_COSTS = re.compile(r"стоит|стоимост|цен[аыу]|почем|сколько|прайс|\bcosts?\b|\bprices?\b|how much")
_FRAGMENT = 2
_WHOLLY = 0.8
"""The coverage from which on a section answers what the model takes for chat, unless it is as sure as `_CHAT`."""
_CHAT = 0.8
_RATHER_CARS = 0.3
"""The probability of a question about the stock that is enough where cars were read and nothing else answers."""
_SMALLTALK_WORDS = 7
_BRANDS = "other_brands"
_BESIDE_OURS = "beside_ours"
_BESIDE = r"(?:кроме|помимо|other than|besides?|apart from|except)"


@dataclass(frozen=True)
class Router:
    """Patterns by section and name, compiled once; `reranker` tells how like a title is to a question; `classifier`
    what a message that no pattern decides probably is, None for patterns alone."""

    reranker: Reranker
    patterns: Patterns
    classifier: Classifier | None = None
    topics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def predict(self, message: str, vocabulary: Vocabulary) -> Prediction | None:
        """What the trained model thinks of a message, None without one."""
        if self.classifier is None:
            return None
        fired = fired_patterns(self.patterns, message)
        return self.classifier.predict(message, vocabulary, self.is_other_brand, fired)

    def route(
        self,
        message: str,
        reading: Reading,
        hits: Sequence[Hit],
        *,
        follows_cars: bool,
        prediction: Prediction | None = None,
        respelt: str | None = None,
    ) -> Decision:
        """Decide: by patterns that are certain, by what was read of cars, by the model, by what retrieval found.

        Args:
            reading: what the message says of cars.
            hits: passages found for it, best first.
            follows_cars: the message follows an answer about cars, so «а вторая?» is one too.
            prediction: what the trained model says, if there is one.
            respelt: the message in the spelling of the passages, where that differs.
        """
        spelt = respelt or message
        line = folded(message)
        best = hits[0] if hits else None
        chat = next((name for name in self.patterns["smalltalk"] if self._any(line, "smalltalk", name)), None)
        if (
            chat
            and (reading.words <= _SMALLTALK_WORDS and not reading.names_a_car)
            and not self._is_question(line, reading)
        ):
            return Decision("smalltalk", chat)
        certain = self._certain(spelt, line, reading, hits, prediction)
        if certain:
            return certain
        if self._is_inventory(line, reading, best, follows_cars) and not not_stock(
            line, prediction, reading, best
        ):
            return Decision("inventory")
        if self._names_other_brand(line, reading) or self._any(line, "off_topic", _BESIDE_OURS):
            return Decision("off_topic", "other_brand")
        if self._any(line, "off_topic"):
            return Decision("off_topic", "answer")
        if not chat and best is not None and self._covered(spelt, best, prediction):
            return Decision(best.passage.kind, confidence=min(1.0, best.coverage))
        told, addressed = best is not None and self._tells(best, reading), bool(TO_THE_SALON.search(message))
        by_model = learnt(prediction, reading, told=told, addressed=addressed, follows_cars=follows_cars)
        if by_model:
            return by_model
        if best is not None and self._answers(spelt, best, prediction):
            learnt_share = prediction.share(best.passage.kind) if prediction is not None else 0.0
            return Decision(best.passage.kind, confidence=max(learnt_share, min(1.0, best.coverage)))
        if chat:
            return Decision("smalltalk", chat)
        return self._unanswered(line, reading, prediction)

    def _certain(
        self,
        message: str,
        line: str,
        reading: Reading,
        hits: Sequence[Hit],
        prediction: Prediction | None,
    ) -> Decision | None:
        """What a pattern says that decides by itself, unless the model is very sure of another question."""
        for intent in _CERTAIN:
            if self._any(line, intent) and not vetoed(prediction, intent):
                return Decision(intent)
        other_brand = self._names_other_brand(line, reading) and not self._any(line, "own_car")
        if other_brand and prediction is not None and prediction.share("other_brand") >= SURE:
            return Decision("off_topic", "other_brand", prediction.share("other_brand"))
        if self._any(line, "own_car") and any(hit.passage.kind == "legend" for hit in hits):
            return Decision("legend")
        if INSTALMENTS.search(line) and not reading.has_constraints and (told := of_instalments(hits)):
            return Decision("legend", confidence=told)
        asks_for_credit = self._any(line, "credit") and not vetoed(prediction, "credit")
        if (asks_for_credit or surely(prediction, "credit")) and not explained_elsewhere(line):
            return Decision("credit")
        if self._any(line, "private") and not self._any(line, "stock"):
            return Decision("unknown", "private")
        serviced = self._any(line, "service") or self.asks_for_service(message, prediction)
        if serviced and hits and hits[0].passage.kind == "legend":
            return Decision("legend")
        elsewhere = prediction is not None and prediction.share("off_topic") >= SURE
        explained = reading.has_values and not reading.unknown and not self._any(line, "knowledge")
        # «дизель, GLE» is a wish for a car, whatever the model hears
        if self.asks_to_know(message, prediction) and not explained and not asks_for_stock(line, reading):
            if elsewhere and self._any(line, "off_topic"):
                return None
            known = self._knowledge(message, hits)
            foreign = self._any(line, "knowledge") and surely(prediction, "wiki") and not reading.phrasing.ask
            return known or (Decision("unknown", "answer") if foreign and reading.has_constraints else None)
        return None

    def _unanswered(self, line: str, reading: Reading, prediction: Prediction | None) -> Decision:
        """Neither patterns nor passages nor the model have it: it is about cars or the salon, or about neither."""
        addressed = bool(TO_THE_SALON.search(line))
        about_us = self._any(line, "domain") or reading.has_constraints or addressed
        confidence = 0.5
        sought = reading.quantities or reading.values or reading.phrasing.superlative
        if prediction is not None and sought and prediction.share("inventory") >= _RATHER_CARS:
            return Decision("inventory", confidence=prediction.share("inventory"))
        if prediction is not None and not reading.has_constraints:
            elsewhere = prediction.share("off_topic", "other_brand")
            about_us = elsewhere < (NOT_STOCK if addressed else SURE if about_us else SURE / 2)
            confidence = elsewhere if not about_us else 1 - elsewhere
        about_us = about_us or reading.words <= _FRAGMENT
        return Decision("unknown" if about_us else "off_topic", "answer", confidence=confidence)

    def _answers(self, message: str, hit: Hit, prediction: Prediction | None) -> bool:
        """The passage covers enough of the question; a title like it makes up for some of that, and so does a model
        that takes it for such a question."""
        if not self.speaks_of_it(message, hit):
            return False
        needed = _ANSWERS
        if prediction is not None:
            fitting = (
                prediction.share("legend", "hours", "contacts")
                if hit.passage.kind == "legend"
                else (prediction.share("wiki"))
            )
            needed += _LEANING * (prediction.share("unknown", "off_topic", "smalltalk") - fitting)
            if prediction.share("unknown") >= NOT_STOCK:
                needed = _ANSWERS_UNASKED
        return hit.coverage + _TITLE_SHARE * self.reranker.likeness(message, hit.passage.title) >= needed

    def speaks_of_it(self, message: str, hit: Hit) -> bool:
        """The passage has the thing that is asked for or counted; one on the topic that is heard may do without."""
        if counts_another_thing(message, hit.passage, self.reranker):
            return False
        if hit.passage.kind != "legend" or hit.topical >= _ON_TOPIC:
            return True
        return not names_another_thing(message, hit.passage, self.reranker, self.reranker.ignored)

    def topic(self, prediction: Prediction | None) -> tuple[str, ...]:
        """The words of the brochure's topic that the message is about; none unless the model is sure enough."""
        if prediction is None or prediction.share("legend") < _TOPIC:
            return ()
        name = prediction.best("legend")
        return self.topics.get(name.partition(":")[2], ()) if prediction.probabilities[name] >= _TOPIC else ()

    def asks_to_know(self, message: str, prediction: Prediction | None) -> bool:
        """The question is one of knowledge: a difference, a history, what something is."""
        return self._any(fold(normalise(message)), "knowledge") or surely(prediction, "wiki")

    def asks_for_service(self, message: str, prediction: Prediction | None) -> bool:
        """What maintenance of a car costs, whichever it is; how often it is due is something else."""
        often = prediction is not None and prediction.best("legend") == "legend:interval"
        line = folded(message)
        costs = self._any(line, "service") or (names_maintenance(message) and bool(_COSTS.search(line)))
        return costs and not often

    def _names_other_brand(self, line: str, reading: Reading) -> bool:
        """A brand that neither the salon bears nor its cars: nothing that was read of cars explains the word."""
        matches = (pattern.search(line) for pattern in self.patterns["off_topic"].get(_BRANDS, ()))
        words = {word for match in matches if match for word in match[0].split()}
        return not words.isdisjoint(reading.unknown)

    def is_other_brand(self, word: str) -> bool:
        """Whether a folded word names a brand that is not the salon's, or a model of one."""
        return any(pattern.fullmatch(word) for pattern in self.patterns["off_topic"].get(_BRANDS, ()))

    def _any(self, line: str, section: str, name: str = "any") -> bool:
        return any(pattern.search(line) for pattern in self.patterns[section].get(name, ()))

    def _is_question(self, line: str, reading: Reading) -> bool:
        """The greeting is followed by a question of its own."""
        sections = "callback brochure test_drive hours contacts credit stock knowledge off_topic".split()
        return reading.has_constraints or any(self._any(line, section) for section in sections)

    def _covered(self, message: str, best: Hit, prediction: Prediction | None) -> bool:
        """A section says all that a question asks («поставите фаркоп?»), though the model takes it for chat."""
        if best.coverage < _WHOLLY or prediction is None:
            return False
        chat = SURE <= prediction.share("smalltalk", "off_topic") < _CHAT
        return (
            chat and best.passage.kind == "legend" and self.reranker.likeness(message, best.passage.title) > 0
        )

    def _tells(self, hit: Hit, reading: Reading) -> bool:
        """An article speaks of the several words that nothing in a question about cars explains."""
        several = len(reading.unknown) >= _FRAGMENT and not reading.phrasing.superlative
        covers = hit.passage.kind == "wiki" and hit.coverage >= _ANSWERS
        return several and covers and self.reranker.speaks_of(hit.passage, reading.unknown)

    def _knowledge(self, message: str, hits: Sequence[Hit]) -> Decision | None:
        for hit in hits[:2]:
            likeness = self.reranker.likeness(message, hit.passage.title)
            needed = _ANSWERS_KNOWLEDGE if not likeness else _ANSWERS_TITLED
            if hit.coverage >= needed or likeness >= _ANSWERS_KNOWLEDGE:
                return Decision(hit.passage.kind, confidence=min(1.0, max(hit.coverage, likeness)))
        return None

    def _is_inventory(self, line: str, reading: Reading, best: Hit | None, follows_cars: bool) -> bool:
        phrasing = reading.phrasing
        if follows_cars and (
            phrasing.ordinal is not None or phrasing.relative or (phrasing.points_back and phrasing.ask)
        ):
            return True
        if not (
            reading.has_constraints
            or (phrasing.any_car and phrasing.ask in {"count", "average"})
            or self._any(line, "stock")
            or (follows_cars and phrasing.ask in {"price", "details"})
        ):
            return False
        countable = phrasing.any_car or reading.has_constraints
        if countable and (phrasing.ask in {"count", "average"} or phrasing.statuses) and not reading.unknown:
            return True
        if best is not None and reading.unknown and self.reranker.speaks_of(best.passage, reading.unknown):
            return False
        # Equipment, a state or «новый» alone may as well ask about service: «зимние шины», «можно забронировать?»
        only_state = not (set(reading.values) - {"options"} or reading.quantities or phrasing.order)
        return not (
            only_state and best is not None and best.coverage >= _ANSWERS and not self._any(line, "stock")
        )


def folded(message: str) -> str:
    """A message as the patterns see it: lower case, ё as е, plain hyphens, without question marks."""
    return fold(normalise(message)).replace("?", " ").strip()


def fired_patterns(patterns: Patterns, message: str) -> list[str]:
    """The names of the patterns that match a message, other brands left out: those depend on the salon."""
    line = folded(message)
    return [
        f"{section}.{name}"
        for section, names in patterns.items()
        for name, alternatives in names.items()
        if name not in {_BRANDS, _BESIDE_OURS} and any(pattern.search(line) for pattern in alternatives)
    ]


def load_patterns(path: Path) -> dict[str, dict[str, tuple[re.Pattern[str], ...]]]:
    """Compile the patterns of a router file.

    Raises:
        FileNotFoundError, tomllib.TOMLDecodeError, re.error: the installation is broken.
    """
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        section: {
            name: tuple(re.compile(rf"\b(?:{text})s?\b" if name == _BRANDS else text) for text in texts)
            for name, texts in names.items()
        }
        for section, names in sections.items()
    }


def load_router(
    path: Path,
    brand_words: Sequence[str],
    reranker: Reranker,
    classifier: Classifier | None = None,
    topics: Mapping[str, tuple[str, ...]] | None = None,
) -> Router:
    """The router of a file; the salon's own brand is taken out of the other brands. Raises like `load_patterns`."""
    patterns = load_patterns(path)
    own = [fold(word) for word in brand_words]
    patterns["off_topic"][_BRANDS] = tuple(
        pattern
        for pattern in patterns["off_topic"][_BRANDS]
        if not any(_is_own(pattern, word) for word in own)
    )
    # «а есть что-то кроме тойоты?», in whatever case the brand stands
    ours = "|".join(sorted({re.escape(re.sub(r"(?<=\w{3})[аеиойуыья]$", "", word)) for word in own}))
    patterns["off_topic"][_BESIDE_OURS] = (re.compile(rf"\b{_BESIDE} (?:\w+ )?(?:{ours})\w{{0,3}}\b"),)
    return Router(reranker, patterns, classifier, topics or {})


def _is_own(pattern: re.Pattern[str], brand: str) -> bool:
    """Whether a pattern of other brands is of this one, in either alphabet: «тойот…» is Toyota."""
    stem = re.sub(r"\\[bw]|[^a-zа-я]", "", pattern.pattern)
    plain = re.sub(r"[^a-zа-я]", "", brand)
    return bool(pattern.search(brand)) or (
        bool(plain) and (sounds_like(stem, plain) or sounds_like(plain, stem))
    )


def load_topics(path: Path) -> dict[str, tuple[str, ...]]:
    """The words of each topic of the brochure. Raises like `load_patterns`."""
    return {name: tuple(words) for name, words in tomllib.loads(path.read_text(encoding="utf-8")).items()}
