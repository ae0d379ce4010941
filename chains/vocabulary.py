"""Everything that may be said of one salon's cars, indexed for reading messages: classes, models, values of fields.

Built once per inventory version from the lexicon (what the brand's cars are called) and the show-case (what is
there), so a brand without a lexicon of its own is understood from its inventory alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz import fuzz, process

from chains.numerals import Word, words_of
from chains.text import is_dictionary_word, lemma
from stores.cars import Facets
from stores.lexicon import FIELDS, CarClass, Lexicon, fold, model_tokens

CLASS_WORDS = frozenset(
    "класс класса классе классу классом классы классов классам class klasse classes".split()
)
_MAX_PHRASE = 4
_FUZZY_FROM = 5
_FUZZY_SCORE = 84
_PHONETIC_FROM = 4

_TRANSLITERATION_TEXT = """
а:a б:b в:v г:g д:d е:e ж:zh з:z и:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:h ц:ts ч:ch ш:sh
щ:sh ъ: ы:i ь: э:e ю:u я:a
"""
_TRANSLITERATION = {
    key: value for key, _, value in (pair.partition(":") for pair in _TRANSLITERATION_TEXT.split())
}


class Meaning(NamedTuple):
    """What a word or phrase stands for: a value of a field (`class`, `model` or a lexicon field)."""

    field: str
    value: str


@dataclass(frozen=True, repr=False)  # thousands of words tell nobody anything
class Vocabulary:
    """Phrases and names of one salon at one inventory version."""

    phrases: Mapping[tuple[str, ...], Meaning]
    names: Mapping[tuple[str, ...], Meaning]
    letters: Mapping[str, str]
    phonetic: Mapping[str, Meaning]
    fuzzy: Mapping[str, Meaning]
    brand: frozenset[str]
    includes: Mapping[Meaning, tuple[str, ...]]
    seats: Mapping[str, int]
    materials: frozenset[Meaning]
    currency: str = "RUB"
    prices: tuple[int | None, int | None] = (None, None)

    def phrase_at(self, words: Sequence[Word], start: int) -> tuple[int, Meaning] | None:
        """The longest known phrase that begins at `start`: its length in words and its meaning."""
        for length in range(min(_MAX_PHRASE, len(words) - start), 0, -1):
            span = words[start : start + length]
            for form in (tuple(word.lemma for word in span), tuple(word.text for word in span)):
                if form in self.phrases:
                    return length, self.phrases[form]
        return None

    def name_at(self, words: Sequence[Word], start: int) -> tuple[int, Meaning] | None:
        """The longest model or class name that begins at `start`, hyphens skipped; single letters need a «класс»."""
        tokens: list[str] = []
        best: tuple[int, Meaning] | None = None
        for position in range(start, min(start + 8, len(words))):
            word = words[position]
            if word.text in {"-", "+"}:
                if not tokens:
                    break
                continue
            tokens.append(word.latin)
            meaning = self.names.get(tuple(tokens))
            if meaning is not None and not (len(tokens) == 1 and len(tokens[0]) == 1):
                best = (position - start + 1, meaning)
        return best

    def model_of_class(
        self, words: Sequence[Word], index: int, class_name: str, start: int
    ) -> tuple[int, Meaning] | None:
        """A model named by slang for its class and a number: «глс 450» (`start` is where the number may begin)."""
        tokens = list(model_tokens(class_name))
        best: tuple[int, Meaning] | None = None
        for position in range(start, min(start + 4, len(words))):
            tokens.append(words[position].latin)
            meaning = self.names.get(tuple(tokens))
            if meaning is not None and meaning.field == "model":
                best = (position - index + 1, meaning)
        return best

    def expand(self, text: str) -> str:
        """The text with slang for a class put into the class's name: «гелик» → «G-класс». For searching passages."""
        words, parts, index = words_of(text), [], 0
        while index < len(words):
            found = self.phrase_at(words, index)
            if found and found[1].field == "class":
                parts.append(f"{found[1].value}-класс")
                index += found[0]
            else:
                parts.append(words[index].text)
                index += 1
        return " ".join(parts)

    def misspelt(self, word: Word) -> Meaning | None:
        """What a word was probably meant to be: by sound («октавия»), and if no dictionary has it, by spelling."""
        if not word.text.isalpha() or len(word.text) < _PHONETIC_FROM:
            return None
        known = is_dictionary_word(word.text)
        if known and len(word.text) < _FUZZY_FROM:
            return None
        if by_sound := self.phonetic.get(phonetic(word.lemma)) or self.phonetic.get(phonetic(word.text)):
            return by_sound
        if known or len(word.text) < _FUZZY_FROM:
            return None
        match = process.extractOne(
            word.lemma, self.fuzzy.keys(), scorer=fuzz.ratio, score_cutoff=_FUZZY_SCORE
        )
        return self.fuzzy[match[0]] if match else None


def phonetic(word: str) -> str:
    """A spelling by sound, the same for «камри» and Camry, «кодиак» and Kodiaq."""
    latin = "".join(_TRANSLITERATION.get(char, char) for char in word)
    for old, new in (
        ("ph", "f"),
        ("ck", "k"),
        ("x", "ks"),
        ("c", "k"),
        ("q", "k"),
        ("w", "v"),
        ("y", "i"),
        ("j", "i"),
    ):
        latin = latin.replace(old, new)
    return "".join(char for index, char in enumerate(latin) if index == 0 or char != latin[index - 1])


