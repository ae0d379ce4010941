"""What staff do all day, in a real browser: read dialogs, call answers wrong, take call-backs and close them."""

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete

from stores.alerts import raise_alerts
from stores.audit import AuditFilter
from stores.columns import utc_now
from stores.database import writing
from stores.dialogs import TurnResult
from stores.models import DialogRow
from tests.e2e.conftest import PATIENCE_MS, PHONE, Enter
from tests.e2e.office import STAFF, people
from tests.e2e.site import Site

OTHER = "olga"
EVIL = (
    "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
    " **жирно** [ссылка](javascript:document.title='broken') $$\\frac{1}{2}$$ {{7*7}} ${7*7} {% raw %}"
    "</button></li></textarea><svg onload=\"document.title='broken'\">"
)
NUMBER = "+79000000017"


@pytest.fixture
def office(site: Site) -> Iterator[Site]:
    with writing(site.services.engine) as session:
        session.execute(delete(DialogRow))
    with people(site) as opened:
        opened.services.accounts.add_ready(OTHER, "staff", "correct horse battery")
        yield opened


def talked(site: Site, question: str, answer: str = "Да, есть.", **result: object) -> str:
    """A dialog of one question; gives its id."""
    services = site.services
    session_id = services.dialogs.open(
        kind="web", language="ru", consent=None, address=None, remember=False, visitor=None
    ).session_id
    turn = services.dialogs.add_question(session_id, question)
    services.dialogs.save_reply(
        turn, TurnResult(**{"answer": answer, "route": "inventory", "elapsed_ms": 40, **result})
    )
    return session_id


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    """The queue looks for what is new every few seconds only."""
    expect.set_options(timeout=PATIENCE_MS)
    yield
    expect.set_options(timeout=5_000)


def harmless(page: Page) -> None:
    """Nothing of what a visitor wrote has become a part of the page."""
    page.wait_for_timeout(300)
    assert "broken" not in page.title()
    for element in ("img[src=x]", "svg[onload]", "a[href^=javascript]", ".katex", "strong:text('жирно')"):
        expect(page.locator(element)).to_have_count(0)
    assert page.evaluate("[...document.scripts].filter(s => s.textContent.includes('broken')).length") == 0


def actions(site: Site) -> list[tuple[str, str, str | None]]:
    entries = site.services.audit.find(AuditFilter(), limit=50).entries
    return [(each.actor, each.action, each.target) for each in reversed(entries)]


def request_of(page: Page, number: int) -> Locator:
    return page.locator("#queue li").filter(has_text=f"Звонок № {number}")


def test_what_a_visitor_writes_is_shown_to_staff_letter_by_letter(office: Site, enter: Enter) -> None:
    session_id = talked(
        office,
        EVIL,
        EVIL,
        reason=EVIL,
        model=EVIL,
        prompt_hash=EVIL,
        facts=[{"subject": "x", "field": EVIL, "text": EVIL}],
        sources=[{"kind": "wiki", "title": EVIL, "ref": EVIL, "url": "javascript:alert(1)"}],
        checks=[{"sentence": EVIL, "failure": EVIL}],
        notices=[EVIL],
        timings={EVIL: 5.0, "plan_ms": 10, "total_ms": 40},
        cars=[EVIL],
        cars_total=1,
    )
    office.services.dialogs.rate(session_id, 2, 1, EVIL)
    callback = office.services.callbacks.add(session_id, NUMBER, EVIL, EVIL)
    page = enter("/staff/dialogs/", STAFF)
    expect(page.locator(".talk-question")).to_have_text(EVIL)
    page.locator(".talk").click()
    expect(page.locator(".said.visitor .said-text")).to_have_text(EVIL)
    expect(page.locator(".said.assistant .said-text")).to_have_text(EVIL)
    expect(page.locator(".dialog-mark q")).to_have_text(EVIL)
    page.get_by_text("Что знал ассистент").click()
    expect(page.locator(".known-facts dd")).to_have_text(f"{EVIL}: {EVIL}")
    page.get_by_role("button", name="Пометить неверным").click()
    page.get_by_label("Почему ответ неверен").fill(EVIL)
    page.get_by_label("Верный ответ").fill(EVIL)
    page.get_by_role("button", name="Сохранить пометку").click()
    expect(page.locator(".verdict")).to_contain_text(EVIL[:80])
    harmless(page)
    page.goto(f"{office.url}/staff/requests/")
    request_of(page, callback).get_by_role("button", name="Взять в работу").click()
    expect(page.locator("#request .facts")).to_contain_text(EVIL)
    page.get_by_label("Заметка").fill(EVIL)
    page.get_by_role("button", name="Готово", exact=True).click()
    expect(page.locator("#request .facts .as-written").last).to_have_text(EVIL)
    harmless(page)


