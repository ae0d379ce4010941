"""The door of the back office: who may see which page under `/staff`, and that requests come from our own pages.

Everything under `/staff` is closed unless it is opened here: a page that somebody adds later needs a log-in, too.
"""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stores.errors import DatabaseUnavailable
from stores.staff_sessions import LONGEST, Role, StaffSessions
from ui.http import problems
from ui.http.limits import TrustedProxies

if TYPE_CHECKING:
    import gradio as gr

ROOT = "/staff"
LOGIN = "/staff/login"
SETUP = "/staff/setup"
PUBLIC = re.compile(rf"{LOGIN}|{SETUP}/[\w-]{{1,100}}|{ROOT}/language")
_COOKIE = "staff"
# Over https the browser itself sees to it that no other site, nor a subdomain, can set this cookie.
_SECURE_COOKIE = "__Host-staff"
_MEMBER = "salon.staff"
_SAFE = frozenset({"GET", "HEAD"})
_LOOK_AGAIN_S = 2.0


class StaffMember(NamedTuple):
    """Who sends a request, from which address, and by which name (`https://assistant.dealer.example`) their browser
    knows us. `login` is the same for all requests of one log-in, and tells nothing else."""

    name: str
    role: Role
    address: str | None
    site: str
    login: str

    def may(self, role: Role) -> bool:
        """Whether this person may see what is for `role`; admins see everything."""
        return self.role == "admin" or self.role == role


class StaffOnly(Exception):
    """A request got past the door without a log-in: a mistake of ours."""


def member_of(request: "HTTPConnection | gr.Request") -> StaffMember:
    """Who sends this request, in a route or in an event of a page. Raises `StaffOnly` where nobody is logged in."""
    inner = request if isinstance(request, HTTPConnection) else request.request
    member = inner.scope.get(_MEMBER) if inner is not None else None
    if not isinstance(member, StaffMember):
        raise StaffOnly
    return member


def member_or_none(scope: MutableMapping[str, Any]) -> StaffMember | None:
    """Who sends the request of this scope, None where nobody is logged in."""
    found = scope.get(_MEMBER)
    return found if isinstance(found, StaffMember) else None


def safe_next(wanted: str | None) -> str:
    """Where to go after the log-in: a path of the back office, whatever was asked for."""
    text = wanted or ""
    path = text.partition("?")[0]
    inside = path == ROOT or path.startswith(ROOT + "/")
    odd = not text.isprintable() or any(part in path for part in ("\\", "//", ".."))
    return text if inside and not odd and not PUBLIC.fullmatch(path) else ROOT


# The cookie -----------------------------------------------------------------------------------------------------------


def token_of(request: HTTPConnection) -> str | None:
    """The token of the log-in that a request brings along."""
    return request.cookies.get(_cookie_name(is_https(request)))


def set_token(response: Response, request: Request, token: str) -> None:
    """Hand the browser its token.

    SameSite is Lax, not Strict: a link to the back office in an alert's letter should find the person logged in, and
    no GET changes anything. What does is sent by POST, which Lax leaves without a cookie and the door turns away.
    """
    https = is_https(request)
    response.set_cookie(
        _cookie_name(https),
        token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=https,
        httponly=True,
        samesite="lax",
    )


def clear_token(response: Response, request: Request) -> None:
    """Take the token back."""
    https = is_https(request)
    response.delete_cookie(_cookie_name(https), path="/", secure=https, httponly=True, samesite="lax")


def is_https(request: HTTPConnection) -> bool:
    """Whether the browser speaks https, be it to us or to a proxy that is trusted."""
    proxies: TrustedProxies = request.app.state.proxies
    return request.url.scheme == "https" or proxies.forwarded(request, "x-forwarded-proto") == "https"


def _cookie_name(https: bool) -> str:
    return _SECURE_COOKIE if https else _COOKIE


# Where a request comes from -------------------------------------------------------------------------------------------


def is_own(request: HTTPConnection) -> bool:
    """Whether a request was sent by a page of ours, by a person's click or bookmark, or by no browser at all.

    Browsers say so themselves in `Sec-Fetch-Site`; a neighbouring subdomain (`same-site`), such as the dealer's site,
    is a stranger here. Those that do not, because the page came by plain http, send `Origin` with what they post. A GET
    from elsewhere may open a page, but neither frame it nor call anything.
    """
    method = request.scope["method"]
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site in {"same-origin", "none"}:
            return True
        opens = request.headers.get("sec-fetch-mode") == "navigate"
        return method in _SAFE and opens and request.headers.get("sec-fetch-dest") == "document"
    origin = request.headers.get("origin")
    return origin is None or _is_our_host(request, origin)


def _is_our_host(request: HTTPConnection, origin: str) -> bool:
    host = _our_host(request)
    return host != "" and origin.lower() in (f"https://{host}", f"http://{host}")


