"""The overview: the page in a browser, what the file of figures holds, and who may have it."""

import csv
import io
from datetime import timedelta

from playwright.sync_api import expect

from stores.dialogs import TurnResult
from tests.e2e.conftest import Enter
from tests.e2e.office import STAFF, client_of, shown
from tests.e2e.site import Site
from ui.pages.staff.overview import REPORT


def talk(site: Site, *, kind: str, questions: int, csat: int | None = None) -> None:
    dialogs = site.services.dialogs
    consent = site.services.consent("ru") if kind == "web" else None
    opened = dialogs.open(
        kind="web" if kind == "web" else "api",
        language="ru",
        consent=consent,
        address=None,
        remember=False,
        visitor=None,
    )
    for _ in range(questions):
        turn = dialogs.add_question(opened.session_id, "Есть C 180?")
        dialogs.save_reply(turn, TurnResult(answer="Да.", route="inventory", elapsed_ms=20))
    if csat is not None:
        dialogs.rate(opened.session_id, csat)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_file_holds_the_period_and_the_one_before_it(office: Site) -> None:
    today = office.services.clock().astimezone(office.services.salon.zone).date()
    day = {"first": today.isoformat(), "last": today.isoformat()}
    staff = client_of(office, STAFF)
    before = rows_of(staff.get(REPORT, params=day).text)[1]
    talk(office, kind="web", questions=2, csat=9)
    talk(office, kind="api", questions=3)  # a program's questions are no visitor's
    after = rows_of(staff.get(REPORT, params=day).text)
    assert [row["period"] for row in after] == [
        f"{today - timedelta(days=1)}..{today - timedelta(days=1)}",
        f"{today}..{today}",
    ]
    assert int(after[1]["dialogs"]) - int(before["dialogs"]) == 1
    assert int(after[1]["questions"]) - int(before["questions"]) == 2
    assert int(after[1]["rated"]) - int(before["rated"]) == 1


def test_the_pilot_is_a_row_for_each_figure(office: Site) -> None:
    today = office.services.clock().astimezone(office.services.salon.zone).date()
    days = [(today - timedelta(days=ago)).isoformat() for ago in (13, 7, 6, 0)]
    names = ("first", "last", "pilot_first", "pilot_last")
    response = client_of(office, STAFF).get(REPORT, params=dict(zip(names, days, strict=True)))
    rows = {row["name"]: row for row in rows_of(response.text)}
    assert {"alone", "callbacks", "csat", "p95_ms", "dialogs_a_day"} <= set(rows)
    assert rows["csat"]["p_adjusted"] == ""  # nobody rated a dialog before
    assert "attachment" in response.headers["content-disposition"]


def test_days_that_are_none_are_told_and_the_file_is_for_staff(office: Site) -> None:
    refused = client_of(office, STAFF).get(REPORT, params={"first": "' OR 1=1 --", "last": "2026-01-31"})
    assert (refused.status_code, refused.text) == (422, "Укажите обе даты так: 31.01.2026.")
    asked = {"first": "2026-01-01", "last": "2026-01-31"}
    assert client_of(office).get(REPORT, params=asked).status_code == 401


def test_staff_see_the_figures_and_hold_a_pilot_against_its_baseline(office: Site, enter: Enter) -> None:
    talk(office, kind="web", questions=2, csat=9)
    page = enter("/staff/overview/", STAFF)
    shown(page, "Обзор")
    expect(page.locator(".office-figures")).to_contain_text("Ассистент справился сам")
    expect(page.get_by_text("Вопросы по дням")).to_be_visible()
    page.get_by_role("textbox", name="С даты").fill("вчера")
    page.get_by_role("textbox", name="С даты").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Укажите обе даты")
    today = office.services.clock().astimezone(office.services.salon.zone).date()
    names = ("До пилота: с", "До пилота: по", "Пилот: с", "Пилот: по")
    for name, ago in zip(names, (13, 7, 6, 0), strict=True):
        page.get_by_role("textbox", name=name).fill((today - timedelta(days=ago)).isoformat())
    page.get_by_role("button", name="Сравнить").click()
    expect(page.get_by_role("row", name="Средняя оценка")).to_contain_text("мало данных")
    with page.expect_download() as download:
        page.locator('a[download][href*="pilot_first"]').click()
    assert download.value.suggested_filename.startswith("pilot-")
