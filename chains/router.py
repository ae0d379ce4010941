"""Which question is it: the route of a message, from patterns, what was read of cars, and what retrieval found."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chains.query import Reading
from chains.reranking import Reranker
from chains.retrieval import Hit
from chains.text import is_noun, normalise
from stores.lexicon import fold

Intent = Literal[
    "inventory",
    "legend",
    "wiki",
    "hours",
    "contacts",
    "credit",
    "test_drive",
    "callback",
    "brochure",
    "smalltalk",
    "off_topic",
    "unknown",
]

_ANSWERS = 0.5
"""The share of a question (by idf) that a passage must cover to count as its answer."""
_ANSWERS_KNOWLEDGE = 0.4
_TITLE_SHARE = 0.3
_COUNTED = re.compile(r"\b(?:сколько|how many)\s+(?:у вас |в салоне )?(\w{4,})", re.IGNORECASE)
_FRAGMENT = 2
_SMALLTALK_WORDS = 7


@dataclass(frozen=True)
class Decision:
    """The intent of a message; `detail` says which small talk it is, or what is off topic.

    `confidence` is 0 to 1: 1 where a pattern decided, for passages the share of the question that they cover.
    """

    intent: Intent
    detail: str = ""
    confidence: float = 1.0


@dataclass(frozen=True)
class Router:
    """Patterns by section and name, compiled once; `reranker` tells how like a title is to a question."""

    reranker: Reranker
    patterns: Mapping[str, Mapping[str, tuple[re.Pattern[str], ...]]]

    def route(self, message: str, reading: Reading, hits: Sequence[Hit], *, follows_cars: bool) -> Decision:
        """Decide.

        Args:
            reading: what the message says of cars.
            hits: passages found for it, best first.
            follows_cars: the message follows an answer about cars, so «а вторая?» is one too.
        """
        line = fold(normalise(message)).replace("?", " ").strip()
        best = hits[0] if hits else None
        chat = next((name for name in self.patterns["smalltalk"] if self._any(line, "smalltalk", name)), None)
        if (
            chat
            and (reading.words <= _SMALLTALK_WORDS and not reading.names_a_car)
            and not self._is_question(line, reading)
        ):
            return Decision("smalltalk", chat)
        for intent in ("callback", "brochure", "test_drive", "hours", "contacts"):
            if self._any(line, intent):
                return Decision(intent)
        if self._any(line, "own_car") and any(hit.passage.kind == "legend" for hit in hits):
            return Decision("legend")
        if self._any(line, "credit") and not _explained_elsewhere(line):
            return Decision("credit")
        if self._any(line, "knowledge") and not _asks_for_stock(reading):
            known = self._knowledge(message, hits)
            if known:
                return known
        if self._is_inventory(line, reading, best, follows_cars):
            return Decision("inventory")
        if self._any(line, "off_topic", "other_brands"):
            return Decision("off_topic", "other_brand")
        if self._any(line, "off_topic"):
            return Decision("off_topic", "answer")
        if best is not None and self._answers(message, best):
            return Decision(best.passage.kind, confidence=min(1.0, best.coverage))
        if chat:
            return Decision("smalltalk", chat)
        return Decision(
            "unknown"
            if self._any(line, "domain") or reading.has_constraints or reading.words <= _FRAGMENT
            else "off_topic",
            "answer",
            confidence=0.5,
        )

    def _answers(self, message: str, hit: Hit) -> bool:
        """The passage covers enough of the question; a title like it makes up for some of that."""
        counted = _COUNTED.search(message)
        if counted and is_noun(counted[1]) and not self.reranker.speaks_of(hit.passage, [counted[1]]):
            return False  # «сколько сотрудников?» is not answered by what speaks of no «сотрудник»
        return hit.coverage + _TITLE_SHARE * self.reranker.likeness(message, hit.passage.title) >= _ANSWERS

    def asks_to_know(self, message: str) -> bool:
        """The question is one of knowledge: a difference, a history, what something is."""
        return self._any(fold(normalise(message)), "knowledge")

    def _any(self, line: str, section: str, name: str = "any") -> bool:
        return any(pattern.search(line) for pattern in self.patterns[section].get(name, ()))

    def _is_question(self, line: str, reading: Reading) -> bool:
        """The greeting is followed by a question of its own."""
        sections = (
            "callback",
            "brochure",
            "test_drive",
            "hours",
            "contacts",
            "credit",
            "stock",
            "knowledge",
            "off_topic",
        )
        return reading.has_constraints or any(self._any(line, section) for section in sections)

    def _knowledge(self, message: str, hits: Sequence[Hit]) -> Decision | None:
        for hit in hits[:2]:
            likeness = self.reranker.likeness(message, hit.passage.title)
            if hit.coverage >= _ANSWERS_KNOWLEDGE or likeness >= _ANSWERS_KNOWLEDGE:
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


def _explained_elsewhere(line: str) -> bool:
    """Questions around credit that the brochure answers: papers, refusals, insurance, leasing."""
    return bool(
        re.search(
            r"документ|отказ|лизинг|страхов|каско|банк|trade|трейд|гражданств|возраст|documents|lease|insurance|bank",
            line,
        )
    )


def _asks_for_stock(reading: Reading) -> bool:
    """ "What is the cheapest SUV?" begins like a question of knowledge and is one of stock."""
    phrasing = reading.phrasing
    asks = phrasing.ask in {"price", "count", "average"} and reading.has_constraints
    return bool(phrasing.superlative or phrasing.ordinal is not None or reading.quantities or asks)


def load_router(path: Path, brand_words: Sequence[str], reranker: Reranker) -> Router:
    """Compile the patterns of a router file; the salon's own brand is taken out of the other brands.

    Raises:
        FileNotFoundError, tomllib.TOMLDecodeError, re.error: the installation is broken.
    """
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    own = " ".join(brand_words)
    patterns = {
        section: {
            name: tuple(re.compile(rf"\b(?:{text})\b" if name == "other_brands" else text) for text in texts)
            for name, texts in names.items()
        }
        for section, names in sections.items()
    }
    patterns["off_topic"]["other_brands"] = tuple(
        pattern for pattern in patterns["off_topic"]["other_brands"] if not pattern.search(own)
    )
    return Router(reranker, patterns)
