"""The door in front of everything under `/staff`, on a small application: who gets in, and from where."""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

import ui.auth
from stores.accounts import Accounts
from stores.database import open_database
from stores.passwords import Passwords
from stores.staff_sessions import StaffSessions
from ui.auth import StaffGuard, clear_token, member_of, safe_next, set_token
from ui.http.limits import TrustedProxies
from ui.http.metrics import _route

SECRET = "correct horse battery"
SITE = "http://salon.example"
SALON = "https://dealer.example"


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    engine = open_database(f"sqlite:///{tmp_path / 'salon.db'}")
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    made = Accounts(engine, passwords=quick)
    made.add_ready("anna", "admin", SECRET)
    made.add_ready("ivan", "staff", SECRET)
    made.sessions = StaffSessions(engine)  # type: ignore[attr-defined]
    yield made
    engine.dispose()


@pytest.fixture
def app(accounts: Accounts) -> Starlette:
    async def who(request: Request) -> Response:
        member = member_of(request)
        return JSONResponse([member.name, member.role, member.address, member.site])

    async def enter(request: Request) -> Response:
        response = PlainTextResponse("in")
        set_token(response, request, accounts.log_in("anna", SECRET, address=None).token)
        return response

    async def leave(request: Request) -> Response:
        response = PlainTextResponse("out")
        clear_token(response, request)
        return response

    async def drip(request: Request) -> Response:
        async def drops() -> AsyncIterator[str]:
            yield "data: 1\n\n"
            accounts.deactivate("ivan")
            yield "data: 2\n\n"
            yield "data: 3\n\n"

        return StreamingResponse(drops(), media_type="text/event-stream")

    everything = ["GET", "POST"]
    made = Starlette(
        routes=[
            Route("/staff/login", enter, methods=everything),
            Route("/staff/leave", leave, methods=everything),
            Route("/staff/setup/{token}", enter),
            Mount("/staff/drip", Starlette(routes=[Route("/", drip)])),
            *(
                Route(path, who, methods=everything)
                for path in ("/staff", "/staff/x", "/staff/rights", "/staff/rights/x", "/staff/rightsx")
            ),
            Route("/staff/rights.csv", who),
            Route("/staff/assets/a.js", who),
            Route("/other", lambda request: PlainTextResponse("other")),
        ],
        middleware=[
            Middleware(StaffGuard, sessions=accounts.sessions),  # type: ignore[attr-defined]
            Middleware(CORSMiddleware, allow_origins=[SALON], allow_methods=["*"], allow_headers=["*"]),
        ],
    )
    made.state.proxies = TrustedProxies(["10.0.0.1"])
    made.state.staff_roles = {"/staff/rights": "admin"}
    return made


def client_of(
    app: Starlette, accounts: Accounts | None = None, name: str = "", host: str = "::1"
) -> TestClient:
    client = TestClient(app, base_url=SITE, client=(host, 1), follow_redirects=False)
    if accounts is not None:
        client.cookies.set("staff", accounts.log_in(name, SECRET, address=None).token)
    return client


@pytest.mark.parametrize(
    "path,nobody,staff,admin",
    [
        ("/staff", 401, 200, 200),
        ("/staff/x", 401, 200, 200),
        ("/staff/rights", 401, 403, 200),
        ("/staff/rights/x", 401, 403, 200),
        ("/staff/rights.csv", 401, 403, 200),
        ("/staff/rightsx", 401, 200, 200),
        ("/staff/no/such/page", 401, 404, 404),
        ("/staff/setup/a/b", 401, 404, 404),
        ("/staff/login/../rights", 401, 403, 200),
        ("/staff%2Frights", 401, 403, 200),
        ("/other", 200, 200, 200),
    ],
)
def test_each_path_is_open_to_whom_it_is_for(
    app: Starlette, accounts: Accounts, path: str, nobody: int, staff: int, admin: int
) -> None:
    assert client_of(app).get(path).status_code == nobody
    assert client_of(app, accounts, "ivan").get(path).status_code == staff
    assert client_of(app, accounts, "anna").get(path).status_code == admin


