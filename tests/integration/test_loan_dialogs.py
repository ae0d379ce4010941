"""Credit over several messages: terms that hold, cars that change, and a monthly budget turned into a price."""

import pytest

from services import Services
from tests.integration.car_salon import Talk, begin

pytestmark = pytest.mark.anyio


@pytest.fixture
def talk(car_services: Services) -> Talk:
    return begin(car_services)


async def test_every_figure_of_a_loan_is_there_and_adds_up(talk: Talk) -> None:
    reply = await talk.ask("кредит на Yaris на год")
    # 7,900,000 less 10 % is 7,110,000; at 2 % a month over 12 months 672,319 a month
    assert "790 000 ₸, сумма кредита 7 110 000 ₸" in reply.answer
    assert "12 мес.: 672 319 ₸ в месяц, всего 8 067 828 ₸, переплата 957 828 ₸" in reply.answer
    assert "округлены" in reply.answer


async def test_of_several_cars_the_cheapest_is_taken_and_said_to_be(talk: Talk) -> None:
    reply = await talk.ask("сколько в месяц за Corolla?")
    assert "В наличии 3 автомобиля (Corolla), считаю для самого доступного: Corolla 1.6, 2019" in reply.answer


async def test_terms_hold_until_others_are_named(talk: Talk) -> None:
    await talk.ask("какие Camry есть?")
    first = await talk.ask("посчитай кредит на вторую на 2 года")
    assert "Camry 3.5, 2020" in first.answer
    second = await talk.ask("а если взнос 30 %?")
    assert "24 мес." in second.answer
    assert "30 % — 4 770 000 ₸" in second.answer
    third = await talk.ask("а первую?")
    assert (third.route, "Camry 2.5, 2021" in third.answer) == ("price", True)
    assert "30 % — 4 260 000 ₸" in third.answer
    fourth = await talk.ask("а на 5 лет?")
    assert "60 мес." in fourth.answer
    assert "24 мес." not in fourth.answer
    assert (await talk.ask("какого она цвета?")).answer == "Camry 2.5, 2021: цвет чёрный."


async def test_a_list_without_a_choice_is_asked_about(talk: Talk) -> None:
    reply = await talk.last("какие Camry есть?", "сколько в месяц?")
    assert "от 1 до 4" in reply.answer
    assert "Camry 2.5, 2023" in (await talk.ask("за третью")).answer


async def test_terms_alone_wait_for_a_car(talk: Talk) -> None:
    assert "Назовите автомобиль" in (await talk.ask("какие условия кредита?")).answer
    reply = await talk.ask("Yaris")
    assert (reply.route, "Yaris 1.5, 2020" in reply.answer) == ("price", True)


async def test_a_term_that_the_salon_does_not_offer_is_said_to_be_none_of_its(talk: Talk) -> None:
    assert "Среди сроков салона (12, 24, 60 мес.)" in (await talk.ask("кредит на Yaris на 3 года")).answer


async def test_a_monthly_budget_gives_a_price_and_the_cars_up_to_it(talk: Talk) -> None:
    reply = await talk.ask("платить не больше 250 тысяч в месяц на 5 лет")
    # 250,000 over 60 months at 2 % pays for 8,690,229 or so; with 10 % down that is a price of 9,655,800
    assert reply.route == "price"
    assert "до 9 655 8" in reply.answer
    assert reply.answer.index("Yaris") < reply.answer.index("Corolla 1.6, 2019")
    assert "10 300 000 ₸" not in reply.answer
    assert (await talk.ask("вторая какого цвета?")).cars == ["T07"]


async def test_a_budget_too_small_for_any_car_says_so_and_names_the_cheapest(talk: Talk) -> None:
    reply = await talk.ask("могу платить до 20 тысяч в месяц")
    assert "ничего нет" in reply.answer
    assert "Yaris 1.5, 2020" in reply.answer
