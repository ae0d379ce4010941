"""What is still to be fetched and what was found: one SQLite file, so that a crawl may break off at any moment.

A page's result and the links found on it are one transaction. A process that is killed loses at most the page it was
fetching, which is then still waiting; the next process goes on with it, in the same order.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from jobs.crawling.addresses import site

Outcome = Literal["Ok", "No find special words", "Error", "same", "forbidden", "kept out", "search"]
"""How a page ended. The first three are rows of the corpora. The others are left out: a page that is another one's
double, one that robots.txt forbids, one that asks to be kept out of indexes or has no text of its own (a list of
meanings), a search whose results were taken."""

ROWS: tuple[Outcome, ...] = ("Ok", "No find special words", "Error")

_TABLES = """
CREATE TABLE IF NOT EXISTS pages (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    site TEXT NOT NULL,
    depth INTEGER NOT NULL,
    turned INTEGER NOT NULL,
    open INTEGER NOT NULL,
    finished INTEGER,
    outcome TEXT,
    kind TEXT,
    reason TEXT,
    context TEXT,
    digest TEXT
);
CREATE INDEX IF NOT EXISTS waiting ON pages (depth, id) WHERE finished IS NULL;
CREATE INDEX IF NOT EXISTS texts ON pages (digest) WHERE digest IS NOT NULL;
CREATE INDEX IF NOT EXISTS ends ON pages (finished) WHERE finished IS NOT NULL;
CREATE INDEX IF NOT EXISTS ends_of_site ON pages (site, finished) WHERE finished IS NOT NULL;
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Waiting:
    """A page to be fetched.

    `depth` is how many links it is away from a seed, `turned` how many pages of one thread were turned to reach it.
    The links of an `open` page are followed even if it holds no keyword: a seed's, and those of the next page of a
    thread that has one.
    """

    id: int
    address: str
    depth: int
    turned: int
    open: bool


@dataclass(frozen=True)
class Result:
    """What became of a page.

    `address` is the one it turned out to have. `digest` tells doubles: a later page of the same site with an equal
    one is left out. `links` are one step deeper, `beside` as deep as the page itself, `turn` is the next page
    of the same thread, `open` whether that one's links are followed in any case.
    """

    address: str
    outcome: Outcome
    context: str = ""
    kind: str | None = None
    reason: str | None = None
    digest: str | None = None
    links: Sequence[str] = ()
    beside: Sequence[str] = ()
    turn: str | None = None
    open: bool = False


class Row(NamedTuple):
    """A row of a corpus."""

    address: str
    context: str
    outcome: str


