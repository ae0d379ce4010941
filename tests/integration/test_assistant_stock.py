"""What is sent is in stock at that moment: the show-case changes for real between planning and sending."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from chains.planning import Plan
from chains.reply import Final, Reply, Token
from services import Services
from stores.models import CallbackRow

pytestmark = pytest.mark.anyio

MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")
Change = Callable[[str, str], None]


@pytest.fixture
def services(own_services: Services) -> Services:
    """A salon for each test: they sell its cars."""
    return own_services


@pytest.fixture
def while_planning(services: Services, monkeypatch: pytest.MonkeyPatch) -> Change:
    """Changes the source and refreshes the show-case right after the first plan of an answer is made."""

    def change(old: str, new: str) -> None:
        plan = services.planner.plan
        pending = [True]

        def and_then_it_changes(*args: Any, **kwargs: Any) -> Plan:
            made = plan(*args, **kwargs)
            if pending.pop() if pending else False:
                source = services.salon.folder / "inventory.csv"
                text = source.read_text(encoding="utf-8")
                assert old in text
                source.write_text(text.replace(old, new), encoding="utf-8")
                assert services.inventory.refresh().changed
            return made

        monkeypatch.setattr(services.planner, "plan", and_then_it_changes)

    return change


async def ask(services: Services, message: str) -> tuple[str, Reply]:
    """What was shown as it came, and the reply."""
    session = services.dialogs.open(
        kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
    ).session_id
    events = [event async for event in services.assistant.stream(session, message, at=MONDAY_NOON)]
    last = events[-1]
    assert isinstance(last, Final)
    return "".join(event.text for event in events if isinstance(event, Token)), last.reply


@pytest.mark.parametrize("status", ["sold", "reserved", "in_transit"])
async def test_a_car_that_left_while_the_answer_was_made_is_not_offered(
    services: Services, while_planning: Change, status: str
) -> None:
    while_planning("панорамная крыша;камера 360°,available", f"панорамная крыша;камера 360°,{status}")
    shown, reply = await ask(services, "Есть C 180?")
    assert "C1" not in reply.cars
    assert reply.cars_total == 0
    assert shown == reply.answer
    assert "нет" in shown


async def test_a_car_taken_out_of_the_source_is_not_offered(
    services: Services, while_planning: Change
) -> None:
    while_planning("C1,C 180,", "C9,CLE 300,")
    _, reply = await ask(services, "Есть C 180?")
    assert reply.cars_total == 0
    assert "C1" not in reply.cars


async def test_the_price_in_force_when_it_is_sent_is_given(
    services: Services, while_planning: Change
) -> None:
    while_planning("2023,4500000,12000", "2023,4650000,12000")
    shown, reply = await ask(services, "Сколько стоит C 180?")
    assert "4 650 000 ₽" in shown
    assert "4 500 000" not in reply.answer


async def test_a_loan_is_reckoned_on_the_price_in_force(services: Services, while_planning: Change) -> None:
    while_planning("2023,4500000,12000", "2023,5000000,12000")
    shown, _ = await ask(services, "Какой платёж в месяц за C 180 на 5 лет?")
    assert "5 000 000 ₽" in shown
    assert "4 500 000" not in shown


async def test_a_call_back_asked_for_beside_it_is_stored_once(
    services: Services, while_planning: Change
) -> None:
    while_planning("2023,4500000,12000", "2023,4650000,12000")
    await ask(services, "Сколько стоит C 180? Перезвоните мне: +7 900 000-00-00")
    with services.engine.connect() as connection:
        stored = connection.execute(select(func.count()).select_from(CallbackRow)).scalar_one()
    assert stored == 1
