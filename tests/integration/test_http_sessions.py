"""A dialog's life over HTTP: opened, read, ended, rated, forgotten; and the request to be called."""

import re
from typing import Any

import httpx
import pytest

from tests.integration.http_parts import (
    ANSWER,
    SATURDAY_NOON,
    UNKNOWN,
    Parts,
    open_session,
    problem,
)


def test_a_session_needs_consent(client: httpx.Client) -> None:
    for body in ({}, {"consent": False}, {"consent": None}):
        assert "согласие" in problem(client.post("/api/sessions", json=body), 403)["detail"]


def test_consent_to_an_outdated_text_is_a_conflict(client: httpx.Client) -> None:
    version = client.get("/api/salon").json()["consent"]["version"]
    assert open_session(client, consent_version=version)
    response = client.post("/api/sessions", json={"consent": True, "consent_version": "old"})
    assert problem(response, 409)["type"].endswith("consent-outdated")


def test_only_a_visitor_who_asks_for_it_is_remembered(client: httpx.Client) -> None:
    assert client.post("/api/sessions", json={"consent": True}).json()["visitor"] is None
    remembered = client.post("/api/sessions", json={"consent": True, "remember": True}).json()["visitor"]
    assert remembered
    again = client.post("/api/sessions", json={"consent": True, "visitor": remembered})
    assert again.json()["visitor"] == remembered


def test_a_transcript_holds_every_turn_to_whoever_has_the_id(client: httpx.Client) -> None:
    session_id = open_session(client)
    client.post("/api/chat", json={"session_id": session_id, "message": "Есть C 180?"})
    transcript = client.get(f"/api/sessions/{session_id}").json()
    assert transcript["session_id"] == session_id
    assert transcript["ended_at"] is None
    (turn,) = transcript["turns"]
    assert turn["status"] == "answered"
    assert (turn["question"], turn["answer"], turn["route"]) == ("Есть C 180?", "".join(ANSWER), "inventory")


def test_an_ended_dialog_takes_no_message_and_may_be_rated_once(client: httpx.Client) -> None:
    session_id = open_session(client)
    assert client.post(f"/api/sessions/{session_id}/end").json() == {"rating_requested": True}
    refused = client.post("/api/chat", json={"session_id": session_id, "message": "Привет"})
    assert "завершён" in problem(refused, 409)["detail"]
    streamed = client.post("/api/chat", json={"session_id": session_id, "message": "Привет", "stream": True})
    problem(streamed, 409)
    assert client.post(f"/api/sessions/{session_id}/end").status_code == 200

    rating = {"csat": 9, "nps": 10, "comment": "Спасибо"}
    response = client.post(f"/api/sessions/{session_id}/rating", json=rating)
    assert (response.status_code, response.json()) == (200, rating)
    problem(client.post(f"/api/sessions/{session_id}/rating", json={"csat": 1}), 409)


def test_a_phone_in_the_comment_of_a_rating_is_masked(client: httpx.Client) -> None:
    session_id = client.post("/api/sessions", json={"consent": True}).json()["session_id"]
    rating = {"csat": 9, "comment": "Мой номер 8 903 123-45-67"}
    stored = client.post(f"/api/sessions/{session_id}/rating", json=rating).json()
    assert stored["comment"] == "Мой номер [телефон]"


@pytest.mark.parametrize(
    "rating",
    [
        {},
        {"csat": 0},
        {"csat": 11},
        {"csat": "9"},
        {"csat": 9.5},
        {"csat": True},
        {"csat": None},
        {"csat": 5, "nps": 11},
        {"csat": 5, "nps": -1},
        {"csat": 5, "comment": 7},
        {"csat": 5, "comment": "я" * 4001},
    ],
)
def test_a_rating_outside_its_scale_is_invalid(client: httpx.Client, rating: dict[str, Any]) -> None:
    session_id = open_session(client)
    document = problem(client.post(f"/api/sessions/{session_id}/rating", json=rating), 422)
    assert document["errors"][0]["field"] in {"csat", "nps", "comment"}
    assert client.post(f"/api/sessions/{session_id}/rating", json={"csat": 5, "nps": None}).status_code == 200


def test_a_forgotten_dialog_is_gone(client: httpx.Client) -> None:
    session_id = open_session(client)
    client.post("/api/chat", json={"session_id": session_id, "message": "Есть C 180?"})
    response = client.delete(f"/api/sessions/{session_id}")
    assert (response.status_code, response.content) == (204, b"")
    assert re.fullmatch(r"\d{8}-[2-9A-Z]{8}", response.headers["receipt"])
    problem(client.get(f"/api/sessions/{session_id}"), 404)
    problem(client.delete(f"/api/sessions/{session_id}"), 404)
    problem(client.post("/api/chat", json={"session_id": session_id, "message": "Привет"}), 404)


@pytest.mark.parametrize("session_id", [UNKNOWN, "x" * 500, "%00", "пример", "'; DROP TABLE dialogs; --"])
def test_an_unknown_session_is_not_found_whatever_its_id_looks_like(
    client: httpx.Client, session_id: str
) -> None:
    calls = [
        client.get(f"/api/sessions/{session_id}"),
        client.delete(f"/api/sessions/{session_id}"),
        client.post(f"/api/sessions/{session_id}/end"),
        client.post(f"/api/sessions/{session_id}/rating", json={"csat": 5}),
        client.post("/api/chat", json={"session_id": session_id, "message": "Привет"}),
        client.post("/api/chat", json={"session_id": session_id, "message": "Привет", "stream": True}),
        client.post("/api/callbacks", json={"session_id": session_id, "phone": "+7 900 000-00-00"}),
    ]
    for response in calls:
        problem(response, 404)


def test_a_call_back_is_stored_with_a_normalised_number(client: httpx.Client, parts: Parts) -> None:
    session_id = open_session(client)
    body = {"session_id": session_id, "phone": "8 (900) 000-00-00", "name": "Иван", "comment": "после обеда"}
    response = client.post("/api/callbacks", json=body)
    assert response.status_code == 201
    assert response.json()["phone"] == "+79000000000"
    assert parts.callbacks.exists_for(session_id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": "12345"},
        {"phone": "позвоните мне"},
        {"phone": ""},
        {"phone": "+7 900"},
        {"phone": 79000000000},
        {"phone": None},
        {"name": "я" * 101},
        {"comment": "я" * 1001},
    ],
)
def test_a_call_back_that_nobody_could_make_is_refused(
    client: httpx.Client, parts: Parts, wrong: dict[str, Any]
) -> None:
    session_id = open_session(client)
    body = {"session_id": session_id, "phone": "+7 900 000-00-00", "name": "Иван", "comment": ""} | wrong
    problem(client.post("/api/callbacks", json=body), 422)
    assert not parts.callbacks.exists_for(session_id)


def test_no_call_back_is_promised_while_the_salon_is_closed(client: httpx.Client, parts: Parts) -> None:
    session_id = open_session(client)
    parts.now[0] = SATURDAY_NOON
    body = {"session_id": session_id, "phone": "+7 900 000-00-00", "name": "Иван"}
    assert "закрыт" in problem(client.post("/api/callbacks", json=body), 409)["detail"]
    assert not parts.callbacks.exists_for(session_id)
