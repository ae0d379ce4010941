"""Visitors who are remembered, and what is left of a dialog that was forgotten, on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from stores.callbacks import Callbacks
from stores.database import open_database
from stores.dialogs import Dialog, Dialogs, TurnResult
from stores.errors import DialogNotFound, TurnNotFound, VisitorNotFound
from stores.forgetting import Forgetting
from stores.receipts import Receipts
from stores.salon import Consent
from stores.sealing import Cipher
from stores.table import Table
from stores.visitors import Visitors

CONSENT = Consent(text="Согласен.", version="0123456789ab")
RESULT = TurnResult(answer="Да, C 180 есть: 4 500 000 ₽.", route="inventory", cars=["C1"], cars_total=1)


@pytest.fixture
def dialogs(engine: Engine) -> Dialogs:
    return Dialogs(engine)


@pytest.fixture
def forgetting(engine: Engine, cipher: Cipher) -> Forgetting:
    return Forgetting(engine, cipher)


def opened(dialogs: Dialogs, *, remember: bool = False, visitor: str | None = None) -> Dialog:
    return dialogs.open(
        kind="web", language="ru", consent=CONSENT, address="203.0.113.7", remember=remember, visitor=visitor
    )


def rows_left(engine: Engine, session_id: str, visitor: str | None = None) -> dict[str, int]:
    """How many rows of each table name the session or the visitor."""
    left = {}
    with engine.connect() as connection:
        for table in Table.metadata.sorted_tables:
            named = [
                table.c[column] == value
                for column, value in (("session_id", session_id), ("token", visitor), ("visitor", visitor))
                if column in table.c and value is not None
            ]
            for condition in named:
                count = connection.execute(
                    select(func.count()).select_from(table).where(condition)
                ).scalar_one()
                left[table.name] = left.get(table.name, 0) + count
    return {name: count for name, count in left.items() if count}


def test_a_visitor_is_given_a_token_only_who_asks_to_be_remembered(dialogs: Dialogs) -> None:
    assert opened(dialogs).visitor is None
    first = opened(dialogs, remember=True)
    assert first.visitor
    assert opened(dialogs, visitor=first.visitor).visitor == first.visitor
    assert opened(dialogs, remember=True, visitor=first.visitor).visitor == first.visitor


def test_a_token_that_nobody_gave_out_is_never_taken_over(dialogs: Dialogs) -> None:
    assert opened(dialogs, visitor="mine").visitor is None
    assert opened(dialogs, remember=True, visitor="mine").visitor not in {None, "mine"}


def test_a_visitors_memory_is_kept_between_dialogs(
    dialogs: Dialogs, forgetting: Forgetting, engine: Engine
) -> None:
    visitors = Visitors(engine)
    token = opened(dialogs, remember=True).visitor or ""
    assert visitors.get(token).memory == {}
    visitors.remember(token, {"likes": ["универсал"]})
    assert visitors.get(token).memory == {"likes": ["универсал"]}
    assert forgetting.forget_visitor(token, cause="visitor") is not None
    assert forgetting.forget_visitor(token, cause="visitor") is None
    with pytest.raises(VisitorNotFound):
        visitors.get(token)
    with pytest.raises(VisitorNotFound):
        visitors.remember(token, {})


def test_forgetting_leaves_no_row_behind_and_touches_nobody_else(
    dialogs: Dialogs, forgetting: Forgetting, engine: Engine, cipher: Cipher
) -> None:
    callbacks = Callbacks(engine, cipher)
    mine, other = opened(dialogs, remember=True), opened(dialogs, remember=True)
    for dialog in (mine, other):
        dialogs.save_reply(dialogs.add_question(dialog.session_id, "Есть C 180?"), RESULT)
        dialogs.add_question(dialog.session_id, "А E 200?")
        dialogs.rate(dialog.session_id, 10, 10, "Хорошо")
        callbacks.add(dialog.session_id, "+70000000007", "Имя", "после шести")
        Visitors(engine).remember(dialog.visitor or "", {"likes": ["седан"]})
    before = rows_left(engine, other.session_id, other.visitor)
    assert set(before) == {"dialogs", "turns", "consents", "ratings", "callbacks", "visitors"}

    forgetting.forget(mine.session_id, cause="visitor")

    assert rows_left(engine, mine.session_id, mine.visitor) == {}
    assert rows_left(engine, other.session_id, other.visitor) == before
    with pytest.raises(DialogNotFound):
        forgetting.forget(mine.session_id, cause="visitor")


def test_two_dialogs_of_one_visitor_lose_nothing_of_what_the_other_remembers(
    dialogs: Dialogs, forgetting: Forgetting, engine: Engine
) -> None:
    token, visitors = opened(dialogs, remember=True).visitor or "", Visitors(engine)

    def add(number: int) -> None:
        visitors.update(token, lambda memory: {"seen": [*memory.get("seen", []), number]})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(16)))
    assert sorted(visitors.get(token).memory["seen"]) == list(range(16))
    forgetting.forget_visitor(token, cause="visitor")
    with pytest.raises(VisitorNotFound):
        visitors.update(token, dict)


def test_forgetting_one_dialog_unties_the_visitors_other_dialogs(
    dialogs: Dialogs, forgetting: Forgetting
) -> None:
    first = opened(dialogs, remember=True)
    second = opened(dialogs, visitor=first.visitor)
    forgetting.forget(first.session_id, cause="visitor")
    assert dialogs.get(second.session_id).visitor is None


def test_what_was_forgotten_is_not_in_the_file_either(sqlite_url: str, cipher: Cipher) -> None:
    engine = open_database(sqlite_url)
    dialogs = Dialogs(engine)
    session_id = opened(dialogs).session_id
    dialogs.add_question(session_id, "ТАЙНА-" * 500)
    Forgetting(engine, cipher).forget(session_id, cause="visitor")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    assert "ТАЙНА".encode() not in Path(engine.url.database or "").read_bytes()


def test_an_answer_to_a_forgotten_dialog_is_not_stored(
    dialogs: Dialogs, forgetting: Forgetting, engine: Engine
) -> None:
    session_id = opened(dialogs).session_id
    turn_id = dialogs.add_question(session_id, "Есть C 180?")
    forgetting.forget(session_id, cause="visitor")
    with pytest.raises(TurnNotFound):
        dialogs.save_reply(turn_id, RESULT)
    assert rows_left(engine, session_id) == {}


def test_forgetting_a_visitor_alone_leaves_a_receipt_and_their_dialogs(
    dialogs: Dialogs, forgetting: Forgetting, engine: Engine
) -> None:
    dialog = opened(dialogs, remember=True)
    receipt = forgetting.forget_visitor(dialog.visitor or "", cause="visitor")
    assert receipt is not None
    assert (receipt.counts, receipt.cause, receipt.pending) == ({"visitors": 1}, "visitor", False)
    assert Receipts(engine).get(receipt.number) == receipt
    assert (dialog.visitor or "") not in receipt.model_dump_json()
    assert dialogs.get(dialog.session_id).visitor is None
