"""The audit log, on SQLite and PostgreSQL."""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from stores.audit import Audit, AuditFilter

NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")


def test_entries_are_found_by_actor_action_and_day_latest_first(engine: Engine) -> None:
    now = [NOON]
    audit = Audit(engine, clock=lambda: now[0])
    audit.add("anna", "login.enter", address="203.0.113.7")
    now[0] += timedelta(days=1)
    audit.add("ivan", "callback.take", "callback:12", {"after_s": 40})
    audit.add("anna", "callback.take", "callback:13")

    everything = audit.find(AuditFilter(), limit=2)
    assert [(entry.actor, entry.target) for entry in everything.entries] == [
        ("anna", "callback:13"),
        ("ivan", "callback:12"),
    ]
    assert everything.total == 3
    assert everything.entries[1].details == {"after_s": 40}
    rest = audit.find(AuditFilter(), limit=2, offset=2)
    assert [entry.address for entry in rest.entries] == ["203.0.113.7"]

    assert audit.find(AuditFilter(actor="anna"), limit=9).total == 2
    assert audit.find(AuditFilter(actor="anna", action="callback.take"), limit=9).total == 1
    assert audit.find(AuditFilter(since=NOON, until=NOON + timedelta(days=1)), limit=9).total == 1
    assert audit.find(AuditFilter(since=NOON + timedelta(hours=1)), limit=9).total == 2
    assert audit.actors() == ["anna", "ivan"]
    assert audit.actions() == ["callback.take", "login.enter"]
