"""The log of the jobs' runs, by which processes agree who runs what: one run of a job at a time, each tick once."""

import os
import socket
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.columns import utc_now
from stores.database import one_at_a_time, reading, writing
from stores.locks import Lock
from stores.office import JobRunRow

Status = Literal["requested", "running", "done", "failed", "abandoned"]
STALE_AFTER = timedelta(seconds=60)
"""A run that gave no sign of life for so long has lost its process."""
KEPT_RUNS = 500
"""Runs of each job that the log keeps."""
TRIES = 3
"""Times that a tick is run when the process goes away each time: a job that brings it down must not do so forever."""
_ERROR_CHARACTERS = 500
_AGAIN = " again "


class Run(BaseModel):
    """A run of a job. `counts` are what it says of itself, `error` one sentence, `requested_by` who started it by hand.

    `status` is requested (nobody has begun it), running, done, failed, or abandoned: its process went away.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: int
    job: str
    tick: str
    status: Status
    requested_by: str | None
    host: str
    pid: int
    started_at: datetime
    beat_at: datetime
    finished_at: datetime | None
    counts: dict[str, Any]
    error: str | None

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it is under way."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


class JobRuns:
    """The runs of all jobs in all processes on one database. Each method may raise `DatabaseUnavailable`.

    Clocks of machines that share a database must agree to within half of `stale_after`.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], datetime] = utc_now,
        stale_after: timedelta = STALE_AFTER,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self.stale_after = stale_after

    def now(self) -> datetime:
        """The present moment by the log's clock."""
        return self._clock()

    def claim(self, job: str, tick: str | None = None, *, actor: str | None = None) -> Run | None:
        """Begin the run of `tick` for this process alone, or None: another process has it or had it, or a run of this
        job is under way. Without a tick it is a run of its own, started by `actor`.

        A run under way that has lost its process is marked abandoned first, and is not in the way.
        """
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.JOB_RUNS)
            if self._busy(session, job):
                return None
            tick = tick or f"by hand {uuid4().hex}"
            same = select(JobRunRow).where(col(JobRunRow.job) == job, col(JobRunRow.tick) == tick)
            row = session.scalars(same).first()
            if row is None:
                row = self._row(job, tick, "running", actor)
                session.add(row)
            elif row.status == "requested":
                self._begin(row)
            else:
                return None
            session.flush()
            return Run.model_validate(row)

    def claim_waiting(self, jobs: Collection[str]) -> Run | None:
        """Begin one of the runs of `jobs` that wait for a process: one that was requested, or one that lost its own.

        The latter is run anew, as a run of its own, unless the job has run since or the tick was tried `TRIES` times.
        """
        with reading(
            self._engine
        ) as session:  # most times there is nothing, and that must cost next to nothing
            waiting = self._waiting(session, jobs)
        for job, tick in waiting:
            if tick is None:
                self.running(job)  # for the log: it is marked abandoned
            elif (run := self.claim(job, tick)) is not None:
                return run
        return None

    def request(self, job: str, actor: str) -> Run:
        """Have a job run by whichever process is first to see it, after the run under way if there is one.

        A request that nobody has begun yet stands for all that are made meanwhile.
        """
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.JOB_RUNS)
            same = select(JobRunRow).where(col(JobRunRow.job) == job, col(JobRunRow.status) == "requested")
            row = session.scalars(same).first()
            if row is None:
                row = self._row(job, f"request {uuid4().hex}", "requested", actor)
                row.host, row.pid = "", 0
                session.add(row)
                session.flush()
            return Run.model_validate(row)

    def beat(self, run: Run) -> bool:
        """Give a sign of life. False when the run was taken for abandoned meanwhile: another may be under way."""
        with writing(self._engine) as session:
            mine = update(JobRunRow).where(col(JobRunRow.id) == run.id, col(JobRunRow.status) == "running")
            result = session.execute(mine.values(beat_at=self._clock()))
            return bool(getattr(result, "rowcount", 0))

    def finish(self, run: Run, counts: Mapping[str, Any]) -> None:
        """The run is done; `counts` is JSON."""
        self._end(run, "done", counts, None)

    def fail(self, run: Run, error: str, counts: Mapping[str, Any] | None = None) -> None:
        """The run has failed: `error` says why in one sentence, without personal data."""
        self._end(run, "failed", counts or {}, error)

    def leave(self, run: Run, counts: Mapping[str, Any] | None = None) -> None:
        """The process has to stop before the run is done; another goes on with it."""
        self._end(run, "abandoned", counts or {}, "its process was asked to stop")

    def running(self, job: str) -> Run | None:
        """The run of a job that is under way."""
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.JOB_RUNS)
            row = self._busy(session, job)
            return None if row is None else Run.model_validate(row)

    def get(self, run_id: int) -> Run | None:
        """The run with this number, None when the log keeps it no more."""
        with reading(self._engine) as session:
            row = session.get(JobRunRow, run_id)
            return None if row is None else Run.model_validate(row)

    def recent(self, limit: int = 50, *, job: str | None = None) -> list[Run]:
        """The latest runs, of all jobs or of one, the newest first."""
        query = select(JobRunRow).order_by(col(JobRunRow.id).desc()).limit(limit)
        if job is not None:
            query = query.where(col(JobRunRow.job) == job)
        with reading(self._engine) as session:
            return [Run.model_validate(row) for row in session.scalars(query)]

    def broken(self, since: datetime) -> int:
        """How many runs that began at `since` or later have failed or were broken off."""
        query = select(func.count()).where(
            col(JobRunRow.status).in_(("failed", "abandoned")), col(JobRunRow.started_at) >= since
        )
        with reading(self._engine) as session:
            return session.scalar(query) or 0

    def prune(self, before: datetime) -> int:
        """Strike runs that ended before a moment from the log, but the last of each job; how many they were."""
        last = select(func.max(col(JobRunRow.id))).group_by(col(JobRunRow.job))
        old = col(JobRunRow.finished_at) < before, col(JobRunRow.id).not_in(last)
        with writing(self._engine) as session:
            return int(getattr(session.execute(delete(JobRunRow).where(*old)), "rowcount", 0))

    def _row(self, job: str, tick: str, status: Status, actor: str | None) -> JobRunRow:
        now = self._clock()
        return JobRunRow(
            job=job,
            tick=tick,
            status=status,
            requested_by=actor,
            host=socket.gethostname(),
            pid=os.getpid(),
            started_at=now,
            beat_at=now,
            counts={},
        )

    def _begin(self, row: JobRunRow) -> None:
        row.status = "running"
        row.host, row.pid = socket.gethostname(), os.getpid()
        row.started_at = row.beat_at = self._clock()

    def _busy(self, session: Session, job: str) -> JobRunRow | None:
        """The run of this job that is under way, after those without a process were marked."""
        under_way = (col(JobRunRow.job) == job, col(JobRunRow.status) == "running")
        lost = (*under_way, col(JobRunRow.beat_at) < self._clock() - self.stale_after)
        session.execute(
            update(JobRunRow)
            .where(*lost)
            .values(status="abandoned", finished_at=JobRunRow.beat_at, error="its process went away")
        )
        return session.scalars(select(JobRunRow).where(*under_way)).first()

    def _waiting(self, session: Session, jobs: Collection[str]) -> list[tuple[str, str | None]]:
        """Job and tick of what waits for a process, the oldest first; no tick for what was tried often enough."""
        lost = (col(JobRunRow.status) == "running") & (
            col(JobRunRow.beat_at) < self._clock() - self.stale_after
        )
        left = (col(JobRunRow.status) == "abandoned") & col(JobRunRow.id).in_(
            select(func.max(col(JobRunRow.id))).group_by(col(JobRunRow.job))
        )
        waits = (col(JobRunRow.status) == "requested") | lost | left
        query = select(JobRunRow).where(waits, col(JobRunRow.job).in_(jobs)).order_by(col(JobRunRow.id))
        waiting: list[tuple[str, str | None]] = []
        for row in session.scalars(query):
            tick = row.tick if row.status == "requested" else _again(row.tick)
            if tick is not None or row.status == "running":
                waiting.append((row.job, tick))
        return waiting

    def _end(self, run: Run, status: Status, counts: Mapping[str, Any], error: str | None) -> None:
        with writing(self._engine) as session:
            session.execute(
                update(JobRunRow)
                .where(col(JobRunRow.id) == run.id)
                .values(
                    status=status,
                    finished_at=self._clock(),
                    counts=dict(counts),
                    error=error and error[:_ERROR_CHARACTERS],
                )
            )
            newest = (
                select(col(JobRunRow.id))
                .where(col(JobRunRow.job) == run.job)
                .order_by(col(JobRunRow.id).desc())
            )
            kept = newest.limit(KEPT_RUNS)
            session.execute(
                delete(JobRunRow).where(
                    col(JobRunRow.job) == run.job,
                    col(JobRunRow.finished_at).is_not(None),
                    col(JobRunRow.id).not_in(kept),
                )
            )


def _again(tick: str) -> str | None:
    """The name of the next try of a tick, None when it was tried often enough."""
    first, _, number = tick.partition(_AGAIN)
    tries = int(number or 1)
    return f"{first}{_AGAIN}{tries + 1}" if tries < TRIES else None
