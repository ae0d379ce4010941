"""Which passages of the brochure and the articles speak about a question."""

import re
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from chains.embeddings import Embedder
from chains.passage_spelling import Respeller, respeller_of
from chains.postings import Postings
from chains.search_terms import Words, analyse, letter_groups, neighbours, stem
from chains.synonyms import Synonyms
from chains.text import is_place, language_of, lemma, normalise
from chains.translations import Table, Translator
from chains.windows import Windows
from stores.added_vectors import AddedVectors
from stores.exact import Neighbour
from stores.passages import Passage

Kind = Literal["legend", "wiki"]

# On questions to the sample brochure and articles 3 ranked 40 of 52 first, 2 ranked 37, 6 no more than 3.
_TITLE_WEIGHT = 3
# What each reading of the words adds to BM25 on lemmas: round numbers, chosen with the figures of XQuAD in view.
_STEM_WEIGHT = 1.0
_GROUP_WEIGHT = 0.3
_NEIGHBOUR_WEIGHT = 0.2
_WINDOW_WEIGHT = 30.0  # of the cosine of the best window
# Of a sentence encoder's cosines, stretched to 0-1 over its neighbours, since each encoder has a scale of its own. So
# weighted a good one adds 0.004 to 0.005 of nDCG@10 and random vectors take 0.001 (XQuAD English, all-MiniLM-L6-v2).
_ENCODER_WEIGHT = 6.0
_ENCODER_CANDIDATES = 5
_CANDIDATES = 50
_NEIGHBOURS = 50
# Below it a passage that shares no word with the question is no candidate: unrelated texts reach 0.3-0.4.
_DENSE_ALONE = 0.5
_SYNONYM_WEIGHT = 0.8  # another word for the same thing counts a little less than the word itself
_STEM_PRESENCE = 0.8  # so does its kin
_SHORTEST_KIN = 4

_GREETING = re.compile(
    r"\b(?:добр(?:ый|ого|ое|ой)\s+(?:день|дня|вечер|вечера|утро|утра|ночи)|доброго\s+времени\s+суток|как\s+дела"
    r"|good\s+(?:morning|afternoon|evening|day)|how\s+are\s+you)\b",
    re.IGNORECASE,
)


class Hit(NamedTuple):
    """A passage that was found.

    `score` orders the hits of one question and means nothing beyond. `coverage` is the share of the question's
    content words that the passage has, weighted by how telling each is: 0 none, 1 all; a greeting or a question
    about something else stays below 0.4 or so. `similarity` is a cosine: of the passage's best sentences, or with a
    sentence encoder of the whole passage; None where there is none. `topical` is how much a section of the brochure is
    about the topic that the question is heard to be on, 0 to 1.
    """

    passage: Passage
    score: float
    coverage: float
    similarity: float | None
    topical: float = 0.0


class Vectors(Protocol):
    """The dense part, as `stores.vectors.PassageVectors` offers it; neither call raises."""

    def sync(self, passages: Sequence[Passage]) -> object:
        """Makes the vectors those of exactly these passages."""

    def nearest(self, question: str, *, k: int, kinds: Collection[str]) -> list[Neighbour]:
        """The nearest passages, best first; empty when there is no dense search."""


class _Index(NamedTuple):
    """All that one list of passages is searched with; never changed, only replaced."""

    passages: tuple[Passage, ...]
    places: Mapping[str, int]
    kinds: Mapping[str, NDArray[np.int64]]  # the places of the passages of each
    terms: Postings
    stems: Postings
    groups: Postings
    neighbours: Postings
    translator: Translator
    windows: Windows | None


class _Searched(NamedTuple):
    """All that is searched at one moment; never changed, only replaced.

    `indexes` are that of the passages from the start and, where there are any, that of the added ones.
    """

    indexes: tuple[_Index, ...]
    respeller: Respeller


class _Near(NamedTuple):
    """The cosines of an index's nearest passages by place; the lowest and the highest are those of all indexes."""

    similarities: Mapping[int, float]
    low: float
    high: float


