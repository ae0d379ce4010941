"""How long the stages of making an answer take, for staff to see; a stage tells it itself, whoever calls it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_running: ContextVar[dict[str, float] | None] = ContextVar("stages", default=None)


def open_stages() -> dict[str, float]:
    """Begin to measure, in this context and the threads that it starts; the milliseconds of each stage by name."""
    stages: dict[str, float] = {}
    _running.set(stages)
    return stages


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Measure a stage; one that runs several times is added up, and nothing happens where nobody measures."""
    stages = _running.get()
    began = time.perf_counter()
    try:
        yield
    finally:
        if stages is not None:
            stages[f"{name}_ms"] = round(
                stages.get(f"{name}_ms", 0.0) + (time.perf_counter() - began) * 1000, 1
            )
