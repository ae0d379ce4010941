"""Opening hours: days off, exceptions, nights, the change to summer time."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.hours import WEEKDAYS, Hours, Interval, parse_hours

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
# 2026-11-21 is a Saturday.
WEEK: dict[str, Any] = {
    **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-21:00"),
    "sat": "closed",
    "sun": "10:00 – 18:00",
    "except": {"2026-12-31": "10:00-15:00", "2027-01-01": "closed", "2026-11-28": "9:00-12:00"},
}
HOURS = parse_hours(WEEK, MOSCOW)


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_a_date_has_the_hours_of_its_weekday_unless_it_differs() -> None:
    assert HOURS.on(date(2026, 11, 20)) == Interval(time(9), time(21))
    assert HOURS.on(date(2026, 11, 21)) is None
    assert HOURS.on(date(2026, 11, 22)) == Interval(time(10), time(18))
    assert HOURS.on(date(2026, 12, 31)) == Interval(time(10), time(15))
    assert HOURS.on(date(2027, 1, 1)) is None
    assert HOURS.on(date(2026, 11, 28)) == Interval(time(9), time(12))


def test_a_weekday_left_out_is_a_day_off() -> None:
    hours = parse_hours({"mon": "09:00-18:00"}, MOSCOW)
    assert hours.on(date(2026, 11, 24)) is None


@pytest.mark.parametrize(
    "moment, is_open",
    [
        ("2026-11-20 08:59:59", False),
        ("2026-11-20 09:00", True),
        ("2026-11-20 20:59:59", True),
        ("2026-11-20 21:00", False),
        ("2026-11-21 12:00", False),
        ("2026-12-31 14:59", True),
        ("2026-12-31 15:00", False),
    ],
)
def test_the_salon_opens_on_the_minute_and_closes_on_the_minute(moment: str, is_open: bool) -> None:
    assert HOURS.is_open(at(moment)) is is_open


def test_a_moment_may_be_given_in_any_zone() -> None:
    assert HOURS.is_open(at("2026-11-20 09:00").astimezone(UTC))
    assert HOURS.is_open(datetime(2026, 11, 20, 17, 59, tzinfo=UTC))
    assert not HOURS.is_open(datetime(2026, 11, 20, 18, 0, tzinfo=UTC))


def test_a_moment_without_a_zone_is_refused() -> None:
    for ask in (HOURS.is_open, HOURS.next_opening):
        with pytest.raises(ValueError, match="no time zone"):
            ask(datetime(2026, 11, 20, 12, 0))


@pytest.mark.parametrize(
    "moment, opening",
    [
        ("2026-11-20 08:00", "2026-11-20 09:00"),
        ("2026-11-20 09:00", "2026-11-22 10:00"),
        ("2026-11-20 12:00", "2026-11-22 10:00"),
        ("2026-11-20 21:00", "2026-11-22 10:00"),
        ("2026-11-21 12:00", "2026-11-22 10:00"),
        ("2026-12-31 16:00", "2027-01-03 10:00"),
    ],
)
def test_the_next_opening_is_the_first_after_the_moment(moment: str, opening: str) -> None:
    found = HOURS.next_opening(at(moment))
    assert found == at(opening)
    assert found.utcoffset() == timedelta(hours=3)


def test_a_salon_that_never_opens_has_no_next_opening() -> None:
    assert parse_hours({}, MOSCOW).next_opening(at("2026-11-20 12:00")) is None
    far = parse_hours({"except": {"2028-01-10": "10:00-12:00"}}, MOSCOW)
    assert far.next_opening(at("2026-11-20 12:00")) is None
    assert far.next_opening(at("2027-06-01 12:00")) == at("2028-01-10 10:00")


def test_a_night_lasts_until_morning_and_belongs_to_the_day_it_began() -> None:
    night = parse_hours({"fri": "20:00-02:00", "except": {"2026-11-21": "closed"}}, MOSCOW)
    assert night.is_open(at("2026-11-20 23:00"))
    assert night.is_open(at("2026-11-21 01:59"))
    assert not night.is_open(at("2026-11-21 02:00"))
    assert not night.is_open(at("2026-11-20 01:00"))
    assert night.next_opening(at("2026-11-21 01:00")) == at("2026-11-27 20:00")


def test_round_the_clock_is_always_open_and_never_opens() -> None:
    always = parse_hours(dict.fromkeys(WEEKDAYS, "00:00-24:00"), MOSCOW)
    assert all(always.is_open(at(f"2026-11-{day} {hour:02}:00")) for day in (20, 21) for hour in range(24))
    assert always.next_opening(at("2026-11-20 12:00")) is None


def test_doors_that_do_not_close_at_midnight_do_not_open_then() -> None:
    weekend = parse_hours({"sat": "10:00-24:00", "sun": "00:00-18:00", "mon": "09:00-18:00"}, MOSCOW)
    assert weekend.next_opening(at("2026-11-21 23:00")) == at("2026-11-23 09:00")


def test_hours_follow_the_wall_clock_through_the_change_of_time() -> None:
    hours = parse_hours(dict.fromkeys(WEEKDAYS, "09:00-18:00"), BERLIN)
    assert hours.next_opening(at("2026-03-28 19:00", BERLIN)) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)
    assert hours.next_opening(at("2026-10-24 19:00", BERLIN)) == datetime(2026, 10, 25, 8, 0, tzinfo=UTC)
    night = parse_hours({"sat": "20:00-04:00"}, BERLIN)
    assert night.is_open(datetime(2026, 3, 29, 1, 59, tzinfo=UTC))  # 03:59 summer time
    assert not night.is_open(datetime(2026, 3, 29, 2, 0, tzinfo=UTC))


@pytest.mark.parametrize("moment", [datetime.min, datetime.max, datetime(9999, 12, 30), datetime(1, 1, 2)])
def test_the_edges_of_the_calendar_break_nothing(moment: datetime) -> None:
    for zone in (UTC, MOSCOW, ZoneInfo("America/New_York")):
        assert HOURS.is_open(moment.replace(tzinfo=zone)) in {True, False}
        opening = HOURS.next_opening(moment.replace(tzinfo=zone))
        assert opening is None or opening.year in {1, 9999}


_TIMES = st.times().map(lambda value: value.replace(second=0, microsecond=0))
_INTERVALS = st.none() | st.tuples(_TIMES, _TIMES).filter(lambda pair: pair[0] != pair[1]).map(
    lambda pair: Interval(*pair)
)
_HOURS = st.builds(
    Hours,
    zone=st.sampled_from([MOSCOW, BERLIN, ZoneInfo("America/New_York")]),
    week=st.tuples(*[_INTERVALS] * 7),
    exceptions=st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), _INTERVALS, max_size=4),
)
_MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


@given(hours=_HOURS, moment=_MOMENTS)
def test_a_next_opening_is_later_open_and_was_closed_just_before(hours: Hours, moment: datetime) -> None:
    opening = hours.next_opening(moment)
    if opening is not None:
        assert opening > moment
        assert hours.is_open(opening)
        assert not hours.is_open(opening - timedelta(microseconds=1))


@given(hours=_HOURS, moment=_MOMENTS, minutes=st.integers(1, 60 * 24 * 10))
def test_no_opening_is_passed_over(hours: Hours, moment: datetime, minutes: int) -> None:
    later = moment + timedelta(minutes=minutes)
    if not hours.is_open(moment) and hours.is_open(later):
        opening = hours.next_opening(moment)
        assert opening is not None
        assert opening <= later
