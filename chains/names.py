"""Names of models and classes in a message, whatever their spelling: «е200», "GLE 450", «ленд крузер», «икс пять».

The names come from the show-case and from the brand's file. A part of a name counts when it tells cars apart:
«прадо» for a Land Cruiser Prado, «тигго 8» for a Tiggo 8 Pro Max.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz.distance import OSA

from chains import units
from chains.numerals import ORDINALS, Word, words_of
from chains.ordinary import ordinary_words
from chains.phrasing import is_phrasing
from chains.sounds import consonants, letter_of, sounds_like
from chains.text import STOPWORDS, lemma
from stores.lexicon import CarClass, fold, model_tokens

_LONGEST_NAME = 8
_TELLING_LETTERS = 3
_LETTERS_A_MISTAKE = 4
SERIES = {"series": "серия", "serie": "серия", "reihe": "серия"}
_DRIVES = {"4matic", "xdrive", "sdrive", "quattro", "4motion", "awd", "4wd", "2wd", "fwd"}
_COUNTED = (
    units.SEATS
    | units.PEOPLE
    | units.POWER
    | units.LITRE
    | units.YEAR
    | units.CURRENCIES.keys()
    | units.MILLION
)
_PRONOUNS = {"тот", "этот", "то", "что", "который", "он", "она", "они", "весь", "такой", "it", "that", "this"}
_SKIPPED = {"-", "+"}
_SHORT_LITRES = {"л", "l"}  # "GLS 450 L" may be a model's name
_CASE_ENDING = re.compile(r"(?<=[а-я]{3})(?:ами|ями|ом|ем|ой|ей|ов|ев|ам|ям|ах|ях)$")


class Meaning(NamedTuple):
    """What a word or phrase stands for: a value of a field (`class`, `model` or a lexicon field)."""

    field: str
    value: str


class NameFound(NamedTuple):
    """A name takes `length` words and means any of these."""

    length: int
    meanings: tuple[Meaning, ...]


@dataclass(frozen=True, repr=False)
class Names:
    """All names by their tokens, and by the sound of their words."""

    by_tokens: Mapping[tuple[str, ...], tuple[Meaning, ...]]
    beginnings: AbstractSet[tuple[str, ...]]
    by_sound: Mapping[str, tuple[str, ...]]
    brand: AbstractSet[str]
    spoken: AbstractSet[str]
    numbers: AbstractSet[str]

    def at(self, words: Sequence[Word], start: int) -> NameFound | None:
        """The longest name that begins at `start`, hyphens skipped; a single letter is none (it needs «класс»)."""
        best: NameFound | None = None
        open_: list[tuple[str, ...]] = [()]
        for position in range(start, min(start + _LONGEST_NAME, len(words))):
            word = words[position]
            if word.text in _SKIPPED:
                if position == start:
                    return None
                continue
            open_ = [
                tokens
                for before in open_
                for token in self._spellings(word, continues=bool(before))
                if (tokens := (*before, token)) in self.beginnings
            ]
            if not open_:
                break
            if position > start and word.number is not None and _is_litres(words, position + 1):
                continue  # «Tiggo 2.0 литра» is the size of its engine, though a Tiggo 2.0 is sold
            for tokens in open_:
                if tokens in self.by_tokens and tokens[0] and not (len(tokens) == 1 and len(tokens[0]) == 1):
                    best = NameFound(position - start + 1, self.by_tokens[tokens])
                    break
        return best

    def number_at(self, words: Sequence[Word], index: int) -> NameFound | None:
        """«бмв 320»: a model's number right after the brand."""
        known = index > 0 and words[index].text in self.numbers and self.is_brand(words[index - 1])
        return NameFound(1, (Meaning("model", words[index].text),)) if known else None

    def of_class(self, class_name: str, words: Sequence[Word], start: int) -> NameFound | None:
        """The longest model of a class whose number begins at `start`; `length` counts from there."""
        tokens = model_tokens(class_name)
        best: NameFound | None = None
        for position in range(start, min(start + 3, len(words))):
            tokens = (*tokens, words[position].latin)
            meanings = self.by_tokens.get(tokens, ())
            if meanings and meanings[0].field == "model":
                best = NameFound(position - start + 1, meanings)
        return best

    def knows(self, word: Word) -> bool:
        """A name begins with the word as it is written."""
        return (word.latin,) in self.beginnings

    def is_heard(self, word: Word) -> bool:
        """A name of some length begins with the word as it sounds: «камри» where a Camry is sold."""
        return any(
            len(token) >= _TELLING_LETTERS + 1 and (token,) in self.beginnings
            for token in self._spellings(word, continues=False)
            if token.isalpha()
        )

    def is_brand(self, word: Word) -> bool:
        """The word names the salon's brand, in any spelling or case."""
        if word.text in self.brand or word.lemma in self.brand:
            return True
        return word.text.isalpha() and any(
            name in self.brand and sounds_like(word.text, name) for name in self._sounding(word.text)
        )

    def _sounding(self, text: str) -> list[str]:
        return [name for key in consonants(text) for name in self.by_sound.get(key, ())]

    def _spellings(self, word: Word, *, continues: bool) -> list[str]:
        """The tokens that a word may stand for, the likeliest first."""
        found = [word.latin]
        text = word.text
        if text.isascii() and word.lemma != text and len(word.lemma) > _TELLING_LETTERS:
            found.append(word.lemma)  # "golfs"
        if text in SERIES or word.lemma in SERIES.values():
            found.append(SERIES.get(text, word.lemma))
        if word.number is not None and not text[0].isdigit():
            found.append(f"{word.number:g}")
        elif word.lemma in ORDINALS:
            found.append(str(ORDINALS[word.lemma]))
        if letter := letter_of(text):
            found.append(letter)
        if text in _COUNTED:
            return found
        if continues and word.lemma in _PRONOUNS:
            return found  # «в тот раз» is no Vito
        if text.isalpha() and len(text) > 1 and (continues or not self._is_spoken(word)):
            for form in _case_forms(text):
                for name in self._sounding(form):
                    if name not in found and _is_heard(form, name, continues=continues):
                        found.append(name)
        return found

    def _is_spoken(self, word: Word) -> bool:
        """A word with a meaning of its own is no name by its sound."""
        text, base = word.text, word.lemma
        return base in STOPWORDS or text in self.spoken or base in self.spoken or text in ordinary_words()


