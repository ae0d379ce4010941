"""Carries out what is due: claims the run, gives signs of life while it lasts, and writes down how it ended.

Any number of processes may do so on one database, see `stores/job_runs.py`.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from jobs.ticks import When, name_of
from jobs.work import ERROR, Counts, Stopped, Work
from stores.columns import utc_now
from stores.errors import DatabaseUnavailable, StoreError
from stores.job_runs import JobRuns, Run

_BEATS = 6
"""Signs of life within the time after which a run without one is given up."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    """A job of the timetable. With `catch_up`, a tick that no process was there for is made up for at the next
    start."""

    name: str
    when: When
    work: Work
    catch_up: bool = True


class Clock:
    """Runs duties for this process, each in a thread of its own; `close` ends it."""

    def __init__(
        self, runs: JobRuns, duties: Sequence[Duty], *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._runs = runs
        self._now = now
        self._duties = {duty.name: duty for duty in duties}
        self._stopping = threading.Event()
        # No job has two runs at a time, but for one that was given up on and has not noticed yet.
        self._threads = ThreadPoolExecutor(2 * len(duties) or 1, thread_name_prefix="job")

    @property
    def duties(self) -> tuple[Duty, ...]:
        """What this process does by its timetable or at request."""
        return tuple(self._duties.values())

    def tick(self, duty: Duty) -> Run | None:
        """Begin the run of the latest tick, unless this or another process has it, and return at once."""
        return self._begin(lambda: self._runs.claim(duty.name, name_of(duty.when.last(self._now()))))

    def catch_up(self, since: datetime) -> list[Run]:
        """Begin the latest tick of each duty that no process has had, if it was not before `since`."""
        missed = [
            duty for duty in self._duties.values() if duty.catch_up and duty.when.last(self._now()) >= since
        ]
        return [run for run in map(self.tick, missed) if run is not None]

    def look(self) -> list[Run]:
        """Begin what staff have requested and what other processes left unfinished."""
        begun: list[Run] = []
        while (run := self._begin(lambda: self._runs.claim_waiting(self._duties))) is not None:
            begun.append(run)
        return begun

    def close(self) -> None:
        """Begin nothing more, ask what is under way to stop, and wait for that."""
        self._stopping.set()
        self._threads.shutdown(wait=True)

    def _begin(self, claim: Callable[[], Run | None]) -> Run | None:
        if self._stopping.is_set():
            return None
        try:
            run = claim()
        except DatabaseUnavailable as error:
            log.error("No job can be begun: %s", error)
            return None
        if run is not None:
            self._threads.submit(self._carry_out, run)
        return run

    def _carry_out(self, run: Run) -> None:
        try:
            carry_out(self._runs, run, self._duties[run.job].work, self._stopping)
        except DatabaseUnavailable as error:
            log.error("%s: how it ended cannot be written down: %s", run.job, error)
        except Exception:
            log.exception("%s has failed", run.job)


def carry_out(runs: JobRuns, run: Run, work: Work, stopping: threading.Event | None = None) -> Counts:
    """Do the work of a claimed run, giving signs of life meanwhile, and write down how it ended.

    Whatever the work raises is written down and raised again, but `Stopped`, whose counts are returned.
    """
    log.info("%s begins (%s)", run.job, run.tick)
    lost, asked = threading.Event(), stopping or threading.Event()
    try:
        with _beating(runs, run, lost):
            counts = work(lambda: lost.is_set() or asked.is_set())
    except Stopped as stopped:
        log.warning("%s was stopped before it was done; the next run goes on with it", run.job)
        runs.leave(run, stopped.counts)
        return stopped.counts
    except KeyboardInterrupt:
        runs.fail(run, "stopped by hand")
        raise
    except Exception as error:
        runs.fail(run, _sentence(error))
        raise
    if ERROR in counts:
        runs.fail(run, str(counts[ERROR]), {name: count for name, count in counts.items() if name != ERROR})
        return counts
    runs.finish(run, counts)
    log.info("%s is done: %s", run.job, ", ".join(f"{name} {count}" for name, count in counts.items()))
    return counts


@contextmanager
def _beating(runs: JobRuns, run: Run, lost: threading.Event) -> Iterator[None]:
    """Give signs of life until the block ends; `lost` is set when the run was given up on."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(runs.stale_after.total_seconds() / _BEATS):
            try:
                if not runs.beat(run):
                    lost.set()
                    return
            except DatabaseUnavailable as error:
                log.warning("%s cannot give a sign of life: %s", run.job, error)

    thread = threading.Thread(target=beat, name=f"beat-{run.job}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _sentence(error: Exception) -> str:
    """What the log of runs may say of an error: our own are written for people, others may quote data."""
    return str(error) if isinstance(error, StoreError) else f"{type(error).__name__}: see the log"
