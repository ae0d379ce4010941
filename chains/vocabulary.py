"""Everything that may be said of one salon's cars, indexed for reading messages: classes, models, values of fields.

Built once per inventory version from the lexicon (what the brand's cars are called) and the show-case (what is
there), so a brand without a lexicon of its own is understood from its inventory alone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from chains.names import Meaning, Names, Shapes, build_names, letters_of, numbered_classes, shapes_of
from chains.numerals import Word, words_of
from chains.ordinary import ordinary_words
from chains.sounds import consonants, sounds_like
from chains.text import is_dictionary_word
from stores.cars import Facets
from stores.lexicon import FIELDS, CarClass, Lexicon, fold, model_tokens

CLASS_WORDS = frozenset(
    "класс класса классе классу классом классы классов классам class klasse classes klass клас класе".split()
)
_ADJECTIVE = re.compile(r"(?:ого|его|ому|ему|ыми|ими|ая|яя|ое|ее|ые|ие|ых|их|ую|юю|ым|им|ом|ем|ой|ей)$")
_GLUED = ("class", "klass", "класс")
_MAX_PHRASE = 4
_FUZZY_FROM = 5
_LONG_WORD = 8
_PHONETIC_FROM = 4


class ChassisOf(NamedTuple):
    """A generation: its class, its model years (`last` None while it is built) and its body, if it is of one."""

    class_name: str
    first: int
    last: int | None
    body: str | None


@dataclass(frozen=True, repr=False)  # thousands of words tell nobody anything
class Vocabulary:
    """Phrases and names of one salon at one inventory version."""

    phrases: Mapping[tuple[str, ...], Meaning]
    names: Names
    letters: Mapping[str, str]
    numbered: Mapping[str, str]
    shapes: Shapes
    fuzzy: Mapping[str, Meaning]
    by_sound: Mapping[str, tuple[str, ...]]
    brand: frozenset[str]
    chassis: Mapping[str, ChassisOf]
    version_classes: Mapping[str, tuple[str, ...]]
    includes: Mapping[Meaning, tuple[str, ...]]
    seats: Mapping[str, int]
    materials: frozenset[Meaning]
    makes: Mapping[str, tuple[str, ...]]
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

    def knows(self, word: Word) -> bool:
        """The word by itself is a phrase, a name or the brand."""
        return self.is_sold(word) or self.names.is_brand(word)

    def is_sold(self, word: Word) -> bool:
        """The word by itself is a phrase or a name that the show-case explains, a make among several included."""
        # the base of a word that no dictionary has is a guess: «джили» and «джити» would have the same
        own_base = word.text.startswith(word.lemma[:-1]) or is_dictionary_word(word.text)
        forms = {(word.text,), *([(word.lemma,)] if own_base else [])}
        known = bool(self.phrases.keys() & forms) or self.names.knows(word)
        return known or self.names.is_heard(word) or self.names.is_brand(word)

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
        """What a word that no dictionary has was probably meant to be, by sound («гелентваген») or by spelling.

        One letter may be wrong, two in a word of eight or more; never the first, which hardly anybody gets wrong.
        """
        text = word.text
        if not text.isalpha() or len(text) < _PHONETIC_FROM or text in ordinary_words():
            return None
        if is_dictionary_word(text):
            return None
        for name in (name for key in consonants(text) for name in self.by_sound.get(key, ())):
            if sounds_like(text, name):
                return self.phrases[(name,)]
        if len(text) == _FUZZY_FROM - 1 and text.isascii():
            return self._cut_short(text)
        if len(text) < _FUZZY_FROM:
            return None
        wrong = 2 if len(text) >= _LONG_WORD else 1
        for form in dict.fromkeys((text, word.lemma, _ADJECTIVE.sub("ый", text))):
            match = process.extractOne(form, self.fuzzy.keys(), scorer=OSA.distance, score_cutoff=wrong)
            if match and match[0][0] == form[0]:
                return self.fuzzy[match[0]]
        return None

    def _cut_short(self, text: str) -> Meaning | None:
        """ "whit", "blak": an English colour of five letters that lacks one."""
        for name, meaning in self.fuzzy.items():
            is_color = meaning.field == "color" and len(name) == _FUZZY_FROM and name[0] == text[0]
            if is_color and OSA.distance(name, text) == 1:
                return meaning
        return None


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
    classes, models = tuple(classes), tuple(models)
    phrases = _phrases_of_values(lexicon, values)
    known = {car_class.name: car_class for car_class in lexicon.classes}
    for name in classes:
        known.setdefault(name, CarClass(name=name, base=name, prefixes=(name,)))
    makes = _makes(lexicon, models)
    brand = {token for word in (*lexicon.brand_words, *makes) for token in model_tokens(word)}
    versions = {
        token for version in lexicon.versions for word in version.words for token in model_tokens(word)
    }
    ordinary = {form[0] for form in phrases if len(form) == 1}
    bodies = {word for word in ordinary if phrases[(word,)].field == "body"}
    chassis = _add_names(phrases, lexicon, known.values(), makes)
    single = [form[0] for form in phrases if len(form) == 1]
    # «drive» of "all-wheel drive" is no eDrive; a Russian word may be a name by its sound («тиго»)
    spoken = frozenset({*single, *(word for form in phrases for word in form if word.isascii())})
    for name in known:
        for ending in _GLUED:  # «eclass», «sкласс», as they are written only
            _add_phrase(phrases, f"{fold(name)}{ending}", Meaning("class", name))
    return Vocabulary(
        phrases=phrases,
        names=build_names(
            list(known.values()), models, brand, versions, ordinary, bodies, spoken, lexicon.nicknames
        ),
        letters=letters_of(known.values(), set(classes)),
        numbered=numbered_classes(known),
        shapes=shapes_of(known, models),
        fuzzy={word: phrases[(word,)] for word in single if len(word) >= _FUZZY_FROM},
        by_sound=_by_sound(word for word in single if phrases[(word,)].field in {"class", "version"}),
        chassis=chassis,
        version_classes={
            version.code: tuple(name for name in known if fold(name).startswith(f"{fold(version.code)} "))
            for version in lexicon.versions
        },
        brand=frozenset({*lexicon.brand_words, *brand}),
        includes=_includes(lexicon) | {Meaning("model", tokens[0]): tokens for tokens in makes.values()},
        makes=_models_of_makes(makes, models),
        seats={term.code: term.seats for term in lexicon.terms.get("option", ()) if term.seats},
        materials=frozenset(
            Meaning("option", term.code) for term in lexicon.terms.get("option", ()) if term.material
        ),
        currency=currency,
        prices=prices,
    )


def _includes(lexicon: Lexicon) -> dict[Meaning, tuple[str, ...]]:
    """What a wish for a value takes in besides: a hybrid may be a plug-in one."""
    return {
        Meaning(field, term.code): term.includes
        for field in FIELDS
        for term in lexicon.terms.get(field, ())
        if term.includes
    }


def _phrases_of_values(
    lexicon: Lexicon, values: Mapping[str, Iterable[str]]
) -> dict[tuple[str, ...], Meaning]:
    """How values are called: by the lexicon's words; those it does not know, by their own name."""
    phrases: dict[tuple[str, ...], Meaning] = {}
    for field in FIELDS:
        for word, code in lexicon.codes_by_spoken_word[field].items():
            _add_phrase(phrases, word, Meaning(field, code))
        for code in values.get(field, ()):
            if code not in lexicon.codes_by_word[field]:
                _add_phrase(phrases, fold(code), Meaning(field, code))
    return phrases


