"""A real server in a thread over real stores; only the assistant is scripted, so that a test decides what it says."""

import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import httpx
import uvicorn
from anyio import to_thread
from sqlalchemy import Engine

from chains.llm import LanguageModel
from chains.privacy import mask
from chains.remembered import Remembering
from chains.reply import Event, Final, Notice, Reply, Source, Token
from chains.retrieval import Retriever
from chains.texts import load_texts
from settings import ROOT, Settings
from stores.callbacks import Callbacks
from stores.database import open_database
from stores.dialogs import Dialogs, TurnResult
from stores.forgetting import Forgetting
from stores.inventory import Inventory
from stores.lexicon import load_lexicon
from stores.passages import Passage
from stores.salon import Consent, Salon, load_consent, load_salon
from stores.sealing import Cipher, new_key
from stores.staff_sessions import StaffSessions
from stores.visitors import Visitors
from ui.web import create_api

MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")
SATURDAY_NOON = datetime.fromisoformat("2026-11-21T12:00:00+03:00")

UNKNOWN = "0" * 32

ANSWER = ("Да, C 180 есть. ", "Цена — 4 500 000 ₽.")


@dataclass
class ScriptedAssistant:
    """Answers every message with `ANSWER`, and stores it as the assistant does.

    «медленно» waits between the sentences until `go` is set, «сломайся» fails after the first one, «стоп» is blocked
    after it, so that the reply replaces what was shown.
    """

    dialogs: Dialogs
    go: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)
    imported: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def import_history(
        self, session_id: str, history: Sequence[tuple[Literal["user", "assistant"], str]]
    ) -> None:
        self.imported = list(history)

    async def stream(
        self, session_id: str, message: str, *, at: datetime | None = None
    ) -> AsyncIterator[Event]:
        self.asked.append(message)
        turn_id = await to_thread.run_sync(self.dialogs.add_question, session_id, message)
        result = TurnResult(answer="".join(ANSWER), route="inventory")
        try:
            yield Notice("Ваш запрос обрабатывается, ожидайте ответа", offer_callback=True)
            yield Token(ANSWER[0])
            if message == "медленно":
                await to_thread.run_sync(self.go.wait, 20, abandon_on_cancel=True)
            if message == "сломайся":
                raise RuntimeError("secret reason")
            if message == "стоп":
                result = TurnResult(
                    answer="Об этом я не говорю.", route="forbidden", blocked=True, reason="forbidden:тема"
                )
            else:
                yield Token(ANSWER[1])
        finally:
            self.stopped.set()
        await to_thread.run_sync(self.dialogs.save_reply, turn_id, result)
        yield Final(
            Reply(
                session_id=session_id,
                turn_id=turn_id,
                answer=result.answer,
                route=result.route,  # type: ignore[arg-type]
                blocked=result.blocked,
                reason=result.reason,
                cars=[] if result.blocked else ["C1"],
                cars_total=0 if result.blocked else 1,
                sources=[Source(kind="inventory", title="C 180, 2023", ref="C1")],
                elapsed_ms=38,
            )
        )

    async def answer(self, session_id: str, message: str, *, at: datetime | None = None) -> Reply:
        async for event in self.stream(session_id, message):
            if isinstance(event, Final):
                return event.reply
        raise AssertionError("a stream ends with its reply")


class Masking:
    """Of a planner, what a rating needs."""

    def masked(self, text: str) -> str:
        return mask(text).text


@dataclass(frozen=True)
class Parts:
    """What `create_api` needs of the services."""

    settings: Settings
    salon: Salon
    engine: Engine
    dialogs: Dialogs
    callbacks: Callbacks
    forgetting: Forgetting
    remembering: Remembering
    staff_sessions: StaffSessions
    inventory: Inventory
    retriever: Retriever
    model: LanguageModel
    assistant: ScriptedAssistant
    planner: Masking
    now: list[datetime]

    def clock(self) -> datetime:
        return self.now[0]

    def consent(self, language: Literal["ru", "en"]) -> Consent:
        return load_consent(self.salon, ROOT / "assets", language)

    def start(self) -> None:
        self.inventory.refresh()

    def close(self) -> None:
        self.engine.dispose()


def make_parts(folder: Path, database: str, **settings: object) -> Parts:
    salon = load_salon(folder)
    engine = open_database(database)
    dialogs, cipher = Dialogs(engine), Cipher([new_key()])
    lexicon = load_lexicon(ROOT / "assets", salon.brand, folder)
    forgetting = Forgetting(engine, cipher)
    return Parts(
        settings=Settings(_env_file=None, salon=folder, **settings),  # type: ignore[call-arg,arg-type]
        salon=salon,
        engine=engine,
        dialogs=dialogs,
        callbacks=Callbacks(engine, cipher),
        forgetting=forgetting,
        remembering=Remembering(
            Visitors(engine),
            forgetting,
            lexicon,
            {"ru": load_texts(ROOT / "assets", "ru", "RUB"), "en": load_texts(ROOT / "assets", "en", "RUB")},
        ),
        staff_sessions=StaffSessions(engine),
        inventory=Inventory(engine, salon, lexicon),
        retriever=Retriever(
            [Passage("w1", "wiki", "CLS", "CLS ниже."), Passage("l1", "legend", "Адрес", "Тут.")]
        ),
        model=LanguageModel.off(),
        assistant=ScriptedAssistant(dialogs),
        planner=Masking(),
        now=[MONDAY_NOON],
    )


@contextmanager
def serving(parts: Parts) -> Iterator[httpx.Client]:
    """The API of these parts on a free port, and a client of it."""
    app = create_api(parts)  # type: ignore[arg-type]
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="error", proxy_headers=False, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            thread.join(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(10)


def open_session(client: httpx.Client, **more: object) -> str:
    response = client.post("/api/sessions", json={"consent": True, **more})
    assert response.status_code == 201, response.text
    session_id: str = response.json()["session_id"]
    return session_id


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail"} <= set(document)
    assert document["status"] == status
    assert "Traceback" not in response.text
    return document


def events_of(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
