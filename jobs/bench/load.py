"""Many visitors at once: how long computed answers take inside a real server, and what a plain chain does meanwhile.

Each visitor opens a dialog, asks, reads for a few seconds, asks on, and begins another dialog after a while.
"""

import asyncio
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx

from chains.slots import Busy
from jobs.bench.cases import Case

if TYPE_CHECKING:
    from jobs.bench.plain_chain import PlainChain
    from settings import Settings

_ROOT = Path(__file__).resolve().parents[2]
_START_S = 120.0
_ANSWER_S = 60.0
_DIALOG = 6
"""Questions of one dialog; then the visitor begins another one."""
GROUPS = {"payment": "price", "hours": "hours", "legend": "legend", "contacts": "legend"} | dict.fromkeys(
    "availability not_in_stock filter count superlative average price follow_up".split(), "inventory"
)
"""The kinds of questions whose answers are computed, and which of the four they belong to."""


@dataclass(frozen=True)
class Crowd:
    """So many visitors for so long; `pause_s` is the least and the most that each reads between two questions."""

    visitors: int
    seconds: float
    pause_s: tuple[float, float] = (3.0, 8.0)


class Timing(NamedTuple):
    """One answer: the server's own time and the visitor's, in milliseconds; the latter includes the connection."""

    group: str
    own_ms: float
    seen_ms: float


class Histogram(NamedTuple):
    """The server's own count of requests by time, cumulated: (upper bound in seconds, how many)."""

    buckets: list[tuple[float, int]]

    def share_within(self, seconds: float) -> float | None:
        """The share of requests that took no longer than a bound of the histogram; None without any request."""
        total = self.buckets[-1][1] if self.buckets else 0
        return (
            next((count / total for bound, count in self.buckets if bound >= seconds), 1.0) if total else None
        )


@dataclass
class Load:
    """What a crowd met with. `unfinished` were still waited for when the time was up; `cpu` is the share of one core
    that the server used, None where the system does not tell; `machine` the load average before and after."""

    answers: list[Timing] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unfinished: int = 0
    histogram: Histogram = field(default_factory=lambda: Histogram([]))
    cpu: float | None = None
    machine: tuple[float, float] | None = None


Ask = Callable[[str, str, str], Awaitable[float]]
"""Ask in a dialog: (its name, group, question) → the system's own milliseconds."""
Open = Callable[[], Awaitable[str]]


def computed(cases: Sequence[Case]) -> list[Case]:
    """The cases whose answers are computed."""
    return [case for case in cases if case.kind in GROUPS]


def assistant_under_load(settings: "Settings", cases: Sequence[Case], crowd: Crowd) -> Load:
    """A server of its own, without a language model and without limits, under the questions of a crowd.

    Raises RuntimeError when it does not start.
    """
    with (
        tempfile.TemporaryDirectory(prefix="bench-load-") as folder,
        _server(settings, Path(folder)) as server,
    ):
        return asyncio.run(_measure_server(server, cases, crowd))


def chain_under_load(chain: "PlainChain", cases: Sequence[Case], crowd: Crowd) -> Load:
    """The plain chain under the same crowd for the same time, in this process: it is spared the way over HTTP."""
    earlier: dict[str, list[tuple[str, str]]] = {}

    async def opened() -> str:
        name = str(len(earlier))
        earlier[name] = []
        return name

    async def ask(dialog: str, group: str, question: str) -> float:
        begun = time.perf_counter()
        while True:
            try:
                text = "".join([piece async for piece in chain.stream(question, earlier[dialog])])
                break
            except Busy:  # our own limit of answers at once; a chain by itself would let the visitor wait
                continue
        earlier[dialog].append((question, text))
        return (time.perf_counter() - begun) * 1000

    return asyncio.run(_run(crowd, cases, opened, ask))


def retrieval_of(chain: "PlainChain", cases: Sequence[Case]) -> list[float]:
    """How many milliseconds the plain chain takes to find passages for each question, one after the other."""
    times = []
    for case in cases:
        begun = time.perf_counter()
        chain.retrieve(case.question)
        times.append((time.perf_counter() - begun) * 1000)
    return times


class _Server(NamedTuple):
    url: str
    pid: int


