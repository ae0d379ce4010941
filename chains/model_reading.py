"""What the rules left unexplained, read by the language model: constrained by a schema, and believed only as far as
it can be checked.

The model may only choose among the values that the vocabulary has, for words that are unknown. A choice counts when
its word is near the value in meaning or in spelling, a number when it stands in the message; all else is dropped, and
the rules' reading stands.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from langchain_core.messages import BaseMessage
from pydantic import BaseModel, Field, create_model
from rapidfuzz import fuzz

from chains.embeddings import Vector
from chains.errors import ModelUnavailable
from chains.llm import LanguageModel
from chains.names import Meaning
from chains.numerals import words_of
from chains.phrases import NEGATIONS, add_value
from chains.quantities import KINDS, Kind, Quantity
from chains.query import Reading
from chains.reply import Language
from chains.vocabulary import Vocabulary
from chains.wording import load_prompt

PROMPT = "read_unknown_words"
READ_LIMIT_S = 4.0
_NOTHING = "nothing"
_MOST_WORDS = 4
_MAX_TOKENS = 160
_UNTOLD = ("class=", "option=")  # too many for a prompt; the schema has them
_REST_S = 300.0  # for a model that was too slow: a visitor should not wait in vain again and again
_NEAR = 0.65
_LIKE_SPELLING = 80
_FIELDS = ("class", "body", "fuel", "drive", "transmission", "color", "option")

log = logging.getLogger(__name__)


class Finding(NamedTuple):
    """An unknown word and the value that the model takes it for."""

    word: str
    meaning: Meaning


class Amount(BaseModel):
    """A number among the unknown words: a range of one kind, with one or both ends."""

    kind: Kind
    low: float | None = None
    high: float | None = None


class ModelReader:
    """Asks a language model for what unknown words mean; used from any thread that runs no event loop.

    One question at a time: while the model reads one message, others keep the rules' reading. A model that was too
    slow is left alone for five minutes.
    """

    def __init__(
        self,
        model: LanguageModel,
        is_near: Callable[[str, Sequence[str]], bool],
        *,
        limit_s: float = READ_LIMIT_S,
    ) -> None:
        """`is_near` tells whether a word is near any of the words for a value; `limit_s` is how long may be waited."""
        self._model = model
        self._is_near = is_near
        self._limit_s = limit_s
        self._busy = threading.Lock()
        self._rests_until = 0.0

    def read(self, message: str, reading: Reading, vocabulary: Vocabulary, language: Language) -> Reading:
        """The reading with what the model could explain of its unknown words; the same one where it could not."""
        words = list(dict.fromkeys(reading.unknown))
        if not words or len(words) > _MOST_WORDS or not self._model.ready or _in_a_loop():
            return reading
        if time.monotonic() < self._rests_until or not self._busy.acquire(blocking=False):
            return reading
        try:
            answer = asyncio.run(self._ask(message, words, vocabulary, language))
        except (ModelUnavailable, ValueError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                self._rests_until = time.monotonic() + _REST_S
            log.info("The model read nothing: %s", error or "no answer in time")
            return reading
        finally:
            self._busy.release()
        return self._checked(answer, message, reading, vocabulary)

    async def _ask(
        self, message: str, words: Sequence[str], vocabulary: Vocabulary, language: Language
    ) -> dict[str, Any]:
        values = values_of(vocabulary)
        prompt = load_prompt(PROMPT, language).template
        asked: list[BaseMessage] = prompt.format_messages(
            values=", ".join(value for value in values if not value.startswith(_UNTOLD)),
            message=message,
            words=", ".join(words),
        )
        async with asyncio.timeout(self._limit_s):
            answer = await self._model.structured(asked, schema_of(words, values), max_tokens=_MAX_TOKENS)
        return answer.model_dump()

    def _checked(
        self, answer: dict[str, Any], message: str, reading: Reading, vocabulary: Vocabulary
    ) -> Reading:
        """The reading with those of the model's findings that hold."""
        spoken = _words_by_value(vocabulary)
        amended = deepcopy(reading)
        explained: set[str] = set()
        for finding in _findings(answer):
            known = spoken.get(finding.meaning)
            unclear = finding.word not in reading.unknown or _is_negated(message, finding.word)
            if known is None or unclear or not self._is_near(finding.word, known):
                continue
            for value in (finding.meaning.value, *vocabulary.includes.get(finding.meaning, ())):
                add_value(amended.values, Meaning(finding.meaning.field, value), negated=False)
            explained.add(finding.word)
        numbers = {word.number: word.text for word in words_of(message) if word.number is not None}
        for found in answer.get("amounts", ()):
            ends = [end for end in (found["low"], found["high"]) if end is not None]
            stated = [numbers[end] for end in ends if end in numbers and numbers[end] in reading.unknown]
            if ends and len(stated) == len(ends) and not _has(amended, found["kind"]):
                amended.quantities += (Quantity(found["kind"], found["low"], found["high"]),)
                explained.update(stated)
        amended.unknown = tuple(word for word in reading.unknown if word not in explained)
        return amended if explained else reading