class _Idea(NamedTuple):
    """One content word of a question by any of its names: each passage's score in an index, and how far it is there."""

    idf: float
    scores: NDArray[np.float32]
    present: NDArray[np.float32]


class Retriever:
    """Searches passages by words and by vectors of words and sentences.

    The words are read as lemmas (the title counting thrice), stems, letter groups and neighbours, each with BM25. The
    best 50 are ordered anew by their nearest sentence (`embedder`). `vectors` add candidates that share no word; of a
    sentence `encoder`, in whatever language, their nearness counts, too, and `added` keeps those of what is added.
    `expand` rewrites a question before it is searched (slang to class names); `synonyms` are other words for the same
    thing, see `chains/synonyms.py`, `translations` those of the other language. Safe to use from several threads, also
    while `update` runs: a search sees the old passages or the new, never a mix.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        vectors: Vectors | None = None,
        *,
        embedder: Embedder | None = None,
        encoder: bool = False,
        added: AddedVectors | None = None,
        expand: Callable[[str], str] | None = None,
        synonyms: Synonyms | None = None,
        translations: Table | None = None,
    ) -> None:
        self._vectors = vectors
        self._embedder = embedder
        self._encoder = encoder
        self._added_vectors = added
        self._expand = expand
        self._synonyms: Synonyms = synonyms or {}
        self._translations: Table = translations or {}
        self._lock = threading.Lock()
        self._added: tuple[Passage, ...] = ()
        self._searched = self._all_of(self._indexed([]))
        self.update(passages)

    def update(self, passages: Sequence[Passage]) -> None:
        """Puts these passages in the place of all earlier ones, at once; what was added stays."""
        index = self._indexed(passages)
        if self._vectors is not None:
            self._vectors.sync(passages)
        with self._lock:
            self._searched = self._all_of(index)

    def add(self, passages: Sequence[Passage]) -> None:
        """Puts these passages beside the others, in the place of what was added before.

        Meant for some hundred: however many the others are, it takes a moment. They weigh as if all had been indexed
        together, but are kept out of the vectors' collection: those that share no word with a question are found by
        their sentences, or a moment later by an encoder's vectors.
        """
        with self._lock:
            if tuple(passages) != self._added:
                self._added = tuple(passages)
                if self._added_vectors is not None:
                    self._added_vectors.put(self._added)
                self._searched = self._all_of(self._searched.indexes[0])

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages that are searched now."""
        return tuple(passage for index in self._searched.indexes for passage in index.passages)

    @property
    def generation(self) -> object:
        """An object that is another one whenever the passages are others."""
        return self._searched

    @property
    def embedder(self) -> Embedder:
        """What makes the sentences' vectors."""
        if self._embedder is None:
            self._embedder = Embedder()
        return self._embedder

    @property
    def synonyms(self) -> Synonyms:
        """Other words for the same thing."""
        return self._synonyms

    def respelt(self, question: str) -> str:
        """The question with names and misspelt words in the spelling of the passages."""
        return self._searched.respeller.respell(question)

    def search(self, question: str, *, kinds: Collection[Kind] = ("legend", "wiki"), k: int = 5) -> list[Hit]:
        """The best `k` passages of these kinds, best first; an empty list for a greeting or a text without words."""
        searched = self._searched
        text = _GREETING.sub(" ", normalise(question))
        asked = analyse(self._expand(text) if self._expand else text)
        if not asked.terms:
            return []
        forms = {lemma(word): word for word in asked.written}
        words = dict.fromkeys(asked.terms)
        ideas = [self._ideas(searched.indexes, term, forms.get(term, term)) for term in words]
        hits: list[Hit] = []
        nears = self._nears(searched.indexes, text, kinds)
        spread = [similarity for near in nears for similarity in near.values()]
        for number, index in enumerate(searched.indexes):
            if index.passages:
                near = _Near(nears[number], min(spread, default=0.0), max(spread, default=0.0))
                hits += self._hits(index, asked, text, [idea[number] for idea in ideas], kinds, near, k)
        return sorted(hits, key=lambda hit: -hit.score)[:k]

    def _hits(
        self,
        index: _Index,
        asked: Words,
        text: str,
        ideas: Sequence[_Idea],
        kinds: Collection[str],
        near: _Near,
        k: int,
    ) -> list[Hit]:
        """What one index has to say, in no order."""
        scores = _word_scores(index, asked, ideas)
        for kind, of_kind in index.kinds.items():
            if kind not in kinds:
                scores[of_kind] = 0
        places = _best(scores, max(k, _CANDIDATES))
        places += [place for place in self._alone(near.similarities) if place not in set(places)]
        places = [place for place in places if index.passages[place].kind in kinds]
        bonus, similar = self._nearness(index, text, places, near)
        total = sum(idea.idf for idea in ideas)
        return [
            Hit(
                index.passages[place],
                float(scores[place]) + bonus[number],
                sum(idea.idf * float(idea.present[place]) for idea in ideas) / total,
                similar[number],
            )
            for number, place in enumerate(places)
        ]

    def _all_of(self, index: _Index) -> _Searched:
        if not self._added:
            return _Searched((index,), respeller_of(index.terms.units))
        added = self._indexed(self._added, like=index)
        return _Searched((index, added), respeller_of({*index.terms.units, *added.terms.units}))

    def _indexed(self, passages: Sequence[Passage], like: _Index | None = None) -> _Index:
        read = [(analyse(passage.title), analyse(passage.text)) for passage in passages]
        written = [_TITLE_WEIGHT * title.written + text.written for title, text in read]
        known = Postings(
            (_TITLE_WEIGHT * title.terms + text.terms for title, text in read), like=like and like.terms
        )
        return _Index(
            tuple(passages),
            {passage.id: place for place, passage in enumerate(passages)},
            {
                kind: np.flatnonzero([passage.kind == kind for passage in passages])
                for kind in {passage.kind for passage in passages}
            },
            known,
            Postings(written, lambda word: (stem(word),), like=like and like.stems),
            Postings(written, letter_groups, like=like and like.groups),
            Postings(
                (neighbours(title.lemmas) + neighbours(text.lemmas) for title, text in read),
                like=like and like.neighbours,
            ),
            Translator(known.units, self._translations),
            Windows(passages, self._embedder) if self._embedder is not None and passages else None,
        )

    def _ideas(self, indexes: Sequence[_Index], term: str, written: str) -> list[_Idea]:
        """One word of the question with its synonyms and translations, weighed as one word, for each index.

        The weight comes from how many passages speak of the thing by any name: «машина» may be rare in a brochure
        that says «автомобиль» throughout, yet tells its passages apart no better.
        """
        shares = self._spellings(indexes, term)
        # Only the passages that hold a spelling are touched: of 60,000 they are few.
        there = [np.zeros(len(index.passages), dtype=np.float32) for index in indexes]
        for index, present in zip(indexes, there, strict=True):
            for spelling, share in shares.items():
                _keep_larger(present, index.terms.found(spelling)[0], np.float32(share))
        weights = indexes[-1].terms  # which know of all indexes before it
        idf = weights.idf_of(sum(int(np.count_nonzero(present)) for present in there))
        kin = {one for one in (stem(term), stem(written)) if len(one) >= _SHORTEST_KIN}
        if is_place(written):  # «Новосибирск» is no kin of «новости»
            kin = set()
        ideas = []
        for index, present in zip(indexes, there, strict=True):
            scores = np.zeros(len(index.passages), dtype=np.float32)
            for spelling, share in shares.items():
                places, found = index.terms.found(spelling)
                _keep_larger(scores, places, found * np.float32(share * idf / index.terms.idf(spelling)))
            for one in kin:
                _keep_larger(present, index.stems.found(one)[0], np.float32(_STEM_PRESENCE))
            ideas.append(_Idea(idf, scores, present))
        return ideas

    def _spellings(self, indexes: Sequence[_Index], term: str) -> dict[str, float]:
        """The word, its translations and its synonyms, with how far each means the same."""
        spellings: dict[str, float] = {}
        for index in reversed(indexes):
            spellings.update(index.translator.translations(term))
        spellings.update(dict.fromkeys(self._synonyms.get(term, ()), _SYNONYM_WEIGHT))
        return {term: 1.0} | {one: share for one, share in spellings.items() if one != term}

    def _nears(
        self, indexes: Sequence[_Index], text: str, kinds: Collection[str]
    ) -> list[Mapping[int, float]]:
        """The nearest of each index, as if they were of one: what was added counts only among the nearest of all."""
        index, *added = indexes
        near = self._near(index, text, kinds) if index.passages else {}
        nears: list[Mapping[int, float]] = [near]
        for other in added:
            found = self._near_added(other, text)
            if self._encoder and len(near) >= _NEIGHBOURS:
                lowest = min(near.values())
                found = {place: similarity for place, similarity in found.items() if similarity >= lowest}
            nears.append(found)
        return nears

    def _near(self, index: _Index, text: str, kinds: Collection[str]) -> dict[int, float]:
        if self._vectors is None or (not self._encoder and language_of(text) == "en"):
            return {}  # the embedded vectors are of Russian words: to them all English texts are near each other
        near = self._vectors.nearest(text, k=min(_NEIGHBOURS, len(index.passages)), kinds=kinds)
        return {
            index.places[found.passage_id]: found.similarity
            for found in near
            if found.passage_id in index.places
        }

    def _near_added(self, index: _Index, text: str) -> dict[int, float]:
        """The added passages, which are in no collection: by the encoder's vectors, or by their nearest sentences."""
        if self._encoder:
            near = self._added_vectors.nearest(text, k=_NEIGHBOURS) if self._added_vectors else []
            return {
                index.places[found.passage_id]: found.similarity
                for found in near
                if found.passage_id in index.places
            }
        if index.windows is None or language_of(text) == "en":
            return {}
        cosines = index.windows.similarities(text, range(len(index.passages)))
        return {place: float(cosine) for place, cosine in enumerate(cosines)}

    def _alone(self, near: Mapping[int, float]) -> list[int]:
        """The neighbours that are candidates even if they share no word with the question."""
        if self._encoder:
            return list(near)[:_ENCODER_CANDIDATES]
        return [place for place, similarity in near.items() if similarity >= _DENSE_ALONE]

    def _nearness(
        self, index: _Index, text: str, places: Sequence[int], near: _Near
    ) -> tuple[list[float], list[float | None]]:
        """What the vectors add to the score of each place, and the cosine to report."""
        bonus = np.zeros(len(places), dtype=np.float32)
        similar: list[float | None] = [near.similarities.get(place) for place in places]
        if index.windows is not None and language_of(text) == "ru":
            cosines = index.windows.similarities(text, places)
            bonus += np.float32(_WINDOW_WEIGHT) * cosines
            if not self._encoder:
                similar = [float(cosine) for cosine in cosines]
        if self._encoder:
            low, stretch = near.low, max(near.high - near.low, 1e-9)
            found = near.similarities
            bonus += np.asarray(
                [_ENCODER_WEIGHT * (found.get(place, low) - low) / stretch for place in places],
                dtype=np.float32,
            )
        return [float(value) for value in bonus], similar


def _keep_larger(
    values: NDArray[np.float32], places: NDArray[np.int32], others: NDArray[np.float32] | np.float32
) -> None:
    """Put `others` at `places`, each named once, where they are larger."""
    values[places] = np.maximum(values[places], others)


def _word_scores(index: _Index, asked: Words, ideas: Sequence[_Idea]) -> NDArray[np.float32]:
    scores = np.sum([idea.scores for idea in ideas], axis=0, dtype=np.float32)
    scores += np.float32(_STEM_WEIGHT) * index.stems.scores(asked.written)
    scores += np.float32(_GROUP_WEIGHT) * index.groups.scores(asked.written)
    scores += np.float32(_NEIGHBOUR_WEIGHT) * index.neighbours.scores(neighbours(asked.lemmas))
    return np.asarray(scores, dtype=np.float32)


def _best(scores: NDArray[np.float32], count: int) -> list[int]:
    """The places of the highest scores above 0."""
    best = np.arange(len(scores)) if len(scores) <= count else np.argpartition(-scores, count)[:count]
    return [int(place) for place in best if scores[place] > 0]
