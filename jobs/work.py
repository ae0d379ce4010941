"""What the work of a job is, whoever starts it, and how a person at a terminal does."""

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine

Counts = Mapping[str, Any]
Stop = Callable[[], bool]
"""Whether the work has to end: the process is being stopped, or another has taken the run over."""
Work = Callable[[Stop], Counts]
"""What a run does. It gives back what it counted, and is safe to be killed and to be run again at any point."""
ERROR = "error"
"""A count of this name is a sentence: the work has come to its end, but something is wrong."""


class Stopped(Exception):
    """The work has ended before it was done because it was asked to; `counts` is what it did so far."""

    def __init__(self, counts: Counts) -> None:
        super().__init__("stopped before it was done")
        self.counts = counts


def by_hand(engine: "Engine", job: str, work: Work) -> Counts | None:
    """Do a job for a person at a terminal, as the clock would; None, and a word to them, when it is running already.

    Whatever the work raises is raised.
    """
    from jobs.clock import carry_out
    from stores.job_runs import JobRuns

    runs = JobRuns(engine)
    run = runs.claim(job, actor="terminal")
    if run is not None:
        return carry_out(runs, run, work)
    under_way = runs.running(job)
    since = f" since {under_way.started_at:%Y-%m-%d %H:%M:%S} UTC on {under_way.host}" if under_way else ""
    print(f"{job} is running already{since}", file=sys.stderr)
    return None
