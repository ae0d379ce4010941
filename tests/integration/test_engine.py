"""The embedded engine as a part of this process: who may use it, and that it lets the process end."""

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chains.engine import Engine, EngineFailed
from settings import ROOT


@pytest.fixture(scope="module")
def engine(small_weights: Path) -> Iterator[Engine]:
    opened = Engine(small_weights, name="small", context_tokens=256, slots=2, threads=1)
    yield opened
    opened.close()


def test_only_who_knows_the_key_may_use_it(engine: Engine) -> None:
    question = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
    with httpx.Client(base_url=engine.url, trust_env=False) as client:
        assert client.post("/chat/completions", json=question).status_code == 401
        keyed = client.post(
            "/chat/completions", json=question, headers={"Authorization": f"Bearer {engine.api_key}"}
        )
    assert keyed.status_code == 200
    assert keyed.json()["model"] == "small"


def test_it_listens_on_the_loopback_address_only(engine: Engine) -> None:
    assert engine.url.startswith("http://127.0.0.1:")


def test_two_engines_get_ports_and_keys_of_their_own(engine: Engine, small_weights: Path) -> None:
    other = Engine(small_weights, name="other", context_tokens=256, slots=1, threads=1)
    try:
        assert other.url != engine.url
        assert other.api_key != engine.api_key
    finally:
        other.close()
    other.close()
    health = httpx.get(engine.url.removesuffix("/v1") + "/health", trust_env=False)
    assert health.status_code == 200, "closing one leaves the other"


def test_a_file_that_is_no_model_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "no.gguf"
    path.write_bytes(b"GGUF but no more")
    with pytest.raises(EngineFailed, match=r"could not load no\.gguf"):
        Engine(path, name="no", context_tokens=256, slots=1)


PROGRAM = """
import os, signal, sys, threading, time
from pathlib import Path
from chains.engine import Engine

def bring_up():
    global engine
    engine = Engine(Path(sys.argv[1]), name="small", context_tokens=256, slots=2, threads=1)
    print("ready", flush=True)

def handler(number, frame):
    print("handled", signal.Signals(number).name, flush=True)
    os.environ["LEAVE"] = "1"
"""


def run(small_weights: Path, body: str) -> subprocess.Popen[str]:
    """A process with an engine, started by `body` in the ways that an app might."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM + textwrap.dedent(body), str(small_weights)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() == line


def end(process: subprocess.Popen[str]) -> str:
    """Wait for the end, which must come soon; what was still printed."""
    began = time.monotonic()
    try:
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert time.monotonic() - began < 8
    return output


def test_ctrl_c_reaches_python_and_ends_a_process_that_closes_nothing(small_weights: Path) -> None:
    process = run(
        small_weights,
        """
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Thread(target=bring_up, daemon=True).start()
        try:
            while True:
                time.sleep(0.1)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """,
    )
    wait_for(process, "ready")
    process.send_signal(signal.SIGINT)
    assert end(process) == "interrupted\n"
    assert process.returncode == 0


def test_sigterm_ends_a_process_without_a_handler(small_weights: Path) -> None:
    process = run(small_weights, "threading.Thread(target=bring_up, daemon=True).start(); time.sleep(60)")
    wait_for(process, "ready")
    process.send_signal(signal.SIGTERM)
    end(process)
    assert process.returncode == -signal.SIGTERM


def test_a_handler_set_while_the_engine_loads_is_not_lost(small_weights: Path) -> None:
    process = run(
        small_weights,
        """
        signal.signal(signal.SIGINT, signal.default_int_handler)
        thread = threading.Thread(target=bring_up, daemon=True); thread.start()
        signal.signal(signal.SIGTERM, handler)  # as a web server does once it runs
        while "LEAVE" not in os.environ:
            time.sleep(0.05)
        engine.close()
        """,
    )
    wait_for(process, "ready")
    process.send_signal(signal.SIGTERM)
    assert end(process) == "handled SIGTERM\n"
    assert process.returncode == 0


@pytest.mark.parametrize("delay", [0.0, 0.2, 0.6])
def test_a_process_may_be_ended_while_the_engine_loads(small_weights: Path, delay: float) -> None:
    process = run(
        small_weights,
        """
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            print("started", flush=True)
            threading.Thread(target=bring_up, daemon=True).start()
            while True:  # a signal that comes just before a sleep begins is noticed only at its end
                time.sleep(0.1)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """,
    )
    wait_for(process, "started")
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    assert "interrupted" in end(process)
    assert process.returncode == 0


def test_ctrl_c_in_mid_answer_ends_the_process_soon(small_weights: Path) -> None:
    process = run(
        small_weights,
        """
        import httpx
        signal.signal(signal.SIGINT, signal.default_int_handler)
        bring_up()
        question = {"messages": [{"role": "user", "content": "A very long story!"}], "max_tokens": 200, "stream": True}
        key = {"Authorization": "Bearer " + engine.api_key}
        client = httpx.Client(trust_env=False)
        with client.stream("POST", engine.url + "/chat/completions", json=question, headers=key) as answer:
            pieces = answer.iter_lines()
            next(pieces)
            try:
                print("answering", flush=True)  # once this is read, a signal may come at any time
                while True:
                    time.sleep(0.1)
            except KeyboardInterrupt:
                engine.close()
        """,
    )
    wait_for(process, "ready")
    wait_for(process, "answering")
    process.send_signal(signal.SIGINT)
    end(process)
    assert process.returncode == 0
