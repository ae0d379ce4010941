"""Every staff page and every call of it, as nobody, as a customer, as staff and as admin: also those added later."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, Route

from tests.e2e.office import ADMIN, STAFF, client_of
from tests.e2e.site import Site
from ui.auth import PUBLIC, ROOT
from ui.pages.staff import PAGES
from ui.pages.staff.shell import StaffDoor

HTML = {"accept": "text/html,application/xhtml+xml"}
SESSION = "s3ss10n"
GETS = (
    "/config",
    "/theme.css",
    "/static/img/logo.svg",
    "/gradio_api/app_id",
    "/gradio_api/startup-events",
    f"/gradio_api/queue/data?session_hash={SESSION}",
    f"/gradio_api/heartbeat/{SESSION}",
    "/gradio_api/info",
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/user",
    "/monitoring",
)
POSTS = ("upload", "cancel", "reset", "component_server", "api/load", "call/load", "process_recording")


@pytest.fixture
def outsiders(office: Site) -> list[httpx.Client]:
    """Nobody; a customer with a dialog, who tries its names as cookies and as keys; somebody with a made-up cookie."""
    customer, liar = client_of(office), client_of(office)
    session = customer.post("/api/sessions", json={"consent": True, "remember": True}).json()
    for name in ("staff", "__Host-staff", "session", "access-token"):
        customer.cookies.set(name, session["session_id"])
        liar.cookies.set(name, "x' OR '1'='1")
    customer.headers["authorization"] = f"Bearer {session['session_id']}"
    return [client_of(office), customer, liar]


def routes_of(app: Any) -> list[Route]:
    """The routes of an application, those of the routers that it includes among them."""
    found = [context.original_route for context in iter_route_contexts(app.routes)]
    return [route for route in found if isinstance(route, Route)]


def status_of(client: httpx.Client, method: str, path: str, **more: Any) -> int:
    """The status alone: some answers are streams that do not end."""
    with client.stream(method, path, **more) as response:
        return response.status_code


def calls_of(path: str, config: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """All that a browser could ask of a page."""
    for get in GETS:
        yield "GET", path + get, {}
    for post in POSTS:
        yield "POST", f"{path}/gradio_api/{post}", {"json": {"session_hash": SESSION}}
    for event in config["dependencies"]:
        body = {"data": [None] * len(event["inputs"]), "fn_index": event["id"], "session_hash": SESSION}
        for door in ("run/predict", "queue/join"):
            yield "POST", f"{path}/gradio_api/{door}", {"json": body}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.rpartition("/")[2])
def test_a_page_and_its_calls_are_open_to_its_role_alone(
    office: Site, outsiders: list[httpx.Client], page: Any
) -> None:
    admin, staff = client_of(office, ADMIN), client_of(office, STAFF)
    config = admin.get(f"{page.path}/config").json()
    assert config["dependencies"], "a page that does nothing"
    calls = list(calls_of(page.path, config))

    for client in outsiders:
        shown = client.get(f"{page.path}/", headers=HTML)
        assert (shown.status_code, shown.headers["location"][:18]) == (303, "/staff/login?next=")
        for method, path, more in calls:
            assert status_of(client, method, path, **more) == 401, (method, path)

    allowed = 200 if page.role == "staff" else 403
    assert staff.get(f"{page.path}/", headers=HTML).status_code == allowed
    assert staff.get(f"{page.path}/config").status_code == allowed
    if page.role == "admin":
        for method, path, more in calls:
            assert status_of(staff, method, path, **more) == 403, (method, path)

    document = admin.get(f"{page.path}/", headers=HTML)
    assert document.status_code == 200
    assert document.headers["cache-control"] == "no-store"
    assert document.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert 'aria-current="page"' in document.text
    assert admin.get(page.path).headers["location"] == f"{page.path}/"
    # Documents of a page's own must not stand in the way of its parts.
    assert "html" not in admin.get(f"{page.path}/theme.css").headers["content-type"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.rpartition("/")[2])
def test_of_gradios_own_calls_those_that_no_page_needs_are_closed_to_everybody(
    office: Site, page: Any
) -> None:
    mount = next(route for route in office.app.routes if isinstance(route, Mount) and route.path == page.path)
    assert isinstance(mount.app, StaffDoor)
    inner = mount.app.pages["ru"].app
    admin, needed = (
        client_of(office, ADMIN),
        ("queue/join", "queue/data", "run/{api_name}", "heartbeat/", "app_id"),
    )
    closed = [
        (method, route.path)
        for route in routes_of(inner)
        for method in route.methods or ()
        if "gradio_api" in route.path
        and not any(part in route.path for part in (*needed, "startup", "theme"))
    ]
    assert len(closed) > 30
    for method, path in closed:
        address = page.path + path.replace("{", "").replace("}", "").replace(":path", "")
        assert status_of(admin, method, address) == 404, (method, path)


def test_every_other_route_of_the_back_office_needs_a_log_in(
    office: Site, outsiders: list[httpx.Client]
) -> None:
    routes = [
        (method, "/".join("1" if part.startswith("{") else part for part in route.path.split("/")))
        for route in routes_of(office.app)
        if route.path.startswith(ROOT)
        for method in route.methods or ()
    ]
    assert len(routes) > 8
    staff, pages = client_of(office, STAFF), {page.path: page.role for page in PAGES}
    for method, path in routes:
        admins = any(path.startswith(page) and role == "admin" for page, role in pages.items())
        for client in outsiders:
            status = status_of(client, method, path)
            if PUBLIC.fullmatch(path):
                assert status in (200, 303, 401, 410), path
            else:
                assert status == 401, (method, path)
        if path != f"{ROOT}/logout":
            assert (status_of(staff, method, path) == 403) == admins, (method, path)
    assert status_of(staff, "POST", f"{ROOT}/logout") == 303
    assert staff.get(ROOT).status_code == 401


def test_another_persons_gradio_session_cannot_be_read_or_spoken_for(office: Site) -> None:
    page = "/staff/audit"  # its first call needs nothing
    anna, other = client_of(office, ADMIN), client_of(office, ADMIN)
    body = {"data": [], "fn_index": 0, "session_hash": "annas"}
    event = f"{page}/gradio_api"
    assert anna.post(f"{event}/run/predict", json=body).status_code == 200
    for method, path, more in (
        ("GET", f"{event}/queue/data?session_hash=annas", {}),
        ("GET", f"{event}/queue/data?session_hash=mine&session_hash=annas", {}),
        ("GET", f"{event}/queue/data", {}),
        ("GET", f"{event}/heartbeat/annas", {}),
        ("POST", f"{event}/run/predict", {"json": body}),
        ("POST", f"{event}/queue/join", {"json": body}),
        ("POST", f"{event}/queue/join", {"json": body | {"session_hash": None}}),
        ("POST", f"{event}/queue/join", {"content": b"[1]"}),
        ("POST", f"{event}/queue/join", {"content": b"\xff{"}),
    ):
        assert status_of(other, method, path, **more) == 403, path
    assert anna.post(f"{event}/run/predict", json=body).status_code == 200


def test_calls_of_another_site_are_turned_away_from_every_page(office: Site) -> None:
    admin = client_of(office, ADMIN)
    for page in PAGES:
        for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "same-site"}):
            for method, path in (
                ("POST", "/gradio_api/run/predict"),
                ("POST", "/gradio_api/queue/join"),
                ("GET", "/config"),
            ):
                assert status_of(admin, method, page.path + path, headers=headers) == 403, (page.path, path)
