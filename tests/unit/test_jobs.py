"""The command line of the jobs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import registry
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
