"""Answers from the brochure and the articles: the fitting sentences as they stand, for a model to word better."""

import math
import re
from collections.abc import Callable
from typing import Literal

from chains.answers.context import Data, Question
from chains.reply import Draft, Fact, Source
from chains.retrieval import Hit
from chains.search_terms import stem, terms
from chains.synonyms import Synonyms
from chains.text import is_name, normalise, sentences, tokens
from stores.passages import Passage

_EXTRACT_SENTENCES = 4
_SHORT_SECTION = 700
_CONTEXT_CHARACTERS = 1200
_SECOND_PASSAGE = 0.75
_SURE = 0.6
_SYNONYM = 0.7
_OF_THE_KIND = 1.0
_ASKS_IN_GENERAL = re.compile(
    r"\bчто (такое|значит|за)|\bэто (что|как\w*|кто)|кто (так|был)|расскаж|истори|опиши|what (is|are)"
    r"|who (is|was)|tell me|history",
    re.IGNORECASE,
)


def _names_somebody(sentence: str) -> bool:
    return any(is_name(token.text) for token in tokens(sentence) if token.text[0].isupper())


_YEAR = re.compile(r"\b(?:18|19|20)\d\d\b")
_DIGIT = re.compile(r"\d")
_WANTED: tuple[tuple[re.Pattern[str], Callable[[str], object]], ...] = (
    (
        re.compile(r"\b(?:кто|кого|кем|кому|чье|чья|чей|чьим|who|whose|whom)\b", re.IGNORECASE),
        _names_somebody,
    ),
    (re.compile(r"\bкогда\b|\bкаком году|\bкакого года|\bwhen\b|\bwhat year", re.IGNORECASE), _YEAR.search),
    (
        re.compile(
            r"\bсколько\b|\bкак(?:ой|ая|ое) (?:расход|мощност|объем|длин|разгон)|\bhow (?:much|many|long|far)\b"
        ),
        _DIGIT.search,
    ),
)
"""What a sentence must have that answers who, when or how much."""


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
    text = extract(_asked(question, data), article, title=best.title, synonyms=data.retriever.synonyms)
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


def _asked(question: Question, data: Data) -> str:
    """The question with its names in the spelling of the passages, and the cars it means named in full."""
    values = question.reading.values
    named = [*values.get("models", ()), *(f"{name}-класс" for name in values.get("classes", ()))]
    return " ".join([data.retriever.respelt(question.message), *named])


def extract(
    question: str,
    text: str,
    count: int = _EXTRACT_SENTENCES,
    *,
    title: str = "",
    synonyms: Synonyms | None = None,
) -> str:
    """The `count` sentences of `text` that answer best, in their order.

    «Что такое …», «расскажи …» are answered by the beginning, unless they ask of something that only comes later. Else
    sentences are weighed by the rarity, in the text, of the words they share with the question, or synonyms of those;
    the first one, which says what it is all about, stays.
    """
    parts = sentences(text)
    if len(parts) <= count:
        return text.strip()
    bags = [_words(part) for part in parts]
    weights = [0.0] * len(parts)
    told, later = _words(title).union(*bags[:count]), False
    for word in dict.fromkeys(terms(normalise(question))):
        meant = {word, stem(word)}
        alike = {form for other in (synonyms or {}).get(word, ()) for form in (other, stem(other))}
        shares = [1.0 if meant & bag else _SYNONYM if alike & bag else 0.0 for bag in bags]
        frequency = sum(share > 0 for share in shares)
        later = later or (frequency > 0 and told.isdisjoint(meant | alike))
        for index, share in enumerate(shares):
            if share:
                weights[index] += share * math.log(1 + len(parts) / frequency)
    for wanted, kind in _WANTED:
        if wanted.search(question):
            weights = [
                weight + _OF_THE_KIND * bool(weight and kind(part))
                for weight, part in zip(weights, parts, strict=True)
            ]
    if _ASKS_IN_GENERAL.search(question) and not later:
        return " ".join(parts[:count])
    ranked = sorted(range(1, len(parts)), key=lambda index: (-weights[index], index))
    return " ".join(parts[index] for index in sorted([0, *ranked[: count - 1]]))


def _words(text: str) -> set[str]:
    """The terms of a text with their stems, so that «основал» meets «основание»."""
    found = set(terms(normalise(text)))
    return found | {stem(word) for word in found}
