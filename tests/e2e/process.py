"""The program itself, as an operator starts it: a process of its own, with nothing of this environment's settings."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
START_S = 90


@dataclass(frozen=True)
class Running:
    """A started program: its process, where it is, and a client of it."""

    process: subprocess.Popen[str]
    url: str
    greeting: str
    client: httpx.Client


def command(*options: str) -> list[str]:
    return [sys.executable, str(ROOT / "app.py"), *options]


def environment(home: Path, **more: str) -> dict[str, str]:
    """An empty home and no `SALON_*` variable, so that only what the test says is set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALON_")}
    return (
        kept | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PYTHONIOENCODING": "utf-8"} | more
    )


def run_to_the_end(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start the program and wait for it to give up; `folder` is its home and working directory."""
    return subprocess.run(
        command(*options),
        cwd=folder,
        env=environment(folder, **variables),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=START_S,
        check=False,
    )


@contextmanager
def running(folder: Path, *options: str, **variables: str) -> Iterator[Running]:
    """The program on a free port, until the block ends."""
    log = (folder / "stderr.log").open("a", encoding="utf-8")
    process = subprocess.Popen(
        command("--port", "0", *options),
        cwd=folder,
        env=environment(folder, **variables),
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        assert "http://" in greeting, (folder / "stderr.log").read_text(encoding="utf-8")[-3000:]
        url = "http://" + greeting.split("http://", 1)[1].split()[0]
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            yield Running(process, url, greeting, client)
    finally:
        log.close()
        if process.poll() is None:
            process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
