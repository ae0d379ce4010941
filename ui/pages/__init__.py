"""The pages that people see: the visitor's chat and the documents it links to."""

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from chains.reply import Language
from ui.http.headers import parse_origins
from ui.http.languages import language_of_request
from ui.http.routes.staff_login import Entrance, staff_routes
from ui.pages.chat import build_chat
from ui.pages.doors import Doors
from ui.pages.frame import Framed, Head
from ui.pages.mounting import building, mount
from ui.pages.staff import PAGES
from ui.pages.staff.overview import add_report
from ui.pages.staff.receipts import add_acts
from ui.pages.staff.shell import Shell
from ui.pages.staff.shell import mount_pages as mount_office
from ui.pages.staff.waiting import Waiting
from ui.pages.texts import LANGUAGES, load_texts
from ui.pages.visits import Visits

if TYPE_CHECKING:
    from services import Services

ASSETS = Path(__file__).resolve().parents[2] / "assets"


def mount_pages(app: FastAPI, services: "Services") -> FastAPI:
    """Add the chat to the application: `/chat` leads to it in the visitor's language, `/consent` to the consent.

    `app.state` holds the limits and proxies that the pages keep to, as `ui.web.create_api` sets them.
    """
    doors = Doors(app)
    origins = parse_origins(services.settings.embed_origins)
    visits: dict[Language, Visits] = {}
    _add_documents(app, visits)
    for language in LANGUAGES:
        texts = load_texts(ASSETS, language)
        visits[language] = Visits(services, texts)
        path = f"/chat/{language}"
        with building():
            blocks = build_chat(services, texts, doors)
        app, mounted = mount(app, blocks, path)
        head = Head(
            language,
            texts("page.title", name=services.salon.name),
            texts("page.description", name=services.salon.name),
            origins,
        )
        mounted.app = Framed(mounted.app, path=path, head=head)
    return mount_staff(app, services)


def mount_staff(app: FastAPI, services: "Services") -> FastAPI:
    """Add the back office: the log-in and the pages behind it, as `ui.auth.StaffGuard` lets people in."""
    shell = Shell(services.salon.name, PAGES)
    entrance = Entrance(services, shell, Waiting(services))
    app.state.refuse_staff = entrance.refuse
    app.include_router(staff_routes(entrance))
    add_report(app, services, shell)
    add_acts(app, services, shell)
    return mount_office(app, services, shell)


def _add_documents(app: FastAPI, visits: dict[Language, Visits]) -> None:
    @app.get("/chat", include_in_schema=False)
    @app.get("/chat/", include_in_schema=False)
    async def chat(request: Request) -> Response:
        """The chat in the language asked for by `?lang=`, else by the browser."""
        wanted = request.query_params.get("lang")
        language = wanted if wanted in visits else language_of_request(request)
        return RedirectResponse(f"/chat/{language}/", status_code=307, headers={"Vary": "Accept-Language"})

    @app.get("/consent", include_in_schema=False)
    async def consent(request: Request) -> Response:
        """The consent in the browser's language."""
        return RedirectResponse(
            f"/consent/{language_of_request(request)}", headers={"Vary": "Accept-Language"}
        )

    @app.get("/consent/{language}", include_in_schema=False)
    def consent_in(language: Language) -> HTMLResponse:
        """The consent in force, as a document of its own."""
        return HTMLResponse(visits[language].consent_page())
