"""Running `python -m jobs crawl` in this process, quickly, and reading what it wrote."""

import csv
import sys
from pathlib import Path
from typing import NamedTuple

from jobs.__main__ import main

QUICK = ("--rate", "0", "--backoff", "0.01", "--timeout", "2", "--retries", "2")


class Row(NamedTuple):
    """A row of a corpus, the address without the server's."""

    url: str
    context: str
    status: str


class Crawled(NamedTuple):
    """What a crawl ended with."""

    code: int
    all: list[Row]
    keywords: list[Row]

    @property
    def statuses(self) -> dict[str, str]:
        return {row.url: row.status for row in self.all}

    @property
    def texts(self) -> dict[str, str]:
        return {row.url: row.context for row in self.all}


def read(path: Path, base: str = "") -> list[Row]:
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert header == ["url", "context", "status"]
    return [Row(url.removeprefix(base), context, status) for url, context, status in rows]


class Crawl:
    """The job over one folder; `base` is the server's address, which rows are shortened by."""

    def __init__(self, salon: Path, out: Path, base: str) -> None:
        self.salon, self.out, self.base = salon, out, base

    def __call__(self, *options: str) -> Crawled:
        code = main(["crawl", "--salon", str(self.salon), "--out", str(self.out), *QUICK, *options])
        if code == 2:
            return Crawled(code, [], [])
        return Crawled(
            code, read(self.out / "all.csv", self.base), read(self.out / "keywords.csv", self.base)
        )
