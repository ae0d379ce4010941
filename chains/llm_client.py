"""Speaking to an OpenAI-compatible server through LangChain's `ChatOpenAI`, from any event loop."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit, urlunsplit
from weakref import WeakKeyDictionary

import openai
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI
from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
from pydantic import BaseModel, SecretStr, ValidationError

from chains.errors import ModelUnavailable

Schema = TypeVar("Schema", bound=BaseModel)

log = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S = 5.0
_NOT_THE_SERVERS_FAULT = frozenset({400, 413, 422, 429})


class ServerFault(ModelUnavailable):
    """The server is gone, broken or refuses us: asking again is of no use until it has been mended."""


class RequestRefused(ModelUnavailable):
    """The server is well but did not take this request: too long for its context, or too many at once."""


class Usage(NamedTuple):
    """Tokens read and written since the start, as far as the server reports them."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Bill:
    """The tokens that one answer cost; both are None while no server has reported any."""

    def __init__(self) -> None:
        self.prompt_tokens: int | None = None
        self.completion_tokens: int | None = None

    def add(self, prompt: int, completion: int) -> None:
        """Count what one call cost."""
        self.prompt_tokens = (self.prompt_tokens or 0) + prompt
        self.completion_tokens = (self.completion_tokens or 0) + completion


_BILL: ContextVar[Bill | None] = ContextVar("bill", default=None)


def open_bill() -> Bill:
    """A bill for what the running task, and what it starts from here on, has models read and write."""
    bill = Bill()
    _BILL.set(bill)
    return bill


