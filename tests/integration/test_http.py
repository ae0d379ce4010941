"""What the salon tells of itself, and what every answer over HTTP has: problem documents, headers, metrics."""

from datetime import datetime
from pathlib import Path

import httpx
import pytest

from tests.integration.http_parts import UNKNOWN, Parts, open_session, problem


def test_health_tells_the_state_of_model_cars_and_articles(client: httpx.Client) -> None:
    response = client.get("/health")
    assert response.status_code == 200
    body = response.json()
    assert body["status"] == "ok"
    assert {key: body["llm"][key] for key in ("mode", "model", "state")} == {
        "mode": "off",
        "model": None,
        "state": "off",
    }
    assert body["inventory"]["cars"] == 10
    assert body["inventory"]["rejected"] == 0
    assert body["inventory"]["stale"] is False
    assert datetime.fromisoformat(body["inventory"]["refreshed_at"]).tzinfo is not None
    assert body["wiki"] == {"passages": 1}


def test_without_its_database_it_says_503_and_recovers_when_it_is_back(
    client: httpx.Client, parts: Parts
) -> None:
    session_id = open_session(client)
    database = Path(parts.engine.url.database or "")
    away = database.parent.with_name("away")
    parts.engine.dispose()
    database.parent.rename(away)
    assert problem(client.post("/api/sessions", json={"consent": True}), 503)["detail"]
    health = client.get("/health")
    assert (health.status_code, health.json()["status"]) == (503, "unavailable")
    assert "salon_database_up 0.0" in client.get("/metrics").text

    away.rename(database.parent)
    assert client.get("/health").status_code == 200
    assert client.get(f"/api/sessions/{session_id}").status_code == 200


def test_call_backs_are_offered_in_opening_hours_only(client: httpx.Client) -> None:
    open_now = client.get("/api/salon").json()
    assert (open_now["name"], open_now["open"]) == ("Тест-Мотор", True)
    assert open_now["offers"] == ["assistant", "callback"]
    assert open_now["next_opening"] == "2026-11-24T09:00:00+03:00"
    closed = client.get("/api/salon", params={"at": "2026-11-21T12:00"}).json()
    assert (closed["open"], closed["offers"]) == (False, ["assistant"])
    assert closed["next_opening"] == "2026-11-22T10:00:00+03:00"


@pytest.mark.parametrize(
    "query",
    [
        "at=2026-11-23T09:30",
        "at=2026-11-23T09:30:00%2B03:00",
        "at=2026-11-23T09:30:00+03:00",  # a plus that nobody encoded
        "at=2026-11-23T06:30:00Z",
    ],
)
def test_a_moment_without_offset_is_in_the_salons_zone(client: httpx.Client, query: str) -> None:
    assert client.get(f"/api/salon?{query}").json()["open"] is True


@pytest.mark.parametrize("at", ["tomorrow", "2026-13-01", "", "9999-12-31T23:59", "0001-01-01T00:00"])
def test_a_moment_that_is_none_is_a_problem_or_a_plain_answer_but_no_crash(
    client: httpx.Client, at: str
) -> None:
    response = client.get("/api/salon", params={"at": at})
    if response.status_code != 200:
        problem(response, 422)


def test_the_consent_text_is_in_the_visitors_language_and_one_version(client: httpx.Client) -> None:
    russian = client.get("/api/salon").json()["consent"]
    english = client.get("/api/salon", headers={"Accept-Language": "en"}).json()["consent"]
    assert russian["version"] == english["version"]
    assert "персональн" in russian["text"]
    assert "personal data" in english["text"]


def test_problems_speak_the_visitors_language(client: httpx.Client) -> None:
    english = client.get(f"/api/sessions/{UNKNOWN}", headers={"Accept-Language": "en-US,en;q=0.9"})
    assert "no such dialog" in problem(english, 404)["detail"]
    assert "диалога нет" in problem(client.get(f"/api/sessions/{UNKNOWN}"), 404)["detail"]


def test_unknown_paths_and_methods_are_problems_too(client: httpx.Client) -> None:
    problem(client.get("/api/nothing"), 404)
    refused = client.get("/api/chat")
    problem(refused, 405)
    assert refused.headers["allow"] == "POST"


def test_the_api_page_and_its_files_come_from_this_host(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/health", "/api/salon", "/api/sessions", "/api/chat", "/v1/chat/completions"} <= set(paths)
    documented = paths["/api/chat"]["post"]["responses"]
    assert set(documented["422"]["content"]) == {"application/problem+json"}
    page = client.get("/docs")
    assert page.status_code == 200
    assert "https://" not in page.text
    assert client.get("/docs/static/swagger-ui-bundle.js").status_code == 200


def test_the_api_is_not_framed_not_sniffed_and_not_cached(client: httpx.Client) -> None:
    headers = client.get("/api/salon").headers
    assert headers["content-security-policy"] == "frame-ancestors 'none'"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    assert headers["cache-control"] == "no-store"


def test_metrics_count_requests_by_template_and_answers_by_route(client: httpx.Client) -> None:
    session_id = open_session(client)
    client.post("/api/chat", json={"session_id": session_id, "message": "Есть C 180?"})
    client.post("/api/chat", json={"session_id": session_id, "message": "стоп", "stream": True})
    client.get(f"/api/sessions/{session_id}")
    text = client.get("/metrics").text
    assert 'salon_http_requests_total{method="POST",route="/api/chat",status="200"} 2.0' in text
    assert 'route="/api/sessions/{session_id}"' in text
    assert session_id not in text
    assert 'salon_answers_total{llm="false",route="inventory"} 1.0' in text
    assert 'salon_blocked_total{reason="forbidden"} 1.0' in text
    assert 'salon_answer_seconds_count{llm="false"} 2.0' in text
    assert 'salon_model_state{state="off"} 1.0' in text
    assert "salon_inventory_cars 10.0" in text
