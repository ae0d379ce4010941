"""A clock for stores and jobs, under the test's control."""

from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move it on, by `seconds`, `days`, whatever a `timedelta` takes."""
        self.now += timedelta(**by)
