"""How much one caller may ask for: size of a body, requests a minute; and who that caller is.

The counts live in this process: behind N web processes a caller gets up to N times the limit.
"""

import ipaddress
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.http import problems
from ui.http.errors import RateLimited

MINUTE_S = 60.0
MAX_KEYS = 20_000
KIB = 1024

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class SlidingWindow:
    """At most `limit` requests of one key in any `seconds`.

    It remembers the times of the requests it let through, of at most `max_keys` keys; past that the key that has
    been quiet the longest is forgotten, so that memory stays bounded however many callers there are. A request that
    is turned away does not count. Safe to use from several threads.
    """

    def __init__(
        self,
        limit: int,
        seconds: float = MINUTE_S,
        *,
        max_keys: int = MAX_KEYS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit = limit
        self.seconds = seconds
        self._max_keys = max_keys
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def hit(self, key: str) -> None:
        """Count one request of a key; raises `RateLimited` with the time until the next one is let through."""
        with self._lock:
            now = self._clock()
            times = self._times.setdefault(key, deque())
            self._times.move_to_end(key)
            while times and times[0] <= now - self.seconds:
                times.popleft()
            if len(times) >= self.limit:
                raise RateLimited(max(1, math.ceil(times[0] + self.seconds - now)))
            times.append(now)
            if len(self._times) > self._max_keys:
                self._times.popitem(last=False)

    def __len__(self) -> int:
        return len(self._times)


class Limits:
    """The limits in force; `None` is no limit.

    `pause_of` gives the seconds that a session has to wait for having attacked the assistant again and again; it is
    asked only where sessions have a limit. `rejected` is called with `session`, `attacks` or `address` for each request
    turned away.
    """

    def __init__(
        self,
        per_session: int | None,
        per_address: int | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause_of: Callable[[str], int] = lambda session_id: 0,
        rejected: Callable[[str], None] = lambda scope: None,
    ) -> None:
        self._session = None if per_session is None else SlidingWindow(per_session, clock=clock)
        self._address = None if per_address is None else SlidingWindow(per_address, clock=clock)
        self._pause_of = pause_of
        self._rejected = rejected

    def check_session(self, session_id: str) -> None:
        """Count one message of a session; raises `RateLimited`, and `DatabaseUnavailable` as `pause_of` does."""
        if self._session is not None and (wait := self._pause_of(session_id)):
            self._rejected("attacks")
            raise RateLimited(wait)
        self._check("session", self._session, session_id)

    def check_address(self, address: str | None) -> None:
        """Count one request of an address; raises `RateLimited`.

        IPv6 addresses are counted by their /64: that much is handed to one customer.
        """
        self._check("address", self._address, _address_key(address))

    def _check(self, scope: str, window: SlidingWindow | None, key: str) -> None:
        if window is None:
            return
        try:
            window.hit(key)
        except RateLimited:
            self._rejected(scope)
            raise


class TrustedProxies:
    """The proxies whose `X-Forwarded-For` is believed: addresses and networks (`10.0.0.0/8`).

    Raises `ValueError` for what is neither.
    """

    def __init__(self, proxies: Iterable[str]) -> None:
        self._networks: list[_Network] = []
        for proxy in proxies:
            try:
                self._networks.append(ipaddress.ip_network(proxy.strip(), strict=False))
            except ValueError as error:
                raise ValueError(
                    f"trusted_proxies: {proxy!r} is neither an address nor a network like 10.0.0.0/8"
                ) from error

    def client_address(self, request: Request) -> str | None:
        """The address of whoever sent the request; None where there is none (a Unix socket).

        `X-Forwarded-For` is read from the right as long as the sender is a trusted proxy: the first address that is
        not one is the client. What a client wrote into the header itself stands further left and is never reached.
        """
        peer = request.client.host if request.client else None
        if peer is None or not self._trusts(peer):
            return peer
        hops = [
            hop.strip() for value in request.headers.getlist("x-forwarded-for") for hop in value.split(",")
        ]
        client = peer
        for hop in reversed(hops):
            address = _parse(hop)
            if address is None:
                break
            client = str(address)
            if not self._trusts(client):
                break
        return client

    def forwarded(self, request: HTTPConnection, header: str) -> str | None:
        """What a trusted proxy says of the browser's side in `header`: the first of its values; else None."""
        peer = request.client.host if request.client else None
        if peer is None or not self._trusts(peer):
            return None
        return request.headers.get(header, "").partition(",")[0].strip() or None

    def _trusts(self, host: str) -> bool:
        address = _parse(host)
        return address is not None and any(address in network for network in self._networks)


class _BodyTooLarge(HTTPException):
    """An `HTTPException`, since that is the one error that FastAPI's reading of a body passes on as it is."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyLimit:
    """ASGI middleware that turns away bodies above `limit_of(path)` bytes, while they are being read.

    A declared length is judged before anything is read; what comes without one (chunked) is counted as it arrives.
    """

    def __init__(self, app: ASGIApp, *, limit_of: Callable[[str], int]) -> None:
        self._app = app
        self._limit_of = limit_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and (len(declared) > 12 or int(declared) > limit):
            # Nothing of the body has been read, so the connection cannot carry another request.
            await _refuse(scope, receive, send)
            return
        read, started = 0, False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _BodyTooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except _BodyTooLarge:
            if started:
                raise
            await _refuse(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    response = problems.answer(Request(scope), problems.BODY_TOO_LARGE, headers={"Connection": "close"})
    await response(scope, receive, send)


def body_limit_of(path: str) -> int:
    """The largest body a path takes, in bytes: a completion carries the dialog so far, a page its events."""
    if path.startswith("/v1/"):
        return 512 * KIB
    if path.startswith("/api/"):
        return 64 * KIB
    return 1024 * KIB


def is_loopback(host: str | None) -> bool:
    """Whether a host (a name or an address) is this machine talking to itself."""
    address = _parse(host or "")
    return address.is_loopback if address else host == "localhost"


def _parse(host: str) -> _Address | None:
    """An address as proxies write it: bare, with a port, in brackets; IPv4 carried in IPv6 is IPv4."""
    text = host.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _address_key(address: str | None) -> str:
    parsed = _parse(address or "")
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed or address)
