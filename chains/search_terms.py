"""What a text is searched by: content lemmas, model names, stems, letter groups and neighbouring words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from chains.text import STOPWORDS, lemma, normalise, tokens

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
_MAINTENANCE = re.compile(
    r"\bТО\b(?![А-ЯЁ -]*[А-ЯЁ]{4})|\b[Тт]\.\s?[Оо]\b\.?"
    r"|(?:(?<=стоит )|(?<=цена )|(?<=цену )|(?<=почем )|(?<=почём )|(?<=пройти )|(?<=проходить )|(?<=делать )"
    r"|(?<=сделать )|(?<=плановое )|(?<=стоимость )|(?<=записаться на )|(?<=за )|(?<=прайс на )|(?<=цены на ))"
    r"то\b(?!,| что| есть| как| же| время)"
    r"|(?<![\w,] )(?<!\w)то\b(?= на (?:\w-класс|\w{2,}\b|мо[йюе]))"
)
"""«ТО», «т.о.» and «сколько стоит то»: the maintenance, not the word «то»."""
_STEM = 5
_SHORTEST_STEM = 3
_GROUP = 4
_REFLEXIVE = re.compile("(?<=[а-я]{4})с[яь]$")
_RUSSIAN_ENDING = re.compile(
    "(?:иями|ями|ами|ией|иям|иях|ием|его|ого|ему|ому|ыми|ими|ешь|ете|ите|ишь|ала|ыла|ила|ола|али|ыли|или|ало|ило"
    "|ать|ять|ить|еть|уть|ыть|ова|ев|ов|ей|ой|ий|ый|ые|ие|ая|яя|ое|ее|ою|ею|ую|юю|ам|ям|ах|ях|ом|ем|им|ым|их|ых"
    "|ия|ию|ии|ья|ью|ье|ет|ит|ут|ют|ат|ят|ал|ил|ел|ла|ло|ли|а|я|о|е|и|ы|у|ю|й|ь)$"
)
_ENGLISH_ENDING = re.compile(
    "(?:ational|ations?|ments?|ness|ings?|edly|ed|ies|ied|ers?|ions?|ity|ive|ous|als?|ly|es|s|e|y)$"
)
_PREPOSITIONS = STOPWORDS - {"a"}  # «for 60 months» names no model, A 200 does


def names_maintenance(text: str) -> bool:
    """Whether «ТО» in a text is the maintenance: in small letters, or cut into words, it cannot be told any more."""
    return bool(_MAINTENANCE.search(text))


def terms(text: str) -> Iterator[str]:
    """The words to match, in their order: content lemmas, and model names in one spelling.

    «С 180», «c-180» and «c180» all give `c180` and `c-class`; «GLE 450» gives `gle450` and `gle`; «S-класс»,
    «класса S» and S-Class give `s-class`.
    """
    spelled = _MAINTENANCE.sub("техобслуживание", text)  # in small letters it is a stop word
    low = re.sub(r"\bб\s?/\s?у\b", "подержанный", spelled.lower())  # cut into letters it would be lost
    for pattern, spell in ((_CLASS, _class_terms), (_MODEL, _model_terms)):
        for match in pattern.finditer(low):
            yield from spell(match)
        low = pattern.sub(" ", low)
    for token in tokens(low):
        yield from _word_terms(token.text)


@lru_cache(maxsize=65_536)
def _word_terms(written: str) -> tuple[str, ...]:
    word = lemma(written)
    if word in STOPWORDS or len(word) == 1:  # a lone digit says as little as a lone letter
        return ()
    # «тест-драйв» and «тест драйв» meet in their parts
    parts = (part for part in map(lemma, word.split("-")) if len(part) > 1) if "-" in word else ()
    return (word, *parts)


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


class Words(NamedTuple):
    """One text cut up in four ways, each in the order of the text and with repetitions."""

    terms: list[str]
    """Content lemmas and model names."""
    written: list[str]
    """The same words in lower case as they stand: what stems and letter groups are made of."""
    lemmas: list[str]
    """All lemmas, stop words included: what neighbours are made of."""


def analyse(text: str) -> Words:
    """All that the text can be found by."""
    clean = normalise(text)
    written, base = [], []
    for token in tokens(clean):
        word = lemma(token.text)
        base.append(word)
        if len(token.text) > 1 and word not in STOPWORDS:
            written.append(token.text.lower())
    return Words(list(terms(clean)), written, base)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The beginning that a word shares with its other forms and its kin, at most five letters.

    Works on the word as written, so that a surname is found whose lemma the dictionary gets wrong («Бенцем»,
    «Бенца»), and so are a verb and its noun («основал», «основание»).
    """
    if any(char.isdigit() for char in word) or len(word) <= _SHORTEST_STEM:
        return word
    endings = _ENGLISH_ENDING if word.isascii() else _RUSSIAN_ENDING
    bare = endings.sub("", _REFLEXIVE.sub("", word), count=1)
    return (bare if len(bare) >= _SHORTEST_STEM else word)[:_STEM]


def letter_groups(word: str) -> list[str]:
    """The word's groups of four letters, its edges marked: what is left alike by a typo or a wrong ending."""
    marked = f"_{word}_"
    return [marked[start : start + _GROUP] for start in range(max(1, len(marked) - _GROUP + 1))]


def neighbours(words: Sequence[str]) -> list[str]:
    """Each two words that follow each other."""
    return [f"{one} {other}" for one, other in pairwise(words)]
