"""What a brochure that nobody tuned anything to answers, and what it leaves unanswered."""

import tomllib
from pathlib import Path

import pytest

from chains.embeddings import Embedder
from chains.reranking import Reranker
from chains.retrieval import Retriever
from parts import load_words
from stores.legend import load_legend

DATA = Path(__file__).resolve().parents[1] / "data"
ENOUGH = 0.5  # coverage and likeness of the title together, as the router asks for
QUESTIONS = tomllib.loads((DATA / "passages_questions.toml").read_text(encoding="utf-8"))["other"]


class Brochure:
    def __init__(self) -> None:
        words = load_words()
        self._retriever = Retriever(
            load_legend(DATA / "passages_legend.md"),
            embedder=Embedder(),
            synonyms=words.synonyms,
            translations=words.translations,
        )
        self._reranker = Reranker(words.synonyms, frozenset())

    def answer(self, question: str) -> str | None:
        hits = self._reranker.rerank(question, self._retriever.search(question, k=20))
        if not hits:
            return None
        title = hits[0].passage.title
        sure = hits[0].coverage + 0.3 * self._reranker.likeness(question, title)
        return title if sure >= ENOUGH else None


@pytest.fixture(scope="module")
def brochure() -> Brochure:
    return Brochure()


def test_most_questions_are_answered_by_their_section_and_hardly_any_by_another(brochure: Brochure) -> None:
    found = {question: brochure.answer(question) for question in QUESTIONS["answered"]}
    right = [q for q, title in found.items() if title and title.startswith(QUESTIONS["answered"][q])]
    wrong = [q for q, title in found.items() if title and q not in right]
    assert len(right) >= 26  # of 48; the rest is asked in quite other words
    assert len(wrong) <= 1


def test_what_nothing_answers_stays_unanswered(brochure: Brochure) -> None:
    questions = [*QUESTIONS["unanswered"]["near"], *QUESTIONS["unanswered"]["far"]]
    assert len([question for question in questions if brochure.answer(question)]) <= 1
