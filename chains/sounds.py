"""Names by their sound: «джолион» is Jolion, «хайлюкс» Hilux, «бмв» BMW, «икс пять» X5."""

import re
from functools import lru_cache

from rapidfuzz import fuzz

from chains.text import is_dictionary_word, lemma

_SAME_SOUND = 88  # a word that the dictionary has must sound exactly like the name
_LIKE_SOUND = 60  # any other needs the same consonants and much the same vowels
_SHORTEST = 3
_FEW_CONSONANTS = 2
_ENDS = "aeiou"  # of cases: «короллу»
_CYRILLIC_TEXT = """
дж:j а:a б:b в:v г:g д:d е:e ж:j з:s и:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:h ц:ts ч:c ш:w щ:w
ъ: ы:i ь: э:e ю:iu я:ia ё:e
"""
_LATIN_TEXT = """
sch:w tch:c ch:c sh:w zh:j dj:j dg:j ph:f th:t kh:h ck:k igh:ai gh:g qu:k oo:u ee:i ou:u ea:i
ge:je gi:ji gy:ji ce:se ci:si cy:si c:k q:k x:ks w:v y:i z:s
"""
_LETTER_NAMES_TEXT = """
икс:x игрек:y зет:z эм:m эн:n эр:r эс:s эл:l эль:l аш:h эйч:h кью:q ай:i джи:g би:b си:c ди:d ви:v эй:a джей:j
кей:k пи:p ти:t ю:u эф:f бэ:b вэ:v цэ:c дэ:d це:c
"""
_LETTER_SOUNDS = dict(zip("абвгджзиклмнопрстуфхцш", "abvgdgziklmnoprstufhcs", strict=True))


def _pairs(text: str) -> dict[str, str]:
    return {key: value for key, _, value in (pair.partition(":") for pair in text.split())}


_CYRILLIC, _LATIN, LETTER_NAMES = _pairs(_CYRILLIC_TEXT), _pairs(_LATIN_TEXT), _pairs(_LETTER_NAMES_TEXT)
_CYRILLIC_PART = re.compile("|".join(sorted(_CYRILLIC, key=len, reverse=True)))
_LATIN_PART = re.compile("|".join(sorted(_LATIN, key=len, reverse=True)))
_VOWELS = re.compile("[aeiou]")
_HARD_G = re.compile("g(?=[eiy])")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=65_536)
def sounds(word: str) -> tuple[str, ...]:
    """How a folded word may sound, the same for both alphabets as far as spelling tells; «g» and "x" have two ways."""
    if not word.isascii():
        return (_plain(_CYRILLIC_PART.sub(lambda match: _CYRILLIC[match[0]], word)),)
    ways = {word, _HARD_G.sub("gu", word), word.replace("x", "h")}
    return tuple(sorted({_plain(_LATIN_PART.sub(lambda match: _LATIN[match[0]], way)) for way in ways}))


def _plain(heard: str) -> str:
    return _DOUBLED.sub(r"\1", heard)


@lru_cache(maxsize=65_536)
def consonants(word: str) -> tuple[str, ...]:
    """The consonants of each way to say a word, doubled ones once: what spellings of a foreign name share."""
    return tuple(dict.fromkeys(_DOUBLED.sub(r"\1", _VOWELS.sub("", heard)) for heard in sounds(word)))


def letter_of(word: str) -> str | None:
    """The Latin letter that a word names («икс») or a Cyrillic letter sounds like («ф»)."""
    return LETTER_NAMES.get(word) or _LETTER_SOUNDS.get(word)


def sounds_like(word: str, name: str, *, continues: bool = False) -> bool:
    """Whether a word of a message is a spelling of `name` by sound.

    Words with the same consonants only: the caller looks names up by `consonants`. A word that `continues` a name
    («икс рей») may be short and ordinary; any other has three letters or more, or is an abbreviation.
    """
    if word == name:
        return True
    heard, meant = sounds(word)[0], sounds(name)
    abbreviation = not _VOWELS.search(meant[0])
    if continues and not abbreviation:
        return max(fuzz.ratio(heard, one) for one in meant) >= _LIKE_SOUND
    if len(word) < _SHORTEST and not continues:
        return abbreviation and heard in meant  # «рх» for RX
    # of two consonants everything is made: «geely» is no «гла»
    few = min(map(len, consonants(name))) <= _FEW_CONSONANTS and abs(len(word) - len(name)) > 1
    if abbreviation or few or is_dictionary_word(word) or len(word) == _SHORTEST:
        forms = (heard, sounds(lemma(word))[0])
        return max(fuzz.ratio(form, one) for form in forms for one in meant) >= _SAME_SOUND
    return max(fuzz.ratio(heard.rstrip(_ENDS), one.rstrip(_ENDS)) for one in meant) >= _LIKE_SOUND