def _is_litres(words: Sequence[Word], position: int) -> bool:
    return (
        position < len(words)
        and words[position].text in units.LITRE
        and words[position].text not in _SHORT_LITRES
    )


def _case_forms(text: str) -> tuple[str, ...]:
    """A word as it is written, and without a case ending that has consonants: «дастером», «тигуанов»."""
    stem = _CASE_ENDING.sub("", text)
    return (text,) if stem == text else (text, stem)


def _is_heard(text: str, name: str, *, continues: bool) -> bool:
    """A word sounds like a name; one in Latin letters must be spelt much like it: "warranty" is no Variant."""
    if text.isascii() and OSA.distance(text, name) > len(text) // _LETTERS_A_MISTAKE:
        return False
    return sounds_like(text, name, continues=continues)


def build_names(
    classes: Sequence[CarClass],
    models: Iterable[str],
    brand: AbstractSet[str],
    versions: AbstractSet[str],
    ordinary: AbstractSet[str],
    bodies: AbstractSet[str],
    spoken: AbstractSet[str],
    nicknames: Mapping[str, str] | None = None,
) -> Names:
    """Index names.

    Args:
        classes: those of the brand's file and those of the show-case.
        models: as sold, in the show-case.
        brand, versions: tokens that may stand before a model's name («AMG»).
        ordinary: words for bodies, colours… which are no names by themselves.
        bodies: those for bodies.
        spoken: those and slang for classes, which no name is found for by its sound.
        nicknames: what models are called besides, and the name meant; of use where such a model is sold.
    """
    found: dict[tuple[str, ...], dict[Meaning, None]] = {}
    sold = [_without_brand(model_tokens(model), brand) for model in models]
    known = (_without_brand(model_tokens(model), brand) for one in classes for model in one.models)
    for tokens in (*sold, *_not_told_apart(known, sold, versions, bodies)):
        for sequence in _beginnings(tokens, versions):
            found.setdefault(sequence, {Meaning("model", " ".join(sequence)): None})
    not_telling = versions | ordinary | brand | SERIES.keys() | set(SERIES.values())
    for tokens in sold:
        for part in _telling_parts(tokens, not_telling):
            found.setdefault(part, {Meaning("model", " ".join(part)): None})
    listed = {one.name for one in classes if one.words}  # the brand's file tells how people call these
    named = {_without_brand(model_tokens(one.name), brand): one.name for one in classes}
    unlisted = {tokens: name for tokens, name in named.items() if name not in listed}
    for tokens, name in unlisted.items():
        for part in _telling_parts(tokens, not_telling):
            if part not in found or part in named:
                found.setdefault(part, {})[Meaning("class", name)] = None
            elif next(iter(found[part])).field == "class":
                found[part][Meaning("class", name)] = None
    for tokens in sold:  # «x5 40i» for an X5 xDrive40i
        plain = tuple(token for token in tokens if token not in _DRIVES)
        if plain != tokens[: len(plain)] and len(plain) > 1:
            for length in range(2, len(plain) + 1):
                if plain[:length] not in found or length == len(plain):
                    meanings = found.setdefault(plain[:length], {})
                    if not meanings or length == len(plain):
                        meanings[Meaning("model", " ".join(tokens))] = None
    for tokens, name in named.items():
        found[tokens] = {Meaning("class", name): None}
    for nickname, model in (nicknames or {}).items():
        target = model_tokens(model)
        for tokens in [one for one in found if one[: len(target)] == target]:  # «крузак», «крузак 300»
            found.setdefault((*model_tokens(nickname), *tokens[len(target) :]), found[tokens])
    return _index(found, brand, spoken)


