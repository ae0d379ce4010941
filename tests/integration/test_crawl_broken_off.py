"""A crawl that is broken off and started again ends as one that was not."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobs.crawling.frontier import Frontier, Result
from settings import ROOT
from tests.integration.crawl_server import Asked, FakeWiki, Reply, Web, html, moved, serving
from tests.integration.crawling import QUICK, read

FILES = ("all.csv", "keywords.csv")


@pytest.fixture
def web() -> Iterator[Web]:
    """A site of some thirty pages with all that can happen to them, and a wiki behind it."""
    with serving(Web()) as running:
        for number in range(12):
            links = "".join(f'<a href="/{end}">{end}</a>' for end in (number * 2 + 1, number * 2 + 2))
            running.pages[f"/{number}"] = html(f"<h1>Тема {number}</h1><p>Мерседес номер {number}</p>{links}")
        for number in range(12, 24):
            running.pages[f"/{number}"] = html(f"<p>Чай номер {number}</p>")
        running.pages |= {
            "/5": moved("/17"),
            "/6": Reply(b"", 404),
            "/7": passing,
            "/13": Reply(b"\0" * 3000),
            "/wiki": html("<p>Мерседес: смотри статью</p>"),
        }
        wiki = FakeWiki(running, extracts=False)
        wiki.add("Мерседес", "Марка: '''Мерседес'''.", [f"Статья {number}" for number in range(7)])
        for number in range(7):
            wiki.add(f"Статья {number}", f"О [[Мерседес]]е, часть {number}.", ["Мерседес"])
        wiki.redirects["Статья 3"] = "Статья 6"
        wiki.found = {"мерседес": ["Мерседес", "Статья 5"]}
        yield running


def passing(asked: Asked) -> Reply:
    """Out of order at every second request, so that it succeeds at the second attempt of whoever asks."""
    passing.count += 1  # type: ignore[attr-defined]
    return Reply(b"", 503) if passing.count % 2 else html("<p>Мерседес, наконец</p>")  # type: ignore[attr-defined]


passing.count = 0  # type: ignore[attr-defined]

Start = Callable[[Path], "subprocess.Popen[str]"]


@pytest.fixture
def start(web: Web, salon_folder: Path) -> Start:
    """Starts the job in a process of its own."""

    def run(out: Path) -> "subprocess.Popen[str]":
        options = ["--salon", str(salon_folder), "--out", str(out), *QUICK, "--depth", "5", "--pages", "60"]
        options += ["--seed", f"{web.base}/0", "--api", f"{web.base}/w/api.php", "--keyword", "мерседес"]
        command = [sys.executable, "-m", "jobs", "crawl", *options]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    return run


def unbroken(start: Start, out: Path) -> dict[str, bytes]:
    process = start(out)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    return {name: (out / name).read_bytes() for name in FILES}


def test_killed_at_any_request_it_ends_the_same(web: Web, start: Start, tmp_path: Path) -> None:
    whole = unbroken(start, tmp_path / "whole")
    asked_in_one = len(web.asked)
    out, kills = tmp_path / "broken", 0
    # Kills at the 1st, 2nd, 4th, 7th … request of the process: in robots.txt, a page, a redirect, the API, a batch.
    for number in (1, 2, 4, 7, 11, 5, 9):
        left = [number]
        process = start(out)

        def kill(asked: Asked, process: "subprocess.Popen[str]" = process, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                process.send_signal(signal.SIGKILL)

        web.before = kill
        process.communicate(timeout=60)
        kills += process.returncode == -signal.SIGKILL
        web.before = lambda asked: None
    assert kills >= 6
    assert unbroken(start, out) == whole
    rows = read(out / "all.csv", web.base)
    assert {row.status for row in rows} == {"Ok", "No find special words", "Error"}
    assert asked_in_one > 25


def test_stopped_by_ctrl_c_it_writes_what_it_has_and_goes_on_later(
    web: Web, start: Start, tmp_path: Path
) -> None:
    whole = unbroken(start, tmp_path / "whole")
    out = tmp_path / "stopped"
    process = start(out)
    left = [12]

    def stop(asked: Asked) -> None:
        left[0] -= 1
        if left[0] == 0:
            process.send_signal(signal.SIGINT)

    web.before = stop
    said, problem = process.communicate(timeout=60)
    web.before = lambda asked: None
    assert process.returncode == 130
    assert "goes on" in problem
    assert "still wait" in said
    assert 2 <= len(read(out / "all.csv")) < len(read(tmp_path / "whole" / "all.csv"))
    assert unbroken(start, out) == whole


def test_two_crawls_do_not_write_into_one_folder(web: Web, start: Start, tmp_path: Path) -> None:
    go_on = threading.Event()
    first_asked = threading.Event()

    def wait(asked: Asked) -> None:
        first_asked.set()
        go_on.wait(20)

    web.before = wait
    first = start(tmp_path / "out")
    assert first_asked.wait(30)
    second = start(tmp_path / "out")
    _, problem = second.communicate(timeout=60)
    go_on.set()
    assert second.returncode == 2
    assert "another crawl" in problem
    first.communicate(timeout=60)
    assert first.returncode == 0


def test_a_page_and_its_links_are_kept_together_or_not_at_all(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "frontier.db")
    frontier.seed(["http://a.example/"], [], {})
    (page,) = frontier.next()

    def links() -> Iterator[str]:
        yield "http://a.example/1"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        frontier.record(page, Result(page.address, "Ok", "текст", links=links()))  # type: ignore[arg-type]
    assert frontier.next() == [page]
    assert list(frontier.rows()) == []
    frontier.close()
