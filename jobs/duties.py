"""What is done by the clock, and when."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from jobs import backup, cluster_gaps, refresh_inventory, refresh_knowledge, retention, snapshot
from jobs.clock import Duty
from jobs.ticks import Daily, Every, own_phase
from stores.snapshots import Snapshots

if TYPE_CHECKING:
    from services import Services

_FIRST_START = "clock_since"
# At night, in the salon's zone; the backup after retention, so that it holds no more than that leaves.
_RETENTION_AT, _BACKUP_AT = time(3, 10), time(4, 10)
_GAPS_EVERY = timedelta(hours=1)
_KNOWLEDGE_PERIOD = timedelta(hours=1)


def duties_of(services: "Services") -> list[Duty]:
    """The timetable of one salon, the same in all of its processes."""
    salon, zone = services.salon, services.salon.zone
    refresh = timedelta(minutes=salon.inventory.refresh_minutes)
    data = services.settings.data
    snapshots = Snapshots(services.engine, data / snapshot.FOLDER, clock=services.clock)
    duties = [
        Duty(
            refresh_inventory.NAME,
            Every(refresh, own_phase(salon.name, refresh / 10)),
            lambda _: refresh_inventory.refresh(services.inventory, snapshots),
            catch_up=False,  # the start has just read it
        ),
        Duty(
            retention.NAME,
            Daily(_RETENTION_AT, zone),
            lambda stop: retention.destroy_old(
                services.engine, services.in_force, stop, clock=services.clock
            ),
        ),
        Duty(
            refresh_knowledge.NAME,
            Every(_KNOWLEDGE_PERIOD, own_phase(salon.name, _KNOWLEDGE_PERIOD / 10)),
            lambda _: refresh_knowledge.look(services.refreshing.sources, services.job_runs),
            catch_up=False,
        ),
        Duty(
            cluster_gaps.NAME,
            Every(_GAPS_EVERY, own_phase(salon.name, _GAPS_EVERY)),
            lambda _: cluster_gaps.cluster(services.engine, services.retriever.embedder),
        ),
    ]
    if backup.is_embedded(services.engine):
        folder = data / backup.FOLDER
        duties.append(
            Duty(
                backup.NAME,
                Daily(_BACKUP_AT, zone),
                lambda stop: backup.back_up(services.engine, folder, services.app_settings, stop),
            )
        )
    return duties


def first_start(services: "Services") -> datetime:
    """When the clock was first set going on this database: ticks before that were not missed."""
    now = services.clock()
    known = services.app_settings.get(_FIRST_START)
    if known is None:
        services.app_settings.set(_FIRST_START, known := now.isoformat())
    return datetime.fromisoformat(known)
