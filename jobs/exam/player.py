"""Plays the dialogs of the exam against an assistant opened for it: every answer with its verdict."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import inspect, text

from jobs.exam.cases import Dialog, Expect, Store, Where
from jobs.exam.checks import Answered, Before, Judge, Verdict, wheres
from jobs.exam.oracle import Oracle
from stores.sealing import is_sealed

if TYPE_CHECKING:
    from services import Services

_TABLES: dict[Store, tuple[str, ...]] = {
    "callback": ("callbacks",),
    "booking": ("bookings", "test_drives"),
    "mailing": ("mailings", "mailing_requests"),
}


@dataclass
class Played:
    """One message with its answer and verdict; `elapsed_ms` is what the assistant says it took."""

    message: str
    answer: str
    route: str
    elapsed_ms: int
    llm: bool
    verdict: Verdict
    references: tuple[str, ...] = ()


@dataclass
class Run:
    """A dialog played once with one wording: 0 is the message itself, 1 to 3 are paraphrases."""

    dialog: Dialog
    wording: int
    turns: list[Played] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Whether all turns are."""
        return all(turn.verdict.right for turn in self.turns)


class Task(NamedTuple):
    """What is to be played."""

    dialog: Dialog
    wording: int = 0


class Player:
    """Plays dialogs through `Assistant.stream`, as a visitor of the page who has agreed to the consent text."""

    def __init__(self, services: "Services", oracle: Oracle) -> None:
        self._services = services
        self._oracle = oracle
        self._judge = Judge(oracle)
        tables = set(inspect(services.engine).get_table_names())
        self._tables = {
            store: next((name for name in names if name in tables), None) for store, names in _TABLES.items()
        }

    async def play(self, tasks: Sequence[Task], parallel: int, done: Callable[[Run], None]) -> list[Run]:
        """All tasks, `parallel` at once; `done` hears of each as it ends. In the order of the tasks."""
        gate = asyncio.Semaphore(parallel)
        hours = asyncio.Lock()  # dialogs that book play alone: two wordings of one would want the same hour

        async def one(task: Task) -> Run:
            booking = any("booking" in turn.expect.stored for turn in task.dialog.turns)
            async with hours if booking else contextlib.nullcontext(), gate:
                run = await self.one(task)
                done(run)
                return run

        return list(await asyncio.gather(*(one(task) for task in tasks)))

    async def one(self, task: Task) -> Run:
        """One dialog from its first turn to its last, also when one of them is wrong."""
        dialog = task.dialog
        run = Run(dialog, task.wording)
        now = self._oracle.moment(dialog.at)
        session, visitor = self._open(dialog, None)
        messages: list[str] = []
        asked: list[Where] = []
        for turn in dialog.turns:
            if turn.later:
                session, visitor = self._open(dialog, visitor)
            message = turn.wording(task.wording)
            messages.append(message)
            reply = await self._services.assistant.answer(session, message, at=now)
            got = Answered(
                answer=reply.answer,
                route=reply.route,
                blocked=reply.blocked,
                reason=reply.reason,
                cars=tuple(reply.cars),
                cars_total=reply.cars_total,
                links=tuple(link for source in reply.sources for link in (source.title, source.url) if link),
                rows=await asyncio.to_thread(self._rows, session),
            )
            before = Before(tuple(messages), tuple(asked), now, dialog.language)
            verdict = self._judge.judge(turn.expect, got, before)
            asked += wheres(turn.expect)
            references = self._references(turn.expect)
            run.turns.append(
                Played(message, reply.answer, reply.route, reply.elapsed_ms, reply.llm, verdict, references)
            )
        await asyncio.to_thread(self._give_back, session)
        return run

    def _open(self, dialog: Dialog, visitor: str | None) -> tuple[str, str | None]:
        consent = self._services.consent(dialog.language)
        opened = self._services.dialogs.open(
            kind="web",
            language=dialog.language,
            consent=consent,
            address=None,
            remember=dialog.remember,
            visitor=visitor,
        )
        return opened.session_id, opened.visitor

    def _rows(self, session: str) -> dict[str, list[str]]:
        """What the dialog has left with staff. Read as plain SQL and unsealed: no store is asked what it did."""
        found: dict[str, list[str]] = {}
        with self._services.engine.connect() as connection:
            for store, table in self._tables.items():
                if table is not None:
                    # The table's name is one of ours, never a visitor's word.
                    query = text(f"SELECT * FROM {table} WHERE session_id = :session")  # noqa: S608
                    rows = connection.execute(query, {"session": session})
                    found[store] = [" ".join(self._texts(row)) for row in rows]
        return found

    def _texts(self, row: Any) -> list[str]:
        cipher = self._services.cipher
        texts = [str(value) for value in row if value is not None]
        return [cipher.unseal(text) if is_sealed(text) else text for text in texts]

    def _give_back(self, session: str) -> None:
        """Take the dialog's bookings away: the same dialog played again wants the same hour."""
        table = self._tables["booking"]
        if table is not None:
            with self._services.engine.begin() as connection:
                query = text(f"DELETE FROM {table} WHERE session_id = :session")  # noqa: S608  # as above
                connection.execute(query, {"session": session})

    def _references(self, expect: Expect) -> tuple[str, ...]:
        """What a free answer is compared with: its own references, else the passages that hold the answer."""
        passages = [self._oracle.legend.get(title) for title in expect.legend]
        passages += [self._oracle.articles.get(slug) for slug in expect.wiki]
        return expect.reference or tuple(passage for passage in passages if passage)
