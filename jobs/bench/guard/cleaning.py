"""Cleaning rows as they stream by: what is lost at each step, and which labels look wrong."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from math import log2
from typing import NamedTuple

from chains.text import normalise
from jobs.bench.guard.columns import Remarks
from jobs.bench.guard.rows import Row

LONGEST = 20_000
"""Characters up to which no text is an outlier, however short the others are: long attacks are data."""
_BINS_AN_OCTAVE = 16
_FENCE = 3.0
_WORDS = re.compile(r"[^\w]+|_")


@dataclass
class Lengths:
    """A histogram of lengths by their logarithm; it takes the same memory for any number of rows."""

    bins: Counter[int] = field(default_factory=Counter)

    def add(self, text: str | None) -> None:
        """Count one text."""
        if text:
            self.bins[round(log2(len(text)) * _BINS_AN_OCTAVE)] += 1

    @property
    def limit(self) -> float:
        """The length from which on a text is an outlier: Tukey's outer fence (the upper quartile and three times the
        distance between the quartiles) over logarithms, and never less than `LONGEST`."""
        if not self.bins:
            return LONGEST
        low, high = self._quantile(0.25), self._quantile(0.75)
        return max(LONGEST, 2 ** min(60.0, (high + _FENCE * (high - low)) / _BINS_AN_OCTAVE))

    def _quantile(self, share: float) -> float:
        wanted, seen = share * sum(self.bins.values()), 0
        for place, count in sorted(self.bins.items()):
            seen += count
            if seen >= wanted:
                return place
        return 0.0


class Survey(NamedTuple):
    """What the first reading of all sources told: how many rows there are, and how long their texts."""

    rows: int
    prompts: Lengths
    responses: Lengths


def survey(rows: Iterable[Row]) -> Survey:
    """Read everything once."""
    count, prompts, responses = 0, Lengths(), Lengths()
    for row in rows:
        count += 1
        prompts.add(row.prompt)
        responses.add(row.response)
    return Survey(count, prompts, responses)


@dataclass
class Losses:
    """How many rows went in, and how many each step took away."""

    read: int = 0
    no_text: int = 0
    no_label: int = 0
    duplicates: int = 0
    too_long: int = 0
    kept: int = 0
    orphan_labels: int = 0
    contradictions: Remarks = field(default_factory=Remarks)

    def steps(self) -> dict[str, int]:
        """The steps in their order, by what is printed of them."""
        return {
            "read": self.read,
            "no prompt and no answer": self.no_text,
            "no label to judge by": self.no_label,
            "duplicates": self.duplicates,
            "longer than any other": self.too_long,
            "kept": self.kept,
        }


class Cleaner:
    """Takes rows, gives back those that can be used. It remembers some hundred bytes of each, for duplicates.

    `unlabelled` keeps rows without a label, for a model to answer.
    """

    def __init__(self, survey: Survey, *, unlabelled: bool = False) -> None:
        self._limits = (survey.prompts.limit, survey.responses.limit)
        self._unlabelled = unlabelled
        self._seen: set[int] = set()
        self._labels: dict[int, str] = {}
        self.losses = Losses()

    def clean(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows that are left, in their order."""
        for row in rows:
            self.losses.read += 1
            kept = self._checked(row)
            if kept is not None:
                self.losses.kept += 1
                yield kept

    def _checked(self, row: Row) -> Row | None:
        losses = self.losses
        row = self._without_orphans(row)
        if row.prompt is None and row.response is None:
            losses.no_text += 1
            return None
        if not row.labelled and not self._unlabelled:
            losses.no_label += 1
            return None
        if self._is_duplicate(row):
            losses.duplicates += 1
            return None
        if len(row.prompt or "") > self._limits[0] or len(row.response or "") > self._limits[1]:
            losses.too_long += 1
            return None
        return row

    def _without_orphans(self, row: Row) -> Row:
        """A label of a text that is not there is none."""
        if row.prompt is None and row.prompt_label is not None:
            self.losses.orphan_labels += 1
            row = replace(row, prompt_label=None)
        if row.response is None and (row.response_label or row.response_refusal_label):
            self.losses.orphan_labels += 1
            row = replace(row, response_label=None, response_refusal_label=None)
        return row

    def _is_duplicate(self, row: Row) -> bool:
        """Whether the very same prompt with the same answer of the same model was there (a disguised attack is another
        one); contradicting labels of texts that hardly differ are told."""
        self._compare(row, "prompt_label", _key("p", row.prompt))
        answer = _key("r", row.prompt, row.response)
        for name in ("response_label", "response_refusal_label"):
            self._compare(row, name, answer ^ (name == "response_label"))
        key = _hash(
            "a", [" ".join(text.split()) if text else "" for text in (row.prompt, row.response, row.model)]
        )
        if key in self._seen:
            return True
        self._seen.add(key)
        return False

    def _compare(self, row: Row, name: str, key: int) -> None:
        label: str | None = getattr(row, name)
        if label is None:
            return
        before = self._labels.setdefault(key, label)
        if before is not label and before != label:
            text = f"{name} {label}, but the same text is called {before} elsewhere"
            self.losses.contradictions.add(row.source, row.number, text)


def _key(kind: str, *texts: str | None) -> int:
    """The same for texts that differ in case, spaces and punctuation only."""
    plain = [
        " ".join(_WORDS.sub(" ", normalise(text).casefold()).split()) or text if text else ""
        for text in texts
    ]
    return _hash(kind, plain)


def _hash(kind: str, texts: Sequence[str]) -> int:
    digest = blake2b("\x1f".join([kind, *texts]).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
