"""A process that keeps the clock as the app does, but with a tick every few seconds: for tests that start several of
them, and kill them.

Arguments: salon folder, data folder, database URL, seconds between ticks, a file that each beginning and end of a
job's work is written to, and where jobs hang: nowhere, `commit` (before the first change is kept) or `end` (when the
work is done but not written down). It ends when its input does.
"""

import os
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event

from jobs import scheduler
from jobs.clock import Duty
from jobs.ticks import Every
from jobs.work import Counts, Stop, Work
from services import open_services
from settings import Settings
from stores.job_runs import JobRuns

STALE_S = 4.0


def watched(duty: Duty, log: Path, hang: str) -> Work:
    def note(word: str) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{duty.name} {word} {os.getpid()} {time.monotonic()}\n")

    def work(stop: Stop) -> Counts:
        note("begins")
        try:
            counts = duty.work(stop)
            if hang == "end":
                _hang(duty.name)
            return counts
        finally:
            note("ends")

    return work


def _hang(what: str) -> None:
    print(f"hangs {what}", flush=True)
    time.sleep(600)


def _before_a_change_is_kept(_: object) -> None:
    name = threading.current_thread().name
    if name.startswith("job"):
        _hang(name)


def main(salon: str, data: str, url: str, seconds: str, log: str, hang: str) -> None:
    services = open_services(
        Settings(_env_file=None, salon=Path(salon), data=Path(data), db=url, llm="off", smtp_url=None)
    )
    runs = JobRuns(services.engine, stale_after=timedelta(seconds=STALE_S))
    services = replace(services, job_runs=runs)
    when = Every(timedelta(seconds=float(seconds)))
    duties = [
        replace(duty, when=when, work=watched(duty, Path(log), hang))
        for duty in scheduler.duties_of(services)
    ]
    scheduler.duties_of = lambda _: duties
    scheduler._LOOK_SECONDS = 1
    if hang == "commit":
        event.listen(services.engine, "commit", _before_a_change_is_kept)
    table = scheduler.start(services)
    print("up " + " ".join(duty.name for duty in duties), flush=True)
    sys.stdin.read()
    table.shutdown()
    services.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
