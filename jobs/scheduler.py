"""The timetable: what runs again and again while the app is up, and nothing else.

It lives in this process's memory, and several processes each have their own. A duty's tick is claimed in the log of
runs, so that one of them has it (`jobs/clock.py`); chores, every few seconds, have claims of their own: a letter or an
alert is taken by one process.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from jobs import alerts
from jobs.clock import Clock, Duty
from jobs.duties import duties_of, first_start
from jobs.ticks import When

if TYPE_CHECKING:
    from chains.post import Post
    from services import Services
    from stores.forgetting import Forgetting

_MAIL_SECONDS = 60
_FORGETTING_SECONDS = 60
_LOOK_SECONDS = 2
"""How long a job that staff start waits until a process sees it."""

_KNOW_SECONDS = 60
"""How long a file of the salon's may have changed until a process knows it."""

log = logging.getLogger(__name__)


class Chore(NamedTuple):
    """Something small that every process does by itself, and that claims what it works on."""

    name: str
    seconds: float
    do: Callable[[], object]


class Timetable:
    """A running timetable; `shutdown` ends it."""

    def __init__(self, scheduler: BackgroundScheduler, clock: Clock) -> None:
        self._scheduler = scheduler
        self._clock = clock

    def shutdown(self) -> None:
        """Start nothing more; what is running is asked to stop and waited for. Calling it again does nothing."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
            self._clock.close()


def start(services: "Services") -> Timetable:
    """Begin with what is missed or waiting, then go by the duties' ticks and the chores' intervals."""
    clock = Clock(services.job_runs, duties_of(services))
    scheduler = BackgroundScheduler(timezone="UTC")
    since = first_start(services)
    _add(scheduler, "catch-up", lambda: clock.catch_up(since), None)
    for duty in clock.duties:
        _add(scheduler, duty.name, _tick(clock, duty), _Ticks(duty.when))
    for chore in (Chore("look", _LOOK_SECONDS, clock.look), *_chores(services)):
        _add(scheduler, chore.name, chore.do, IntervalTrigger(seconds=chore.seconds))
    scheduler.start()
    return Timetable(scheduler, clock)


def _chores(services: "Services") -> list[Chore]:
    chores = [
        Chore("know", _KNOW_SECONDS, _know(services)),
        Chore("finish-forgetting", _FORGETTING_SECONDS, _finish_forgetting(services.forgetting)),
    ]
    if services.post is not None:
        chores.append(Chore("send-mail", _MAIL_SECONDS, _send(services.post)))
    if services.alert_sender.targets.channels:
        chores.append(Chore("send-alerts", alerts.SECONDS, lambda: alerts.send_due_alerts(services)))
    return chores


def _add(
    scheduler: BackgroundScheduler, name: str, do: Callable[[], object], trigger: BaseTrigger | None
) -> None:
    """Without a trigger it is done once, at the start."""
    scheduler.add_job(
        do, trigger, id=name, coalesce=True, max_instances=1, misfire_grace_time=None, replace_existing=True
    )


class _Ticks(BaseTrigger):  # type: ignore[misc]  # APScheduler publishes no types
    """APScheduler's word for `When`."""

    def __init__(self, when: When) -> None:
        self._when = when

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return self._when.next(now if previous is None else max(previous, now - timedelta(microseconds=1)))


def _tick(clock: Clock, duty: Duty) -> Callable[[], Any]:
    return lambda: clock.tick(duty)


def _know(services: "Services") -> Callable[[], None]:
    def know() -> None:
        try:
            services.refreshing.if_changed()
        except Exception:
            log.exception("The brochure and the articles could not be read anew; what was known stays")

    return know


def _finish_forgetting(forgetting: "Forgetting") -> Callable[[], None]:
    def finish() -> None:
        try:
            done = forgetting.finish_pending()
        except Exception:
            log.exception("What was forgotten could not be taken out of files yet")
            return
        if done:
            log.info("What was forgotten is out of files, too: %d receipts", done)

    return finish


def _send(post: "Post") -> Callable[[], None]:
    def send() -> None:
        try:
            sent, failed = post.send_due()
        except Exception:
            log.exception("The letters could not be sent; they stay due")
            return
        if sent or failed:
            log.info("%d letters sent, %d not taken", sent, failed)

    return send
