"""What the guard's classifiers learn from: labelled texts, read from the authored tables."""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """One labelled text. `source` is the set that it comes from; authored texts have their file's and kind's name."""

    text: str
    label: str
    language: str
    source: str


def load_authored(
    folder: Path, labels: Sequence[str], *, text: str = "text", label: str = "label"
) -> list[Row]:
    """The rows of all tables of a folder, in the order of their names; none if there is no such folder.

    `text` and `label` name the columns. Raises ValueError naming file and line of a bad row.
    """
    rows = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                if not (row.get(text) or "").strip() or row.get(label) not in labels:
                    raise ValueError(f"{path}, line {number}: {row}")
                source = f"authored {path.stem} {row.get('kind') or ''}".strip()
                rows.append(Row(row[text], row[label], row.get("language") or "", source))
    return rows


def version_of(rows: Iterable[Row], *further: Path) -> str:
    """A hash over the texts and their labels, and over the bytes of `further` files."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update("\x1f".join(row).encode() + b"\x1e")
    for path in further:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
