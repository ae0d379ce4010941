"""A real HTTP server on this machine that serves what a crawler meets: pages, wikis, traps and junk."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Reply:
    """`body` may be given in pieces; `pause` are the seconds before each piece."""

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    pause: float = 0.0


def html(body: str, *, title: str = "", head: str = "", **headers: str) -> Reply:
    """A page in UTF-8; `headers` are further ones, `_` for a hyphen."""
    source = f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    further = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(source.encode(), headers={"Content-Type": "text/html; charset=utf-8", **further})


def moved(to: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": to})


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    further = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(json.dumps(value).encode(), status, {"Content-Type": "application/json", **further})


@dataclass
class Asked:
    """One request as the server saw it; `host` is the name that it was asked by, `at` the moment in seconds."""

    path: str
    host: str
    at: float
    headers: dict[str, str]


Page = Reply | Callable[[Asked], Reply]


class Web:
    """What the server serves: pages by path (with the query or without), or by full address when it is used as a
    proxy. `before` is told of each request before it is answered."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.base = ""
        self.before: Callable[[Asked], None] = lambda asked: None

    @property
    def paths(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [one.path for one in self.asked if not one.path.endswith("/robots.txt")]

    def times(self, path: str) -> list[float]:
        return [one.at for one in self.asked if one.path == path]

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        self.before(asked)
        page = self.pages.get(asked.path) or self.pages.get(asked.path.partition("?")[0])
        if page is None:
            return Reply(b"<p>not here</p>", 404)
        return page(asked) if callable(page) else page


@contextmanager
def serving(web: Web) -> Iterator[Web]:
    """The server in threads of its own; `web.base` is its address without a slash."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # head and body in one packet, or the client's delayed ACK costs 40 ms a page

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.path, headers.get("host", ""), time.monotonic(), headers)
            try:
                self.send(web.reply(asked))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client has had enough

        def send(self, reply: Reply) -> None:
            whole = reply.body if isinstance(reply.body, bytes) else None
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if whole is not None and "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(whole)))
            else:
                self.close_connection = True
                self.send_header("Connection", "close")
            self.end_headers()
            for piece in reply.body if whole is None else (whole,):
                if reply.pause:
                    self.wfile.flush()
                    time.sleep(reply.pause)
                self.wfile.write(piece)
            self.wfile.flush()

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: object) -> None:
            """A client that was killed is no error."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    web.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class FakeWiki:
    """A MediaWiki's `api.php` over articles made up for the tests; its answers have the shape of the API's own,
    `formatversion=2`, continued after each `links_at_once` links as the API continues after 500."""

    def __init__(
        self, web: Web, path: str = "/w/api.php", *, extracts: bool = True, links_at_once: int = 2
    ) -> None:
        self.web = web
        self.extracts = extracts
        self.links_at_once = links_at_once
        self.texts: dict[str, str] = {}
        self.links: dict[str, list[str]] = {}
        self.redirects: dict[str, str] = {}
        self.ambiguous: set[str] = set()
        self.found: dict[str, list[str]] = {}
        self.siteinfo = True
        self.failing: list[Reply] = []
        web.pages[path] = self.answer

    def add(self, title: str, text: str, links: Iterable[str] = ()) -> None:
        self.texts[title] = text
        self.links[title] = list(links)

    def answer(self, asked: Asked) -> Reply:
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        if self.failing:
            return self.failing.pop(0)
        if query.get("meta") == "siteinfo":
            return self._siteinfo()
        if query.get("list") == "search":
            return self._search(query)
        return as_json(self._pages(query))

    def _siteinfo(self) -> Reply:
        if not self.siteinfo:
            return as_json({"error": {"code": "unknown_meta", "info": "made up"}})
        extensions = [{"type": "other", "name": "TextExtracts"}] if self.extracts else [{"name": "Cite"}]
        general = {"server": self.web.base, "articlepath": "/wiki/$1", "case": "first-letter"}
        return as_json({"batchcomplete": True, "query": {"general": general, "extensions": extensions}})

    def _search(self, query: dict[str, str]) -> Reply:
        start, titles = int(query.get("sroffset", 0)), self.found.get(query["srsearch"], [])
        hits = [{"ns": 0, "title": title, "pageid": 7} for title in titles[start : start + 2]]
        more = {"continue": {"sroffset": start + 2, "continue": "-||"}} if titles[start + 2 :] else {}
        return as_json({"batchcomplete": True, **more, "query": {"search": hits}})

    def _pages(self, query: dict[str, str]) -> dict[str, Any]:
        start = int(query.get("plcontinue", 0))
        pages, redirects, longest = [], [], 0
        for asked in query["titles"].split("|"):
            title = self.redirects.get(asked, asked)
            if title != asked:
                redirects.append({"from": asked, "to": title})
            if title not in self.texts:
                pages.append({"ns": 0, "title": title, "missing": True})
                continue
            pages.append(self._page(title, query, start))
            longest = max(longest, len(self.links[title]))
        answer: dict[str, Any] = {"query": {"redirects": redirects, "pages": pages}}
        if longest > start + self.links_at_once:
            following = start + self.links_at_once
            answer["continue"] = {"plcontinue": f"{following}", "continue": "||info|pageprops|extracts"}
        return answer

    def _page(self, title: str, query: dict[str, str], start: int) -> dict[str, Any]:
        address = f"{self.web.base}/wiki/{title.replace(' ', '_')}"
        page: dict[str, Any] = {
            "pageid": 7,
            "ns": 0,
            "title": title,
            "canonicalurl": address,
            "fullurl": address,
        }
        ends = self.links[title][start : start + self.links_at_once]
        if ends:
            page["links"] = [{"ns": 0, "title": link} for link in ends]
        if title in self.ambiguous:
            page["pageprops"] = {"disambiguation": ""}
        if start:
            return page
        if self.extracts and "extracts" in query["prop"]:
            page["extract"] = self.texts[title]
        if "revisions" in query["prop"]:
            slot = {"contentmodel": "wikitext", "contentformat": "text/x-wiki", "content": self.texts[title]}
            page["revisions"] = [{"slots": {"main": slot}}]
        return page
