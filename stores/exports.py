"""Files of masked dialogs made for training: what goes into one, and taking a forgotten dialog out of it again.

A line (of a CSV file a row) names its dialog by a pseudonym, see `stores/pseudonyms.py`.
"""

import csv
import json
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple, get_args

from filelock import FileLock
from sqlalchemy import Engine, bindparam, delete, select, tuple_
from sqlmodel import col

from stores.columns import utc_now
from stores.database import looking_up, reading, writing
from stores.models import ConsentRow, DialogRow, RatingRow, TurnRow
from stores.office import ExportRow, ReviewRow
from stores.receipts import Receipts
from stores.table import table_of

Format = Literal["chat-jsonl", "sharegpt", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)
CSV_DIALOG = "dialog"
"""The column of a CSV file that holds the pseudonym; in a JSON line the field `id` does."""
EXPORTS = "exports"
"""The name of the folder of exports in the data folder."""
PART = ".part"
_ABANDONED_S = 3600
_BATCH = 100
_CSV_FIELD_LIMIT = 1 << 24
_DIALOGS, _TURNS = table_of(DialogRow), table_of(TurnRow)
_RATINGS, _REVIEWS = table_of(RatingRow), table_of(ReviewRow)
_TURN_COLUMNS = ("session_id", "question", "answer", "asked_at", "route", "blocked", "reason", "llm", "state")
_OF_DIALOGS = (
    select(
        *(_TURNS.c[name] for name in _TURN_COLUMNS),
        *(_REVIEWS.c[name] for name in ("wrong", "right_answer")),
    )
    .join_from(_TURNS, _REVIEWS, _REVIEWS.c.turn_id == _TURNS.c.turn_id, isouter=True)
    .where(_TURNS.c.session_id.in_(bindparam("sessions", expanding=True)), _TURNS.c.status == "answered")
    .order_by(_TURNS.c.id)
)

log = logging.getLogger(__name__)


class ExportTurn(NamedTuple):
    """An answered question. `routed_by` is rule or model; `wrong` and `right_answer` are what staff say of the answer,
    None and empty where they say nothing."""

    question: str
    answer: str
    asked_at: datetime
    route: str
    routed_by: str
    blocked: bool
    reason: str | None
    llm: bool
    wrong: bool | None
    right_answer: str


class ExportDialog(NamedTuple):
    """A dialog as it goes into an export; the rating's parts are None and empty where there is none."""

    session_id: str
    language: str
    opened_at: datetime
    csat: int | None
    nps: int | None
    comment: str
    turns: tuple[ExportTurn, ...]