class Meter:
    """Adds up usage, whichever thread reports it, and puts it on the bill that is open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total = Usage()

    @property
    def total(self) -> Usage:
        """Usage so far."""
        return self._total

    def add(self, message: BaseMessage) -> None:
        """Count what the server reports with `message`, if it does."""
        used = getattr(message, "usage_metadata", None)
        if used is None:
            return
        bill = _BILL.get()
        if bill is not None:
            bill.add(used["input_tokens"], used["output_tokens"])
        with self._lock:
            calls, prompt, completion = self._total
            self._total = Usage(calls + 1, prompt + used["input_tokens"], completion + used["output_tokens"])


@dataclass(frozen=True)
class Endpoint:
    """A server: its base URL ending in /v1, and how to speak to it.

    `silence_s` is the longest wait for the next piece of an answer. A `local` server is
    never spoken to through a proxy.
    """

    url: str
    model: str | None
    api_key: SecretStr | None
    silence_s: float
    local: bool = False

    @property
    def host(self) -> str:
        """Host and port, as errors name the server; credentials in the URL stay out."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def base_url(url: str) -> str:
    """The URL as clients want it: with `/v1` when it has no path of its own."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/") or "/v1"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


class ChatClient:
    """One model on one server. Every failure of the server, in mid-answer too, is a `ModelUnavailable`."""

    def __init__(self, endpoint: Endpoint, model: str, meter: Meter) -> None:
        self.endpoint = endpoint
        self.model = model
        self._meter = meter
        self._lock = threading.Lock()
        # Connections belong to an event loop. Each loop gets a client of its own, gone when the loop is.
        self._chats: WeakKeyDictionary[asyncio.AbstractEventLoop, ChatOpenAI] = WeakKeyDictionary()

    async def stream(
        self, messages: Sequence[BaseMessage], *, max_tokens: int, temperature: float
    ) -> AsyncGenerator[str, None]:
        """The answer, piece by piece. Closing the generator closes the connection, which ends the generation."""
        chat = self._chat().bind(max_tokens=max_tokens, temperature=temperature)
        pieces = self._read(chat, messages)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def structured(
        self, messages: Sequence[BaseMessage], schema: type[Schema], *, max_tokens: int, temperature: float
    ) -> Schema:
        """An answer of the given shape; raises `ValueError` when what came, or was cut short, does not have it.

        It is streamed too, unlike LangChain's `with_structured_output`: llama.cpp notices only while streaming that
        the one who asked has gone, and would write on to the end.
        """
        form = {"name": schema.__name__, "schema": schema.model_json_schema()}
        chat = self._chat().bind(
            max_tokens=max_tokens,
            temperature=temperature,
            # As an argument of its own it would wake the SDK's parser, which trips over what servers may leave out.
            extra_body={"response_format": {"type": "json_schema", "json_schema": form}},
        )
        pieces = self._read(chat, messages)
        async with aclosing(pieces):
            text = "".join([piece async for piece in pieces])
        try:
            return schema.model_validate_json(text)
        except ValidationError as error:
            raise ValueError(f"the model gave no {schema.__name__}: {error}") from error

    async def _read(
        self, chat: Runnable[LanguageModelInput, AIMessage], messages: Sequence[BaseMessage]
    ) -> AsyncGenerator[str, None]:
        finished = False
        try:
            chunks = chat.astream(list(messages))
            # The outer one: LangChain types its generator as an iterator.
            async with aclosing(chunks), aclosing(self._in_time(chunks)) as timely:  # type: ignore[type-var]
                async for chunk in timely:
                    finished = finished or bool(chunk.response_metadata.get("finish_reason"))
                    self._meter.add(chunk)
                    if text := chunk.text:
                        yield text
        except Exception as error:  # whatever a foreign server sends must cost no more than a shorter answer
            raise failure(error, self.endpoint) from error
        if not finished:
            raise ServerFault(f"the model server {self.endpoint.host} broke off in mid-answer")

    async def _in_time(self, chunks: AsyncIterator[AIMessage]) -> AsyncGenerator[AIMessage, None]:
        """The chunks, or `TimeoutError` when none comes in time.

        LangChain's own limit is built on `asyncio.wait_for`, which up to Python 3.11 may swallow a cancellation.
        """
        while True:
            try:
                async with asyncio.timeout(self.endpoint.silence_s):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            yield chunk

    def _chat(self) -> ChatOpenAI:
        loop = asyncio.get_running_loop()
        with self._lock:
            chat = self._chats.get(loop)
            if chat is None:
                chat = self._chats[loop] = _open_chat(self.endpoint, self.model)
        return chat


def probe(endpoint: Endpoint) -> str:
    """Make sure that the server answers, by one token; blocks. Returns the name of its model.

    The name is asked of the server where the endpoint has none. Raises `ModelUnavailable` with one sentence.
    """
    chat = _open_chat(endpoint, endpoint.model or "unknown")
    try:
        model = endpoint.model
        if model is None:
            listed = chat.root_client.models.list().data
            if not listed:
                raise ServerFault(f"the model server {endpoint.host} has no model")
            model = str(listed[0].id)
            chat = _open_chat(endpoint, model)
        chat.invoke([HumanMessage("1")], max_tokens=1)
    except ModelUnavailable:
        raise
    except Exception as error:  # as in `ChatClient._read`
        raise failure(error, endpoint) from error
    return model


def failure(error: Exception, endpoint: Endpoint) -> ModelUnavailable:
    """What went wrong, in one sentence that names the server, and by whose fault."""
    server = f"the model server {endpoint.host}"
    if isinstance(error, openai.APIStatusError):
        sentence = f"{server} answered {error.status_code}: {_first_line(error.message)}"
        return (RequestRefused if error.status_code in _NOT_THE_SERVERS_FAULT else ServerFault)(sentence)
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return ServerFault(
            f"{server} was silent for {endpoint.silence_s:g} s or could not be reached in time"
        )
    if isinstance(error, openai.APIConnectionError):
        return ServerFault(
            f"{server} cannot be reached or broke off: {_first_line(error.__cause__ or error)}"
        )
    log.debug("an answer of %s could not be used", server, exc_info=error)
    return ServerFault(
        f"{server} sent what cannot be understood: {type(error).__name__}: {_first_line(error)}"
    )


def _open_chat(endpoint: Endpoint, model: str) -> ChatOpenAI:
    """A LangChain client that keeps no connection open and tries once."""
    through_proxies = not endpoint.local
    return ChatOpenAI(
        model_name=model,
        openai_api_base=endpoint.url,
        openai_api_key=endpoint.api_key or SecretStr("none"),  # the library insists on one
        openai_proxy=None,
        max_retries=0,
        stream_usage=True,
        request_timeout=openai.Timeout(endpoint.silence_s, connect=_CONNECT_TIMEOUT_S),
        stream_chunk_timeout=None,  # see `_in_time`
        # A kept connection would outlive its event loop and a restarted server; a new one costs a millisecond.
        default_headers={"Connection": "close"},
        http_socket_options=(),
        http_client=DefaultHttpxClient(trust_env=through_proxies),
        http_async_client=DefaultAsyncHttpxClient(trust_env=through_proxies),
    )


def _first_line(error: object) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
