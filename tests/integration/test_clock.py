"""The clock in one process: what is due is done and written down, whatever happens meanwhile."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

import stores.retention
from jobs import duties, retention, scheduler
from jobs.__main__ import main
from jobs.bench.retention import fill
from jobs.clock import Clock, Duty, carry_out
from jobs.ticks import Every, name_of
from jobs.work import Counts, Stop, Stopped, Work
from services import ASSETS, Services
from stores.database import open_database
from stores.errors import InventoryUnreadable
from stores.job_runs import JobRuns, Run
from ui.auth import StaffMember
from ui.pages.staff.settings import SettingsDesk
from ui.pages.texts import load_staff_texts

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
EVERY_MINUTE = Every(timedelta(minutes=1))


@pytest.fixture
def runs(engine: Engine) -> JobRuns:
    return JobRuns(engine, stale_after=timedelta(seconds=1.2))


@pytest.fixture
def new_clock(runs: JobRuns) -> Iterator[Callable[[Work], Clock]]:
    made: list[Clock] = []

    def make(work: Work) -> Clock:
        made.append(Clock(runs, [Duty("chores", EVERY_MINUTE, work)], now=lambda: NOW))
        return made[-1]

    yield make
    for clock in made:
        clock.close()


def ended(runs: JobRuns, count: int = 1) -> list[Run]:
    """The runs once `count` of them have ended, the oldest first."""
    waited = threading.Event()
    for _ in range(500):
        if sum(run.finished_at is not None for run in runs.recent()) >= count:
            break
        waited.wait(0.02)
    return runs.recent()[::-1]


def test_a_tick_is_run_once_and_written_down(runs: JobRuns, new_clock: Callable[[Work], Clock]) -> None:
    clock = new_clock(lambda _: {"things": 3})
    (duty,) = clock.duties
    assert clock.tick(duty) is not None
    (run,) = ended(runs)
    assert (run.job, run.tick, run.status, run.counts) == (
        "chores",
        "2026-11-20T12:00:00Z",
        "done",
        {"things": 3},
    )
    assert run.seconds is not None
    assert clock.tick(duty) is None


@pytest.mark.parametrize(
    "error, said",
    [
        (InventoryUnreadable("inventory.csv is gone"), "inventory.csv is gone"),
        (KeyError("+7 900 000-00-00"), "KeyError: see the log"),
    ],
)
def test_what_goes_wrong_is_written_down_without_quoting_data(
    runs: JobRuns, new_clock: Callable[[Work], Clock], error: Exception, said: str
) -> None:
    def fail(_: Stop) -> Counts:
        raise error

    clock = new_clock(fail)
    clock.tick(clock.duties[0])
    (run,) = ended(runs)
    assert (run.status, run.error) == ("failed", said)


def test_a_long_run_gives_signs_of_life(runs: JobRuns, new_clock: Callable[[Work], Clock]) -> None:
    clock = new_clock(lambda _: {"waited": threading.Event().wait(3)})
    clock.tick(clock.duties[0])
    waited = threading.Event()
    for _ in range(10):
        waited.wait(0.2)
        assert runs.claim("chores") is None
    (run,) = ended(runs)
    assert run.status == "done"


def test_what_staff_start_is_done_and_what_was_left_is_gone_on_with(
    runs: JobRuns, new_clock: Callable[[Work], Clock]
) -> None:
    runs.request("chores", "admin")
    runs.request("unknown to this process", "admin")
    clock = new_clock(lambda _: {})
    assert [run.requested_by for run in clock.look()] == ["admin"]
    ended(runs)
    left = runs.claim("chores", "tick")
    assert left is not None
    runs.leave(left)
    assert [run.tick for run in clock.look()] == ["tick again 2"]
    assert clock.look() == []


def test_a_missed_tick_is_made_up_for_unless_the_clock_is_younger(
    runs: JobRuns, new_clock: Callable[[Work], Clock]
) -> None:
    clock = new_clock(lambda _: {})
    assert clock.catch_up(since=NOW - timedelta(seconds=10)) == []
    assert len(clock.catch_up(since=NOW - timedelta(hours=1))) == 1
    ended(runs)
    assert clock.catch_up(since=NOW - timedelta(hours=1)) == []


def test_who_stops_the_app_does_not_wait_for_a_long_run_to_end(
    runs: JobRuns, new_clock: Callable[[Work], Clock]
) -> None:
    begun = threading.Event()

    def work(stop: Stop) -> Counts:
        while not stop():
            begun.set()
        raise Stopped({"so far": 1})

    clock = new_clock(work)
    clock.tick(clock.duties[0])
    begun.wait(10)
    clock.close()
    (run,) = runs.recent()
    assert (run.status, run.counts) == ("abandoned", {"so far": 1})
    assert clock.tick(clock.duties[0]) is None


def test_a_run_that_another_took_over_is_asked_to_stop(runs: JobRuns) -> None:
    run = runs.claim("chores")
    assert run is not None
    runs.leave(run)

    def work(stop: Stop) -> Counts:
        for _ in range(200):
            if stop():
                raise Stopped({})
            threading.Event().wait(0.05)
        return {}

    assert carry_out(runs, run, work) == {}
    assert runs.recent()[0].status == "abandoned"


def test_the_app_keeps_the_timetable_of_the_salon(own_services: Services) -> None:
    table = scheduler.start(own_services)
    try:
        due = {job.id: job.next_run_time for job in table._scheduler.get_jobs()}
        for duty in duties.duties_of(own_services):
            assert due[duty.name] == duty.when.next(datetime.now(UTC)), duty.name
        zone = own_services.salon.zone
        assert due["retention"].astimezone(zone).hour == 3
        assert own_services.job_runs.recent() == []  # nothing was missed before the first start
        own_services.job_runs.request("refresh-inventory", "admin")
        (run,) = ended(own_services.job_runs)
        assert (run.job, run.status, run.counts["cars"]) == ("refresh-inventory", "done", 10)
    finally:
        table.shutdown()
        table.shutdown()


def test_a_source_that_is_gone_is_a_failed_run(own_services: Services, salon_folder: Path) -> None:
    (salon_folder / "inventory.csv").unlink()
    (duty,) = [one for one in duties.duties_of(own_services) if one.name == "refresh-inventory"]
    run = own_services.job_runs.claim(duty.name, name_of(NOW))
    assert run is not None
    carry_out(own_services.job_runs, run, duty.work)
    (failed,) = own_services.job_runs.recent()
    assert failed.status == "failed"
    assert "inventory.csv" in (failed.error or "")
    assert failed.counts["cars"] == 10


def test_other_days_are_carried_out_at_once(own_services: Services) -> None:
    filled = fill(own_services.engine, 160)
    desk = SettingsDesk(own_services, load_staff_texts(ASSETS, "ru"))
    admin = StaffMember("boris", "admin", None, "https://assistant.dealer.example", "log-in")
    table = scheduler.start(own_services)
    try:
        assert desk.set_retention(1, desk.seen(), admin).changed
        (run,) = ended(own_services.job_runs)
    finally:
        table.shutdown()
    assert (run.job, run.status, run.requested_by) == ("retention", "done", "boris")
    assert run.counts["dialogs"] == filled.old_dialogs
    assert retention.NAME == stores.retention.JOB


def test_a_job_by_hand_gives_way_to_a_run_under_way(
    salon_folder: Path, sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_database(sqlite_url)
    runs = JobRuns(engine)
    run = runs.claim("retention")
    assert run is not None
    command = ["retention", "--salon", str(salon_folder), "--data", str(tmp_path), "--db", sqlite_url]
    assert main(command) == 1
    assert "retention is running already since" in capsys.readouterr().err
    runs.finish(run, {})
    assert main(command) == 0
    assert capsys.readouterr().out == "Destroyed what is older than 90 days: nothing\n"
    assert [(one.requested_by, one.status) for one in runs.recent(1)] == [("terminal", "done")]
    engine.dispose()
