"""Many visitors at once: Gradio's own limit of one event at a time must not be in force."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx

from chains.reply import Notice
from tests.e2e.site import Site

VISITORS = 20


def event_of(config: dict[str, Any], js: str) -> int:
    """The number of the page's event whose script has this in it."""
    (found,) = [event["id"] for event in config["dependencies"] if js in str(event.get("js") or "")]
    number: int = found
    return number


def test_twenty_visitors_are_answered_at_the_same_time(site: Site) -> None:
    script = site.script(notice=Notice("Подождите"))
    base = f"{site.url}/chat/ru"
    config = httpx.get(f"{base}/config", trust_env=False).json()
    send, restore = event_of(config, "salonChat.next"), event_of(config, "salonChat.kept")

    def visit(_: int) -> str:
        page = uuid4().hex
        session = site.services.dialogs.open(
            kind="web",
            language="ru",
            consent=site.services.consent("ru"),
            address=None,
            remember=False,
            visitor=None,
        ).session_id
        with httpx.Client(base_url=base, timeout=60, trust_env=False) as client:
            went_on = client.post(
                "/gradio_api/run/predict",
                json={"fn_index": restore, "session_hash": page, "data": [session, "", None]},
            )
            assert went_on.status_code == 200, went_on.text
            joined = client.post(
                "/gradio_api/queue/join",
                json={"fn_index": send, "session_hash": page, "data": ["Вопрос", None]},
            )
            assert joined.status_code == 200, joined.text
            with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": page}) as events:
                for line in events.iter_lines():
                    if line.startswith("data:") and json.loads(line[5:])["msg"] == "process_completed":
                        break
        turns = site.services.dialogs.turns(session)
        return turns[0].answer or ""

    def let_go_when_all_wait() -> None:
        while len(script.asked) < VISITORS and not script.go.wait(0.05):
            pass
        script.go.set()

    # Nobody is answered before everybody is being answered; a limit below twenty would never get there.
    threading.Thread(target=let_go_when_all_wait, daemon=True).start()
    with ThreadPoolExecutor(VISITORS) as pool:
        answers = list(pool.map(visit, range(VISITORS)))
    assert answers == ["Готово."] * VISITORS
    assert len(script.asked) == VISITORS
