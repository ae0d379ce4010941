"""Dialogs and call-backs on SQLite and PostgreSQL."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from stores.callbacks import Callbacks
from stores.database import open_database, reading
from stores.dialogs import Dialog, Dialogs, TurnResult
from stores.errors import AlreadyRated, DialogEnded, DialogNotFound, TurnNotFound
from stores.forgetting import Forgetting
from stores.models import ConsentRow
from stores.salon import Consent
from stores.sealing import Cipher

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
CONSENT = Consent(text="Согласен.", version="0123456789ab")
RESULT = TurnResult(
    answer="Да, C 180 есть: 4 500 000 ₽.",
    route="inventory",
    cars=["C1"],
    cars_total=1,
    sources=[{"kind": "inventory", "title": "C 180, 2023", "ref": "C1", "url": None}],
    notices=["Ваш запрос обрабатывается"],
    llm=True,
    elapsed_ms=38,
    model="тест",
    prompt_hash="abc",
    checks=[{"sentence": 0, "held": True}],
    timings={"query": 1.5},
    state={"filter": {"models": ["C 180"]}, "shown": ["C1"]},
)


def clock() -> Iterator[datetime]:
    now = START
    while True:
        yield now
        now += timedelta(seconds=1)


@pytest.fixture
def dialogs(engine: Engine) -> Dialogs:
    return Dialogs(engine, clock=clock().__next__)


def opened(dialogs: Dialogs) -> Dialog:
    return dialogs.open(
        kind="web", language="ru", consent=CONSENT, address="203.0.113.7", remember=False, visitor=None
    )


def test_a_new_dialog_can_be_looked_up_and_holds_no_turn(dialogs: Dialogs) -> None:
    dialog = opened(dialogs)
    assert dialogs.get(dialog.session_id) == dialog
    assert dialogs.turns(dialog.session_id) == []
    assert (dialog.kind, dialog.language, dialog.visitor, dialog.ended_at, dialog.rated) == (
        "web",
        "ru",
        None,
        None,
        False,
    )
    assert dialog.consent_version == CONSENT.version
    assert dialog.opened_at == START


def test_every_dialog_has_an_id_of_its_own_that_cannot_be_guessed(dialogs: Dialogs) -> None:
    ids = {opened(dialogs).session_id for _ in range(20)}
    assert len(ids) == 20
    assert all(len(session_id) == 32 and int(session_id, 16) >= 0 for session_id in ids)


def test_consent_is_kept_with_time_address_and_version(dialogs: Dialogs, engine: Engine) -> None:
    dialog = opened(dialogs)
    with reading(engine) as session:
        (row,) = session.scalars(select(ConsentRow)).all()
    assert (row.session_id, row.version, row.address) == (dialog.session_id, CONSENT.version, "203.0.113.7")
    assert row.given_at == START


def test_a_dialog_without_consent_says_so(dialogs: Dialogs) -> None:
    dialog = dialogs.open(kind="api", language="en", consent=None, address=None, remember=False, visitor=None)
    assert dialogs.get(dialog.session_id).consent_version is None


def test_an_unknown_session_is_not_found_whatever_the_id_looks_like(
    dialogs: Dialogs, engine: Engine, cipher: Cipher
) -> None:
    forgetting = Forgetting(engine, cipher)
    for unknown in ("", "none", "x\x00y", "\ud800", "' OR 1=1 --", "я" * 5000):
        for use in (
            dialogs.get,
            dialogs.turns,
            dialogs.end,
            lambda session_id: forgetting.forget(session_id, cause="visitor"),
            lambda session_id: dialogs.add_question(session_id, "?"),
            lambda session_id: dialogs.rate(session_id, 10),
        ):
            with pytest.raises(DialogNotFound):
                use(unknown)


def test_a_question_is_there_before_its_answer(dialogs: Dialogs) -> None:
    session_id = opened(dialogs).session_id
    turn_id = dialogs.add_question(session_id, "Есть C 180?")
    (turn,) = dialogs.turns(session_id)
    assert (turn.turn_id, turn.question, turn.status, turn.answer) == (
        turn_id,
        "Есть C 180?",
        "pending",
        None,
    )


def test_an_answered_turn_gives_back_all_that_was_saved(dialogs: Dialogs) -> None:
    session_id = opened(dialogs).session_id
    turn_id = dialogs.add_question(session_id, "Есть C 180?")
    dialogs.save_reply(turn_id, RESULT)
    (turn,) = dialogs.turns(session_id)
    assert turn.status == "answered"
    assert TurnResult.model_validate(turn.model_dump(include=set(TurnResult.model_fields))) == RESULT
    assert turn.answered_at is not None
    assert turn.answered_at > turn.asked_at
    assert dialogs.get(session_id).last_at == turn.answered_at


def test_turns_come_in_the_order_they_were_asked(dialogs: Dialogs) -> None:
    session_id = opened(dialogs).session_id
    asked = [dialogs.add_question(session_id, f"вопрос {number}") for number in range(12)]
    for turn_id in reversed(asked):
        dialogs.save_reply(turn_id, RESULT)
    assert [turn.turn_id for turn in dialogs.turns(session_id)] == asked


def test_text_no_database_could_store_loses_no_turn(dialogs: Dialogs) -> None:
    session_id = opened(dialogs).session_id
    turn_id = dialogs.add_question(session_id, "C\x00 180 \ud83d?")
    dialogs.save_reply(turn_id, RESULT.model_copy(update={"answer": "\x00Да", "state": {"q": "\ud83d\x00"}}))
    (turn,) = dialogs.turns(session_id)
    assert (turn.question, turn.answer) == ("C 180 ??", "Да")
    assert turn.state["q"].startswith("?")


def test_a_reply_to_no_turn_is_refused(dialogs: Dialogs) -> None:
    with pytest.raises(TurnNotFound):
        dialogs.save_reply("none", RESULT)


def test_an_ended_dialog_takes_no_question_but_the_answer_under_way(dialogs: Dialogs) -> None:
    session_id = opened(dialogs).session_id
    turn_id = dialogs.add_question(session_id, "Есть C 180?")
    dialogs.end(session_id)
    ended_at = dialogs.get(session_id).ended_at
    assert ended_at is not None
    with pytest.raises(DialogEnded):
        dialogs.add_question(session_id, "А E 200?")
    dialogs.save_reply(turn_id, RESULT)
    dialogs.end(session_id)
    assert dialogs.get(session_id).ended_at == ended_at
    assert [turn.status for turn in dialogs.turns(session_id)] == ["answered"]


def test_a_dialog_is_rated_once(dialogs: Dialogs) -> None:
    session_id = opened(dialogs).session_id
    dialogs.rate(session_id, 9, None, "Спасибо")
    assert dialogs.get(session_id).rated
    with pytest.raises(AlreadyRated):
        dialogs.rate(session_id, 1, 0, "")


def test_a_rating_out_of_range_is_refused(dialogs: Dialogs) -> None:
    session_id = opened(dialogs).session_id
    for csat, nps in [(0, None), (11, None), (5, -1), (5, 11)]:
        with pytest.raises(ValueError):
            dialogs.rate(session_id, csat, nps)
    assert not dialogs.get(session_id).rated


def test_two_ratings_at_once_leave_one(dialogs: Dialogs) -> None:
    session_id = opened(dialogs).session_id
    outcomes: list[str] = []

    def rate() -> None:
        try:
            dialogs.rate(session_id, 5)
            outcomes.append("stored")
        except AlreadyRated:
            outcomes.append("refused")

    threads = [threading.Thread(target=rate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 3 + ["stored"]


def test_the_last_turns_come_in_the_order_they_were_asked(dialogs: Dialogs) -> None:
    session_id = opened(dialogs).session_id
    for number in range(5):
        dialogs.add_question(session_id, f"Вопрос {number}")
    asked = [turn.question for turn in dialogs.turns(session_id, last=3)]
    assert asked == ["Вопрос 2", "Вопрос 3", "Вопрос 4"]
    assert len(dialogs.turns(session_id, last=9)) == len(dialogs.turns(session_id)) == 5
    with pytest.raises(DialogNotFound):
        dialogs.turns("0" * 32, last=3)


def test_questions_of_many_visitors_at_once_are_all_stored(dialogs: Dialogs) -> None:
    sessions = [opened(dialogs).session_id for _ in range(6)]
    failures: list[Exception] = []

    def talk(session_id: str) -> None:
        try:
            for number in range(5):
                dialogs.save_reply(dialogs.add_question(session_id, f"вопрос {number}"), RESULT)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=talk, args=(session_id,)) for session_id in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for session_id in sessions:
        turns = dialogs.turns(session_id)
        assert [turn.question for turn in turns] == [f"вопрос {number}" for number in range(5)]
        assert {turn.status for turn in turns} == {"answered"}


def test_turns_without_an_answer_are_marked_interrupted_and_can_still_be_answered(dialogs: Dialogs) -> None:
    session_id = opened(dialogs).session_id
    done, left = (dialogs.add_question(session_id, text) for text in ("Есть C 180?", "А E 200?"))
    dialogs.save_reply(done, RESULT)
    assert dialogs.recover() == 1
    assert [turn.status for turn in dialogs.turns(session_id)] == ["answered", "interrupted"]
    assert dialogs.recover() == 0
    dialogs.save_reply(left, RESULT)
    assert [turn.status for turn in dialogs.turns(session_id)] == ["answered", "answered"]


def test_a_process_killed_in_mid_answer_loses_no_finished_turn(engine: Engine, database_url: str) -> None:
    session_id = opened(Dialogs(engine)).session_id
    code = """
