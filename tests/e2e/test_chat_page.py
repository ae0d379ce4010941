"""The chat page in a real browser: from the opening card to the rating."""

import re

import pytest
from playwright.sync_api import Page, expect

from chains.reply import Notice, Source
from stores.errors import DialogNotFound
from stores.receipts import Receipts
from tests.e2e.chat import ask, begin, cards, chips, consent, log, message_box, say
from tests.e2e.conftest import DESKTOP, PATIENCE_MS, PHONE, Visit
from tests.e2e.site import MONDAY_NIGHT, Site
from ui.http.errors import RateLimited

WAIT = "Ваш запрос обрабатывается, ожидайте ответа"


def session_of(page: Page) -> str:
    session: str = page.evaluate("localStorage.getItem('salon-chat-session')")
    assert session
    return session


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_visitor_opens_the_widget_asks_twice_sees_cards_and_sources_and_rates(
    visit: Visit, site: Site, size: tuple[int, int]
) -> None:
    page = visit("/", size=size)
    page.get_by_role("button", name="Задать вопрос").click()
    chat = page.frame_locator("iframe")
    begin(chat)

    first = ask(chat, "Какие кроссоверы есть до 8 миллионов?")
    expect(cards(first)).to_have_count(5)
    card = cards(first).first
    expect(card.locator("strong")).not_to_be_empty()
    expect(card.locator(".card-price")).to_have_text(re.compile(r"^\d{1,2}(\s\d{3}){2}\s₽$"))
    expect(card.locator(".card-details")).to_contain_text(re.compile(r"20\d\d г\."))
    expect(card.locator(".card-details")).to_contain_text(re.compile(r"км|новый"))
    expect(card.get_by_role("link", name="Подробнее")).to_have_attribute("href", re.compile("^https?://"))
    expect(chips(first).first).to_contain_text("Наличие в салоне, данные на 2")

    second = ask(chat, "А белые?")
    expect(cards(second).first).to_contain_text("белый")
    for details in cards(second).locator(".card-details").all_inner_texts():
        assert "белый" in details
    expect(chips(second)).not_to_have_count(0)

    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size[0]
    inner = page.frames[1].evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert inner[0] <= inner[1]

    session = page.frames[1].evaluate("localStorage.getItem('salon-chat-session')")
    chat.get_by_role("button", name="Завершить диалог").click()
    chat.get_by_role("radiogroup", name="Насколько вы довольны").get_by_role("radio", name="9").check()
    chat.get_by_role("radiogroup", name="Порекомендуете ли").get_by_role("radio", name="10").check()
    chat.get_by_role("textbox", name="Комментарий").fill("Всё понятно")
    chat.get_by_role("button", name="Отправить оценку").click()
    expect(chat.get_by_text("Спасибо, оценка сохранена.")).to_be_visible()
    dialog = site.services.dialogs.get(session)
    assert dialog.ended_at is not None
    assert dialog.rated


def test_nothing_is_ticked_beforehand_and_without_consent_nothing_begins(visit: Visit) -> None:
    page = visit("/chat")
    expect(page.get_by_role("heading", name="Здравствуйте!")).to_be_visible()
    expect(consent(page)).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="Запомнить меня")).not_to_be_checked()
    page.get_by_role("button", name="Спросить ассистента").click()
    expect(page.get_by_role("alert").filter(has_text="отметьте согласие")).to_be_visible()
    expect(message_box(page)).not_to_be_visible()


