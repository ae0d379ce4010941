"""The command line of the jobs, and the timetable."""

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest
from apscheduler.events import EVENT_JOB_EXECUTED

from jobs import registry, scheduler
from jobs.__main__ import SETTINGS, main
from jobs.registry import Job, find_jobs

ROOT = Path(__file__).resolve().parents[2]


def test_every_job_offers_what_the_list_and_the_start_need() -> None:
    jobs = find_jobs()
    assert list(jobs) == sorted(jobs)
    for job in jobs.values():
        assert isinstance(job, Job), job.NAME
        assert not job.HELP.endswith("."), "argparse sets the sentence into a list"


def test_no_module_that_has_a_name_is_forgotten() -> None:
    folder = Path(registry.__file__).parent
    named = [
        path
        for path in folder.rglob("*.py")
        if re.search(r"^NAME = ", path.read_text(encoding="utf-8"), re.M)
    ]
    modules = {".".join(path.relative_to(folder.parent).with_suffix("").parts) for path in named}
    assert modules == set(registry.MODULES)


def test_listing_the_jobs_loads_none_of_what_they_work_with() -> None:
    script = "import sys, jobs.registry as r; r.find_jobs(); print(*sys.modules)"
    command = [sys.executable, "-c", script]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert not {"pandas", "chromadb", "langchain_core", "apscheduler"} & set(loaded)


def test_without_a_name_the_jobs_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    listing = capsys.readouterr().out
    assert all(name in listing for name in find_jobs())


@pytest.mark.parametrize("name", sorted(find_jobs()))
def test_every_job_explains_itself_and_the_settings_it_takes(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert all("--" + setting.replace("_", "-") in text for setting in SETTINGS)


def test_a_wrong_setting_is_one_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["download-model", "--llm", "maybe"]) == 2
    said = capsys.readouterr().err.strip()
    assert said == "The setting llm is wrong: must be auto, off or the URL of an OpenAI-compatible server"


def test_an_unknown_model_is_one_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["download-model", "--llm-model", "no-such-model"]) == 2
    said = capsys.readouterr().err.strip()
    assert "no-such-model" in said
    assert "\n" not in said


def test_the_models_are_listed_with_size_and_licence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["download-model", "--list"]) == 0
    default, *_ = [line for line in capsys.readouterr().out.splitlines() if "(default)" in line]
    assert "MB" in default
    assert "Apache-2.0" in default


@dataclass
class Inventory:
    """Counts refreshes; `outcome` is what each of them does."""

    outcome: Exception | SimpleNamespace
    refreshed: Event = field(default_factory=Event)

    def refresh(self) -> SimpleNamespace:
        self.refreshed.set()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def timetable(inventory: Inventory) -> scheduler.Timetable:
    salon = SimpleNamespace(inventory=SimpleNamespace(refresh_minutes=30))
    return scheduler.start(
        SimpleNamespace(
            salon=salon,
            inventory=inventory,
            post=None,
            alert_sender=SimpleNamespace(targets=SimpleNamespace(channels=())),
        )
    )


@pytest.fixture
def clock_hand() -> Iterator[list[scheduler.Timetable]]:
    running: list[scheduler.Timetable] = []
    yield running
    for table in running:
        table.shutdown()


GOOD = SimpleNamespace(version=3, cars=2, rejected=[], stale=False, error=None)


def test_the_inventory_is_refreshed_at_the_salons_interval_and_not_at_once(
    clock_hand: list[scheduler.Timetable],
) -> None:
    inventory = Inventory(GOOD)
    clock_hand.append(timetable(inventory))
    (job,) = clock_hand[0]._scheduler.get_jobs()
    wait = job.next_run_time - datetime.now(UTC)
    assert timedelta(minutes=29) < wait <= timedelta(minutes=33)
    assert not inventory.refreshed.is_set()


def test_a_failing_refresh_is_logged_and_the_next_one_still_comes(
    clock_hand: list[scheduler.Timetable], caplog: pytest.LogCaptureFixture
) -> None:
    inventory = Inventory(RuntimeError("the database is gone"))
    clock_hand.append(timetable(inventory))
    engine = clock_hand[0]._scheduler
    done = Event()
    engine.add_listener(lambda _: done.set(), EVENT_JOB_EXECUTED)
    with caplog.at_level(logging.ERROR, logger="jobs.scheduler"):
        for _ in range(2):
            done.clear()
            engine.modify_job("refresh-inventory", next_run_time=datetime.now(UTC))
            assert done.wait(timeout=10)
    assert caplog.text.count("RuntimeError: the database is gone") == 2


def test_a_stale_source_and_broken_rows_are_warnings(caplog: pytest.LogCaptureFixture) -> None:
    stale = SimpleNamespace(version=3, cars=2, rejected=[], stale=True, error="inventory.csv is gone")
    broken = SimpleNamespace(version=4, cars=2, rejected=["row"], stale=False, error=None)
    with caplog.at_level(logging.INFO, logger="jobs.scheduler"):
        for report in (GOOD, stale, broken):
            scheduler._refresh(Inventory(report))()
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING", "WARNING"]
    assert "inventory.csv is gone" in caplog.text


def test_shutting_down_twice_is_once(clock_hand: list[scheduler.Timetable]) -> None:
    table = timetable(Inventory(GOOD))
    table.shutdown()
    table.shutdown()
    assert not table._scheduler.running
