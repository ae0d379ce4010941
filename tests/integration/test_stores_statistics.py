"""The figures of dialogs, computed from their rows on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, event, insert

from stores import statistics
from stores.callbacks import Callbacks
from stores.dialog_search import DialogFilter, DialogSearch
from stores.dialogs import Dialogs, TurnResult
from stores.models import TurnRow
from stores.office import ReviewRow
from stores.sealing import Cipher
from stores.statistics import DialogFacts, facts_of
from tests.integration.stopped_clock import Clock

OPENED = datetime(2026, 11, 20, 17, 58, 31, 250_000, tzinfo=UTC)


def opened(dialogs: Dialogs) -> str:
    return dialogs.open(
        kind="web", language="ru", consent=None, address=None, remember=False, visitor=None
    ).session_id


def closes_at_18(moment: datetime) -> bool:
    return moment.hour < 18


def test_a_dialog_is_told_in_figures(engine: Engine) -> None:
    clock = Clock(OPENED)
    dialogs = Dialogs(engine, clock=clock)
    session = opened(dialogs)
    turns = []
    for seconds, result in (
        (20, TurnResult(answer="1", route="inventory", elapsed_ms=30, llm=True)),
        (60, TurnResult(answer="2", route="unknown", elapsed_ms=50)),
        (120, TurnResult(answer="3", route="callback", elapsed_ms=40)),
        (130, TurnResult(answer="4", route="forbidden", elapsed_ms=10, blocked=True)),
    ):
        clock.now = OPENED + timedelta(seconds=seconds)
        turns.append(dialogs.add_question(session, "?"))
        dialogs.save_reply(turns[-1], result)
    clock.now = OPENED + timedelta(seconds=140)
    dialogs.add_question(session, "and never answered")
    dialogs.rate(session, 9, 10)
    with engine.begin() as connection:
        connection.execute(
            TurnRow.__table__.update().where(TurnRow.turn_id == turns[0]),  # type: ignore[attr-defined]  # SQLModel's
            {"prompt_tokens": 100, "completion_tokens": 20},
        )
        review = {"turn_id": turns[1], "wrong": True, "reason": "", "right_answer": "", "reviewer": "a"}
        connection.execute(insert(ReviewRow), review | {"at": OPENED})
    with engine.connect() as connection:
        assert facts_of(connection, [session, "no such dialog"], closes_at_18) == {
            session: DialogFacts(
                opened_at=datetime(2026, 11, 20, 17, 45, tzinfo=UTC),
                kind="web",
                language="ru",
                seconds=140,
                turns=5,
                blocked=1,
                unknown=1,
                llm_turns=1,
                asked_hours=["2026-11-20T17", "2026-11-20T17", *["2026-11-20T18"] * 3],
                outside_hours_turns=3,
                callback_requested=True,
                callback_outside_hours=True,
                csat=9,
                nps=10,
                routes={"inventory": 1, "unknown": 1, "callback": 1, "forbidden": 1},
                elapsed_ms=[30, 50, 40, 10],
                prompt_tokens=100,
                completion_tokens=20,
                wrong=1,
            )
        }


def test_a_call_taken_back_was_not_asked_for_nor_is_it_found_as_one(engine: Engine, cipher: Cipher) -> None:
    session = opened(Dialogs(engine))
    callbacks = Callbacks(engine, cipher)
    callbacks.add(session, "+7 900 000-00-00", "", "")
    callbacks.withdraw(session)
    with engine.connect() as connection:
        assert not facts_of(connection, [session], closes_at_18)[session].callback_requested
    assert DialogSearch(engine).page(DialogFilter(callback=True)).dialogs == ()


def test_a_number_that_was_left_is_a_call_asked_for_and_silence_is_nothing(
    engine: Engine, cipher: Cipher
) -> None:
    dialogs = Dialogs(engine)
    called, silent = opened(dialogs), opened(dialogs)
    Callbacks(engine, cipher).add(called, "+7 900 000-00-00", "", "")
    with engine.connect() as connection:
        facts = facts_of(connection, [called, silent], closes_at_18)
    assert facts[called].callback_requested
    assert not facts[called].callback_outside_hours
    assert not facts[silent].callback_requested
    assert facts[silent].turns == 0
    assert DialogFacts.model_validate(facts[silent].model_dump(mode="json")) == facts[silent]


def test_many_dialogs_take_few_queries(engine: Engine) -> None:
    dialogs = Dialogs(engine)
    sessions = [opened(dialogs) for _ in range(30)]
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with engine.connect() as connection:
        assert list(facts_of(connection, sessions, closes_at_18)) == sessions
    assert len(sessions) <= statistics.BATCH
    assert sum(query.startswith("SELECT") for query in asked) == 2
