"""The embedded engine: llama.cpp in this process, behind an OpenAI-compatible server on the loopback address.

Only the one who knows the key, which is random and never leaves the process, can use it.
"""

import ctypes
import logging
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from chains.errors import ModelUnavailable

log = logging.getLogger(__name__)

_PROMPT_CACHE_MIB = 512  # the library's default would take up to 8 GB of memory
_SILENT = -1
_FIRST_ANSWER_S = 30.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class EngineFailed(ModelUnavailable):
    """The engine could not load the model; the operator must look at memory and weights."""


class Engine:
    """A running engine; `url` is its OpenAI-compatible base URL and `api_key` the key it asks for.

    The constructor blocks while the weights are loaded, other threads too (a second or two), so build it once, at the
    start. `slots` answers are written at once, each with `context_tokens` of context. `threads` defaults to the
    number of processors that this process may use.
    Raises `EngineFailed` with one sentence.
    """

    def __init__(
        self, weights: Path, *, name: str, context_tokens: int, slots: int, threads: int | None = None
    ) -> None:
        # Threads that wait for each other must not spin: with one more busy process on two cores that makes the engine
        # ten to forty times slower. Read when the library is loaded; what the operator has set stays.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            import xllamacpp  # 100 MB of machine code: loaded only when an engine is wanted
        except ImportError as error:
            raise EngineFailed(f"the embedded engine does not run on this system: {error}") from error

        self.slots = slots
        self.api_key = secrets.token_urlsafe(32)
        params = xllamacpp.CommonParams()
        params.model.path = str(weights)
        params.model_alias = {name}
        params.hostnames = ["127.0.0.1"]
        params.port = 0  # any free one
        params.api_keys = [self.api_key]
        params.n_ctx = context_tokens * slots
        params.n_parallel = slots
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads or _processors()
        params.cache_prompt = True
        params.cache_ram_mib = _PROMPT_CACHE_MIB
        # The library's constructor lets no other thread run. Without the trial run and the fitting to a GPU's memory it
        # takes a third of the time (about 1.5 s for 1.1 GB of weights already in the page cache), and as good a run.
        params.warmup = False
        params.fit_params = False
        # A sign of life each second while nothing is written. It is also how soon the library notices, in `close` or
        # while it reads a long prompt, that nobody waits any more: with its 30 s the process would hang at the end.
        params.sse_ping_interval = 1
        params.verbosity = _SILENT
        params.ui = False
        try:
            with _signals_kept():
                self._server: Any = xllamacpp.Server(params)
        except RuntimeError as error:
            raise EngineFailed(
                f"the engine could not load {weights.name}: too little memory or no model"
            ) from error
        address = self._server.listening_address
        self.url = f"{address}/v1"
        self._wait_for_the_loop(address)
        log.info("the engine serves %s with %d slots of %d tokens", name, slots, context_tokens)

    def _wait_for_the_loop(self, address: str) -> None:
        """Ask what only the engine's own loop can answer.

        The library's constructor returns before that loop runs; stopped at that moment, it would hang for ever.
        """
        key = {"Authorization": f"Bearer {self.api_key}"}
        try:
            httpx.get(
                f"{address}/slots", headers=key, timeout=_FIRST_ANSWER_S, trust_env=False
            ).raise_for_status()
        except httpx.HTTPError as error:
            raise EngineFailed(f"the engine does not answer: {error}") from error

    def close(self) -> None:
        """Stop the engine and free its memory; answers being written break off. May be called again."""
        self._server = None  # the last reference: the library stops its threads here


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Undo what the library does to SIGINT and SIGTERM.

    Its server installs C handlers that end the engine only, so Ctrl-C would not reach Python or uvicorn any more.
    `signal.signal` works in the main thread only and an engine starts in another, hence the interpreter's C calls.
    Python-level handlers that are set while the engine loads (uvicorn does) are honoured: what matters is that the
    signal reaches the interpreter.
    """
    if sys.platform == "win32":
        yield
        return
    get, put = ctypes.pythonapi.PyOS_getsig, ctypes.pythonapi.PyOS_setsig
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.c_int]
    put.restype, put.argtypes = ctypes.c_void_p, [ctypes.c_int, ctypes.c_void_p]
    before = {number: get(number) for number in _SIGNALS}
    dispatcher = _dispatcher(get)
    try:
        yield
    finally:
        for number in _SIGNALS:
            handled_in_python = callable(signal.getsignal(number))
            put(number, dispatcher if handled_in_python and dispatcher else before[number])


def _dispatcher(get: Any) -> int | None:
    """The address of the interpreter's own C handler, which calls the Python-level ones; None when none is set."""
    for number in (signal.SIGINT, signal.SIGTERM, *sorted(signal.valid_signals())):
        if callable(signal.getsignal(number)):
            address: int | None = get(number)
            return address
    return None