def test_a_browser_that_asks_for_a_page_is_led_to_the_log_in_and_back(app: Starlette) -> None:
    response = client_of(app).get("/staff/x?a=1&b=%2F", headers={"accept": "text/html"})
    assert response.status_code == 303
    assert response.headers["location"] == "/staff/login?next=%2Fstaff%2Fx%3Fa%3D1%26b%3D%252F"
    script = {"accept": "text/html", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}
    assert client_of(app).get("/staff/x", headers=script).status_code == 401
    assert client_of(app).post("/staff/x", headers={"accept": "text/html"}).status_code == 401


OPENED = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.mark.parametrize(
    "headers,get,post",
    [
        ({}, 200, 200),
        ({"sec-fetch-site": "same-origin"}, 200, 200),
        ({"sec-fetch-site": "none"}, 200, 200),
        ({"sec-fetch-site": "same-site", "origin": "http://www.salon.example"}, 403, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}, 403, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}, 403, 403),
        (OPENED, 200, 403),
        (OPENED | {"sec-fetch-dest": "iframe"}, 403, 403),
        ({"origin": SITE}, 200, 200),
        ({"origin": "HTTP://SALON.EXAMPLE"}, 200, 200),
        ({"origin": SALON}, 403, 403),
        ({"origin": "http://salon.example.evil.example"}, 403, 403),
        ({"origin": "http://salon.example:8080"}, 403, 403),
        ({"origin": "null"}, 403, 403),
        ({"origin": "http://["}, 403, 403),
        ({"origin": ""}, 403, 403),
    ],
)
def test_requests_of_other_sites_change_and_read_nothing(
    app: Starlette, accounts: Accounts, headers: Mapping[str, str], get: int, post: int
) -> None:
    client = client_of(app, accounts, "anna")
    assert client.get("/staff/x", headers=headers).status_code == get
    assert client.post("/staff/x", headers=headers).status_code == post
    assert client.post("/staff/login", headers=headers).status_code == post


def test_a_site_that_may_embed_the_chat_may_read_nothing_of_the_back_office(
    app: Starlette, accounts: Accounts
) -> None:
    client = client_of(app, accounts, "anna")
    asked = {"origin": SALON, "access-control-request-method": "POST"}
    assert client.get("/other", headers={"origin": SALON}).headers["access-control-allow-origin"] == SALON
    for response in (
        client.get("/staff/x", headers={"origin": SALON}),
        client.get("/staff/x", headers={"origin": SITE}),
        client.options("/staff/x", headers=asked),
    ):
        assert not [name for name in response.headers if name.startswith("access-control-")]


def test_the_cookie_is_out_of_the_reach_of_scripts_and_other_sites(app: Starlette) -> None:
    cookie = client_of(app).get("/staff/login").headers["set-cookie"].lower()
    name, *attributes = [part.strip() for part in cookie.split(";")]
    assert name.startswith("staff=")
    assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= set(attributes)
    assert "secure" not in attributes
    assert not [part for part in attributes if part.startswith("domain")]


def test_over_https_the_cookie_is_sent_over_https_only(app: Starlette, accounts: Accounts) -> None:
    behind = {"x-forwarded-proto": "https", "x-forwarded-host": "assistant.dealer.example"}
    proxied, liar = client_of(app, host="10.0.0.1"), client_of(app, host="192.0.2.1")
    cookie = proxied.get("/staff/login", headers=behind).headers["set-cookie"]
    assert cookie.startswith("__Host-staff=")
    assert "; Secure" in cookie
    assert "; Secure" not in liar.get("/staff/login", headers=behind).headers["set-cookie"]
    assert (
        "; Secure"
        in proxied.get("/staff/leave", headers=behind | {"cookie": cookie.partition(";")[0]}).headers[
            "set-cookie"
        ]
    )

    token = accounts.log_in("anna", SECRET, address=None).token
    sent = behind | {"cookie": f"__Host-staff={token}", "x-forwarded-for": "203.0.113.7"}
    assert proxied.get("/staff/x", headers=sent).json() == [
        "anna",
        "admin",
        "203.0.113.7",
        "https://assistant.dealer.example",
    ]
    own = sent | {"origin": "https://assistant.dealer.example"}
    assert proxied.post("/staff/x", headers=own).status_code == 200
    assert proxied.post("/staff/x", headers=sent | {"origin": SITE}).status_code == 403
    # A cookie that was set over http, as a neighbour in the network could, is none over https.
    assert proxied.get("/staff/x", headers=sent | {"cookie": f"staff={token}"}).status_code == 401


