"""The back office in tests: its people, and how they log in, by HTTP and in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from stores.accounts import Accounts
from stores.database import writing
from stores.office import AccountRow, AuditRow, LoginAttemptRow, SetupLinkRow, StaffSessionRow
from tests.e2e.site import Site

PASSWORD = "correct horse battery"
ADMIN, STAFF = "anna", "ivan"
_ROWS = (StaffSessionRow, LoginAttemptRow, SetupLinkRow, AccountRow, AuditRow)


@contextmanager
def people(site: Site) -> Iterator[Site]:
    """Anna, an admin, and Ivan, of the staff, with an empty audit log; nobody is left afterwards."""
    _clear(site)
    accounts: Accounts = site.services.accounts
    accounts.add_ready(ADMIN, "admin", PASSWORD)
    accounts.add_ready(STAFF, "staff", PASSWORD)
    try:
        yield site
    finally:
        _clear(site)


def _clear(site: Site) -> None:
    with writing(site.services.engine) as session:
        for row in _ROWS:
            session.execute(delete(row))


def client_of(site: Site, name: str | None = None) -> httpx.Client:
    """A program that speaks to the site, logged in as `name`."""
    client = httpx.Client(
        base_url=site.url,
        timeout=60,
        trust_env=False,
        headers={"accept-language": "ru"},
        limits=httpx.Limits(max_keepalive_connections=0),  # nobody has to close it
    )
    if name is not None:
        response = client.post("/staff/login", data={"name": name, "password": PASSWORD})
        assert response.status_code == 303, response.text
    return client


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the form of the log-in that the page shows, and send it."""
    page.get_by_label("Имя учётной записи").fill(name)
    page.get_by_label("Пароль", exact=True).fill(password)
    page.get_by_role("button", name="Войти").click()


def shown(page: Page, title: str) -> None:
    """Wait until the page of this title is there."""
    expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
