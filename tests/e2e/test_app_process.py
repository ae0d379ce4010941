"""`python app.py` as an operator meets it: what stops it from starting, and what a sudden end costs."""

import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

import app
from tests.e2e.process import run_to_the_end, running

SAID = "CLS и E-класс стоят на одной платформе."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _unknown_folder(salon: Path) -> list[str]:
    return ["--salon", str(salon / "nowhere")]


def _malformed_toml(salon: Path) -> list[str]:
    rewrite(salon / "salon.toml", "[hours]", "[hours")
    return []


def _missing_name(salon: Path) -> list[str]:
    rewrite(salon / "salon.toml", 'name     = "Тест-Мотор"', "")
    return []


def _missing_columns(salon: Path) -> list[str]:
    rewrite(
        salon / "inventory.csv", "stock_id,model,class,body,year,price", "stock_id,model,class,body,year,cost"
    )
    return []


def _empty_inventory(salon: Path) -> list[str]:
    (salon / "inventory.csv").write_text("", encoding="utf-8")
    return []


def _no_inventory(salon: Path) -> list[str]:
    (salon / "inventory.csv").unlink()
    return []


def _unreachable_database(salon: Path) -> list[str]:
    return ["--db", "postgresql+psycopg://salon:hidden-password@127.0.0.1:1/salon"]


def _not_a_database(salon: Path) -> list[str]:
    return ["--db", "nonsense"]


def _unreachable_model(salon: Path) -> list[str]:
    return ["--llm", "http://127.0.0.1:1/v1"]


def _not_a_model(salon: Path) -> list[str]:
    return ["--llm", "gpt"]


def _data_is_a_file(salon: Path) -> list[str]:
    return ["--data", str(salon / "legend.md")]


def _data_cannot_be_made(salon: Path) -> list[str]:
    return [
        "--data",
        "/proc/salon-assistant",
    ]  # not even by root; on macOS there is no /proc and none can be made


def _port_is_no_number(salon: Path) -> list[str]:
    return ["--port", "many"]


def _unknown_host(salon: Path) -> list[str]:
    return ["--host", "203.0.113.77"]


def _unknown_option(salon: Path) -> list[str]:
    return ["--prot", "1"]


def _unknown_log_level(salon: Path) -> list[str]:
    return ["--log-level", "loud"]


