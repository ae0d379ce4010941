"""Words behind a spelling: run together, misspelt, in the letters or on the keyboard of the other language, reversed.

A word that a dictionary knows is left alone; so a customer's sentence has nothing to repair, and costs next to nothing.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from chains.ordinary import ordinary_words
from chains.text import STOPWORDS_EN, STOPWORDS_RU, inflected, is_dictionary_word, normalise

_RULES = Path(__file__).parents[2] / "assets" / "guard"
_FILES = ("injection.toml", "harmful.toml")

_KEYS = ("`qwertyuiop[]asdfghjkl;'zxcvbnm,.", "ёйцукенгшщзхъфывапролджэячсмитьбю")
_TO_RUSSIAN_KEYS, _TO_ENGLISH_KEYS = str.maketrans(*_KEYS), str.maketrans(*_KEYS[::-1])
_KEY_WORD = re.compile(r"[a-z\[\];',.`]+", re.IGNORECASE)
_SEVERAL_LETTERS = (
    "shch щ sch щ zh ж kh х ts ц ch ч sh ш yu ю ju ю iu ю ya я ja я ia я yo е jo е ye е je е".split()
)
_TRANSLITERATION = [
    *zip(_SEVERAL_LETTERS[::2], _SEVERAL_LETTERS[1::2], strict=True),
    *zip("abvgdeziyjklmnoprstufhcwx'468", "абвгдезиыйклмнопрстуфхцвхьчшв", strict=True),
]
_SOUNDS = str.maketrans(
    dict(
        zip(
            "абвгдежзийклмнопрстуфхцчшщыэюя",
            "a b v g d e g z i i k l m n o p r s t u f h c ch sh sh i e u a".split(),
            strict=True,
        )
    )
    | {"ъ": "", "ь": ""}
)
_TOKEN = re.compile(r"[^\W\d_][\w']*", re.IGNORECASE)
_LATIN, _CYRILLIC = re.compile("[a-z']+", re.IGNORECASE), re.compile("[а-яё]+", re.IGNORECASE)
_SHORTEST = 5  # letters of a word that may be misspelt
_LEAST = 3  # letters of a word that may be written in the letters of the other language
_LONGEST_NAME = 4
_LONG = 8  # letters from which two may be wrong
_MOST_NEAR = 5
_GLUED_FROM = 18
_LONGEST_GLUED = 240
_LONGEST_WORD = 18
_MOST_SINGLE = 0.34  # of its pieces may be single letters
_KNOWN_SHARE = 0.5
_CAMEL = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])|(?<=[A-ZА-ЯЁ])(?=[A-ZА-ЯЁ][a-zа-яё])")
_RUN = re.compile(rf"[^\W\d_]{{{_GLUED_FROM},}}")


@cache
def watched_words() -> dict[str, frozenset[str]]:
    """The single words of the guard's rules in all their forms, by their first letter."""
    found: dict[str, set[str]] = {}
    for word in _rule_words():
        forms = inflected(word) if _CYRILLIC.fullmatch(word) else (word, f"{word}s")
        for form in forms:
            found.setdefault(form[0], set()).add(form)
    return {first: frozenset(words) for first, words in found.items()}


def warm_up() -> None:
    """Read the word lists now, which takes a moment, and not at the first message."""
    watched_words()


@lru_cache(maxsize=65_536)
def is_known(word: str) -> bool:
    """Whether a word in lower case is one of Russian, or an everyday or watched one of English."""
    if word in watched_words().get(word[0], ()):
        return True
    if _CYRILLIC.fullmatch(word):
        return is_dictionary_word(word)
    return word in STOPWORDS_EN or word in ordinary_words()


def reads_as_text(text: str) -> bool:
    """Whether half of its words, and one of four letters or more, are known ones: noise has none."""
    words = [word.lower() for word in _TOKEN.findall(text) if len(word) > 2]
    known = [word for word in words if is_known(word)]
    return any(len(word) > 3 for word in known) and len(known) >= _KNOWN_SHARE * len(words)


def repaired(text: str) -> str:
    """The text with each unknown word replaced by the known one that it is a disguise of, where there is one."""
    return _TOKEN.sub(lambda match: _repaired_token(match.group()), text)


def retyped(text: str) -> str:
    """Each word as the other keyboard layout has it."""
    if _CYRILLIC.search(text):
        return text.lower().translate(_TO_ENGLISH_KEYS)
    return text.lower().translate(_TO_RUSSIAN_KEYS)


def reversed_words(text: str) -> str:
    """Each word from its end to its beginning."""
    return re.sub(r"\w+", lambda match: match.group()[::-1], text)


