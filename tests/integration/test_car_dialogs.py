"""Dialogs about cars over several messages: what a list, a car and a question mean to the next message."""

import pytest

from services import Services
from tests.integration.car_salon import Talk, begin

pytestmark = pytest.mark.anyio


@pytest.fixture
def talk(car_services: Services) -> Talk:
    return begin(car_services)


@pytest.mark.parametrize(
    ("messages", "cars"),
    [
        # the winner comes first, the list of Camrys is T02, T03, T01, T04
        (["какие Camry есть?", "какая из них мощнее?"], ["T03", "T02", "T01", "T04"]),
        (["какие Camry есть?", "у какой меньше пробег?"], ["T01", "T04", "T02", "T03"]),
        (["какие Camry есть?", "самая новая из них"], ["T01", "T04", "T02", "T03"]),
        (["any Camry?", "the second one", "tell me more about it"], ["T03"]),
        (["any Camry?", "which of them is the cheapest?"], ["T02", "T03", "T01", "T04"]),
        (["какие Camry есть?", "сравни первую и третью"], ["T02", "T01"]),
        (["какие Camry есть?", "сравни 1 и 2", "какая дешевле?"], ["T02", "T03"]),
        (["какие Camry есть?", "сравни первую и вторую", "чем они отличаются?"], ["T02", "T03"]),
        (["что дешевле, RAV4 или Corolla?"], ["T07", "T11"]),
        (["что мощнее, RAV4 или Corolla?"], ["T09", "T07"]),
        (["сравни Yaris и Alphard"], ["T21", "T20"]),
        (["что новее, RAV4 или Corolla до 16 млн?"], ["T06", "T08"]),
        (["Camry или Corolla не старше 2022 года, что посоветуете"], ["T05", "T06", "T01", "T04"]),
        # a list, its pages and its orders
        (["что есть до 16 млн?", "покажи ещё"], ["T02", "T08", "T03"]),
        (["что есть до 16 млн?", "покажи ещё", "вторая"], ["T08"]),
        (["что есть до 16 млн?", "отсортируй по пробегу"], ["T06", "T05", "T21", "T08", "T02"]),
        (["что есть до 16 млн?", "сначала дорогие"], ["T03", "T08", "T02", "T11", "T06"]),
        (["какие Camry есть?", "номер 4"], ["T04"]),
        (["какие Camry есть?", "первую расскажи", "а вторую?"], ["T03"]),
        (["какие Camry есть?", "третья", "назад к списку"], ["T02", "T03", "T01", "T04"]),
        # wishes come, change and go
        (["какие RAV4 есть?", "а белый?"], ["T09"]),
        (["какие RAV4 есть?", "а белый?", "любой цвет"], ["T11", "T08", "T09"]),
        (["какие RAV4 есть?", "а без полного привода?"], ["T11"]),
        (["какие RAV4 есть?", "полный привод", "без разницы какой привод"], ["T11", "T08", "T09"]),
        (["какие Camry есть?", "а белая?", "или серая"], ["T03", "T01", "T04"]),
        (["какие Camry есть?", "только с пробегом"], ["T02", "T03", "T04"]),
        (["какие Camry есть?", "нет, я имел в виду Corolla"], ["T07", "T05", "T06"]),
        (["самый мощный внедорожник", "а белый?"], ["T13", "T09"]),
        (["красный RAV4 дизель есть?", "тогда покажи все"], ["T11", "T08", "T09"]),
        (["что есть до 12 млн?", "давай подороже"], ["T11", "T02", "T08", "T03", "T19"]),
        (["белый RAV4 до 30 млн", "не то. какие пикапы есть"], ["T19", "T18"]),
        (["Camry с пробегом до 50 тысяч", "а до 70?"], ["T02", "T04"]),
        (["есть Corolla до 9 млн?", "вернёмся к Corolla, самая новая какая"], ["T07"]),
        (["что есть до 9 млн?", "сбрось фильтры и покажи пикапы"], ["T19", "T18"]),
        # a story around a wish
        (
            [
                "Мы с женой переехали за город, у нас двое детей и собака, до работы ехать далеко, хочется надёжное."
                " Раньше была Мазда. Думаем про RAV4 до 16 млн, дороже 16 млн не потянем. Что у вас есть?"
            ],
            ["T11", "T08"],
        ),
        (["у меня сейчас Yaris, хочу Corolla до 9 млн"], ["T07"]),
        (["ссылка https://test.example/T01 сколько стоит эта?"], ["T01"]),
    ],
)
async def test_a_message_means_what_the_dialog_makes_of_it(
    talk: Talk, messages: list[str], cars: list[str]
) -> None:
    reply = await talk.last(*messages)
    assert (reply.route, reply.cars) == ("inventory", cars)


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (["какие Camry есть?", "вторая какого цвета?"], "серый"),
        (["есть Yaris?", "какой у неё пробег?"], "45 000 км"),
        (["есть Yaris?", "сколько там лошадей?"], "не указаны"),
        (["есть Alphard?", "сколько в нём мест?"], "7"),
        (["есть Alphard?", "он с полным приводом?"], "Нет. Alphard 3.5, 2021: передний привод"),
        (["is there an Alphard?", "is it automatic?"], "Yes."),
        (["какие Camry есть?", "у первой есть люк?"], "Да"),
        (["какие Camry есть?", "у первой есть люк?", "а у четвёртой?"], "не указаны"),
        (["какие Camry есть?", "третью", "дай ссылку"], "https://test.example/T01"),
        (["какие Camry есть?", "первую", "ссылка на неё есть?"], "Ссылки на страницу"),
        (["есть Supra?", "что забронировано?", "она ещё в наличии?"], "забронирован"),
        (["какие Camry есть?", "третья", "а салон какой?"], "чёрная кожа"),
        (["какие Camry есть?", "вторая", "а салон какой?"], "бежевая кожа"),
        (["какие Camry есть?", "номер 9"], "строк: 4"),
    ],
)
async def test_one_field_is_answered_with_that_field(talk: Talk, messages: list[str], told: str) -> None:
    reply = await talk.last(*messages)
    assert told in reply.answer
    assert "л. с." not in reply.answer  # nothing but the field asked for