def vocabulary_of(lexicon: Lexicon, facets: Facets, currency: str) -> Vocabulary:
    """The vocabulary of one inventory version; `currency` is the salon's, the one its prices are in."""
    values = {
        "body": facets.bodies,
        "fuel": facets.fuels,
        "drive": facets.drives,
        "transmission": facets.transmissions,
        "color": facets.colors,
        "option": [option for option in facets.options if lexicon.code("option", option) is None],
    }
    prices = (facets.price_min, facets.price_max)
    return build_vocabulary(lexicon, facets.classes, facets.models, values, currency, prices)


def build_vocabulary(
    lexicon: Lexicon,
    classes: Iterable[str],
    models: Iterable[str],
    values: Mapping[str, Iterable[str]],
    currency: str = "RUB",
    prices: tuple[int | None, int | None] = (None, None),
) -> Vocabulary:
    """Index a lexicon together with what the show-case holds.

    Args:
        classes, models: the names present in the show-case.
        values: per lexicon field, the codes present in the show-case; unknown codes are words of their own.
        currency: what prices are in; amounts in another one are no prices.
        prices: the lowest and the highest of the show-case, which tell what «до 5» means.
    """
    phrases: dict[tuple[str, ...], Meaning] = {}
    for field in FIELDS:
        for word, code in lexicon.codes_by_spoken_word[field].items():
            _add_phrase(phrases, word, Meaning(field, code))
        for code in values.get(field, ()):
            if code not in lexicon.codes_by_word[field]:
                _add_phrase(phrases, fold(code), Meaning(field, code))
    known = {car_class.name: car_class for car_class in lexicon.classes}
    for name in classes:
        known.setdefault(name, CarClass(name=name, base=name, prefixes=(name,)))
    names: dict[tuple[str, ...], Meaning] = {}
    brand = {token for word in lexicon.brand_words for token in model_tokens(word)}
    versions = {
        token for version in lexicon.versions for word in version.words for token in model_tokens(word)
    }
    for model in [*models, *(model for car_class in known.values() for model in car_class.models)]:
        for sequence in _name_sequences(model, brand, versions):
            names.setdefault(sequence, Meaning("model", " ".join(sequence)))
    for car_class in known.values():
        names[model_tokens(car_class.name)] = Meaning("class", car_class.name)
        for word in car_class.words:
            _add_phrase(phrases, word, Meaning("class", car_class.name))
    for version in lexicon.versions:
        for word in version.words:
            _add_phrase(phrases, word, Meaning("version", version.code))
    return Vocabulary(
        phrases=phrases,
        names=names,
        letters=_letters(known.values()),
        phonetic=_by_sound(known.values()),
        fuzzy={
            form[0]: meaning
            for form, meaning in phrases.items()
            if len(form) == 1 and len(form[0]) >= _FUZZY_FROM
        },
        brand=frozenset({*lexicon.brand_words, *brand}),
        includes={
            Meaning(field, term.code): term.includes
            for field in FIELDS
            for term in lexicon.terms.get(field, ())
            if term.includes
        },
        seats={term.code: term.seats for term in lexicon.terms.get("option", ()) if term.seats},
        materials=frozenset(
            Meaning("option", term.code) for term in lexicon.terms.get("option", ()) if term.material
        ),
        currency=currency,
        prices=prices,
    )


def _add_phrase(phrases: dict[tuple[str, ...], Meaning], phrase: str, meaning: Meaning) -> None:
    words = words_of(phrase)
    if words:
        phrases.setdefault(tuple(word.lemma for word in words), meaning)
        phrases.setdefault(tuple(word.text for word in words), meaning)


def _name_sequences(model: str, brand: set[str], versions: set[str]) -> list[tuple[str, ...]]:
    """The ways to name a model: whole, its beginnings that hold a number, each with and without `AMG` before it."""
    tokens = model_tokens(model)
    while len(tokens) > 1 and tokens[0] in brand:
        tokens = tokens[1:]
    found = []
    for start in range(2 if len(tokens) > 1 and tokens[0] in versions else 1):
        rest = tokens[start:]
        for length in range(2, len(rest) + 1):
            part = rest[:length]
            if length == len(rest) or any(char.isdigit() for token in part for char in token):
                found.append(part)
    return found


def _letters(classes: Iterable[CarClass]) -> dict[str, str]:
    """One-letter classes by their Latin letter and by the Cyrillic letter of the same sound («Г-класс»)."""
    letters = {fold(car_class.name): car_class.name for car_class in classes if len(car_class.name) == 1}
    sounds = {"г": "g", "б": "b", "ж": "g", "и": "e"}
    return {**{sound: letters[letter] for sound, letter in sounds.items() if letter in letters}, **letters}


def _by_sound(classes: Iterable[CarClass]) -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for car_class in classes:
        for word in (fold(car_class.name), *car_class.words):
            if len(word) >= _PHONETIC_FROM and word.isalpha():
                found.setdefault(phonetic(word), Meaning("class", car_class.name))
                found.setdefault(phonetic(lemma(word)), Meaning("class", car_class.name))
    return found
