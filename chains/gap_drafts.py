"""Drafts of brochure entries for what visitors asked in vain; a person finishes and publishes them.

A language model that is ready writes down what the salon's own texts say about the questions, and each of its sentences
is held against these texts like one of an answer. Without a model, or where nothing it says holds, a draft has the
questions alone.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import NamedTuple

from chains.answers.context import Data
from chains.claims import Evidence, evidence_of, failure_of
from chains.errors import ModelUnavailable
from chains.guard import Guard
from chains.memory import History
from chains.planning import Planner
from chains.reply import Draft, Fact, Language
from chains.text import language_of
from chains.texts import Texts
from chains.vocabulary import Vocabulary
from chains.wording import Wording
from stores.knowledge import TEXT_LENGTH
from stores.passages import Passage

PATIENCE_S = 60.0
"""How long whoever clicks waits for the model; what it has said by then counts."""
_SHORTEST_COVERAGE = 0.3
_PASSAGES = 2
_CONTEXT_CHARACTERS = 1_400
_SENTENCES = 6

log = logging.getLogger(__name__)


class _Known(NamedTuple):
    """What the salon's texts say near the questions, as a model is told it."""

    passages: tuple[Passage, ...]
    draft: Draft


@dataclass(frozen=True)
class GapDrafts:
    """Writes drafts; safe to use from many threads."""

    data: Data
    planner: Planner
    guard: Guard
    wording: Wording
    texts: Mapping[Language, Texts]
    patience_s: float = PATIENCE_S

    def text(self, questions: Sequence[str], language: Language) -> str:
        """A draft of at most `TEXT_LENGTH` characters, with a mark that keeps it from being published as it is.

        `questions` are masked, the most telling first; `language` is that of whoever reads the draft. Blocks for as
        long as the model speaks, at most `patience_s`.
        """
        texts = self.texts[language]
        known = self._known(questions) if questions and self.wording.model.ready else None
        said = asyncio.run(self._said(questions, known)) if known else []
        parts = [self.blank(language)]
        if known and said:
            titles = "; ".join(passage.title for passage in known.passages)
            parts = [
                texts.say("draft.mark_of_model", sign=texts.say("draft.sign"), titles=titles),
                " ".join(said),
            ]
        head = "\n\n".join([*parts, texts.say("draft.asked")])
        return "\n".join([head, *_fitting(questions, TEXT_LENGTH - len(head))])

    def blank(self, language: Language) -> str:
        """A draft for no gap: the mark alone."""
        return self.texts[language].say("draft.mark", sign=self.texts[language].say("draft.sign"))

    def is_unfinished(self, text: str) -> bool:
        """Whether a mark, of whichever language, says that a person has still to write or to check something."""
        return any(texts.say("draft.sign") in text for texts in self.texts.values())

    def _known(self, questions: Sequence[str]) -> _Known | None:
        """The passages that say most about the questions, in their language; None where none says enough."""
        language = language_of(questions[0])
        covered: dict[Passage, float] = defaultdict(float)
        for question in questions:
            for hit in self.data.retriever.search(question, k=_PASSAGES):
                if hit.coverage >= _SHORTEST_COVERAGE and hit.passage.language == language:
                    covered[hit.passage] += (
                        hit.coverage
                    )  # what says something about many questions comes first
        found: tuple[Passage, ...] = ()
        for passage in sorted(covered, key=covered.__getitem__, reverse=True)[:_PASSAGES]:
            if sum(len(one.text) for one in (*found, passage)) <= _CONTEXT_CHARACTERS:
                found = (*found, passage)
        if not found:
            return None
        draft = Draft(
            route="legend",
            text="",
            facts=tuple(Fact(passage.id, "text", passage.text, passage.text) for passage in found),
            prompt="draft_entry",
            context="\n\n".join(f"## {passage.title}\n{passage.text}" for passage in found),
        )
        return _Known(found, draft)

    async def _said(self, questions: Sequence[str], known: _Known) -> list[str]:
        """The model's sentences that hold; none when it finds nothing, is too slow or goes away."""
        language = language_of(questions[0])
        asked = "\n".join(f"- {question}" for question in questions)
        vocabulary = await asyncio.to_thread(self.planner.vocabulary)
        evidence = await asyncio.to_thread(evidence_of, known.draft, asked, vocabulary)
        said: list[str] = []
        stream = self.wording.sentences(known.draft, asked, History("", []), language)
        try:
            async with asyncio.timeout(self.patience_s), aclosing(stream):  # type: ignore[type-var]  # a generator
                async for sentence in stream:
                    if self._holds(sentence, said, asked, evidence, language, vocabulary):
                        said.append(sentence)
                    if len(said) == _SENTENCES:
                        break
        except (ModelUnavailable, TimeoutError) as error:
            log.info("The language model has not finished a draft: %s", error or "too slow")
        return said

    def _holds(
        self,
        sentence: str,
        said: Sequence[str],
        asked: str,
        evidence: Evidence,
        language: Language,
        vocabulary: Vocabulary,
    ) -> bool:
        return (
            sentence not in said
            and not sentence.startswith("#")  # a heading tells nothing
            and failure_of(sentence, evidence, language, vocabulary) is None
            and not self.guard.check_output(" ".join([*said, sentence]), asked).blocked
            and not self.guard.check_sentence(sentence, language).blocked
        )


def _fitting(questions: Iterable[str], length: int) -> list[str]:
    """The questions as lines, whole ones only, so that each can be found and taken out again; as many as fit."""
    lines: list[str] = []
    for question in questions:
        line = f"- {question}"
        length -= len(line) + 1
        if length < 0:
            break
        lines.append(line)
    return lines
