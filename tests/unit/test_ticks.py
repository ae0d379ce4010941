"""The moments at which jobs are due."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.ticks import Daily, Every, When, name_of, own_phase

WHENS: list[When] = [
    Every(timedelta(minutes=30)),
    Every(timedelta(minutes=7), timedelta(seconds=41)),
    Daily(time(3, 10), ZoneInfo("Europe/Moscow")),
    Daily(time(2, 30), ZoneInfo("Europe/Berlin")),  # an hour that is left out, or comes twice
    Daily(time(23, 59), ZoneInfo("Pacific/Apia")),
    Daily(time(0, 0), ZoneInfo("Asia/Kathmandu")),
]
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(now=MOMENTS, when=st.sampled_from(WHENS))
def test_ticks_follow_each_other_without_gap_or_overlap(now: datetime, when: When) -> None:
    last, coming = when.last(now), when.next(now)
    assert last <= now < coming
    assert when.next(last) == coming
    assert when.last(coming) == coming
    assert when.last(coming - timedelta(microseconds=1)) == last


@given(now=MOMENTS)
def test_a_daily_tick_comes_once_on_each_day(now: datetime) -> None:
    zone = ZoneInfo("Europe/Berlin")
    when = Daily(time(2, 30), zone)
    days = [when.last(now).astimezone(zone).date(), when.next(now).astimezone(zone).date()]
    assert days[1] - days[0] == timedelta(days=1)


@pytest.mark.parametrize(
    "now, tick", [("2026-11-20T00:09", "2026-11-19T00:10:00Z"), ("2026-11-20T00:10", "2026-11-20T00:10:00Z")]
)
def test_night_is_that_of_the_salons_zone(now: str, tick: str) -> None:
    when = Daily(time(3, 10), ZoneInfo("Europe/Moscow"))
    assert name_of(when.last(datetime.fromisoformat(now).replace(tzinfo=UTC))) == tick


def test_each_salon_has_a_phase_of_its_own_that_all_its_processes_know() -> None:
    most = timedelta(minutes=3)
    phases = {own_phase(f"Салон {number}", most) for number in range(50)}
    assert len(phases) > 30
    assert all(timedelta() <= phase < most for phase in phases)
    assert own_phase("Салон 1", most) == own_phase("Салон 1", most)
    assert own_phase("Салон 1", timedelta()) == timedelta()
