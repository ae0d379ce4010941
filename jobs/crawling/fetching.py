"""Fetching one page: politely, within a time and a size, by one request at a time.

Redirects are followed here, step by step, so that each step is held against the rules of the crawl.
"""

import asyncio
import ipaddress
import socket
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import NamedTuple

import httpx

from jobs.crawling.addresses import host_of, normalise, site
from jobs.crawling.errors import Fault, Forbidden

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10
# Over load, out of order for a moment, or a proxy before a server that is starting.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_LONGEST_WAIT = 300.0
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})

Check = Callable[[str], None]
Resolve = Callable[[str], Collection[str]]


@dataclass(frozen=True)
class Manners:
    """How one asks. Times are in seconds, `size` in bytes after unpacking.

    `rate` lies between two requests to one host, `timeout` is for a whole request, `retries` is how often one that
    failed for the moment is repeated, the first time after `backoff`, each time after twice as long.
    """

    agent: str
    rate: float = 1.0
    timeout: float = 30.0
    size: int = 5_000_000
    retries: int = 3
    backoff: float = 2.0


class Answer(NamedTuple):
    """What a server answered. `address` is where the redirects led; `body` is None where they led to a known page."""

    address: str
    body: bytes | None
    type: str
    charset: str | None
    headers: Mapping[str, str]


class _Response(NamedTuple):
    status: int
    headers: httpx.Headers
    body: bytes


