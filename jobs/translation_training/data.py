"""Parallel questions, Russian and English, that word pairs are learned from."""

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_RUBQ = ("RuBQ_1.0_dev.json", "RuBQ_1.0_test.json", "RuBQ_2.0_dev.json")


class ParallelDataError(Exception):
    """The parallel questions cannot be read; the message is one sentence for whoever started the job."""


class Pair(NamedTuple):
    """One question in both languages."""

    russian: str
    english: str


class Parallel(NamedTuple):
    """All pairs in their order, and the SHA-256 of each file they come from by its name."""

    pairs: list[Pair]
    hashes: dict[str, str]


def load_parallel(rubq: Path, xsafety: Path) -> Parallel:
    """RuBQ's questions with their translations (each question once), then the lines of XSafety's `ru` and `en` files.

    XSafety's files are paired in the order of their names, and left out where their lengths differ.

    Raises:
        ParallelDataError: a file is missing or of another form.
    """
    hashes: dict[str, str] = {}
    try:
        pairs = [*_rubq(rubq, hashes), *_xsafety(xsafety, hashes)]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise ParallelDataError(f"the parallel questions cannot be read: {error}") from error
    if not pairs:
        raise ParallelDataError(f"no parallel questions in {rubq} and {xsafety}")
    return Parallel(pairs, hashes)


def _rubq(folder: Path, hashes: dict[str, str]) -> Iterator[Pair]:
    seen: set[str] = set()
    for name in _RUBQ:
        for row in json.loads(_text(folder / name, f"rubq/{name}", hashes)):
            russian, english = row["question_text"], row.get("question_eng")
            if english and russian not in seen:
                seen.add(russian)
                yield Pair(russian, english)


def _xsafety(folder: Path, hashes: dict[str, str]) -> Iterator[Pair]:
    files = [sorted((folder / language).iterdir()) for language in ("ru", "en")]
    for russian, english in zip(*files, strict=False):
        texts = [
            _lines(_text(path, f"xsafety/{path.parent.name}/{path.name}", hashes))
            for path in (russian, english)
        ]
        if len(texts[0]) == len(texts[1]):
            yield from map(Pair, *texts)


def _text(path: Path, name: str, hashes: dict[str, str]) -> str:
    content = path.read_bytes()
    hashes[name] = hashlib.sha256(content).hexdigest()
    return content.decode("utf-8-sig")


def _lines(text: str) -> list[str]:
    return [row[0] for row in csv.reader(text.splitlines(keepends=True)) if row]
