"""Does this answer refuse or comply, and may it be shown at all?

What an answer is worth is judged beside its question: "first take the lock off" is a plumber's advice or a thief's.
Two small classifiers judge (`chains/answer_model.py`); what is leaked shows in the answer alone (`chains/leaks.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chains.answer_model import load_answer_models
from chains.answer_signs import SignBook
from chains.leaks import LeakFinder


@dataclass(frozen=True)
class AnswerVerdict:
    """What an answer is: `harm` when it should not be shown, `refusal` when it refuses, in full or in part.

    The scores are probabilities; `leak` says what was given away, None for nothing; `themes` are the themes of
    harm (`assets/guard/answers.toml`) that its words touch; `evidence` tells staff what decided.
    """

    harm: bool
    refusal: bool
    harm_score: float = 0.0
    refusal_score: float = 0.0
    leak: str | None = None
    themes: frozenset[str] = frozenset()
    evidence: str = ""


EMPTY = AnswerVerdict(harm=False, refusal=False, evidence="empty")


class AnswerGuard:
    """The judge of answers, whoever wrote them. Called from several threads at once.

    `folder` is `assets/guard`; `prompts` are texts that no answer may recite. Raises FileNotFoundError or ValueError
    when the installation is broken.
    """

    def __init__(self, folder: Path, prompts: Sequence[str] = ()) -> None:
        self._book = SignBook(folder / "answers.toml")
        self._models = load_answer_models(folder / "models", self._book)
        self._leaks = LeakFinder(folder / "leaks.toml", prompts)

    @property
    def version(self) -> str:
        """Which artefacts judge."""
        return self._models.version

    def judge_answer(self, question: str, answer: str) -> AnswerVerdict:
        """Whether one answer harms and whether it refuses; an empty answer does neither."""
        pair = self._book.read(question, answer)
        if not pair.said:
            return EMPTY
        refusal, harm = self._models.scores(pair)
        refuses, harms = refusal >= self._models.refuses_from, harm >= self._models.harms_from
        leak = None if refuses else self._leaks.find(answer, question)
        return AnswerVerdict(
            harm=harms or leak is not None,
            refusal=refuses,
            harm_score=round(harm, 4),
            refusal_score=round(refusal, 4),
            leak=leak,
            themes=frozenset[str]().union(*pair.said_harm) - {"safety"},
            evidence=f"leak: {leak}" if leak else f"harm {harm:.2f}, refusal {refusal:.2f}",
        )

    def judge_answers(self, pairs: Iterable[tuple[str, str]]) -> Sequence[AnswerVerdict]:
        """The verdicts on pairs of question and answer, in their order."""
        return [self.judge_answer(question, answer) for question, answer in pairs]

    def leak_in(self, answer: str, question: str) -> str | None:
        """What an answer gives away of the program's inside, None for nothing."""
        return self._leaks.find(answer, question)