class Frontier:
    """One crawl in one file; used by one thread of one process."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        self._base.executescript(_TABLES)

    def close(self) -> None:
        """Lets go of the file."""
        self._base.close()

    def note(self, name: str, value: Any) -> None:
        """Keeps a value (of JSON) with the crawl."""
        self._base.execute(
            "INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, json.dumps(value, ensure_ascii=False))
        )

    def noted(self, name: str) -> Any:
        """The value kept under the name; None where there is none."""
        row = self._base.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def seed(self, addresses: Sequence[str], searches: Sequence[str], notes: dict[str, Any]) -> None:
        """Begins the crawl, at once or not at all: pages that are open, searches that are not, and its notes."""
        with self._transaction():
            for address in searches:
                self._insert(address, 0, 0, False)
            for address in addresses:
                self._insert(address, 0, 0, True)
            for name, value in notes.items():
                self.note(name, value)

    def next(self, count: int = 1) -> list[Waiting]:
        """The pages whose turn it is, nearest to the seeds first, then in the order of their discovery."""
        rows = self._base.execute(
            "SELECT id, address, depth, turned, open FROM pages WHERE finished IS NULL"
            " ORDER BY depth, id LIMIT ?",
            (count,),
        )
        return [Waiting(one[0], one[1], one[2], one[3], bool(one[4])) for one in rows]

    def is_waiting(self, page: Waiting) -> bool:
        """Whether the page has no result yet; it may have got one as another's redirect."""
        row = self._base.execute("SELECT finished FROM pages WHERE id = ?", (page.id,)).fetchone()
        return bool(row) and row[0] is None

    def is_done(self, address: str) -> bool:
        """Whether the address has a result."""
        row = self._base.execute("SELECT finished FROM pages WHERE address = ?", (address,)).fetchone()
        return bool(row) and row[0] is not None

    def context_of(self, address: str) -> str | None:
        """The text found under the address."""
        row = self._base.execute("SELECT context FROM pages WHERE address = ?", (address,)).fetchone()
        return row[0] if row else None

    def asked(self) -> int:
        """How many pages were asked for, in vain or not."""
        return int(
            self._base.execute(
                "SELECT COUNT(*) FROM pages WHERE finished IS NOT NULL AND outcome != 'search'"
                " AND COALESCE(kind, '') NOT IN ('robots', 'moved')"
            ).fetchone()[0]
        )

    def last_kinds(self, where: str, count: int) -> list[str | None]:
        """What was wrong with the last pages of a site, the latest first; None for nothing."""
        rows = self._base.execute(
            "SELECT kind FROM pages WHERE site = ? AND finished IS NOT NULL AND outcome != 'forbidden'"
            " ORDER BY finished DESC LIMIT ?",
            (where, count),
        )
        return [row[0] for row in rows]

    def record(self, page: Waiting, result: Result) -> Outcome:
        """Keeps the result and what it leads to, at once or not at all. Returns how the page ended."""
        with self._transaction():
            target = page.id
            if result.address != page.address:
                found = self._base.execute(
                    "SELECT id, finished FROM pages WHERE address = ?", (result.address,)
                ).fetchone()
                moved = Result(page.address, "same", reason=result.address)
                if found is not None and found[1] is not None:
                    self._finish(page.id, moved)
                    return "same"
                self._finish(page.id, replace(moved, kind="moved"))
                target = (
                    found[0] if found else self._insert(result.address, page.depth, page.turned, page.open)
                )
            if result.digest is not None:
                double = self._base.execute(
                    "SELECT address FROM pages WHERE digest = ? AND site = ?",
                    (result.digest, site(result.address)),
                ).fetchone()
                if double is not None:
                    self._finish(target, Result(result.address, "same", reason=double[0]))
                    return "same"
            self._finish(target, result)
            for address in result.beside:
                self._insert(address, page.depth, page.turned, False)
            if result.turn is not None:
                self._insert(result.turn, page.depth, page.turned + 1, result.open)
            for address in result.links:
                self._insert(address, page.depth + 1, 0, False)
        return result.outcome

    def ask_again(self) -> int:
        """Puts the pages that ended in an error back; returns how many."""
        return self._base.execute(
            "UPDATE pages SET finished = NULL, outcome = NULL, kind = NULL, reason = NULL WHERE outcome = 'Error'"
        ).rowcount

    def rows(self, outcomes: Sequence[str] = ROWS) -> Iterator[Row]:
        """The pages that ended so, in the order in which they were discovered."""
        marks = ", ".join("?" for _ in outcomes)
        query = f"SELECT address, context, outcome FROM pages WHERE outcome IN ({marks}) ORDER BY depth, id"  # noqa: S608 - marks only
        for row in self._base.execute(query, tuple(outcomes)):
            yield Row(*row)

    def counts(self) -> dict[str, int]:
        """How many pages ended how; those still waiting under `waiting`."""
        rows = self._base.execute("SELECT COALESCE(outcome, 'waiting'), COUNT(*) FROM pages GROUP BY 1")
        return {str(outcome): int(count) for outcome, count in rows}

    def _insert(self, address: str, depth: int, turned: int, open_: bool) -> int:
        self._base.execute(
            "INSERT OR IGNORE INTO pages (address, site, depth, turned, open) VALUES (?, ?, ?, ?, ?)",
            (address, site(address), depth, turned, open_),
        )
        row = self._base.execute("SELECT id FROM pages WHERE address = ?", (address,)).fetchone()
        return int(row[0])

    def _finish(self, page_id: int, result: Result) -> None:
        self._base.execute(
            "UPDATE pages SET finished ="
            " (SELECT COALESCE(MAX(finished), 0) + 1 FROM pages WHERE finished IS NOT NULL),"
            " outcome = ?, kind = ?, reason = ?, context = ?, digest = ? WHERE id = ?",
            (result.outcome, result.kind, result.reason, result.context, result.digest, page_id),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")
