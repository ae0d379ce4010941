"""The entrance of the back office and the pages of accounts and audit, in a browser."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from stores.staff_sessions import IDLE
from tests.e2e.conftest import DESKTOP, PHONE, Enter
from tests.e2e.office import ADMIN, PASSWORD, STAFF, log_in, people, shown
from tests.e2e.site import Site
from ui.pages.staff import PAGES


def test_who_logs_in_comes_to_the_page_asked_for_and_logs_out(office: Site, enter: Enter) -> None:
    page = enter("/staff/password?done=0")
    expect(page).to_have_title("Вход для сотрудников · Звезда-Авто")
    log_in(page, STAFF, "not the password")
    expect(page.get_by_role("alert")).to_contain_text("Имя или пароль не подходят")
    log_in(page, "nobody", "not the password")
    expect(page.get_by_role("alert")).to_contain_text("Имя или пароль не подходят")
    log_in(page, STAFF)
    shown(page, "Смена пароля")
    cookie = next(cookie for cookie in page.context.cookies() if cookie["name"] == "staff")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Выйти").click()
    shown(page, "Вход для сотрудников")
    page.goto(office.url + "/staff")
    shown(page, "Вход для сотрудников")
    page.go_back()
    assert STAFF not in page.content()


def test_sql_in_the_log_in_is_only_a_wrong_name_or_password(office: Site, enter: Enter) -> None:
    page = enter("/staff/login?next=' OR 1=1 --")
    for name, password in (
        ("' OR '1'='1", PASSWORD),
        (ADMIN, "' OR '1'='1"),
        ("anna'; DROP TABLE accounts; --", '" OR ""="'),
        ("anna\x00", PASSWORD),
    ):
        log_in(page, name, password)
        expect(page.get_by_role("alert")).to_contain_text("не подходят")
    assert len(office.services.accounts.all()) == 2


def test_after_five_wrong_passwords_one_is_told_how_long_to_wait(office: Site, enter: Enter) -> None:
    page = enter("/staff")
    for _ in range(5):
        log_in(page, ADMIN, "wrong")
        expect(page.get_by_role("alert")).to_be_visible()
    log_in(page, ADMIN)
    expect(page.get_by_role("alert")).to_contain_text("Попробуйте снова через 30 с")
    office.now[0] += timedelta(seconds=30)
    log_in(page, ADMIN)
    shown(page, "Рабочее место")


def test_a_page_whose_log_in_has_ended_leads_back_to_the_entrance(office: Site, enter: Enter) -> None:
    page = enter("/staff/audit/", ADMIN)
    shown(page, "Журнал действий")
    expect(page.get_by_role("cell", name="Вход")).to_be_visible()
    office.now[0] += IDLE
    page.get_by_label("С даты").fill("2026-11-01")
    shown(page, "Вход для сотрудников")
    log_in(page, ADMIN)
    shown(page, "Журнал действий")


def test_the_first_account_is_made_by_a_link(office: Site, enter: Enter) -> None:
    with people(office):
        pass  # nobody is left
    token = office.services.accounts.first_link()
    page = enter(f"/staff/setup/{token}")
    name, first, again = (
        page.get_by_label(label, exact=True)
        for label in ("Имя учётной записи", "Новый пароль", "Новый пароль ещё раз")
    )
    for given, password, repeated, told in (
        ("Мария", "a long new password", "another password", "не совпадают"),
        ("a b", "a long new password", "a long new password", "имя не подойдёт"),
        ("Мария", "мария-мария-мария", "мария-мария-мария", ""),
    ):
        name.fill(given)
        first.fill(password)
        again.fill(repeated)
        page.get_by_role("button", name="Сохранить и войти").click()
        if told:
            expect(page.get_by_role("alert")).to_contain_text(told)
    shown(page, "Рабочее место")
    expect(page.get_by_text("Вы вошли как мария, роль: администратор.")).to_be_visible()
    other = enter(f"/staff/setup/{token}")
    shown(other, "Ссылка не действует")


def test_a_changed_password_logs_out_the_other_browsers(office: Site, enter: Enter) -> None:
    here, there = enter("/staff/password", STAFF), enter("/staff", STAFF)
    shown(there, "Рабочее место")

    def change(old: str, new: str) -> None:
        here.get_by_label("Нынешний пароль").fill(old)
        here.get_by_label("Новый пароль", exact=True).fill(new)
        here.get_by_label("Новый пароль ещё раз").fill(new)
        here.get_by_role("button", name="Сменить пароль").click()

    change("wrong", "a long new password")
    expect(here.get_by_role("alert")).to_contain_text("Нынешний пароль не подходит")
    change(PASSWORD, "a long new password")
    expect(here.get_by_role("status")).to_contain_text("Пароль сменён")
    there.reload()
    shown(there, "Вход для сотрудников")
    log_in(there, STAFF, "a long new password")
    shown(there, "Рабочее место")


def test_an_admin_makes_an_account_hands_over_the_link_and_closes_it(office: Site, enter: Enter) -> None:
    admin = enter("/staff/accounts/", ADMIN)
    shown(admin, "Сотрудники")
    admin.get_by_label("Имя учётной записи").fill("Ольга")
    admin.get_by_role("button", name="Добавить и получить ссылку").click()
    expect(admin.locator(".office-done")).to_contain_text("Ольга")
    row = admin.get_by_role("row").filter(has_text="ольга")
    expect(row).to_contain_text("ждёт пароля")
    link = admin.locator("#link textarea").input_value()
    assert link.startswith(office.url + "/staff/setup/")

    olga = enter(link.removeprefix(office.url))
    expect(olga.get_by_text("Задайте пароль для учётной записи ольга.")).to_be_visible()
    olga.get_by_label("Новый пароль", exact=True).fill(PASSWORD)
    olga.get_by_label("Новый пароль ещё раз").fill(PASSWORD)
    olga.get_by_role("button", name="Сохранить и войти").click()
    shown(olga, "Рабочее место")

    def choose(name: str) -> None:
        box = admin.get_by_label("Кого")
        box.click()
        admin.get_by_role("option", name=name).click()

    choose(ADMIN)
    admin.get_by_role("button", name="Закрыть").click()
    expect(admin.get_by_role("alert")).to_contain_text("последний действующий администратор")
    choose("ольга")
    admin.get_by_role("button", name="Закрыть").click()
    expect(row).to_contain_text("закрыта")
    olga.reload()
    shown(olga, "Вход для сотрудников")

    admin.goto(office.url + "/staff/audit/")
    for sentence in ("Учётная запись ольга закрыта", "Создана учётная запись ольга, роль: сотрудник"):
        expect(admin.get_by_role("cell", name=sentence)).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name,role", [(STAFF, "staff"), (ADMIN, "admin")], ids=["staff", "admin"])
def test_each_role_walks_through_its_pages_and_no_further(
    office: Site, enter: Enter, name: str, role: str, size: tuple[int, int]
) -> None:
    page = enter("/staff", name, size=size)
    shown(page, "Рабочее место")
    for staff_page in PAGES:
        menu = page.locator("summary", has_text="Разделы")
        if menu.is_visible():
            menu.click()
        texts = page.locator("nav:visible a").all_inner_texts()
        link = page.locator(f'nav:visible a[href="{staff_page.path}/"]')
        if role == "staff" and staff_page.role == "admin":
            assert link.count() == 0, texts
            page.goto(office.url + staff_page.path)
            shown(page, "Раздел для администратора")
        else:
            link.click()
            expect(page.locator(".gradio-container h1").first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], staff_page.path
        page.goto(office.url + "/staff")
        shown(page, "Рабочее место")


def test_the_pages_speak_english_too(office: Site, enter: Enter) -> None:
    page = enter("/staff/accounts/", ADMIN)
    shown(page, "Сотрудники")
    page.get_by_role("link", name="English").click()
    shown(page, "Staff")
    assert urlsplit(page.url).path == "/staff/accounts/"
    page.get_by_role("link", name="Русский").click()
    shown(page, "Сотрудники")
