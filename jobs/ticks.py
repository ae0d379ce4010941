"""Moments at which a job is due, the same in every process that has the same salon: its ticks."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zlib import crc32
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class When(Protocol):
    """When a job is due, for ever."""

    def last(self, now: datetime) -> datetime:
        """The latest tick that is not after `now`, in UTC."""

    def next(self, now: datetime) -> datetime:
        """The first tick after `now`, in UTC."""


@dataclass(frozen=True)
class Every:
    """Again and again after `period`, on a grid that begins `phase` after the epoch."""

    period: timedelta
    phase: timedelta = timedelta()

    def last(self, now: datetime) -> datetime:
        """See `When`."""
        begun = _EPOCH + self.phase
        return begun + (now - begun) // self.period * self.period

    def next(self, now: datetime) -> datetime:
        """See `When`."""
        return self.last(now) + self.period


@dataclass(frozen=True)
class Daily:
    """Once a day at a time of the salon's zone, on whichever side of a change of the clocks it falls."""

    at: time
    zone: ZoneInfo

    def last(self, now: datetime) -> datetime:
        """See `When`."""
        today = now.astimezone(self.zone).date()
        candidates = (self._on(today.toordinal() - back) for back in range(3))
        return next(moment for moment in candidates if moment <= now)

    def next(self, now: datetime) -> datetime:
        """See `When`."""
        today = now.astimezone(self.zone).date()
        candidates = (self._on(today.toordinal() + ahead) for ahead in range(-1, 3))
        return next(moment for moment in candidates if moment > now)

    def _on(self, ordinal: int) -> datetime:
        day = datetime.fromordinal(ordinal).date()
        return datetime.combine(day, self.at, tzinfo=self.zone).astimezone(UTC)


def own_phase(name: str, most: timedelta) -> timedelta:
    """A delay of less than `most` that depends on the name alone, in whole seconds.

    It keeps many salons that ask one source from asking in the same second, and is the same in all processes of one.
    """
    seconds = int(most.total_seconds())
    return timedelta(seconds=crc32(name.encode()) % seconds if seconds else 0)


def name_of(tick: datetime) -> str:
    """What a tick is called in the log of runs."""
    return f"{tick.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
