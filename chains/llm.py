"""The language model: off, embedded, or on a server; one client, and a state that everybody can see.

A daemon thread brings the model up and, after a failure, back, so the app answers from data meanwhile.
"""

import atexit
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple, Self, TypeVar

from langchain_core.messages import BaseMessage
from pydantic import BaseModel, SecretStr

from chains.engine import Engine
from chains.errors import ModelUnavailable
from chains.llm_client import ChatClient, Endpoint, Meter, ServerFault, Usage, base_url, probe
from chains.slots import Slots
from chains.weights import ModelCard, fetch, load_registry

Schema = TypeVar("Schema", bound=BaseModel)
Mode = Literal["off", "auto", "url"]
State = Literal["off", "downloading", "loading", "ready", "failed"]

log = logging.getLogger(__name__)

SLOTS = 4
_QUEUE_WAIT_S = 20.0
_EMBEDDED_SILENCE_S = 120.0  # a long prompt in a full engine on two cores takes a minute
_REMOTE_SILENCE_S = 60.0
_CLOSE_WAIT_S = 10.0


class Status(NamedTuple):
    """The state at one moment. `detail` says why it failed, `progress` is the share of the weights fetched, 0 to 1."""

    state: State
    detail: str | None = None
    progress: float | None = None


class LanguageModel:
    """A language model that comes and goes; made by `off`, `embedded` or `remote`, and safe to use from any thread.

    Nothing happens before `start`. While `ready` is false every question raises `ModelUnavailable` at once.
    """

    def __init__(self, mode: Mode, backend: "_Backend | None", slots: Slots | None) -> None:
        self.mode: Mode = mode
        self._backend = backend
        self._slots = slots
        self._lock = threading.Lock()
        self._status = Status("off" if backend is None else "loading")
        self._client: ChatClient | None = None
        self._meter = Meter()
        self._stop = threading.Event()
        self._broken = threading.Event()
        self._thread: threading.Thread | None = None
        self._switched_on = True

    @classmethod
    def off(cls) -> Self:
        """No model: the app answers from data alone."""
        return cls("off", None, None)

    @classmethod
    def embedded(cls, name: str | None, registry: Path, cache: Path, threads: int | None = None) -> Self:
        """A model of the registry file (the default one if `name` is None), run in this process.

        Weights are kept under `cache`/models. Raises `UnknownModel` when the registry has no such model.
        """
        card = load_registry(registry).get(name)
        return cls("auto", _Embedded(card, cache / "models", threads), Slots(SLOTS, wait_s=_QUEUE_WAIT_S))

    @classmethod
    def remote(
        cls,
        url: str,
        model: str | None = None,
        api_key: SecretStr | str | None = None,
        *,
        silence_s: float = _REMOTE_SILENCE_S,
    ) -> Self:
        """A model on an OpenAI-compatible server; without `model`, the first one that the server lists.

        A server from which nothing comes for `silence_s` seconds counts as gone.
        """
        key = SecretStr(api_key) if isinstance(api_key, str) else api_key
        endpoint = Endpoint(base_url(url), model, key, silence_s=silence_s)
        return cls("url", _Remote(endpoint), None)

    @property
    def state(self) -> State:
        """off, downloading, loading, ready or failed; off also while it is switched off."""
        return self._status.state if self._switched_on else "off"

    @property
    def detail(self) -> str | None:
        """Why it failed, in one sentence for the operator."""
        return self._status.detail

    @property
    def progress(self) -> float | None:
        """The share of the weights that is there, 0 to 1, while they are fetched."""
        return self._status.progress

    @property
    def ready(self) -> bool:
        """Whether a question may be asked now."""
        return self.state == "ready"

    def switch(self, on: bool) -> None:
        """Let it answer, or not: whatever is asked of it then raises `ModelUnavailable` at once. It stays loaded."""
        self._switched_on = on

    @property
    def model(self) -> str | None:
        """The model's name; of a server, known once it has answered."""
        client = self._client
        return client.model if client else self._backend.model if self._backend else None

    @property
    def usage(self) -> Usage:
        """Tokens read and written since the start."""
        return self._meter.total

    def check(self) -> None:
        """Ask a server once whether it is there, and wait for the answer; other modes have nothing to check.

        For the start, where a wrong address is better told than retried. Raises `ModelUnavailable` with one sentence.
        """
        if isinstance(self._backend, _Remote):
            self._backend.connect(lambda _: None, self._stop)

    def start(self) -> None:
        """Begin to bring the model up and return at once; `state` tells how far it is."""
        if self._backend is None or self._thread is not None:
            return
        self._thread = threading.Thread(
            target=self._keep_up, args=(self._backend,), name="language-model", daemon=True
        )
        atexit.register(self._backend.close)
        self._thread.start()

    def close(self) -> None:
        """Give the model up; answers being written break off with `ModelUnavailable`. May be called again."""
        self._stop.set()
        self._broken.set()
        if self._backend is not None:
            self._backend.close()
            atexit.unregister(self._backend.close)
        if self._thread is not None:
            self._thread.join(_CLOSE_WAIT_S)
        self._show(Status("off", "closed"))

    async def stream(
        self, messages: Sequence[BaseMessage], *, max_tokens: int, temperature: float = 0.0
    ) -> AsyncGenerator[str, None]:
        """The answer, piece by piece, at most `max_tokens` tokens.

        Raises `ModelUnavailable` when there is no model, when no slot becomes free in time, and when it goes away in
        mid-answer. Closing or cancelling the generator ends the generation too.
        """
        client = self._usable()
        try:
            pieces = client.stream(messages, max_tokens=max_tokens, temperature=temperature)
            async with self._slot(), aclosing(pieces):
                async for piece in pieces:
                    yield piece
        except ServerFault as error:
            self._lose(client, error)
            raise

    async def complete(
        self, messages: Sequence[BaseMessage], *, max_tokens: int, temperature: float = 0.0
    ) -> str:
        """The whole answer; raises like `stream`."""
        pieces = self.stream(messages, max_tokens=max_tokens, temperature=temperature)
        async with aclosing(pieces):
            return "".join([piece async for piece in pieces])

    async def structured(
        self,
        messages: Sequence[BaseMessage],
        schema: type[Schema],
        *,
        max_tokens: int = 512,
        temperature: float = 0.0,
    ) -> Schema:
        """An answer of the given shape, forced by the server's JSON-schema output and validated here.

        Raises `ModelUnavailable` like `stream`, and `ValueError` when the answer does not validate or was cut short
        at `max_tokens`: then the model is well and the answer is not.
        """
        client = self._usable()
        try:
            async with self._slot():
                return await client.structured(
                    messages, schema, max_tokens=max_tokens, temperature=temperature
                )
        except ServerFault as error:
            self._lose(client, error)
            raise

    def _usable(self) -> ChatClient:
        with self._lock:
            client, status = self._client, self._status
        if not self._switched_on:
            raise ModelUnavailable("the language model is switched off")
        if client is None or status.state != "ready":
            raise ModelUnavailable(
                f"the language model is {status.state}" + (f": {status.detail}" if status.detail else "")
            )
        return client

    def _slot(self) -> AbstractAsyncContextManager[None]:
        return self._slots.one() if self._slots else nullcontext()

    def _keep_up(self, backend: "_Backend") -> None:
        """The daemon thread: connect, wait until a call fails, connect again, with growing pauses."""
        pause = backend.first_pause_s
        while not self._stop.is_set():
            try:
                endpoint = backend.connect(self._show, self._stop)
            except ModelUnavailable as error:
                problem = str(error)
            except Exception as error:  # a thread that dies in silence would leave the model loading for ever
                log.exception("the language model cannot be brought up")
                problem = f"{type(error).__name__}: {error}"
            else:
                self._gain(endpoint)
                pause = backend.first_pause_s
                self._broken.wait()
                continue
            if not self._stop.is_set():
                self._show(Status("failed", problem))
                log.warning("no language model: %s; next try in %g s", problem, pause)
                self._stop.wait(pause)
                pause = min(pause * 2, backend.longest_pause_s)
        backend.close()

    def _show(self, status: Status) -> None:
        with self._lock:
            self._status = status

    def _gain(self, endpoint: Endpoint) -> None:
        client = ChatClient(endpoint, endpoint.model or "unknown", self._meter)
        with self._lock:
            if self._stop.is_set():
                return
            self._broken.clear()
            self._client = client
            self._status = Status("ready")
        log.info("the language model %s is ready", client.model)

    def _lose(self, client: ChatClient, error: ServerFault) -> None:
        """A call failed by the server's fault: no more questions until the thread has it back."""
        with self._lock:
            if client is not self._client or self._status.state != "ready":
                return  # an answer from before: the thread knows already
            self._status = Status("failed", str(error))
            self._broken.set()
        log.warning("the language model went away: %s", error)


