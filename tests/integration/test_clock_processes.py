"""The clock of several processes on one database, and of one that is killed."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from jobs.bench.retention import Filled, fill
from jobs.refresh_inventory import NAME as REFRESH
from stores.app_settings import AppSettings
from stores.database import open_database
from stores.job_runs import JobRuns, Run
from stores.models import CarRow, DialogRow, InventoryVersionRow
from stores.office import DialogFactRow
from stores.snapshots import Snapshots
from stores.table import Table, table_of
from tests.integration import clock_process

ROOT = Path(__file__).resolve().parents[2]
TICK_S = 2
PATIENCE_S = 60


@dataclass
class Place:
    """What the processes share."""

    salon: Path
    data: Path
    url: str
    engine: Engine

    @property
    def log(self) -> Path:
        return self.data / "work.log"

    @contextmanager
    def process(self, hang: str = "nowhere") -> Iterator[subprocess.Popen[str]]:
        """A process that keeps the clock, with the names of its jobs in `args`; killed at the end if it is still up."""
        where = [str(self.salon), str(self.data), self.url, str(TICK_S), str(self.log), hang]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SALON_")}
        with subprocess.Popen(
            [sys.executable, clock_process.__file__, *where],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=kept | {"PYTHONPATH": str(ROOT)},
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()


@pytest.fixture
def place(salon_folder: Path, tmp_path: Path, database_url: str) -> Iterator[Place]:
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    engine = open_database(database_url)
    AppSettings(engine).set("retention_days", 1)
    yield Place(salon_folder, data, database_url, engine)
    engine.dispose()


def jobs_of(process: subprocess.Popen[str]) -> list[str]:
    """What a process does by its clock, once it is up."""
    assert process.stdout is not None
    word, *names = process.stdout.readline().split()
    assert word == "up"
    return names


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until
        time.sleep(0.1)


def stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(PATIENCE_S) == 0


def count(engine: Engine, row: type[Table]) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table_of(row))) or 0


def of_job(runs: JobRuns) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = defaultdict(list)
    for run in reversed(runs.recent(500)):
        found[run.job].append(run)
    return found


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_processes_run_each_job_once_a_tick(place: Place) -> None:
    filled = fill(place.engine, 800)
    runs = JobRuns(place.engine)
    with place.process() as first, place.process() as second:
        names = jobs_of(first)
        assert jobs_of(second) == names
        wait_for(lambda: all(Counter(run.job for run in runs.recent(500))[name] >= 3 for name in names))
        stop(first)
        stop(second)
    worked: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for line in place.log.read_text(encoding="utf-8").splitlines():
        name, word, _, moment = line.split()
        worked[name].append((word, float(moment)))
    for name, its in of_job(runs).items():
        # One that was under way when its process was asked to stop was gone on with, as a run of its own.
        assert {run.error for run in its if run.status != "done"} <= {"its process was asked to stop"}, name
        assert len({run.tick for run in its}) == len(its) == len(worked[name]) / 2, name
        # One at a time: whatever begins ends before the next begins, in whichever process.
        words = [word for word, _ in sorted(worked[name], key=lambda pair: pair[1])]
        assert words == ["begins", "ends"] * len(its), name
    check_state(place, filled)


def test_what_a_process_leaves_that_is_killed_in_the_midst_of_all_jobs_the_next_one_sets_right(
    place: Place,
) -> None:
    # SQLite has one writer at a time: the first job to hang before a commit would keep the others from theirs.
    hang = "end" if place.engine.dialect.name == "sqlite" else "commit"
    filled = fill(place.engine, 800)
    with place.process(hang) as killed:
        names = jobs_of(killed)
        assert killed.stdout is not None
        hanging = {killed.stdout.readline() for _ in names}
        assert len(hanging) == len(names)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait(PATIENCE_S)
    file = place.salon / "inventory.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("4500000", "4600000"), encoding="utf-8")
    runs = JobRuns(place.engine)
    assert {run.status for run in runs.recent()} == {"running"}

    def all_done() -> bool:
        return all("done" in {run.status for run in of_job(runs)[name]} for name in names)

    with place.process() as next_one:
        jobs_of(next_one)
        wait_for(all_done)
        stop(next_one)
    for name in names:
        assert of_job(runs)[name][0].status == "abandoned", name
    check_state(place, filled)
    with place.engine.connect() as connection:
        prices = select(table_of(CarRow).c.price).where(table_of(CarRow).c.stock_id == "C1")
        assert sorted(connection.scalars(prices)) == [4_500_000, 4_600_000]


def check_state(place: Place, filled: Filled) -> None:
    """Everything is as if each job had been done once."""
    assert count(place.engine, DialogFactRow) == filled.old_dialogs
    assert count(place.engine, DialogRow) == filled.new_dialogs
    snapshots = Snapshots(place.engine, place.data / "snapshots")
    assert not snapshots.freeze().made
    assert snapshots.in_force()[-1]["version"] == count(place.engine, InventoryVersionRow)
    assert all((place.data / "snapshots" / one["snapshot"]).is_dir() for one in snapshots.in_force())
    assert REFRESH in of_job(JobRuns(place.engine))
    if place.engine.dialect.name == "sqlite":
        assert all(path.suffix == ".zip" for path in (place.data / "backups").iterdir())
