"""The two corpora of a crawl as CSV: all pages, and those with keywords."""

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from jobs.crawling.frontier import Frontier, Row

COLUMNS = ("url", "context", "status")
ALL = "all.csv"
KEYWORDS = "keywords.csv"


class Written(NamedTuple):
    """How many rows each corpus has."""

    all: int
    keywords: int


def write(frontier: Frontier, folder: Path) -> Written:
    """Writes `all.csv` and `keywords.csv`, in the order of discovery; each is put in the place of its older version
    at once."""
    return Written(
        _write(folder / ALL, frontier.rows()),
        _write(folder / KEYWORDS, frontier.rows(("Ok",))),
    )


def _write(path: Path, rows: Iterable[Row]) -> int:
    count = 0
    beside = path.with_suffix(".csv.part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for row in rows:
            count += 1
            out.writerow((row.address, row.context or "", row.outcome))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return count