def test_the_consent_is_a_document_of_its_own_and_its_version_is_kept(visit: Visit, site: Site) -> None:
    page = visit("/chat")
    version = site.services.consent("ru").version
    page.locator("summary").click()
    expect(page.get_by_text(f"Редакция {version}")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Открыть на отдельной странице").click()
    expect(opened.value.locator("body")).to_contain_text(f"Редакция {version}")
    assert "/consent/ru" in opened.value.url
    begin(page)
    page.wait_for_function("localStorage.getItem('salon-chat-session')")
    assert site.services.dialogs.get(session_of(page)).consent_version == version


def test_in_opening_hours_there_are_two_equal_choices_and_otherwise_the_assistant_alone(
    visit: Visit, site: Site
) -> None:
    page = visit("/chat")
    call, ask_it = (
        page.get_by_role("button", name=name) for name in ("Оставить номер", "Спросить ассистента")
    )
    expect(call).to_be_visible()
    looks = [
        button.evaluate("b => [b.offsetWidth, b.offsetHeight, getComputedStyle(b).backgroundColor]")
        for button in (call, ask_it)
    ]
    assert looks[0] == looks[1]
    expect(page.get_by_text("Салон открыт, сегодня до 21:00.")).to_be_visible()
    site.now[0] = MONDAY_NIGHT
    page.reload()
    expect(page.get_by_text("Откроется завтра в 09:00.")).to_be_visible()
    expect(call).not_to_be_visible()
    expect(ask_it).to_be_visible()


def test_a_starter_question_is_asked_by_one_click(visit: Visit, site: Site) -> None:
    script = site.script()
    page = visit("/chat")
    begin(page)
    page.get_by_role("button", name="Какие кроссоверы есть в наличии?").click()
    expect(log(page)).to_contain_text("Готово.")
    assert script.asked == ["Какие кроссоверы есть в наличии?"]
    expect(page.get_by_role("button", name="Как записаться на тест-драйв?")).not_to_be_visible()


def test_short_messages_sent_in_a_burst_are_answered_once(visit: Visit, site: Site) -> None:
    script = site.script()
    page = visit("/chat")
    begin(page)
    box = message_box(page)
    for text in ("Здравствуйте", "а есть", "C 180?"):
        box.press_sequentially(text)
        box.press("Enter")
    expect(page.locator(".turn.visitor")).to_have_count(3)
    expect(log(page)).to_contain_text("Готово.")
    assert script.asked == ["Здравствуйте\nа есть\nC 180?"]


def test_while_waiting_there_are_dots_then_a_notice_and_the_offer_of_a_call(visit: Visit, site: Site) -> None:
    script = site.script(notice=Notice(WAIT, offer_callback=True))
    page = visit("/chat")
    begin(page)
    say(page, "Вопрос")
    expect(page.locator(".typing")).to_be_visible()
    expect(log(page)).to_contain_text(WAIT)
    expect(page.locator("#offer-callback")).to_be_visible()
    script.go.set()
    expect(log(page)).to_contain_text("Готово.")
    expect(log(page)).not_to_contain_text(WAIT)
    expect(page.locator(".typing")).to_have_count(0)


def test_a_wrong_number_is_told_and_nothing_typed_is_lost(visit: Visit, site: Site) -> None:
    page = visit("/chat")
    consent(page).check()
    page.get_by_role("button", name="Оставить номер").click()
    page.get_by_role("textbox", name="Ваше имя").fill("Анна <b>")
    page.get_by_role("textbox", name="Телефон").fill("12-34")
    page.get_by_role("textbox", name="Комментарий").fill("После обеда")
    page.get_by_role("button", name="Жду звонка").click()
    expect(page.get_by_role("alert").filter(has_text="не похоже на номер")).to_be_visible()
    expect(page.get_by_role("textbox", name="Ваше имя")).to_have_value("Анна <b>")
    expect(page.get_by_role("textbox", name="Комментарий")).to_have_value("После обеда")
    page.get_by_role("textbox", name="Телефон").fill("8 (916) 123-45-67")
    page.get_by_role("button", name="Жду звонка").click()
    expect(log(page)).to_contain_text(
        "Спасибо, Анна <b>! Заявка принята: менеджер позвонит на номер +79161234567"
    )
    assert site.services.callbacks.exists_for(session_of(page))


def test_a_call_asked_for_after_closing_is_not_promised(visit: Visit, site: Site) -> None:
    page = visit("/chat")
    consent(page).check()
    page.get_by_role("button", name="Оставить номер").click()
    page.get_by_role("textbox", name="Ваше имя").fill("Анна")
    page.get_by_role("textbox", name="Телефон").fill("+7 916 123-45-67")
    site.now[0] = MONDAY_NIGHT
    page.get_by_role("button", name="Жду звонка").click()
    expect(page.get_by_role("alert").filter(has_text="Откроется завтра в 09:00")).to_be_visible()
    assert not site.services.callbacks.exists_for(session_of(page))


def test_a_failure_is_one_polite_sentence_and_the_question_stays(visit: Visit, site: Site) -> None:
    site.script(words=(), error=RuntimeError("secret reason"))
    page = visit("/chat")
    begin(page)
    answer = ask(page, "Сколько стоит E 200?")
    expect(answer).to_contain_text("Не получилось ответить. Ваш вопрос сохранён")
    expect(log(page)).to_contain_text("Сколько стоит E 200?")
    expect(page.locator("body")).not_to_contain_text("secret reason")
    site.script()
    expect(ask(page, "Ещё раз")).to_contain_text("Готово.")


def test_without_a_connection_the_text_comes_back_and_the_visitor_is_told(visit: Visit, site: Site) -> None:
    script = site.script()
    page = visit("/chat")
    begin(page)
    page.route("**/queue/join*", lambda route: route.abort())
    box = message_box(page)
    box.fill("Есть C 180?")
    box.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Нет связи с салоном")).to_be_visible()
    expect(box).to_have_value("Есть C 180?")
    page.unroute("**/queue/join*")
    box.press("Enter")
    expect(log(page)).to_contain_text("Готово.", timeout=PATIENCE_MS)
    expect(page.get_by_text("Нет связи с салоном")).not_to_be_visible()
    assert script.asked == ["Есть C 180?"]


def test_too_many_messages_are_asked_to_wait(
    visit: Visit, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(session_id: str) -> None:
        raise RateLimited(30)

    script = site.script()
    page = visit("/chat")
    begin(page)
    monkeypatch.setattr(site.app.state.limits, "check_session", refuse)
    expect(ask(page, "Ещё вопрос")).to_contain_text("Слишком много сообщений подряд.")
    assert script.asked == []


def test_too_many_requests_of_one_address_are_asked_to_wait(
    visit: Visit, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(address: str | None) -> None:
        assert address == "127.0.0.1"
        raise RateLimited(30)

    page = visit("/chat")
    monkeypatch.setattr(site.app.state.limits, "check_address", refuse)
    consent(page).check()
    page.get_by_role("button", name="Оставить номер").click()
    expect(page.get_by_role("alert").filter(has_text="Слишком много сообщений подряд.")).to_be_visible()


def test_a_late_block_replaces_what_was_shown(visit: Visit, site: Site) -> None:
    site.script(words=("Сейчас расскажу тайну. ",), answer="Об этом я не говорю.", blocked=True)
    page = visit("/chat")
    begin(page)
    answer = ask(page, "Расскажи тайну")
    expect(answer).to_contain_text("Об этом я не говорю.")
    expect(answer).not_to_contain_text("Сейчас расскажу")


def test_markup_from_visitor_and_answer_is_shown_as_text(visit: Visit, site: Site) -> None:
    attack = '<img src="/x" onerror="document.title=1"><script>document.title=2</script> ${document.title=3} {{value}}'
    site.script(
        words=(attack,), sources=(Source(kind="wiki", title=attack, ref="w", url="javascript:alert(1)"),)
    )
    page = visit("/chat")
    begin(page)
    title = page.title()
    answer = ask(page, attack)
    expect(answer).to_contain_text(attack)
    assert log(page).locator("img, script, a").count() == 0
    assert page.title() == title


def test_a_reload_goes_on_with_the_same_dialog(visit: Visit, site: Site) -> None:
    page = visit("/chat")
    begin(page)
    page.wait_for_function("localStorage.getItem('salon-chat-session')")
    page.reload()
    ask(page, "Есть ли сейчас в наличии C 180?")
    session = session_of(page)
    shown = log(page).inner_text()
    page.reload()
    expect(page.locator(".turn.assistant")).to_have_count(2)
    assert log(page).inner_text() == shown
    ask(page, "А синие?")
    assert session_of(page) == session
    assert len(site.services.dialogs.turns(session)) == 2


def test_an_ended_or_unknown_dialog_starts_anew_politely(visit: Visit, site: Site) -> None:
    page = visit("/chat")
    begin(page)
    page.wait_for_function("localStorage.getItem('salon-chat-session')")
    site.services.dialogs.end(session_of(page))
    page.reload()
    expect(page.get_by_text("Прошлый диалог завершён. Можно начать новый.")).to_be_visible()
    expect(consent(page)).to_be_visible()
    page.wait_for_function("!localStorage.getItem('salon-chat-session')")
    page.evaluate("localStorage.setItem('salon-chat-session', 'я'.repeat(300))")
    page.reload()
    expect(page.get_by_text("Прошлый диалог не найден. Можно начать новый.")).to_be_visible()


def test_a_dialog_that_ends_elsewhere_says_so(visit: Visit, site: Site) -> None:
    page = visit("/chat")
    begin(page)
    ask(page, "Где вы находитесь?")
    site.services.dialogs.end(session_of(page))
    expect(ask(page, "А телефон?")).to_contain_text("Этот диалог уже завершён.")


def test_a_chat_is_forgotten_only_when_confirmed_and_then_wholly(visit: Visit, site: Site) -> None:
    page = visit("/chat")
    page.get_by_role("checkbox", name="Запомнить меня").check()
    begin(page)
    ask(page, "Где вы находитесь?")
    session = session_of(page)
    assert page.evaluate("localStorage.getItem('salon-chat-visitor')")
    page.get_by_role("button", name="Забыть этот чат").click()
    page.get_by_role("button", name="Нет, оставить").click()
    expect(log(page)).to_contain_text("Где вы находитесь?")
    page.get_by_role("button", name="Забыть этот чат").click()
    page.get_by_role("button", name="Да, удалить").click()
    expect(page.get_by_text("Чат удалён.")).to_be_visible()
    (receipt,) = Receipts(site.services.engine).latest(limit=1)
    expect(page.get_by_text(receipt.number)).to_be_visible()
    page.wait_for_function("localStorage.length === 0")
    with pytest.raises(DialogNotFound):
        site.services.dialogs.get(session)


def test_a_new_dialog_after_the_rating_begins_empty(visit: Visit, site: Site) -> None:
    page = visit("/chat")
    begin(page)
    ask(page, "Где вы находитесь?")
    first = session_of(page)
    page.get_by_role("button", name="Завершить диалог").click()
    page.get_by_role("button", name="Отправить оценку").click()
    expect(page.get_by_role("alert").filter(has_text="выберите оценку")).to_be_visible()
    page.get_by_role("button", name="Пропустить").click()
    page.get_by_role("button", name="Начать новый диалог").click()
    expect(consent(page)).not_to_be_checked()
    begin(page)
    expect(page.locator(".turn.visitor")).to_have_count(0)
    page.wait_for_function("first => localStorage.getItem('salon-chat-session') !== first", arg=first)


def test_an_english_browser_gets_the_whole_page_in_english(visit: Visit, site: Site) -> None:
    page = visit("/chat", language="en-GB")
    expect(page.get_by_role("heading", name="Hello!")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "assistant" in page.title()
    page.get_by_role("checkbox", name="I have read the consent").check()
    page.get_by_role("button", name="Ask the assistant").click()
    page.get_by_role("textbox", name="Your question").fill("Which SUVs are in stock?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".chip").first).to_contain_text("Stock of the showroom as of")
    texts = page.locator("#shell").inner_text()
    salon = site.services.salon
    assert not re.search("[а-яё]", texts.replace(salon.name, "").lower())
    page.get_by_role("button", name="End the dialog").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
