"""What is done by the clock, and when."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from jobs import refresh_inventory, retention
from jobs.clock import Duty
from jobs.ticks import Daily, Every, own_phase

if TYPE_CHECKING:
    from services import Services

_FIRST_START = "clock_since"
_RETENTION_AT = time(3, 10)  # at night, in the salon's zone


def duties_of(services: "Services") -> list[Duty]:
    """The timetable of one salon, the same in all of its processes."""
    salon, zone = services.salon, services.salon.zone
    refresh = timedelta(minutes=salon.inventory.refresh_minutes)
    return [
        Duty(
            refresh_inventory.NAME,
            Every(refresh, own_phase(salon.name, refresh / 10)),
            lambda _: refresh_inventory.refresh(services.inventory),
            catch_up=False,  # the start has just read it
        ),
        Duty(
            retention.NAME,
            Daily(_RETENTION_AT, zone),
            lambda stop: retention.destroy_old(
                services.engine, services.salon.hours.is_open, services.app_settings, stop
            ),
        ),
    ]


def first_start(services: "Services") -> datetime:
    """When the clock was first set going on this database: ticks before that were not missed."""
    now = services.clock()
    known = services.app_settings.get(_FIRST_START)
    if known is None:
        services.app_settings.set(_FIRST_START, known := now.isoformat())
    return datetime.fromisoformat(known)
