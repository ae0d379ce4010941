"""Several questions in one message are each answered; what only looks like several stays one."""

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
    "message, route, fragments",
    [
        ("Есть C 180 и до скольки вы работаете в воскресенье?", "inventory", ["4 500 000 ₽", "18:00"]),
        ("Здравствуйте! Есть C 180?", "inventory", ["4 500 000 ₽"]),
        ("Есть C 180? Спасибо!", "inventory", ["4 500 000 ₽"]),
        ("До скольки вы работаете 31 декабря, а ещё есть ли C 180?", "legend", ["15:00", "4 500 000 ₽"]),
        ("Есть ли C 180 и какой за неё платёж?", "inventory", ["4 500 000 ₽", "330 048 ₽"]),
        ("Is there a C 180 and when do you close on Sunday?", "inventory", ["4 500 000 ₽", "18:00"]),
        ("Какая завтра погода? Есть C 180?", "inventory", ["4 500 000 ₽", "не по моей части"]),
        ("Есть C 180? Ну и погода завтра?", "inventory", ["4 500 000 ₽", "не по моей части"]),
        ("Есть C 180 и ещё вопрос: в воскресенье до скольки вы?", "inventory", ["4 500 000 ₽", "18:00"]),
    ],
)
def test_each_question_of_a_message_is_answered(
    services: Services, message: str, route: str, fragments: list[str]
) -> None:
    draft = _plan(services, message).draft
    assert draft.route == route
    for fragment in fragments:
        assert fragment in draft.text
    assert "Не понял" not in draft.text
    assert len({(source.kind, source.ref) for source in draft.sources}) == len(draft.sources)


@pytest.mark.parametrize(
    "message, first, second",
    [
        ("самая дешёвая и самая мощная?", "Самый доступный", "Самый мощный"),
        ("какой у вас самый дорогой и самый новый?", "Самый дорогой", "новый"),
        ("the cheapest and the most powerful car?", "most affordable", "most powerful"),
    ],
)
def test_two_winners_are_both_named(services: Services, message: str, first: str, second: str) -> None:
    parts = _plan(services, message).draft.text.split("\n\n")
    assert first in parts[0]
    assert second in parts[-1]
    assert len(parts) == 2


def test_what_two_winners_are_chosen_from_is_said_once_and_holds_for_both(services: Services) -> None:
    both = _plan(services, "самый дешёвый и самый мощный седан").draft.text.split("\n\n")
    assert both == [_plan(services, f"самый {one} седан").draft.text for one in ("дешёвый", "мощный")]


@pytest.mark.parametrize("message", ["меняю город, нужна машина на трассу", "сменили работу, ищем GLC"])
def test_what_visitors_tell_of_themselves_is_no_question(services: Services, message: str) -> None:
    draft = _plan(services, message).draft
    assert draft.route == "inventory"
    assert not any(source.kind == "legend" for source in draft.sources)


@pytest.mark.parametrize(
    "message",
    [
        "C и E класс есть?",
        "Есть белый или чёрный GLC?",
        "GLE до 15 млн, полный привод",
        "Есть C 180, и сколько она стоит?",
        "Нужен кроссовер. Бюджет до 8 млн.",
        "Чем CLS отличается от E-класса и что лучше?",
        "Посчитай кредит на C 180, первый взнос 2 млн, на 12 месяцев",
    ],
)
def test_wishes_for_one_car_and_terms_of_one_loan_stay_together(services: Services, message: str) -> None:
    assert "\n\n" not in _plan(services, message).draft.text
