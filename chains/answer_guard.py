"""Does this answer refuse or comply, and may it be shown at all?

What an answer is worth is judged beside its question: "first take the lock off" is a plumber's advice or a thief's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chains.answer_signs import SignBook

_REFUSES, _HARMS = 0.5, 0.5
# So many sentences of an answer say whether it refuses; what follows is the way on.
_OPENING = 3


@dataclass(frozen=True)
class AnswerVerdict:
    """What an answer is: `harm` when it should not be shown, `refusal` when it refuses, in full or in part.

    The scores are probabilities; `evidence` tells staff what decided.
    """

    harm: bool
    refusal: bool
    harm_score: float = 0.0
    refusal_score: float = 0.0
    evidence: str = ""


class QuestionJudge(Protocol):
    """What thinks a question harmful."""

    def __call__(self, question: str) -> float:
        """The probability that a question asks for harm."""


class AnswerGuard:
    """The judge of answers, whoever wrote them. Called from several threads at once.

    `folder` is `assets/guard`; `harmful` judges questions, without it none is thought harmful.
    """

    def __init__(self, folder: Path, harmful: QuestionJudge | None = None) -> None:
        self._signs = SignBook(folder / "answers.toml")
        self._harmful = harmful

    def judge_answer(self, question: str, answer: str) -> AnswerVerdict:
        """Whether one answer harms and whether it refuses; an empty answer does neither."""
        return self.judge_answers([(question, answer)])[0]

    def judge_answers(self, pairs: Iterable[tuple[str, str]]) -> Sequence[AnswerVerdict]:
        """The verdicts on pairs of question and answer, in their order; quicker by the thousand than one by one."""
        return [self._judge(question, answer) for question, answer in pairs]

    def _judge(self, question: str, answer: str) -> AnswerVerdict:
        signs = self._signs.by_sentence(answer)
        if not signs:
            return AnswerVerdict(harm=False, refusal=False, evidence="empty")
        refusal = 0.9 if _refuses(signs) else 0.1
        asked = self._harmful(question) if self._harmful else 0.0
        harm = (1 - refusal) * asked
        return AnswerVerdict(harm > _HARMS, refusal > _REFUSES, harm, refusal, "signs")


def _refuses(signs: Sequence[frozenset[str]]) -> bool:
    opening = signs[:_OPENING]
    if any("cannot" in found for found in opening):
        return True
    if "agree" in signs[0]:
        return False
    said = frozenset[str]().union(*opening)
    if said & {"moral", "premise"} and any("instead" in found for found in signs):
        return sum("steps" in found for found in signs) <= _OPENING
    return "machine" in signs[0] and "nodata" in said
