"""A real browser on a real server. Without a browser these tests are skipped, or fail with SALON_REQUIRE_BROWSER=1."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.e2e.office import log_in, people
from tests.e2e.site import Site, foreign_site, real_site

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 40_000
DESKTOP, PHONE = (1280, 800), (390, 844)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the machine's Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        reason = "no Chromium on this machine: the pages were not tried in a browser"
        if os.environ.get("SALON_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser a module: longer, its loop would get in the way of asynchronous tests."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def foreign_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of another company's site; a test puts its page here."""
    return tmp_path_factory.mktemp("foreign")


@pytest.fixture(scope="session")
def foreign_port(chromium: str, foreign_folder: Path) -> Iterator[int]:
    """That site: as 127.0.0.1 it may embed the chat, as localhost it may not."""
    with foreign_site(foreign_folder) as port:
        yield port


@pytest.fixture(scope="session")
def running_site(foreign_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    origins = [f"http://127.0.0.1:{foreign_port}"]
    with real_site(tmp_path_factory.mktemp("data"), embed_origins=origins) as site:
        yield site


@pytest.fixture
def site(running_site: Site) -> Iterator[Site]:
    """The sample salon's site, on Monday at noon."""
    running_site.reset()
    yield running_site
    running_site.reset()


@dataclass
class Watch:
    """What a browser should not have done."""

    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    may_refuse: bool = False

    def request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about"):
            self.hosts.add(parts.netloc)

    def console(self, message: ConsoleMessage) -> None:
        if (
            not self.may_refuse
            and message.type == "error"
            and ("Refused" in message.text or "Security Policy" in message.text)
        ):
            self.errors.append(message.text)


Visit = Callable[..., Page]
Enter = Callable[..., Page]


@dataclass
class Contexts:
    """One profile for each kind of browser, so that the pages' scripts are fetched once; emptied after each test."""

    browser: Browser
    opened: dict[tuple[object, ...], BrowserContext] = field(default_factory=dict)

    def get(self, language: str, options: dict[str, Any]) -> BrowserContext:
        key = (language, *sorted(options.items()))
        if key not in self.opened:
            self.opened[key] = self.browser.new_context(locale=language, **options)
            self.opened[key].set_default_timeout(PATIENCE_MS)
        return self.opened[key]

    def empty(self) -> None:
        for context in self.opened.values():
            for page in context.pages:
                for frame in page.frames:
                    # An event under way may still keep its session: then the next test would begin in mid-dialog.
                    frame.evaluate(
                        "try { localStorage.clear(); Storage.prototype.setItem = () => {} } catch {}"
                    )
                page.close()


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Contexts:
    return Contexts(browser)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def browser_errors_expected(watch: Watch) -> None:
    """For a test in which the browser is meant to refuse something."""
    watch.may_refuse = True


@pytest.fixture
def visit(contexts: Contexts, site: Site, foreign_port: int, watch: Watch) -> Iterator[Visit]:
    """Opens a page for a new visitor: `visit("/chat", size=PHONE, language="en-US")`.

    When the test is over, no page may have asked another host for anything, failed in a script or set a cookie.
    """

    def open_page(
        path: str, *, size: tuple[int, int] = DESKTOP, language: str = "ru-RU", **options: Any
    ) -> Page:
        page = contexts.get(language, options).new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.on("request", watch.request)
        page.on("console", watch.console)
        page.on("pageerror", lambda error: watch.errors.append(str(error)))
        page.goto(path if path.startswith("http") else site.url + path)
        return page

    yield open_page
    cookies = [cookie for context in contexts.opened.values() for cookie in context.cookies()]
    contexts.empty()
    own = {urlsplit(site.url).netloc, f"127.0.0.1:{foreign_port}", f"localhost:{foreign_port}"}
    assert watch.hosts <= own, "a request left for another host"
    assert cookies == []
    assert watch.errors == []


@pytest.fixture
def office(site: Site) -> Iterator[Site]:
    with people(site) as opened:
        yield opened


@pytest.fixture
def enter(browser: Browser, office: Site, watch: Watch) -> Iterator[Enter]:
    """Opens a page of the back office in a browser of its own: `enter("/staff", ADMIN)` logs in on the way.

    When the test is over, no page may have asked another host for anything or failed in a script.
    """
    contexts: list[BrowserContext] = []

    def open_page(path: str, name: str = "", *, size: tuple[int, int] = DESKTOP) -> Page:
        context = browser.new_context(locale="ru-RU", viewport={"width": size[0], "height": size[1]})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("request", watch.request)
        page.on("console", watch.console)
        page.on("pageerror", lambda error: watch.errors.append(str(error)))
        page.goto(office.url + path)
        if name:
            log_in(page, name)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watch.hosts <= {urlsplit(office.url).netloc}
    assert watch.errors == []
