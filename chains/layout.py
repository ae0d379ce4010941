"""Russian typed with the English keyboard layout on: «ghbdtn» is «привет»."""

import re

from chains.ordinary import ordinary_words
from chains.text import STOPWORDS_EN, is_dictionary_word

_KEYS = dict(zip("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё", strict=True))
_KEYS |= {key.upper(): letter.upper() for key, letter in _KEYS.items() if key.isalpha()}
_SHORTEST = 4
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def retyped(message: str) -> str:
    """The message as it was meant, if all of it was typed in the wrong layout; else unchanged.

    That is so when it has no Russian letter, no word of it is a usual English one, and all its words of letters
    become Russian ones that dictionaries know, one of four letters or more among them.
    """
    if _CYRILLIC.search(message):
        return message
    words = message.split()
    if any(word.strip(".,!?").lower() in STOPWORDS_EN | ordinary_words() for word in words):
        return message
    meant = [_meant(word) for word in words]
    russian = [word for word in meant if _CYRILLIC.search(word)]
    known = [
        word for word in russian if all(is_dictionary_word(part) for part in re.findall("[а-яёА-ЯЁ]+", word))
    ]
    long = any(len(re.sub("[^а-яё]", "", word.lower())) >= _SHORTEST for word in known)
    return " ".join(meant) if long and len(known) == len(russian) else message


def _meant(word: str) -> str:
    """One word retyped; a comma or a full stop at its end is one, unless it spells a word («,jk.» is «болю»)."""
    body = word.rstrip(".,!?")
    whole = "".join(_KEYS.get(char, char) for char in word.rstrip("!?"))
    if body != word and is_dictionary_word(whole):
        return whole + word[len(word.rstrip("!?")) :]
    return "".join(_KEYS.get(char, char) for char in body) + word[len(body) :]
