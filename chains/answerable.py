"""Whether a passage that was found speaks of the thing that is asked for, and not merely of something beside it."""

import re
from collections.abc import Sequence

from chains.numerals import words_of
from chains.reranking import Reranker
from chains.search_terms import stem, terms
from chains.text import STOPWORDS, is_noun, is_place, lemma, sentences, tokens
from stores.passages import Passage

_COUNTED = re.compile(
    r"\b(?:сколько|how many)\s+(?:(?:у вас|в салоне|всего|вообще|там|in total) )*(\w{4,})", re.IGNORECASE
)
_PEOPLE = {"человек": ("сотрудник", "штат"), "народ": ("сотрудник", "штат"), "people": ("staff", "employee")}
_STAFF = frozenset(
    """
    сотрудник работник менеджер продавец консультант механик мастер специалист персонал employee staff manager
    mechanic salesman worker
    """.split()
)
"""Brochures speak of them everywhere; how many there are is told only where a number stands beside them."""
# What every question to a salon may be about says nothing of what is asked for.
_GENERAL = frozenset(
    """
    автомобиль машина авто тачка салон клиент человек год день неделя месяц раз вопрос дело время вещь место цена
    стоимость покупка марка модель класс car vehicle salon customer client people person year day time thing place
    price cost guest гость условие вариант
    sell buy repair fix rent hire take give get make need want use find see go come bring accept book have do
    """.split()
)
_SHORTEST = 3


def names_another_thing(message: str, passage: Passage, reranker: Reranker, known: frozenset[str]) -> bool:
    """Whether all things that a message names are foreign to the passage: «бассейн для клиентов» to one on clients.

    `known` are words that are no things: names of cars and brands. False where the message names no thing at all.
    """
    said = {*terms(passage.title), *terms(passage.text)}
    kin = {stem(word) for word in said}
    words = [word.text for word in tokens(message)]
    things = [word for word in words if word.lower() not in known and _is_thing(word)]
    return bool(things) and not any(
        (stem(form) in kin and not is_place(form)) or any(reranker.akin(form, other) for other in said)
        for thing in things
        for form in {lemma(thing), thing.lower()}
    )


def _is_thing(word: str) -> bool:
    base = lemma(word)
    long = len(word) >= _SHORTEST and not word.isdigit()
    return long and base not in STOPWORDS and base not in _GENERAL and is_noun(word)


def counts_another_thing(message: str, passage: Passage, reranker: Reranker) -> bool:
    """«сколько сотрудников?» is not answered by what speaks of no «сотрудник»."""
    counted = _COUNTED.search(message)
    if counted is None or not is_noun(counted[1]):
        return False
    thing = lemma(counted[1])
    if thing in _GENERAL and thing not in _PEOPLE:
        return False  # «сколько времени ждать»
    words = _PEOPLE.get(thing, (counted[1],))
    if thing in _PEOPLE or thing in _STAFF:
        return not any(_numbers(sentence, words, reranker) for sentence in sentences(passage.text))
    return not reranker.speaks_of(passage, words)


def _numbers(sentence: str, words: Sequence[str], reranker: Reranker) -> bool:
    """Whether a sentence has a number, in figures or in words, and one of these words."""
    if all(word.number is None for word in words_of(sentence)):
        return False
    return any(reranker.akin(lemma(word), other) for word in words for other in terms(sentence))