def test_a_wrong_answer_is_found_flagged_and_put_right(office: Site, enter: Enter) -> None:
    word = uuid4().hex[:8]
    talked(office, "Другой вопрос")
    session_id = talked(
        office,
        f"Есть ли у вас {word}?",
        checks=[{"sentence": "Есть шесть машин.", "failure": "6 ≠ 5"}],
        facts=[{"subject": "query", "field": "total", "text": "5 машин"}],
        sources=[
            {"kind": "inventory", "title": "C 180, 2023", "ref": "X1", "url": "https://dealer.example/1"}
        ],
        timings={"guard_ms": 3.0, "understand_ms": 12.0, "plan_ms": 20, "first_ms": 22, "total_ms": 41},
        llm=True,
        model="test-model",
        prompt_hash="0f0f",
    )
    page = enter("/staff/dialogs/", STAFF)
    expect(page.locator(".talk")).to_have_count(2)
    page.get_by_label("Слова в вопросе или ответе").fill(word.upper())
    page.get_by_role("button", name="Найти").click()
    expect(page.locator(".talk")).to_have_count(1)
    page.locator(".talk").click()
    page.get_by_text("Что знал ассистент").click()
    known = page.locator(".known")
    for said in ("Есть шесть машин.", "6 ≠ 5", "5 машин", "C 180, 2023", "test-model", "0f0f", "12 мс"):
        expect(known).to_contain_text(said)
    expect(known.locator(".stages li")).to_have_count(4)
    page.get_by_role("button", name="Пометить неверным").click()
    page.get_by_role("button", name="Сохранить пометку").click()
    expect(page.get_by_role("alert")).to_have_text("Напишите, почему ответ неверен.")
    page.get_by_label("Почему ответ неверен").fill("машин пять")
    page.get_by_label("Верный ответ").fill("Есть пять машин, звоните +7 900 000-00-17")
    page.get_by_role("button", name="Сохранить пометку").click()
    expect(page.locator(".verdict")).to_contain_text("Есть пять машин, звоните [телефон]")
    (pair,) = office.services.reviews.corrected()
    assert (pair.session_id, pair.reason) == (session_id, "машин пять")
    page.get_by_role("button", name="Изменить пометку").click()
    page.get_by_role("button", name="Снять пометку").click()
    expect(page.locator(".verdict")).to_have_count(0)
    (turn,) = office.services.dialogs.turns(session_id)
    done = [(action, target) for _, action, target in actions(office) if action != "login.enter"]
    assert done == [
        ("dialog.read", f"dialog:{session_id[:8]}"),
        ("answer.flag", f"turn:{turn.turn_id}"),
        ("answer.unflag", f"turn:{turn.turn_id}"),
    ]


