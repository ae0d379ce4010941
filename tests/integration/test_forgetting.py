"""What is forgotten is gone from everywhere, a receipt says how much it was, and a crash in between loses nothing."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from stores.bookings import Bookings
from stores.callbacks import Callbacks
from stores.contacts import Contacts
from stores.database import open_database, reading, writing
from stores.dialogs import Dialogs, TurnResult
from stores.errors import DialogNotFound, ReceiptNotFound
from stores.exports import Exports
from stores.forgetting import Forgetting
from stores.mailings import Mailings
from stores.models import DialogRow
from stores.office import AlertRow, ExportRow, GapRow, GapTurnRow, KnowledgeRow, ReviewRow
from stores.pseudonyms import Pseudonyms
from stores.receipts import Receipts
from stores.salon import Consent
from stores.sealing import Cipher
from stores.table import Table
from stores.visitors import Visitors
from tests.integration.stopped_clock import Clock

PHONE = "+79000000021"
EMAIL = "forgotten@mail.example"
QUESTION = "Есть ли у вас качели для канареек?"
CONSENT = Consent(text="Согласен", version="v1")


@pytest.fixture
def exports(engine: Engine, tmp_path: Path) -> Exports:
    return Exports(engine, tmp_path / "exports")


@pytest.fixture
def forgetting(engine: Engine, cipher: Cipher, exports: Exports, clock: Clock) -> Forgetting:
    return Forgetting(engine, cipher, erasers={"export_lines": exports.erase}, clock=clock)


def add_what_staff_made_of_it(engine: Engine, turn_id: str, callback: int) -> None:
    """An alert of the call-back, a verdict on the answer, a gap of the question and a draft that quotes it."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    with writing(engine) as session:
        session.add(
            AlertRow(
                kind="callback",
                ref_id=callback,
                channel="mail",
                status="sent",
                attempts=1,
                due_at=now,
                created_at=now,
            )
        )
        session.add(
            ReviewRow(turn_id=turn_id, wrong=True, reason="нет", right_answer="Есть", reviewer="anna", at=now)
        )
        gap = GapRow(title=QUESTION, questions=1, first_at=now, last_at=now, status="drafted", changed_at=now)
        session.add(gap)
        session.flush()
        session.add(GapTurnRow(gap_id=gap.id or 0, turn_id=turn_id))
        session.add(
            KnowledgeRow(
                title=QUESTION,
                text=f"Нас спросили: {QUESTION} Качели есть.",
                status="draft",
                gap_id=gap.id,
                author="anna",
                created_at=now,
                changed_at=now,
            )
        )


@pytest.fixture
def fill(engine: Engine, cipher: Cipher) -> Callable[..., str]:
    """A dialog with something in every table that can hold anything of it."""

    def make(phone: str = PHONE, email: str = EMAIL, visitor: str | None = None, car: str = "C1") -> str:
        dialogs, callbacks = Dialogs(engine), Callbacks(engine, cipher)
        dialog = dialogs.open(
            kind="web", language="ru", consent=CONSENT, address="::1", remember=True, visitor=visitor
        )
        session_id = dialog.session_id
        turn_id = dialogs.add_question(session_id, QUESTION)
        dialogs.save_reply(turn_id, TurnResult(answer="Не знаю.", route="unknown"))
        dialogs.add_question(session_id, "А гнёзда?")
        dialogs.rate(session_id, 3, 2, "Так себе")
        Visitors(engine).remember(dialog.visitor or "", {"wishes": []})
        number = callbacks.add(session_id, phone, "Имя", "вечером")
        Contacts(engine, cipher).put(session_id, phone=phone)
        Mailings(engine, cipher).add(session_id, email, language="ru", consent_text="Да", consent_version="1")
        Bookings(engine, cipher).book(
            session_id,
            stock_id=car,
            car="C 180",
            starts_at=datetime(2036, 1, 1, tzinfo=UTC),
            minutes=60,
            phone=phone,
        )
        add_what_staff_made_of_it(engine, turn_id, number)
        return session_id

    return make


def rows(engine: Engine) -> dict[str, int]:
    with reading(engine) as session:
        counted = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Table.metadata.sorted_tables
        }
    return {name: count for name, count in counted.items() if count}


def test_a_dialog_goes_with_all_that_belongs_to_it_and_leaves_a_receipt(
    engine: Engine, forgetting: Forgetting, fill: Callable[..., str], clock: Clock
) -> None:
    session_id = fill()
    receipt = forgetting.forget(session_id, cause="staff", actor="anna")
    assert set(rows(engine)) == {"gaps", "knowledge_entries", "receipts", "settings"}
    assert receipt.counts == {
        **{"dialogs": 1, "turns": 2, "consents": 1, "ratings": 1, "visitors": 1, "callbacks": 1},
        **{"bookings": 1, "mailings": 1, "contacts": 1, "alerts": 1, "turn_reviews": 1, "gap_turns": 1},
        "knowledge_drafts": 1,
    }
    assert (receipt.cause, receipt.actor, receipt.at, receipt.pending) == ("staff", "anna", clock.now, False)
    assert Receipts(engine).get(receipt.number.lower()) == receipt
    assert Receipts(engine).latest(limit=5) == [receipt]
    assert receipt.subject == Pseudonyms(engine).of(session_id)
    assert session_id not in str(receipt)
    with engine.connect() as connection:
        for table in rows(engine):
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                for left in (session_id, QUESTION, "качели для", PHONE, EMAIL, "гнёзда"):
                    assert left not in str(row), table
    with pytest.raises(DialogNotFound):
        forgetting.forget(session_id, cause="visitor")
    with pytest.raises(ReceiptNotFound):
        Receipts(engine).get("20261120-NONE")


