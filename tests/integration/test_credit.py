"""Credit on the visitor's own terms, from the words to the figures, on the sample salon."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from chains.reply import Reply
from services import Services, open_services
from settings import Settings

SAMPLE = Path(__file__).parents[2] / "assets" / "salon"
MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")

pytestmark = pytest.mark.anyio


@dataclass
class Talk:
    """One dialog with the assistant."""

    services: Services
    session_id: str

    async def ask(self, message: str) -> Reply:
        return await self.services.assistant.answer(self.session_id, message, at=MONDAY_NOON)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Real services on the sample salon: 17.9 %, at least 20 % down, 12 to 60 months."""
    data = tmp_path_factory.mktemp("data")
    opened = open_services(Settings(_env_file=None, salon=SAMPLE, data=data, db=None, llm="off"))
    yield opened
    opened.close()


@pytest.fixture
def talk(services: Services) -> Talk:
    dialog = services.dialogs.open(
        kind="web", language="ru", consent=services.consent("ru"), address=None, remember=False, visitor=None
    )
    return Talk(services, dialog.session_id)


async def test_a_payment_is_calculated_on_the_visitors_down_payment_and_term(talk: Talk) -> None:
    reply = await talk.ask("C 180 2026 в кредит, взнос 2 000 000 на 3 года")
    assert reply.route == "price"
    # 6,250,000 less 2,000,000 over 36 months at 17.9 %
    assert "36 мес.: 153 435 ₽ в месяц" in reply.answer
    assert "32 % — 2 000 000 ₽, сумма кредита 4 250 000 ₽" in reply.answer
    assert reply.answer.count("в месяц") == 1
    assert "предварительный" in reply.answer
    assert [source.kind for source in reply.sources] == ["inventory", "salon"]


async def test_a_payment_is_calculated_on_a_price_without_a_car(talk: Talk) -> None:
    reply = await talk.ask("Сколько в месяц за 5 млн, взнос 30%, 36 месяцев?")
    assert reply.route == "price"
    assert "126 358 ₽" in reply.answer


async def test_a_named_price_picks_the_car_of_that_price(talk: Talk) -> None:
    reply = await talk.ask("Какой будет платёж по C 180 за 6 250 000?")
    assert "C 180, 2026" in reply.answer
    assert "6 250 000 ₽" in reply.answer
    assert reply.answer.count("в месяц") == 5


async def test_a_named_price_that_no_such_car_has_is_calculated_all_the_same(talk: Talk) -> None:
    reply = await talk.ask("Платёж по C 180 за 6 249 000 на год")
    assert "для цены 6 249 000 ₽" in reply.answer


async def test_a_limit_is_no_price(talk: Talk) -> None:
    reply = await talk.ask("C 180 до 3 млн в кредит на 5 лет")
    assert "2 640 000 ₽" in reply.answer


async def test_too_small_a_down_payment_is_named_and_the_minimum_calculated(talk: Talk) -> None:
    reply = await talk.ask("C 180 2026 в кредит, взнос 10% на 3 года")
    assert "Взнос 625 000 ₽ меньше минимального" in reply.answer
    assert "20 % — 1 250 000 ₽" in reply.answer
    none = await talk.ask("C 180 2026 в кредит без первого взноса")
    assert none.answer.startswith("Без первого взноса")
    assert "1 250 000 ₽" in none.answer


async def test_too_long_a_term_is_named_and_the_longest_calculated(talk: Talk) -> None:
    reply = await talk.ask("C 180 2026 в кредит на 7 лет")
    assert "Срока 84 мес. у нас нет" in reply.answer
    assert "60 мес.: " in reply.answer


async def test_a_down_payment_above_the_price_needs_no_loan(talk: Talk) -> None:
    reply = await talk.ask("C 180 2026 в кредит, взнос 7 млн")
    assert "кредит не понадобится" in reply.answer
    assert "в месяц" not in reply.answer


async def test_the_first_payment_is_not_the_first_car(talk: Talk) -> None:
    shown = await talk.ask("Покажи C 180 в наличии")
    reply = await talk.ask("А вторая в кредит, первый взнос 50%, на 2 года?")
    assert reply.sources[0].ref == shown.cars[1]
    assert "24 мес." in reply.answer


async def test_other_terms_can_be_asked_for_the_same_car(talk: Talk) -> None:
    await talk.ask("C 180 2026 в кредит на 3 года")
    reply = await talk.ask("А если взнос 40%?")
    assert "40 % — 2 500 000 ₽" in reply.answer


async def test_english_terms_are_understood(talk: Talk) -> None:
    reply = await talk.ask(
        "How much per month for the C 180 at 6,250,000 with 2,000,000 down over 36 months?"
    )
    assert reply.route == "price"
    assert "36 months: 153 435 ₽ a month" in reply.answer


@pytest.mark.parametrize(
    "message",
    [
        "Какая у вас ставка?",
        "What is your interest rate?",
        "Сколько в месяц за C 180?",
        "Платёж за GLC",
        "Хочу взять кредит",
        "C 180 with 20% down",
        "Можно без первоначального взноса?",
        "Do you offer financing?",
    ],
)
async def test_questions_of_credit_are_known_by_their_words(talk: Talk, message: str) -> None:
    reply = await talk.ask(message)
    assert reply.route == "price"
    assert "17,9 %" in reply.answer or "17.9 %" in reply.answer


@pytest.mark.parametrize(
    "message",
    [
        "Can I pay with a credit card?",
        "Принимаете кредитные карты?",
        "Кредитная карта для оплаты подойдёт?",
        "Можно оплатить по кредитной карте?",
        "Услуги по ставке нормо-часа дорогие?",
        "Какая ставка транспортного налога?",
        "Принимаете платежи картой?",
        "Сколько машин вы продаёте в месяц?",
    ],
)
async def test_other_payments_and_rates_are_no_credit(talk: Talk, message: str) -> None:
    assert (await talk.ask(message)).route != "price"
