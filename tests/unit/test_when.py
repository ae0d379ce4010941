"""Dates and times as people say them, in Russian and English."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chains.forms.when import When, read_when

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Europe/Moscow"))
"""A Friday."""
TODAY = NOW.date()
NUMBERS = "час два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать".split()
GENITIVE = "первого второго третьего четвертого пятого шестого седьмого восьмого девятого десятого".split()
MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
MONTHS_EN = "January February March April May June July August September October November December".split()


def read(message: str) -> When:
    return read_when(message, NOW)


@pytest.mark.parametrize(
    ("message", "day", "at"),
    [
        ("завтра в 12", date(2026, 11, 21), time(12)),
        ("25 ноября в 15:30", date(2026, 11, 25), time(15, 30)),
        ("двадцать пятого ноября в три часа дня", date(2026, 11, 25), time(15)),
        ("в 7 вечера послезавтра", date(2026, 11, 22), time(19)),
        ("на 27.11 в 16.00", date(2026, 11, 27), time(16)),
        ("завтра вечером в 7", date(2026, 11, 21), time(19)),
        ("25-го в 10 утра", date(2026, 11, 25), time(10)),
        ("через неделю в полдень", date(2026, 11, 27), time(12)),
        ("завтро в 15 00", date(2026, 11, 21), time(15)),
        ("всубботу к 12", date(2026, 11, 21), time(12)),
        ("5 января в час дня", date(2027, 1, 5), time(13)),
        ("2026-11-25 15:00", date(2026, 11, 25), time(15)),
        ("завтра в 12 ночи", date(2026, 11, 21), time(0)),
        ("tomorrow at 3pm", date(2026, 11, 21), time(15)),
        ("on November 25th at 4 pm", date(2026, 11, 25), time(16)),
        ("day after tomorrow at noon", date(2026, 11, 22), time(12)),
        ("next Friday at quarter to 5 pm", date(2026, 11, 27), time(16, 45)),
        ("in 3 days at 14:15", date(2026, 11, 23), time(14, 15)),
        ("на следующей неделе в среду в 18 часов", date(2026, 11, 25), time(18)),
    ],
)
def test_a_day_with_a_time_is_understood(message: str, day: date, at: time) -> None:
    when = read(message)
    assert (when.days, when.exact, when.either_half) == ((day,), at, False)


@pytest.mark.parametrize(
    ("message", "at"),
    [
        ("в полпятого", time(4, 30)),
        ("в половине пятого", time(4, 30)),
        ("пол шестого", time(5, 30)),
        ("без пятнадцати пять", time(4, 45)),
        ("half past four", time(4, 30)),
        ("часика в три", time(3)),
        ("в 7", time(7)),
        ("в час", time(1)),
        ("at 5", time(5)),
        ("11", time(11)),
    ],
)
def test_a_time_without_its_half_of_the_day_is_left_open(message: str, at: time) -> None:
    when = read(message)
    assert (when.days, when.exact, when.either_half) == ((), at, True)


@pytest.mark.parametrize(
    ("message", "days", "earliest", "latest"),
    [
        ("в субботу после обеда", [21], time(13), time(18)),
        ("послезавтра утром", [22], time(5), time(12)),
        ("сегодня вечером", [20], time(17), time(23, 59)),
        ("с 10 до 14 завтра", [21], time(10), time(14)),
        ("между 3 и 5", [], time(15), time(17)),
        ("после 18", [], time(18), None),
        ("завтра до 12", [21], None, time(12)),
        ("на выходных", [21, 22], None, None),
        ("в субботу или воскресенье", [21, 22], None, None),
        ("в пятницу", [20, 27], None, None),
        ("в следующую пятницу", [27], None, None),
        ("next Monday morning", [23], time(5), time(12)),
        ("tonight", [20], time(17), time(23, 59)),
        ("через час", [20], time(13), None),
        ("in half an hour", [20], time(12, 30), None),
        ("next week", [23, 24, 25, 26, 27, 28, 29], None, None),
    ],
)
def test_a_part_of_the_day_or_of_the_week_bounds_the_wish(
    message: str, days: list[int], earliest: time | None, latest: time | None
) -> None:
    when = read(message)
    assert ([day.day for day in when.days], when.earliest, when.latest) == (days, earliest, latest)
    assert when.exact is None


@pytest.mark.parametrize("message", ["31 ноября", "завтра в 25:00", "29 февраля 2027", "в 12:75"])
def test_what_is_in_no_calendar_is_called_wrong(message: str) -> None:
    assert read(message).wrong


@pytest.mark.parametrize("message", ["как можно скорее", "в любое время", "asap", "first available"])
def test_as_soon_as_possible_is_a_wish_too(message: str) -> None:
    assert read(message).soonest


@pytest.mark.parametrize(
    "message",
    [
        "запишите на C 180",
        "на E 200",
        "до 5 млн",
        "на 7 мест",
        "вторая сколько стоит?",
        "на третью",
        "второе",
        "можно на тест-драйв второго?",
        "8 900 000 00 00",
        "может, приеду с женой",
        "may I come with my wife?",
        "the second one",
        "GLE 450 4MATIC, пробег до 30 тысяч",
    ],
)
def test_cars_phones_and_places_in_a_list_are_no_time(message: str) -> None:
    assert not read(message).says_something


@pytest.mark.parametrize(
    ("message", "days"),
    [
        ("не в субботу, а в воскресенье", [22]),
        ("в среду не получится, давайте в четверг", [26]),
        ("не завтра, сегодня", [20]),
        ("not tomorrow, on Monday", [23]),
    ],
)
def test_a_day_that_is_denied_is_not_wished_for(message: str, days: list[int]) -> None:
    assert [day.day for day in read(message).days] == days


@pytest.mark.parametrize(
    ("message", "minutes"),
    [
        ("на час позже", 60),
        ("на полчаса раньше", -30),
        ("на 2 часа позже", 120),
        ("an hour later", 60),
        ("на день раньше", -1440),
    ],
)
def test_a_shift_is_counted_from_what_was_said_before(message: str, minutes: int) -> None:
    when = read(f"перенеси {message}")
    assert (when.shift, when.exact) == (timedelta(minutes=minutes), None)


def test_what_is_left_over_can_be_read_by_itself() -> None:
    assert read("гле 350 завтра в 14").rest.split() == ["гле", "350"]


@given(st.integers(1, 365), st.integers(0, 23), st.integers(0, 59), st.booleans())
def test_every_date_and_time_of_the_coming_year_is_read_back(
    ahead: int, hour: int, minute: int, english: bool
) -> None:
    day = TODAY + timedelta(days=ahead - 1)
    month = (MONTHS_EN if english else MONTHS)[day.month - 1]
    joint = "at" if english else "в"
    when = read(f"{day.day} {month} {day.year} {joint} {hour:02d}:{minute:02d}")
    assert (when.days, when.exact, when.wrong) == ((day,), time(hour, minute), False)
    assert not when.rest.strip()


@given(st.integers(0, 11), st.sampled_from(["утра", "дня", "вечера"]))
def test_every_hour_in_words_is_read_back(index: int, part: str) -> None:
    when = read(f"в {NUMBERS[index]} {part}")
    hour = index + 1
    expected = hour if part == "утра" or hour == 12 else hour + 12
    assert when.exact == time(expected)
    assert not when.either_half


@given(st.integers(1, 10), st.sampled_from(["в половине {}", "в пол {}", "пол{}"]))
def test_half_of_every_hour_is_half_an_hour_before_it(ordinal: int, form: str) -> None:
    when = read(form.format(GENITIVE[ordinal - 1]))
    assert when.exact == time((ordinal - 2) % 12 + 1, 30)


@given(st.integers(0, 6), st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31)))
def test_a_weekday_is_the_coming_one(weekday: int, now: datetime) -> None:
    names = "понедельник вторник среду четверг пятницу субботу воскресенье".split()
    days = read_when(f"в {names[weekday]}", now.replace(tzinfo=NOW.tzinfo)).days
    assert days[0].weekday() == weekday
    assert 0 <= (days[0] - now.date()).days < 7


@given(st.text(alphabet="0123456789 .:-/вдочаспонеьлтрик'ampth", max_size=40))
@example("без 99 пять")
@example("с 5 до 5")
@example("99/99/99")
@example("через 999 минут")
def test_nothing_that_is_written_makes_it_fail(message: str) -> None:
    assert isinstance(read(message), When)
