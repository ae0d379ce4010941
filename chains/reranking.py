"""Second look at passages that were found: a title that says what the question says outweighs words in passing."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chains.retrieval import Hit
from chains.search_terms import terms
from chains.synonyms import Synonyms
from stores.passages import Passage

_TITLE_WEIGHT = 1.2
_PASSING = 0.4
_OFF_SUBJECT = 0.5
_ON_SUBJECT = 1.5
_TITLED = 2.0
_FEW = 2
_ASKING = frozenset(
    {"mean", "meaning", "explain", "значить", "означать", "расшифровываться", "устроить", "работать"}
)
# Of two passages that fit alike, a question to the salon is answered by its brochure and not by an article.
_BROCHURE = 1.2
_ADDRESSED = 1.5
TO_THE_SALON = re.compile(r"\b(?:вы|вас|вам|вами|ваш\w*|you|your)\b|\b\w{2,}[еи]те(?:сь)?\b", re.IGNORECASE)
"""A question that addresses the salon: «у вас», «делаете», "your"."""
_ONE_SENTENCE = 0.45  # the cosine from which on one sentence of an article speaks about a question
_COMPARES = re.compile(
    r"\bразниц|\bотлич|\bили\b|\bсравн|\bvs\b|\bversus\b|\bor\b|\bdiffer|\bcompar|\bпротив\b|\bвыбрать",
    re.IGNORECASE,
)
_STEM = 5


@dataclass(frozen=True)
class Reranker:
    """Likens titles by `synonyms`; `ignored` words, such as the brand's name, stand in too many titles to tell."""

    synonyms: Synonyms
    ignored: frozenset[str]

    def rerank(
        self,
        question: str,
        hits: Sequence[Hit],
        *,
        named: Collection[str] = (),
        needed: Collection[str] = (),
        strictly: bool = False,
    ) -> list[Hit]:
        """The hits anew by score and likeness of title, one per article, the best piece of each.

        Articles that speak of none of the classes and models `named` in the question are about something else; when
        it is `strictly` about them, so are sections of the brochure, and a title that names them counts for much.
        Unless it asks to know something (`strictly`), the brochure goes before the articles.
        `needed` are words that say what is asked of the cars («гарантия»). A passage that merely mentions the only
        content word of a question («можно ли с собакой?») loses most of its coverage: a word in passing is no answer.
        """
        asked = self._words(question)
        subjects = {word for name in named for word in (*terms(name), *terms(f"{name}-класс"))}
        wanted = {word for text in needed for word in terms(text)}
        brochure = 1.0 if strictly else _ADDRESSED if TO_THE_SALON.search(question) else _BROCHURE
        found: dict[str, Hit] = {}
        for hit in hits:
            title = _terms_of(hit.passage.title)
            likeness = self._likeness(asked, title - self.ignored)
            factor = (1 + _TITLE_WEIGHT * likeness) * (brochure if hit.passage.kind == "legend" else 1)
            coverage = hit.coverage if len(asked) > 1 or likeness else hit.coverage * _PASSING
            scattered = not strictly and not likeness and (hit.similarity or 0.0) < _ONE_SENTENCE
            if hit.passage.kind == "wiki" and scattered:
                coverage *= _OFF_SUBJECT
            if (
                subjects
                and (strictly or hit.passage.kind == "wiki")
                and subjects.isdisjoint(_all_terms(hit.passage))
            ):
                factor, coverage = factor * _OFF_SUBJECT, coverage * _OFF_SUBJECT
            if strictly:
                factor *= _TITLED ** len(subjects & title) * self._defining(asked, hit.passage.title)
            if strictly and _COMPARES.search(hit.passage.title) and not _COMPARES.search(question):
                factor *= _OFF_SUBJECT
            if wanted and not wanted.isdisjoint(_all_terms(hit.passage)):
                factor *= _ON_SUBJECT
            better = hit._replace(score=hit.score * factor, coverage=coverage)
            article = hit.passage.title or hit.passage.id
            known = found.get(article)
            if known is None or better.score > known.score:
                found[article] = better
        return sorted(found.values(), key=lambda hit: -hit.score)

    def _defining(self, asked: Collection[str], title: str) -> float:
        """How much a title counts for «что такое MBUX»: most as «MBUX: …», some where it has all its words."""
        wanted = set(asked) - _ASKING
        if not wanted or len(wanted) > _FEW:
            return 1.0
        head = self._words(title.partition(":")[0])
        if wanted == set(head):
            return _TITLED * _ON_SUBJECT
        return _TITLED if wanted <= set(self._words(title)) else 1.0

    def speaks_of(self, passage: Passage, words: Collection[str]) -> bool:
        """Whether at least half of the words, or what is akin to them, stand in the passage; false for no words."""
        known = _all_terms(passage)
        wanted = [term for word in words for term in terms(word)]
        return bool(wanted) and sum(
            any(self.akin(word, other) for other in known) for word in wanted
        ) * 2 >= len(wanted)

    def speaks_of_any(self, passage: Passage, words: Collection[str]) -> bool:
        """Whether the title has any of the words, or the text several; true for no words."""
        wanted = {term for word in words for term in terms(word)}
        return (
            not wanted
            or not wanted.isdisjoint(_terms_of(passage.title))
            or len(wanted & _terms_of(passage.text)) > _FEW
        )

    def likeness(self, question: str, title: str) -> float:
        """Dice coefficient of the content words of a question and a title, 0 to 1."""
        return self._likeness(self._words(question), self._words(title))

    def _words(self, text: str) -> list[str]:
        return [word for word in dict.fromkeys(terms(text)) if word not in self.ignored]

    def _likeness(self, asked: Collection[str], title: Collection[str]) -> float:
        if not asked or not title:
            return 0.0
        shared = sum(any(self.akin(word, other) for other in title) for word in asked)
        return 2 * shared / (len(asked) + len(title))

    def akin(self, one: str, other: str) -> bool:
        """Whether two terms are equal, synonyms, or of one stem: «расшифровываться» and «расшифровать»."""
        same_stem = min(len(one), len(other)) >= _STEM and one[:_STEM] == other[:_STEM]
        return one == other or same_stem or other in self.synonyms.get(one, ())


def _all_terms(passage: Passage) -> frozenset[str]:
    return _terms_of(passage.title) | _terms_of(passage.text)


@lru_cache(maxsize=4096)
def _terms_of(text: str) -> frozenset[str]:
    """The terms of a title or a text; every passage is looked at again and again."""
    return frozenset(terms(text))
