"""The figures of all dialogs of a period: of those that are there, and of those that retention has destroyed."""

from datetime import datetime

from sqlalchemy import Engine, select
from sqlmodel import col

from stores.database import looking_up
from stores.models import DialogRow
from stores.office import DialogFactRow
from stores.statistics import DialogFacts, IsOpen, facts_of


def dialogs_between(engine: Engine, begin: datetime, end: datetime, is_open: IsOpen) -> list[DialogFacts]:
    """The figures of the dialogs opened from `begin` (aware) on and before `end`, the oldest first.

    Ten thousand dialogs take a second or so: what is shown again and again should be kept by the caller.
    Raises `DatabaseUnavailable`.
    """
    there = (
        select(col(DialogRow.session_id))
        .where(col(DialogRow.opened_at) >= begin, col(DialogRow.opened_at) < end)
        .order_by(col(DialogRow.opened_at), col(DialogRow.session_id))
    )
    gone = select(
        col(DialogFactRow.opened_at),
        col(DialogFactRow.kind),
        col(DialogFactRow.language),
        col(DialogFactRow.facts),
    ).where(col(DialogFactRow.opened_at) >= begin, col(DialogFactRow.opened_at) < end)
    with looking_up(engine) as connection:
        # In this order a dialog destroyed between the two is missed; in the other it would be counted twice.
        kept = [
            DialogFacts.model_validate(
                {**row.facts, "opened_at": row.opened_at, "kind": row.kind, "language": row.language}
            )
            for row in connection.execute(gone)
        ]
        live = facts_of(connection, list(connection.scalars(there)), is_open)
    return sorted([*kept, *live.values()], key=lambda facts: facts.opened_at)
