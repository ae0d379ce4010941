"""Which passages of the brochure and the articles speak about a question."""

import math
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import bm25s
import numpy as np
from numpy.typing import NDArray

from chains.text import STOPWORDS, language_of, lemma, normalise, tokens
from stores.passages import Passage
from stores.vectors import Neighbour

Kind = Literal["legend", "wiki"]
Synonyms = Mapping[str, frozenset[str]]

# On questions to the sample brochure and articles 3 ranked 40 of 52 first, 2 ranked 37, 6 no more than 3.
_TITLE_WEIGHT = 3
# Weight of the cosine beside the raw BM25 score. On XQuAD Russian (nDCG@10): 0 gives 0.960, 1 0.960, 2 0.961,
# 4 0.963; fusing ranks instead makes it worse, 0.947 at best, since there a weak dense part has as much to say.
_DENSE_WEIGHT = 4.0
_DENSE_NEIGHBOURS = 30
# Below it a passage that shares no word with the question is no candidate: unrelated texts reach 0.3-0.4.
_DENSE_ALONE = 0.5
_SYNONYM_WEIGHT = 0.8  # another word for the same thing counts a little less than the word itself

_GREETING = re.compile(
    r"\b(?:добр(?:ый|ого|ое|ой)\s+(?:день|дня|вечер|вечера|утро|утра|ночи)|доброго\s+времени\s+суток|как\s+дела"
    r"|good\s+(?:morning|afternoon|evening|day)|how\s+are\s+you)\b",
    re.IGNORECASE,
)
# Cyrillic letters that people type for the Latin ones of a model name: «С180», «Е-класс».
_LOOKALIKE = str.maketrans("авекмнорстух", "abekmhopctyx")
_CLASS = re.compile(
    r"\b(?:([a-zавекмнорстух]{1,3})-(?:класс\w{0,3}|class(?:es)?)"  # «с-класс», E-Class, «GLE-класса»
    r"|([a-zе]{1,3})\s(?:класс\w{0,3}|class(?:es)?)"  # «cls класса», «е класс»
    r"|([авкс])\s(?:класс|класса)"  # «с класс»: but «в классе» is a preposition
    r"|класс\w{0,3}\s([a-z]{1,3}))\b"  # «класса S»
)
_MODEL = re.compile(
    r"\b(?:([a-z]{1,4})[\s-]?(\d{2,3})"  # c180, GLE-450, «C 180»
    r"|([авекмнорстух]{1,3})-?(\d{2,3})"  # the same in Cyrillic letters, «С180»
    r"|([се])\s(\d{3})(?!\s?(?:км|тыс|млн|руб|₽|л|лошад)))"  # «С 180», but «с 10 утра» and «с 100 км» are prepositions
    r"(?!\d|[.,]\d)"
)
_PREPOSITIONS = STOPWORDS - {"a"}  # «for 60 months» names no model, A 200 does


class Hit(NamedTuple):
    """A passage that was found.

    `score` orders the hits of one question and means nothing beyond. `coverage` is the share of the question's
    content words that the passage has, weighted by how telling each is: 0 none, 1 all; a greeting or a question
    about something else stays below 0.4 or so. `similarity` is the cosine of the sentence vectors, None where the
    dense search did not return the passage.
    """

    passage: Passage
    score: float
    coverage: float
    similarity: float | None


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
    words: bm25s.BM25 | None  # None without a single word
    terms: tuple[frozenset[str], ...]
    idf: Mapping[str, float]
    unseen: float
    """The weight of a word that no passage has: it is as telling as any."""


class _Idea(NamedTuple):
    """One content word of a question, by any of its names, with each passage's score for it."""

    term: str
    others: frozenset[str]
    idf: float
    scores: NDArray[np.float32]


class Retriever:
    """Searches passages by words (BM25 over lemmas, the title counting thrice) and by sentence vectors.

    The vectors break ties and add candidates; they never outvote the words. `expand` rewrites a question before it
    is searched (slang to class names); `synonyms` are other words for the same thing, see `load_synonyms`. Safe to
    use from several threads, also while `update` runs: a search sees the old passages or the new, never a mix.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        vectors: Vectors | None = None,
        *,
        expand: Callable[[str], str] | None = None,
        synonyms: Synonyms | None = None,
    ) -> None:
        self._vectors = vectors
        self._expand = expand
        self._synonyms: Synonyms = synonyms or {}
        self._index = _index([])
        self.update(passages)

    def update(self, passages: Sequence[Passage]) -> None:
        """Puts these passages in the place of all earlier ones, at once."""
        index = _index(passages)
        if self._vectors is not None:
            self._vectors.sync(passages)
        self._index = index

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages that are searched now."""
        return self._index.passages

    def search(self, question: str, *, kinds: Collection[Kind] = ("legend", "wiki"), k: int = 5) -> list[Hit]:
        """The best `k` passages of these kinds, best first; an empty list for a greeting or a text without words."""
        index = self._index
        text = _GREETING.sub(" ", normalise(question))
        asked = list(dict.fromkeys(terms(self._expand(text) if self._expand else text)))
        if not asked or not index.passages:
            return []
        ideas = [_idea(index, term, self._synonyms.get(term, frozenset())) for term in asked]
        scores = np.sum([idea.scores for idea in ideas], axis=0)
        similar = self._similarities(index, text, kinds)
        floor = min(similar.values(), default=0.0)
        hits = [
            Hit(
                passage,
                float(scores[place]) + _DENSE_WEIGHT * similar.get(place, floor),
                _coverage(index, ideas, place),
                similar.get(place),
            )
            for place, passage in enumerate(index.passages)
            if passage.kind in kinds and (scores[place] > 0 or similar.get(place, 0.0) >= _DENSE_ALONE)
        ]
        return sorted(hits, key=lambda hit: -hit.score)[:k]

    def _similarities(self, index: _Index, text: str, kinds: Collection[Kind]) -> dict[int, float]:
        if self._vectors is None or language_of(text) == "en":
            return {}  # the vectors are of Russian words: to them all English texts are near each other
        near = self._vectors.nearest(text, k=min(_DENSE_NEIGHBOURS, len(index.passages)), kinds=kinds)
        return {
            index.places[found.passage_id]: found.similarity
            for found in near
            if found.passage_id in index.places
        }


