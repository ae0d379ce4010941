"""What the pages show of the guard's benchmark and of the guard in the chat."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Engine, Select, and_, case, func, or_, select
from sqlmodel import col

from stores.database import looking_up
from stores.guard_runs import LABELS
from stores.guard_tables import GuardRunRow, GuardScoreRow, MonitoringRow
from stores.models import TurnRow
from stores.table import table_of

BOUNDS = (16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384)
"""The lengths at which one bar of a histogram ends and the next begins."""
_T = table_of(MonitoringRow).c
_FILTERED = {"model": _T.model, "language": _T.language, "source": _T.source}
_JUDGED = (*LABELS, *(f"guard_{name}" for name in LABELS))
NO_MODEL = ""
"""The filter for rows without a model."""


class Filters(NamedTuple):
    """Which rows of a run; None leaves all."""

    run_id: int
    model: str | None = None
    language: str | None = None
    source: str | None = None

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions."""
        found: list[ColumnElement[bool]] = [_T.run_id == self.run_id]
        for name, column in _FILTERED.items():
            value = getattr(self, name)
            if value is not None:
                found.append(column.is_(None) if value == NO_MODEL else column == value)
        return found


class Counted(NamedTuple):
    """So many rows of one model, language and source (`of`) with the same labels and verdicts (as `_JUDGED`)."""

    of: Sequence[str | None]
    judged: Sequence[str | None]
    rows: int


class Tally:
    """The rows of a run by what they are and how they were judged."""

    def __init__(self, counted: Sequence[Counted]) -> None:
        self._counted = counted

    def choices(self) -> dict[str, list[str]]:
        """The models, languages and sources; rows without a model have `NO_MODEL`."""
        return {
            name: sorted({one.of[place] or NO_MODEL for one in self._counted})
            for place, name in enumerate(_FILTERED)
        }

    def labels(self, filters: Filters) -> dict[str, dict[str, int]]:
        """How often each value of each label occurs."""
        found: dict[str, Counter[str]] = {name: Counter() for name in LABELS}
        for one in self._of(filters):
            for name, label in zip(LABELS, one.judged[: len(LABELS)], strict=True):
                if label is not None:
                    found[name][label] += one.rows
        return {name: dict(sorted(counts.items())) for name, counts in found.items()}

    def verdicts(self, filters: Filters) -> dict[str, dict[tuple[str, str], int]]:
        """How often each value of a label meets each verdict of the guard, by label."""
        found: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in LABELS}
        for one in self._of(filters):
            for place, name in enumerate(LABELS):
                label, verdict = one.judged[place], one.judged[place + len(LABELS)]
                if label is not None and verdict is not None:
                    found[name][label, verdict] += one.rows
        return {name: dict(counts) for name, counts in found.items()}

    def _of(self, filters: Filters) -> Iterator[Counted]:
        wanted = (filters.model, filters.language, filters.source)
        for one in self._counted:
            if all(
                want is None or (has or NO_MODEL) == want for want, has in zip(wanted, one.of, strict=True)
            ):
                yield one


class Bar(NamedTuple):
    """So many texts from `low` to `high` characters (None: and longer) with one label, None for texts without."""

    low: int
    high: int | None
    label: str | None
    rows: int


class Past(NamedTuple):
    """How well a label was told in a run."""

    run_id: int
    finished_at: datetime
    guard_version: str
    label: str
    f1: float | None
    false_alarm_rate: float | None


class ShownRow(NamedTuple):
    """A row of the table; the labels are pairs of what it is and what the guard says."""

    id: int
    source: str
    language: str
    model: str | None
    prompt: str | None
    response: str | None
    prompt_label: str | None
    guard_prompt_label: str | None
    response_label: str | None
    guard_response_label: str | None
    response_refusal_label: str | None
    guard_response_refusal_label: str | None
    guard_evidence: str


class GuardViews:
    """Reading only; each method may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tally(self, run_id: int) -> "Tally":
        """The rows of a run, counted: read once, however much is then asked of it."""
        columns = [_T[name] for name in (*_FILTERED, *_JUDGED)]
        query = select(*columns, func.count()).where(_T.run_id == run_id).group_by(*columns)
        with looking_up(self._engine) as connection:
            return Tally([Counted(row[:3], row[3:-1], row[-1]) for row in connection.execute(query)])

    def lengths(self, filters: Filters, part: Literal["prompt", "response"]) -> list[Bar]:
        """The histogram of lengths by label, the shortest first."""
        length, label = _T[f"{part}_length"], _T[f"{part}_label"]
        place = case(*((length < bound, number) for number, bound in enumerate(BOUNDS)), else_=len(BOUNDS))
        query = (
            select(place.label("bar"), label, func.count())
            .where(*filters.where(), length.is_not(None))
            .group_by("bar", label)
            .order_by("bar", label)
        )
        edges = (0, *BOUNDS)
        with looking_up(self._engine) as connection:
            return [
                Bar(edges[number], edges[number + 1] - 1 if number < len(BOUNDS) else None, name, count)
                for number, name, count in connection.execute(query)
            ]

    def history(self, runs: int = 50) -> list[Past]:
        """The figures of the latest runs as a whole, the oldest first."""
        run, score = table_of(GuardRunRow).c, table_of(GuardScoreRow).c
        latest = select(run.id).where(run.status == "done").order_by(run.id.desc()).limit(runs)
        query = (
            select(run.id, run.finished_at, run.guard_version, score.label, score.f1, score.false_alarm_rate)
            .join(table_of(GuardScoreRow), score.run_id == run.id)
            .where(run.id.in_(latest), score.part == "all")
            .order_by(run.id, score.label)
        )
        with looking_up(self._engine) as connection:
            return [Past._make(row) for row in connection.execute(query)]

    def rows(self, filters: Filters, *, wrong: bool, limit: int, after: int = 0) -> list[ShownRow]:
        """Rows whose id is greater than `after`, in their order; `wrong`: those only that the guard got wrong."""
        columns = [_T[name] for name in ShownRow._fields]
        query: Select[Any] = select(*columns).where(*filters.where(), _T.id > after)
        if wrong:
            query = query.where(or_(*(and_(_T[name] != _T[f"guard_{name}"]) for name in LABELS)))
        with looking_up(self._engine) as connection:
            return [ShownRow._make(row) for row in connection.execute(query.order_by(_T.id).limit(limit))]

    def blocks(self, since: datetime) -> Sequence[tuple[datetime, str, int]]:
        """What was blocked in the chat by the hour: when the hour began, why, how often."""
        query = (
            select(col(TurnRow.asked_at), func.coalesce(col(TurnRow.reason), ""))
            .where(col(TurnRow.blocked), col(TurnRow.asked_at) >= since)
            .order_by(col(TurnRow.asked_at))
        )
        found: Counter[tuple[datetime, str]] = Counter()
        with looking_up(self._engine) as connection:
            for at, reason in connection.execute(query):
                found[at.replace(minute=0, second=0, microsecond=0), reason] += 1
        return [(hour, reason, count) for (hour, reason), count in found.items()]
