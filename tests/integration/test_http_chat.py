"""A message and its answer over HTTP, whole and streamed, and all the ways to ask wrongly."""

import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.http_parts import (
    ANSWER,
    Parts,
    events_of,
    make_parts,
    open_session,
    problem,
    serving,
    wait_for,
)


def test_a_message_is_answered_with_the_whole_reply(client: httpx.Client) -> None:
    session_id = open_session(client)
    response = client.post("/api/chat", json={"session_id": session_id, "message": "Есть C 180?"})
    assert response.status_code == 200
    reply = response.json()
    assert set(reply) == {
        "session_id", "turn_id", "answer", "route", "blocked", "reason",
        "cars", "cars_total", "sources", "notices", "llm", "elapsed_ms",
    }  # fmt: skip
    assert (reply["answer"], reply["cars"], reply["cars_total"]) == ("".join(ANSWER), ["C1"], 1)
    assert reply["sources"] == [{"kind": "inventory", "title": "C 180, 2023", "ref": "C1", "url": None}]


def test_a_stream_tells_notices_and_tokens_and_ends_with_the_reply(client: httpx.Client) -> None:
    session_id = open_session(client)
    whole = client.post("/api/chat", json={"session_id": session_id, "message": "Есть C 180?"}).json()
    response = client.post(
        "/api/chat", json={"session_id": session_id, "message": "Есть C 180?", "stream": True}
    )
    assert response.headers["content-type"].startswith("text/event-stream")
    events = events_of(response.text)
    assert [name for name, _ in events] == ["notice", "token", "token", "reply"]
    assert events[0][1]["offer_callback"] is True
    assert "".join(data["text"] for name, data in events if name == "token") == "".join(ANSWER)
    changing = {"turn_id", "elapsed_ms"}
    assert {k: v for k, v in events[-1][1].items() if k not in changing} == {
        k: v for k, v in whole.items() if k not in changing
    }


def test_each_event_leaves_before_the_next_one_is_made(client: httpx.Client, parts: Parts) -> None:
    session_id = open_session(client)
    body = {"session_id": session_id, "message": "медленно", "stream": True}
    with client.stream("POST", "/api/chat", json=body) as response:
        received = ""
        chunks = response.iter_text()
        while "event: token" not in received:
            received += next(chunks)
        assert not parts.assistant.go.is_set()
        parts.assistant.go.set()
        received += "".join(chunks)
    assert [name for name, _ in events_of(received)] == ["notice", "token", "token", "reply"]


def test_a_silent_stream_is_kept_alive_by_comments(
    client: httpx.Client, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.http.sse.EventStream.keep_alive_s", 0.05)
    session_id = open_session(client)
    body = {"session_id": session_id, "message": "медленно", "stream": True}
    with client.stream("POST", "/api/chat", json=body) as response:
        received = ""
        chunks = response.iter_text()
        while received.count(": keep-alive\n\n") < 2:
            received += next(chunks)
        parts.assistant.go.set()
        received += "".join(chunks)
    assert events_of(received)[-1][0] == "reply"


def test_a_reader_who_leaves_stops_the_assistant_and_loses_no_question(
    client: httpx.Client, parts: Parts
) -> None:
    session_id = open_session(client)
    body = {"session_id": session_id, "message": "медленно", "stream": True}
    with client.stream("POST", "/api/chat", json=body) as response:
        next(response.iter_text())
    wait_for(parts.assistant.stopped.is_set)
    (turn,) = client.get(f"/api/sessions/{session_id}").json()["turns"]
    assert turn["question"] == "медленно"


def test_a_stream_that_fails_ends_with_a_problem_and_no_inner_detail(client: httpx.Client) -> None:
    session_id = open_session(client)
    body = {"session_id": session_id, "message": "сломайся", "stream": True}
    events = events_of(client.post("/api/chat", json=body).text)
    assert [name for name, _ in events] == ["notice", "token", "error"]
    assert events[-1][1]["status"] == 500
    assert "secret" not in json.dumps(events)


def test_an_unexpected_error_is_a_problem_without_its_reason(client: httpx.Client) -> None:
    session_id = open_session(client)
    document = problem(client.post("/api/chat", json={"session_id": session_id, "message": "сломайся"}), 500)
    assert "secret" not in json.dumps(document)
    assert client.get("/health").status_code == 200


def test_a_message_of_4000_characters_is_taken_and_one_more_is_too_many(client: httpx.Client) -> None:
    session_id = open_session(client)
    fits = client.post("/api/chat", json={"session_id": session_id, "message": "я" * 4000})
    assert fits.status_code == 200
    for stream in (False, True):
        body = {"session_id": session_id, "message": "я" * 4001, "stream": stream}
        assert "4000" in problem(client.post("/api/chat", json=body), 413)["detail"]


@pytest.mark.parametrize("message", ["", "   ", "\n\t"])
def test_a_message_without_text_is_refused(client: httpx.Client, message: str) -> None:
    session_id = open_session(client)
    problem(client.post("/api/chat", json={"session_id": session_id, "message": message}), 422)


@pytest.mark.parametrize(
    "body",
    [
        {"message": 5},
        {"message": None},
        {"message": ["Привет"]},
        {"message": "Привет", "stream": "yes"},
        {"message": "Привет", "stream": 1},
        {"message": "Привет", "session_id": 7},
        {},
        [],
        "text",
        None,
    ],
)
def test_wrong_types_are_refused_naming_the_field_and_not_its_value(client: httpx.Client, body: Any) -> None:
    session_id = open_session(client)
    if isinstance(body, dict):
        body = {"session_id": session_id, **body}
    document = problem(client.post("/api/chat", json=body), 422)
    assert document["errors"]
    assert "Привет" not in json.dumps(document, ensure_ascii=False)


@pytest.mark.parametrize("body", [b'{"message": "\xff\xfe"}', b"{", b"\x00\x01", b"[" * 60_000, b"1" * 5000])
def test_a_body_that_is_no_json_in_utf8_is_a_bad_request(client: httpx.Client, body: bytes) -> None:
    response = client.post("/api/chat", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    problem(response, response.status_code)
    assert client.get("/health").status_code == 200


def test_a_body_above_64_kib_is_too_large_declared_or_not(client: httpx.Client) -> None:
    session_id = open_session(client)
    body = json.dumps({"session_id": session_id, "message": "x" * 70_000}).encode()
    headers = {"Content-Type": "application/json"}
    problem(client.post("/api/chat", content=body, headers=headers), 413)
    chunks = (body[start : start + 1000] for start in range(0, len(body), 1000))
    problem(client.post("/api/chat", content=chunks, headers=headers), 413)


def test_a_caller_who_hangs_up_in_mid_body_does_no_harm(client: httpx.Client) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as raw:
        raw.sendall(b"POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        raw.sendall(b"Content-Length: 100\r\n\r\n{")
    assert client.get("/health").status_code == 200


def test_odd_characters_do_no_harm_in_any_database(salon_folder: Path, database_url: str) -> None:
    with serving(make_parts(salon_folder, database_url)) as client:
        session_id = open_session(client)
        headers = {"Content-Type": "application/json"}
        body = rf'{{"session_id": "{session_id}", "message": "C 180 \ud83d \u0000 ?"}}'.encode()
        assert client.post("/api/chat", content=body, headers=headers).status_code == 200
        problem(client.get("/api/sessions/%00"), 404)
        body = rb'{"consent": true, "visitor": "\u0000\udc00", "remember": true}'
        assert client.post("/api/sessions", content=body, headers=headers).status_code == 201
