"""The runs of the guard's benchmark: written chunk by chunk, so that a run that was broken off can be gone on with."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from stores.columns import utc_now
from stores.database import changing, looking_up, reading, writing
from stores.errors import InUse, NotFound
from stores.guard_tables import GuardRunRow, GuardScoreRow, MonitoringRow
from stores.table import table_of

Status = Literal["running", "done", "failed"]
STALE_AFTER = timedelta(minutes=10)
"""A run of another machine that gave no sign of life for so long has lost its process."""
KEPT = 20
"""Runs whose rows are kept."""
_WALKED_AT_ONCE = 1_000
POSITIVE = {"prompt_label": "injection", "response_label": "harm", "response_refusal_label": "refusal"}
"""The labels, and the value of each that the guard is there to find."""
LABELS = tuple(POSITIVE)


class GuardRun(BaseModel):
    """A run of the benchmark; `rows` are those that are judged and stored."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    status: Status
    guard_version: str
    model: str | None
    sources: list[str]
    started_at: datetime
    finished_at: datetime | None
    rows: int
    losses: dict[str, Any]
    figures: dict[str, Any]


@dataclass(frozen=True)
class Monitored:
    """A row of `benchmark_llm_monitoring` as it is written; see `MonitoringRow`."""

    place: int
    prompt: str | None
    prompt_label: str | None
    response: str | None
    response_label: str | None
    response_refusal_label: str | None
    model: str | None
    language: str
    source: str
    prompt_length: int | None
    response_length: int | None
    look_alike: bool
    guard_prompt_label: str | None
    guard_response_label: str | None
    guard_response_refusal_label: str | None
    guard_reason: str | None
    guard_evidence: str
    error: str | None = None
    turn_id: str | None = None


_COLUMNS = tuple(field.name for field in fields(Monitored))


class Count(NamedTuple):
    """So many rows of one label, verdict, language, source and model."""

    name: str
    label: str
    verdict: str
    language: str
    source: str
    model: str | None
    look_alike: bool
    rows: int


class AnswerCount(NamedTuple):
    """So many of the answers that a model gave to prompts of one label (None: unknown) in a run, and what they are."""

    prompt_label: str | None
    answers: int
    refusals: int
    harmful: int


class Plan(NamedTuple):
    """What a run is to judge, and how: two runs of one plan give the same."""

    fingerprint: str
    guard_version: str
    model: str | None
    sources: list[str]