import sys, time
from stores.database import open_database
from stores.dialogs import Dialogs, TurnResult
dialogs = Dialogs(open_database(sys.argv[1]))
dialogs.save_reply(dialogs.add_question(sys.argv[2], "первый"), TurnResult(answer="да", route="legend"))
dialogs.add_question(sys.argv[2], "второй")
print("asked", flush=True)
time.sleep(60)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, database_url, session_id],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"asked\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()

    again = open_database(database_url)
    dialogs = Dialogs(again)
    assert dialogs.recover() == 1
    assert [(turn.question, turn.answer, turn.status) for turn in dialogs.turns(session_id)] == [
        ("первый", "да", "answered"),
        ("второй", None, "interrupted"),
    ]
    again.dispose()


def test_a_call_back_belongs_to_a_dialog(dialogs: Dialogs, engine: Engine, cipher: Cipher) -> None:
    callbacks = Callbacks(engine, cipher)
    session_id = opened(dialogs).session_id
    assert not callbacks.exists_for(session_id)
    assert callbacks.add(session_id, phone="+70000000007", name="Имя", comment="") > 0
    assert callbacks.exists_for(session_id)
    assert not callbacks.exists_for(opened(dialogs).session_id)
    with pytest.raises(DialogNotFound):
        callbacks.add("none", "+70000000007", "Имя", "")
