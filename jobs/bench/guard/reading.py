"""Records out of files of any size: CSV, TSV, JSON lines, JSON, Parquet, each plain or gzipped."""

import codecs
import csv
import gzip
import io
import json
import sys
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

_DELIMITERS = (",", ";", "\t", "|")
_MOST_LINES = 2_000
_BATCH = 1_000
_CSV_FIELD = 16 * 1024 * 1024


class SourceUnusable(ValueError):
    """A source gives no rows at all; the message is a sentence for the operator."""


class Record(NamedTuple):
    """One record: its line (or its place, from 1) and its cells by column; or `problem`, why it is none."""

    number: int
    cells: dict[str, Any]
    problem: str | None = None


def read_file(path: Path, known: Callable[[str], bool]) -> Iterator[Record]:
    """The records of a file in their order, a few in memory at a time.

    `known` tells which columns mean something: by them the delimiter of a CSV is found.

    Raises:
        SourceUnusable: it cannot be read, or is none of the formats.
    """
    name = path.name.lower().removesuffix(".gz")
    try:
        if name.endswith((".parquet", ".pq")):
            yield from _parquet(path)
        elif name.endswith((".jsonl", ".ndjson")):
            with _text(path) as lines:
                yield from _json_lines(lines)
        elif name.endswith(".json"):
            yield from _json(path)
        else:
            with _text(path) as lines:
                yield from _csv(lines, known)
    except SourceUnusable as error:
        raise SourceUnusable(f"{path}: {error}") from None
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceUnusable(f"{path}: cannot be read: {reason}") from error


# --- text


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb")


def _text(path: Path) -> io.TextIOWrapper:
    """The file as text, without its byte-order mark; NUL and lone bytes do not stop it."""
    return io.TextIOWrapper(cast("Any", _open(path)), encoding=_encoding(path), errors="replace", newline="")


def _encoding(path: Path) -> str:
    """UTF-16 by its mark, UTF-8 if all of it is, else windows-1251, which is what Excel writes in Russia."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _open(path) as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        file.seek(0)
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "windows-1251"
    return "utf-8-sig"


# --- CSV


class _Lines:
    """Lines that can be given back; `number` counts those that were taken."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._returned: deque[str] = deque()
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else next(self._lines).replace("\x00", "")
        self.number += 1
        return line

    def give_back(self, lines: list[str]) -> None:
        self._returned.extendleft(reversed(lines))
        self.number -= len(lines)


def _csv(file: Iterator[str], known: Callable[[str], bool]) -> Iterator[Record]:
    csv.field_size_limit(min(sys.maxsize, _CSV_FIELD))
    lines = _Lines(file)
    first = next((line for line in lines if line.strip() and not line.startswith("#")), None)
    if first is not None and first.lower().startswith("sep="):  # Excel's note to itself
        first = next(lines, None)
    if first is None:
        raise SourceUnusable("it is empty")
    delimiter = max(_DELIMITERS, key=lambda one: _worth(first, one, known))
    names = [name.strip().lstrip("\ufeff") for name in _one_line(first, delimiter)]
    while (record := _record(lines, delimiter, len(names))) is not None:
        number, cells = record
        if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            yield Record(number, {}, f"{len(cells)} cells where the header has {len(names)}")
        elif any(cell.strip() for cell in cells):
            yield Record(number, dict(zip(names, cells, strict=False)))


def _worth(header: str, delimiter: str, known: Callable[[str], bool]) -> tuple[int, int]:
    names = _one_line(header, delimiter)
    return sum(known(name) for name in names), len(names)


def _one_line(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return line.rstrip("\r\n").split(delimiter)


def _record(lines: _Lines, delimiter: str, width: int) -> tuple[int, list[str]] | None:
    """The next record, None at the end.

    A quotation mark that somebody forgot to close would swallow all rows up to the next one: where a record of
    several lines has not the header's shape, its first line stands alone and the others are read anew.
    """
    number = lines.number + 1
    taken: list[str] = []

    def some() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line
            if len(taken) >= _MOST_LINES:
                return

    try:
        cells = next(csv.reader(some(), delimiter=delimiter, strict=True), None)
        whole = len(taken) <= 1 or (cells is not None and len(cells) == width)
    except csv.Error:
        cells, whole = None, False
    if not taken:
        return None
    if whole and cells is not None:
        return number, cells
    lines.give_back(taken[1:])
    return number, _one_line(taken[0], delimiter)


# --- JSON and Parquet


def _json_lines(lines: Iterator[str]) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _of_json(number, json.loads(line))
        except (ValueError, RecursionError) as error:
            yield Record(number, {}, f"no JSON: {str(error)[:80]}")


def _json(path: Path) -> Iterator[Record]:
    """An array of records, an object that holds one, or, whatever the name says, JSON lines."""
    with _text(path) as file:
        try:
            value = json.load(file)
        except (ValueError, RecursionError):
            value = None
    if isinstance(value, dict):
        value = next((one for one in value.values() if isinstance(one, list)), [value])
    if isinstance(value, list):
        for number, one in enumerate(value, 1):
            yield _of_json(number, one)
        return
    with _text(path) as lines:
        yield from _json_lines(lines)


def _of_json(number: int, value: Any) -> Record:
    """A JSON object as cells; a bare text is a prompt; of a chat's messages the last of each side count."""
    if isinstance(value, str):
        return Record(number, {"prompt": value})
    if not isinstance(value, dict):
        return Record(number, {}, "no JSON object")
    messages = value.get("messages")
    if isinstance(messages, list):
        said = {
            str(one.get("role")): one.get("content") for one in messages if isinstance(one, dict)
        }  # later ones replace earlier ones
        value = {"prompt": said.get("user"), "response": said.get("assistant"), **value}
    return Record(number, value)


def _parquet(path: Path) -> Iterator[Record]:
    import pyarrow
    import pyarrow.parquet

    try:
        with path.open("rb") as data, pyarrow.parquet.ParquetFile(data) as file:
            number = 0
            for batch in file.iter_batches(batch_size=_BATCH):
                for cells in batch.to_pylist():
                    number += 1
                    yield Record(number, cells)
    except pyarrow.ArrowException as error:
        raise SourceUnusable(f"no Parquet file that can be read: {str(error).splitlines()[0]}") from error
