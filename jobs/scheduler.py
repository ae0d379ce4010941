"""The timetable: what runs again and again while the app is up, and nothing else.

It lives in this process's memory. Several processes each have their own, which does no harm here: a load of the
inventory is swapped in at once, and the newest version wins; a letter is claimed by one of them.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from jobs import alerts

if TYPE_CHECKING:
    from chains.post import Post
    from services import Services
    from stores.inventory import Inventory

_MAIL_SECONDS = 60

log = logging.getLogger(__name__)


class Timetable:
    """A running timetable; `shutdown` ends it."""

    def __init__(self, scheduler: BackgroundScheduler) -> None:
        self._scheduler = scheduler

    def shutdown(self) -> None:
        """Start nothing more; what is running is waited for. Calling it again does nothing."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)


def start(services: "Services") -> Timetable:
    """Begin: the inventory every `refresh_minutes`, each time up to a tenth of that later; letters every minute, where
    there is a mail server; alerts to staff every few seconds, where they go anywhere.

    The jitter keeps many salons that ask one source from asking in the same second.
    """
    scheduler = BackgroundScheduler(timezone="UTC")
    minutes = services.salon.inventory.refresh_minutes
    scheduler.add_job(
        _refresh(services.inventory),
        IntervalTrigger(minutes=minutes, jitter=minutes * 6),
        id="refresh-inventory",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    if services.post is not None:
        scheduler.add_job(
            _send(services.post),
            IntervalTrigger(seconds=_MAIL_SECONDS),
            id="send-mail",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    if services.alert_sender.targets.channels:
        scheduler.add_job(
            lambda: alerts.send_due_alerts(services),
            IntervalTrigger(seconds=alerts.SECONDS),
            id="send-alerts",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    return Timetable(scheduler)


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


def _refresh(inventory: "Inventory") -> Callable[[], None]:
    def refresh() -> None:
        try:
            report = inventory.refresh()
        except Exception:
            log.exception("The inventory could not be refreshed; the cars known so far stay in force")
            return
        if report.stale:
            log.warning(
                "The inventory's source cannot be read, the last good version stays: %s", report.error
            )
            return
        level = logging.WARNING if report.rejected else logging.INFO
        left_out = len(report.rejected)
        log.log(
            level, "Inventory version %s: %d cars, %d rows left out", report.version, report.cars, left_out
        )

    return refresh
