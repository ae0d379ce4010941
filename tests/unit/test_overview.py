"""The figures of a period, from the figures of its dialogs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chains.overview import Period, by_hour, compare, dialogs_by_day, figures_of
from stores.statistics import DialogFacts

MOSCOW = ZoneInfo("Europe/Moscow")
NIGHT = datetime(2026, 11, 2, 21, 30, tzinfo=UTC)  # half past midnight of the third in Moscow


def dialog(**values: Any) -> DialogFacts:
    given: dict[str, Any] = {
        "opened_at": NIGHT,
        "kind": "web",
        "language": "ru",
        "turns": 1,
        "elapsed_ms": [20],
    }
    return DialogFacts(**(given | values))


def test_a_dialog_is_the_assistants_alone_when_nobody_had_to_be_called_and_nothing_stayed_open() -> None:
    found = figures_of(
        [
            dialog(),
            dialog(callback_requested=True),
            dialog(callback_requested=True, callback_outside_hours=True),
            dialog(unknown=1, turns=2, elapsed_ms=[20, 400]),
        ]
    )
    assert (found.dialogs, found.questions, found.alone) == (4, 5, 0.25)
    assert (found.callbacks, found.callbacks_outside_hours, found.unknown) == (2, 1, 1)
    assert found.p50_ms == 20


def test_marks_are_of_those_who_gave_one() -> None:
    found = figures_of([dialog(csat=10, nps=10), dialog(csat=8, nps=7), dialog(csat=3, nps=6), dialog()])
    assert (found.rated, found.csat, found.satisfied) == (3, 7.0, pytest.approx(2 / 3))
    assert (found.asked_nps, found.nps) == (3, 0.0)  # a promoter, a passive, a detractor


def test_a_dialog_without_a_question_counts_for_nothing() -> None:
    found = figures_of([dialog(turns=0, elapsed_ms=[])])
    assert (found.dialogs, found.alone, found.p95_ms, found.csat, found.session_s) == (
        0,
        None,
        None,
        None,
        None,
    )


def test_days_and_hours_are_those_of_the_salon() -> None:
    period = Period(date(2026, 11, 2), date(2026, 11, 4))
    facts = [dialog(turns=2, asked_hours=["2026-11-02T21", "2026-11-02T22"])]
    assert dialogs_by_day(facts, period, MOSCOW) == {
        date(2026, 11, 2): (0, 0),
        date(2026, 11, 3): (1, 2),
        date(2026, 11, 4): (0, 0),
    }
    hours = by_hour(facts, MOSCOW)
    assert (hours[0], hours[1], len(hours)) == ((1, 1), (0, 1), 24)


def test_the_period_before_is_as_long_and_touches_it() -> None:
    period = Period(date(2026, 11, 8), date(2026, 11, 14))
    assert period.before() == Period(date(2026, 11, 1), date(2026, 11, 7))
    begin, end = period.bounds(MOSCOW)
    assert end - begin == timedelta(days=7)
    assert period.before().bounds(MOSCOW)[1] == begin


def test_a_pilot_that_halves_call_backs_is_told_from_one_that_changes_nothing() -> None:
    periods = (Period(date(2026, 11, 1), date(2026, 11, 7)), Period(date(2026, 11, 8), date(2026, 11, 14)))

    def week(first_day: int, callbacks: int) -> list[DialogFacts]:
        return [
            dialog(
                opened_at=datetime(2026, 11, first_day + number % 7, 9, tzinfo=UTC),
                callback_requested=number < callbacks,
                seconds=60 + number % 9,
                elapsed_ms=[20 + number % 5],
            )
            for number in range(200)
        ]

    found = {one.name: one for one in compare(week(1, 100), week(8, 50), periods, MOSCOW)}
    assert found["callbacks"].changed
    assert found["callbacks"].difference == pytest.approx(-0.25)
    assert found["alone"].changed
    assert not any(
        found[name].changed for name in ("bookings", "p50_ms", "p95_ms", "session_s", "dialogs_a_day")
    )
    assert found["csat"].n_after == 0
