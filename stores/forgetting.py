"""Destroying all that is kept of a dialog and its visitor, and leaving a receipt of that.

What the database holds goes in one transaction with the receipt. What lies in files goes after it, by erasers; until
they are through, the receipt says so, and whoever comes next does what is left: a crash between the two loses nothing.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, Select, delete, func, or_, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.columns import utc_now
from stores.database import reading, writing
from stores.errors import DialogNotFound
from stores.exports import EXPORTS, Exports
from stores.models import BookingRow, CallbackRow, ContactRow, DialogRow, MailingRow, TurnRow, VisitorRow
from stores.office import AlertRow, ReceiptRow
from stores.pseudonyms import Pseudonyms
from stores.quotes import unquote
from stores.receipts import Cause, Receipt, leave, opened
from stores.sealing import Cipher
from stores.table import Table, table_of
from stores.tidying import tidy

Eraser = Callable[[str], int]
"""Removes what files or other programs hold of the dialog with a pseudonym, and tells how many pieces that were. Called
again after a crash, it removes what is left."""
# Rows of these are no data of their own: what they are part of is counted.
_PARTS = {"booked_times"}
_SESSION_ID = re.compile(r"[0-9a-fA-F]{32}")
_PHONE_DIGITS = 7
_RESTING = timedelta(minutes=1)
_PENDING: ColumnElement[bool] = table_of(ReceiptRow).c.counts["pending"].as_boolean()

log = logging.getLogger(__name__)


class Found(NamedTuple):
    """A dialog that was looked for, without its words; `turns` is how many questions it has."""

    session_id: str
    kind: str
    opened_at: datetime
    last_at: datetime
    turns: int


class Forgetting:
    """The only way in which a dialog is destroyed on request. `erasers` are known by what they count.

    Each method may raise `DatabaseUnavailable`.
    """

    def __init__(
        self,
        engine: Engine,
        cipher: Cipher,
        *,
        erasers: Mapping[str, Eraser] | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine = engine
        self._cipher = cipher
        self._erasers = dict(erasers or {})
        self._clock = clock
        self._pseudonyms = Pseudonyms(engine)
        self._untidy = threading.Event()

    def forget(self, session_id: str, *, cause: Cause, actor: str | None = None) -> Receipt:
        """Destroy a dialog with all that belongs to it, and all that was remembered of its visitor.

        Other dialogs of the visitor stay, but nothing ties them to a person any more. `actor` is who of the staff did
        it. Raises `DialogNotFound`.
        """
        subject = self._pseudonyms.of(session_id)
        with writing(self._engine) as session:
            dialog = session.get(DialogRow, session_id, with_for_update=True)
            if dialog is None:
                raise DialogNotFound(session_id)
            counts = destroy_dialog(session, session_id, dialog.visitor)
            if self._erasers:
                counts["pending"] = True
            receipt = leave(
                session, subject=subject, cause=cause, actor=actor, at=self._clock(), counts=counts
            )
        self._untidy.set()
        return self._finish(receipt)

    def forget_visitor(self, token: str, *, cause: Cause) -> Receipt | None:
        """Destroy what was remembered of a visitor, and that alone: their dialogs stay, tied to nobody any more.

        None, and no receipt, when nobody has this token (any more). No file holds anything of it but backups, which
        the next cleansing takes it out of.
        """
        subject = self._pseudonyms.of(token)
        with writing(self._engine) as session:
            if not destroy_visitor(session, token):
                return None
            receipt = leave(
                session, subject=subject, cause=cause, actor=None, at=self._clock(), counts={"visitors": 1}
            )
        self._untidy.set()
        return receipt

    def finish_pending(self) -> int:
        """Do what was left undone; how many receipts that was for. Those of the last minute may be under way still.

        To be called every now and then: it also has the place of what was forgotten overwritten in the database's
        files, see `stores/tidying.py`.
        """
        if self._untidy.is_set():
            self._untidy.clear()
            tidy(self._engine)
        undone = (_PENDING, col(ReceiptRow.at) < self._clock() - _RESTING)
        with reading(self._engine) as session:
            waiting = [opened(row) for row in session.scalars(select(ReceiptRow).where(*undone))]
        return sum(not self._finish(receipt).pending for receipt in waiting)

    def find(self, words: str) -> list[Found]:
        """The dialogs of whoever calls and names a phone, an e-mail or the id of a dialog, the latest first: of an id
        all dialogs of the same remembered visitor."""
        words = words.strip()
        if _SESSION_ID.fullmatch(words):
            session_ids = self.of_visitor(words.lower())
        elif "@" in words:
            session_ids = self.of_email(words)
        else:
            session_ids = self.of_phone(words) if sum(map(str.isdecimal, words)) >= _PHONE_DIGITS else []
        turns = select(func.count()).where(col(TurnRow.session_id) == col(DialogRow.session_id))
        query = select(DialogRow, turns.scalar_subquery()).where(col(DialogRow.session_id).in_(session_ids))
        with reading(self._engine) as session:
            rows = session.execute(query.order_by(col(DialogRow.last_at).desc())).all()
            return [Found(row.session_id, row.kind, row.opened_at, row.last_at, count) for row, count in rows]

    def of_phone(self, phone: str) -> list[str]:
        """The dialogs in which a number was left for a call, a test drive or in a form, the latest first."""
        hashes = self._cipher.phones(phone)
        queries = [
            select(col(row.session_id)).where(col(row.phone_hash).in_(hashes))
            for row in (CallbackRow, BookingRow)
        ]
        return self._sessions(
            queries, col(ContactRow.phone), lambda own: self._cipher.of_phone(own) in hashes
        )

    def of_email(self, email: str) -> list[str]:
        """The dialogs in which an address was left for a letter or in a form, the latest first."""
        hashes = self._cipher.emails(email)
        queries = [select(col(MailingRow.session_id)).where(col(MailingRow.email_hash).in_(hashes))]
        return self._sessions(
            queries, col(ContactRow.email), lambda own: self._cipher.of_email(own) in hashes
        )

    def of_visitor(self, session_id: str) -> list[str]:
        """This dialog and all others of the same remembered visitor, the latest first; none when it is gone."""
        with reading(self._engine) as session:
            dialog = session.get(DialogRow, session_id)
            if dialog is None:
                return []
            if dialog.visitor is None:
                return [session_id]
            query = select(col(DialogRow.session_id)).where(col(DialogRow.visitor) == dialog.visitor)
            return _latest(session, set(session.scalars(query)))

    def _sessions(
        self, queries: Sequence[Select[str]], column: Any, is_it: Callable[[str], bool]
    ) -> list[str]:
        """The dialogs that queries find, and those whose contact in a form under way fits: it has no fingerprint, but
        there are few of them at any time."""
        contacts = select(col(ContactRow.session_id), column).where(column.is_not(None))
        with reading(self._engine) as session:
            found: set[str] = set().union(*(session.scalars(query) for query in queries))
            found |= {
                session_id
                for session_id, sealed in session.execute(contacts)
                if is_it(self._cipher.unseal(sealed))
            }
            return _latest(session, found)

    def _finish(self, receipt: Receipt) -> Receipt:
        """Run the erasers of a receipt; one that fails is left for the next time."""
        if not receipt.pending:
            return receipt
        counts = dict(receipt.counts)
        try:
            for name, erase in self._erasers.items():
                counts[name] = counts.get(name, 0) + erase(receipt.subject)
        except Exception:
            log.exception("receipt %s: what files hold could not be removed yet", receipt.number)
            return receipt
        counts = {name: count for name, count in counts.items() if count}
        with writing(self._engine) as session:
            session.execute(
                update(ReceiptRow).where(col(ReceiptRow.number) == receipt.number).values(counts=counts)
            )
        return receipt.model_copy(update={"counts": counts, "pending": False})


def open_forgetting(engine: Engine, cipher: Cipher, data: Path, clock: Callable[[], datetime]) -> Forgetting:
    """The forgetting of one assistant, with an eraser for each thing in its data folder that holds dialogs too."""
    return Forgetting(
        engine,
        cipher,
        erasers={"export_lines": Exports(engine, data / EXPORTS, clock=clock).erase},
        clock=clock,
    )


def destroy_dialog(session: Session, session_id: str, visitor: str | None) -> dict[str, Any]:
    """Destroy a dialog and its visitor's memory, and tell how many rows of each table that had any."""
    counts = {
        "dialogs": 1,
        **{name: session.scalar(query) or 0 for name, query in _belonging(session_id)},
        "alerts": _destroy_alerts(session, session_id),
        "knowledge_drafts": unquote(session, [session_id]).drafts,
    }
    # What belongs to a dialog refers to it and goes with it, see stores/models.py.
    session.execute(delete(DialogRow).where(col(DialogRow.session_id) == session_id))
    if visitor is not None:
        counts["visitors"] = destroy_visitor(session, visitor)
    return {name: count for name, count in counts.items() if count}


