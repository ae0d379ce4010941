"""Reading the show-case as it lies at its source: a CSV or Parquet file, or a database query.

Whatever the source, the result is a `SourceTable`: rows of cells by our field names. Columns that are neither ours nor
mapped are left behind here, so that what the salon keeps to itself never gets any further.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow
import pyarrow.parquet
from sqlalchemy import Connection, NullPool, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, ResourceClosedError, SQLAlchemyError

from stores.cars import FIELDS, REQUIRED, RejectedRow
from stores.database import CONNECT_SECONDS, first_line, masked
from stores.errors import InventoryUnreadable
from stores.salon import InventorySource

_DELIMITERS = (",", ";")
QUERY_SECONDS = 120
_OPEN_QUOTE = "a quotation mark is opened and not closed"


class SourceRow(NamedTuple):
    """Cells by field; a field whose column is not there is left out. `line` as in `RejectedRow`."""

    line: int
    cells: dict[str, Any]


@dataclass
class SourceTable:
    """Rows that have the right shape, those that do not, and what is to be said of the source as a whole."""

    rows: list[SourceRow] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    remarks: list[RejectedRow] = field(default_factory=list)


def read_source(source: InventorySource, folder: Path) -> SourceTable:
    """Read the whole source once.

    Raises:
        InventoryUnreadable: it is not there, is no such file, has not the columns it needs, or the query fails.
    """
    if source.url is not None:
        return _read_query(source, folder)
    path = source.path or folder / source.source
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            return _read_parquet(path, source.columns)
        return _read_csv(path, source.columns)
    except OSError as error:
        raise InventoryUnreadable(f"{path.name} cannot be read: {error.strerror or error}") from error


class _Columns(NamedTuple):
    """Where each field stands in the header, and the mapped columns that are not there."""

    places: dict[str, int]
    absent: dict[str, str]


def _places(header: Sequence[str], mapping: Mapping[str, str]) -> _Columns:
    """Exact names win over names that differ in case; a column mapped to one field serves no other by its name."""
    names = [" ".join(str(name).split()) for name in header]
    folded = [name.casefold() for name in names]
    claimed = {theirs.strip().casefold() for theirs in mapping.values()}
    places: dict[str, int] = {}
    absent: dict[str, str] = {}
    for ours in FIELDS:
        theirs = " ".join(mapping.get(ours, ours).split())
        if ours not in mapping and ours in claimed:
            continue
        if theirs in names:
            places[ours] = names.index(theirs)
        elif theirs.casefold() in folded:
            places[ours] = folded.index(theirs.casefold())
        elif ours in mapping or ours in REQUIRED:
            absent[ours] = theirs
    return _Columns(places, absent)


def _start_table(columns: _Columns, what: str) -> SourceTable:
    """An empty table, if the columns that no car can do without are there."""
    missing = [columns.absent.get(name, name) for name in REQUIRED if name not in columns.places]
    if missing:
        plural = "s" if len(missing) > 1 else ""
        raise InventoryUnreadable(f"{what} lacks the column{plural} {', '.join(missing)}")
    table = SourceTable()
    for ours, theirs in columns.absent.items():
        table.remarks.append(
            RejectedRow(1, None, f"there is no column {theirs!r} for {ours}: the field stays empty")
        )
    return table


# --- CSV


def _read_csv(path: Path, mapping: Mapping[str, str]) -> SourceTable:
    lines = list(io.StringIO(_decode(path), newline=""))
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise InventoryUnreadable(f"{path.name} is empty")
    if re.fullmatch(r"sep=.\s*", lines[first]):  # Excel's note to itself
        first += 1
    header = _header(lines[first:], mapping)
    columns = _places(header.names, mapping)
    table = _start_table(columns, path.name)
    width = len(header.names)
    for line, cells, problem in _records(lines, first + header.lines, header.delimiter, width):
        if problem is None and not any(cell.strip() for cell in cells):
            continue
        problem = problem or _shape_problem(cells, width)
        if problem is not None:
            place = columns.places["stock_id"]
            stock_id = cells[place].strip() if place < len(cells) else ""
            table.rejected.append(RejectedRow(line, stock_id or None, problem))
        else:
            table.rows.append(SourceRow(line, {ours: cells[place] for ours, place in columns.places.items()}))
    return table


def _decode(path: Path) -> str:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "windows-1251"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InventoryUnreadable(f"{path.name} is neither UTF-8 nor windows-1251")


class _Header(NamedTuple):
    delimiter: str
    names: list[str]
    lines: int


def _header(lines: list[str], mapping: Mapping[str, str]) -> _Header:
    """The header under the delimiter that makes the most of our fields of it."""
    read = [_read_header(lines, delimiter) for delimiter in _DELIMITERS]
    return max(read, key=lambda header: (len(_places(header.names, mapping).places), len(header.names)))


def _read_header(lines: list[str], delimiter: str) -> _Header:
    reader = csv.reader(iter(lines), delimiter=delimiter)
    try:
        return _Header(delimiter, next(reader, []), reader.line_num)
    except csv.Error:
        return _Header(delimiter, [], 1)


class _Record(NamedTuple):
    line: int
    cells: list[str]
    problem: str | None


def _records(lines: list[str], start: int, delimiter: str, width: int) -> Iterator[_Record]:
    """The records from line index `start` on.

    A quotation mark that somebody forgot to close would swallow all rows up to the next one. So each record is read
    strictly; where that fails, it is the one physical line that is at fault, and reading goes on with the next.
    """
    while start < len(lines):
        reader = csv.reader(
            (lines[index] for index in range(start, len(lines))), delimiter=delimiter, strict=True
        )
        try:
            cells = next(reader, [])
            length = max(reader.line_num, 1)
            problem = None
            if length > 1 and len(cells) != width:
                raise csv.Error(_OPEN_QUOTE)
        except csv.Error:
            cells, length = _one_line(lines[start], delimiter), 1
            problem = None if len(cells) == width and "\n" not in "".join(cells) else _OPEN_QUOTE
        yield _Record(start + 1, cells, problem)
        start += length


def _one_line(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return []


def _shape_problem(cells: Sequence[str], width: int) -> str | None:
    if len(cells) < width:
        return f"too few cells: {len(cells)} where the header has {width}"
    if any(cell.strip() for cell in cells[width:]):
        return f"too many cells: {len(cells)} where the header has {width}"
    return None


# --- Parquet


def _read_parquet(path: Path, mapping: Mapping[str, str]) -> SourceTable:
    try:
        with path.open("rb") as data, pyarrow.parquet.ParquetFile(data) as file:
            header = list(file.schema_arrow.names)
            columns = _places(header, mapping)
            table = _start_table(columns, path.name)
            wanted = sorted({header[place] for place in columns.places.values()})
            rows = file.read(columns=wanted).to_pylist()
    except pyarrow.ArrowException as error:
        raise InventoryUnreadable(
            f"{path.name} is no Parquet file that can be read: {first_line(error)}"
        ) from error
    names = {ours: header[place] for ours, place in columns.places.items()}
    for number, row in enumerate(rows, 1):
        table.rows.append(SourceRow(number, {ours: row[theirs] for ours, theirs in names.items()}))
    return table


# --- a database


def _read_query(source: InventorySource, folder: Path) -> SourceTable:
    """Run the query on a connection of its own, which may read only."""
    url = _source_url(source, folder)
    try:
        engine = create_engine(url, poolclass=NullPool, **_connect_options(url))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _only_read)
        with closing(engine.connect()) as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            return _run(connection, source, masked(url))
    except ModuleNotFoundError as error:
        raise InventoryUnreadable(f"the driver {error.name!r} for {masked(url)} is not installed") from error
    except ResourceClosedError as error:
        raise InventoryUnreadable(f"the query to {masked(url)} gives no rows: it must be a SELECT") from error
    except (SQLAlchemyError, TypeError, ValueError) as error:
        raise InventoryUnreadable(f"the query to {masked(url)} failed: {first_line(error)}") from error


def _run(connection: Connection, source: InventorySource, what: str) -> SourceTable:
    # Without parameters the driver takes the text as it is: `:` and `%` in it mean nothing special.
    plain = connection.execution_options(no_parameters=True)
    result = plain.exec_driver_sql(source.query or "")
    columns = _places(list(result.keys()), source.columns)
    table = _start_table(columns, f"the query to {what}")
    for number, row in enumerate(result, 1):
        table.rows.append(SourceRow(number, {ours: row[place] for ours, place in columns.places.items()}))
    return table


def _source_url(source: InventorySource, folder: Path) -> URL:
    try:
        url = make_url(source.url.get_secret_value() if source.url else "")
    except (ArgumentError, ValueError) as error:
        raise InventoryUnreadable(f"{source.source!r} is no database URL") from error
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return url
    path = Path(str(url.database))
    if str(path).startswith("file:"):
        return url
    # Beside salon.toml first, so that a folder can be moved; SQLite itself would create a file that is not there.
    path = folder / path if (folder / path).is_file() else path
    if not path.is_file():
        raise InventoryUnreadable(f"{source.source!r} names a file that does not exist")
    return url.set(database=str(path))


def _connect_options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() != "postgresql":
        return {}
    given = {"connect_timeout": CONNECT_SECONDS, "options": f"-c statement_timeout={QUERY_SECONDS * 1000}"}
    return {"connect_args": {name: value for name, value in given.items() if name not in url.query}}


def _only_read(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA query_only = ON")
