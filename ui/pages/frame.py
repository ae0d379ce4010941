"""The HTML document around a Gradio page: its language, its head, and which of Gradio's calls are open at all."""

import re
from collections.abc import Callable
from html import escape
from typing import NamedTuple, Protocol

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What the page in the browser calls. Uploads, the file proxy and the rest of Gradio's API have no use here.
OPEN_PATHS = re.compile(
    r"/(?:|config|theme\.css|favicon\.ico|(?:assets|static)/.*"
    r"|gradio_api/(?:queue/(?:join|data)|run/predict|heartbeat/.*|cancel|reset|app_id|startup-events))"
)
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'"
)
_SOCIAL_META = re.compile(r"<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>\s*", re.DOTALL)
_MANIFEST = re.compile(r"<link rel=\"manifest\"[^>]*>\s*")
_CHARSET = '<meta charset="utf-8" />'
_BODY = re.compile(r"<body\b[^>]*>")
_LANGUAGE = re.compile(r"(<html\s[^>]*?)lang=\"[a-z]*\"", re.DOTALL)


class AnyHead(Protocol):
    """What a document says about itself."""

    @property
    def language(self) -> str:
        """The language that the page is in."""
        ...

    def html(self) -> str:
        """The elements put into `<head>`."""
        ...


class Head(NamedTuple):
    """What the visitor's chat says about itself."""

    language: str
    title: str
    description: str
    embed_origins: tuple[str, ...]

    def html(self) -> str:
        """The elements put into `<head>`; the policy keeps the page from loading anything foreign."""
        origins = escape(" ".join(self.embed_origins))
        return (
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            f"<title>{escape(self.title)}</title>"
            f'<meta name="description" content="{escape(self.description)}">'
            '<meta name="color-scheme" content="light dark">'
            f'<meta name="salon-embed-origins" content="{origins}">'
            '<link rel="icon" href="/static/star.svg" type="image/svg+xml">'
            '<link rel="stylesheet" href="/static/base.css"><link rel="stylesheet" href="/static/chat.css">'
            '<script src="/static/chat.js"></script>'
        )


class StaffHead(NamedTuple):
    """What a page of the back office says about itself."""

    language: str
    title: str

    def html(self) -> str:
        """The elements put into `<head>`; search engines are none of the readers."""
        return (
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            f"<title>{escape(self.title)}</title>"
            '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
            '<link rel="icon" href="/static/star.svg" type="image/svg+xml">'
            '<link rel="stylesheet" href="/static/base.css"><link rel="stylesheet" href="/static/staff.css">'
            '<script src="/static/staff.js"></script>'
        )


class Framed:
    """ASGI middleware around one mounted Gradio page.

    `open_paths` are the calls that the page needs, `top` makes HTML that stands above it.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        path: str,
        head: AnyHead,
        open_paths: re.Pattern[str] = OPEN_PATHS,
        top: Callable[[Request], str] = lambda _: "",
    ) -> None:
        self.app = app
        self._path = path
        self._head = head
        self._open_paths = open_paths
        self._top = top

    def inner(self, scope: Scope) -> str:
        """The path within the page, `/` for the page itself."""
        path: str = scope["path"]
        return path.removeprefix(self._path) or "/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the page calls, rewrite the page itself, know nothing of the rest."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        inner = self.inner(scope)
        if not self._open_paths.fullmatch(inner):
            await PlainTextResponse("not found", status_code=404)(scope, receive, send)
        elif inner == "/":
            await self._document(scope, receive, send)
        elif inner.startswith("/assets/"):
            await self.app(scope, receive, _kept_for_good(send))
        else:
            await self.app(scope, receive, send)

    async def _document(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrite the page; it is asked for uncompressed, and small enough to be held as a whole."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message = {}
        body = b""

        async def collect(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            content = self._rewrite(body.decode(), Request(scope)).encode() if _is_html(start) else body
            MutableHeaders(scope=start)["content-length"] = str(len(content))
            await send(start)
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})

        await self.app({**scope, "headers": headers}, receive, collect)

    def _rewrite(self, document: str, request: Request) -> str:
        """Our language and head in place of Gradio's description of itself, and what stands above the page."""
        document = _LANGUAGE.sub(rf'\1lang="{self._head.language}"', document, count=1)
        document = _MANIFEST.sub("", _SOCIAL_META.sub("", document))
        top = self._top(request)
        if top:
            document = _BODY.sub(lambda body: body[0] + top, document, count=1)
        return document.replace(_CHARSET, _CHARSET + self._head.html(), 1)


def _kept_for_good(send: Send) -> Send:
    """The names of Gradio's assets change with their content, so a browser need never ask for one again."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            MutableHeaders(scope=message)["cache-control"] = "public, max-age=31536000, immutable"
        await send(message)

    return send_with_headers


def _is_html(start: Message) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/html") for name, value in start["headers"])
