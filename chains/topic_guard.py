"""Is a question about a forbidden topic: by the topic's stop words, or because it resembles an example."""

import threading
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from chains.patterns import StopList, words_of
from chains.text import content_lemmas, normalise, sentences

# A question resembles an example if they share a word that customers do not ordinarily use, if their vectors are this
# near ...
_ALIKE = 0.55
# ... and if no ordinary question is nearly as near.
_MARGIN = 0.05


class Topic(Protocol):
    """A forbidden topic, as `stores.topics` keeps it."""

    @property
    def name(self) -> str:
        """Shown in the reason."""

    @property
    def stop_words(self) -> Sequence[str]:
        """Words or phrases; any of them, in any form, forbids."""

    @property
    def examples(self) -> Sequence[str]:
        """Questions of the topic."""

    @property
    def stub(self) -> str | None:
        """What to answer instead."""


class TopicSource(Protocol):
    """Where the topics in force come from; the store answers from its cache."""

    def current(self) -> Sequence[Topic]:
        """The topics in force now."""


class SentenceVectors(Protocol):
    """Texts as unit vectors, as `chains.embeddings.Embedder` makes them."""

    def vector(self, text: str) -> NDArray[np.float32]:
        """The vector of one text."""


class Found(NamedTuple):
    """The topic of a question, and for staff how it was recognised."""

    topic: Topic
    why: str


class _Compiled(NamedTuple):
    source: tuple[Topic, ...]
    stop_lists: tuple[tuple[Topic, StopList], ...]
    owners: tuple[Topic, ...]  # of the examples, row by row
    words: tuple[frozenset[str], ...]  # the content lemmas of each
    examples: NDArray[np.float32] | None


class TopicLayer:
    """Recognises the topics in force. Thread-safe; topics that changed are compiled at the next question."""

    def __init__(self, topics: TopicSource, ordinary: Path, vectors: SentenceVectors | None) -> None:
        self._topics = topics
        self._vectors = vectors
        with ordinary.open("rb") as file:
            known = tomllib.load(file)
        self._ordinary_questions: list[str] = known["questions"]
        ordinary_texts = (*known["words"], *known["questions"])
        self._ordinary_words = {word for text in ordinary_texts for word in content_lemmas(text)}
        self._ordinary: NDArray[np.float32] | None = None
        self._compiled = _Compiled((), (), (), (), None)
        self._lock = threading.Lock()

    def topic_of(self, text: str) -> Found | None:
        """The topic that a normalised text is about, if any."""
        compiled = self._current()
        words = words_of(text)
        for topic, stop_list in compiled.stop_lists:
            if stop_list.stands_in(words):
                return Found(topic, f"stop word of “{topic.name}”")
        return self._like_an_example(text, compiled)

    def _like_an_example(self, text: str, compiled: _Compiled) -> Found | None:
        words = set(content_lemmas(text))
        for topic, example in zip(compiled.owners, compiled.words, strict=True):
            if words <= example and words - self._ordinary_words:
                return Found(topic, f"in the words of an example of “{topic.name}”")
        shares = np.array(
            [bool((words & example) - self._ordinary_words) for example in compiled.words], dtype=bool
        )
        if self._vectors is None or compiled.examples is None or not shares.any():
            return None
        vector = self._vectors.vector(text)
        similar = np.where(shares, compiled.examples @ vector, 0.0)
        best = int(np.argmax(similar))
        ordinary = float(np.max(self._ordinary @ vector)) if self._ordinary is not None else 0.0
        if similar[best] < max(_ALIKE, ordinary + _MARGIN):
            return None
        topic = compiled.owners[best]
        return Found(topic, f"like an example of “{topic.name}” ({similar[best]:.2f})")

    def _current(self) -> _Compiled:
        topics = tuple(self._topics.current())
        if topics != self._compiled.source:
            with self._lock:
                self._compiled = self._compile(topics)
        return self._compiled

    def _compile(self, topics: tuple[Topic, ...]) -> _Compiled:
        stop_lists = tuple((topic, StopList(map(normalise, topic.stop_words))) for topic in topics)
        pairs = [
            (topic, sentence)
            for topic in topics
            for example in topic.examples
            for sentence in sentences(example)
        ]
        words = tuple(frozenset(content_lemmas(example)) for _, example in pairs)
        examples = None
        if self._vectors is not None and pairs:
            examples = np.stack([self._vectors.vector(example) for _, example in pairs])
            if self._ordinary is None and self._ordinary_questions:
                self._ordinary = np.stack(
                    [self._vectors.vector(question) for question in self._ordinary_questions]
                )
        return _Compiled(topics, stop_lists, tuple(topic for topic, _ in pairs), words, examples)
