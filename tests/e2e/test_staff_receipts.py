"""A visitor calls and wants to be forgotten: staff find the dialogs by phone, destroy them, and print the act."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from stores.audit import AuditFilter
from stores.errors import DialogNotFound
from tests.e2e.conftest import DESKTOP, PATIENCE_MS
from tests.e2e.office import ADMIN, STAFF, client_of, log_in, shown
from tests.e2e.site import Site

PHONE = "+79000000071"


@pytest.fixture
def session_id(office: Site) -> str:
    """A dialog in which somebody asked to be called."""
    dialog = office.services.dialogs.open(
        kind="web",
        language="ru",
        consent=office.services.consent("ru"),
        address=None,
        remember=True,
        visitor=None,
    )
    office.services.dialogs.add_question(dialog.session_id, "Перезвоните мне <b>завтра</b>")
    office.services.callbacks.add(dialog.session_id, PHONE, "Канарейкин", "")
    return dialog.session_id


@pytest.fixture
def page(browser: Browser, office: Site) -> Iterator[Page]:
    context = browser.new_context(locale="ru-RU", viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.goto(office.url + "/staff/receipts/")
    log_in(opened, STAFF)
    yield opened
    context.close()


def test_a_visitor_who_calls_is_found_by_phone_and_destroyed(
    office: Site, session_id: str, page: Page
) -> None:
    shown(page, "Удаление данных")
    page.get_by_label("Телефон, почта или номер диалога").fill("8 900 000-99-99")
    page.get_by_role("button", name="Найти").click()
    expect(page.get_by_text("Ничего не найдено.")).to_be_visible()
    assert not page.get_by_role("button", name="Уничтожить").is_visible()

    page.get_by_label("Телефон, почта или номер диалога").fill("8 (900) 000-00-71")
    page.get_by_role("button", name="Найти").click()
    button = page.get_by_role("button", name="Уничтожить")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("Подтвердите")
    assert office.services.dialogs.get(session_id)
    page.get_by_label("Уничтожить всё найденное").check()
    page.get_by_label("отзыв согласия").check()
    button.click()
    expect(page.locator(".office-done")).to_contain_text("Уничтожено")
    with pytest.raises(DialogNotFound):
        office.services.dialogs.get(session_id)

    (receipt,) = office.services.receipts.latest(limit=1)
    assert (receipt.cause, receipt.actor) == ("withdrawal", STAFF)
    (entry,) = office.services.audit.find(AuditFilter(action="dialog.forget"), limit=5).entries
    assert (entry.actor, entry.target) == (STAFF, f"receipt:{receipt.number}")
    assert "71" not in str(entry.details)
    with page.expect_popup() as opened:
        page.get_by_role("link", name=receipt.number).click()
    act = opened.value
    shown(act, f"Акт об уничтожении персональных данных № {receipt.number}")
    expect(act.get_by_text("Имя, телефон и пожелания")).to_be_visible()
    expect(act.get_by_text("Выгрузка из журнала")).to_be_visible()
    assert session_id not in act.content()


def test_an_act_is_for_staff_alone(office: Site, session_id: str) -> None:
    number = office.services.forgetting.forget(session_id, cause="visitor").number
    path = f"/staff/receipts/act/{number}"
    assert httpx.get(office.url + path, trust_env=False).status_code == 401
    for name in (STAFF, ADMIN):
        response = client_of(office, name).get(path)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"
        assert number in response.text
    client = client_of(office, STAFF)
    assert client.get("/staff/receipts/act/20260101-NONE").status_code == 404
    assert client.get("/staff/receipts/act/' OR '1'='1").status_code == 404
    assert client.get(f"{path}?x", headers={"accept-language": "en"}).text.count("Act of destruction")
