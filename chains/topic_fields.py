"""What the common fields of forbidden topics are about, beyond the few words that a salon lists.

The data are `assets/guard/fields.toml`.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from chains.patterns import RuleBook, load_rules
from chains.text import lemma, lemmas


class Fields:
    """The fields that are known. `cars` are the words of cars and of buying, which a rule may hold against itself."""

    def __init__(self, path: Path, cars: Sequence[str]) -> None:
        with path.open("rb") as file:
            known: Mapping[str, Mapping[str, list[str]]] = tomllib.load(file)["fields"]
        self._names = {
            field: frozenset(lemma(word) for word in entry["names"]) for field, entry in known.items()
        }
        self._also = {field: tuple(entry["also"]) for field, entry in known.items()}
        book = load_rules([path], {"cars": list(cars)})
        if unknown := {rule.reason for rule in book.rules} - known.keys():
            raise ValueError(f"{path}: rules of unknown fields: {', '.join(sorted(unknown))}")
        self._rules = {
            field: RuleBook(rules=tuple(rule for rule in book.rules if rule.reason == field))
            for field in known
        }

    def of(self, name: str, stop_words: Iterable[str]) -> list[str]:
        """The fields of a topic with this name and these stop words; most topics have one or none."""
        called = set(lemmas(" ".join([name, *stop_words])))
        return [field for field, names in self._names.items() if names & called]

    def stop_words(self, field: str) -> Sequence[str]:
        """Further stop words of the field."""
        return self._also[field]

    def rule_for(self, field: str, text: str) -> str | None:
        """The name of the field's first rule that a normalised text fulfils, if any."""
        rule = self._rules[field].first(text)
        return rule.name if rule else None
