"""Other words for the same thing."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from chains.search_terms import terms
from chains.text import normalise

Synonyms = Mapping[str, frozenset[str]]


def load_synonyms(path: Path) -> Synonyms:
    """Each word's other words, from a TOML file with `groups`: lists of words and phrases that mean the same.

    Russian and English stand in one group, so that an English question finds a Russian brochure. Every word of a
    phrase stands for the others of the group. A word in several groups has the words of all of them.
    """
    with path.open("rb") as file:
        groups = tomllib.load(file)["groups"]
    others: dict[str, set[str]] = {}
    for group in groups:
        words = {term for phrase in group for term in terms(normalise(phrase))}
        for word in words:
            others.setdefault(word, set()).update(words - {word})
    return {word: frozenset(rest) for word, rest in others.items()}
