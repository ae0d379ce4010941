"""What all staff pages share: how they are built, mounted behind the door, and framed by a bar with the navigation."""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import gradio as gr
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chains.reply import Language
from stores.staff_sessions import Role
from ui.auth import StaffMember, member_of, member_or_none
from ui.http import problems
from ui.http.languages import language_of_request
from ui.pages.cards import templates
from ui.pages.frame import Framed, StaffHead
from ui.pages.mounting import building, mount
from ui.pages.texts import LANGUAGES, Texts, load_staff_texts

if TYPE_CHECKING:
    from services import Services

ASSETS = Path(__file__).resolve().parents[3] / "assets"
_LANGUAGE_COOKIE = "staff_language"
_SESSION_HASH = re.compile(r"[\w-]{1,64}")
_MOST_SESSIONS = 20_000
_FREE_S = 0.05  # there are twenty queues, and hardly ever work in one
# What a staff page in the browser calls. Uploads, the file proxy, `cancel` and the rest of Gradio's API are closed.
_OPEN_PATHS = re.compile(
    r"/(?:|config|theme\.css|(?:assets|static)/.*"
    r"|gradio_api/(?:queue/(?:join|data)|run/predict|heartbeat/[\w-]{1,64}|app_id|startup-events))"
)
_WITH_BODY = frozenset({"/gradio_api/queue/join", "/gradio_api/run/predict"})
_HEARTBEAT = "/gradio_api/heartbeat/"


@dataclass(frozen=True)
class StaffPage:
    """A page of the back office at `path` (`/staff/<name>`), for `role` and, in any case, for admins.

    `build` lays it out and wires it in one language; its events learn who acts from `ui.auth.member_of(request)`.
    """

    path: str
    title_key: str
    role: Role
    build: Callable[["Services", Texts], gr.Blocks]


@dataclass(frozen=True)
class Link:
    """A page as the navigation offers it."""

    url: str
    title: str
    about: str


class Shell:
    """The frame around every staff page: the salon's name, the way to the others, who is logged in."""

    language_cookie = _LANGUAGE_COOKIE

    def __init__(self, name: str, pages: Sequence[StaffPage]) -> None:
        self.texts: dict[Language, Texts] = {
            language: load_staff_texts(ASSETS, language) for language in LANGUAGES
        }
        self.pages = pages
        self._name = name
        self._templates = templates()

    def texts_of(self, request: Request) -> Texts:
        """The strings in the language of a request."""
        return self.texts[language_of(request)]

    def links(self, member: StaffMember, texts: Texts) -> list[Link]:
        """The pages that this person may see."""
        return [
            Link(f"{page.path}/", texts(page.title_key), texts(f"{page.title_key}_about"))
            for page in self.pages
            if member.may(page.role)
        ]

    def bar(self, request: Request) -> str:
        """The bar on top of a page, as HTML."""
        return self.render("bar", request)

    def render(self, template: str, request: Request, **values: object) -> str:
        """A template of `templates/staff`, in the language of the request; it knows who is logged in, if anybody is."""
        language = language_of(request)
        member = member_or_none(request.scope)
        texts = self.texts[language]
        return self._templates.get_template(f"staff/{template}.html").render(
            t=texts,
            salon=self._name,
            member=member,
            links=self.links(member, texts) if member else [],
            here=request.url.path,
            other=next(other for other in LANGUAGES if other != language),
            **values,
        )


def language_of(request: Request) -> Language:
    """The language that a person chose for the staff pages, else the browser's."""
    chosen = request.cookies.get(_LANGUAGE_COOKIE)
    return next((language for language in LANGUAGES if language == chosen), language_of_request(request))


class SessionClaims:
    """Which log-in a Gradio session belongs to: that of its first call.

    Gradio takes whatever name of a session the browser sends, and who knows one could read its events and its state.
    """

    def __init__(self) -> None:
        self._owners: OrderedDict[str, str] = OrderedDict()

    def admit(self, session_hash: str, login: str) -> bool:
        """Whether this log-in may speak for that session."""
        owner = self._owners.setdefault(session_hash, login)
        self._owners.move_to_end(session_hash)
        if len(self._owners) > _MOST_SESSIONS:
            self._owners.popitem(last=False)
        return owner == login


class StaffDoor:
    """ASGI: one staff page behind its path, in the reader's language; only what the page itself calls is open."""

    def __init__(self, pages: Mapping[Language, Framed]) -> None:
        self.pages = pages
        self._claims = SessionClaims()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call; who it comes from was judged by `StaffGuard`."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        framed = self.pages[language_of(request)]
        inner = framed.inner(scope)
        sessions: Iterable[object] = ()
        if inner in _WITH_BODY:
            body = await request.body()
            receive = _again(body, receive)
            sessions = [_session_of(body)]
        elif inner == "/gradio_api/queue/data":
            query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            sessions = query.get("session_hash") or [""]
        elif inner.startswith(_HEARTBEAT):
            sessions = [inner.removeprefix(_HEARTBEAT)]
        login = member_of(request).login
        if all(_is_session(name) and self._claims.admit(str(name), login) for name in sessions):
            await framed(scope, receive, send)
        else:
            await problems.answer(request, problems.NOT_ALLOWED)(scope, receive, send)


def _session_of(body: bytes) -> object:
    try:
        return json.loads(body).get("session_hash")
    except (ValueError, AttributeError, RecursionError):
        return None


def _is_session(name: object) -> bool:
    return isinstance(name, str) and _SESSION_HASH.fullmatch(name) is not None


def _again(body: bytes, receive: Receive) -> Receive:
    """Hands out a body that was read already, then what comes after it."""
    read = False

    async def receive_again() -> Message:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def mount_pages(app: FastAPI, services: "Services", shell: Shell) -> FastAPI:
    """Mount each page of the shell at its path, in both languages."""
    app.state.staff_roles = {page.path: page.role for page in shell.pages}
    for page in shell.pages:
        framed: dict[Language, Framed] = {}
        for language, texts in shell.texts.items():
            head = StaffHead(language, f"{texts(page.title_key)} · {services.salon.name}")
            with building():
                blocks = page.build(services, texts)
            inner, app = _mounted(app, blocks, page.path)
            framed[language] = Framed(inner, path=page.path, head=head, open_paths=_OPEN_PATHS, top=shell.bar)
        app.add_api_route(page.path, _to_page(page.path), include_in_schema=False)
        app.routes.append(Mount(page.path, StaffDoor(framed)))
    return app


def _to_page(path: str) -> Callable[[], RedirectResponse]:
    """Without its slash a page leads to itself, by path alone: which host the browser asked is for it to know."""

    def to_page() -> RedirectResponse:
        return RedirectResponse(f"{path}/", 307)

    return to_page


def _mounted(app: FastAPI, blocks: gr.Blocks, path: str) -> tuple[ASGIApp, FastAPI]:
    """The application that Gradio makes of a page, started and stopped with ours but reached by no route yet."""
    app, route = mount(app, blocks, path, free_s=_FREE_S, member=lambda request: member_of(request).name)
    app.routes.remove(route)
    return route.app, app
