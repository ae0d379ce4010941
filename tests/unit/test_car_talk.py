"""What a message says of cars beyond a search, and which messages only the dialog about cars explains."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.advice import joined, load_needs, needs_in
from chains.car_talk import read_talk
from stores.cars import CarFilter


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("сравни первый и второй", {"ordinals": (0, 1), "asks_to_compare": True}),
        ("сравни 1 и 3", {"ordinals": (0, 2)}),
        ("первый взнос 20%", {"ordinals": ()}),
        ("номер 4", {"ordinals": (3,)}),
        ("2-я", {"ordinals": (1,)}),
        ("the last one", {"ordinals": (-1,)}),
        ("сравни первые три", {"first": 3}),
        ("какая из них мощнее?", {"among": True, "order": "-power"}),
        ("у какой меньше пробег?", {"which": True, "order": "mileage"}),
        ("сколько их всего?", {"counts": True}),
        ("отсортируй по пробегу", {"sort": "mileage"}),
        ("по цене", {"sort": "price"}),
        ("сначала дорогие", {"sort": "-price"}),
        ("sort by price descending", {"sort": "-price"}),
        ("покажи ещё", {"more": True}),
        ("покажи", {"more": False}),
        ("тогда покажи всё", {"show_all": True}),
        ("забудь про цвет", {"dropped": ("colors",)}),
        ("без разницы какой привод", {"dropped": ("drives",)}),
        ("any diesel?", {"dropped": ()}),
        ("какого она цвета?", {"field": "color", "points": True}),
        ("а салон какой?", {"field": "interior"}),
        ("сколько там лошадей?", {"field": "power"}),
        ("какой у неё пробег?", {"field": "mileage"}),
        ("дай ссылку", {"field": "link"}),
        ("эта ещё в наличии?", {"field": "status"}),
        ("а расход?", {"field": "missing"}),
        ("какие машины 2022 года есть?", {"field": None}),
        ("какие GLC с пробегом до 30 тысяч?", {"field": None}),
        ("какие машины в наличии?", {"field": None, "group": None}),
        ("какие цвета есть у GLC?", {"group": "color"}),
        ("сколько машин каждого класса?", {"group": "class"}),
        ("средний пробег E-класса", {"statistic": "mean", "number": "mileage_km"}),
        ("от и до скольки цены на GLE?", {"statistic": "range", "number": "price"}),
    ],
)
def test_a_message_is_understood(message: str, said: dict[str, Any]) -> None:
    talk = read_talk(message)
    assert {name: getattr(talk, name) for name in said} == said


@given(text=st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    assert read_talk(text).words >= 0
    needs_in(text)


@pytest.mark.parametrize(
    ("message", "need"),
    [
        ("посоветуйте машину для семьи", "для семьи"),
        ("хочу авто для города", "для города"),
        ("моя первая машина", "для начинающего водителя"),
        ("нужна машина в такси", "для такси"),
        ("a car for a family with kids", "для семьи"),
    ],
)
def test_a_need_is_known_by_its_words(message: str, need: str) -> None:
    assert need in [one.title["ru"] for one in needs_in(message)]


@pytest.mark.parametrize("message", ["есть C 180?", "какая у вас гарантия?", "первая сколько стоит?"])
def test_other_messages_name_no_need(message: str) -> None:
    assert needs_in(message) == ()


def test_needs_together_take_the_bodies_that_suit_both() -> None:
    by_title = {need.title["en"]: need for need in load_needs()}
    both = joined((by_title["for a family"], by_title["for off-road"]))
    assert both == CarFilter(bodies=("suv",), seats_min=5, drives=("awd",))
