"""The unchanged `openai` package holds a conversation with the program itself."""

import time
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.e2e.process import Running, running


@pytest.fixture
def program(tmp_path: Path, salon_folder: Path) -> Iterator[Running]:
    with running(tmp_path, "--salon", str(salon_folder), "--llm", "off") as started:
        yield started


def test_the_package_holds_a_streamed_conversation_with_a_follow_up(program: Running) -> None:
    client = openai.OpenAI(base_url=f"{program.url}/v1", api_key="any")
    messages: list[ChatCompletionMessageParam] = []

    def say(text: str) -> str:
        messages.append({"role": "user", "content": text})
        stream = client.chat.completions.create(model="salon-assistant", messages=messages, stream=True)
        answer, finish = "", None
        for chunk in stream:
            answer += chunk.choices[0].delta.content or ""
            finish = chunk.choices[0].finish_reason or finish
        assert finish == "stop"
        messages.append({"role": "assistant", "content": answer})
        return answer

    assert "C 180" in say("Есть ли сейчас в наличии C 180?")
    assert "4 500 000" in say("А сколько он стоит?").replace("\u00a0", " ")
    assert "Проверочная" in say("Где вы находитесь?")


def test_the_asynchronous_package_is_served_by_many_at_once(program: Running) -> None:
    import asyncio

    async def one(client: openai.AsyncOpenAI) -> str:
        completion = await client.chat.completions.create(
            model="salon-assistant", messages=[{"role": "user", "content": "Есть ли сейчас в наличии C 180?"}]
        )
        return completion.choices[0].message.content or ""

    async def many() -> list[str]:
        async with openai.AsyncOpenAI(base_url=f"{program.url}/v1", api_key="any") as client:
            return await asyncio.gather(*(one(client) for _ in range(12)))

    started = time.monotonic()
    answers = asyncio.run(many())
    assert all("C 180" in answer for answer in answers)
    assert time.monotonic() - started < 20


def test_off_loopback_the_package_needs_the_key(tmp_path: Path, salon_folder: Path) -> None:
    options = ("--salon", str(salon_folder), "--llm", "off", "--host", "0.0.0.0")
    with running(tmp_path, *options, SALON_API_KEY="a key for tests") as program:
        with pytest.raises(openai.AuthenticationError):
            openai.OpenAI(base_url=f"{program.url}/v1", api_key="wrong").models.list()
        client = openai.OpenAI(base_url=f"{program.url}/v1", api_key="a key for tests")
        assert [model.id for model in client.models.list()] == ["salon-assistant"]
