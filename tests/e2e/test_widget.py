"""The widget on the salon's own site and on others: one line, a button, a frame, and nothing else."""

from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.e2e.chat import begin, log, message_box
from tests.e2e.conftest import DESKTOP, PHONE, Visit
from tests.e2e.site import Site


def button(page: Page, name: str = "Задать вопрос") -> None:
    page.get_by_role("button", name=name).click()


def opened(page: Page) -> FrameLocator:
    """The chat, once it has come up in the frame."""
    chat = page.frame_locator("iframe")
    expect(chat.get_by_role("heading", level=2)).to_be_visible()
    return chat


def put_page(folder: Path, site: Site, attributes: str = "") -> str:
    """A page of another company with the one line; gives its path."""
    line = f"<script src='{site.url}/widget.js' async {attributes}></script>"
    html = f"<!doctype html><meta charset=utf-8><title>Дилер</title><h1>Дилер</h1>{line}"
    (folder / "dealer.html").write_text(html, encoding="utf-8")
    return "/dealer.html"


def test_the_button_tells_whether_the_chat_is_open(visit: Visit) -> None:
    page = visit("/")
    launcher = page.locator(".launcher")
    expect(launcher).to_have_attribute("aria-expanded", "false")
    box = launcher.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] > DESKTOP[0] - 40
    assert box["y"] + box["height"] > DESKTOP[1] - 40
    button(page)
    expect(launcher).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("dialog", name="Чат с ассистентом салона")).to_be_visible()
    opened(page)
    button(page, "Закрыть чат")
    expect(launcher).to_have_attribute("aria-expanded", "false")
    expect(page.locator("iframe")).not_to_be_visible()


def test_nothing_is_loaded_before_the_chat_is_opened(visit: Visit) -> None:
    page = visit("/")
    expect(page.locator(".launcher")).to_be_visible()
    assert len(page.frames) == 1


def test_escape_in_the_chat_closes_it_and_gives_the_focus_back(visit: Visit) -> None:
    page = visit("/")
    button(page)
    chat = opened(page)
    begin(chat)
    message_box(chat).press("Escape")
    expect(page.locator("iframe")).not_to_be_visible()
    expect(page.locator(".launcher")).to_be_focused()
    page.keyboard.press("Enter")
    expect(message_box(chat)).to_be_focused()


def test_the_page_can_open_close_and_say_the_first_words(visit: Visit, site: Site) -> None:
    script = site.script()
    page = visit("/")
    page.wait_for_function("window.SalonChat")
    page.evaluate("SalonChat.open()")
    chat = opened(page)
    page.evaluate("SalonChat.close()")
    expect(page.locator("iframe")).not_to_be_visible()
    page.evaluate("SalonChat.send('Есть ли <b>кабриолеты</b>?')")
    begin(chat)
    expect(log(chat)).to_contain_text("Готово.")
    assert script.asked == ["Есть ли <b>кабриолеты</b>?"]
    page.evaluate("SalonChat.send('А купе?')")
    expect(chat.locator(".turn.assistant")).to_have_count(3)
    assert script.asked[1:] == ["А купе?"]


def test_a_tile_of_the_site_asks_its_question(visit: Visit, site: Site) -> None:
    script = site.script()
    page = visit("/")
    page.wait_for_function("window.SalonChat")
    page.get_by_role("button", name="Кроссоверы").click()
    chat = opened(page)
    begin(chat)
    expect(log(chat)).to_contain_text("Готово.")
    assert script.asked == ["Какие кроссоверы есть в наличии?"]


def test_on_a_phone_the_chat_fills_the_screen(visit: Visit) -> None:
    page = visit("/", size=PHONE)
    button(page)
    chat = opened(page)
    box = page.get_by_role("dialog").bounding_box()
    assert box == {"x": 0, "y": 0, "width": PHONE[0], "height": PHONE[1]}
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") == "hidden"
    chat.get_by_role("button", name="Закрыть чат").click()
    expect(page.locator(".launcher")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") != "hidden"


def test_the_line_takes_language_and_corner(
    visit: Visit, site: Site, foreign_folder: Path, foreign_port: int
) -> None:
    path = put_page(foreign_folder, site, "data-language='en' data-position='left'")
    page = visit(f"http://127.0.0.1:{foreign_port}{path}")
    box = page.get_by_role("button", name="Ask a question").bounding_box()
    assert box is not None
    assert box["x"] < 40
    button(page, "Ask a question")
    expect(page.frame_locator("iframe").get_by_role("heading", name="Hello!")).to_be_visible()


def test_another_company_that_is_allowed_embeds_the_whole_chat(
    visit: Visit, site: Site, foreign_folder: Path, foreign_port: int
) -> None:
    script = site.script()
    page = visit(f"http://127.0.0.1:{foreign_port}{put_page(foreign_folder, site)}")
    page.wait_for_function("window.SalonChat")
    page.evaluate("SalonChat.send('Привет')")
    chat = opened(page)
    begin(chat)
    expect(log(chat)).to_contain_text("Готово.")
    assert script.asked == ["Привет"]
    message_box(chat).press("Escape")
    expect(page.locator("iframe")).not_to_be_visible()


def test_a_company_that_is_not_allowed_gets_no_chat_but_can_close_the_panel(
    browser_errors_expected: None, visit: Visit, site: Site, foreign_folder: Path, foreign_port: int
) -> None:
    page = visit(f"http://localhost:{foreign_port}{put_page(foreign_folder, site)}")
    button(page)
    expect(page.get_by_role("dialog").get_by_text("Загружаем чат")).to_be_visible()
    page.wait_for_timeout(2000)
    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_count(0)
    page.get_by_role("dialog").get_by_role("button", name="Закрыть чат").click()
    expect(page.locator(".launcher")).to_be_focused()


@pytest.mark.parametrize(
    "message", ["{salonChat: 'close'}", "'close'", "null", "{salonChat: 'send', text: 'я'}"]
)
def test_messages_from_anybody_but_the_frame_are_ignored(visit: Visit, site: Site, message: str) -> None:
    script = site.script()
    page = visit("/")
    button(page)
    chat = opened(page)
    begin(chat)
    page.evaluate(f"window.postMessage({message}, '*')")
    page.frames[1].evaluate(f"window.postMessage({message}, '*')")
    page.wait_for_timeout(300)
    expect(message_box(chat)).to_be_visible()
    assert script.asked == []
