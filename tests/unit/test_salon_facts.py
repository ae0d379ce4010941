"""Which days a question about opening hours means."""

from datetime import date

import pytest

from chains.answers.salon_facts import asks_hours, days_asked

SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("message", "days"),
    [
        ("До скольки вы работаете в воскресенье?", [date(2026, 11, 22)]),
        ("А сегодня открыты?", [SATURDAY]),
        ("вы щас открыты?", [SATURDAY]),
        ("работаете завтра или послезавтра?", [date(2026, 11, 22), date(2026, 11, 23)]),
        ("в субботу", [SATURDAY]),
        ("по выходным", [SATURDAY, date(2026, 11, 22)]),
        ("31 декабря работаете?", [date(2026, 12, 31)]),
        ("работаете 8 марта?", [date(2027, 3, 8)]),
        ("открыты 01.01?", [date(2027, 1, 1)]),
        ("are you open on Monday?", [date(2026, 11, 23)]),
        ("are you open on 31 December?", [date(2026, 12, 31)]),
        ("opening hours on May 9", [date(2027, 5, 9)]),
        ("а 2-го января", [date(2027, 1, 2)]),
        ("31-го декабря и второго января", [date(2026, 12, 31), date(2027, 1, 2)]),
        ("с 1 по 3 января", [date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)]),
        ("суботу открыты", [SATURDAY]),
        ("on January 5th", [date(2027, 1, 5)]),
        ("как работаете по будням", []),
        ("двадцать третьего февраля работаете?", [date(2027, 2, 23)]),
        ("в пн со скольки", [date(2026, 11, 23)]),
        ("30 февраля", []),
        ("какие у вас часы работы?", []),
    ],
)
def test_days_are_found_as_written(message: str, days: list[date]) -> None:
    assert days_asked(message, SATURDAY) == days


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        ("в пн со скольки", True),
        ("1 января?", True),
        ("во скоко открытие в понедельник", True),
        ("sunday?", True),
        ("open now?", True),
        ("что сейчас в моде?", False),
        ("какая погода в понедельник?", False),
        ("со скольки?", False),
        ("в пятницу белый седан", False),
    ],
)
def test_a_day_and_nothing_but_opening_asks_for_hours(message: str, asks: bool) -> None:
    assert asks_hours(message, SATURDAY) is asks
