"""Misspelt words of how a question is put: «мощьный», «колличество», «средния», "cheepest"."""

from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from chains.numerals import Word
from chains.text import is_dictionary_word

_SHORTEST = 6
_LONG_WORD = 8
_WORDS = tuple(
    """
    дешевый дешевые дешевых дешевле подешевле дорогой дорогие дорогая дороже недорогой мощный мощная мощные мощных
    мощнее средний средняя среднее количество сколько стоимость стоит наличие наличии подержанный подержанная сравнить
    сравни сравните вместительный просторный доступный бюджетный свежий новинка характеристики комплектация
    минимальный минимум максимальный максимум пробегом пробега показать покажите имеется
    cheapest cheaper expensive average newest powerful mileage compare available
    """.split()
)


@lru_cache(maxsize=16_384)
def _nearest(text: str) -> str | None:
    if len(text) < _SHORTEST or not text.isalpha() or is_dictionary_word(text):
        return None
    wrong = 2 if len(text) >= _LONG_WORD else 1
    match = process.extractOne(text, _WORDS, scorer=OSA.distance, score_cutoff=wrong)
    return match[0] if match and match[0][0] == text[0] else None


def respelt(word: Word) -> str | None:
    """The word that a misspelt one was meant to be; None for words that a dictionary has, and for all others.

    One letter may be wrong, two in a word of eight or more; never the first.
    """
    return None if word.number is not None else _nearest(word.text)