def _our_host(request: HTTPConnection) -> str:
    proxies: TrustedProxies = request.app.state.proxies
    return (proxies.forwarded(request, "x-forwarded-host") or request.headers.get("host", "")).lower()


# The door -------------------------------------------------------------------------------------------------------------


class StaffGuard:
    """ASGI middleware in front of everything under `/staff`.

    `app.state.staff_roles` are the paths of the pages with the role that each is for; below a page its role holds.
    `app.state.refuse_staff` makes the page that a browser is shown instead (see `Refusal`); without it a problem
    document tells why.
    """

    def __init__(self, app: ASGIApp, *, sessions: StaffSessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == ROOT or path.startswith((ROOT + "/", ROOT + "."))):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            answer = await self._pass(request, receive, send)
        except DatabaseUnavailable:
            answer = problems.answer(request, problems.UNAVAILABLE)
        if answer is not None:
            answer.headers["Cache-Control"] = "no-store"
            await answer(scope, receive, send)

    async def _pass(self, request: Request, receive: Receive, send: Send) -> Response | None:
        """Let the request in, or give back the answer that it gets instead."""
        if not is_own(request):
            return problems.answer(request, problems.FOREIGN)
        path, token = request.url.path, token_of(request)
        member = await self._member(request, token)
        if member is None and not PUBLIC.fullmatch(path):
            return self._turn_away(request)
        if member is not None and not member.may(role_of(request, path)):
            return _refusal(request, 403) or problems.answer(request, problems.NOT_ALLOWED)
        scope = request.scope
        scope[_MEMBER] = member
        # Where it comes from has been judged; what is inside must not open anything to other origins.
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"origin"]
        watched = _Watched(send, lambda: self._is_still_in(token), path)
        await self._app(scope, receive, watched)
        return None

    async def _member(self, request: Request, token: str | None) -> StaffMember | None:
        if not token:
            return None
        # `staff.js` marks what a page asks for by itself, with nobody there: that does not keep the log-in alive.
        seen = "x-unattended" not in request.headers
        found = await to_thread.run_sync(lambda: self._sessions.member(token, seen=seen))
        if found is None:
            return None
        proxies: TrustedProxies = request.app.state.proxies
        site = f"{'https' if is_https(request) else 'http'}://{_our_host(request)}"
        return StaffMember(found.name, found.role, proxies.client_address(request), site, found.login)

    async def _is_still_in(self, token: str | None) -> bool:
        return await to_thread.run_sync(lambda: self._sessions.member(token or "", seen=False)) is not None

    def _turn_away(self, request: Request) -> Response:
        if request.method in _SAFE and wants_page(request):
            path = request.url.path.rstrip("/")
            asked = path + (f"?{request.url.query}" if request.url.query else "")
            target = str(request.url.replace(path=LOGIN, query="").include_query_params(next=asked))
            return RedirectResponse(_local(target) if path != ROOT else LOGIN, status_code=303)
        return _refusal(request, 401) or problems.answer(request, problems.NOT_LOGGED_IN)


class _Watched:
    """Sends an answer on; nothing of it is kept by the browser, and a stream ends when its log-in has ended."""

    def __init__(self, send: Send, is_still_in: Callable[[], Awaitable[bool]], path: str) -> None:
        self._send = send
        self._is_still_in = is_still_in
        self._may_be_kept = "/assets/" in path
        self._streams = self._over = False
        self._looked = time.monotonic()

    async def __call__(self, message: Message) -> None:
        if self._over:
            return
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            self._streams = headers.get("content-type", "").startswith("text/event-stream")
            if not self._may_be_kept or message["status"] != 200:
                headers["Cache-Control"] = "no-store"
        elif self._streams and time.monotonic() - self._looked > _LOOK_AGAIN_S:
            self._over = not await self._is_still_in()
            self._looked = time.monotonic()
        if self._over:
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)


Refusal = Callable[[Request, int], Response]
"""Makes the page that a person sees in the place of the one they may not: for status 401 or 403."""


def role_of(request: HTTPConnection, path: str) -> Role:
    """The role that a path is for: that of the page it belongs to, staff where it belongs to none."""
    roles: dict[str, Role] = getattr(request.app.state, "staff_roles", {})
    fitting = [page for page in roles if path == page or path.startswith((page + "/", page + "."))]
    return roles[max(fitting, key=len)] if fitting else "staff"


def wants_page(request: Request) -> bool:
    """Whether a browser wants to show the answer as a page; a script's call does not say so."""
    if "/gradio_api/" in request.url.path:
        return False
    mode = request.headers.get("sec-fetch-mode")
    return (mode is None or mode == "navigate") and "text/html" in request.headers.get("accept", "")


def _refusal(request: Request, status: int) -> Response | None:
    page: Refusal | None = getattr(request.app.state, "refuse_staff", None)
    return page(request, status) if page is not None and wants_page(request) else None


def _local(url: str) -> str:
    """Path and query of a URL: a redirect without a host stays where the browser is, whatever proxies there are."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
