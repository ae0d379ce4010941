"""Rules over lemmas, written as data: which words standing near each other mean what.

A rule file is TOML:

    [words]                    # lists used by several rules
    tell = ["показать!", "show!"]

    [[rule]]
    name = "prompt-leak"       # what a log says
    reason = "injection"
    groups = [["@tell"], ["инструкция", "system prompt"]]   # a word of each group ...
    window = 6                 # ... within so many words (default 7) of one sentence
    ordered = true             # in this order (default false)
    across = true              # sentence ends do not matter (default false)
    unless = ["эксплуатация"]  # and none of these within 4 words of the find

    [[pattern]]                # a regular expression over the normalised text in lower case
    [[glued]]                  # the same over letters only, for text whose spaces were taken away

A word is compared by its lemma; `!` after it asks for the imperative, the infinitive or an English base form;
`=` before it for exactly this form; `*` at its end for any ending. Words with a space are a phrase.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from chains.text import is_command, lemma, normalise, sentences, tokens

_WINDOW = 7
_UNLESS_REACH = 4
_PART_LETTERS = 3
_MOST_PLACES = 12  # of one group; a text that repeats a word more often is judged by its first places


class Word(NamedTuple):
    """A word of a text; `sentence` counts from 0."""

    form: str
    lemma: str
    sentence: int


class _Part(NamedTuple):
    """One word of a term."""

    text: str
    command: bool = False
    exact: bool = False
    prefix: bool = False

    def fits(self, word: Word) -> bool:
        if self.exact:
            return word.form == self.text
        if self.prefix:
            return word.lemma.startswith(self.text) or word.form.startswith(self.text)
        return word.lemma == self.text and (not self.command or is_command(word.form))


Term = tuple[_Part, ...]


class _Terms:
    """Terms to look for, found by their first word."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._by_lemma: dict[str, list[Term]] = {}
        self._by_form: dict[str, list[Term]] = {}
        self._by_prefix: list[Term] = []
        for words in terms:
            first = words[0]
            if first.prefix:
                self._by_prefix.append(words)
            else:
                (self._by_form if first.exact else self._by_lemma).setdefault(first.text, []).append(words)

    def may_stand(self, lemmas: Collection[str], forms: Collection[str]) -> bool:
        """False where no term begins with any of a text's words; quick, since most rules are about other things."""
        return bool(
            self._by_prefix
            or not self._by_lemma.keys().isdisjoint(lemmas)
            or not self._by_form.keys().isdisjoint(forms)
        )

    def places(self, words: Sequence[Word], index: "_Index | None" = None) -> list[tuple[int, int]]:
        """Where the terms stand, as (first word, word after the last), the first `_MOST_PLACES` of them.

        `index` tells where each word stands, so that of a long text only the words of the terms are looked at.
        """
        found: list[tuple[int, int]] = []
        for start in range(len(words)) if index is None or self._by_prefix else self._starts(index):
            word = words[start]
            for parts in (
                *self._by_lemma.get(word.lemma, ()),
                *self._by_form.get(word.form, ()),
                *self._by_prefix,
            ):
                end = start + len(parts)
                if end <= len(words) and all(
                    part.fits(other) for part, other in zip(parts, words[start:end], strict=True)
                ):
                    found.append((start, end))
                    break
            if len(found) >= _MOST_PLACES:
                break
        return found

    def _starts(self, index: "_Index") -> list[int]:
        found = {
            place for word in self._by_lemma.keys() & index.lemmas.keys() for place in index.lemmas[word]
        }
        found.update(
            place for word in self._by_form.keys() & index.forms.keys() for place in index.forms[word]
        )
        return sorted(found)


class _Index(NamedTuple):
    """Where the lemmas and the forms of a text stand."""

    lemmas: dict[str, list[int]]
    forms: dict[str, list[int]]


def _index_of(words: Sequence[Word]) -> _Index:
    index = _Index({}, {})
    for place, word in enumerate(words):
        index.lemmas.setdefault(word.lemma, []).append(place)
        index.forms.setdefault(word.form, []).append(place)
    return index


@dataclass(frozen=True)
class Rule:
    """Words of all `groups` near each other; see the module's description."""

    name: str
    reason: str
    groups: tuple[_Terms, ...]
    window: int = _WINDOW
    ordered: bool = False
    across: bool = False
    unless: _Terms = field(default_factory=lambda: _Terms(()))

    def matches(self, words: Sequence[Word], index: _Index | None = None) -> bool:
        """Whether the words say what the rule looks for; `index` of them saves looking at each."""
        places = []
        for group in self.groups:
            if not (found := group.places(words, index)):
                return False
            places.append(found)
        return any(self._holds(words, chosen) for chosen in product(*places))

    def _holds(self, words: Sequence[Word], chosen: tuple[tuple[int, int], ...]) -> bool:
        starts = [start for start, _ in chosen]
        first, last = min(starts), max(end for _, end in chosen)
        if last - first > self.window or len(set(starts)) < len(starts):
            return False
        if self.ordered and starts != sorted(starts):
            return False
        if not self.across and words[first].sentence != words[last - 1].sentence:
            return False
        around = words[max(0, first - _UNLESS_REACH) : last + _UNLESS_REACH]
        return not self.unless.places([word for word in around if word.sentence == words[first].sentence])


