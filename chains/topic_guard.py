"""Is a question about a forbidden topic: by the topic's stop words, its field, or because it resembles an example.

A stop word that is named in passing, beside a question about the salon, forbids nothing (`chains/topic_passing.py`).
What is known of the fields that salons usually forbid holds besides their own words (`chains/topic_fields.py`).

Resembling takes words, not vectors alone. A question and an example must share words that customers do not ordinarily
use: two of them, or one, with only ordinary words around it, that belongs to the topic's own field («голосовать» does
to politics, «посмотреть» to no topic). A question that shares none may say the topic in other words («снег» where the
example has «дождь»): then all its words must be near to those that name the topic. Words of cars and of buying speak
against: «болит спина, какие сиденья лучше» is a question about seats.
"""

import threading
import tomllib
from collections.abc import Collection, Sequence
from copy import copy
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from chains.patterns import StopList, words_of
from chains.text import content_lemmas, normalise, sentences
from chains.topic_fields import Fields
from chains.topic_passing import Passing

# A question that shares words with an example resembles it if their vectors are this near ...
_ALIKE = 0.55
# ... and if no ordinary question is nearly as near.
_MARGIN = 0.05
# So many shared words are evidence whatever they are; a single one must be of the topic's field and stand alone.
_SEVERAL = 2
# A word is of a topic's field if its cosines with the nearest few of the topic's words are so high on average. In the
# sample salon «голосовать», «бог», «нация», «болеть» have 0.31 to 0.39, «посмотреть», «деньги», «высокий» below 0.16.
_OF_THE_FIELD = 0.24
_NEAREST = 2
# Words that name a topic are its stop words, its name, and those of its examples that are so near to its name. A word
# says the same if it is so near to one of them; the question must then be near to an example, and surely no other.
_NEAR_THE_NAME = 0.3
_SAYS_THE_SAME = 0.45
_IN_OTHER_WORDS = 0.35
_SURE_MARGIN = 0.15


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
    fields: tuple[tuple[Topic, str], ...]
    owners: tuple[Topic, ...]  # of the examples, row by row
    words: tuple[frozenset[str], ...]  # the content lemmas of each
    telling: dict[str, frozenset[str]]  # by the topic's name: the words of its examples that are of its field
    naming: dict[
        str, NDArray[np.float32]
    ]  # by the topic's name: the vectors of the words that name it, a row each
    examples: NDArray[np.float32] | None


_NOTHING = _Compiled((), (), (), (), (), {}, {}, None)