def load_synonyms(path: Path) -> Synonyms:
    """Each word's other words, from a TOML file with `groups`: lists of words and phrases that mean the same.

    Russian and English stand in one group, so that an English question finds a Russian brochure. Every word of a
    phrase stands for the others of the group. A word in several groups has the words of all of them.
    """
    with path.open("rb") as file:
        groups = tomllib.load(file)["groups"]
    others: dict[str, set[str]] = {}
    for group in groups:
        words = {term for phrase in group for term in terms(normalise(phrase))}
        for word in words:
            others.setdefault(word, set()).update(words - {word})
    return {word: frozenset(rest) for word, rest in others.items()}


def _index(passages: Sequence[Passage]) -> _Index:
    bags = [
        _TITLE_WEIGHT * list(terms(normalise(passage.title))) + list(terms(normalise(passage.text)))
        for passage in passages
    ]
    words = None
    if any(bags):
        words = bm25s.BM25(
            k1=1.2, b=0.75, method="lucene"
        )  # the usual values; others changed nothing on XQuAD
        words.index(bags, show_progress=False)
    words_of = tuple(frozenset(bag) for bag in bags)
    frequency: dict[str, int] = {}
    for bag in words_of:
        for term in bag:
            frequency[term] = frequency.get(term, 0) + 1
    count = len(passages)
    idf = {term: _idf(count, number) for term, number in frequency.items()}
    places = {passage.id: place for place, passage in enumerate(passages)}
    return _Index(tuple(passages), places, words, words_of, idf, _idf(count, 0))


def _bm25(index: _Index, term: str) -> NDArray[np.float32]:
    if index.words is None or term not in index.words.vocab_dict:
        return np.zeros(len(index.passages), dtype=np.float32)
    return np.asarray(index.words.get_scores([term]), dtype=np.float32)


def _idea(index: _Index, term: str, others: frozenset[str]) -> _Idea:
    """One word of the question with its synonyms, weighed as one word.

    The weight comes from how many passages speak of the thing by any name: «машина» may be rare in a brochure that
    says «автомобиль» throughout, yet tells its passages apart no better.
    """
    spellings = [(term, 1.0), *((other, _SYNONYM_WEIGHT) for other in others if other in index.idf)]
    found = [
        (_bm25(index, spelling), index.idf.get(spelling, index.unseen), weight)
        for spelling, weight in spellings
    ]
    known = np.any([scores > 0 for scores, _, _ in found], axis=0)
    idf = _idf(len(index.passages), int(np.count_nonzero(known)))
    scaled = [scores * np.float32(weight * idf / own) for scores, own, weight in found]
    return _Idea(term, others, idf, np.max(scaled, axis=0))


def _idf(count: int, frequency: int) -> float:
    """How telling a word in `frequency` of `count` passages is (Lucene's variant, never negative)."""
    return math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))


def _coverage(index: _Index, ideas: list[_Idea], place: int) -> float:
    present = index.terms[place]
    found = 0.0
    for idea in ideas:
        if idea.term in present:
            found += idea.idf
        elif not idea.others.isdisjoint(present):
            found += _SYNONYM_WEIGHT * idea.idf
    return found / sum(idea.idf for idea in ideas)


def terms(text: str) -> Iterator[str]:
    """The words to match, in their order: content lemmas, and model names in one spelling.

    «С 180», «c-180» and «c180» all give `c180` and `c-class`; «GLE 450» gives `gle450` and `gle`; «S-класс»,
    «класса S» and S-Class give `s-class`.
    """
    low = re.sub(r"\bб\s?/\s?у\b", "подержанный", text.lower())  # cut into letters it would be lost
    for pattern, spell in ((_CLASS, _class_terms), (_MODEL, _model_terms)):
        for match in pattern.finditer(low):
            yield from spell(match)
        low = pattern.sub(" ", low)
    for token in tokens(low):
        word = lemma(token.text)
        if word in STOPWORDS or len(word) == 1:  # a lone digit says as little as a lone letter
            continue
        yield word
        if "-" in word:  # «тест-драйв» and «тест драйв» meet in their parts
            yield from (part for part in map(lemma, word.split("-")) if len(part) > 1)


def _class_terms(match: re.Match[str]) -> Iterable[str]:
    name = next(group for group in match.groups() if group).translate(_LOOKALIKE)
    return [_class_name(name)]


def _model_terms(match: re.Match[str]) -> Iterable[str]:
    written, number = (group for group in match.groups() if group)
    if written in _PREPOSITIONS and " " in match.group():
        return [number]
    name = written.translate(_LOOKALIKE)
    return [name + number, _class_name(name)]


def _class_name(letters: str) -> str:
    return f"{letters}-class" if len(letters) == 1 else letters