@dataclass(frozen=True)
class Pattern:
    """A regular expression that gives a reason."""

    name: str
    reason: str
    regex: re.Pattern[str]


@dataclass(frozen=True)
class RuleBook:
    """The rules of one or several files, in their order."""

    rules: tuple[Rule, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    glued: tuple[Pattern, ...] = ()

    def first(self, text: str, *, glued: bool = False) -> Rule | Pattern | None:
        """The first rule that a normalised text fulfils; `glued` text is compared letter by letter only."""
        low = text.lower()
        for pattern in self.glued if glued else self.patterns:
            if pattern.regex.search(low):
                return pattern
        if glued:
            return None
        words = words_of(text)
        index = _index_of(words)
        lemmas, forms = index.lemmas.keys(), index.forms.keys()
        for rule in self.rules:
            if all(group.may_stand(lemmas, forms) for group in rule.groups) and rule.matches(words, index):
                return rule
        return None


def load_rules(paths: Iterable[Path], lists: Mapping[str, list[str]] | None = None) -> RuleBook:
    """The rules of these files; `lists` are word lists that they may use beside their own.

    Raises ValueError naming file and rule if one cannot be read.
    """
    rules: list[Rule] = []
    patterns: list[Pattern] = []
    glued: list[Pattern] = []
    for path in paths:
        with path.open("rb") as file:
            data = tomllib.load(file)
        try:
            words = {**(lists or {}), **data.get("words", {})}
            rules += [_rule(entry, words) for entry in data.get("rule", [])]
            patterns += [_pattern(entry) for entry in data.get("pattern", [])]
            glued += [_pattern(entry) for entry in data.get("glued", [])]
        except (KeyError, TypeError, ValueError, re.error) as error:
            raise ValueError(f"{path}: {error}") from error
    return RuleBook(tuple(rules), tuple(patterns), tuple(glued))


def words_of(text: str) -> list[Word]:
    """The words of a normalised text with the number of their sentence.

    A compound is followed by its last part, which says what it is: «онлайн-казино» is a «казино».
    """
    words: list[Word] = []
    for number, sentence in enumerate(sentences(text)):
        for token in tokens(sentence):
            words.append(Word(token.text.lower(), lemma(token.text), number))
            _, hyphen, last = token.text.lower().rpartition("-")
            if hyphen and len(last) >= _PART_LETTERS and last.isalpha():
                words.append(Word(last, lemma(last), number))
    return words


class StopList:
    """Words and phrases any of which is enough, written as in a rule."""

    def __init__(self, words: Iterable[str]) -> None:
        self._terms = _Terms(_term(word) for word in words if word.strip())

    def stands_in(self, words: Sequence[Word]) -> bool:
        """Whether any of them stands among the words."""
        return bool(self.places(words))

    def places(self, words: Sequence[Word]) -> list[tuple[int, int]]:
        """Where they stand, as (first word, word after the last)."""
        return self._terms.places(words)


def _term(text: str) -> Term:
    return tuple(_part(word) for word in text.split())


def _part(word: str) -> _Part:
    plain = normalise(word.strip("!=*")).lower()
    if word.startswith("="):
        return _Part(plain, exact=True)
    if word.endswith("*"):
        return _Part(plain, prefix=True)
    return _Part(lemma(plain), command=word.endswith("!"))


def _rule(entry: dict[str, Any], lists: dict[str, list[str]]) -> Rule:
    known = {"name", "reason", "groups", "window", "ordered", "across", "unless"}
    if unknown := entry.keys() - known:
        raise ValueError(f"rule {entry.get('name')}: unknown {', '.join(sorted(unknown))}")
    groups = tuple(_terms(group, lists) for group in entry["groups"])
    options = {key: entry[key] for key in ("window", "ordered", "across") if key in entry}
    return Rule(
        entry["name"], entry["reason"], groups, unless=_terms(entry.get("unless", []), lists), **options
    )


def _terms(words: list[str], lists: dict[str, list[str]]) -> _Terms:
    flat: list[str] = []
    for word in words:
        flat += lists[word[1:]] if word.startswith("@") else [word]
    return _Terms(_term(word) for word in flat)


def _pattern(entry: dict[str, Any]) -> Pattern:
    return Pattern(entry["name"], entry["reason"], re.compile(entry["regex"]))
