"""The whole web application on real services, in a thread; a test may let a script speak in the assistant's place."""

import dataclasses
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import uvicorn
from anyio import to_thread
from fastapi import FastAPI
from starlette.types import ASGIApp

from chains.reply import Event, Final, Notice, Reply, Source, Token
from services import Services, open_services
from settings import Settings
from stores.dialogs import Dialogs, TurnResult
from ui.web import create_app

MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")
MONDAY_NIGHT = datetime.fromisoformat("2026-11-23T23:00:00+03:00")


@dataclass
class Script:
    """An assistant that says what a test wants, and stores it as the real one does.

    `notice` comes first, then it waits for `go`; `words` are the sentences, `answer` the final text (the words, unless
    given), `error` is raised after the words.
    """

    dialogs: Dialogs
    words: tuple[str, ...] = ("Готово.",)
    answer: str | None = None
    cars: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    blocked: bool = False
    notice: Notice | None = None
    error: Exception | None = None
    asked: list[str] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)

    async def stream(
        self, session_id: str, message: str, *, at: datetime | None = None
    ) -> AsyncIterator[Event]:
        self.asked.append(message)
        turn_id = await to_thread.run_sync(self.dialogs.add_question, session_id, message)
        if self.notice is not None:
            yield self.notice
            await to_thread.run_sync(partial(self.go.wait, 20), abandon_on_cancel=True)
        for word in self.words:
            yield Token(word)
        if self.error is not None:
            raise self.error
        reply = Reply(
            session_id=session_id,
            turn_id=turn_id,
            answer=self.answer or "".join(self.words),
            route="forbidden" if self.blocked else "inventory",
            blocked=self.blocked,
            cars=list(self.cars),
            cars_total=len(self.cars),
            sources=list(self.sources),
        )
        fields = reply.model_dump(exclude={"session_id", "turn_id"})
        await to_thread.run_sync(self.dialogs.save_reply, turn_id, TurnResult(**fields))
        yield Final(reply)


@dataclass
class Speaker:
    """Whoever speaks: the real assistant, or a script for as long as a test wants."""

    real: Any
    script: Script | None = None

    def stream(self, session_id: str, message: str, *, at: datetime | None = None) -> AsyncIterator[Event]:
        events: AsyncIterator[Event] = (self.script or self.real).stream(session_id, message, at=at)
        return events

    async def answer(self, session_id: str, message: str, *, at: datetime | None = None) -> Reply:
        reply: Reply = await self.real.answer(session_id, message, at=at)
        return reply

    async def import_history(self, session_id: str, messages: list[tuple[str, str]]) -> None:
        await self.real.import_history(session_id, messages)


@dataclass
class Site:
    """A running site: where it is, what it is made of, and `now`, from which its clock goes on."""

    url: str
    services: Services
    speaker: Speaker
    now: list[datetime]
    app: FastAPI

    def script(self, **says: Any) -> Script:
        """Let a script speak from now on."""
        self.speaker.script = Script(self.services.dialogs, **says)
        return self.speaker.script

    def reset(self) -> None:
        """The real assistant speaks again, on Monday at noon."""
        self.speaker.script = None
        self.now[0] = MONDAY_NOON


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """An application on a free port; gives its address."""
    config = uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            thread.join(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def real_site(folder: Path, *, embed_origins: list[str]) -> Iterator[Site]:
    """The site of the sample salon without a language model; `folder` keeps its data."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        llm="off",
        data=folder,
        db=None,
        embed_origins=embed_origins,
        rate_limit=None,
        address_rate_limit=None,
    )
    now, started = [MONDAY_NOON], time.monotonic()
    # a clock that stood still would take what came before for what came at the same time
    services = open_services(settings, clock=lambda: now[0] + timedelta(seconds=time.monotonic() - started))
    speaker = Speaker(services.assistant)
    services = dataclasses.replace(services, assistant=speaker)  # type: ignore[arg-type]
    app = create_app(services)
    with serving(app) as url:
        yield Site(url, services, speaker, now, app)


@contextmanager
def foreign_site(folder: Path) -> Iterator[int]:
    """Another company's site, of the files in `folder`; gives its port on every name of this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(5)