def destroy_visitor(session: Session, token: str) -> int:
    """Destroy what is remembered of a visitor; 0 when nobody has this token.

    Their dialogs lose the token by themselves, see stores/models.py.
    """
    return _rowcount(session.execute(delete(VisitorRow).where(col(VisitorRow.token) == token)))


def _belonging(session_id: str) -> Iterable[tuple[str, Any]]:
    """For each table with a reference to dialogs or turns, the query that counts the rows of a dialog."""
    turns = select(col(TurnRow.turn_id)).where(col(TurnRow.session_id) == session_id)
    for table in Table.metadata.sorted_tables:
        where: list[ColumnElement[bool]] = []
        for key in table.foreign_keys:
            if key.target_fullname == "dialogs.session_id":
                where.append(key.parent == session_id)
            elif key.target_fullname == "turns.turn_id":
                where.append(key.parent.in_(turns))
        if where and table.name not in _PARTS:
            yield table.name, _count(table, where)


def _count(table: SqlTable, where: Sequence[ColumnElement[bool]]) -> Any:
    return select(func.count()).select_from(table).where(or_(*where))


def _destroy_alerts(session: Session, session_id: str) -> int:
    """Words to staff about the dialog's requests: they name them by number, without a reference."""
    total = 0
    for kind, row in (("callback", CallbackRow), ("booking", BookingRow)):
        of_dialog = select(col(row.id)).where(col(row.session_id) == session_id)
        query = delete(AlertRow).where(col(AlertRow.kind) == kind, col(AlertRow.ref_id).in_(of_dialog))
        total += _rowcount(session.execute(query))
    return total


def _latest(session: Session, session_ids: set[str]) -> list[str]:
    query = (
        select(col(DialogRow.session_id))
        .where(col(DialogRow.session_id).in_(session_ids))
        .order_by(col(DialogRow.last_at).desc())
    )
    return list(session.scalars(query))


def _rowcount(result: Any) -> int:
    return int(result.rowcount)
