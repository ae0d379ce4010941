"""The whole web application: API, pages and static files over one set of services."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi_offline import FastAPIOffline
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from chains.pressure import Pressure
from ui.auth import StaffGuard
from ui.http import problems
from ui.http.headers import SecurityHeaders, parse_origins
from ui.http.limits import BodyLimit, Limits, TrustedProxies, body_limit_of
from ui.http.metrics import MeasuredAssistant, Metrics, RequestMetrics
from ui.http.routes import callbacks, chat, health, openai, salon, sessions, visitors
from ui.http.schemas import PROBLEM_RESPONSES

if TYPE_CHECKING:
    from services import Services
    from settings import Settings

ASSETS = Path(__file__).resolve().parent.parent / "assets"
_WIDGET_SECONDS = 300

_DESCRIPTION = """
The assistant of a car salon. Open a session with the visitor's consent, then send messages; answers come whole or as
server-sent events. Errors are problem documents (RFC 9457); under `/v1` they have OpenAI's shape.
"""


def check_settings(settings: "Settings") -> None:
    """Raises `ValueError` naming the setting that the web application cannot work with."""
    parse_origins(settings.embed_origins)
    TrustedProxies(settings.trusted_proxies)


def create_app(services: "Services") -> FastAPI:
    """The application that `app.py` serves: API, static files and the Gradio pages."""
    from ui.pages import mount_pages  # Gradio takes seconds to import, and the API does without it

    app = create_api(services)
    return mount_pages(app, app.state.services)


def create_api(services: "Services") -> FastAPI:
    """The API and the static files, without the Gradio pages. Raises `ValueError` for a bad setting.

    `app.state.services` are the services with answers counted; `app.state.limits` the limits, for pages to keep too.
    """
    settings = services.settings
    origins = parse_origins(settings.embed_origins)
    metrics = Metrics()
    assistant: Any = MeasuredAssistant(services.assistant, metrics)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await to_thread.run_sync(services.start)
        try:
            yield
        finally:
            await to_thread.run_sync(services.close)

    app: FastAPI = FastAPIOffline(
        title=f"{services.salon.name}: assistant",
        description=_DESCRIPTION,
        version="1",
        redoc_url=None,
        static_url="/docs/static",
        lifespan=lifespan,
        middleware=[
            Middleware(RequestMetrics, metrics=metrics),
            Middleware(SecurityHeaders, embed_origins=origins),
            # Before the next one, which would tell the sites that embed the chat that they may read staff pages.
            Middleware(StaffGuard, sessions=services.staff_sessions),
            # Always there, even with no origin: without it Gradio would answer any origin, credentials included.
            Middleware(
                CORSMiddleware,
                allow_origins=origins,
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["Retry-After", "Receipt"],
            ),
            Middleware(BodyLimit, limit_of=body_limit_of),
            Middleware(problems.CatchUnexpected),
        ],
    )
    app.state.services = dataclasses.replace(services, assistant=assistant)
    app.state.metrics = metrics
    pause_of = Pressure(services.dialogs).pause_of
    app.state.limits = Limits(*_rates(settings), pause_of=pause_of, rejected=metrics.observe_limited)
    app.state.proxies = TrustedProxies(settings.trusted_proxies)
    problems.install(app)
    app.include_router(health.router)
    for routes in (salon, sessions, visitors, chat, callbacks):
        app.include_router(routes.router, responses=PROBLEM_RESPONSES)
    app.include_router(openai.router)
    _add_files(app)
    return app


def _rates(settings: "Settings") -> tuple[int | None, int | None]:
    """Messages a minute and session, requests a minute and address; who sets the first to off means both."""
    if settings.rate_limit is None and "address_rate_limit" not in settings.model_fields_set:
        return None, None
    return settings.rate_limit, settings.address_rate_limit


def _add_files(app: FastAPI) -> None:
    widget = StaticFiles(directory=ASSETS / "widget", check_dir=False)

    @app.get("/", include_in_schema=False)
    async def site() -> Response:
        return FileResponse(ASSETS / "site" / "index.html")

    @app.get("/widget.js", include_in_schema=False)
    async def widget_script(request: Request) -> Response:
        response = await widget.get_response("widget.js", request.scope)
        response.headers["Cache-Control"] = f"public, max-age={_WIDGET_SECONDS}"
        return response

    app.mount("/site", StaticFiles(directory=ASSETS / "site", check_dir=False))
    app.mount("/static", StaticFiles(directory=ASSETS / "static", check_dir=False))
