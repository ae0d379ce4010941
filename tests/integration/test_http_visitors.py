"""What is remembered of a visitor, over HTTP: shown to whoever holds the token, and deleted."""

from datetime import UTC, datetime

import httpx
import pytest

from chains.remembered import Visit
from stores.cars import CarFilter
from stores.receipts import Receipts
from tests.integration.http_parts import UNKNOWN, Parts, problem


@pytest.fixture
def token(client: httpx.Client, parts: Parts) -> str:
    """A visitor who was looking for an E class."""
    opened = client.post("/api/sessions", json={"consent": True, "remember": True}).json()
    assert set(opened) == {"session_id", "visitor"}
    wish = CarFilter(classes=("E",), price_max=6_000_000)
    parts.remembering.note(Visit(opened["visitor"], datetime.now(UTC)), wish)
    found: str = opened["visitor"]
    return found


def test_a_visitor_sees_what_is_remembered_in_their_language(client: httpx.Client, token: str) -> None:
    told = client.get(f"/api/visitors/{token}", headers={"Accept-Language": "ru"}).json()
    assert told["visitor"] == token
    (wish,) = told["wishes"]
    assert wish["text"] == "E-класс, до 6 000 000 ₽"
    assert wish["cars"] == {"classes": ["E"], "price_max": 6_000_000}
    assert datetime.fromisoformat(wish["at"]).tzinfo is not None
    english = client.get(f"/api/visitors/{token}", headers={"Accept-Language": "en"}).json()
    assert english["wishes"][0]["text"] == "E-Class, up to 6 000 000 ₽"


def test_nothing_is_known_of_a_visitor_who_has_not_asked_yet(client: httpx.Client) -> None:
    opened = client.post("/api/sessions", json={"consent": True, "remember": True}).json()
    assert client.get(f"/api/visitors/{opened['visitor']}").json()["wishes"] == []


def test_a_visitor_who_was_forgotten_is_nobody(client: httpx.Client, parts: Parts, token: str) -> None:
    response = client.delete(f"/api/visitors/{token}")
    assert (response.status_code, response.content) == (204, b"")
    assert Receipts(parts.engine).get(response.headers["receipt"]).counts == {"visitors": 1}
    problem(client.get(f"/api/visitors/{token}"), 404)
    problem(client.delete(f"/api/visitors/{token}"), 404)
    anew = client.post("/api/sessions", json={"consent": True, "visitor": token})
    assert anew.json()["visitor"] is None


def test_forgetting_the_dialog_forgets_the_visitor(client: httpx.Client, token: str) -> None:
    again = client.post("/api/sessions", json={"consent": True, "visitor": token}).json()
    assert client.delete(f"/api/sessions/{again['session_id']}").status_code == 204
    problem(client.get(f"/api/visitors/{token}"), 404)


@pytest.mark.parametrize("token", [UNKNOWN, "x" * 500, "%00", "пример"])
def test_an_unknown_token_is_not_found_whatever_it_looks_like(client: httpx.Client, token: str) -> None:
    problem(client.get(f"/api/visitors/{token}"), 404)
    problem(client.delete(f"/api/visitors/{token}"), 404)