def _index(
    found: Mapping[tuple[str, ...], Mapping[Meaning, None]],
    brand: AbstractSet[str],
    spoken: AbstractSet[str],
) -> Names:
    joined: dict[tuple[str, ...], Mapping[Meaning, None]] = {
        ("".join(tokens),): meanings
        for tokens, meanings in found.items()
        # «Maybachs» is the plural of a version, no Maybach S
        if len(tokens) == 2 and not (tokens[1] == "s" and tokens[0] in spoken)
    }
    parted: dict[tuple[str, ...], Mapping[Meaning, None]] = {
        (tokens[0][:length], tokens[0][length:]): meanings
        for tokens, meanings in found.items()
        if len(tokens) == 1 and tokens[0].isalpha()
        for length in (1, 2)
        if len(tokens[0]) - length >= _TELLING_LETTERS
    }
    spelt = joined | parted | dict(found)
    by_tokens = {tokens: tuple(meanings) for tokens, meanings in spelt.items() if tokens}
    words = {token for tokens in (*by_tokens, tuple(brand)) for token in tokens if token.isalpha()}
    by_sound: dict[str, list[str]] = {}
    for word in sorted(words):
        if len(word) > 1:
            for key in consonants(word):
                by_sound.setdefault(key, []).append(word)
    return Names(
        by_tokens=by_tokens,
        beginnings={tokens[:length] for tokens in by_tokens for length in range(1, len(tokens) + 1)},
        by_sound={key: tuple(names) for key, names in by_sound.items()},
        brand=brand,
        spoken=spoken,
        numbers={
            token
            for tokens in by_tokens
            for token in tokens
            if token.isdigit() and len(token) >= _TELLING_LETTERS
        },
    )


def _without_brand(tokens: tuple[str, ...], brand: AbstractSet[str]) -> tuple[str, ...]:
    while len(tokens) > 1 and tokens[0] in brand:
        tokens = tokens[1:]
    return tokens


