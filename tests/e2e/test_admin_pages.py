"""An admin walks through topics, settings, stock and knowledge gaps; what is changed there, visitors meet at once."""

import os
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from chains.gaps import cluster_gaps
from stores.audit import AuditFilter
from stores.gaps import Gaps
from tests.e2e.conftest import DESKTOP, PHONE, Enter
from tests.e2e.office import ADMIN, shown
from tests.e2e.site import Site

HOSTILE = """'; DROP TABLE topics; -- "><img src=x onerror="document.title='broken'">"""


def ask(office: Site, message: str) -> dict[str, Any]:
    """The reply that a new visitor gets."""
    with httpx.Client(base_url=office.url, timeout=60, trust_env=False) as visitor:
        session = visitor.post("/api/sessions", json={"consent": True}).json()["session_id"]
        reply: dict[str, Any] = visitor.post(
            "/api/chat", json={"session_id": session, "message": message}
        ).json()
    return reply


def pictures(page: Page, name: str) -> None:
    """Pictures to look at, when `SALON_PICTURES` names a folder."""
    folder = os.environ.get("SALON_PICTURES")
    for device, (width, height) in {"desktop": DESKTOP, "phone": PHONE}.items() if folder else ():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder or "") / f"{name}-{device}.png", full_page=True)
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def choose(page: Page, label: str, option: str) -> None:
    """Choose in one of Gradio's lists."""
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_a_topic_is_tried_saved_undone_and_deleted(office: Site, enter: Enter) -> None:
    question = "Расскажите про дирижабли"
    before = ask(office, question)
    assert not before["blocked"]
    page = enter("/staff/topics/", ADMIN)
    shown(page, "Запретные темы")
    expect(page.get_by_text("Действует версия")).to_be_visible()
    button(page, "Сохранить").click()
    expect(page.locator(".office-alert")).to_contain_text("Назовите тему")
    page.get_by_label("Название").fill("воздухоплавание")
    page.get_by_label("Стоп-слова и фразы").fill("дирижабль, воздушный шар")
    page.get_by_label("Что ответить вместо этого").fill("О полётах я не говорю.")
    button(page, "Проверить на последних 7 днях").click()
    expect(page.get_by_role("cell", name=question)).to_be_visible()
    link = page.get_by_role("link", name="открыть").first
    assert link.get_attribute("href") == f"/staff/dialogs/?id={before['session_id']}"
    pictures(page, "topics")
    button(page, "Сохранить").click()
    expect(page.locator(".office-done")).to_contain_text("сохранена и действует")
    blocked = ask(office, question)
    assert (blocked["reason"], blocked["answer"]) == ("forbidden:воздухоплавание", "О полётах я не говорю.")
    button(page, "Отменить последнюю правку").click()
    expect(page.locator(".office-done")).to_contain_text("отменена")
    assert not ask(office, question)["blocked"]
    button(page, "Отменить последнюю правку").click()
    expect(page.locator(".office-done")).to_contain_text("отменена")
    choose(page, "Тема", "воздухоплавание")
    expect(page.get_by_label("Стоп-слова и фразы")).to_have_value("дирижабль\nвоздушный шар")
    button(page, "Удалить тему").click()
    button(page, "Да, удалить").click()
    expect(page.locator(".office-done")).to_contain_text("удалена")
    assert not ask(office, question)["blocked"]
    button(page, "Вернуть темы из папки салона").click()
    expect(page.locator(".office-done")).to_contain_text("из папки салона")
    done = [entry.action for entry in office.services.audit.find(AuditFilter(), limit=10).entries]
    assert done[:2] == ["topics.reset", "topics.delete"]
    assert {"topics.save", "topics.undo"} <= set(done)


def test_hostile_words_in_a_topic_are_only_words(office: Site, enter: Enter) -> None:
    dialogs = office.services.dialogs
    dialog = dialogs.open(kind="api", language="ru", consent=None, address=None, remember=False, visitor=None)
    dialogs.add_question(dialog.session_id, f"дирижабль {HOSTILE}")
    page = enter("/staff/topics/", ADMIN)
    shown(page, "Запретные темы")
    expect(page.get_by_text("Действует версия")).to_be_visible()
    page.get_by_label("Название").fill(HOSTILE[:80])
    page.get_by_label("Стоп-слова и фразы").fill(f"дирижабль\n{HOSTILE}")
    page.get_by_label("Примеры вопросов").fill(HOSTILE)
    page.get_by_label("Что ответить вместо этого").fill(HOSTILE)
    button(page, "Проверить на последних 7 днях").click()
    expect(page.get_by_role("cell", name="дирижабль '; DROP TABLE")).to_be_visible()
    button(page, "Сохранить").click()
    expect(page.locator(".office-done")).to_contain_text("DROP TABLE")
    assert len(office.services.topics.current()) > 1
    button(page, "Отменить последнюю правку").click()
    expect(page.locator(".office-done")).to_contain_text("отменена")
    assert "broken" not in page.title()


