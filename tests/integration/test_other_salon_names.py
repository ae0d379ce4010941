"""Salons whose classes are digits, whose cars are of several makes, or whose visitors speak English: all by data."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from chains.reply import Reply
from services import Services, open_services
from settings import Settings

pytestmark = pytest.mark.anyio

WEDNESDAY = datetime.fromisoformat("2026-11-25T12:00:00+03:00")

_SALON = """
name = "Пробный салон"
brand = "{brand}"
city = "Казань"
address = "Пробная улица, 44"
phone = "+7 843 000-00-00"
email = "salon@test.example"
timezone = "Europe/Moscow"
currency = "RUB"

[hours]
wed = "10:00-19:00"

[inventory]
source = "cars.csv"
[finance]
rate_percent = 20
down_payment_percent = 10
months = [12, 36]
"""
_LEGEND = """## Проезд
Автобус до остановки «Заводская», оттуда 5 минут пешком.
## Обязательства после продажи
Даём гарантию 3 месяца на двигатель.
## Способы расчёта
Наличные и перевод. Рассрочку не предоставляем.
"""
_SERIES = """stock_id;model;class;body;price;mileage_km;drive;options
B1;320i;3;седан;4000000;10000;задний;подогрев сидений
B2;320d xDrive;3;седан;4500000;10000;xDrive;подогрев сидений
B3;520d;5;седан;6000000;0;задний;фаркоп
B4;740d;7;седан;9000000;0;xDrive;фаркоп
B5;X5 xDrive30d;X5;кроссовер;8000000;20000;xDrive;панорамная крыша
"""
_MAKES = """stock_id;model;body;price;mileage_km;drive
U1;Лада Веста 1.6;седан;1100000;45 тыс. км;передний
U2;Lada Granta 1.6;лифтбек;700000;90 тыс. км;передний
U3;Haval Jolion;кроссовер;2000000;10 тыс. км;передний
U4;Haval F7x;кроссовер;2500000;;4WD
U5;Kia Rio;седан;1200000;120 тыс. км;передний
U6;Kia Sportage;кроссовер;2400000;30 тыс. км;4WD
U7;Passat Variant;универсал;2200000;30 тыс. км;4Motion
"""


def _services(folder: Path, brand: str, cars: str) -> Services:
    salon = folder / "salon"
    salon.mkdir()
    (salon / "salon.toml").write_text(_SALON.format(brand=brand), encoding="utf-8")
    (salon / "legend.md").write_text(_LEGEND, encoding="utf-8")
    (salon / "cars.csv").write_text(cars, encoding="cp1251")
    return open_services(Settings(_env_file=None, salon=salon, data=folder / "data", llm="off"))


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A salon whose classes are digits, of a brand without a file."""
    opened = _services(tmp_path_factory.mktemp("series"), "BMW", _SERIES)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def makes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A salon that sells cars of several makes, one of them written in two ways."""
    opened = _services(tmp_path_factory.mktemp("makes"), "Haval", _MAKES)
    yield opened
    opened.close()


async def _last(services: Services, *messages: str) -> Reply:
    session = services.dialogs.open(
        kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
    )
    reply = None
    for message in messages:
        reply = await services.assistant.answer(session.session_id, message, at=WEDNESDAY)
    assert reply is not None
    return reply


@pytest.mark.parametrize(
    ("question", "cars"),
    [
        ("трёшка бмв есть?", ["B1", "B2"]),
        ("покажите 3 серию", ["B1", "B2"]),
        ("есть пятая серия?", ["B3"]),
        ("семёрка есть?", ["B4"]),
        ("тройка или пятёрка до 4 млн", ["B1"]),
        ("3-ка на полном приводе", ["B2"]),
        ("do you have a 5 series?", ["B3"]),
        ("икс пять есть?", ["B5"]),
        ("с подогревом", ["B1", "B2"]),
    ],
)
async def test_classes_that_are_digits_are_found_by_what_people_call_them(
    series: Services, question: str, cars: list[str]
) -> None:
    reply = await _last(series, question)
    assert (reply.route, reply.cars, reply.cars_total) == ("inventory", cars, len(cars))


@pytest.mark.parametrize("question", ["X6 есть?", "икс 6 есть?", "540i есть?", "есть 6 серия?"])
async def test_a_model_built_like_those_on_show_is_denied_plainly_with_the_nearest(
    series: Services, question: str
) -> None:
    reply = await _last(series, question)
    assert (reply.route, reply.cars_total) == ("inventory", 0)
    assert "нет" in reply.answer
    assert reply.cars


async def test_a_class_is_called_a_class_only_where_the_brand_says_so(series: Services) -> None:
    answer = (await _last(series, "покажите 3 серию")).answer
    assert "BMW 3" in answer
    assert "3-класс" not in answer


@pytest.mark.parametrize(
    ("messages", "cars"),
    [
        (["лада есть?"], ["U2", "U1"]),
        (["лады до 800 тысяч"], ["U2"]),
        (["киа рио"], ["U5"]),
        (["хавалы на полном приводе"], ["U4"]),
        (["есть хавал?", "а киа?"], ["U5", "U6"]),
        (["машины с пробегом до 50 тысяч км дешевле полутора миллионов"], ["U1"]),
        (["полный привод, универсал"], ["U7"]),
    ],
)
async def test_a_make_among_several_is_a_wish_of_its_own(
    makes: Services, messages: list[str], cars: list[str]
) -> None:
    reply = await _last(makes, *messages)
    assert (reply.route, reply.cars) == ("inventory", cars)


async def test_a_make_that_the_salon_sells_is_no_other_brand(makes: Services) -> None:
    assert (await _last(makes, "джолион есть?")).cars == ["U3"]
    assert (await _last(makes, "спортейджи есть?")).cars == ["U6"]
    assert (await _last(makes, "а тойота есть?")).route == "off_topic"
    assert (await _last(makes, "а шкода есть?")).route == "off_topic"


async def test_the_way_is_told_with_the_address(makes: Services) -> None:
    reply = await _last(makes, "как до вас добраться?")
    assert "Пробная улица, 44" in reply.answer
    assert "Заводская" in reply.answer
    assert {source.kind for source in reply.sources} == {"salon", "legend"}


async def test_a_street_named_like_a_test_drive_begins_none(makes: Services) -> None:
    assert (await _last(makes, "можно на Пробной запарковаться?")).route != "test_drive"


async def test_what_the_brochure_says_of_instalments_goes_before_loans(makes: Services) -> None:
    reply = await _last(makes, "рассрочка есть?")
    assert (reply.route, "не предоставляем" in reply.answer) == ("legend", True)


async def test_a_question_that_points_back_at_a_car_is_answered_beside_the_car(makes: Services) -> None:
    reply = await _last(makes, "Есть Джолион и какая на него гарантия?")
    assert reply.cars == ["U3"]
    assert "3 месяца" in reply.answer


async def test_an_english_word_is_no_name_that_only_sounds_like_it(makes: Services) -> None:
    assert (await _last(makes, "what warranty do I get?")).route == "legend"