class Fetcher:
    """Asks servers, one request after the other. Use it as a context.

    `resolve` gives the IP addresses of a host; `private` says that the crawl was begun on a private network, where
    private addresses are as good as others.
    """

    def __init__(self, manners: Manners, *, private: bool = False, resolve: Resolve | None = None) -> None:
        self._manners = manners
        self._private = private
        self._resolve = resolve or addresses_of
        self._runner = asyncio.Runner()
        self._client: httpx.AsyncClient | None = None
        self._asked: dict[str, float] = {}
        self._delays: dict[str, float] = {}

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._runner.run(self._client.aclose())
        self._runner.close()

    def slow_down(self, where: str, seconds: float) -> None:
        """Lets at least so much time lie between two requests to a site."""
        self._delays[where] = seconds

    def get(
        self,
        address: str,
        *,
        check: Check | None = None,
        known: Callable[[str], bool] | None = None,
        types: Collection[str] | None = PAGE_TYPES,
    ) -> Answer:
        """The body of a normalised address.

        `check` is asked before each request and raises what forbids it; at a redirect to an address that is `known`
        the way ends. A type is accepted if it is one of `types` (None: any) or is not said. Raises `Fault`.
        """
        way = [address]
        while True:
            if check is not None:
                check(way[-1])
            response = self._patiently(way[-1], types)
            if response.status not in _REDIRECTS:
                return _answer(way[-1], response)
            step = normalise(response.headers.get("location", ""), way[-1])
            if step is None:
                raise Fault(
                    "redirect", f"redirects to nowhere: {response.headers.get('location', '')[:100]!r}"
                )
            if step in way:
                raise Fault("redirect", f"redirects in a circle: {step}")
            if len(way) > _MOST_REDIRECTS:
                raise Fault("redirect", f"redirects more than {_MOST_REDIRECTS} times")
            if known is not None and known(step):
                return Answer(step, None, "", None, {})
            way.append(step)

    def _patiently(self, address: str, types: Collection[str] | None) -> _Response:
        """Repeats what failed for the moment; a page that is slow is given one more chance only."""
        left, pause = self._manners.retries, self._manners.backoff
        while True:
            wait: float | None = None
            try:
                response = self._politely(address, types)
                if response.status < 400:
                    return response
                fault = _refusal(response)
                if response.status not in _PASSING:
                    raise fault
                wait = retry_after(response.headers)
            except Fault as error:
                if error.kind not in {"unreachable", "slow"}:
                    raise
                fault, left = error, min(left, 1) if error.kind == "slow" else left
            if left <= 0:
                raise fault
            if wait is not None and wait > _LONGEST_WAIT:
                reason = f"{fault}; it asks to come back in {wait:.0f} s"
                raise Fault(fault.kind, reason, status=fault.status)
            time.sleep(max(pause, wait or 0.0))
            left, pause = left - 1, pause * 2

    def _politely(self, address: str, types: Collection[str] | None) -> _Response:
        if not self._private and is_private(host_of(address), self._resolve):
            raise Forbidden("elsewhere", "leads into a private network")
        where = site(address)
        pause = max(self._manners.rate, self._delays.get(where, 0.0))
        if where in self._asked:
            time.sleep(max(0.0, self._asked[where] + pause - time.monotonic()))
        try:
            return self._runner.run(self._ask(address, types))
        except TimeoutError as error:
            raise Fault("slow", f"not there within {self._manners.timeout:g} s") from error
        except httpx.TimeoutException as error:
            raise Fault("slow", f"not there within {self._manners.timeout:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Fault("unreachable", f"{type(error).__name__}: {error}") from error
        finally:
            self._asked[where] = time.monotonic()

    async def _ask(self, address: str, types: Collection[str] | None) -> _Response:
        # The client's own times are for each read; a server that sends a byte at a time would never exceed them.
        async with (
            asyncio.timeout(self._manners.timeout),
            self._open().stream("GET", address) as response,
        ):
            if response.status_code != 200:
                return _Response(response.status_code, response.headers, b"")
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind and types is not None and kind not in types:
                raise Fault("no page", f"no page, but {kind[:60]}")
            body = await self._body(response)
            return _Response(response.status_code, response.headers, body)

    async def _body(self, response: httpx.Response) -> bytes:
        limit = self._manners.size
        unpack = _Unpacking(response.headers.get("content-encoding", ""))
        announced = response.headers.get("content-length", "")
        body = bytearray()
        if not (announced.isdigit() and int(announced) > limit):
            async for chunk in response.aiter_raw():
                body += unpack.more(chunk, limit + 1 - len(body))
                if len(body) > limit:
                    break
            else:
                return bytes(body)
        raise Fault("too large", f"larger than {limit:,} bytes")

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            # No cookies: what a page says must not depend on which pages were read before it.
            jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
            headers = {
                "User-Agent": self._manners.agent,
                "Accept": "text/html,application/xhtml+xml,text/plain;q=0.8,application/json;q=0.8,*/*;q=0.1",
                "Accept-Language": "ru,en;q=0.8",
                "Accept-Encoding": "gzip",
            }
            self._client = httpx.AsyncClient(headers=headers, cookies=jar, timeout=self._manners.timeout)
        return self._client


class _Unpacking:
    """Unpacks gzip no further than asked, so that a small answer cannot fill the memory."""

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in {"", "identity", "gzip", "x-gzip"}:
            raise Fault("no page", f"packed in a way that was not asked for: {name[:40]}")
        self._zlib = zlib.decompressobj(wbits=31) if "gzip" in name else None

    def more(self, chunk: bytes, most: int) -> bytes:
        if self._zlib is None:
            return chunk[:most]
        try:
            return self._zlib.decompress(chunk, most)
        except zlib.error as error:
            raise Fault("no page", f"cannot be unpacked: {error}") from error


@lru_cache(maxsize=1024)
def addresses_of(host: str) -> frozenset[str]:
    """The IP addresses of a host; none where the name is not known here (a proxy may know it)."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return frozenset()
    return frozenset(str(one[4][0]).partition("%")[0] for one in found)


def is_private(host: str, resolve: Resolve | None = None) -> bool:
    """Whether a host (a name or an IP address) lies in a private network, on this machine or nowhere in the world."""
    return any(not ipaddress.ip_address(one).is_global for one in (resolve or addresses_of)(host))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a server asks to wait, given as a number or a date; None where it says nothing readable."""
    said = headers.get("retry-after", "").strip()
    if said.isdigit():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _refusal(response: _Response) -> Fault:
    return Fault("status", f"HTTP {response.status}", status=response.status)


def _answer(address: str, response: _Response) -> Answer:
    if response.status != 200:
        raise _refusal(response)
    kind, _, rest = response.headers.get("content-type", "").partition(";")
    charset = next(
        (
            value.strip(" \"'")
            for name, _, value in (part.partition("=") for part in rest.split(";"))
            if name.strip().lower() == "charset"
        ),
        None,
    )
    return Answer(address, response.body, kind.strip().lower(), charset or None, response.headers)
