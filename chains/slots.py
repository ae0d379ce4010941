"""A limit on how many answers are written at once that works from any event loop and thread."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager

from chains.errors import ModelUnavailable


class Busy(ModelUnavailable):
    """No slot became free in time; the visitor gets a computed answer instead of a long wait."""


class Slots:
    """`count` slots, given first come, first served; `asyncio.Semaphore` would belong to one event loop."""

    def __init__(self, count: int, *, wait_s: float) -> None:
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._free = count
        self._waiting: deque[Future[None]] = deque()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a slot. Raises `Busy` after `wait_s` seconds in the queue."""
        await self._acquire()
        try:
            yield
        finally:
            self._release()

    async def _acquire(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn: Future[None] = Future()
            self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._wait_s):
                await asyncio.wrap_future(turn)
        except BaseException as error:
            with self._lock:
                given = not turn.cancel()  # too late to leave the queue: the slot is ours already
            if given:
                self._release()
            if isinstance(error, TimeoutError):
                raise Busy(f"the language model is busy: no free slot in {self._wait_s:g} s") from None
            raise

    def _release(self) -> None:
        with self._lock:
            while self._waiting:
                turn = self._waiting.popleft()
                if turn.set_running_or_notify_cancel():
                    turn.set_result(None)
                    return
            self._free += 1