@contextmanager
def _server(settings: "Settings", folder: Path) -> Iterator[_Server]:
    """`app.py` as an operator starts it, on a free port, until the block ends."""
    options = ["--port", "0", "--host", "127.0.0.1", "--llm", "off", "--log-level", "error"]
    options += ["--salon", str(settings.salon.resolve()), "--data", str(folder / "data")]
    given = {
        name: value for name, value in os.environ.items() if name not in ("SALON_DB", "SALON_CHROMA_URL")
    }
    with (folder / "server.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, str(_ROOT / "app.py"), *options],
            cwd=folder,
            env=given
            | {"SALON_RATE_LIMIT": "off", "SALON_ADDRESS_RATE_LIMIT": "off", "PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
        )
        try:
            yield _Server(_address(process, folder / "server.log"), process.pid)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    assert process.stdout is not None  # noqa: S101  opened as a pipe
    greeting = process.stdout.readline()
    found = re.search(r"http://\S+", greeting)
    if found is None:
        raise RuntimeError(f"the server did not start: {log.read_text(encoding='utf-8')[-500:]}")
    url = found[0].rstrip("/.,")
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/health", timeout=5, trust_env=False).status_code == httpx.codes.OK:
                return url
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


async def _measure_server(server: _Server, cases: Sequence[Case], crowd: Crowd) -> Load:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=crowd.visitors)
    async with httpx.AsyncClient(
        base_url=server.url, timeout=_ANSWER_S, limits=limits, trust_env=False
    ) as client:

        async def opened() -> str:
            response = await client.post("/api/sessions", json={"consent": True})
            response.raise_for_status()
            return str(response.json()["session_id"])

        async def ask(dialog: str, group: str, question: str) -> float:
            response = await client.post("/api/chat", json={"session_id": dialog, "message": question})
            response.raise_for_status()
            return float(response.json()["elapsed_ms"])

        before = _cpu_seconds(server.pid)
        begun = time.monotonic()
        load = await _run(crowd, cases, opened, ask)
        after, took = _cpu_seconds(server.pid), time.monotonic() - begun
        load.cpu = None if before is None or after is None else (after - before) / took
        load.histogram = _histogram((await client.get("/metrics")).text)
    return load


async def _run(crowd: Crowd, cases: Sequence[Case], opened: Open, ask: Ask) -> Load:
    """Let the crowd ask until the time is up; what is still waited for then is counted and given up."""
    load = Load()
    before = _load_average()
    visitors = [
        asyncio.create_task(_visit(random.Random(number), crowd, cases, opened, ask, load))  # noqa: S311  no secret
        for number in range(crowd.visitors)
    ]
    await asyncio.wait(visitors, timeout=crowd.seconds)
    waiting = [visitor for visitor in visitors if not visitor.done()]
    for visitor in waiting:
        visitor.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    after = _load_average()
    load.machine = None if before is None or after is None else (before, after)
    return load


async def _visit(
    chance: random.Random, crowd: Crowd, cases: Sequence[Case], opened: Open, ask: Ask, load: Load
) -> None:
    await asyncio.sleep(chance.uniform(0, crowd.pause_s[1]))
    while True:
        try:
            dialog = await opened()
        except httpx.HTTPError as error:
            load.errors.append(f"{type(error).__name__}: {error}")
            await asyncio.sleep(crowd.pause_s[0])
            continue
        for group, question in _questions(chance, cases):
            begun = time.perf_counter()
            try:
                own = await ask(dialog, group, question)
            except asyncio.CancelledError:
                load.unfinished += 1
                raise
            except Exception as error:  # whatever breaks is counted, and the visitor asks on
                load.errors.append(f"{type(error).__name__}: {error}")
            else:
                load.answers.append(Timing(group, own, (time.perf_counter() - begun) * 1000))
            await asyncio.sleep(chance.uniform(*crowd.pause_s))


def _questions(chance: random.Random, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    """The questions of one dialog with their groups; a follow-up comes after what it follows."""
    asked = 0
    while asked < _DIALOG:
        group = chance.choice(sorted(set(GROUPS.values())))
        case = chance.choice([case for case in cases if GROUPS[case.kind] == group] or list(cases))
        for question in (*case.before, case.question):
            asked += 1
            yield GROUPS[case.kind], question


def _histogram(metrics: str) -> Histogram:
    found = re.findall(
        r'^salon_http_request_seconds_bucket\{[^}]*route="/api/chat"[^}]*\} (\S+)$', metrics, re.MULTILINE
    )
    bounds = re.findall(
        r'^salon_http_request_seconds_bucket\{(?=[^}]*route="/api/chat")[^}]*le="([^"]+)"',
        metrics,
        re.MULTILINE,
    )
    pairs = zip(bounds, found, strict=True)
    return Histogram(sorted((float(bound), int(float(count))) for bound, count in pairs))


def _cpu_seconds(pid: int) -> float | None:
    """The processor time that a process has used; None where /proc does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _load_average() -> float | None:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