class _Backend(ABC):
    """Where the model runs. `connect` blocks until it answers, or raises `ModelUnavailable`."""

    first_pause_s: float
    longest_pause_s: float
    model: str | None

    @abstractmethod
    def connect(self, show: Callable[[Status], None], stop: threading.Event) -> Endpoint: ...

    @abstractmethod
    def close(self) -> None: ...


class _Remote(_Backend):
    first_pause_s = 1.0
    longest_pause_s = 30.0

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.model = endpoint.model

    def connect(self, show: Callable[[Status], None], stop: threading.Event) -> Endpoint:
        return replace(self._endpoint, model=probe(self._endpoint))

    def close(self) -> None:
        """Nothing is held."""


class _Embedded(_Backend):
    first_pause_s = 30.0  # what fails here is the network or the disk: that takes people, not seconds
    longest_pause_s = 600.0

    def __init__(self, card: ModelCard, folder: Path, threads: int | None) -> None:
        self._card = card
        self._folder = folder
        self._threads = threads
        self._engine: Engine | None = None
        self.model = card.name

    def connect(self, show: Callable[[Status], None], stop: threading.Event) -> Endpoint:
        if self._engine is None:
            path = fetch(
                self._card,
                self._folder,
                on_progress=lambda have, size: show(Status("downloading", progress=have / size)),
                stop=stop,
            )
            show(Status("loading"))
            self._engine = Engine(
                path,
                name=self._card.name,
                context_tokens=self._card.context_tokens,
                slots=SLOTS,
                threads=self._threads,
            )
        engine = self._engine
        endpoint = Endpoint(
            engine.url, self._card.name, SecretStr(engine.api_key), silence_s=_EMBEDDED_SILENCE_S, local=True
        )
        probe(endpoint)
        return endpoint

    def close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
