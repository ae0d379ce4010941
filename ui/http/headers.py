"""Headers that every answer carries: who may frame it, and that it is what it says it is."""

import re
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?", re.IGNORECASE)


def parse_origins(origins: Iterable[str]) -> tuple[str, ...]:
    """Origins as browsers send them; raises `ValueError` for what is none (a path, a wildcard, no scheme)."""
    parsed = []
    for origin in origins:
        text = origin.strip().rstrip("/").lower()
        if not _ORIGIN.fullmatch(text):
            raise ValueError(f"embed_origins: {origin!r} is no origin like https://dealer.example")
        parsed.append(text)
    return tuple(dict.fromkeys(parsed))


class SecurityHeaders:
    """ASGI middleware: the chat may be framed by ourselves and by `embed_origins`, nothing else by anybody.

    What the API answers is never cached: it may hold personal data.
    """

    def __init__(self, app: ASGIApp, *, embed_origins: tuple[str, ...]) -> None:
        self._app = app
        self._chat_policy = " ".join(("frame-ancestors 'self'", *embed_origins))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
                if path == "/chat" or path.startswith("/chat/"):
                    headers["Content-Security-Policy"] = self._chat_policy
                else:
                    headers["Content-Security-Policy"] = "frame-ancestors 'none'"
                    headers["X-Frame-Options"] = "DENY"
                if path.startswith(("/api/", "/v1/")):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
