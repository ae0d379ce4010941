"""Articles: the CSV files of the salon folder's `wiki` and of the crawler, cut into passages."""

import csv
import hashlib
import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from razdel import sentenize

from stores.legend import decode, language_by_letters
from stores.passages import Passage

_log = logging.getLogger(__name__)

PASSAGE_CHARACTERS = 900
"""A passage is at most this long: some five sentences, which a small model reads within seconds."""
_TITLE_CHARACTERS = 120
_COLUMNS = ("url", "context", "status")
_USABLE = "Ok"


@dataclass(frozen=True)
class RejectedArticle:
    """A row that is no knowledge because it is broken; `line` is where it starts, 1 being the header."""

    file: str
    line: int
    reason: str


@dataclass
class WikiLoad:
    """What `load_wiki` found.

    `skipped` counts the rows whose status is not `Ok`, by status, and those `known already` from an earlier folder;
    `rejected` lists rows and files that are broken.
    """

    passages: list[Passage] = field(default_factory=list)
    articles: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    rejected: list[RejectedArticle] = field(default_factory=list)


@dataclass
class _Seen:
    """What was taken so far: articles, how many have each address, and the addresses of earlier folders."""

    articles: set[tuple[str, str]] = field(default_factory=set)
    addresses: dict[str, int] = field(default_factory=dict)
    earlier: frozenset[str] = frozenset()


class _Row(NamedTuple):
    line: int
    cells: list[str]


_ELSEWHERE = "known already"


def load_wiki(*folders: Path) -> WikiLoad:
    """Every article with status `Ok` in the folders' CSV files, in passages of at most `PASSAGE_CHARACTERS`.

    Never raises: a folder that is missing gives no passages, a broken file or row is counted in `rejected`. Files
    are read in the order of their names; of two articles with one address and text the first stays, and an address that
    an earlier folder has is not taken from a later one.
    """
    load = WikiLoad()
    seen = _Seen()
    for folder in folders:
        seen.earlier = frozenset(seen.addresses)
        for path in sorted(folder.glob("*.csv")) if folder.is_dir() else []:
            try:
                source = decode(path.read_bytes())
            except OSError as error:
                reason = f"cannot be read: {error.strerror or error}"
                load.rejected.append(RejectedArticle(path.name, 0, reason))
                continue
            _load_file(path.name, source, load, seen)
    if load.rejected:
        _log.warning("wiki: %d broken rows left out, the first: %s", len(load.rejected), load.rejected[0])
    return load


def _load_file(name: str, source: str, load: WikiLoad, seen: _Seen) -> None:
    rows = _rows(source)
    header = next(rows, None)
    names = [cell.strip().lower() for cell in header.cells] if header else []
    missing = [column for column in _COLUMNS if column not in names]
    if missing:
        load.rejected.append(RejectedArticle(name, 1, f"the header lacks: {', '.join(missing)}"))
        return
    places = [names.index(column) for column in _COLUMNS]
    try:
        for row in rows:
            reason = _take(row, places, load, seen)
            if reason:
                load.rejected.append(RejectedArticle(name, row.line, reason))
    except csv.Error as error:
        load.rejected.append(RejectedArticle(name, 0, f"reading stopped: {error}"))


def _rows(source: str) -> Iterator[_Row]:
    """The rows that hold anything; the separator is the one that the header has most of."""
    first = source.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    # A crawled page may be longer than the 131,072 characters that csv allows by default; memory is the only limit.
    csv.field_size_limit(max(csv.field_size_limit(), len(source) + 1))
    reader = csv.reader(io.StringIO(source, newline=""), delimiter=separator)
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield _Row(line, cells)
        line = reader.line_num + 1


def _take(row: _Row, places: list[int], load: WikiLoad, seen: _Seen) -> str | None:
    """Adds the row's passages to `load`; returns why not, None if all is well or the row is simply not for use."""
    if len(row.cells) <= max(places):
        return f"too few cells: {len(row.cells)}"
    url, context, status = (row.cells[place].strip() for place in places)
    if status != _USABLE:
        load.skipped[status] = load.skipped.get(status, 0) + 1
        return None
    if not re.search(r"\w", context):
        return "no text"
    if url and not re.match("https?://", url):
        return f"not a web address: {url[:80]}"
    if url and url in seen.earlier:
        load.skipped[_ELSEWHERE] = load.skipped.get(_ELSEWHERE, 0) + 1
        return None
    if (url, context) in seen.articles:
        return "the same article again"
    seen.articles.add((url, context))
    key = hashlib.sha256((url or context).encode()).hexdigest()[:12]
    if url:
        seen.addresses[url] = seen.addresses.get(url, 0) + 1
        if seen.addresses[url] > 1:
            key = f"{key}-{seen.addresses[url]}"
    load.articles += 1
    load.passages.extend(_passages(key, url or None, context))
    return None


def _passages(key: str, url: str | None, context: str) -> Iterator[Passage]:
    title, text = _title_and_text(url, context)
    language = language_by_letters(text)
    for number, piece in enumerate(cut(text)):
        yield Passage(f"wiki:{key}:{number}", "wiki", title, piece, url, language)


def _title_and_text(url: str | None, context: str) -> tuple[str, str]:
    """A first line that reads like a heading is the title; otherwise the address names the page."""
    first, _, rest = context.partition("\n")
    heading = first.strip()
    marked = heading.lstrip("#").strip()
    looks_like_one = heading.startswith("#") or not heading.endswith((".", ",", ";", ":"))
    if marked and rest.strip() and looks_like_one and len(marked) <= _TITLE_CHARACTERS:
        return marked, rest.strip()
    return _title_of(url) or _shortened(heading), context


def _title_of(url: str | None) -> str:
    """The last speaking part of an address: …/wiki/Mercedes-Benz_C-Class → Mercedes-Benz C-Class."""
    parts = [part for part in unquote(urlsplit(url or "").path).split("/") if re.search(r"[^\W\d]", part)]
    if not parts:
        return ""
    words = re.sub(r"\.\w{2,5}$", "", parts[-1]).replace("_", " ")
    if " " not in words and words.islower():
        words = words.replace("-", " ")
    return _shortened(words[:1].upper() + words[1:])


def _shortened(text: str) -> str:
    if len(text) <= _TITLE_CHARACTERS:
        return text
    return text[:_TITLE_CHARACTERS].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def cut(text: str, limit: int = PASSAGE_CHARACTERS) -> list[str]:
    """The text in pieces of at most `limit` characters, cut between sentences; line breaks are kept.

    A sentence longer than `limit` is cut between words, a word longer than that anywhere.
    """
    pieces: list[str] = []
    current = ""
    for separator, sentence in _sentences(text, limit):
        if current and len(current) + len(separator) + len(sentence) <= limit:
            current += separator + sentence
            continue
        if current:
            pieces.append(current)
        current = sentence
    return [*pieces, current] if current else pieces


def _sentences(text: str, limit: int) -> Iterator[tuple[str, str]]:
    """Each sentence with what stood between it and the one before: a space or a line break."""
    for line in text.splitlines():
        separator = "\n"
        for sentence in sentenize(line.strip()):
            for part in _fitting(sentence.text, limit):
                yield separator, part
                separator = " "


def _fitting(sentence: str, limit: int) -> Iterator[str]:
    while len(sentence) > limit:
        space = sentence.rfind(" ", 1, limit + 1)
        end = space if space > 0 else limit
        yield sentence[:end].rstrip()
        sentence = sentence[end:].lstrip()
    if sentence:
        yield sentence
