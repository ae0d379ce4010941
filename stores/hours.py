"""Opening hours of a salon: weekdays, dates that differ, nights that last until morning."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEARCH_DAYS = 366
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—]\s*(\d{1,2}):(\d{2})")


class Interval(NamedTuple):
    """From `open` to `close` in local time; when `close` is not later than `open`, it is on the next day."""

    open: time
    close: time

    @property
    def is_all_day(self) -> bool:
        """From one midnight to the next."""
        return self.open == self.close


class Span(NamedTuple):
    """An interval on a certain date: two aware moments in UTC, the end excluded."""

    start: datetime
    end: datetime


class HoursError(ValueError):
    """An entry of `[hours]` that cannot be understood.

    `field` is its name within the table, `key` the kind of problem: hours_table, hours_weekday, hours_date,
    hours_format, hours_time or hours_at_once; `value` is what was given.
    """

    def __init__(self, field: str, problem: str, key: str = "hours_format", value: object = "") -> None:
        super().__init__(problem)
        self.field = field
        self.key = key
        self.value = value


class Hours(BaseModel):
    """When the salon is open. `week` has seven entries from Monday; None is a day off."""

    model_config = ConfigDict(frozen=True)

    zone: ZoneInfo
    week: tuple[Interval | None, ...]
    exceptions: dict[date, Interval | None]

    def on(self, day: date) -> Interval | None:
        """The hours of a date, None when closed. A night that began the day before belongs to that day."""
        return self.exceptions[day] if day in self.exceptions else self.week[day.weekday()]

    def span(self, day: date) -> Span | None:
        """The opening that begins on a date, None when there is none."""
        return next(iter(self._opening(day)), None)

    def is_open(self, at: datetime) -> bool:
        """Whether the salon is open at an aware moment; it is no longer at the minute it closes."""
        return any(span.start <= at < span.end for span in self._spans(at, from_day=-1, to_day=0))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment after `at` at which the doors open, in the salon's zone.

        While open, that is the opening after this one. None when the salon does not open within 366 days, or
        never closes: where one interval joins the next, no door opens.
        """
        for span in self._spans(at, from_day=0, to_day=SEARCH_DAYS):
            if span.start > at and not self.is_open(span.start - timedelta(microseconds=1)):
                return span.start.astimezone(self.zone)
        return None

    def _spans(self, at: datetime, *, from_day: int, to_day: int) -> list[Span]:
        """The intervals that begin on the days around `at`, both ends included, at the edges of the calendar none."""
        if at.tzinfo is None:
            raise ValueError(f"{at!r} has no time zone")
        try:
            today = at.astimezone(self.zone).toordinal()
        except OverflowError:
            return []
        days = range(max(today + from_day, 2), min(today + to_day, date.max.toordinal() - 2) + 1)
        return [span for ordinal in days for span in self._opening(date.fromordinal(ordinal))]

    def _opening(self, day: date) -> list[Span]:
        interval = self.on(day)
        if interval is None:
            return []
        last = day if interval.close > interval.open else day + timedelta(days=1)
        span = Span(self._moment(day, interval.open), self._moment(last, interval.close))
        # In the hour that summer time leaves out, an interval may end before it begins.
        return [span] if span.start < span.end else []

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)


def parse_hours(raw: Mapping[str, Any], zone: ZoneInfo) -> Hours:
    """Read the `[hours]` table.

    Raises:
        HoursError: an unknown weekday, a date that is none, or hours not written like `09:00-21:00` or `closed`.
    """
    week: dict[str, Interval | None] = dict.fromkeys(WEEKDAYS)
    exceptions: dict[date, Interval | None] = {}
    for key, value in raw.items():
        if key == "except":
            if not isinstance(value, Mapping):
                raise HoursError(
                    key, 'must be a table of dates, such as "2026-12-31" = "10:00-15:00"', "hours_table"
                )
            exceptions = {
                _parse_date(day): _parse_interval(f"{key}.{day}", text) for day, text in value.items()
            }
        elif key in week:
            week[key] = _parse_interval(key, value)
        else:
            problem = f"there is no such weekday; use {', '.join(WEEKDAYS)} or a table `except`"
            raise HoursError(key, problem, "hours_weekday", key)
    return Hours(zone=zone, week=tuple(week[name] for name in WEEKDAYS), exceptions=exceptions)


def hours_as_table(hours: Hours) -> dict[str, Any]:
    """The `[hours]` table that `parse_hours` reads as these hours, every weekday named."""
    table: dict[str, Any] = {
        name: _as_text(interval) for name, interval in zip(WEEKDAYS, hours.week, strict=True)
    }
    exceptions = {day.isoformat(): _as_text(interval) for day, interval in sorted(hours.exceptions.items())}
    return {**table, "except": exceptions} if exceptions else table


def _as_text(interval: Interval | None) -> str:
    if interval is None:
        return "closed"
    close = "24:00" if interval.close == time(0) else f"{interval.close:%H:%M}"
    return f"{interval.open:%H:%M}-{close}"


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise HoursError(
            f"except.{text}", "is no date; write it like 2026-12-31", "hours_date", text
        ) from None


def _parse_interval(field: str, text: Any) -> Interval | None:
    if not isinstance(text, str):
        problem = f'{text!r} is no opening hours; write "09:00-21:00" or "closed"'
        raise HoursError(field, problem, "hours_format", text)
    if text.strip().lower() == "closed":
        return None
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        problem = f'{text!r} is no opening hours; write "09:00-21:00" or "closed"'
        raise HoursError(field, problem, "hours_format", text)
    hour, minute, end_hour, end_minute = (int(part) for part in match.groups())
    if (end_hour, end_minute) == (24, 0):
        end_hour = 0
    try:
        interval = Interval(time(hour, minute), time(end_hour, end_minute))
    except ValueError:
        raise HoursError(field, f"{text!r} holds a time that does not exist", "hours_time", text) from None
    if interval.open == interval.close != time(0):
        problem = f'{text!r} opens and closes at once; round the clock is "00:00-24:00"'
        raise HoursError(field, problem, "hours_at_once", text)
    return interval