def unglued(text: str) -> Iterator[str]:
    """A text whose words were run together, cut into them."""
    if any(len(word) >= _GLUED_FROM for word in text.split()):
        parted = _CAMEL.sub(" ", text.replace("_", " "))
        cut = _RUN.sub(lambda match: _cut(match.group()), parted)
        if cut != text:
            yield cut.lower()


def _cut(run: str) -> str:
    """A run of letters in words; one that is hardly made of any stays whole."""
    words = cut_into_words(run.lower())
    single = sum(len(word) == 1 for word in words)
    return " ".join(words) if single <= _MOST_SINGLE * len(words) else run


@lru_cache(maxsize=1024)
def cut_into_words(letters: str) -> tuple[str, ...]:
    """The fewest known words that a run of letters consists of; what is none stays in pieces of its own."""
    letters = letters[:_LONGEST_GLUED]
    costs, begins = [0.0], [0]
    for end in range(1, len(letters) + 1):
        best, begin = costs[end - 1] + 2.0, end - 1
        for start in range(max(0, end - _LONGEST_WORD), end):
            length = end - start
            cost = costs[start] + (1.0 if length > 3 else 1.4 if length > 1 else 1.8)
            if cost < best and _may_stand(letters[start:end]):
                best, begin = cost, start
        costs.append(best)
        begins.append(begin)
    words: list[str] = []
    end = len(letters)
    while end:
        words.append(letters[begins[end] : end])
        end = begins[end]
    return tuple(reversed(words))


_ONE_LETTER = frozenset("авикосуяai")
_TWO_LETTERS = frozenset(
    "не на по за из ко до от об ты вы мы он их ее ей им но же бы ли да то ни so to of in on it is as at an be by do go"
    " he if me my no or up us we".split()
)


def _may_stand(word: str) -> bool:
    if len(word) < 3:
        return word in _ONE_LETTER or word in _TWO_LETTERS
    return word in STOPWORDS_RU or is_known(word)


def _repaired_token(token: str) -> str:
    is_name = len(token) <= _LONGEST_NAME and token.isupper()  # GLE, EQS
    return token if is_name else _repaired_word(token.lower()) or token


@lru_cache(maxsize=32_768)
def _repaired_word(word: str) -> str | None:
    """The known word that an unknown one stands for; None for a known one, or if there is none."""
    if len(word) < _LEAST or is_known(word):
        return None
    for other in _other_spellings(word):
        if is_known(other):
            return other
    return next((near for other in (word, *_other_spellings(word)) if (near := _near(other))), None)


def _other_spellings(word: str) -> Iterable[str]:
    if _LATIN.fullmatch(word):
        yield from _transliterations(word)
    elif _CYRILLIC.fullmatch(word):
        yield word.translate(_SOUNDS)


def _transliterations(word: str) -> Iterator[str]:
    """A word of Russian in Latin letters, in Russian ones; its soft sign and й, which many leave out, tried too."""
    for latin, cyrillic in _TRANSLITERATION:
        word = word.replace(latin, cyrillic)
    yield word
    softened = re.sub("[тд]$", r"\g<0>ь", word)
    for other in (
        softened,
        word.replace("ы", "й"),
        word.replace("ы", "и"),
        re.sub("([аеоу])и", r"\1й", word),
    ):
        if other != word:
            yield other


def _near(word: str) -> str | None:
    """The watched word from which this one differs by one letter, or by two if it is long, or by two swapped."""
    if len(word) < _SHORTEST:
        return None
    wrong = 2 if len(word) >= _LONG else 1
    found = process.extract(
        word, _as_long(word[0], len(word), wrong), scorer=OSA.distance, score_cutoff=wrong, limit=_MOST_NEAR
    )
    # of two as near the one of the same length: “propmt” has two letters swapped rather than one left out
    return min(found, key=lambda match: (match[1], abs(len(match[0]) - len(word))))[0] if found else None


@cache
def _as_long(first: str, length: int, wrong: int) -> tuple[str, ...]:
    """The watched words that begin with this letter and are as long, or longer or shorter by a few letters."""
    return tuple(sorted(word for word in watched_words().get(first, ()) if abs(len(word) - length) <= wrong))


def _rule_words() -> set[str]:
    """The words that rules look for, in lower case, without their marks; phrases by their single words."""
    found: set[str] = set()
    for name in _FILES:
        with (_RULES / name).open("rb") as file:
            data: dict[str, Any] = tomllib.load(file)
        lists = [*data.get("words", {}).values()]
        for rule in data.get("rule", []):
            lists += rule["groups"]
        for term in (term for group in lists for term in group if not term.startswith("@")):
            found.update(word for word in re.findall(r"[^\W\d_]+", normalise(term).lower()) if len(word) >= 4)
    return found
