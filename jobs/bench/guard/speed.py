"""How quick the guard is without a model: one message after the other on one core, and many at once on two."""

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jobs.bench.guard.judging import judged
from jobs.bench.guard.pipeline import chunks

if TYPE_CHECKING:
    from jobs.bench.guard.rows import Row

_WARM = 100
_CHUNK = 100


class Speed(NamedTuple):
    """Milliseconds a message on one core, and messages a second in batch on `workers`; of `messages` different ones."""

    messages: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    workers: int
    per_second: float


def measure(rows: Sequence["Row"], *, workers: int = 2) -> Speed:
    """Judge the prompts of rows, each alone on one core, and all in batch. Loading is not counted."""
    from parts import NoTopics, open_guard

    rows = [row for row in rows if row.prompt]
    guard = open_guard(NoTopics())
    free = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if free:
        os.sched_setaffinity(0, {min(free)})
    try:
        for row in rows[:_WARM]:
            guard.check_input(row.prompt or "", row.language)
        times = []
        for row in rows:
            started = time.perf_counter()
            guard.check_input(row.prompt or "", row.language)
            times.append(time.perf_counter() - started)
    finally:
        if free:
            os.sched_setaffinity(0, free)
    p50, p95, p99 = (float(np.percentile(times, share)) * 1000 for share in (50, 95, 99))
    return Speed(len(rows), p50, p95, p99, workers, _in_batch(rows, workers))


def _in_batch(rows: Sequence["Row"], workers: int) -> float:
    """Messages a second from the moment that all workers are at it."""
    warm = list(chunks(list(rows[:_CHUNK]) * 2 * workers, _CHUNK))
    started, done = 0.0, 0
    for number, chunk in enumerate(judged([*warm, *chunks(rows, _CHUNK)], workers)):
        if number == len(warm) - 1:
            started = time.perf_counter()
        elif number >= len(warm):
            done += len(chunk)
    return done / (time.perf_counter() - started)


def told(speed: Speed) -> str:
    """The figures in two lines."""
    return (
        f"one message on one core: p50 {speed.p50_ms:.2f} ms, p95 {speed.p95_ms:.2f} ms, p99 {speed.p99_ms:.2f} ms "
        f"({speed.messages:,} messages)\nin batch on {speed.workers} cores: {speed.per_second:,.0f} messages a second"
    )
