"""The words of a car salon: bodies, colours, drives… and what a brand's cars are called.

Three files are laid over each other, later ones adding to earlier ones: `assets/lexicon.toml` (words of any salon),
`assets/brands/<brand>.toml` (a brand's classes, bodies, slang) and the optional `lexicon.toml` of the salon folder.
A brand without a file works: then classes are what the inventory calls them.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from stores.errors import SalonFolderError

Field = Literal["body", "fuel", "drive", "transmission", "color", "option"]
FIELDS: tuple[Field, ...] = ("body", "fuel", "drive", "transmission", "color", "option")

# Cyrillic letters that look like Latin ones: «С 180» and "C 180" are one model, whichever keyboard typed it.
LOOKALIKES = str.maketrans("авекмнорстух", "abekmhopctyx")
_CYRILLIC_LOOKALIKES = {latin: cyrillic for cyrillic, latin in LOOKALIKES.items()}
_LOOKALIKE_WORD = re.compile(r"[авекмнорстух]{1,3}")
# The names that several brands give to a drive are one token each, digit and all.
DRIVE_NAME = r"(?<![\d.,])[24](?:matic|motion|drive|trac|wd)"
_MODEL_TOKEN = re.compile(rf"{DRIVE_NAME}|[a-zа-я]+|\d+(?:[.,]\d+)?")
_ENDING = re.compile(r"(ого|его|ому|ему|ыми|ими|ый|ий|ой|ая|яя|ое|ее|ые|ие|ых|их|ую|юю|ым|им|ом|ем)$")

_CELLS = 10_000


def fold(text: str) -> str:
    """Case and «ё» folded, spaces collapsed: the form in which words of a lexicon are compared."""
    return " ".join(text.casefold().replace("ё", "е").split())


def latin_lookalikes(word: str) -> str:
    """A folded word of up to three letters that all look Latin, written in Latin; other words unchanged."""
    return word.translate(LOOKALIKES) if _LOOKALIKE_WORD.fullmatch(word) else word


def one_alphabet(word: str) -> str:
    """A folded word of both alphabets in one of them, where its other letters all look alike: «еqс» → `eqc`,
    «cедан» → «седан»; other words unchanged."""
    if word.isascii() or not any("a" <= char <= "z" for char in word):
        return word
    latin = word.translate(LOOKALIKES)
    return latin if latin.isascii() else word.translate(_CYRILLIC_LOOKALIKES)


@lru_cache(maxsize=8192)
def model_tokens(model: str) -> tuple[str, ...]:
    """`GLE 450 4MATIC` → `("gle", "450", "4matic")`; letters and digits part, so that `c180` equals `C 180`."""
    return tuple(latin_lookalikes(token) for token in _MODEL_TOKEN.findall(fold(model)))


def model_key(model: str) -> str:
    """The tokens of a model, padded with spaces, so that a part of a name is found by substring search."""
    return f" {' '.join(model_tokens(model))} "


def brand_slug(brand: str) -> str:
    """The file name of a brand: `Mercedes-Benz` → `mercedes-benz`."""
    return re.sub(r"[^a-zа-я0-9]+", "-", fold(brand)).strip("-")


@dataclass(frozen=True)
class Term:
    """One value of a field: its code, its title by language and every word that means it (folded).

    `cell_words` are those of `words` that mean it only as a whole cell of an inventory («полный» under drive), never
    in a sentence; `includes` other codes that a wish for this one takes in. An option may be no more than a number of
    `seats`, or a `material` of the upholstery, which stands in the inventory under options or interior.
    """

    code: str
    title: Mapping[str, str]
    words: tuple[str, ...]
    cell_words: frozenset[str] = frozenset()
    includes: tuple[str, ...] = ()
    seats: int | None = None
    material: bool = False


class Chassis(NamedTuple):
    """A generation of a class by the maker's codes (`w213`; bare digits for «213 кузов»). `first` and `last` are its
    model years, `last` None while it is built; `body` is given where the code is that of one body."""

    codes: tuple[str, ...]
    first: int
    last: int | None
    body: str | None


@dataclass(frozen=True)
class CarClass:
    """A class of a brand. `base` is the class it belongs to (`Maybach S` → `S`), its own name otherwise."""

    name: str
    base: str
    words: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    chassis: tuple[Chassis, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """All words of one salon; immutable and shared by threads."""

    brand: str
    brand_words: tuple[str, ...]
    terms: Mapping[str, tuple[Term, ...]]
    classes: tuple[CarClass, ...]
    versions: tuple[Term, ...]
    spellings: tuple[tuple[str, ...], ...] = ()
    """The spellings of each brand that people write in several ways, folded, the Latin one first."""
    nicknames: Mapping[str, str] = field(default_factory=dict)
    """What models are called besides their names, folded, and the name meant."""
    says_class: bool = False
    """The brand's classes are called so: «C-класс», but plainly X5."""

    def code(self, field: Field, raw: str | None) -> str | None:
        """The code that an inventory cell means (`«чёрный металлик»` → `black`), or None when no word fits."""
        if not raw or not raw.strip():
            return None
        text = fold(raw)
        by_word = self.codes_by_word[field]
        if text in by_word:
            return by_word[text]
        known = self._codes_of_cells
        if (field, text) not in known:
            if len(known) >= _CELLS:
                known.clear()
            known[field, text] = self._code_within(field, text)
        return known[field, text]

    def _code_within(self, field: Field, text: str) -> str | None:
        """The code of the longest known word among those of a folded text, endings apart."""
        stems = [_stem(word) for word in re.findall(r"[\w-]+", text)]
        padded = f" {' '.join(stems)} "
        best = max((word for stem, word in self._stems[field] if stem in padded), key=len, default=None)
        return self.codes_by_word[field][best] if best else None

    @cached_property
    def _stems(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Each word of a field after its stem, padded with spaces."""
        return {
            name: tuple((f" {' '.join(_stem(part) for part in word.split())} ", word) for word in words)
            for name, words in self.codes_by_word.items()
        }

    @cached_property
    def _codes_of_cells(self) -> dict[tuple[str, str], str | None]:
        """What cells were found to mean; a show-case repeats a few hundred of them."""
        return {}

    @cached_property
    def codes_by_spoken_word(self) -> Mapping[str, Mapping[str, str]]:
        """`codes_by_word` without the words that only mean something as a whole cell."""
        return {
            name: {word: code for word, code in words.items() if not self._is_cell_word(name, word)}
            for name, words in self.codes_by_word.items()
        }

    def _is_cell_word(self, field: str, word: str) -> bool:
        return any(word in term.cell_words for term in self.terms.get(field, ()))

    @cached_property
    def codes_by_word(self) -> Mapping[str, Mapping[str, str]]:
        """For each field, every word or phrase that means a code."""
        return {
            name: {word: term.code for term in self.terms.get(name, ()) for word in (*term.words, term.code)}
            for name in FIELDS
        }

    def knows(self, field: Field, code: str | None) -> bool:
        """Whether a lexicon file defines this code."""
        return any(term.code == code for term in self.terms.get(field, ()))

    def title(self, field: Field, code: str, language: str) -> str:
        """How a code is written for people; an unknown code is its own title."""
        for term in self.terms.get(field, ()):
            if term.code == code:
                return term.title.get(language) or term.title.get("ru") or code
        return code

    def class_of(self, model: str) -> str | None:
        """The class of a model by the brand's prefixes, else the model's first word; None for an empty name."""
        tokens = self._without(model_tokens(model), self._every_make)
        if not tokens:
            return None
        version_words = [word for version in self.versions for word in version.words]
        for candidate in (tokens, self._without(tokens, version_words)):
            found = self._longest_prefix(candidate)
            if found:
                return found
        words = [word for word in model.split() if fold(word) not in self._every_make]
        return words[0] if words else None

    @cached_property
    def _every_make(self) -> tuple[str, ...]:
        return (*self.brand_words, *(spelling for spellings in self.spellings for spelling in spellings))

    def base_of(self, class_name: str) -> str:
        """The class that a version of a class belongs to: `Maybach S` → `S`."""
        for car_class in self.classes:
            if fold(car_class.name) == fold(class_name):
                return car_class.base
        return class_name

    def _longest_prefix(self, tokens: tuple[str, ...]) -> str | None:
        best: tuple[int, str] | None = None
        for car_class in self.classes:
            for prefix in car_class.prefixes:
                key = model_tokens(prefix)
                if key == tokens[: len(key)] and (best is None or len(key) > best[0]):
                    best = (len(key), car_class.name)
        return best[1] if best else None

    @staticmethod
    def _without(tokens: tuple[str, ...], words: Iterable[str]) -> tuple[str, ...]:
        """`tokens` less leading ones that are among `words` (`mercedes benz c 180` → `c 180`)."""
        skip = {token for word in words for token in model_tokens(word)}
        start = 0
        while start < len(tokens) - 1 and tokens[start] in skip:
            start += 1
        return tokens[start:]


def _stem(word: str) -> str:
    return _ENDING.sub("", word) if len(word) > 4 else word


def load_lexicon(assets: Path, brand: str, salon_folder: Path) -> Lexicon:
    """Read and merge the three lexicon files; missing ones count as empty.

    Raises:
        SalonFolderError: a file is there but is no valid TOML or has fields of a wrong shape.
    """
    spellings, nicknames = _spellings(assets / "brands" / "spellings.toml")
    names: list[str] = [fold(brand)]
    for group in spellings:
        names += group if names[0] in group else ()
    terms: dict[str, dict[str, Term]] = {name: {} for name in FIELDS}
    classes: dict[str, CarClass] = {}
    versions: dict[str, Term] = {}
    says_class = False
    paths = (
        assets / "lexicon.toml",
        assets / "brands" / f"{brand_slug(brand)}.toml",
        salon_folder / "lexicon.toml",
    )
    for path in paths:
        if not path.is_file():
            continue
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            says_class = bool(data.get("says_class", says_class))
            names += [fold(name) for name in data.get("names", [])]
            for name in FIELDS:
                for code, entry in data.get(name, {}).items():
                    terms[name][code] = _merged_term(terms[name].get(code), code, entry)
            for entry in data.get("class", []):
                classes[entry["name"]] = _merged_class(classes.get(entry["name"]), entry)
            for entry in data.get("version", []):
                versions[entry["name"]] = _merged_term(versions.get(entry["name"]), entry["name"], entry)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
            raise SalonFolderError(f"{path.name}: not a valid lexicon: {error}") from error
    return Lexicon(
        brand=brand,
        brand_words=tuple(dict.fromkeys(names)),
        terms={name: tuple(found.values()) for name, found in terms.items()},
        classes=tuple(classes.values()),
        versions=tuple(versions.values()),
        spellings=spellings,
        nicknames=nicknames,
        says_class=says_class,
    )


def _spellings(path: Path) -> tuple[tuple[tuple[str, ...], ...], dict[str, str]]:
    """The spellings of each brand, and the nicknames of models."""
    data = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    groups = tuple(tuple(dict.fromkeys(map(fold, group))) for group in data.get("spellings", []))
    return groups, {fold(name): fold(model) for name, model in data.get("nicknames", {}).items()}


def _merged_term(known: Term | None, code: str, entry: Mapping[str, Any]) -> Term:
    old = known or Term(code=code, title={}, words=())
    words = tuple(fold(word) for word in entry.get("words", []))
    return Term(
        code=code,
        title={**old.title, **entry.get("title", {})},
        words=tuple(dict.fromkeys((*old.words, *words))),
        cell_words=old.cell_words | {fold(word) for word in entry.get("cell_words", [])},
        includes=tuple(dict.fromkeys((*old.includes, *entry.get("includes", [])))),
        seats=entry.get("seats", old.seats),
        material=entry.get("material", old.material),
    )


def _merged_class(known: CarClass | None, entry: Mapping[str, Any]) -> CarClass:
    name = str(entry["name"])
    old = known or CarClass(name=name, base=name)

    def joined(old_values: tuple[str, ...], key: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*old_values, *entry.get(key, []))))

    return CarClass(
        name=name,
        base=entry.get("base", old.base),
        words=tuple(fold(word) for word in joined(old.words, "words")),
        bodies=joined(old.bodies, "bodies"),
        models=joined(old.models, "models"),
        prefixes=joined(old.prefixes, "prefixes") or (name,),
        chassis=(*old.chassis, *map(_chassis, entry.get("chassis", []))),
    )


def _chassis(entry: Mapping[str, Any]) -> Chassis:
    first, *last = entry["years"]
    codes = tuple(fold(code) for code in entry["codes"])
    return Chassis(codes, first, last[0] if last else None, entry.get("body"))
