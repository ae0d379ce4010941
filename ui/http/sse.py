"""Server-sent events that leave at once, stay alive, and stop their source when the reader has gone."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import StreamingResponse

_KEEP_ALIVE = b": keep-alive\n\n"


def encode(data: Any, *, event: str | None = None) -> bytes:
    """One event with `data` as JSON; JSON holds no line break, so one `data:` line is enough."""
    text = json.dumps(data, ensure_ascii=False)
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {text}\n\n".encode()


class EventStream(StreamingResponse):
    """A `text/event-stream` response of encoded events.

    The source runs in a task of its own. A comment line is sent whenever it has been silent for `keep_alive_s`
    seconds, so that proxies keep the connection. When the reader disconnects, the source is cancelled once and may
    still clean up (save what it has) in its `finally`.
    """

    media_type = "text/event-stream"
    keep_alive_s = 10.0

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        # Nginx buffers answers unless told not to.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_relay(source, self.keep_alive_s), headers=headers)


_sources: set[asyncio.Task[None]] = set()  # the event loop holds its tasks only weakly


async def _relay(source: AsyncIterator[bytes], keep_alive_s: float) -> AsyncIterator[bytes]:
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def pump() -> None:
        try:
            async for event in source:
                queue.put_nowait(event)
        finally:
            queue.put_nowait(None)

    task = asyncio.create_task(pump())
    _sources.add(task)
    task.add_done_callback(_sources.discard)
    try:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), keep_alive_s)
            except TimeoutError:
                yield _KEEP_ALIVE
                continue
            if event is None:
                break
            yield event
        await task  # an error of the source is this response's error
    finally:
        # Not awaited: this may itself run because of a cancellation, under which every await would fail.
        task.cancel()
