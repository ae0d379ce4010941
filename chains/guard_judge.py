"""The language model as a judge of messages about which the classifier is in doubt.

It is asked only if it is ready and the classifier's probability lies in the band below its threshold; it may answer
with one of three labels only, and has a few seconds. Whatever goes wrong, the classifier's word holds.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import numpy as np
from langchain_core.messages import BaseMessage
from numpy.typing import NDArray
from pydantic import BaseModel

from chains.errors import ModelUnavailable
from chains.guard import Message, Verdict
from chains.llm import LanguageModel
from chains.wording import load_prompt

PROMPT = "judge_message"
LIMIT_S = 3.0
FLOOR = 0.25
"""The classifier's probability from which on it is in doubt, as a share of its threshold."""
_REST_S = 300.0  # for a model that was too slow: a visitor should not wait in vain again and again
_MOST_CHARACTERS = 1500
_MAX_TOKENS = 24

log = logging.getLogger(__name__)


class Judgement(BaseModel):
    """What the model may answer."""

    label: Literal["attack", "harmful", "harmless"]


class Doubting(Protocol):
    """Of a classifier, what tells how sure it is."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, the harmless one last."""

    @property
    def thresholds(self) -> Mapping[str, float]:
        """The probability from which on a label is believed."""

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, one column a label."""


class JudgeLayer:
    """A layer of the guard, to stand behind the classifier. Called from several threads at once.

    One question at a time: while the model judges one message, others pass as the classifier has let them.
    """

    name = "judge"

    def __init__(
        self, model: LanguageModel, classifier: Doubting, *, floor: float = FLOOR, limit_s: float = LIMIT_S
    ) -> None:
        self._model = model
        self._classifier = classifier
        self._floor = floor
        self._limit_s = limit_s
        self._busy = threading.Lock()
        self._rests_until = 0.0

    def check(self, message: Message) -> Verdict | None:
        """A verdict that blocks, or None."""
        if not self._model.ready or time.monotonic() < self._rests_until or _in_a_loop():
            return None
        doubt = self.doubt(message)
        if doubt is None or not self._busy.acquire(blocking=False):
            return None
        try:
            label = asyncio.run(self._ask(message))
        except (ModelUnavailable, ValueError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                self._rests_until = time.monotonic() + _REST_S
            log.info("The model judged nothing: %s", error or "no answer in time")
            return None
        finally:
            self._busy.release()
        if label == "harmless":
            return None
        reason = "harmful" if label == "harmful" else "injection"
        return Verdict(True, reason, evidence=f"{self.name}: {label}, the classifier {doubt:.2f}")

    def doubt(self, message: Message) -> float | None:
        """The classifier's probability of the attack it comes nearest to believing in; None if it is in no doubt."""
        texts = [reading.text for reading in message.readings if reading.kind != "glued"][:2]
        nearest: tuple[float, float] | None = None
        for row in self._classifier.probabilities(texts):
            for label, probability in zip(self._classifier.labels, row.tolist(), strict=True):
                share = probability / self._classifier.thresholds.get(label, np.inf)
                if self._floor <= share < 1 and (nearest is None or share > nearest[0]):
                    nearest = (share, probability)
        return nearest[1] if nearest else None

    async def _ask(self, message: Message) -> str:
        template = load_prompt(PROMPT, message.language).template
        text = message.readings[0].text[:_MOST_CHARACTERS].replace("</message>", "")
        asked: list[BaseMessage] = template.format_messages(message=text)
        async with asyncio.timeout(self._limit_s):
            answer = await self._model.structured(asked, Judgement, max_tokens=_MAX_TOKENS)
        return answer.label


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
