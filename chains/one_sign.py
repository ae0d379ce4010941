"""Names of one sign, which are names only in company: «С-класс», «E или S», «3 серия», «бмв 5», «семёрка».

Also names that the show-case lacks but that are built like those it has: an `X6` where there are an `X3` and an `X5`.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from chains import units
from chains.names import SERIES, Meaning, NameFound
from chains.numerals import NICKNAMES, ORDINALS, Word
from chains.sounds import letter_of
from chains.vocabulary import CLASS_WORDS, Vocabulary

_UNITS = (
    units.POWER
    | units.KM
    | units.THOUSAND
    | units.MILLION
    | units.YEAR
    | units.SEATS
    | units.LITRE
    | units.AGE
    | frozenset(units.CURRENCIES)
)
_ALTERNATIVES = {"или", "либо", "or"}
_JOINED_BY = _ALTERNATIVES | {",", "и", "and", "/"}
_PREPOSITIONS = frozenset("авкосуия")
_ENDINGS = frozenset("я ю й ья ья ая ую ой ей".split())
_BY_NAME = frozenset("ка ку ки ке кой ок er".split())
_SERIES_WORDS = frozenset({"серия", *SERIES}) | CLASS_WORDS
_BEST_OF = frozenset("самый лучший лидер топ призер best".split())


def one_sign_class(
    words: Sequence[Word], index: int, vocabulary: Vocabulary, taken: AbstractSet[int]
) -> NameFound | None:
    """A class of one letter or digit at `index`, if what stands around says that it is one."""
    return _letter_class(words, index, vocabulary, taken) or _numbered_class(words, index, vocabulary, taken)


def ends_in_amount(words: Sequence[Word], end: int) -> bool:
    """The word at `end` is a unit, so the number before it counts something; «300+ hp» has a sign between them."""
    end += end < len(words) and words[end].text == "+"
    return end < len(words) and words[end].text in _UNITS


def _letter_class(
    words: Sequence[Word], index: int, vocabulary: Vocabulary, taken: AbstractSet[int]
) -> NameFound | None:
    """A class of one letter, which needs «класс» beside it, the brand before it, or a class joined to it."""
    word = words[index]
    written_as_name = word.text.isascii() or (word.upper and not _is_shouted(words))
    name = vocabulary.letters.get(word.text) or vocabulary.letters.get(word.latin)
    if name is None:
        return None
    after = [other.text for other in words[index + 1 : index + 3]]
    with_class = bool(after) and (
        after[0] in CLASS_WORDS or (len(after) > 1 and after[0] == "-" and after[1] in CLASS_WORDS)
    )
    before = words[index - 1].text if index else ""
    after_class = (
        before in CLASS_WORDS
        and index - 1 not in taken
        # «класса в наличии» has a preposition, «класса В» and "class S" a name
        and (written_as_name or index + 1 == len(words))
        and not with_class
    )
    after_brand = (
        bool(before)
        and vocabulary.names.is_brand(words[index - 1])
        and word.text.isascii()
        and word.text != "a"
    )
    version = vocabulary.phrase_at(words, index - 1) if index else None
    after_version = (  # «AMG E»
        version is not None and version[1].field == "version" and word.text.isascii() and word.upper
    )
    listed = _is_listed(words, index, vocabulary, taken, written_as_name=written_as_name)
    found = (
        after_version
        or with_class
        or after_class
        or after_brand
        or listed
        or _among_letters(words, index, vocabulary)
    )
    return NameFound(1, (Meaning("class", name),)) if found else None


def _is_shouted(words: Sequence[Word]) -> bool:
    """All in capitals, so that a capital tells nothing."""
    letters = [word for word in words if word.text.isalpha()]
    return len(letters) > 1 and all(word.upper for word in letters)


def _is_listed(
    words: Sequence[Word],
    index: int,
    vocabulary: Vocabulary,
    taken: AbstractSet[int],
    *,
    written_as_name: bool,
) -> bool:
    """«С или Е класс», «C, E и S классы», «S либо майбах»: the letter is joined to what certainly is a class."""
    position = index + 1
    while position + 1 < len(words) and words[position].text in _JOINED_BY:
        if words[position].text != "," and not written_as_name and words[position].text not in _ALTERNATIVES:
            return False
        position += 1
        text = words[position]
        phrase = vocabulary.phrase_at(words, position)
        if phrase is not None and phrase[1].field in {"class", "version"} and written_as_name:
            return True
        if vocabulary.letters.get(text.latin) is None:
            return written_as_name and vocabulary.names.at(words, position) is not None
        after = [other.text for other in words[position + 1 : position + 3]]
        if after and (
            after[0] in CLASS_WORDS or (after[0] == "-" and after[1:2] and after[1] in CLASS_WORDS)
        ):
            return True
        position += 1
    before = index - 2
    if index < 2 or words[index - 1].text not in _JOINED_BY or before not in taken:
        return False
    if words[before].text in CLASS_WORDS:
        return written_as_name or index + 1 == len(words)
    return written_as_name  # «GLC или E»


def _among_letters(words: Sequence[Word], index: int, vocabulary: Vocabulary) -> bool:
    """«E или S до 9 млн», «с или е»: several letters that are classes, joined, and hardly anything else."""
    first = last = index
    while first > 1 and words[first - 1].text in _JOINED_BY and words[first - 2].latin in vocabulary.letters:
        first -= 2
    while (
        last + 2 < len(words)
        and words[last + 1].text in _JOINED_BY
        and words[last + 2].latin in vocabulary.letters
    ):
        last += 2
    if first == last:
        return False
    letters = words[first : last + 1 : 2]
    if all(letter.text.isascii() for letter in letters):
        return True
    if all(letter.upper for letter in letters):
        return not _is_shouted(words)
    alternatives = all(word.text in _ALTERNATIVES for word in words[first + 1 : last : 2])
    follows_nothing = last + 1 == len(words) or not words[last + 1].text.isalpha()
    return alternatives and (follows_nothing or words[last].text not in _PREPOSITIONS)


def series_words(words: Sequence[Word]) -> set[int]:
    """Where «серия» and the like stand."""
    return {index for index, word in enumerate(words) if {word.text, word.lemma} & {"серия", *SERIES}}


def _numbered_class(
    words: Sequence[Word], index: int, vocabulary: Vocabulary, taken: AbstractSet[int]
) -> NameFound | None:
    """A class that is a digit: «3 серия», «пятая серия», «серия 7», «бмв 3», «3-ка», «семёрка»."""
    numbered = vocabulary.numbered
    if not numbered:
        return None
    word = words[index]
    nickname = NICKNAMES.get(word.lemma)
    if nickname is not None:
        best_of = index + 1 < len(words) and words[index + 1].lemma in _BEST_OF
        name = numbered.get(str(nickname))
        return NameFound(1, (Meaning("class", name),)) if name and not best_of else None
    digit = _digit_of(word)
    if digit is None:
        return None
    name = numbered.get(digit) or next(iter(numbered.values())).replace(next(iter(numbered)), digit)
    end, by_name = _after_digit(words, index)
    if end < len(words) and (words[end].lemma in _SERIES_WORDS or words[end].text in _SERIES_WORDS):
        return NameFound(end + 1 - index, (Meaning("class", name),))
    if by_name and digit in numbered:
        return NameFound(end - index, (Meaning("class", name),))
    if ends_in_amount(words, end) or digit not in numbered:
        return None
    joined = end + 1 < len(words) and words[end].text in _JOINED_BY
    if joined and _numbered_class(words, end + 1, vocabulary, frozenset()) is not None:
        return NameFound(end - index, (Meaning("class", name),))  # «3 или 5 серия»
    before = words[index - 1] if index else None
    if before is None:
        return None
    listed = before.text in _JOINED_BY and index > 1 and index - 2 in taken
    listed = listed and (_digit_of(words[index - 2]) in numbered or words[index - 2].lemma in _SERIES_WORDS)
    after_name = before.lemma in _SERIES_WORDS or before.text in _SERIES_WORDS
    if after_name or listed or vocabulary.names.is_brand(before):
        return NameFound(end - index, (Meaning("class", name),))
    return None


def _digit_of(word: Word) -> str | None:
    """«3», «третья», «три» → "3"; None for anything else than a number from 1 to 9."""
    number = word.number if word.number is not None else ORDINALS.get(word.lemma)
    return f"{number:g}" if number is not None and number in range(1, 10) else None


def _after_digit(words: Sequence[Word], index: int) -> tuple[int, bool]:
    """Where the number with its ending («3-я», «3ку», "3er") ends, and whether the ending makes a name of it."""
    end = index + 1
    skipped = end + (end < len(words) and words[end].text == "-")
    if skipped < len(words) and words[index].text.isdigit() and words[skipped].text in _ENDINGS | _BY_NAME:
        return skipped + 1, words[skipped].text in _BY_NAME
    return end, False


def unlisted_name(words: Sequence[Word], index: int, vocabulary: Vocabulary) -> NameFound | None:
    """A class or model of the brand that the show-case lacks, known by its build: «X6 есть?», «540i», «икс 6»."""
    shapes, word = vocabulary.shapes, words[index]
    end = index + 1 + (index + 1 < len(words) and words[index + 1].text == "-")
    if end >= len(words) or ends_in_amount(words, end + 1):
        return None
    if word.text.isdigit() and len(word.text) == len("320"):
        known = words[end].latin in shapes.suffixes and end == index + 1
        return NameFound(2, (Meaning("model", f"{word.text} {words[end].latin}"),)) if known else None
    if word.text in _PREPOSITIONS and not word.upper:
        return None
    digit = _digit_of(words[end])
    sample = shapes.letters.get(word.latin) or shapes.letters.get(letter_of(word.text) or "")
    if sample is None or digit is None:
        return None
    return NameFound(end + 1 - index, (Meaning("class", re.sub(r"\d", digit, sample)),))