def _add_names(
    phrases: dict[tuple[str, ...], Meaning],
    lexicon: Lexicon,
    classes: Iterable[CarClass],
    makes: Mapping[str, tuple[str, ...]],
) -> dict[str, ChassisOf]:
    """Add what classes, versions and makes are called to `phrases`; the classes of the chassis codes among it."""
    chassis: dict[str, ChassisOf] = {}
    for car_class in classes:
        for one in car_class.chassis:
            for code in one.codes:
                chassis[code] = ChassisOf(car_class.name, one.first, one.last, one.body)
                for phrase in _spoken_chassis(code):
                    _add_phrase(phrases, phrase, Meaning("chassis", code))
        for word in car_class.words:
            _add_phrase(phrases, word, Meaning("class", car_class.name))
    for version in lexicon.versions:
        for word in version.words:
            _add_phrase(phrases, word, Meaning("version", version.code))
    for spelling, tokens in makes.items():
        _add_phrase(phrases, spelling, Meaning("model", tokens[0]))
    return chassis


def _makes(lexicon: Lexicon, models: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Of a show-case of several makes, every spelling of each with those that its models' names begin with; nothing
    for one of the salon's own brand only."""
    names = [f"{' '.join(model_tokens(model))} " for model in models]
    found: dict[str, tuple[str, ...]] = {}
    for spellings in lexicon.spellings:
        tokens = dict.fromkeys(" ".join(model_tokens(spelling)) for spelling in spellings)
        present = tuple(one for one in tokens if any(name.startswith(f"{one} ") for name in names))
        if present:
            found |= dict.fromkeys(spellings, present)
    return found if found.keys() - set(lexicon.brand_words) else {}


def _models_of_makes(
    makes: Mapping[str, tuple[str, ...]], models: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The models of each make, by its name as it stands in the show-case."""
    keys = [f" {' '.join(model_tokens(model))} " for model in models]
    return {
        token: tuple(key for key in keys if key.startswith(f" {token} "))
        for tokens in makes.values()
        for token in tokens
    }


def _add_phrase(phrases: dict[tuple[str, ...], Meaning], phrase: str, meaning: Meaning) -> None:
    words = words_of(phrase)
    if words:
        phrases.setdefault(tuple(word.lemma for word in words), meaning)
        phrases.setdefault(tuple(word.text for word in words), meaning)


def _spoken_chassis(code: str) -> tuple[str, ...]:
    """«213 кузов», «кузов 213» and «213-й» for bare digits; a whole code is said as it is."""
    return (f"{code} кузов", f"кузов {code}", f"{code}-й") if code.isdigit() else (code,)


def _by_sound(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for word in words:
        if len(word) >= _PHONETIC_FROM and word.isalpha():
            for key in consonants(word):
                found.setdefault(key, []).append(word)
    return {key: tuple(words) for key, words in found.items()}
