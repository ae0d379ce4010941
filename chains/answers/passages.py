"""Answers from the brochure and the articles: the fitting sentences as they stand, for a model to word better."""

import math
import re
from collections import Counter
from typing import Literal

from chains.answers.context import Data, Question
from chains.reply import Draft, Fact, Source
from chains.retrieval import Hit
from chains.text import content_lemmas, sentences
from stores.passages import Passage

_EXTRACT_SENTENCES = 4
_SHORT_SECTION = 700
_CONTEXT_CHARACTERS = 1200
_SECOND_PASSAGE = 0.75
_SURE = 0.6
_ASKS_IN_GENERAL = re.compile(
    r"\bчто (такое|значит|за)|кто (так|был)|расскаж|истори|опиши|what (is|are)|who (is|was)|tell me|history",
    re.IGNORECASE,
)


def legend(question: Question, data: Data) -> Draft:
    """The section of the brochure that answers; a short one as it stands, of a long one the fitting sentences."""
    hits = [hit for hit in question.hits if hit.passage.kind == "legend"]
    return _draft("legend", question, data, hits, key="legend.extract")


def wiki(question: Question, data: Data) -> Draft:
    """What the articles about the brand say."""
    hits = [hit for hit in question.hits if hit.passage.kind == "wiki"]
    return _draft("wiki", question, data, hits, key="wiki.original")


def best_passage(question: Question, *, kinds: tuple[str, ...], coverage: float) -> Passage | None:
    """The best passage of these kinds if it covers enough of the question."""
    return next(
        (hit.passage for hit in question.hits if hit.passage.kind in kinds and hit.coverage >= coverage), None
    )


def passage_source(passage: Passage) -> Source:
    """The passage as a source chip."""
    return Source(kind=passage.kind, title=passage.title, ref=passage.id, url=passage.url)


def _draft(
    route: Literal["legend", "wiki"], question: Question, data: Data, hits: list[Hit], key: str
) -> Draft:
    best = hits[0].passage
    article = _article(best, data)
    text = extract(question.message, article)
    whole = route == "legend" and len(article) <= _SHORT_SECTION
    same_language = best.language == question.texts.language
    context, sources = f"## {best.title}\n{article[:_CONTEXT_CHARACTERS]}", [passage_source(best)]
    for hit in hits[1:2]:
        if (
            hit.score >= _SECOND_PASSAGE * hits[0].score
            and len(context) + len(hit.passage.text) <= _CONTEXT_CHARACTERS
        ):
            context += f"\n\n## {hit.passage.title}\n{hit.passage.text}"
            sources.append(passage_source(hit.passage))
    if not same_language:
        text = question.texts.say(key, text=text)
    return Draft(
        route=route,
        text=article if whole and same_language else text,
        facts=(Fact(best.id, "text", article, article),),
        sources=tuple(sources),
        # A short section is already an answer; a model could only make it worse. What a model says in another language
        # than the passage cannot be held against it word by word, so it is not asked.
        prompt="answer_from_passages" if same_language and not whole else None,
        context=context,
        sure=hits[0].coverage >= _SURE,
    )


def _article(passage: Passage, data: Data) -> str:
    """The whole article that a piece belongs to; a section of the brochure is whole by itself."""
    if passage.kind == "legend":
        return passage.text
    stem = passage.id.rpartition(":")[0]
    pieces = [other.text for other in data.retriever.passages if other.id.rpartition(":")[0] == stem]
    return "\n".join(pieces)


def extract(question: str, text: str, count: int = _EXTRACT_SENTENCES) -> str:
    """The `count` sentences of `text` that answer best, in their order.

    «Что такое …», «расскажи …» are answered by the beginning. Else sentences are weighed by the rarity, in the text,
    of the lemmas they share with the question; the first one, which says what it is all about, stays.
    """
    parts = sentences(text)
    if len(parts) <= count:
        return text.strip()
    if _ASKS_IN_GENERAL.search(question):
        return " ".join(parts[:count])
    asked = set(content_lemmas(question))
    bags = [set(content_lemmas(part)) for part in parts]
    frequency = Counter(lemma for bag in bags for lemma in bag)
    weight = {lemma: math.log(1 + len(parts) / frequency[lemma]) for lemma in asked if lemma in frequency}
    ranked = sorted(
        range(1, len(parts)), key=lambda index: (-sum(weight.get(word, 0) for word in bags[index]), index)
    )
    return " ".join(parts[index] for index in sorted([0, *ranked[: count - 1]]))
