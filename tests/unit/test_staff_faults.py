"""What is wrong with rows and what jobs report, in the words of staff."""

import re
from typing import Any

import pytest

from settings import ROOT
from tests.unit.test_inventory_rows import load
from ui.pages.staff.faults import counts_of, job_name, reason
from ui.pages.texts import Texts, load_staff_texts

GOOD = {"stock_id": "A1", "model": "C 180", "price": "5490000"}


@pytest.fixture(scope="module")
def russian() -> Texts:
    return load_staff_texts(ROOT / "assets", "ru")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"stock_id": ""}, "Нет номера машины"),
        ({"model": None}, "Не указана модель"),
        ({"price": ""}, "Не указана цена"),
        ({"price": "0"}, "Цена не больше нуля"),
        ({"price": "по запросу"}, "Цена не читается: «по запросу»"),
        ({"price": "позвоните " * 9}, "Цена не читается: «позвоните позвоните позвоните позвоните …»"),
        ({"status": "мираж"}, "Неизвестное состояние «мираж»"),
        ({"year": "1700"}, "Поле year пустое: в 1700 году машин не было"),
        ({"seats": "много"}, "Поле seats пустое: не читается «много»"),
        ({"power_hp": "99999"}, "Поле power_hp пустое: 99999 — слишком много"),
        ({"url": "<script>"}, "Поле url пустое: «<script>» — не адрес страницы"),
    ],
)
def test_every_reason_of_the_stores_has_its_sentence(
    russian: Texts, cells: dict[str, Any], said: str
) -> None:
    loaded = load({**GOOD, **cells})
    (row,) = [*loaded.rejected, *loaded.remarks]
    assert reason(row.reason, russian).startswith(said)


def test_the_second_of_two_rows_with_one_id_is_told_where_the_first_is(russian: Texts) -> None:
    (row,) = load(GOOD, GOOD).rejected
    assert reason(row.reason, russian) == "Такой номер уже есть в строке 2: действует первая"


def test_what_nobody_has_put_into_words_is_shown_as_it_is(russian: Texts) -> None:
    assert reason("a new {kind} of fault", russian) == "a new {kind} of fault"
    assert (job_name("crawl-moon", russian), job_name("cluster-gaps", russian)) == (
        "crawl-moon",
        "сбор пробелов",
    )
    told = counts_of({"cars": 246, "changed": True, "new_thing": 1}, russian)
    assert told == "машин: 246, изменилось: да, new thing: 1"


def test_every_job_of_the_clock_has_its_name(russian: Texts) -> None:
    duties = (ROOT / "jobs" / "duties.py").read_text(encoding="utf-8")
    modules = re.findall(r"^\s+([a-z_]+)\.NAME,$", duties, re.MULTILINE)
    assert len(modules) > 3
    assert all(job_name(name.replace("_", "-"), russian) != name.replace("_", "-") for name in modules)