def _not_told_apart(
    known: Iterable[tuple[str, ...]],
    sold: Collection[tuple[str, ...]],
    versions: AbstractSet[str],
    bodies: AbstractSet[str],
) -> Iterable[tuple[str, ...]]:
    """The brand's names, but for those that a show-case writes shorter: where it calls a «GLC 300 4MATIC Coupe» a
    «GLC 300 4MATIC» and has its body in a column of its own, the last word is that body."""
    written = {part for tokens in sold for part in _beginnings(tokens, versions)}
    for tokens in known:
        if not (tokens[-1] in bodies and tokens[:-1] in written and tokens not in written):
            yield tokens


def _beginnings(tokens: tuple[str, ...], versions: AbstractSet[str]) -> Iterable[tuple[str, ...]]:
    """The ways to name a model: whole, its beginnings that hold a number, each with and without `AMG` before it."""
    for start in range(2 if len(tokens) > 1 and tokens[0] in versions else 1):
        rest = tokens[start:]
        for length in range(2, len(rest) + 1):
            part = rest[:length]
            if length == len(rest) or any(char.isdigit() for token in part for char in token):
                yield part


def _telling_parts(tokens: tuple[str, ...], ordinary: AbstractSet[str]) -> Iterable[tuple[str, ...]]:
    """Parts of a name that begin with a word of its own: of `tiggo 8 pro` also `tiggo` and `tiggo 8`."""
    for start, token in enumerate(tokens):
        telling = len(token) >= _TELLING_LETTERS and token.isalpha()
        known = {token, lemma(token)} & ordinary or token in STOPWORDS or token in _COUNTED
        if telling and not known and not any(is_phrasing(word) for word in words_of(token)):
            for end in range(start + 1, len(tokens) + 1):
                if tokens[end - 1] not in ordinary and tokens[end - 1] not in _COUNTED:
                    yield tokens[start:end]


def letters_of(classes: Iterable[CarClass], sold: AbstractSet[str] = frozenset()) -> dict[str, str]:
    """One-letter classes by their Latin letter and by the Cyrillic letter of the same sound («Г-класс»).

    Of those `sold` «В-класс» is the B-class by its look, or the V-class by its sound where only that is sold.
    """
    letters = {fold(one.name): one.name for one in classes if len(one.name) == 1}
    sounds = {"г": "g", "б": "b", "ж": "g", "и": "e"}
    if "v" in letters and letters["v"] in sold and letters.get("b") not in sold:
        sounds["в"] = "v"
    return {**{sound: letters[letter] for sound, letter in sounds.items() if letter in letters}, **letters}


def numbered_classes(classes: Iterable[str]) -> dict[str, str]:
    """The classes that are a digit, by it: `3`, `3 Series` and «3 серия» are the class of «трёшка»."""
    found: dict[str, str] = {}
    for name in classes:
        tokens = [token for token in model_tokens(name) if token not in {*SERIES, *SERIES.values()}]
        if len(tokens) == 1 and len(tokens[0]) == 1 and tokens[0].isdigit():
            found.setdefault(tokens[0], name)
    return found


@dataclass(frozen=True)
class Shapes:
    """How the names of a show-case are built: `letters` before a number (`x` of X5, with a class so named), and
    `suffixes` after one of three digits (`i` of 320i)."""

    letters: Mapping[str, str] = field(default_factory=dict)
    suffixes: AbstractSet[str] = frozenset()


def shapes_of(classes: Iterable[str], models: Iterable[str]) -> Shapes:
    """The shapes of the names of classes and models."""
    letters: dict[str, str] = {}
    for name in classes:
        if match := re.fullmatch(r"([A-Za-z]{1,2})[ -]?(\d)", name):
            letters.setdefault(match[1].lower(), name)
    tokens = [model_tokens(model) for model in models]
    numbers = [one for one in tokens if len(one) > 1 and re.fullmatch(r"\d{3}", one[0])]
    return Shapes(letters, {one[1] for one in numbers if re.fullmatch("[a-z]{1,2}", one[1])})
