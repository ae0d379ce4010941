"""Which passages of the brochure and the articles a message is about, given what was read and heard of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chains.answers.context import Question
from chains.decision import Decision
from chains.implied import implied
from chains.intents import Prediction
from chains.query import Reading
from chains.reranking import Reranker
from chains.retrieval import Hit, Retriever
from chains.router import Router
from chains.search_terms import names_maintenance, terms
from chains.text import content_lemmas, normalise
from chains.topics import Topics
from chains.vocabulary import Vocabulary

_KINDS: tuple[Literal["legend", "wiki"], ...] = ("legend", "wiki")
_LEGEND: tuple[Literal["legend", "wiki"], ...] = ("legend",)
_WIKI: tuple[Literal["legend", "wiki"], ...] = ("wiki",)
_CANDIDATES = 20
_COSTS = ("стоимость",)
_SERVICE = "техобслуживание"
_FEW = 3
_SEVERAL = 2
_OWN_WORDS = 3
_TOLD = 0.6  # the share of a question about a car from which on an article answers it
_COVERED = 0.4  # the share of a message that a section must cover if only its text is on the topic
_CERTAINLY = 0.75  # the share from which on a section is not questioned


@dataclass(frozen=True)
class Finder:
    """Searches, ranks anew and looks up by topic; thread-safe."""

    retriever: Retriever
    router: Router
    reranker: Reranker
    topics: Topics

    def find(
        self,
        message: str,
        reading: Reading,
        vocabulary: Vocabulary,
        before: str | None,
        prediction: Prediction | None,
    ) -> list[Hit]:
        """Passages for a message, best first.

        «а у какого больше?» is searched with the question before it; «можно забронировать C 180?» without the car,
        since the brochure's rules name none. `before` is the question before, if passages answered it.
        """
        named = [*reading.values.get("classes", ()), *reading.values.get("models", ())]
        strictly = self.router.asks_to_know(message, prediction)
        if strictly:
            named += reading.values.get("versions", ())
        respelt, unknown = self.respelt(message), self.respelt(" ".join(reading.unknown)).split()
        searched, kinds = vocabulary.expand(respelt), _KINDS
        if self.router.asks_for_service(message, prediction):
            searched, kinds, unknown = " ".join((searched, _SERVICE, *_COSTS)), _LEGEND, [_SERVICE]
        elif before and reading.phrasing.follow_up and len(content_lemmas(message)) <= _FEW:
            searched = f"{searched} {before}"
        elif named and unknown and not strictly:
            asked = (*unknown, *(_COSTS if reading.phrasing.ask == "price" else ()))
            searched, kinds = " ".join(asked), _LEGEND
        elif names_maintenance(message):
            searched = f"{searched} {_SERVICE}"
        search = self.retriever.search
        candidates = search(searched, kinds=kinds, k=_CANDIDATES)
        if strictly:
            candidates += search(" ".join((respelt, *named)), kinds=kinds, k=_CANDIDATES)
            # slang for a class may be the very name of an article: «шестисотый»
            named += [word for word in terms(respelt) if word not in set(terms(searched))]
            searched = " ".join((searched, *named, *implied(message)))
            covered = {hit.passage.id: hit.coverage for hit in candidates}
            candidates += [  # what is only implied says nothing of how much is answered
                hit._replace(coverage=covered.get(hit.passage.id, hit.coverage))
                for hit in search(searched, kinds=kinds, k=_CANDIDATES)
            ]
        hits = self.reranker.rerank(searched, candidates, named=named, needed=unknown, strictly=strictly)
        hits = self.topics.ranked(hits, prediction, self.retriever.passages)
        if kinds is _KINDS or (hits and self.reranker.speaks_of(hits[0].passage, unknown)):
            return hits
        return [*self._about(respelt, named, unknown), *hits]

    def spelt_out(self, question: Question) -> str:
        """The message in the spelling of the passages, the classes that it means named as they are there."""
        text = self.respelt(question.message)
        said = set(terms(text))
        values = question.reading.values
        names = [*(f"{name}-класс" for name in values.get("classes", ())), *values.get("versions", ())]
        return " ".join([text, *(name for name in names if said.isdisjoint(terms(name)))])

    def respelt(self, text: str) -> str:
        """The text with names and misspelt words in the spelling of the passages."""
        return self.retriever.respelt(text)

    def _about(self, message: str, named: Sequence[str], asked: Sequence[str]) -> list[Hit]:
        """The article about the cars named, if it speaks of what is asked of them: «взрослый влезет на третий ряд?»."""
        found = self.retriever.search(message, kinds=_WIKI, k=_CANDIDATES)
        ranked = self.reranker.rerank(message, found, named=named, needed=asked, strictly=True)
        return [
            hit
            for hit in ranked[:1]
            if hit.coverage >= _TOLD
            and (len(asked) >= _SEVERAL or any(word.isascii() for word in asked))
            and self.reranker.speaks_of(hit.passage, asked)
        ]

    def fits(self, question: Question, decision: Decision, topic: Sequence[str]) -> bool:
        """The section found for a message is on the topic that the model hears, or answers it for certain."""
        best = question.hits[0] if decision.intent == "legend" and question.hits else None
        if best is None or best.passage.kind != "legend":
            return False
        like = self.reranker.likeness(question.message, best.passage.title)
        return bool(like) or best.coverage >= _CERTAINLY or self.reranker.speaks_of_any(best.passage, topic)

    def section(self, message: str, topic: Sequence[str]) -> Hit | None:
        """The section of the brochure on a topic.

        Its title says the topic's own words, or others of the topic while it is like the message; or else its text
        speaks of the topic and covers a good part of the message.
        """
        known = [set(terms(normalise(word))) for word in topic]
        own, words = set().union(*known[:_OWN_WORDS]), set().union(*known)
        search = self.retriever.search
        found = search(f"{message} {' '.join(topic)}", kinds=_LEGEND, k=_CANDIDATES)
        covered = {hit.passage.id: hit.coverage for hit in search(message, kinds=_LEGEND, k=_CANDIDATES)}

        def fits(hit: Hit) -> float:
            title = set(terms(normalise(hit.passage.title)))
            like = self.reranker.likeness(message, hit.passage.title)
            share = covered.get(hit.passage.id, 0.0)
            if own & title or (words & title and like):
                return 1 + like + len(words & title) / len(words) + share / 2
            told = len(own & set(terms(normalise(hit.passage.text)))) >= _SEVERAL
            return share if told and share >= _COVERED else 0.0

        best = max(found, key=fits, default=None)
        return best if best is not None and fits(best) else None