def test_settings_hold_at_once_and_are_reset(office: Site, enter: Enter) -> None:
    visitor = httpx.Client(base_url=office.url, timeout=60, trust_env=False)
    before = visitor.get("/api/salon").json()
    page = enter("/staff/settings/", ADMIN)
    shown(page, "Настройки")
    days = page.get_by_label("Сколько дней хранить диалоги")
    expect(days).to_have_value("90")
    save, reset = (
        page.get_by_role("button", name="Сохранить"),
        page.get_by_role("button", name="Вернуть исходное"),
    )
    said = page.locator(".office-done, .office-alert")

    page.get_by_label("Понедельник").fill("с утра")
    save.nth(2).click()
    expect(said).to_contain_text("Часы «с утра» непонятны")
    page.get_by_label("Понедельник").fill("выходной")
    page.get_by_label("Особые дни").fill("31.12.2026 10:00-15:00\n2027-01-01 выходной")
    save.nth(2).click()
    expect(said).to_contain_text("Сохранено")
    expect(said).to_be_in_viewport()  # though it stands on top of a long page
    expect(page.get_by_label("Особые дни")).to_have_value("31.12.2026 10:00-15:00\n01.01.2027 выходной")
    salon = visitor.get("/api/salon").json()
    assert (salon["open"], salon["offers"]) == (False, ["assistant"])
    assert "закрыт" in ask(office, "Вы сегодня работаете?")["answer"]
    pictures(page, "settings")

    page.get_by_label("По-русски").fill(f"Новое согласие {HOSTILE}")
    save.nth(3).click()
    expect(page.get_by_text("Правка 1").nth(1)).to_be_visible()
    old = {"consent": True, "consent_version": before["consent"]["version"]}
    assert visitor.post("/api/sessions", json=old).status_code == 409
    assert visitor.get("/api/salon").json()["consent"]["text"] == f"Новое согласие {HOSTILE}"

    office.services.in_force.set_retention(60, author="boris")
    days.fill("30")
    save.nth(0).click()
    expect(said).to_contain_text("изменил кто-то другой")
    assert office.services.in_force.current().retention_days == 60
    for number in (2, 3):
        reset.nth(number).click()
        expect(page.get_by_text("Из папки салона.").nth(number - 2)).to_be_visible()
    reset.nth(0).click()
    expect(days).to_have_value("90")
    page.get_by_label("Модель отвечает").uncheck()
    save.nth(1).click()
    expect(said).to_contain_text("Сохранено")
    assert not office.services.in_force.current().model_enabled
    reset.nth(1).click()
    expect(page.get_by_label("Модель отвечает")).to_be_checked()
    assert visitor.get("/api/salon").json() == before
    visitor.close()


def test_a_gap_is_drafted_published_known_at_once_and_withdrawn(office: Site, enter: Enter) -> None:
    question, paraphrase = "Можно ли у вас поиграть в бильярд?", "А бильярд у вас есть?"
    assert ask(office, question)["route"] == "unknown"
    gaps = Gaps(office.services.engine)
    cluster_gaps(gaps, office.services.retriever.embedder)
    page = enter("/staff/gaps/", ADMIN)
    shown(page, "Пробелы знаний")
    expect(page.get_by_role("cell", name=question).first).to_be_visible()
    said = page.locator(".office-done, .office-alert")
    button(page, "Опубликовать").click()
    expect(said).to_contain_text("Сначала выберите запись")
    row = page.get_by_role("row").filter(has_text=question)
    row.get_by_role("button", name="Написать ответ").click()
    expect(said).to_contain_text("Черновик готов")
    expect(page.get_by_label("Заголовок")).to_have_value(question)
    button(page, "Опубликовать").click()
    expect(said).to_contain_text("пометка черновика")
    assert ask(office, question)["route"] == "unknown"
    page.get_by_label("Ответ", exact=False).first.fill("Да, бильярд стоит в зоне отдыха, играют по выходным.")
    pictures(page, "gaps")
    button(page, "Опубликовать").click()
    expect(said).to_contain_text("ассистент уже знает")
    for asked in (question, paraphrase):
        reply = ask(office, asked)
        assert (reply["route"], reply["sources"][0]["kind"]) == ("legend", "legend")
        assert "по выходным" in reply["answer"]
    button(page, "Снять с публикации").click()
    expect(said).to_contain_text("больше этого не знает")
    assert ask(office, question)["route"] == "unknown"
    page.get_by_label("Заголовок").fill(HOSTILE)
    button(page, "Сохранить").click()
    expect(said).to_contain_text("Сохранено")
    expect(page.get_by_role("cell", name=HOSTILE)).to_be_visible()
    assert "broken" not in page.title()
    done = [entry.action for entry in office.services.audit.find(AuditFilter(), limit=10).entries]
    assert done[:5] == ["gaps.save", "gaps.withdraw", "gaps.publish", "gaps.save", "gaps.draft"]


def test_the_stock_is_refreshed_at_request_and_the_runs_are_told(office: Site, enter: Enter) -> None:
    cars = office.services.inventory.status().cars
    page = enter("/staff/inventory/", ADMIN)
    shown(page, "Склад и задания")
    expect(page.locator(".office-facts")).to_contain_text(str(cars))
    expect(page.locator(".office-facts")).to_contain_text("inventory.csv")
    button(page, "Обновить сейчас").click()
    expect(page.locator(".office-done")).to_contain_text(f"машин {cars}", timeout=20_000)  # by itself
    row = page.get_by_role("row").filter(has_text="чтение склада").filter(has_text=ADMIN)
    expect(row.first).to_contain_text("готово")
    pictures(page, "inventory")
    assert office.services.audit.find(AuditFilter(), limit=1).entries[0].action == "inventory.refresh"
