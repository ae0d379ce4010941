"""A message and its answer, whole or as it comes."""

import logging
from collections.abc import AsyncIterator
from contextlib import aclosing

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from chains.assistant import checked_message
from chains.reply import Event, Final, Reply, Token
from stores.errors import DialogEnded
from ui.http import problems
from ui.http.deps import LimitsDep, ServicesDep, address_limited, session_id_of
from ui.http.schemas import ChatIn
from ui.http.sse import EventStream, encode

router = APIRouter(prefix="/api", tags=["dialog"], dependencies=[Depends(address_limited)])
log = logging.getLogger(__name__)

_STREAM = {
    "description": "A Reply, or with `stream: true` the events notice, token and reply; error in place of reply.",
    "content": {"text/event-stream": {}},
}


@router.post("/chat", response_model=Reply, responses={200: _STREAM})
async def chat(body: ChatIn, request: Request, services: ServicesDep, limits: LimitsDep) -> Reply | Response:
    """Ask the assistant. Personal data is masked before anything is stored."""
    session_id = session_id_of(body.session_id)
    checked_message(body.message)
    # A stream's status is sent before its first word, so what can be refused is refused here.
    dialog = await to_thread.run_sync(services.dialogs.get, session_id)
    if dialog.ended_at is not None:
        raise DialogEnded(session_id)
    await to_thread.run_sync(limits.check_session, session_id)
    if body.stream:
        return EventStream(_events(request, services.assistant.stream(session_id, body.message)))
    return await services.assistant.answer(session_id, body.message)


async def _events(request: Request, stream: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    try:
        async with aclosing(stream) as events:  # type: ignore[type-var]
            async for event in events:
                yield _encode(event)
    except Exception as error:
        problem = problems.describe(request, error)
        if problem["status"] >= 500:
            log.exception("a streamed answer failed")
        yield encode(problem, event="error")


def _encode(event: Event) -> bytes:
    if isinstance(event, Final):
        return encode(event.reply.model_dump(mode="json"), event="reply")
    if isinstance(event, Token):
        return encode({"text": event.text}, event="token")
    return encode({"text": event.text, "offer_callback": event.offer_callback}, event="notice")
