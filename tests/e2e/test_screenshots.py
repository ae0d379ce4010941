"""The pictures of the README, taken anew by `make screenshots`: a person looks at them, no program can."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from settings import ROOT
from tests.e2e.chat import ask, begin, chips
from tests.e2e.conftest import DESKTOP, PHONE, Visit

pytestmark = pytest.mark.slow
IMAGES = ROOT / "docs" / "images"
SHARP = {"device_scale_factor": 1.5, "color_scheme": "light"}


@pytest.fixture
def images() -> Path:
    IMAGES.mkdir(parents=True, exist_ok=True)
    return IMAGES


@pytest.mark.parametrize("name,size", [("desktop", DESKTOP), ("phone", PHONE)])
def test_screenshots_of_site_and_chat(visit: Visit, images: Path, name: str, size: tuple[int, int]) -> None:
    page = visit("/", size=size, **SHARP)
    expect(page.get_by_text("Салон сейчас")).to_be_visible()
    expect(page.locator(".launcher")).to_be_visible()
    page.screenshot(path=images / f"site-{name}.png")
    page.get_by_role("button", name="Задать вопрос").click()
    chat = page.frame_locator("iframe")
    expect(chat.get_by_role("heading", name="Здравствуйте!")).to_be_visible()
    expect(page.locator(".wait")).not_to_be_visible()
    page.wait_for_timeout(500)
    page.screenshot(path=images / f"opening-{name}.png")
    begin(chat)
    answer = ask(chat, "Какие кроссоверы есть до 8 миллионов?")
    expect(chips(answer)).not_to_have_count(0)
    page.mouse.move(5, 5)
    page.wait_for_timeout(500)
    page.screenshot(path=images / f"chat-{name}.png")


def test_screenshots_of_the_whole_page(visit: Visit, images: Path) -> None:
    page = visit("/chat", **SHARP)
    begin(page)
    ask(page, "Какие кроссоверы есть до 8 миллионов?")
    page.mouse.move(5, 5)
    page.wait_for_timeout(500)
    page.screenshot(path=images / "chat-page.png")