def test_a_call_is_taken_by_one_person_and_closed(office: Site, enter: Enter) -> None:
    session_id = talked(office, "Перезвоните мне")
    page = enter("/staff/requests/", STAFF)
    expect(page.get_by_text("Очередь пуста.")).to_be_visible()
    callback = office.services.callbacks.add(session_id, NUMBER, "Имя", "после шести")
    expect(request_of(page, callback)).to_contain_text("+7 900 ***-**-17")  # by itself, without a reload
    expect(page.get_by_text("Новых: 1 · в работе: 0")).to_be_visible()
    office.services.requests.take(office.services.requests.queue().requests[0].key, OTHER)
    request_of(page, callback).get_by_role("button", name="Открыть").click()
    expect(page.locator("#request")).to_contain_text(f"в работе: {OTHER}")
    expect(page.get_by_role("button", name="Готово", exact=True)).to_be_hidden()
    office.services.requests.release(office.services.requests.queue().requests[0].key, OTHER)
    page.locator("#request-slot").get_by_role("button", name="Взять в работу").click()
    expect(page.get_by_text("Заявка за вами.")).to_be_visible()
    expect(page.locator("#phone")).to_have_text("+7 900 ***-**-17")
    page.get_by_role("button", name="Показать номер").click()
    expect(page.locator("#phone a")).to_have_attribute("href", f"tel:{NUMBER}")
    page.get_by_label("Заметка").fill("приедет завтра")
    page.get_by_role("button", name="Готово", exact=True).click()
    expect(page.locator("#request")).to_contain_text("приедет завтра")
    expect(page.get_by_text("Очередь пуста.")).to_be_visible()
    done = [each for each in actions(office) if not each[1].startswith("login")]
    target = f"callback:{callback}"
    assert done == [(STAFF, f"callback.{step}", target) for step in ("take", "reveal", "done")]
    page.get_by_role("link", name="Открыть диалог").click()
    expect(page.locator(".said.visitor")).to_contain_text("Перезвоните мне")


def test_a_second_person_who_presses_too_late_is_told_who_was_first(office: Site, enter: Enter) -> None:
    callback = office.services.callbacks.add(talked(office, "Звоните"), NUMBER, "", "")
    page = enter("/staff/requests/", STAFF, size=PHONE)
    button = request_of(page, callback).get_by_role("button", name="Взять в работу")
    expect(button).to_be_visible()
    office.services.requests.take(office.services.requests.queue().requests[0].key, OTHER)
    button.click()
    expect(page.get_by_role("alert")).to_have_text(f"Заявку уже взял(а) в работу {OTHER}.")
    expect(page.locator("#request")).to_contain_text(f"в работе: {OTHER}")
    assert all(not action.startswith("callback") for _, action, _ in actions(office))


def test_a_test_drive_stands_in_the_queue_with_its_car_and_its_time(office: Site, enter: Enter) -> None:
    booking = office.services.forms.bookings.book(
        talked(office, "Тест-драйв"),
        stock_id="X1",
        car="C 180",
        starts_at=datetime.fromisoformat("2026-11-25T15:00:00+03:00"),
        minutes=60,
        phone=NUMBER,
    )
    page = enter("/staff/requests/", STAFF)
    row = page.locator("#queue li")
    expect(row).to_contain_text("C 180, 25.11.2026 15:00, 60 мин")
    page.get_by_text("Закрытые", exact=True).click()
    expect(page.get_by_text("Закрытых заявок нет.")).to_be_visible()
    with writing(office.services.engine) as session:
        raise_alerts(session, "booking", booking.id, utc_now(), ("webhook",))
    alerts = office.services.alert_sender.alerts
    failing = alerts.claim("webhook")
    assert failing is not None
    alerts.failed(failing, "ConnectError")
    expect(page.get_by_text("не доходят (вебхук): ConnectError")).to_be_visible()
    page.get_by_text("Новые", exact=True).click()
    expect(row).to_have_count(1)


def test_the_start_page_tells_what_waits(office: Site, enter: Enter) -> None:
    page = enter("/staff", STAFF)
    tile = page.get_by_role("link", name="Заявки Звонки")
    expect(tile).to_contain_text("Никто не ждёт")
    office.services.callbacks.add(talked(office, "Перезвоните мне"), NUMBER, "Имя", "")
    page.reload()
    expect(tile).to_contain_text("Ждут звонка: 1, первый — меньше минуты")
    expect(page.get_by_role("link", name="Склад")).to_have_count(0)  # admins' business
