"""What is older than the salon keeps it is destroyed; of dialogs the figures stay."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, delete, func, insert, or_, select, true
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from stores.columns import utc_now
from stores.database import changing, looking_up
from stores.models import BookingRow, CallbackRow, DialogRow, MailingRow, TurnRow, VisitorRow
from stores.office import (
    AlertRow,
    DialogFactRow,
    GapRow,
    GapTurnRow,
    LoginAttemptRow,
    SetupLinkRow,
    StaffSessionRow,
)
from stores.quotes import unquote
from stores.statistics import DialogFacts, IsOpen, facts_of
from stores.table import Table, table_of

JOB = "retention"
"""The job that does this, by the name under which staff may start it."""
BATCH_DIALOGS = 200
BATCH_TURNS = 1000
_DIALOG, _FACTS = table_of(DialogRow), table_of(DialogFactRow)
_SHORTEST_PAUSE_S = 0.02
_GOES_WITH_A_DIALOG: dict[str, type[Table]] = {
    "callbacks": CallbackRow,
    "bookings": BookingRow,
    "mailings": MailingRow,
}


class Retention:
    """Destroys what is past its time, a few dialogs a transaction, so that chats go on and little memory is needed.

    Killed at any moment it leaves nothing half done: the figures of a dialog are kept in the transaction that destroys
    it. On SQLite, what was destroyed is overwritten, in the write-ahead log too, and the file gets smaller; on
    PostgreSQL `VACUUM` frees its place at once. Each method may raise `DatabaseUnavailable`.
    """

    def __init__(self, engine: Engine, *, is_open: IsOpen, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._is_open = is_open
        self._clock = clock

    def destroy(
        self,
        days: int,
        *,
        stop: Callable[[], bool] = lambda: False,
        told: Callable[[Counter[str]], None] = lambda _: None,
    ) -> Counter[str]:
        """Destroy what was last touched more than `days` days ago, and tell how many of what.

        A dialog with a test drive still to come is kept until that is over: its booking would go with it. `stop` is
        asked after each batch, which `told` is given the counts of so far. A `days` below 1 is a `ValueError`.
        """
        if days < 1:
            raise ValueError(f"dialogs are kept for a day at least, not {days}")
        now = self._clock()
        before = now - timedelta(days=days)
        counts: Counter[str] = Counter()
        while not stop():
            begun = time.monotonic()
            session_ids = self._next(before, now)
            if not session_ids:
                counts += self._small_things(before, now)
                break
            counts += self._destroy(session_ids, before, now)
            told(counts)
            # Whoever waits for the database has half of the time to get at it.
            time.sleep(max(time.monotonic() - begun, _SHORTEST_PAUSE_S))
        return counts

    def _next(self, before: datetime, now: datetime) -> list[str]:
        """The dialogs of the next batch: the oldest ones, of not many more turns than `BATCH_TURNS` together."""
        turns = select(func.count()).where(col(TurnRow.session_id) == col(DialogRow.session_id))
        query = (
            select(col(DialogRow.session_id), turns.scalar_subquery())
            .where(*_past(before, now))
            .order_by(col(DialogRow.last_at))
            .limit(BATCH_DIALOGS)
        )
        chosen: list[str] = []
        total = 0
        with looking_up(self._engine) as connection:
            for session_id, count in connection.execute(query):
                if chosen and total + count > BATCH_TURNS:
                    break
                chosen.append(session_id)
                total += count
        return chosen

    def _destroy(self, session_ids: Sequence[str], before: datetime, now: datetime) -> Counter[str]:
        # A visitor may have gone on with one meanwhile: it is looked at again once nobody can change it.
        still_past = (
            select(_DIALOG.c.session_id)
            .where(_DIALOG.c.session_id.in_(session_ids), *_past(before, now))
            .order_by(_DIALOG.c.session_id)
            .with_for_update(of=_DIALOG, skip_locked=True)
        )
        with changing(self._engine) as connection:
            ids = list(connection.scalars(still_past))
            if not ids:
                return Counter()
            facts = facts_of(connection, ids, self._is_open)
            connection.execute(insert(_FACTS), [_kept(dialog) for dialog in facts.values()])
            counts = Counter(dialogs=len(ids), turns=sum(dialog.turns for dialog in facts.values()))
            for name, row in _GOES_WITH_A_DIALOG.items():
                belonging = select(func.count()).where(table_of(row).c.session_id.in_(ids))
                counts[name] = connection.scalar(belonging) or 0
            with Session(connection) as session:
                unquoted = unquote(session, ids)
            counts |= Counter(knowledge_drafts=unquoted.drafts, gaps=unquoted.gaps)
            # What belongs to a dialog refers to it and goes with it, see stores/models.py.
            connection.execute(delete(_DIALOG).where(_DIALOG.c.session_id.in_(ids)))
        return counts

    def _small_things(self, before: datetime, now: datetime) -> Counter[str]:
        counts: Counter[str] = Counter()
        for thing in _small(before, now):
            with changing(self._engine) as connection:
                counts[thing.name] += connection.execute(
                    delete(table_of(thing.row)).where(*thing.where)
                ).rowcount
        return counts


class _Thing(NamedTuple):
    name: str
    row: type[Table]
    where: tuple[ColumnElement[bool], ...]


def _past(before: datetime, now: datetime) -> tuple[ColumnElement[bool], ...]:
    to_come = (
        select(true())
        .where(
            col(BookingRow.session_id) == _DIALOG.c.session_id,
            col(BookingRow.status) == "booked",
            col(BookingRow.starts_at) > now,
        )
        .exists()
    )
    return _DIALOG.c.last_at < before, ~to_come


def _small(before: datetime, now: datetime) -> list[_Thing]:
    """What has no words of a visitor's, or goes once the dialogs have gone."""
    talked = select(true()).where(_DIALOG.c.visitor == col(VisitorRow.token)).exists()
    asked = select(true()).where(col(GapTurnRow.gap_id) == col(GapRow.id)).exists()
    used = or_(col(SetupLinkRow.used_at) < before, col(SetupLinkRow.expires_at) < before)
    return [
        _Thing("visitors", VisitorRow, (col(VisitorRow.seen_at) < before, ~talked)),
        # Those that staff have written an entry for: the others went with their last question.
        _Thing("gaps", GapRow, (col(GapRow.last_at) < before, ~asked)),
        _Thing("login_attempts", LoginAttemptRow, (col(LoginAttemptRow.at) < before,)),
        _Thing("staff_sessions", StaffSessionRow, (col(StaffSessionRow.expires_at) < now,)),
        _Thing("setup_links", SetupLinkRow, (used,)),
        _Thing("alerts", AlertRow, (col(AlertRow.created_at) < before, col(AlertRow.status) != "pending")),
    ]


def _kept(facts: DialogFacts) -> dict[str, object]:
    return {
        "opened_at": facts.opened_at,
        "kind": facts.kind,
        "language": facts.language,
        "facts": facts.model_dump(mode="json"),
    }