class _Fixed:
    """Topics that stay as they are."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = tuple(topics)

    def current(self) -> Sequence[Topic]:
        return self._topics


class TopicLayer:
    """Recognises the topics in force. Thread-safe; topics that changed are compiled at the next question."""

    def __init__(
        self,
        topics: TopicSource,
        ordinary: Path,
        vectors: SentenceVectors | None,
        own_words: Collection[str] = (),
    ) -> None:
        """`own_words` are those of the salon's brand and cars: beside them nothing is said in other words."""
        self._topics = topics
        self._vectors = vectors
        with ordinary.open("rb") as file:
            known = tomllib.load(file)
        self._ordinary_questions: list[str] = known["questions"]
        ordinary_texts = (*known["words"], *known["questions"])
        self._ordinary_words = {word for text in ordinary_texts for word in content_lemmas(text)}
        self._car_words = {word for text in known["cars"] for word in content_lemmas(text)}
        self._own_words = {word for text in own_words for word in content_lemmas(text)}
        self._passing = Passing(known["passing"], self._car_words | set(known["salon"]))
        self._fields = Fields(ordinary.with_name("fields.toml"), known["cars"])
        self._ordinary: NDArray[np.float32] | None = None
        self._compiled = _NOTHING
        self._lock = threading.Lock()

    def with_topics(self, topics: Sequence[Topic]) -> "TopicLayer":
        """A recogniser that knows the same words, and these topics."""
        other = copy(self)
        other._topics, other._lock = _Fixed(topics), threading.Lock()
        other._compiled = _NOTHING
        return other

    def topic_of(self, text: str) -> Found | None:
        """The topic that a normalised text is about, if any."""
        compiled = self._current()
        for topic, stop_list in compiled.stop_lists:
            if stop_list.stands_in(words_of(text)):
                rest = self._passing.rest(text, stop_list)
                if rest is None:
                    return Found(topic, f"stop word of “{topic.name}”")
                text = rest
        for topic, field in compiled.fields:
            if rule := self._fields.rule_for(field, text):
                return Found(topic, f"{rule}, of the field of “{topic.name}”")
        return self._like_an_example(text, compiled) or self._in_other_words(text, compiled)

    def _like_an_example(self, text: str, compiled: _Compiled) -> Found | None:
        words = set(content_lemmas(text))
        shares = [
            self._speaks_for(words, example, compiled.telling[topic.name])
            for topic, example in zip(compiled.owners, compiled.words, strict=True)
        ]
        for topic, example, share in zip(compiled.owners, compiled.words, shares, strict=True):
            if share and words <= example:
                return Found(topic, f"in the words of an example of “{topic.name}”")
        if self._vectors is None or compiled.examples is None or not any(shares):
            return None
        vector = self._vectors.vector(text)
        similar = np.where(np.array(shares, dtype=bool), compiled.examples @ vector, 0.0)
        best = int(np.argmax(similar))
        ordinary = float(np.max(self._ordinary @ vector)) if self._ordinary is not None else 0.0
        if similar[best] < max(_ALIKE, ordinary + _MARGIN):
            return None
        topic = compiled.owners[best]
        return Found(topic, f"like an example of “{topic.name}” ({similar[best]:.2f})")

    def _in_other_words(self, text: str, compiled: _Compiled) -> Found | None:
        words = set(content_lemmas(text))
        said = words - self._ordinary_words
        if self._vectors is None or compiled.examples is None or not said:
            return None
        if words & (self._car_words | self._own_words):
            return None
        vector = self._vectors.vector(text)
        ordinary = float(np.max(self._ordinary @ vector)) if self._ordinary is not None else 0.0
        similar = compiled.examples @ vector
        asked: NDArray[np.float32] | None = None
        for place in np.argsort(-similar):
            if similar[place] < max(_IN_OTHER_WORDS, ordinary + _SURE_MARGIN):
                return None
            topic = compiled.owners[place]
            if not len(compiled.naming[topic.name]):
                continue
            asked = np.stack([self._vectors.vector(word) for word in said]) if asked is None else asked
            if float(np.min(np.max(compiled.naming[topic.name] @ asked.T, axis=0))) >= _SAYS_THE_SAME:
                return Found(topic, f"in other words than “{topic.name}” ({similar[place]:.2f})")
        return None

    def _speaks_for(self, words: set[str], example: frozenset[str], telling: frozenset[str]) -> bool:
        """Whether the words that a question shares with an example are evidence of the example's topic."""
        shared = (words & example) - self._ordinary_words
        others = words - example
        in_full = example <= words
        if len(shared) < _SEVERAL:  # a single word tells if it is of the topic's field and stands alone
            tells = bool(shared & telling) and others <= self._ordinary_words
            return tells and (in_full or not words & self._car_words)
        return in_full or not others & self._car_words

    def _current(self) -> _Compiled:
        topics = tuple(self._topics.current())
        if topics != self._compiled.source:
            with self._lock:
                self._compiled = self._compile(topics)
        return self._compiled

    def _compile(self, topics: tuple[Topic, ...]) -> _Compiled:
        fields = tuple(
            (topic, field) for topic in topics for field in self._fields.of(topic.name, topic.stop_words)
        )
        stop_lists = []
        for topic in topics:
            also = [
                word for owner, field in fields if owner is topic for word in self._fields.stop_words(field)
            ]
            stop_lists.append((topic, StopList(map(normalise, (*topic.stop_words, *also)))))
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
        owners = tuple(topic for topic, _ in pairs)
        said = {
            topic.name: {
                word for owner, of_one in zip(owners, words, strict=True) if owner is topic for word in of_one
            }
            for topic in topics
        }
        telling = {topic.name: self._of_the_field(topic, said[topic.name]) for topic in topics}
        naming = {topic.name: self._naming(topic, said[topic.name]) for topic in topics}
        return _Compiled(topics, tuple(stop_lists), fields, owners, words, telling, naming, examples)

    def _naming(self, topic: Topic, words: set[str]) -> NDArray[np.float32]:
        """The vectors of the words that name a topic; none where there are no vectors."""
        if self._vectors is None:
            return np.zeros((0, 0), dtype=np.float32)
        usual = self._ordinary_words | self._car_words
        name = {word: self._vectors.vector(word) for word in content_lemmas(topic.name)}
        named = {**name, **{word: self._vectors.vector(normalise(word).lower()) for word in topic.stop_words}}
        for word in words - usual:
            vector = self._vectors.vector(word)
            if any(float(own @ vector) >= _NEAR_THE_NAME for own in name.values()):
                named[word] = vector
        kept = [vector for word, vector in sorted(named.items()) if word not in usual]
        return np.stack(kept) if kept else np.zeros((0, 0), dtype=np.float32)

    def _of_the_field(self, topic: Topic, words: set[str]) -> frozenset[str]:
        """Those of the words that are near to the topic's other words; none where there are no vectors to tell."""
        candidates = sorted(words - self._ordinary_words)
        field = sorted({*candidates, *(normalise(word).lower() for word in topic.stop_words)})
        if self._vectors is None or len(field) <= _NEAREST:
            return frozenset()
        vectors = {word: self._vectors.vector(word) for word in field}
        found = set()
        for word in candidates:
            near = sorted(float(vectors[other] @ vectors[word]) for other in field if other != word)
            if sum(near[-_NEAREST:]) >= _NEAREST * _OF_THE_FIELD:
                found.add(word)
        return frozenset(found)
