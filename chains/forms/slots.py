"""When a car can be driven: within opening hours, not too soon, not too far ahead, and not while it is taken."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Literal

from chains.forms.when import When
from stores.bookings import STEP_MINUTES, steps
from stores.hours import Hours
from stores.salon import TestDrive

Obstacle = Literal["past", "soon", "far", "closed", "outside", "taken"]
OFFERED = 3
"""How many free times are offered at once."""


@dataclass(frozen=True)
class Slots:
    """The times of one car for one visitor, as of `now` (in the salon's zone); `taken` are steps that are not free."""

    hours: Hours
    rules: TestDrive
    now: datetime
    taken: frozenset[datetime]

    def obstacle(self, at: datetime) -> Obstacle | None:
        """Why a drive cannot begin at a moment; None when it can."""
        if at <= self.now:
            return "past"
        if at < self.now + timedelta(minutes=self.rules.lead_minutes):
            return "soon"
        if at.astimezone(self.hours.zone).date() > self._last_day:
            return "far"
        if not self._within_hours(at):
            day = at.astimezone(self.hours.zone).date()
            return "outside" if self.hours.span(day) else "closed"
        return "taken" if self.taken.intersection(steps(at, self.rules.slot_minutes)) else None

    def moment(self, day: date, wish: When) -> datetime | None:
        """The time of the clock wished for on a day; «в 7» is the seven o'clock at which the salon is open."""
        if wish.exact is None:
            return None
        at = datetime.combine(day, wish.exact, tzinfo=self.hours.zone)
        if wish.either_half and not self._within_hours(at):
            later = at + timedelta(hours=12)
            return later if self._within_hours(later) else at
        return at

    def free(self, wish: When, *, near: datetime | None = None) -> list[datetime]:
        """Up to three free times that meet a wish, in order; with `near` those closest to that moment, whatever else
        was wished for, of its own day if there are any."""
        if near is not None:
            local = near.astimezone(self.hours.zone)
            same = [at for at in self._on([local.date()]) if self.obstacle(at) is None]
            found = sorted(same, key=lambda at: abs(at - near))[:OFFERED]
            if not found:
                days = sorted(self._days(()), key=lambda day: (day < local.date(), day))
                found = list(self._first(self._on(days)))
            return sorted(found)
        if wish.exact is not None:
            moments = (at for day in self._days(wish.days) if (at := self.moment(day, wish)) is not None)
            return list(self._first(iter(moments)))
        return list(self._first(at for at in self._on(self._days(wish.days)) if self._meets(at, wish)))

    def following(self, day: date) -> list[datetime]:
        """The first free times after a day."""
        return list(self._first(self._on([one for one in self._days(()) if one > day])))

    def beyond(self, known: Sequence[datetime], *, earlier: bool = False) -> list[datetime]:
        """The free times next to those known already: after the last of them, or before the first."""
        free = (at for at in self._on(self._days(())) if self.obstacle(at) is None)
        if earlier:
            return [at for at in free if at < min(known)][-OFFERED:]
        return list(islice((at for at in free if at > max(known)), OFFERED))

    @property
    def _last_day(self) -> date:
        return self.now.date() + timedelta(days=self.rules.days_ahead)

    def _first(self, moments: Iterator[datetime]) -> Iterator[datetime]:
        found = 0
        for at in moments:
            if found == OFFERED:
                return
            if self.obstacle(at) is None:
                found += 1
                yield at

    def _days(self, wished: Sequence[date]) -> list[date]:
        if wished:
            return [day for day in wished if self.now.date() <= day <= self._last_day]
        return [self.now.date() + timedelta(days=number) for number in range(self.rules.days_ahead + 1)]

    def _on(self, days: Sequence[date]) -> Iterator[datetime]:
        """The beginnings of drives on some days, one after the other from when the doors open."""
        length = timedelta(minutes=-(-self.rules.slot_minutes // STEP_MINUTES) * STEP_MINUTES)
        for day in days:
            span = self.hours.span(day)
            at = span.start if span else None
            while span and at and at + timedelta(minutes=self.rules.slot_minutes) <= span.end:
                yield at.astimezone(self.hours.zone)
                at += length

    def _meets(self, at: datetime, wish: When) -> bool:
        local = at.astimezone(self.hours.zone).time()
        return (wish.earliest or time.min) <= local and (wish.latest is None or local < wish.latest)

    def _within_hours(self, at: datetime) -> bool:
        day = at.astimezone(self.hours.zone).date()
        ends = at + timedelta(minutes=self.rules.slot_minutes)
        spans = (self.hours.span(day - timedelta(days=1)), self.hours.span(day))
        return any(span.start <= at and ends <= span.end for span in spans if span)
