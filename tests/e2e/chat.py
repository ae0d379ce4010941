"""What a visitor does in the chat, in the words of a test; `at` is the page, or the frame that holds the chat."""

from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

At = Page | Frame | FrameLocator


def begin(at: At) -> None:
    """Give consent and ask the assistant."""
    consent(at).check()
    at.get_by_role("button", name="Спросить ассистента").click()
    expect(message_box(at)).to_be_visible()


def consent(at: At) -> Locator:
    return at.get_by_role("checkbox", name="даю согласие на обработку персональных данных")


def message_box(at: At) -> Locator:
    return at.get_by_role("textbox", name="Ваш вопрос")


def log(at: At) -> Locator:
    return at.get_by_role("log")


def say(at: At, text: str) -> None:
    """Type a message and send it by the Enter key."""
    box = message_box(at)
    box.fill(text)
    box.press("Enter")
    expect(log(at)).to_contain_text(text.strip().splitlines()[0])


def ask(at: At, text: str) -> Locator:
    """Ask, wait for the whole answer, and give its bubble with cards and sources."""
    answers = at.locator(".turn.assistant")
    before = answers.count()
    say(at, text)
    expect(answers).to_have_count(before + 1)
    expect(at.locator(".typing")).to_have_count(0)
    return answers.last


def chips(answer: Locator) -> Locator:
    return answer.get_by_role("list", name="Источники ответа").get_by_role("listitem")


def cards(answer: Locator) -> Locator:
    return answer.get_by_role("list", name="Подходящие автомобили").get_by_role("listitem")