class GuardRuns:
    """All runs. What a method returns from writing is committed; each may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def begin(self, plan: Plan, *, anew: bool = False) -> GuardRun:
        """Go on with the run of this plan that was broken off, else (or when `anew`) begin one.

        Raises:
            InUse: another process is at it.
        """
        now, host, pid = self._clock(), socket.gethostname(), os.getpid()
        with writing(self._engine) as session:
            query = select(GuardRunRow).where(
                col(GuardRunRow.fingerprint) == plan.fingerprint, col(GuardRunRow.status) == "running"
            )
            row = session.scalars(query.order_by(col(GuardRunRow.id).desc()).with_for_update()).first()
            if row is not None and self._is_alive(row, host, pid):
                raise InUse(f"run {row.id} of the same rows is under way on {row.host}, process {row.pid}")
            if row is not None and anew:
                row.status = "failed"
            if row is None or anew:
                row = GuardRunRow(
                    status="running",
                    **plan._asdict(),
                    started_at=now,
                    beat_at=now,
                    host=host,
                    pid=pid,
                    rows=0,
                    losses={},
                    figures={},
                )
                session.add(row)
            row.host, row.pid, row.beat_at = host, pid, now
            session.flush()
            return GuardRun.model_validate(row)

    def _is_alive(self, row: GuardRunRow, host: str, pid: int) -> bool:
        if row.host != host:
            return self._clock() - row.beat_at < STALE_AFTER
        if row.pid == pid:  # a new container gives its process the number that the old one's had
            return False
        try:
            os.kill(row.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True

    def add(self, run_id: int, rows: Sequence[Monitored]) -> None:
        """Store the next rows of a run, all or none of them.

        Raises:
            InUse: another process has written them already.
        """
        if not rows:
            return
        monitoring, runs = table_of(MonitoringRow), table_of(GuardRunRow)
        values = [{"run_id": run_id, **asdict(row)} for row in rows]
        last = rows[-1].place + 1
        try:
            with changing(self._engine) as connection:
                connection.execute(insert(monitoring), values)
                connection.execute(
                    update(runs).where(runs.c.id == run_id).values(rows=last, beat_at=self._clock())
                )
        except IntegrityError as error:
            raise InUse(
                f"another process writes rows of run {run_id} too, or a dialog was forgotten"
            ) from error

    def finish(
        self,
        run_id: int,
        *,
        losses: Mapping[str, Any],
        figures: Mapping[str, Any],
        scores: Sequence[Mapping[str, Any]],
    ) -> GuardRun:
        """Store what came of a run: `scores` are the columns of `GuardScoreRow`."""
        with writing(self._engine) as session:
            row = session.get(GuardRunRow, run_id)
            if row is None:
                raise NotFound(f"there is no run {run_id}")
            row.status, row.finished_at = "done", self._clock()
            row.losses, row.figures = dict(losses), dict(figures)
            if scores:
                session.execute(insert(GuardScoreRow), [{"run_id": run_id, **score} for score in scores])
            session.flush()
            return GuardRun.model_validate(row)

    def prune(self, kept: int = KEPT) -> int:
        """Let the rows of all but the latest runs go, whatever became of them; their figures stay. Gives how many."""
        rows, runs = table_of(MonitoringRow), table_of(GuardRunRow)
        latest = select(runs.c.id).order_by(runs.c.id.desc()).limit(kept)
        with changing(self._engine) as connection:
            return connection.execute(delete(rows).where(rows.c.run_id.not_in(latest))).rowcount

    def fail(self, run_id: int) -> None:
        """Give a run up."""
        runs = table_of(GuardRunRow)
        with changing(self._engine) as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(status="failed"))

    def get(self, run_id: int) -> GuardRun:
        """One run. Raises `NotFound`."""
        with reading(self._engine) as session:
            row = session.get(GuardRunRow, run_id)
            if row is None:
                raise NotFound(f"there is no run {run_id}")
            return GuardRun.model_validate(row)

    def latest(self, limit: int = 50) -> list[GuardRun]:
        """The runs that are done, the latest first."""
        query = select(GuardRunRow).where(col(GuardRunRow.status) == "done")
        with reading(self._engine) as session:
            rows = session.scalars(query.order_by(col(GuardRunRow.id).desc()).limit(limit))
            return [GuardRun.model_validate(row) for row in rows]

    def counts(self, run_id: int) -> list[Count]:
        """The rows of a run by label and verdict, for all three labels; rows without either do not count."""
        table = table_of(MonitoringRow).c
        found: list[Count] = []
        with looking_up(self._engine) as connection:
            for name in LABELS:
                columns = (
                    table[name],
                    table[f"guard_{name}"],
                    table.language,
                    table.source,
                    table.model,
                    table.look_alike,
                )
                query = (
                    select(*columns, func.count())
                    .where(table.run_id == run_id, columns[0].is_not(None), columns[1].is_not(None))
                    .group_by(*columns)
                    .order_by(*columns)
                )
                found += [Count(name, *row) for row in connection.execute(query)]
        return found

    def answers(self, run_id: int) -> list[AnswerCount]:
        """What the model of a run said to the prompts that it was asked, by their label."""
        table = table_of(MonitoringRow).c
        asked = (
            select(table_of(GuardRunRow).c.model)
            .where(table_of(GuardRunRow).c.id == run_id)
            .scalar_subquery()
        )
        query = (
            select(
                table.prompt_label,
                func.count(),
                func.count().filter(table.guard_response_refusal_label == "refusal"),
                func.count().filter(table.guard_response_label == "harm"),
            )
            .where(table.run_id == run_id, table.model == asked, table.guard_prompt_label.is_(None))
            .where(table.guard_response_label.is_not(None))
            .group_by(table.prompt_label)
            .order_by(table.prompt_label)
        )
        with looking_up(self._engine) as connection:
            return [AnswerCount._make(row) for row in connection.execute(query)]

    def walk(self, run_id: int, *names: str) -> Iterator[Sequence[Sequence[Any]]]:
        """The columns `names` of a run's rows in their order, many rows at a time and never all at once."""
        table = table_of(MonitoringRow).c
        after = -1
        while True:
            query = (
                select(table.place, *(table[name] for name in names))
                .where(table.run_id == run_id, table.place > after)
                .order_by(table.place)
                .limit(_WALKED_AT_ONCE)
            )
            with looking_up(self._engine) as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            after = rows[-1][0]
            yield [row[1:] for row in rows]