def test_nobody_else_loses_anything(engine: Engine, forgetting: Forgetting, fill: Callable[..., str]) -> None:
    other = fill(phone="+79000000022", email="other@mail.example", car="E1")
    before = rows(engine)
    forgetting.forget(fill(), cause="visitor")
    after = rows(engine)
    assert {name: after[name] for name in before if name not in {"gaps", "knowledge_entries"}} == {
        name: count for name, count in before.items() if name not in {"gaps", "knowledge_entries"}
    }
    assert len(Dialogs(engine).turns(other)) == 2


def test_a_gap_that_others_asked_about_too_keeps_their_words(
    engine: Engine, forgetting: Forgetting, fill: Callable[..., str]
) -> None:
    session_id = fill()
    other = Dialogs(engine).open(
        kind="web", language="ru", consent=None, address=None, remember=False, visitor=None
    )
    turn_id = Dialogs(engine).add_question(other.session_id, "Качели есть?")
    with writing(engine) as session:
        (gap,) = session.scalars(select(GapRow))
        session.add(GapTurnRow(gap_id=gap.id or 0, turn_id=turn_id))
    forgetting.forget(session_id, cause="visitor")
    with reading(engine) as session:
        (gap,) = session.scalars(select(GapRow))
        (draft,) = session.scalars(select(KnowledgeRow))
    assert (gap.title, gap.questions) == ("Качели есть?", 1)
    assert (draft.title, draft.text) == ("[…]", "Нас спросили: […] Качели есть.")


def test_whoever_calls_is_found_by_phone_in_any_spelling_by_e_mail_and_by_visitor(
    forgetting: Forgetting, fill: Callable[..., str], engine: Engine
) -> None:
    first = fill()
    token = Dialogs(engine).get(first).visitor
    again = fill(phone="+79000000023", email="second@mail.example", visitor=token, car="E1")
    assert forgetting.of_phone("8 (900) 000-00-21") == [first]
    assert forgetting.of_email("Forgotten@Mail.example") == [first]
    assert set(forgetting.of_visitor(again)) == {first, again}
    assert forgetting.of_phone("+7 900 000-99-99") == forgetting.of_visitor("none") == []


def test_lines_of_exports_go_as_well_and_a_crash_before_that_loses_nothing(
    engine: Engine,
    cipher: Cipher,
    exports: Exports,
    forgetting: Forgetting,
    fill: Callable[..., str],
    tmp_path: Path,
    clock: Clock,
) -> None:
    sessions = [fill(), fill(phone="+79000000024", email="b@mail.example", car="E1")]
    names = [Pseudonyms(engine).of(session_id) for session_id in sessions]
    files = {"chat-jsonl": tmp_path / "a.jsonl", "csv": tmp_path / "a.csv", "sharegpt": tmp_path / "gone"}
    lines = [json.dumps({"id": name, "messages": [{"content": "a\nb"}]}) for name in names]
    files["chat-jsonl"].write_text("\n".join(lines) + "\n", encoding="utf-8")
    files["csv"].write_text(
        "dialog,question\n" + "".join(f'{name},"two\nlines, ""quoted"""\n' * 2 for name in names),
        encoding="utf-8",
    )
    with writing(engine) as session:
        for format, path in files.items():
            session.add(ExportRow(path=str(path), format=format, dialogs=2, created_at=clock.now))

    def crash(subject: str) -> int:
        exports.erase(subject)
        raise OSError("the disk is away")

    crashing = Forgetting(engine, cipher, erasers={"export_lines": crash}, clock=clock)
    files["csv"].rename(tmp_path / "aside")  # out of reach of the first try
    receipt = crashing.forget(sessions[0], cause="visitor")
    assert receipt.pending
    assert "export_lines" not in receipt.counts
    (tmp_path / "aside").rename(files["csv"])

    assert forgetting.finish_pending() == 0  # it may be under way in another process
    clock.now += timedelta(minutes=2)
    assert forgetting.finish_pending() == 1
    assert forgetting.finish_pending() == 0
    done = Receipts(engine).get(receipt.number)
    assert (done.pending, done.counts["export_lines"]) == (False, 2)
    for path in (files["chat-jsonl"], files["csv"]):
        content = path.read_text(encoding="utf-8")
        assert names[0] not in content
        assert names[1] in content
    assert files["csv"].read_text(encoding="utf-8").count('"two\nlines, ""quoted"""') == 2
    assert forgetting.forget(sessions[1], cause="visitor").counts["export_lines"] == 3
    assert files["chat-jsonl"].read_text(encoding="utf-8") == ""
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_nothing_of_it_is_left_in_the_files_of_the_embedded_database(
    sqlite_url: str, cipher: Cipher, tmp_path: Path
) -> None:
    engine = open_database(sqlite_url)
    dialogs, forgetting = Dialogs(engine), Forgetting(engine, cipher)
    dialog = dialogs.open(
        kind="web", language="ru", consent=CONSENT, address=None, remember=False, visitor=None
    )
    dialogs.add_question(dialog.session_id, "Приметные слова о качелях")

    def files() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.rglob("salon.db*"))

    assert "Приметные слова".encode() in files()
    forgetting.forget(dialog.session_id, cause="visitor")
    forgetting.finish_pending()
    assert "Приметные слова".encode() not in files()
    assert dialog.session_id.encode() not in files()
    engine.dispose()


def test_receipt_and_destruction_are_one(
    engine: Engine, forgetting: Forgetting, fill: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = fill()
    before = rows(engine)

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("stores.forgetting.leave", fails)
    with pytest.raises(RuntimeError):
        forgetting.forget(session_id, cause="visitor")
    assert rows(engine) == {**before, "settings": 1}
    with reading(engine) as session:
        assert session.get(DialogRow, session_id) is not None
