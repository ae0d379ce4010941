import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from ui.http.errors import RateLimited
from ui.http.headers import parse_origins
from ui.http.languages import language_of_header
from ui.http.limits import BodyLimit, Limits, SlidingWindow, TrustedProxies, is_loopback


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def request_from(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 5) if peer else None})


def test_a_window_lets_through_its_limit_and_says_when_the_next_one_may_come() -> None:
    clock = Clock()
    window = SlidingWindow(3, 60, clock=clock)
    for _ in range(3):
        window.hit("a")
        clock.now += 10
    with pytest.raises(RateLimited) as refused:
        window.hit("a")
    assert refused.value.retry_after == 30
    clock.now += 30
    window.hit("a")


def test_keys_do_not_share_a_window() -> None:
    window = SlidingWindow(1, clock=Clock())
    window.hit("a")
    window.hit("b")
    with pytest.raises(RateLimited):
        window.hit("a")


def test_a_request_that_is_turned_away_does_not_prolong_the_wait() -> None:
    clock = Clock()
    window = SlidingWindow(1, 60, clock=clock)
    window.hit("a")
    clock.now += 59.5
    with pytest.raises(RateLimited) as refused:
        window.hit("a")
    assert refused.value.retry_after == 1
    clock.now += 0.5
    window.hit("a")


def test_a_window_never_remembers_more_than_its_number_of_keys() -> None:
    window = SlidingWindow(1, max_keys=10, clock=Clock())
    for number in range(1000):
        window.hit(str(number))
    assert len(window) == 10
    with pytest.raises(RateLimited):
        window.hit("999")


@given(
    gaps=st.lists(st.floats(min_value=0, max_value=90), max_size=60),
    limit=st.integers(min_value=1, max_value=5),
)
def test_no_sixty_seconds_ever_hold_more_than_the_limit(gaps: list[float], limit: int) -> None:
    clock = Clock()
    window = SlidingWindow(limit, 60, clock=clock)
    passed: list[float] = []
    waits: list[int] = []
    for gap in gaps:
        clock.now += gap
        try:
            window.hit("a")
        except RateLimited as refused:
            waits.append(refused.retry_after)
        else:
            passed.append(clock.now)
    for earlier, later in zip(passed, passed[limit:], strict=False):
        assert later - earlier >= 60
    assert all(1 <= wait <= 61 for wait in waits)


def test_an_ipv6_customer_cannot_escape_by_changing_the_lower_half_of_the_address() -> None:
    rejected: list[str] = []
    limits = Limits(None, 1, clock=Clock(), rejected=rejected.append)
    limits.check_address("2001:db8::1")
    with pytest.raises(RateLimited):
        limits.check_address("2001:db8::ffff:2")
    limits.check_address("2001:db8:0:1::1")
    assert rejected == ["address"]


def test_limits_that_are_off_let_everything_through() -> None:
    limits = Limits(None, None)
    for _ in range(1000):
        limits.check_session("s")
        limits.check_address(None)


@pytest.mark.parametrize(
    "peer,forwarded,client",
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # nobody we trust says so
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),  # the left one is what the client made up
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["nonsense, 10.0.0.7"], "10.0.0.7"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        (None, ["198.51.100.1"], None),
    ],
)
def test_the_client_is_the_right_most_address_that_is_no_trusted_proxy(
    peer: str | None, forwarded: list[str], client: str | None
) -> None:
    proxies = TrustedProxies(["10.0.0.0/8"])
    assert proxies.client_address(request_from(peer, *forwarded)) == client


@given(header=st.text(alphabet="0123456789abcdef.:[], x", max_size=60))
def test_no_forwarded_header_makes_reading_the_address_fail(header: str) -> None:
    assert TrustedProxies(["10.0.0.1"]).client_address(request_from("10.0.0.1", header)) is not None


def test_a_proxy_that_is_no_address_is_named() -> None:
    with pytest.raises(ValueError, match="trusted_proxies: 'nginx'"):
        TrustedProxies(["nginx"])


@pytest.mark.parametrize(
    "host,local", [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)]
)
def test_loopback_is_this_machine_only(host: str, local: bool) -> None:
    assert is_loopback(host) is local


@pytest.mark.parametrize(
    "header,language",
    [
        (None, "ru"),
        ("", "ru"),
        ("*", "ru"),
        ("de-DE,de;q=0.9", "ru"),
        ("en-GB", "en"),
        ("ru,en;q=0.9", "ru"),
        ("en;q=0.5, ru;q=0.8", "ru"),
        ("ru;q=0, en;q=0.1", "en"),
        ("de, en;q=0.7, ru;q=0.3", "en"),
        ("en;q=junk", "ru"),
        ("en;q=nan", "ru"),
    ],
)
def test_the_language_is_the_one_the_browser_likes_best(header: str | None, language: str) -> None:
    assert language_of_header(header) == language


@given(st.text(max_size=50))
def test_any_language_header_gives_one_of_our_languages(header: str) -> None:
    assert language_of_header(header) in ("ru", "en")


def test_origins_are_read_as_browsers_send_them() -> None:
    assert parse_origins(["https://Dealer.example/", "http://localhost:8000"]) == (
        "https://dealer.example",
        "http://localhost:8000",
    )


@pytest.mark.parametrize(
    "origin",
    ["dealer.example", "https://dealer.example/path", "*", "https://a.example; script-src *", "https://a\nb"],
)
def test_an_origin_that_could_break_out_of_the_header_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="embed_origins"):
        parse_origins([origin])


async def echo_length(scope: Scope, receive: Receive, send: Send) -> None:
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


async def exchange(headers: list[tuple[bytes, bytes]], chunks: list[bytes]) -> list[Message]:
    pending: Iterator[bytes] = iter(chunks)
    left = len(chunks)
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": next(pending), "more_body": left > 0}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/api/chat", "headers": headers, "method": "POST", "query_string": b""}
    await BodyLimit(echo_length, limit_of=lambda path: 10)(scope, receive, send)
    return sent


@pytest.mark.anyio
async def test_a_declared_length_above_the_limit_is_refused_before_anything_is_read() -> None:
    sent = await exchange([(b"content-length", b"11")], [])
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["status"] == 413


@pytest.mark.anyio
async def test_a_chunked_body_is_refused_at_the_chunk_that_passes_the_limit() -> None:
    sent = await exchange([], [b"12345", b"67890", b"x", b"never read"])
    assert sent[0]["status"] == 413


@pytest.mark.anyio
async def test_a_body_of_exactly_the_limit_goes_through() -> None:
    sent = await exchange([], [b"12345", b"67890"])
    assert (sent[0]["status"], sent[1]["body"]) == (200, b"10")
