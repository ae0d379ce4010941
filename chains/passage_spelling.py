"""Words of a question in the spelling of the passages: «форматик» → 4matic, «икс драйв» → xdrive, «шиномантаж».

Names are heard by `chains.sounds`; for a Russian word that no dictionary has its nearest neighbour is taken.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from chains.sounds import LETTER_NAMES, consonants, sounds_like
from chains.text import Token, is_dictionary_word, lemma, tokens
from stores.lexicon import fold

_SHORTEST = 4
_SPOKEN_DIGITS = {"4": "for", "2": "tu"}
_FUZZY_FROM = 6
_LONG = 11


@dataclass(frozen=True, repr=False)
class Respeller:
    """What the passages are known by: `names` in Latin letters by their consonants, each with the way it is said, and
    all Russian `words` by their first letter."""

    names: Mapping[str, tuple[tuple[str, str], ...]]
    words: Mapping[str, frozenset[str]]

    def respell(self, text: str) -> str:
        """The text with each word, or two words, that only sounds like a name of the passages put into its letters."""
        found = tokens(text)
        parts, end, index = list[str](), 0, 0
        while index < len(found):
            name, length = self._name_at(found, index)
            if name is not None:
                parts += [text[end : found[index].start], name]
                end = found[index + length - 1].end
            index += length
        return "".join([*parts, text[end:]])

    def _name_at(self, found: list[Token], index: int) -> tuple[str | None, int]:
        """The name that begins at a word, and how many words it takes."""
        word = fold(found[index].text)
        if word.isascii():
            return None, 1
        following = fold(found[index + 1].text) if index + 1 < len(found) else ""
        if following and not following.isascii() and (word in LETTER_NAMES or len(word) == 1):
            for spoken in (LETTER_NAMES.get(word, word) + following, word + following):
                if name := self._heard(spoken):
                    return name, 2
        plain = word.replace("-", "")
        head, _, tail = word.partition("-")
        for spoken in (plain, LETTER_NAMES.get(head, head) + tail):
            if not is_dictionary_word(plain) and (name := self._heard(spoken)):
                return name, 1
        return self._misspelt(word), 1

    def _heard(self, spoken: str) -> str | None:
        if len(spoken) < _SHORTEST:
            return None
        return next(
            (
                name
                for key in consonants(spoken)
                for said, name in self.names.get(key, ())
                if sounds_like(spoken, said)
            ),
            None,
        )

    def _misspelt(self, word: str) -> str | None:
        """The nearest word of the passages for one that no dictionary has; one wrong letter, two in a long word."""
        base = lemma(word)
        known = self.words.get(base[:1], frozenset())
        if len(word) < _FUZZY_FROM or not word.isalpha() or base in known or is_dictionary_word(word):
            return None
        wrong = 2 if len(word) >= _LONG else 1
        match = process.extractOne(base, known, scorer=OSA.distance, score_cutoff=wrong)
        return match[0] if match else None


def respeller_of(known: Iterable[str]) -> Respeller:
    """The respeller of passages in which these terms stand."""
    names: dict[str, dict[str, str]] = {}
    words: dict[str, set[str]] = {}
    for term in sorted(known):
        plain = term.replace("-", "")
        if not plain.isascii():
            if term.isalpha():
                words.setdefault(term[0], set()).add(term)
            continue
        if len(plain) < _SHORTEST or not any(char.isalpha() for char in plain):
            continue
        for form in {plain, _SPOKEN_DIGITS.get(plain[0], plain[0]) + plain[1:]}:
            for key in consonants(form):
                names.setdefault(key, {})[form] = term
    return Respeller(
        {key: tuple(forms.items()) for key, forms in names.items()},
        {letter: frozenset(group) for letter, group in words.items()},
    )
