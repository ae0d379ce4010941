"""For everybody: no serious finding of axe, the keyboard alone is enough, nothing moves for who does not want it."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, expect

from chains.reply import Notice, Source
from tests.e2e.chat import ask, begin, consent, log, message_box, say
from tests.e2e.conftest import DESKTOP, PHONE, Visit
from tests.e2e.site import Site

LIGHT: dict[str, Any] = {"color_scheme": "light"}
DARK: dict[str, Any] = {"color_scheme": "dark"}

WIDEST = """Math.max(...[...document.querySelectorAll('#shell *')]
  .filter(element => element.getClientRects().length && !element.closest('.vh'))
  .map(element => element.getBoundingClientRect().right))"""
OUTLINE = """() => {
  const style = getComputedStyle(document.activeElement);
  return [style.outlineStyle, parseFloat(style.outlineWidth)];
}"""


def findings(at: Page | Frame) -> list[str]:
    """What axe finds serious or critical, contrast by WCAG AA among it."""
    violations = Axe().run(at).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def test_the_check_finds_what_is_wrong(visit: Visit) -> None:
    page = visit("/consent/ru")
    page.evaluate("""document.body.insertAdjacentHTML('beforeend',
      '<p style="color:#999;background:#fff">pale</p><button></button>')""")
    assert {finding.split(":")[0] for finding in findings(page)} == {"color-contrast", "button-name"}


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_site_and_the_open_widget_are_accessible(visit: Visit, size: tuple[int, int]) -> None:
    page = visit("/", size=size)
    expect(page.locator(".launcher")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Задать вопрос").click()
    chat = page.frame_locator("iframe")
    expect(chat.get_by_role("heading", name="Здравствуйте!")).to_be_visible()
    expect(page.locator(".wait")).not_to_be_visible()
    assert findings(page) == []
    assert findings(page.frames[1]) == []


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_view_of_the_chat_is_accessible(visit: Visit, site: Site, scheme: dict[str, Any]) -> None:
    page = visit("/chat", size=PHONE, **scheme)
    page.locator("summary").click()
    page.get_by_role("button", name="Спросить ассистента").click()
    expect(page.get_by_role("alert").filter(has_text="отметьте")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("checkbox", name="Запомнить меня").check()
    begin(page)
    expect(page.get_by_text("Я запомню, что вы ищете")).to_be_visible()
    assert findings(page) == []
    ask(page, "Какие кроссоверы есть до 8 миллионов?")
    expect(page.get_by_text("Я помню: ")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Оставить номер").click()
    page.get_by_role("button", name="Жду звонка").click()
    expect(page.get_by_role("alert").filter(has_text="укажите имя")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Назад к чату").click()
    page.get_by_role("button", name="Забыть этот чат").click()
    expect(page.get_by_role("heading", name="Удалить этот чат?")).to_be_focused()
    assert findings(page) == []
    page.get_by_role("button", name="Нет, оставить").click()
    page.get_by_role("button", name="Завершить диалог").click()
    page.get_by_role("radio", name="8").first.check()
    assert findings(page) == []
    page.get_by_role("button", name="Отправить оценку").click()
    expect(page.get_by_role("heading", name="Диалог завершён")).to_be_focused()
    assert findings(page) == []


def test_the_notice_the_failure_and_the_sources_are_accessible(visit: Visit, site: Site) -> None:
    page = visit("/chat")
    begin(page)
    site.script(words=(), error=RuntimeError("no"))
    ask(page, "Первый")
    source = Source(kind="wiki", title="CLS", ref="w", url="https://wiki.example/cls")
    script = site.script(notice=Notice("Подождите", offer_callback=True), sources=(source,))
    say(page, "Второй")
    expect(log(page)).to_contain_text("Подождите")
    assert findings(page) == []
    script.go.set()
    expect(log(page)).to_contain_text("Готово.")
    assert findings(page) == []


def test_the_consent_is_accessible(visit: Visit) -> None:
    assert findings(visit("/consent/ru")) == []


def test_the_keyboard_alone_leads_from_the_site_to_the_rating(visit: Visit, site: Site) -> None:
    site.script()
    page = visit("/")
    expect(page.locator(".launcher")).to_be_visible()

    def tab_to(name: str, limit: int = 40) -> None:
        for _ in range(limit):
            page.keyboard.press("Tab")
            if name in focused(page):
                return
        raise AssertionError(f"{name!r} is not reached by Tab; the focus is on {focused(page)!r}")

    tab_to("Задать вопрос")
    page.keyboard.press("Enter")
    expect(page.frame_locator("iframe").get_by_role("heading", name="Здравствуйте!")).to_be_focused()
    tab_to("Я прочитал(а)")
    page.keyboard.press("Space")
    tab_to("Спросить ассистента")
    page.keyboard.press("Enter")
    chat = page.frame_locator("iframe")
    expect(message_box(chat)).to_be_focused()
    page.keyboard.type("Есть ли седаны?")
    page.keyboard.press("Enter")
    expect(log(chat)).to_contain_text("Готово.")
    expect(message_box(chat)).to_be_focused()
    tab_to("Завершить диалог")
    page.keyboard.press("Enter")
    expect(chat.get_by_role("heading", name="Спасибо за разговор!")).to_be_focused()
    page.keyboard.press("Tab")
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    expect(chat.get_by_role("radio", name="10").first).to_be_checked()
    tab_to("Отправить оценку")
    page.keyboard.press("Enter")
    expect(chat.get_by_text("Спасибо, оценка сохранена.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".launcher")).to_be_focused()


def focused(page: Page) -> str:
    """What has the focus, in words, through shadow roots and frames."""
    script = """() => {
      let at = document.activeElement;
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
      const label = at?.closest?.('label');
      return at?.tagName === 'IFRAME' ? 'IFRAME' : at?.getAttribute?.('aria-label') || (label || at)?.textContent || '';
    }"""
    for frame in page.frames:
        name: str = frame.evaluate(script)
        if name != "IFRAME" and frame.evaluate("document.hasFocus()") and (frame is page.main_frame or name):
            return name
    return ""


@pytest.mark.parametrize("path", ["/", "/chat", "/consent/ru"])
def test_a_narrow_phone_needs_no_sideways_scrolling(visit: Visit, path: str) -> None:
    page = visit(path, size=(320, 640))
    expect(page.locator("h1, .launcher, #opening-title").last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_every_view_fits_a_phone(visit: Visit, site: Site) -> None:
    page = visit("/chat", size=PHONE)
    expect(consent(page)).to_be_visible()
    assert page.evaluate(WIDEST) <= PHONE[0]
    begin(page)
    assert page.evaluate(WIDEST) <= PHONE[0]
    ask(page, "Какие кроссоверы есть до 8 миллионов?")
    assert page.evaluate(WIDEST) <= PHONE[0]
    page.get_by_role("button", name="Завершить диалог").click()
    expect(page.get_by_role("heading", name="Спасибо за разговор!")).to_be_visible()
    assert page.evaluate(WIDEST) <= PHONE[0]


def test_a_screen_reader_is_told_of_answers_as_they_come(visit: Visit, site: Site) -> None:
    site.script(words=("Первое предложение. ", "Второе предложение."))
    page = visit("/chat")
    begin(page)
    expect(log(page)).to_have_attribute("aria-live", "polite")
    page.evaluate("""() => {
      window.removed = [];
      new MutationObserver(changes => changes.forEach(change => change.removedNodes.forEach(node =>
        node.className?.includes?.('turn') && window.removed.push(node.textContent)
      ))).observe(document.getElementById('salon-log'), {childList: true, subtree: true});
    }""")
    ask(page, "Раз")
    ask(page, "Два")
    # What was said once stays where it is: a log that is rebuilt would be read out from the beginning.
    assert page.evaluate("window.removed") == []


def test_who_wants_no_motion_gets_none(visit: Visit, site: Site) -> None:
    script = site.script(notice=Notice("Подождите"))
    page = visit("/chat", reduced_motion="reduce")
    begin(page)
    say(page, "Вопрос")
    dot = page.locator(".typing i").first
    expect(dot).to_be_visible()
    assert dot.evaluate("dot => getComputedStyle(dot).animationName") == "none"
    script.go.set()
    expect(log(page)).to_contain_text("Готово.")


def test_the_focus_is_always_seen(visit: Visit) -> None:
    page = visit("/chat")
    expect(consent(page)).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")
        outline = page.evaluate(OUTLINE)
        if page.evaluate("document.activeElement !== document.body"):
            assert outline[0] != "none"
            assert outline[1] >= 2
