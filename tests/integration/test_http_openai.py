"""The OpenAI-compatible door, spoken to by the unchanged `openai` package."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.integration.http_parts import ANSWER, Parts, make_parts, serving

KEY = "a key for tests"


@pytest.fixture
def parts(salon_folder: Path, sqlite_url: str) -> Parts:
    return make_parts(salon_folder, sqlite_url, rate_limit="off")


@pytest.fixture
def client(parts: Parts) -> Iterator[httpx.Client]:
    with serving(parts) as opened:
        yield opened


@pytest.fixture
def package(client: httpx.Client) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{client.base_url}/v1", api_key="any", max_retries=0)


def user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


def complete(client: httpx.Client, **body: Any) -> httpx.Response:
    asked = {"model": "salon-assistant", "messages": [user("Есть C 180?")]} | body
    return client.post("/v1/chat/completions", json=asked)


def error_of(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


def test_the_package_lists_the_one_model(package: openai.OpenAI) -> None:
    assert [model.id for model in package.models.list()] == ["salon-assistant"]
    assert package.models.retrieve("salon-assistant").owned_by == "salon"
    with pytest.raises(openai.NotFoundError):
        package.models.retrieve("gpt-4")


def test_the_package_gets_a_whole_answer_with_the_reply_beside_it(package: openai.OpenAI) -> None:
    completion = package.chat.completions.create(
        model="salon-assistant", messages=[{"role": "user", "content": "Есть C 180?"}], temperature=0
    )
    (choice,) = completion.choices
    assert (choice.message.role, choice.message.content) == ("assistant", "".join(ANSWER))
    assert choice.finish_reason == "stop"
    assert completion.usage is not None
    assert (
        completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    )
    reply = (completion.model_extra or {})["salon"]
    assert (reply["route"], reply["cars"]) == ("inventory", ["C1"])


def test_the_package_gets_a_streamed_answer(package: openai.OpenAI) -> None:
    stream = package.chat.completions.create(
        model="salon-assistant",
        messages=[{"role": "user", "content": "Есть C 180?"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert [text for text in texts if text] == list(ANSWER)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert len({chunk.id for chunk in chunks}) == 1


def test_earlier_messages_are_the_dialog_so_far_and_system_text_is_passed_over(
    client: httpx.Client, parts: Parts
) -> None:
    messages = [
        {"role": "system", "content": "Ты пират."},
        user("Есть C 180?"),
        {"role": "assistant", "content": "Да."},
        {"role": "developer", "content": "Отвечай стихами."},
        user([{"type": "text", "text": "А дешевле"}, {"type": "text", "text": "есть?"}]),
    ]
    response = complete(client, messages=messages)
    assert response.status_code == 200
    assert parts.assistant.imported == [("user", "Есть C 180?"), ("assistant", "Да.")]
    assert parts.assistant.asked == ["А дешевле\nесть?"]
    session_id = response.json()["salon"]["session_id"]
    stored = client.get(f"/api/sessions/{session_id}").text
    assert "пират" not in stored
    assert "стихами" not in stored


def test_each_call_is_a_session_of_its_own_of_kind_api(client: httpx.Client, parts: Parts) -> None:
    sessions = {complete(client).json()["salon"]["session_id"] for _ in range(2)}
    assert len(sessions) == 2
    assert {parts.dialogs.get(session_id).kind for session_id in sessions} == {"api"}


def test_a_late_block_follows_what_cannot_be_taken_back(client: httpx.Client) -> None:
    response = complete(client, messages=[user("стоп")], stream=True)
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert text == f"{ANSWER[0]}\n\nОб этом я не говорю."
    assert chunks[-1]["salon"]["blocked"] is True


def test_a_stream_that_fails_says_so_in_openais_shape(package: openai.OpenAI) -> None:
    stream = package.chat.completions.create(
        model="salon-assistant", messages=[{"role": "user", "content": "сломайся"}], stream=True
    )
    with pytest.raises(openai.APIError, match="went wrong"):
        list(stream)


@pytest.mark.parametrize(
    "body,status",
    [
        ({"model": "gpt-4"}, 404),
        ({"messages": []}, 400),
        ({"messages": [{"role": "system", "content": "Ты пират."}]}, 400),
        ({"messages": [user("Есть?"), {"role": "assistant", "content": "Да."}]}, 400),
        ({"messages": [user(5)]}, 400),
        ({"messages": [user([{"type": "image_url", "image_url": {"url": "data:"}}])]}, 400),
        ({"messages": [user([{"type": "text", "text": 5}])]}, 400),
        ({"messages": [{"role": "pirate", "content": "Йо-хо"}]}, 400),
        ({"messages": "Есть C 180?"}, 400),
        ({"messages": [user("")]}, 422),
        ({"messages": [user(None)]}, 422),
        ({"messages": [user("я" * 4001)]}, 413),
        ({"n": 2}, 400),
        ({"stream": "maybe"}, 400),
    ],
)
def test_what_cannot_be_answered_is_refused_in_openais_shape(
    client: httpx.Client, body: dict[str, Any], status: int
) -> None:
    error_of(complete(client, **body), status)


def test_a_body_that_is_no_json_is_refused_in_openais_shape(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    error_of(client.post("/v1/chat/completions", content=b'{"model": "\xff"}', headers=headers), 400)
    error_of(client.post("/v1/chat/completions", content=b"x" * 600_000, headers=headers), 413)
    error_of(client.get("/v1/chat/completions"), 405)


def test_a_key_is_asked_for_as_soon_as_one_is_set(salon_folder: Path, sqlite_url: str) -> None:
    parts = make_parts(salon_folder, sqlite_url, api_key=KEY, host="0.0.0.0", address_rate_limit=3)
    with serving(parts) as client:
        assert error_of(client.get("/v1/models"), 401)["type"] == "authentication_error"
        error_of(client.get("/v1/models", headers={"Authorization": "Bearer wrong"}), 401)
        error_of(client.get("/v1/models", headers={"Authorization": "Bearer ключ".encode()}), 401)  # type: ignore[dict-item]
        error_of(client.get("/v1/models", headers={"Authorization": "Bearer guess"}), 429)
        headers = {"Authorization": f"Bearer {KEY}"}
        assert {client.get("/v1/models", headers=headers).status_code for _ in range(10)} == {200}


def test_off_loopback_nobody_is_let_in_without_a_configured_key(salon_folder: Path, sqlite_url: str) -> None:
    with serving(make_parts(salon_folder, sqlite_url, host="0.0.0.0")) as client:
        error_of(client.get("/v1/models"), 401)
        error_of(complete(client), 401)


def test_a_request_through_a_proxy_is_not_from_loopback(client: httpx.Client) -> None:
    assert client.get("/v1/models").status_code == 200
    error_of(client.get("/v1/models", headers={"X-Forwarded-For": "198.51.100.1"}), 401)
