"""Numbers of persons and documents are no prices, years or terms, wherever in a message they stand."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from chains.planning import Plan
from services import Services, open_services
from settings import Settings

MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")


@pytest.fixture(scope="module")
def services(
    make_salon_folder: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    folder, data = make_salon_folder(tmp_path_factory.mktemp("folder")), tmp_path_factory.mktemp("data")
    opened = open_services(Settings(_env_file=None, salon=folder, data=data, llm="off"))
    yield opened
    opened.close()


def _plan(services: Services, message: str) -> Plan:
    dialog = services.dialogs.open(
        kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
    )
    return services.planner.plan(dialog.session_id, message, "ru", MONDAY_NOON, [])


@pytest.mark.parametrize(
    "personal",
    [
        "Мой паспорт 4500 123456",
        "Паспорт серия 45 00 номер 123456",
        "ИНН 500100732259",
        "СНИЛС 112-233-445 95",
        "Карта 4276 3800 1234 5670",
        "Родился 12.03.1985",
        "Моя машина А123ВС77",
        "Это мой паспорт. 4500 123456",
    ],
)
@pytest.mark.parametrize("wish", ["хочу кредит на C 180", "посчитайте кредит на C 180 на 3 года"])
def test_a_loan_is_reckoned_from_the_car_and_not_from_a_document(
    services: Services, personal: str, wish: str
) -> None:
    by_itself = _plan(services, wish).draft
    told = _plan(services, f"{personal}, {wish}").draft
    assert "4 500 000 ₽" in by_itself.text
    assert by_itself.text in told.text


@pytest.mark.parametrize("message", ["+7 900 123-45-67 хочу до 5 млн", "до 5 млн, мой номер 8 900 123 45 67"])
def test_beside_a_phone_only_the_price_is_read(services: Services, message: str) -> None:
    plan = _plan(services, message)
    assert "до 5 000 000 ₽" in plan.draft.text
    assert "Не понял" not in plan.draft.text


def test_of_two_sentences_the_figures_of_one_are_what_the_other_calls_them(services: Services) -> None:
    plan = _plan(services, "Вот мой паспорт. 4500 123456. Сколько стоит C 180?")
    assert "123 456" not in plan.draft.text
    assert "4 500 000 ₽" in plan.draft.text
    assert "123456" not in plan.masked


def test_a_question_beside_a_number_left_is_answered_too(services: Services) -> None:
    plan = _plan(services, "Перезвоните на +7 900 000-00-00. А до скольки вы работаете в воскресенье?")
    assert "18:00" in plan.draft.text
    assert "уже" not in plan.draft.text
