"""The assistant as an OpenAI-compatible model, so that any client or evaluation tool can talk to it.

Each call is a dialog of its own, of kind `api`, with the earlier messages of the request as its past. `system` text
comes from the client, not from us: it is passed over and stored nowhere.
"""

import hmac
import logging
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, Literal, NamedTuple

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from chains.assistant import checked_message
from chains.reply import Event, Final, Notice, Reply
from chains.text import language_of
from ui.http import problems
from ui.http.deps import AddressDep, LimitsDep, ServicesDep
from ui.http.errors import BadCompletion, KeyMissing, KeyUnset, ModelUnknown
from ui.http.limits import is_loopback
from ui.http.schemas import CompletionIn, MessageIn
from ui.http.sse import EventStream, encode

log = logging.getLogger(__name__)

MODEL = "salon-assistant"
HISTORY_MESSAGES = 20
"""Of the earlier messages of a request the last ones count: each costs as much as understanding a question."""

_DONE = b"data: [DONE]\n\n"
_WORD = re.compile(r"\w+|[^\w\s]")
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded")


async def key_or_loopback(
    request: Request, services: ServicesDep, limits: LimitsDep, address: AddressDep
) -> None:
    """Let in who has the key; without one only this machine itself, and only while no key is set.

    Off loopback (and behind a proxy, wherever that is) a key is required. Its owner is trusted with the pace; others
    are counted by address. Raises `KeyMissing`, `KeyUnset` or `RateLimited`.
    """
    key = services.settings.api_key
    if key is None or not key.get_secret_value():
        limits.check_address(address)
        if not _is_local(request, services.settings.host):
            raise KeyUnset("off loopback a key is required and none is set")
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    expected = key.get_secret_value().encode()
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), expected):
        limits.check_address(address)
        raise KeyMissing("the key is missing or wrong")


router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"], dependencies=[Depends(key_or_loopback)])


class _Request(NamedTuple):
    """What a completion request asks: the question, and the dialog that led to it."""

    question: str
    history: list[tuple[Literal["user", "assistant"], str]]


@router.get("/models")
async def models() -> dict[str, Any]:
    """The one model there is."""
    return {"object": "list", "data": [_model()]}


@router.get("/models/{model}")
async def model(model: str) -> dict[str, Any]:
    """One model by its name."""
    if model != MODEL:
        raise ModelUnknown(model)
    return _model()


@router.post("/chat/completions", response_model=None)
async def completions(
    body: CompletionIn, services: ServicesDep, address: AddressDep, request: Request
) -> dict[str, Any] | Response:
    """Answer the last message. `salon` beside the choices (in a stream: in the last chunk) holds the whole Reply."""
    if body.model != MODEL:
        raise ModelUnknown(body.model)
    asked = _read(body)
    session_id = await to_thread.run_sync(_open, services, asked, address)
    await services.assistant.import_history(session_id, asked.history)
    completion = _Completion(session_id, prompt_tokens=_prompt_tokens(asked))
    if not body.stream:
        return completion.whole(await services.assistant.answer(session_id, asked.question))
    usage = bool(body.stream_options and body.stream_options.include_usage)
    events = services.assistant.stream(session_id, asked.question)
    return EventStream(_chunks(request, events, completion, usage=usage))


class _Completion:
    """The objects of one completion, as OpenAI's API defines them.

    We count words and punctuation marks where OpenAI counts a model's tokens: most answers are written without one.
    """

    def __init__(self, session_id: str, *, prompt_tokens: int) -> None:
        self._id = f"chatcmpl-{session_id}"
        self._created = int(time.time())
        self._prompt_tokens = prompt_tokens

    def whole(self, reply: Reply) -> dict[str, Any]:
        message = {"role": "assistant", "content": reply.answer, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": self.usage(reply.answer),
            "salon": reply.model_dump(mode="json"),
        }

    def chunk(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**self._head("chat.completion.chunk"), "choices": [choice], **more}

    def usage_chunk(self, text: str) -> dict[str, Any]:
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": self.usage(text)}

    def usage(self, text: str) -> dict[str, int]:
        answer = _count(text)
        return {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": answer,
            "total_tokens": self._prompt_tokens + answer,
        }

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self._id, "object": kind, "created": self._created, "model": MODEL}


async def _chunks(
    request: Request, stream: AsyncIterator[Event], completion: _Completion, *, usage: bool
) -> AsyncIterator[bytes]:
    shown = ""
    try:
        yield encode(completion.chunk({"role": "assistant", "content": ""}))
        async with aclosing(stream) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, Notice):
                    continue  # "please wait" is no part of the answer
                text = _rest(shown, event.reply.answer) if isinstance(event, Final) else event.text
                if text:
                    shown += text
                    yield encode(completion.chunk({"content": text}))
                if isinstance(event, Final):
                    yield encode(completion.chunk({}, "stop", salon=event.reply.model_dump(mode="json")))
        if usage:
            yield encode(completion.usage_chunk(shown))
        yield _DONE
    except Exception as error:
        problem = problems.problem_of(error)
        if problem.status >= 500:
            log.exception("a streamed completion failed")
        yield encode(problems.openai_document(problem, error))


def _rest(shown: str, answer: str) -> str:
    """What is still to be sent so that the whole answer was sent.

    Chunks cannot be taken back: an answer that replaces what was shown (a late block) follows after an empty line.
    """
    if answer.startswith(shown):
        return answer[len(shown) :]
    return "" if shown.split() == answer.split() else f"\n\n{answer}"


def _read(body: CompletionIn) -> _Request:
    if not body.messages:
        raise BadCompletion("messages must hold at least one message", "messages")
    if body.n is not None and body.n != 1:
        raise BadCompletion("n must be 1: the assistant gives one answer", "n")
    said = [message for message in body.messages if message.role in ("user", "assistant")]
    if not said or said[-1].role != "user":
        raise BadCompletion("the last message must be the user's question", "messages")
    texts = [_text(message) for message in said]
    checked_message(texts[-1])
    roles: list[Literal["user", "assistant"]] = [
        "user" if message.role == "user" else "assistant" for message in said
    ]
    history = [(role, text) for role, text in zip(roles[:-1], texts[:-1], strict=True) if text.strip()]
    return _Request(texts[-1], history[-HISTORY_MESSAGES:])


def _text(message: MessageIn) -> str:
    if message.content is None:
        return ""
    if isinstance(message.content, str):
        return message.content
    return "\n".join(_part(part) for part in message.content)


def _part(part: dict[str, Any]) -> str:
    text = part.get("text")
    if part.get("type") not in ("text", "refusal") or not isinstance(text, str):
        raise BadCompletion("only parts of type text are understood", "messages")
    return text


def _open(services: Any, asked: _Request, address: str | None) -> str:
    dialog = services.dialogs.open(
        kind="api",
        language=language_of(asked.question),
        consent=None,
        address=address,
        remember=False,
        visitor=None,
    )
    session_id: str = dialog.session_id
    return session_id


def _is_local(request: Request, host: str) -> bool:
    if any(name in request.headers for name in _FORWARDED):
        return False
    return is_loopback(host) and request.client is not None and is_loopback(request.client.host)


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "salon"}


def _prompt_tokens(asked: _Request) -> int:
    texts: Sequence[str] = [text for _, text in asked.history] + [asked.question]
    return sum(_count(text) for text in texts)


def _count(text: str) -> int:
    return len(_WORD.findall(text))