async def test_a_question_that_no_field_answers_is_said_to_be_unknown(talk: Talk) -> None:
    reply = await talk.last("есть Yaris?", "какой у неё расход?")
    assert (reply.route, reply.cars) == ("unknown", [])
    assert "Yaris 1.5, 2020: таких сведений в данных салона нет" in reply.answer


async def test_a_comparison_names_each_figure_with_its_car_and_the_winner(talk: Talk) -> None:
    reply = await talk.last("какие Camry есть?", "сравни первую и третью")
    assert "1. Camry 2.5, 2021, чёрный, 62 000 км — 14 200 000 ₸" in reply.answer
    assert "3. Camry 2.5, 2023, белый, новый — 17 500 000 ₸" in reply.answer  # its number in the list
    assert "Дешевле: Camry 2.5, 2021 — 14 200 000 ₸ (разница 3 300 000 ₸)" in reply.answer
    assert "Мощнее" not in reply.answer  # both have 200 hp


async def test_equal_values_are_said_to_be_equal(talk: Talk) -> None:
    assert (
        "Разницы нет (200 л. с.)"
        in (await talk.last("какие Camry есть?", "сравни 1 и 3", "какая мощнее?")).answer
    )


async def test_a_car_whose_value_is_unknown_wins_no_comparison(talk: Talk) -> None:
    reply = await talk.last("какие Camry есть?", "какая из них мощнее?")
    assert "Нет данных: Camry Hybrid, 2022" in reply.answer


async def test_a_class_that_is_not_there_is_said_so_beside_the_one_that_is(talk: Talk) -> None:
    reply = await talk.ask("что дешевле, Supra или Yaris?")  # the Supra is reserved
    assert reply.cars == ["T21"]
    assert "Supra: сейчас в наличии нет" in reply.answer


async def test_a_comparison_says_which_condition_it_had_to_leave_out(talk: Talk) -> None:
    reply = await talk.ask("сравни Camry и Yaris 2021 года")
    assert "Yaris (2021 года): сейчас в наличии нет" in reply.answer
    assert "без этого условия" in reply.answer
    kept = await talk.ask("сравни Camry и Yaris до 20 млн")
    assert "без этого условия" not in kept.answer


@pytest.mark.parametrize(
    "message",
    ["а есть что-то кроме тойоты?", "кроме Toyota другое продаёте?", "anything other than Toyota?"],
)
async def test_who_wants_another_brand_is_told_which_one_is_sold(talk: Talk, message: str) -> None:
    reply = await talk.ask(message)
    assert (reply.route, reply.cars) == ("off_topic", [])
    assert "Toyota" in reply.answer


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("какие цвета есть у Camry?", "белый — 2, серый — 1, чёрный — 1"),
        ("какие годы у Corolla?", "2019 — 1, 2022 — 1, 2024 — 1"),
        ("какие модификации RAV4 есть?", "RAV4 2.0 — 2, от 12 800 000 ₸, RAV4 2.5 — 1, от 19 900 000 ₸"),
        ("сколько машин каждого кузова?", "пикап — 2"),
        ("какие кузова есть?", "внедорожник — 5"),
        ("от и до скольки цены на Camry?", "от 14 200 000 ₸ до 18 400 000 ₸"),
        ("средняя мощность Camry", "216 л. с."),
        ("средняя мощность Camry", "Посчитано по 3 из 4"),
        ("средняя цена Corolla", "10 300 000 ₸"),
    ],
)
async def test_figures_of_many_cars_are_counted(talk: Talk, message: str, told: str) -> None:
    assert told in (await talk.ask(message)).answer


async def test_those_that_share_the_best_figure_are_named(talk: Talk) -> None:
    reply = await talk.ask("какая Corolla самая мощная?")
    assert "С тем же показателем (122 л. с.)" in reply.answer


async def test_superlatives_in_the_plural_give_a_list_with_the_figure(talk: Talk) -> None:
    reply = await talk.ask("топ 3 по мощности")
    assert reply.cars == ["T20", "T03", "T12"]
    assert "300 л. с." in reply.answer


async def test_the_nearest_cars_tell_in_what_they_differ(talk: Talk) -> None:
    reply = await talk.ask("есть зелёная Camry до 14 млн?")
    assert (reply.cars_total, reply.cars[0], len(reply.cars)) == (0, "T02", 3)
    assert "другой цвет" in reply.answer
    assert "дороже на 200 000 ₸" in reply.answer


async def test_a_need_becomes_criteria_that_are_named(talk: Talk) -> None:
    reply = await talk.ask("посоветуйте машину для семьи до 30 млн")
    assert reply.cars == ["T12"]
    assert "для семьи" in reply.answer
    assert "внедорожник" in reply.answer
    assert "до 30 000 000 ₸" in reply.answer


async def test_advice_without_a_need_is_a_question_back(talk: Talk) -> None:
    reply = await talk.ask("помогите выбрать машину")
    assert "бюджет" in reply.answer
    assert "от 7 900 000 ₸ до 38 000 000 ₸" in reply.answer
