"""Answers from the brochure and the articles: the fitting sentences as they stand, for a model to word better."""

import math
from collections import Counter

from chains.answers.context import Data, Question
from chains.reply import Draft, Fact, Source
from chains.retrieval import Hit
from chains.text import content_lemmas, sentences
from stores.passages import Passage

_EXTRACT_SENTENCES = 4
_SHORT_SECTION = 700
_CONTEXT_CHARACTERS = 1800
_SECOND_PASSAGE = 0.75


def legend(question: Question, data: Data) -> Draft:
    """The section of the brochure that answers; a short one as it stands, of a long one the fitting sentences."""
    hits = [hit for hit in question.hits if hit.passage.kind == "legend"]
    return _draft("legend", question, hits, key="legend.extract")


def wiki(question: Question, data: Data) -> Draft:
    """What the articles about the brand say."""
    hits = [hit for hit in question.hits if hit.passage.kind == "wiki"]
    return _draft("wiki", question, hits, key="wiki.original")


def best_passage(question: Question, *, kinds: tuple[str, ...], coverage: float) -> Passage | None:
    """The best passage of these kinds if it covers enough of the question."""
    return next(
        (hit.passage for hit in question.hits if hit.passage.kind in kinds and hit.coverage >= coverage), None
    )


def passage_source(passage: Passage) -> Source:
    """The passage as a source chip."""
    return Source(kind=passage.kind, title=passage.title, ref=passage.id, url=passage.url)


def _draft(route: str, question: Question, hits: list[Hit], key: str) -> Draft:
    used = [
        hit.passage
        for index, hit in enumerate(hits[:3])
        if index == 0 or hit.score >= _SECOND_PASSAGE * hits[0].score
    ]
    context = ""
    chosen: list[Passage] = []
    for passage in used:
        if chosen and len(context) + len(passage.text) > _CONTEXT_CHARACTERS:
            break
        context += f"## {passage.title}\n{passage.text}\n\n"
        chosen.append(passage)
    best = chosen[0]
    whole = route == "legend" and len(best.text) <= _SHORT_SECTION
    text = best.text if whole else extract(question.message, best.text)
    same_language = best.language == question.texts.language
    if not same_language:
        text = question.texts.say(key, text=text)
    return Draft(
        route="legend" if route == "legend" else "wiki",
        text=text,
        facts=tuple(Fact(passage.id, "text", passage.text, passage.text) for passage in chosen),
        sources=tuple({passage.title: passage_source(passage) for passage in chosen}.values()),
        # A short section in the visitor's language is already an answer; a model could only make it worse.
        prompt=None if whole and same_language else "answer_from_passages",
        context=context.strip(),
    )


def extract(question: str, text: str, count: int = _EXTRACT_SENTENCES) -> str:
    """The `count` sentences of `text` that share most with the question, in the order of the text.

    Sentences are weighed by the rarity of the shared lemmas in the text; the first sentence, which says what the
    passage is about, is preferred among equals.
    """
    parts = sentences(text)
    if len(parts) <= count:
        return text.strip()
    asked = set(content_lemmas(question))
    bags = [set(content_lemmas(part)) for part in parts]
    frequency = Counter(lemma for bag in bags for lemma in bag)
    weight = {lemma: math.log(1 + len(parts) / frequency[lemma]) for lemma in asked if lemma in frequency}
    ranked = sorted(
        range(len(parts)), key=lambda index: (-sum(weight.get(lemma, 0) for lemma in bags[index]), index)
    )
    return " ".join(parts[index] for index in sorted(ranked[:count]))
