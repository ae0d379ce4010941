"""The systems that `bench-retrieval` compares; each is built from passages and gives ids, best first."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import bm25s

from chains.reranking import Reranker
from chains.retrieval import Retriever
from chains.text import lemmas, normalise, tokens
from jobs.bench.ranking import DEPTH
from parts import load_words, open_dense
from stores.passages import Passage

if TYPE_CHECKING:
    from settings import Settings

Search = Callable[[str], list[str]]
Build = Callable[[Sequence[Passage]], Search]

_CANDIDATES = 20


def searchers(settings: "Settings", folder: Path) -> dict[str, Build]:
    """By name; vectors are kept in `folder`. The encoder is the one of the settings, as in the app."""
    dense = open_dense(settings, folder, space="bench")
    words = load_words()

    def vectors_alone(passages: Sequence[Passage]) -> Search:
        dense.vectors.sync(passages)
        return lambda question: [
            near.passage_id for near in dense.vectors.nearest(question, k=DEPTH, kinds=("wiki",))
        ]

    def whole(passages: Sequence[Passage]) -> Search:
        retriever = Retriever(
            passages,
            dense.vectors,
            embedder=dense.embedder,
            encoder=dense.encoder,
            synonyms=words.synonyms,
            translations=words.translations,
        )
        reranker = Reranker(words.synonyms, frozenset())

        def search(question: str) -> list[str]:
            hits = retriever.search(question, k=_CANDIDATES)
            return [hit.passage.id for hit in reranker.rerank(question, hits)[:DEPTH]]

        return search

    return {
        "BM25 on words": lambda passages: _bm25(passages, _words),
        "BM25 on lemmas": lambda passages: _bm25(passages, lemmas),
        "vectors alone": vectors_alone,
        "the whole": whole,
    }


def _words(text: str) -> list[str]:
    return [token.text.lower() for token in tokens(normalise(text))]


def _bm25(passages: Sequence[Passage], cut: Callable[[str], list[str]]) -> Search:
    """The library's BM25 with its usual values: a yardstick that shares no code with ours."""
    model = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    model.index([cut(f"{passage.title}\n{passage.text}") for passage in passages], show_progress=False)
    depth = min(DEPTH, len(passages))

    def search(question: str) -> list[str]:
        asked = [word for word in cut(question) if word in model.vocab_dict]
        if not asked:
            return []
        places, scores = model.retrieve([asked], k=depth, show_progress=False)
        return [passages[place].id for place, score in zip(places[0], scores[0], strict=True) if score > 0]

    return search
