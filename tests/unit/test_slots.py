"""Free times for a test drive: in opening hours, neither past nor taken, and near what was wished for."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from chains.forms.slots import OFFERED, Slots
from chains.forms.when import When
from stores.bookings import steps
from stores.hours import Hours, parse_hours
from stores.salon import TestDrive

ZONE = ZoneInfo("Asia/Yekaterinburg")
HOURS = parse_hours(
    {
        **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-20:00"),
        "sat": "10:00-16:30",
        "except": {"2026-11-25": "closed", "2026-11-26": "12:00-15:00"},
    },
    ZONE,
)
NOW = datetime(2026, 11, 20, 12, 10, tzinfo=ZONE)
"""A Friday."""
RULES = TestDrive(slot_minutes=60, min_driving_years=2, lead_minutes=60, days_ahead=14)


def slots(
    taken: list[datetime] | None = None, *, now: datetime = NOW, hours: Hours = HOURS, minutes: int = 60
) -> Slots:
    cells = {cell for at in taken or [] for cell in steps(at, 60)}
    rules = RULES.model_copy(update={"slot_minutes": minutes})
    return Slots(hours, rules, now, frozenset(cells))


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def test_every_obstacle_has_its_name() -> None:
    free = slots([local(21, 12)])
    assert free.obstacle(local(20, 11)) == "past"
    assert free.obstacle(local(20, 13)) == "soon"
    assert free.obstacle(local(22, 12)) == "closed"  # a Sunday
    assert free.obstacle(local(25, 12)) == "closed"  # an exception
    assert free.obstacle(local(21, 16)) == "outside"  # the drive would end after closing
    assert free.obstacle(local(21, 12, 30)) == "taken"
    assert free.obstacle(datetime(2026, 12, 20, 12, tzinfo=ZONE)) == "far"
    assert free.obstacle(local(20, 14)) is None


def test_the_nearest_times_are_offered_first_and_taken_ones_not_at_all() -> None:
    assert slots().free(When()) == [local(20, 14), local(20, 15), local(20, 16)]
    assert slots([local(20, 15)]).free(When()) == [local(20, 14), local(20, 16), local(20, 17)]


def test_a_part_of_a_day_narrows_the_offer() -> None:
    wish = When(days=(date(2026, 11, 23),), earliest=time(17))
    assert slots().free(wish) == [local(23, 17), local(23, 18), local(23, 19)]
    assert slots().free(When(days=(date(2026, 11, 26),), latest=time(13))) == [local(26, 12)]


def test_a_time_without_a_day_is_offered_on_the_next_days_on_which_it_is_free() -> None:
    assert slots().free(When(exact=time(11))) == [local(21, 11), local(23, 11), local(24, 11)]


def test_seven_oclock_is_the_one_at_which_the_salon_is_open() -> None:
    assert slots().moment(date(2026, 11, 23), When(exact=time(7), either_half=True)) == local(23, 19)
    assert slots().moment(date(2026, 11, 23), When(exact=time(10), either_half=True)) == local(23, 10)
    assert slots().moment(date(2026, 11, 23), When(exact=time(7))) == local(23, 7)


def test_beside_a_time_that_is_taken_the_same_day_is_offered() -> None:
    near = slots([local(23, 12)]).free(When(), near=local(23, 12))
    assert near == [local(23, 10), local(23, 11), local(23, 13)]


def test_after_a_day_off_the_next_open_day_is_offered() -> None:
    assert slots().free(When(), near=local(22, 12)) == [local(23, 9), local(23, 10), local(23, 11)]


def test_earlier_and_later_go_on_from_what_was_offered() -> None:
    offered = [local(23, 12), local(23, 13), local(23, 14)]
    assert slots().beyond(offered) == [local(23, 15), local(23, 16), local(23, 17)]
    assert slots().beyond(offered, earlier=True) == [local(23, 9), local(23, 10), local(23, 11)]


def test_a_salon_open_past_midnight_offers_its_night() -> None:
    night = parse_hours({"fri": "20:00-02:00"}, ZONE)
    late = slots(hours=night, now=local(20, 22, 30))
    assert late.free(When()) == [local(21, 0), local(21, 1), local(27, 20)]
    assert late.obstacle(local(21, 1)) is None


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.integers(5, 180),
    st.lists(st.integers(0, 14 * 24), max_size=40),
)
def test_whatever_is_offered_can_be_had(now: datetime, minutes: int, taken: list[int]) -> None:
    here = now.astimezone(ZONE)
    free = slots([here + timedelta(hours=hours) for hours in taken], now=here, minutes=minutes)
    for wish in (When(), When(exact=time(12)), When(earliest=time(15)), When(days=(here.date(),))):
        found = free.free(wish)
        assert len(found) <= OFFERED
        assert found == sorted(set(found))
        assert all(free.obstacle(at) is None for at in found)
