"""A model on a foreign server: what visitors and staff notice when it dies, returns, or talks nonsense."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from chains.errors import ModelUnavailable
from chains.llm import LanguageModel

QUESTION = [HumanMessage("Доступен ли тест-драйв?")]
FAKE = Path(__file__).with_name("fake_openai.py")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@contextmanager
def server(port: int, **behaviour: Any) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(FAKE), str(port), json.dumps(behaviour)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith("listening")
            yield process
        finally:
            process.kill()


@contextmanager
def model(port: int, name: str | None = None, **options: Any) -> Iterator[LanguageModel]:
    opened = LanguageModel.remote(f"http://127.0.0.1:{port}", name, **options)
    opened.start()
    try:
        yield opened
    finally:
        opened.close()


def wait_until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


async def pieces_before_the_break(model: LanguageModel) -> list[str]:
    pieces: list[str] = []
    try:
        async for piece in model.stream(QUESTION, max_tokens=50):
            pieces.append(piece)
    except ModelUnavailable:
        return pieces
    pytest.fail("the answer came to its end")


@pytest.mark.anyio
async def test_the_name_of_the_model_is_asked_of_the_server(port: int) -> None:
    with server(port), model(port) as remote:
        wait_until(lambda: remote.ready)
        assert (remote.mode, remote.model, remote.detail) == ("url", "fake-1", None)
        assert await remote.complete(QUESTION, max_tokens=50) == "Да, тест-драйв доступен."


@pytest.mark.anyio
async def test_a_server_killed_in_mid_sentence_costs_the_rest_of_the_sentence_and_comes_back(
    port: int,
) -> None:
    with model(port, "fake-1") as remote:
        with server(port, pause_s=0.3, pieces=["слово "] * 50) as process:
            wait_until(lambda: remote.ready)
            asyncio.get_running_loop().call_later(0.7, process.kill)
            pieces = await pieces_before_the_break(remote)
        assert 1 <= len(pieces) < 10
        assert remote.state == "failed"
        assert "127.0.0.1" in (remote.detail or "")
        with pytest.raises(ModelUnavailable, match="failed"):
            await remote.complete(QUESTION, max_tokens=50)
        with server(port):
            wait_until(lambda: remote.ready)
            assert await remote.complete(QUESTION, max_tokens=50) == "Да, тест-драйв доступен."


@pytest.mark.anyio
@pytest.mark.parametrize("end", ["cut", "unfinished", "error", "garbage"])
async def test_an_answer_that_does_not_end_well_is_no_answer(port: int, end: str) -> None:
    with server(port, end=end), model(port) as remote:
        wait_until(lambda: remote.ready)
        assert await pieces_before_the_break(remote) == ["Да, ", "тест-драйв ", "доступен."]


@pytest.mark.anyio
async def test_a_server_that_falls_silent_is_given_up(port: int) -> None:
    with server(port, pause_s=30.0), model(port, silence_s=0.5) as remote:
        wait_until(lambda: remote.ready)
        began = time.monotonic()
        assert await pieces_before_the_break(remote) == ["Да, "]
        assert time.monotonic() - began < 3


@pytest.mark.anyio
@pytest.mark.parametrize("status, still_ready", [(400, True), (429, True)])
async def test_a_refused_request_does_not_count_as_a_lost_server(
    port: int, status: int, still_ready: bool
) -> None:
    with server(port, status=status), model(port) as remote:
        wait_until(lambda: remote.ready)
        assert await pieces_before_the_break(remote) == []
        assert remote.ready is still_ready


@pytest.mark.anyio
async def test_a_broken_server_is_tried_again_until_it_answers(port: int) -> None:
    with server(port, status=500), model(port) as remote:
        wait_until(lambda: remote.ready)
        assert await pieces_before_the_break(remote) == []
        wait_until(lambda: remote.ready)  # the one token that proves it works is given


def test_a_server_that_is_down_at_the_start_is_waited_for(port: int) -> None:
    with model(port) as remote:
        wait_until(lambda: remote.state == "failed")
        assert f"the model server 127.0.0.1:{port} cannot be reached" in (remote.detail or "")
        with server(port):
            wait_until(lambda: remote.ready)


def test_a_wrong_key_is_said_and_the_right_one_is_sent(port: int) -> None:
    with server(port, key="right"):
        with model(port, api_key="wrong") as remote:
            wait_until(lambda: remote.state == "failed")
            assert "401" in (remote.detail or "")
            assert "wrong key" in (remote.detail or "")
        with model(port, api_key="right") as remote:
            wait_until(lambda: remote.ready)


def test_a_server_without_a_model_is_not_ready(port: int) -> None:
    with server(port, models=[]), model(port) as remote:
        wait_until(lambda: remote.state == "failed")
        assert "has no model" in (remote.detail or "")


def test_at_the_start_a_wrong_address_is_one_sentence_without_the_password(port: int) -> None:
    remote = LanguageModel.remote(f"http://user:secret@127.0.0.1:{port}/v1")
    with pytest.raises(ModelUnavailable) as caught:
        remote.check()
    assert f"127.0.0.1:{port} cannot be reached" in str(caught.value)
    assert "secret" not in str(caught.value)
    with server(port):
        remote.check()


class Answer(BaseModel):
    price_max: int


@pytest.mark.anyio
@pytest.mark.parametrize("text", ['{"price_max": "a lot"}', "Дорого.", '{"price_max": 8', ""])
async def test_an_answer_of_another_shape_is_a_value_error_and_no_loss(port: int, text: str) -> None:
    with server(port, pieces=[text]), model(port) as remote:
        wait_until(lambda: remote.ready)
        with pytest.raises(ValueError, match="gave no Answer"):
            await remote.structured(QUESTION, Answer)
        assert remote.ready


@pytest.mark.anyio
async def test_an_answer_of_the_right_shape_is_validated(port: int) -> None:
    with server(port, pieces=['{"price_max"', ": 8000000}"]), model(port) as remote:
        wait_until(lambda: remote.ready)
        assert await remote.structured(QUESTION, Answer) == Answer(price_max=8_000_000)


@pytest.mark.anyio
async def test_a_closed_model_says_so(port: int) -> None:
    with server(port), model(port) as remote:
        wait_until(lambda: remote.ready)
        remote.close()
        assert remote.state == "off"
        with pytest.raises(ModelUnavailable, match="closed"):
            await remote.complete(QUESTION, max_tokens=5)


@pytest.mark.anyio
async def test_without_a_model_every_question_is_refused_at_once() -> None:
    off = LanguageModel.off()
    off.start()
    off.check()
    assert (off.mode, off.state, off.model, off.ready) == ("off", "off", None, False)
    with pytest.raises(ModelUnavailable, match="off"):
        await off.complete(QUESTION, max_tokens=5)
    off.close()
