"""The exam's own check of facts: what is moved, foreign or unsaid is found, what is right passes."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jobs.exam.cases import Expect, Where
from jobs.exam.checks import Answered, Before, Judge
from jobs.exam.facts import FactChecker, Said
from jobs.exam.oracle import Oracle

CARS = """stock_id,model,class,body,year,price,mileage_km,fuel,transmission,drive,color,power_hp,seats,options,status
N-1,Nova 100,Nova,седан,2024,2100000,12000,бензин,автомат,передний,белый,120,5,,available
N-2,Nova 100,Nova,седан,2022,1800000,43000,бензин,автомат,передний,синий,120,5,,available
N-3,Nova 200 Coupe,Nova,купе,2025,1500000,0,бензин,автомат,задний,чёрный,200,4,,available
N-4,Nova 300,Nova,седан,2025,4000000,0,бензин,автомат,задний,чёрный,310,5,,reserved
"""
SALON = """name = "Нова"
brand = "Nova"
phone = "+7 495 000-00-01"
email = "info@nova.example"
address = "Тверь, Тестовая улица, 5"
timezone = "Europe/Moscow"
currency = "RUB"
[hours]
mon = "10:00-19:00"
[inventory]
source = "cars.csv"
[finance]
rate_percent = 12
down_payment_percent = 25
months = [12, 24]
"""
LEGEND = "# Нова\n\n## Хранение шин\nСезонное хранение стоит 6 000 ₽ за полгода.\n"


@pytest.fixture
def oracle(tmp_path: Path) -> Oracle:
    (tmp_path / "cars.csv").write_text(CARS, encoding="utf-8")
    (tmp_path / "salon.toml").write_text(SALON, encoding="utf-8")
    (tmp_path / "legend.md").write_text(LEGEND, encoding="utf-8")
    return Oracle(tmp_path)


def wrong(
    oracle: Oracle,
    answer: str,
    *,
    route: str = "inventory",
    messages: tuple[str, ...] = (),
    links: tuple[str, ...] = (),
    stored: bool = False,
    cars: tuple[str, ...] = ("N-1", "N-2"),
) -> list[str]:
    now = datetime(2026, 12, 14, 12, tzinfo=ZoneInfo("Europe/Moscow"))
    said = Said(answer, route, cars, len(cars), links, messages, (), stored, now)
    return FactChecker(oracle).wrong(said)


@pytest.mark.parametrize(
    "answer",
    [
        "1. Nova 100, 2024, белый, 12 000 км — 2 100 000 ₽\n2. Nova 100, 2022, синий, 43 000 км — 1 800 000 ₽",
        "Nova 100 за 2,1 млн ₽, 120 л. с.",
        "Nova 100: цены от 1 800 000 ₽ до 2 100 000 ₽, пробег от 12 000 до 43 000 км",
        "Nova 300 забронирован, он стоит 4 000 000 ₽.",
        "Звоните: +7 495 000-00-01, info@nova.example, с 10:00.",
        "Разница между Nova 100 за 2 100 000 ₽ и Nova 200 Coupe за 1 500 000 ₽ — 600 000 ₽.",
    ],
)
def test_what_the_files_bear_out_is_not_wrong(oracle: Oracle, answer: str) -> None:
    assert wrong(oracle, answer) == []


@pytest.mark.parametrize(
    "answer",
    [
        "Nova 100 стоит 1 500 000 ₽, а Nova 200 Coupe — 2 100 000 ₽.",
        "Nova 100, 2022, 12 000 км — 2 100 000 ₽",
        "Nova 100, 2024, 43 000 км — 2 100 000 ₽",
        "Nova 100 — 2 100 000 ₽, 310 л. с.",
        "Nova 100: цены от 1 900 000 ₽ до 2 100 000 ₽",
        "Есть машина за 1 999 000 ₽.",
        "Nova 300, 2025 — 4 000 000 ₽, приезжайте",
        "Наш телефон +7 495 111-22-33.",
        "Пишите на sales@nova.example.",
        "Мы открыты с 11:00.",
        "Ставка 9,9 %.",
        "Машина N-77 ждёт вас.",
        "Записал вас на завтра.",
    ],
)
def test_what_is_moved_or_foreign_or_promised_is_wrong(oracle: Oracle, answer: str) -> None:
    assert wrong(oracle, answer)


def test_a_promise_with_its_request_is_kept(oracle: Oracle) -> None:
    assert wrong(oracle, "Спасибо, менеджер вам перезвонит.", stored=True) == []


def test_a_passage_is_the_measure_of_what_is_said_from_it(oracle: Oracle) -> None:
    right = "Хранение шин у нас стоит 6 000 ₽."
    assert wrong(oracle, right, route="legend", links=("Хранение шин",), cars=()) == []
    assert wrong(
        oracle, "Хранение шин у нас стоит 7 000 ₽.", route="legend", links=("Хранение шин",), cars=()
    )
    assert wrong(oracle, "Хранение длится 9 месяцев.", route="legend", links=("Хранение шин",), cars=())


def test_a_payment_must_be_that_of_its_own_term(oracle: Oracle) -> None:
    loan = 2100000 - 525000
    short, long = (f"{oracle.annuity(loan, months):,}".replace(",", " ") for months in (12, 24))
    right = f"Nova 100, цена 2 100 000 ₽, взнос 525 000 ₽\n12 мес.: {short} ₽\n24 мес.: {long} ₽"
    assert wrong(oracle, right, route="price") == []
    assert wrong(oracle, right.replace(f"12 мес.: {short}", f"12 мес.: {long}"), route="price")


def test_the_order_is_plain_versions_first_then_the_lowest_price(oracle: Oracle) -> None:
    assert list(oracle.select(Where(body=("седан", "купе")))["stock_id"]) == ["N-2", "N-1", "N-3"]
    assert list(oracle.select(Where(order="-power_hp"))["stock_id"]) == ["N-3", "N-2", "N-1"]


def test_cars_in_another_order_than_the_contract_says_are_not_right(oracle: Oracle) -> None:
    now = datetime(2026, 12, 14, 12, tzinfo=ZoneInfo("Europe/Moscow"))
    before = Before(("что есть?",), (), now, "ru")
    expect = Expect(cars=Where())
    text = "Есть Nova 100, 2022 — 1 800 000 ₽"
    right = Answered(text, "inventory", False, None, ("N-2", "N-1", "N-3"), 3, (), {})
    assert Judge(oracle).judge(expect, right, before).right
    other = right._replace(cars=("N-3", "N-2", "N-1"))
    assert not Judge(oracle).judge(expect, other, before).right
    assert not Judge(oracle).judge(expect, right._replace(cars_total=4), before).right