def near_by_vectors(vector: Callable[[str], Vector]) -> Callable[[str, Sequence[str]], bool]:
    """Nearness by the cosine of two texts' vectors, or by their spelling.

    Measured on words that the lexicon lacks: «музыка» and «хорошая музыка» 0.84, «камуфляж» and «хаки» 0.56,
    «семейный» and the nearest word of all 0.42, «экономичный» and «мягкий гибрид» 0.61, which is no wish for one.
    """

    def is_near(word: str, known: Sequence[str]) -> bool:
        if max(fuzz.ratio(word, other) for other in known) >= _LIKE_SPELLING:
            return True
        own = vector(word)
        return any(float(own @ vector(other)) >= _NEAR for other in known)

    return is_near


def values_of(vocabulary: Vocabulary) -> list[str]:
    """The values that a word may be taken for, as `field=value`, alphabetically by field."""
    found = {f"{field}={value}" for field, value in _words_by_value(vocabulary)}
    return sorted(found)


def schema_of(words: Sequence[str], values: Sequence[str]) -> type[BaseModel]:
    """The shape of an answer: for unknown words one of the values each, and amounts."""
    one_of_words: Any = Literal[tuple(words)]
    one_of_values: Any = Literal[(*values, _NOTHING)]
    word: Any = create_model("Word", word=(one_of_words, ...), means=(one_of_values, ...))
    return create_model(
        "UnknownWords",
        words=(list[word], Field(max_length=len(words))),
        amounts=(list[Amount], Field(default=[], max_length=2)),
    )


def _findings(answer: dict[str, Any]) -> list[Finding]:
    found = []
    for one in answer.get("words", ()):
        field, equals, value = str(one["means"]).partition("=")
        if equals:
            found.append(Finding(str(one["word"]), Meaning(field, value)))
    return found


def _words_by_value(vocabulary: Vocabulary) -> dict[Meaning, list[str]]:
    """The words for each value of a field that can be searched."""
    found: dict[Meaning, list[str]] = {}
    for form, meaning in vocabulary.phrases.items():
        # «спортивный режим» is near anything «спортивный»: equipment counts by words that stand alone
        if meaning.field in _FIELDS and (meaning.field != "option" or len(form) == 1):
            found.setdefault(meaning, []).append(" ".join(form))
    return found


def _is_negated(message: str, word: str) -> bool:
    """A negated word is left to the rules: they said that they do not know it."""
    texts = [other.text for other in words_of(message)]
    return any(text == word and before in NEGATIONS for before, text in pairwise(texts))


def _has(reading: Reading, kind: str) -> bool:
    return kind in KINDS and any(quantity.kind == kind for quantity in reading.quantities)


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
