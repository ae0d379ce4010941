"""What is past its time is destroyed, whatever happens, and the figures stay; on both databases."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select, text

from jobs.bench.retention import MARK, TURNS_OF_A_DIALOG, fill, lines, measure
from stores.bookings import Bookings
from stores.database import open_database
from stores.dialogs import Dialogs, TurnResult
from stores.errors import NotFound
from stores.gaps import GapQuestion, Gaps
from stores.knowledge import Knowledge
from stores.models import DialogRow, TurnRow, VisitorRow
from stores.office import AlertRow, DialogFactRow, GapRow, GapTurnRow, LoginAttemptRow
from stores.retention import Retention
from stores.sealing import Cipher
from stores.statistics import DialogFacts
from stores.table import Table, table_of
from stores.tidying import tidy
from tests.integration.stopped_clock import Clock

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def retention(engine: Engine, clock: Clock) -> Retention:
    return Retention(engine, is_open=lambda _: True, clock=clock)


@pytest.fixture
def talked(engine: Engine, clock: Clock) -> Callable[..., str]:
    def talk(days_ago: float, question: str = "Есть седаны?", *, remember: bool = False) -> str:
        clock.now = NOW - timedelta(days=days_ago)
        dialogs = Dialogs(engine, clock=clock)
        session = dialogs.open(
            kind="web", language="ru", consent=None, address=None, remember=remember, visitor=None
        ).session_id
        turn = dialogs.add_question(session, question)
        dialogs.save_reply(turn, TurnResult(answer="Да.", route="inventory", elapsed_ms=7))
        clock.now = NOW
        return session

    return talk


def count(engine: Engine, row: type[Table]) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table_of(row))) or 0


def sessions(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(select(table_of(DialogRow).c.session_id)))


def test_dialogs_past_their_days_go_and_their_figures_stay(
    engine: Engine, retention: Retention, talked: Callable[..., str]
) -> None:
    talked(91)
    kept = {talked(89), talked(0)}
    assert retention.destroy(90)["dialogs"] == 1
    assert sessions(engine) == kept
    with engine.connect() as connection:
        (stored,) = connection.scalars(select(table_of(DialogFactRow).c.facts))
    facts = DialogFacts.model_validate(stored)
    assert (facts.turns, facts.routes, facts.elapsed_ms) == (1, {"inventory": 1}, [7])
    assert not +retention.destroy(90)


def test_a_shorter_time_holds_from_the_next_run_on(
    engine: Engine, retention: Retention, talked: Callable[..., str]
) -> None:
    talked(2)
    kept = talked(0.9)
    assert not +retention.destroy(90)
    assert retention.destroy(1)["dialogs"] == 1
    assert sessions(engine) == {kept}
    with pytest.raises(ValueError, match="a day at least"):
        retention.destroy(0)


def test_a_dialog_that_goes_on_stays_from_its_first_word(
    engine: Engine, retention: Retention, talked: Callable[..., str], clock: Clock
) -> None:
    session = talked(100)
    Dialogs(engine, clock=clock).add_question(session, "Я снова здесь")
    assert retention.destroy(90)["dialogs"] == 0
    assert count(engine, TurnRow) == 2


def test_a_test_drive_to_come_keeps_its_dialog_until_it_is_over(
    engine: Engine, retention: Retention, talked: Callable[..., str], clock: Clock, cipher: Cipher
) -> None:
    session = talked(2)
    starts_at = NOW + timedelta(days=3)
    Bookings(engine, cipher, clock=clock).book(
        session, stock_id="C1", car="C 180", starts_at=starts_at, minutes=60, phone="+79000000000"
    )
    assert retention.destroy(1)["dialogs"] == 0
    clock.now = starts_at + timedelta(days=1)
    gone = +retention.destroy(1)
    assert (gone["dialogs"], gone["bookings"]) == (1, 1)


def test_visitors_gaps_attempts_and_alerts_go_with_their_time(
    engine: Engine, retention: Retention, talked: Callable[..., str]
) -> None:
    long_ago, lately = NOW - timedelta(days=100), NOW - timedelta(days=3)
    talked(100, remember=True), talked(3, remember=True)
    with engine.begin() as connection:
        old_turn, new_turn = connection.scalars(select(table_of(TurnRow).c.turn_id).order_by(TurnRow.id))
        gap = {"title": "?", "questions": 1, "first_at": long_ago, "last_at": long_ago, "status": "open"}
        connection.execute(insert(GapRow), [gap | {"changed_at": long_ago}] * 2)
        of_gaps = [{"gap_id": 1, "turn_id": old_turn}, {"gap_id": 2, "turn_id": new_turn}]
        connection.execute(insert(GapTurnRow), of_gaps)
        attempt = {"name": "a", "succeeded": False}
        connection.execute(insert(LoginAttemptRow), [attempt | {"at": at} for at in (long_ago, lately)])
        alert = {"kind": "callback", "channel": "mail", "attempts": 1, "created_at": long_ago}
        states = [
            alert | {"ref_id": n, "status": s, "due_at": NOW} for n, s in enumerate(("sent", "pending"))
        ]
        connection.execute(insert(AlertRow), states)
    assert +retention.destroy(90) == Counter(
        dialogs=1, turns=1, visitors=1, gaps=1, login_attempts=1, alerts=1
    )
    for row in (VisitorRow, GapRow, GapTurnRow, LoginAttemptRow, AlertRow):
        assert count(engine, row) == 1, row


def test_no_gap_and_no_draft_quotes_a_question_that_has_gone(
    engine: Engine, retention: Retention, talked: Callable[..., str], clock: Clock
) -> None:
    talked(100, "Есть ли у вас качели?"), talked(3, "А качели есть?"), talked(100, "Кормят ли канареек?")
    gaps, knowledge = Gaps(engine, clock=clock), Knowledge(engine, clock=clock)
    with engine.connect() as connection:
        turns = table_of(TurnRow).c
        columns = (turns.turn_id, turns.session_id, turns.question, turns.asked_at)
        rows = connection.execute(select(*columns).order_by(turns.id)).all()
    swing, other, birds = (GapQuestion(*row, "unknown") for row in rows)
    shared = gaps.make(swing, [swing, other]) or 0
    alone = gaps.make(birds, [birds]) or 0
    draft = knowledge.draft(swing.text, f"- {swing.text}\n- {other.text}", author="anna", gap_id=shared)
    counts = +retention.destroy(90)
    assert (counts["knowledge_drafts"], counts["gaps"]) == (1, 1)
    assert (gaps.get(shared).title, gaps.get(shared).questions) == ("А качели есть?", 1)
    left = knowledge.get(draft.id)
    assert (left.title, left.text) == ("[…]", "- […]\n- А качели есть?")
    with pytest.raises(NotFound):
        gaps.get(alone)


def test_twenty_thousand_turns_go_in_little_memory_while_chats_go_on(engine: Engine) -> None:
    filled = fill(engine, 20_000)
    measured = measure(engine, chat_seconds=0.5)
    print("\n".join(lines(measured)))
    assert measured.counts["dialogs"] == count(engine, DialogFactRow) == filled.old_dialogs
    assert measured.counts["turns"] == filled.old_turns
    assert count(engine, DialogRow) >= filled.new_dialogs
    assert measured.chats_meanwhile.failed == 0
    assert len(measured.chats_meanwhile.ms) > 5
    if measured.memory_before and measured.memory_peak:
        assert measured.memory_peak - measured.memory_before < 30e6


def test_nothing_of_what_was_destroyed_is_left_in_the_files(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    fill(engine, 4_000)
    files = [Path(f"{engine.url.database}{part}") for part in ("", "-wal")]
    before = files[0].stat().st_size + files[1].stat().st_size
    assert any(MARK.encode() in file.read_bytes() for file in files)
    Retention(engine, is_open=lambda _: True).destroy(1)
    tidy(engine)
    assert not any(MARK.encode() in file.read_bytes() for file in files)
    assert sum(file.stat().st_size for file in files) < before / 2
    engine.dispose()


KILLED = """
import sys
from stores.database import open_database
from stores import retention
retention.BATCH_TURNS = 40
engine = open_database(sys.argv[1])
print("begins", flush=True)
retention.Retention(engine, is_open=lambda _: True).destroy(1, told=lambda _: print("batch", flush=True))
"""


def test_killed_at_any_moment_nothing_is_lost_or_counted_twice(database_url: str) -> None:
    engine = open_database(database_url)
    filled = fill(engine, 4_000)
    for batches in (1, 9):
        command = [sys.executable, "-c", KILLED, database_url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
            assert process.stdout is not None
            for _ in range(batches + 1):
                process.stdout.readline()
            time.sleep(0.003 * batches)  # somewhere within a batch
            os.kill(process.pid, signal.SIGKILL)
        with engine.connect() as connection:
            left = connection.scalar(select(func.count()).where(table_of(DialogRow).c.kind == "web"))
        assert left is not None
        assert 0 < left < filled.old_dialogs
        assert left + count(engine, DialogFactRow) == filled.old_dialogs
    Retention(engine, is_open=lambda _: True).destroy(1)
    assert count(engine, DialogRow) == filled.new_dialogs
    assert count(engine, TurnRow) == filled.new_dialogs * TURNS_OF_A_DIALOG
    with engine.connect() as connection:
        kept = [DialogFacts.model_validate(row) for row in connection.scalars(select(DialogFactRow.facts))]
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    assert len(kept) == filled.old_dialogs
    assert sum(facts.turns for facts in kept) == filled.old_turns
    engine.dispose()
