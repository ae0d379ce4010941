"""Rows out of several sources, one after the other."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from jobs.bench.guard.columns import Remarks, known_column, rows_of
from jobs.bench.guard.links import download, is_link
from jobs.bench.guard.reading import SourceUnusable, read_file
from jobs.bench.guard.rows import Row


class Source(Protocol):
    """Where rows come from. Each reading gives the same rows in the same order."""

    @property
    def name(self) -> str:
        """What its rows are called by, where they have no name of their own."""

    def fingerprint(self) -> str:
        """The same as long as the rows are the same."""

    def rows(self, wrong: Remarks) -> Iterator[Row]:
        """The rows; what is wrong with some of them is added to `wrong`. Raises `SourceUnusable`."""


@dataclass(frozen=True)
class FileSource:
    """A file of labelled rows."""

    path: Path
    name: str

    def fingerprint(self) -> str:
        """See `Source`."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def rows(self, wrong: Remarks) -> Iterator[Row]:
        """See `Source`."""
        return rows_of(read_file(self.path, known_column), self.name, wrong)


def sources_of(files: Sequence[str], downloads: Path) -> list[Source]:
    """The sources that the command line names: files, and links, which are fetched into `downloads`.

    Raises `SourceUnusable` for one that is not there.
    """
    sources: list[Source] = []
    for given in files:
        if is_link(given):
            path = download(given, downloads)
            sources.append(FileSource(path, f"{urlsplit(given).hostname} {path.stem[:6]}"))
            continue
        path = Path(given)
        if not path.is_file():
            raise SourceUnusable(f"{given}: there is no such file")
        name = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
        sources.append(FileSource(path, name))
    return sources


def collect(sources: Iterable[Source], wrong: Remarks) -> Iterator[Row]:
    """The rows of all sources in their order."""
    for source in sources:
        yield from source.rows(wrong)