class Exports:
    """The files that were made, in `folder` unless they were asked for elsewhere. Methods on the database may raise
    `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, folder: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._folder = folder
        self._clock = clock

    def dialogs(self, since: datetime) -> Iterator[ExportDialog]:
        """The dialogs opened from a moment on to which their visitors consented, in order, some at a time: memory does
        not depend on how many there are."""
        consented = (
            select(col(ConsentRow.id)).where(col(ConsentRow.session_id) == _DIALOGS.c.session_id).exists()
        )
        query = (
            select(
                *(_DIALOGS.c[name] for name in ("session_id", "language", "opened_at")),
                *(_RATINGS.c[name] for name in ("csat", "nps", "comment")),
            )
            .join_from(_DIALOGS, _RATINGS, _RATINGS.c.session_id == _DIALOGS.c.session_id, isouter=True)
            .where(_DIALOGS.c.opened_at >= since, consented)
            .order_by(_DIALOGS.c.opened_at, _DIALOGS.c.session_id)
            .limit(_BATCH)
        )
        place = tuple_(_DIALOGS.c.opened_at, _DIALOGS.c.session_id)
        last: Any = None
        while True:
            with looking_up(self._engine) as connection:
                page = query if last is None else query.where(place > tuple_(*last))
                rows = connection.execute(page).all()
                turns: dict[str, list[ExportTurn]] = {row.session_id: [] for row in rows}
                for turn in connection.execute(_OF_DIALOGS, {"sessions": list(turns)}) if turns else ():
                    turns[turn.session_id].append(_turn(turn))
            if not rows:
                return
            last = (rows[-1].opened_at, rows[-1].session_id)
            for row in rows:
                if turns[row.session_id]:
                    yield ExportDialog(
                        row.session_id,
                        row.language,
                        row.opened_at,
                        row.csat,
                        row.nps,
                        row.comment or "",
                        tuple(turns[row.session_id]),
                    )

    def publish(
        self, written: Path, target: Path, *, format: Format, dialogs: int, actor: str | None, begun: datetime
    ) -> int:
        """Put a written file in its place and note that it is there; then take out again what was forgotten since the
        writing has `begun`. How many lines those were."""
        target = target.resolve()
        with writing(self._engine) as session:
            session.execute(delete(ExportRow).where(col(ExportRow.path) == str(target)))
            session.add(
                ExportRow(
                    path=str(target), format=format, dialogs=dialogs, actor=actor, created_at=self._clock()
                )
            )
        written.replace(target)
        # Whoever is forgotten from here on is looked for in this file, since the table has it.
        return sum(self.erase(subject) for subject in Receipts(self._engine).subjects_since(begun))

    def erase(self, subject: str) -> int:
        """Take the lines of the dialog with a pseudonym out of every file; how many they were.

        A file that is not there (any more) has none. Each is replaced as a whole or stays as it was.
        """
        with reading(self._engine) as session:
            files = [(row.path, row.format) for row in session.scalars(select(ExportRow))]
        total = 0
        for path, format in files:
            if Path(path).exists():
                with self._lock():
                    total += _without(Path(path), format, subject)
        return total

    def sweep(self, folder: Path | None = None) -> None:
        """Remove what a killed export has left half written, in the folder of exports or another."""
        for left in (folder or self._folder).glob(f".*{PART}"):
            with suppress(FileNotFoundError):
                if self._clock().timestamp() - left.stat().st_mtime > _ABANDONED_S:
                    left.unlink()

    def _lock(self) -> FileLock:
        """Two processes that rewrite one file would undo each other's work."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self._folder / ".lock")


def beside_of(path: Path) -> Path:
    """A hidden name beside a file, for writing what is to take its place."""
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}{PART}")


def _turn(row: Any) -> ExportTurn:
    return ExportTurn(
        question=row.question,
        answer=row.answer or "",
        asked_at=row.asked_at,
        route=row.route or "unknown",
        routed_by=str((row.state or {}).get("asked_by", "rule")),
        blocked=row.blocked,
        reason=row.reason,
        llm=row.llm,
        wrong=row.wrong,
        right_answer=row.right_answer or "",
    )


def _without(path: Path, format: str, subject: str) -> int:
    """Rewrite a file without the lines of a dialog; how many they were."""
    beside = beside_of(path)
    try:
        with (
            path.open(encoding="utf-8", newline="") as old,
            beside.open("w", encoding="utf-8", newline="") as new,
        ):
            removed = (_without_rows if format == "csv" else _without_lines)(old, new, subject)
            new.flush()
            os.fsync(new.fileno())
        if removed:
            shutil.copymode(path, beside)
            beside.replace(path)
        return removed
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def _without_lines(old: IO[str], new: IO[str], subject: str) -> int:
    removed = 0
    for line in old:
        # Cheaper than reading every line as JSON; nearly all are of other dialogs.
        if subject in line and json.loads(line).get("id") == subject:
            removed += 1
        else:
            new.write(line)
    return removed


def _without_rows(old: IO[str], new: IO[str], subject: str) -> int:
    csv.field_size_limit(_CSV_FIELD_LIMIT)
    rows: Iterable[list[str]] = csv.reader(old)
    writer = csv.writer(new, lineterminator="\n")
    removed, place = 0, None
    for row in rows:
        if place is None:
            place = row.index(CSV_DIALOG)
        elif row and row[place] == subject:
            removed += 1
            continue
        writer.writerow(row)
    return removed
