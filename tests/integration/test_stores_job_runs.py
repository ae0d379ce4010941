"""Who runs which job when: claims of ticks, signs of life, requests, on both databases."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from stores import job_runs
from stores.job_runs import JobRuns, Run
from tests.integration.stopped_clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))


@pytest.fixture
def runs(engine: Engine, clock: Clock) -> JobRuns:
    return JobRuns(engine, clock=clock, stale_after=timedelta(seconds=60))


@pytest.fixture
def claimed(runs: JobRuns) -> Callable[..., Run]:
    def claim(job: str = "retention", tick: str | None = None) -> Run:
        run = runs.claim(job, tick)
        assert run is not None
        return run

    return claim


def test_a_tick_is_had_once(runs: JobRuns, claimed: Callable[..., Run]) -> None:
    runs.finish(claimed("retention", "monday"), {"dialogs": 3})
    assert runs.claim("retention", "monday") is None
    assert runs.claim("retention", "tuesday") is not None
    assert runs.claim("backup", "monday") is not None


def test_of_many_who_ask_at_once_one_has_the_tick(engine: Engine) -> None:
    had: list[Run | None] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        had.append(JobRuns(engine).claim("retention", "monday"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(run is not None for run in had) == 1


def test_while_a_run_is_under_way_no_other_of_its_job_begins(
    runs: JobRuns, claimed: Callable[..., Run], clock: Clock
) -> None:
    first = claimed()
    assert runs.claim("retention", "monday") is None
    assert runs.running("retention") == first
    for _ in range(3):
        clock.move(seconds=50)
        assert runs.beat(first)
        assert runs.claim("retention") is None
    runs.finish(first, {})
    assert runs.claim("retention", "monday") is not None


def test_a_run_without_signs_of_life_is_abandoned_and_the_next_one_begins(
    runs: JobRuns, claimed: Callable[..., Run], clock: Clock
) -> None:
    first = claimed("retention", "monday")
    clock.move(seconds=61)
    second = claimed("retention", "tuesday")
    assert not runs.beat(first)
    assert [run.status for run in runs.recent()] == ["running", "abandoned"]
    runs.finish(second, {"dialogs": 1})
    newest = runs.recent(1)[0]
    assert (newest.status, newest.counts, newest.seconds) == ("done", {"dialogs": 1}, 0)


def test_a_run_that_lost_its_process_is_taken_over_but_not_forever(runs: JobRuns, clock: Clock) -> None:
    assert runs.claim("retention", "monday") is not None
    ticks = []
    for _ in range(5):
        assert runs.claim_waiting(["retention"]) is None
        clock.move(seconds=61)
        if (run := runs.claim_waiting(["retention"])) is not None:
            ticks.append(run.tick)
    assert ticks == ["monday again 2", "monday again 3"]
    assert {run.status for run in runs.recent()} == {"abandoned"}
    assert runs.claim("retention", "tuesday") is not None


def test_a_run_that_had_to_stop_is_gone_on_with_at_once(runs: JobRuns, claimed: Callable[..., Run]) -> None:
    runs.leave(claimed("retention", "monday"), {"dialogs": 2})
    again = runs.claim_waiting(["backup", "retention"])
    assert again is not None
    assert again.tick == "monday again 2"


def test_a_failed_run_is_not_taken_over(runs: JobRuns, claimed: Callable[..., Run]) -> None:
    runs.fail(claimed(), "the source is gone" * 100)
    assert runs.claim_waiting(["retention"]) is None
    failed = runs.recent(1)[0]
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.startswith("the source is gone")


def test_a_request_is_begun_once_and_after_the_run_under_way(
    runs: JobRuns, claimed: Callable[..., Run]
) -> None:
    first = claimed()
    asked = runs.request("retention", "admin")
    assert runs.request("retention", "somebody else") == asked
    assert runs.claim_waiting(["retention"]) is None
    runs.finish(first, {})
    assert runs.claim_waiting(["backup"]) is None
    begun = runs.claim_waiting(["retention"])
    assert begun is not None
    assert (begun.id, begun.requested_by, begun.status) == (asked.id, "admin", "running")
    assert runs.claim_waiting(["retention"]) is None
    assert runs.request("retention", "admin").id != asked.id


def test_the_log_keeps_so_many_runs_of_each_job(
    runs: JobRuns, claimed: Callable[..., Run], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runs, "KEPT_RUNS", 3)
    runs.finish(claimed("backup"), {})
    for _ in range(5):
        clock.move(seconds=10)
        runs.finish(claimed(), {})
    assert [run.job for run in runs.recent()] == ["retention"] * 3 + ["backup"]
    assert runs.prune(clock.now) == 2  # the last of each job stays, however old
    assert [run.job for run in runs.recent()] == ["retention", "backup"]
