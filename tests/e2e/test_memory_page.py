"""What the chat page remembers of a visitor who ticked the box, seen through a real browser."""

from playwright.sync_api import Page, expect

from tests.e2e.chat import ask, begin, cards, consent, log
from tests.e2e.conftest import PHONE, Visit

BOX = "Запомнить меня на этом устройстве"


def remembered(page: Page) -> None:
    """Come as a visitor who wants to be remembered, and look for cars."""
    page.get_by_role("checkbox", name=BOX).check()
    begin(page)
    expect(page.get_by_text("Я запомню, что вы ищете")).to_be_visible()
    ask(page, "Покажите E-класс до 6 млн")
    expect(page.get_by_text("Я помню: E-класс, до 6 000 000 ₽")).to_be_visible()


def end(page: Page) -> None:
    page.get_by_role("button", name="Завершить диалог").click()
    page.get_by_role("button", name="Пропустить").click()
    page.get_by_role("button", name="Начать новый диалог").click()


def test_a_visitor_who_comes_back_is_greeted_with_what_they_looked_for(visit: Visit) -> None:
    page = visit("/chat")
    remembered(page)
    end(page)
    expect(page.get_by_text("Я помню: E-класс, до 6 000 000 ₽")).to_be_visible()
    expect(page.get_by_role("checkbox", name=BOX)).to_be_hidden()
    begin(page)
    expect(log(page)).to_contain_text("С возвращением! В прошлый раз вы смотрели: E-класс, до 6 000 000 ₽.")
    page.reload()
    expect(log(page)).to_contain_text("С возвращением!")
    page.get_by_role("button", name="Да, покажите").click()
    expect(cards(page.locator(".turn.assistant").last)).not_to_have_count(0)


def test_one_button_forgets_and_the_dialog_goes_on(visit: Visit) -> None:
    page = visit("/chat", size=PHONE)
    remembered(page)
    page.get_by_role("button", name="Забыть", exact=True).click()
    expect(page.get_by_text("Я помню")).to_be_hidden()
    assert page.evaluate("localStorage.getItem('salon-chat-visitor')") is None
    ask(page, "Какой у вас телефон?")
    page.reload()
    expect(log(page)).to_contain_text("E-класс")
    expect(page.get_by_text("Я помню")).to_be_hidden()


def test_a_message_forgets_too_and_so_does_the_browser(visit: Visit) -> None:
    page = visit("/chat")
    remembered(page)
    ask(page, "забудь меня")
    expect(log(page)).to_contain_text("удалено")
    expect(page.get_by_text("Я помню")).to_be_hidden()
    page.wait_for_function("localStorage.getItem('salon-chat-visitor') === null")
    end(page)
    expect(page.get_by_role("checkbox", name=BOX)).to_be_visible()


def test_nobody_is_remembered_without_the_box(visit: Visit) -> None:
    page = visit("/chat")
    consent(page).wait_for()
    begin(page)
    ask(page, "Покажите E-класс до 6 млн")
    expect(page.get_by_text("Я помню")).to_be_hidden()
    assert page.evaluate("localStorage.getItem('salon-chat-visitor')") is None
