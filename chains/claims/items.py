"""What a sentence says of cars, taken apart: which cars it names, and what it claims of them, in its order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from chains.claims.evidence import CarFacts
from chains.claims.figures import Figure
from chains.numerals import Word


@dataclass(frozen=True)
class Mention:
    """Cars that a sentence names at a word: those of the turn that may be meant; none when it knows no such car."""

    at: int
    cars: tuple[int, ...]


@dataclass(frozen=True)
class Claim:
    """Something said of a car at a word. `field` and `value` tell two claims of one kind apart; `known` tells that no
    number in it is foreign to the facts."""

    at: int
    field: str
    value: object
    holds: Callable[[CarFacts], bool]
    known: bool = True


@dataclass(frozen=True)
class Comparison:
    """«дешевле»: the first car's `field` minus the second's has the sign, and is `by` where that is said."""

    at: int
    field: str
    sign: int
    negated: bool = False
    by: Figure | None = None


@dataclass(frozen=True)
class Extreme:
    """«самый дешёвый»: no car of the turn has less (`sign` -1) or more (+1) of `field`."""

    at: int
    field: str
    sign: int


@dataclass
class Items:
    """A sentence taken apart. `failure` is set when something in it can be no claim that the facts bear out."""

    words: list[Word]
    mentions: list[Mention] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    extremes: list[Extreme] = field(default_factory=list)
    failure: Literal["number", "name", "availability", "unsupported", ""] = ""
    used: set[int] = field(default_factory=set)

    @property
    def concerns_cars(self) -> bool:
        """Whether anything in the sentence is about a car."""
        return bool(self.mentions or self.claims or self.comparisons or self.extremes or self.failure)
