"""Russian typed with the English keyboard layout on: «ghbdtn» is «привет»."""

import re

from rapidfuzz.distance import OSA

from chains.ordinary import ordinary_words
from chains.text import STOPWORDS_EN, is_dictionary_word

_KEYS = dict(zip("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё", strict=True))
_KEYS |= {key.upper(): letter.upper() for key, letter in _KEYS.items() if key.isalpha()}
_SHORTEST = 4
_NAME = re.compile(r"[A-Za-z]{1,4}-?\d{1,4}[a-z]?|[A-Z]{2,4}")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def retyped(message: str) -> str:
    """The message as it was meant, if all of it was typed in the wrong layout; else unchanged.

    That is so when it has no Russian letter, no word of it is a usual English one, and half of its words of letters or
    more become Russian ones that dictionaries know, one of four letters or more among them. Names of models with
    digits («E200») stay.
    """
    if _CYRILLIC.search(message):
        return message
    words = message.split()
    if any(word.strip(".,!?").lower() in STOPWORDS_EN | ordinary_words() for word in words):
        return message
    meant = [word if _NAME.fullmatch(word.strip(".,!?")) else _meant(word) for word in words]
    russian = [word for word in meant if _CYRILLIC.search(word)]
    known = [word for word in russian if all(map(_is_known, re.findall("[а-яёА-ЯЁ]+", word)))]
    long = any(len(re.sub("[^а-яё]", "", word.lower())) >= _SHORTEST for word in known)
    return " ".join(meant) if long and 2 * len(known) >= len(russian) else message


def _is_known(word: str) -> bool:
    """A dictionary has the word, or it is a long greeting with slips of the fingers in it."""
    slips = OSA.distance(word.lower(), _GREETING)
    return is_dictionary_word(word) or slips <= len(_GREETING) // 4


_GREETING = "здравствуйте"


def _meant(word: str) -> str:
    """One word retyped; a comma or a full stop at its end is one, unless it spells a word («,jk.» is «болю»)."""
    body = word.rstrip(".,!?")
    whole = "".join(_KEYS.get(char, char) for char in word.rstrip("!?"))
    if body != word and is_dictionary_word(whole):
        return whole + word[len(word.rstrip("!?")) :]
    return "".join(_KEYS.get(char, char) for char in body) + word[len(body) :]