def test_nothing_but_the_programs_own_files_is_kept_by_the_browser(
    app: Starlette, accounts: Accounts
) -> None:
    client = client_of(app, accounts, "anna")
    for path in ("/staff/x", "/staff/rights", "/staff/nothing"):
        assert client.get(path).headers["cache-control"] == "no-store"
    assert client_of(app).get("/staff/x").headers["cache-control"] == "no-store"
    assert "cache-control" not in client.get("/staff/assets/a.js").headers


def test_what_is_counted_names_the_route_and_no_secret_of_its_path(
    app: Starlette, accounts: Accounts
) -> None:
    seen: list[str] = []

    class Counted:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)
            seen.append(_route(scope))

    app.user_middleware.insert(0, Middleware(Counted))
    client_of(app).get("/staff/setup/t0ken")
    client_of(app, accounts, "anna").get("/staff/nothing/t0ken")
    assert seen == ["/staff/setup/{token}", "other"]


def test_a_stream_ends_when_the_account_is_closed(
    app: Starlette, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ui.auth, "_LOOK_AGAIN_S", 0)
    assert client_of(app, accounts, "ivan").get("/staff/drip/").text == "data: 1\n\n"


def test_what_a_page_asks_for_with_nobody_there_does_not_keep_the_log_in_alive(
    app: Starlette, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    found = StaffSessions.member
    monkeypatch.setattr(
        StaffSessions,
        "member",
        lambda self, token, *, seen=True: (noted(seen), found(self, token, seen=seen))[1],
    )
    noted = seen.append
    client = client_of(app, accounts, "anna")
    assert client.get("/staff/x").status_code == 200
    assert client.get("/staff/x", headers={"x-unattended": "1"}).status_code == 200
    assert seen == [True, False]


def test_what_goes_on_in_the_database_is_no_way_in(
    app: Starlette, accounts: Accounts, tmp_path: Path
) -> None:
    client = client_of(app, accounts, "anna")
    for path in tmp_path.glob("salon.db*"):
        path.unlink()
    accounts._engine.dispose()
    response = client.get("/staff/x")
    assert response.status_code == 503
    assert "salon.db" not in response.text


@pytest.mark.parametrize(
    "wanted,target",
    [
        ("/staff/dialogs/?q=1", "/staff/dialogs/?q=1"),
        ("/staff", "/staff"),
        (None, "/staff"),
        ("", "/staff"),
        ("https://evil.example/staff/", "/staff"),
        ("//evil.example/staff/", "/staff"),
        ("/\\evil.example/staff", "/staff"),
        ("/staff\\@evil.example", "/staff"),
        ("/staff/..//evil.example", "/staff"),
        ("/staff/../chat", "/staff"),
        ("/staff/\r\nSet-Cookie: a=b", "/staff"),
        ("/staffx", "/staff"),
        ("/chat", "/staff"),
        ("javascript:alert(1)", "/staff"),
        ("/staff/login", "/staff"),
        ("/staff/setup/abc", "/staff"),
        ("http://[/staff", "/staff"),
    ],
)
def test_after_the_log_in_one_goes_to_the_back_office_only(wanted: str | None, target: str) -> None:
    assert safe_next(wanted) == target
