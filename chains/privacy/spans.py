"""What is found: a kind of personal data and where it stands."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

Kind = Literal[
    "name",
    "phone",
    "email",
    "card",
    "snils",
    "inn",
    "passport",
    "vin",
    "plate",
    "address",
    "birthdate",
]

TYPES: dict[Kind, str] = {
    "name": "PERSON",
    "phone": "PHONE",
    "email": "EMAIL",
    "card": "CARD",
    "snils": "SNILS",
    "inn": "INN",
    "passport": "PASSPORT",
    "vin": "VIN_CLIENT",
    "plate": "PLATE",
    "address": "ADDRESS",
    "birthdate": "BIRTHDATE",
}
"""What each kind is called outside: in the files of `find-pii`, in exports and reports."""


class Span(NamedTuple):
    """A piece of personal data: `text[start:end]` of the text that was searched."""

    kind: Kind
    start: int
    end: int

    def as_json(self) -> dict[str, int | str]:
        """The span as files have it: start, end, type."""
        return {"start": self.start, "end": self.end, "type": TYPES[self.kind]}


class Masked(NamedTuple):
    """The text with each find replaced by a word in brackets; `found` refers to the original text, in its order."""

    text: str
    found: tuple[Span, ...]


Finder = Callable[[str], Iterator[Span]]
"""Finds one kind of data in a text; spans may overlap and come in any order."""


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans share a character."""
    return one.start < other.end and other.start < one.end


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """The spans in the order of the text; of two that overlap the one that came first stays."""
    kept: list[Span] = []
    by_block: dict[int, list[Span]] = {}  # so that a long text with many finds takes no quadratic time
    for span in spans:
        blocks = range(span.start // _BLOCK, (span.end - 1) // _BLOCK + 1)
        if any(overlap(span, other) for block in blocks for other in by_block.get(block, ())):
            continue
        kept.append(span)
        for block in blocks:
            by_block.setdefault(block, []).append(span)
    return sorted(kept, key=lambda span: span.start)


_BLOCK = 256