@pytest.mark.parametrize(
    "spoil,named",
    [
        (_unknown_folder, "nowhere"),
        (_malformed_toml, "salon.toml"),
        (_missing_name, "name"),
        (_missing_columns, "price"),
        (_empty_inventory, "inventory.csv"),
        (_no_inventory, "inventory.csv"),
        (_unreachable_database, "127.0.0.1"),
        (_not_a_database, "database URL"),
        (_unreachable_model, "127.0.0.1:1"),
        (_not_a_model, "--llm"),
        (_data_is_a_file, "legend.md"),
        (_data_cannot_be_made, "/proc/salon-assistant"),
        (_port_is_no_number, "--port"),
        (_unknown_host, "203.0.113.77"),
        (_unknown_option, "--prot"),
        (_unknown_log_level, "--log-level"),
    ],
)
def test_what_stops_the_start_is_told_in_one_sentence_with_exit_code_2(
    home: Path,
    salon_folder: Path,
    spoil: Callable[[Path], list[str]],
    named: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    default = ["--salon", str(salon_folder), "--data", str(home / "var"), "--port", "0", "--llm", "off"]
    assert app.main([*default, *spoil(salon_folder)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith("error: ")
    assert named in line
    assert "hidden-password" not in line


def test_a_process_that_cannot_start_ends_with_code_2_and_no_traceback(
    home: Path, salon_folder: Path
) -> None:
    _malformed_toml(salon_folder)
    ended = run_to_the_end(home, "--salon", str(salon_folder), "--port", "0", "--llm", "off")
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert "salon.toml" in line


def test_a_busy_port_is_named(home: Path, salon_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run_to_the_end(home, "--salon", str(salon_folder), "--port", port, "--llm", "off")
    assert ended.returncode == 2
    assert port in ended.stderr
    assert "in use" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_wrong_variable_is_named_as_the_option_it_is(home: Path, salon_folder: Path) -> None:
    ended = run_to_the_end(home, "--salon", str(salon_folder), SALON_PORT="many")
    assert (ended.returncode, "SALON_PORT" in ended.stderr) == (2, True)
    ended = run_to_the_end(home, "--salon", str(salon_folder), SALON_TRUSTED_PROXIES="nginx", SALON_LLM="off")
    assert (ended.returncode, "nginx" in ended.stderr) == (2, True)


def test_options_win_over_variables_and_variables_over_the_env_file(home: Path, salon_folder: Path) -> None:
    (home / ".env").write_text("SALON_LLM=http://127.0.0.1:1/v1\nSALON_SALON=nowhere\nSALON_RATE_LIMIT=1\n")
    variables = {"SALON_LLM": "off", "SALON_SALON": "elsewhere"}
    with running(home, "--salon", str(salon_folder), **variables) as program:
        assert "Тест-Мотор" in program.greeting
        assert program.process.stdout is not None
        first_link = program.process.stdout.readline().split()[-1]
        assert "первая учётная запись" in program.client.get(first_link).text
        session_id = open_session(program.client)
        assert ask(program.client, session_id, "Есть C 180?").status_code == 200
        assert ask(program.client, session_id, "Есть C 180?").status_code == 429
    assert (home / "var").is_dir()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_ends_at_once_and_in_order(
    home: Path, salon_folder: Path, number: signal.Signals
) -> None:
    with running(home, "--salon", str(salon_folder), "--llm", "off") as program:
        assert program.client.get("/health").status_code == 200
        program.process.send_signal(number)
        assert program.process.wait(20) == 0
    assert "Traceback" not in (home / "stderr.log").read_text(encoding="utf-8")


@pytest.mark.slow
def test_asked_to_stop_in_mid_answer_it_stores_what_was_said_and_ends_soon(
    home: Path, salon_folder: Path, stalling_model: str
) -> None:
    with running(home, "--salon", str(salon_folder), "--llm", stalling_model) as program:
        _wait_for_the_model(program.client)
        session_id = open_session(program.client)
        body = {"session_id": session_id, "message": "Чем CLS отличается от E-класса?", "stream": True}
        with program.client.stream("POST", "/api/chat", json=body) as answer:
            assert any(line == "event: token" for line in answer.iter_lines())
            program.process.send_signal(signal.SIGTERM)
            assert program.process.wait(40) == 0
    with running(home, "--salon", str(salon_folder), "--llm", "off") as program:
        (turn,) = _turns(program.client, session_id)
        assert (turn["status"], turn["answer"]) == ("answered", SAID)


def test_killed_in_the_middle_of_answers_it_has_lost_no_finished_turn(home: Path, salon_folder: Path) -> None:
    options = ["--salon", str(salon_folder), "--llm", "off"]
    variables = {"SALON_RATE_LIMIT": "off"}
    replies: list[dict[str, Any]] = []
    with running(home, *options, **variables) as program:
        sessions = [open_session(program.client) for _ in range(6)]
        visitors = [
            threading.Thread(target=_ask_until_it_breaks, args=(program.url, session_id, replies))
            for session_id in sessions
        ]
        for visitor in visitors:
            visitor.start()
        deadline = time.monotonic() + 60
        while len(replies) < 12:
            assert time.monotonic() < deadline, "no answers came"
            time.sleep(0.01)
        program.process.send_signal(signal.SIGKILL)
        program.process.wait(10)
        for visitor in visitors:
            visitor.join(30)

    with running(home, *options, **variables) as program:
        stored = {
            turn["turn_id"]: turn["answer"]
            for session_id in sessions
            for turn in program.client.get(f"/api/sessions/{session_id}").json()["turns"]
        }
        assert len(replies) >= 12
        for reply in replies:
            assert stored[reply["turn_id"]] == reply["answer"]
        assert ask(program.client, sessions[0], "Есть C 180?").status_code == 200


def test_killed_in_mid_sentence_it_still_has_the_question_and_all_before(
    home: Path, salon_folder: Path, stalling_model: str
) -> None:
    question = "Чем CLS отличается от E-класса?"
    options = ["--salon", str(salon_folder), "--llm", stalling_model]
    with running(home, *options) as program:
        _wait_for_the_model(program.client)
        session_id = open_session(program.client)
        first = ask(program.client, session_id, "Есть ли сейчас в наличии C 180?").json()
        body = {"session_id": session_id, "message": question, "stream": True}
        with program.client.stream("POST", "/api/chat", json=body):
            _wait_until(lambda: len(_turns(program.client, session_id)) == 2)
            program.process.send_signal(signal.SIGKILL)
            program.process.wait(10)

    with running(home, "--salon", str(salon_folder), "--llm", "off") as program:
        before, broken = _turns(program.client, session_id)
        assert (before["turn_id"], before["answer"]) == (first["turn_id"], first["answer"])
        assert broken["question"] == question
        assert ask(program.client, session_id, question).status_code == 200


@pytest.fixture
def stalling_model() -> Iterator[str]:
    """The URL of an OpenAI-compatible server that says one sentence of every longer answer and never ends it."""
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """No access log in the tests' output."""

        def _json(self, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._json({"object": "list", "data": [{"id": "stalling", "object": "model"}]})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            head = {"id": "1", "created": 1, "model": "stalling"}
            if not asked.get("stream"):
                choice = {
                    "index": 0,
                    "message": {"role": "assistant", "content": "1"},
                    "finish_reason": "stop",
                }
                self._json({**head, "object": "chat.completion", "choices": [choice]})
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            delta = {"role": "assistant", "content": f"{SAID} CLS"}
            choice = {"index": 0, "delta": delta, "finish_reason": None}
            chunk = {**head, "object": "chat.completion.chunk", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.flush()
            released.wait(60)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        released.set()
        server.shutdown()


def open_session(client: httpx.Client) -> str:
    response = client.post("/api/sessions", json={"consent": True})
    assert response.status_code == 201, response.text
    session_id: str = response.json()["session_id"]
    return session_id


def ask(client: httpx.Client, session_id: str, message: str) -> httpx.Response:
    return client.post("/api/chat", json={"session_id": session_id, "message": message})


def _turns(client: httpx.Client, session_id: str) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = client.get(f"/api/sessions/{session_id}").json()["turns"]
    return turns


def _ask_until_it_breaks(url: str, session_id: str, replies: list[dict[str, Any]]) -> None:
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        while True:
            try:
                response = ask(client, session_id, "Какие кроссоверы есть до 8 миллионов?")
            except httpx.TransportError:
                return
            assert response.status_code == 200, response.text
            replies.append(response.json())


def _wait_for_the_model(client: httpx.Client) -> None:
    _wait_until(lambda: client.get("/health").json()["llm"]["state"] == "ready")


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
