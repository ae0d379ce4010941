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


class Pages:
    """Chat pages as a browser opens them, without the browser: the calls that Gradio's script makes."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.base = f"{site.url}/chat/ru"
        config = httpx.get(f"{self.base}/config", trust_env=False).json()
        self.send = event_of(config, "salonChat.next")
        self.restore = event_of(config, "salonChat.kept")

    def dialog(self) -> str:
        consent = self.site.services.consent("ru")
        return self.site.services.dialogs.open(
            kind="web", language="ru", consent=consent, address=None, remember=False, visitor=None
        ).session_id

    def ask(self, session: str, *, restore: bool = True) -> str:
        """Open a page that goes on with this dialog, ask, and give the answer as it was stored."""
        page = {"session_hash": uuid4().hex}
        with httpx.Client(base_url=self.base, timeout=60, trust_env=False) as client:
            if restore:
                call = {"fn_index": self.restore, "data": [session, "", None], **page}
                assert client.post("/gradio_api/run/predict", json=call).status_code == 200
            call = {"fn_index": self.send, "data": ["Вопрос", session, None], **page}
            assert client.post("/gradio_api/queue/join", json=call).status_code == 200
            with client.stream("GET", "/gradio_api/queue/data", params=page) as events:
                for line in events.iter_lines():
                    if line.startswith("data:") and json.loads(line[5:])["msg"] == "process_completed":
                        break
        (turn,) = self.site.services.dialogs.turns(session)
        return turn.answer or ""


def test_twenty_visitors_are_answered_at_the_same_time(site: Site) -> None:
    script = site.script(notice=Notice("Подождите"))
    pages = Pages(site)

    def let_go_when_all_wait() -> None:
        while len(script.asked) < VISITORS and not script.go.wait(0.05):
            pass
        script.go.set()

    # Nobody is answered before everybody is being answered; a limit below twenty would never get there.
    threading.Thread(target=let_go_when_all_wait, daemon=True).start()
    with ThreadPoolExecutor(VISITORS) as pool:
        answers = list(pool.map(lambda _: pages.ask(pages.dialog()), range(VISITORS)))
    assert answers == ["Готово."] * VISITORS
    assert len(script.asked) == VISITORS


def test_a_page_whose_state_is_lost_goes_on_with_its_dialog(site: Site) -> None:
    site.script()
    pages = Pages(site)
    assert pages.ask(pages.dialog(), restore=False) == "Готово."
