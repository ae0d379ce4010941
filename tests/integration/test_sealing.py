"""Contacts are sealed: nobody reads them without the key, no process writes with another one, a key can be replaced."""

import multiprocessing
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select, text, update

from jobs.__main__ import main
from settings import Settings
from stores import sealed_rows
from stores.bookings import Bookings
from stores.callbacks import Callbacks
from stores.contacts import Contacts
from stores.database import open_database, reading, writing
from stores.dialogs import Dialogs
from stores.errors import KeyUnusable, Unreadable
from stores.mailings import Mailings
from stores.models import CallbackRow, MailingRow
from stores.sealing import KEY_FILE, Cipher, is_sealed, new_key, open_cipher, read_keys

PHONE = "+79000000017"
EMAIL = "buyer-canary@mail.example"
NAME = "Канарейкин"
COMMENT = "после шести, пароль у охраны 4711"


def fill(engine: Engine, cipher: Cipher, count: int = 1) -> list[str]:
    dialogs, sessions = Dialogs(engine), []
    for number in range(count):
        session_id = dialogs.open(
            kind="web", language="ru", consent=None, address=None, remember=False, visitor=None
        ).session_id
        sessions.append(session_id)
        Callbacks(engine, cipher).add(session_id, PHONE, NAME, COMMENT)
        Contacts(engine, cipher).put(session_id, phone=PHONE, email=EMAIL, name=NAME)
        Mailings(engine, cipher).add(session_id, EMAIL, language="ru", consent_text="Да", consent_version="1")
        if number == 0:
            at = datetime(2036, 1, 1, tzinfo=UTC)
            Bookings(engine, cipher).book(
                session_id, stock_id="C1", car="C", starts_at=at, minutes=60, phone=PHONE, name=NAME
            )
    return sessions


def everything(engine: Engine) -> str:
    """All that the database holds, as text."""
    parts = []
    with engine.connect() as connection:
        for table in ("callbacks", "contacts", "mailings", "bookings", "settings", "dialogs"):
            parts += [str(row) for row in connection.execute(text(f"SELECT * FROM {table}"))]
    return "\n".join(parts)


def test_nothing_that_was_sealed_can_be_read_in_the_database(engine: Engine, cipher: Cipher) -> None:
    sealed_rows.check_keys(engine, cipher)
    (session_id,) = fill(engine, cipher)
    stored = everything(engine)
    for secret in (PHONE, PHONE[2:], EMAIL, "canary", NAME, COMMENT, "4711"):
        assert secret not in stored
    assert Contacts(engine, cipher).get(session_id).phone == PHONE
    assert [letter.email for letter in Mailings(engine, cipher).of_session(session_id)] == [EMAIL]
    (booking,) = Bookings(engine, cipher).coming(session_id, datetime(2035, 1, 1, tzinfo=UTC))
    assert (booking.phone, booking.name) == (PHONE, NAME)
    assert Callbacks(engine, cipher).is_waiting(session_id, "8 (900) 000-00-17")


def test_equal_texts_are_sealed_differently_and_fingerprinted_alike(cipher: Cipher) -> None:
    assert cipher.seal(PHONE) != cipher.seal(PHONE)
    assert cipher.unseal(cipher.seal(COMMENT)) == COMMENT
    assert cipher.seal("") == cipher.unseal("") == ""
    spellings = ("+79000000017", "8 900 000-00-17", "7(900)0000017", "900 000 00 17")
    assert len({cipher.of_phone(spelling) for spelling in spellings}) == 1
    assert cipher.of_phone(PHONE) != cipher.of_phone(PHONE[:-1] + "8")
    assert cipher.of_phone(PHONE) != Cipher([new_key()]).of_phone(PHONE)
    assert cipher.of_email("A@mail.example ") == cipher.of_email("a@mail.example")


def test_sealed_text_is_opened_by_its_own_key_only_and_not_when_it_was_changed(cipher: Cipher) -> None:
    sealed = cipher.seal(PHONE)
    with pytest.raises(Unreadable):
        Cipher([new_key()]).unseal(sealed)
    middle = len(sealed) // 2
    changed = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    with pytest.raises(Unreadable) as caught:
        cipher.unseal(changed)
    assert "gAAAA" not in str(caught.value)


def test_a_process_with_another_key_does_not_start(engine: Engine, tmp_path: Path) -> None:
    right, wrong = open_cipher((), tmp_path), Cipher([new_key()])
    sealed_rows.check_keys(engine, right)
    with pytest.raises(KeyUnusable, match="SALON_CONTACT_KEYS"):
        sealed_rows.check_keys(engine, wrong)
    sealed_rows.check_keys(engine, right)


def test_a_bad_key_is_refused_without_being_shown() -> None:
    for bad in ("", "short", "x" * 44, new_key()[:-4]):
        with pytest.raises(KeyUnusable) as caught:
            Cipher([bad])
        assert not bad or bad not in str(caught.value)
    keys = Settings(_env_file=None, contact_keys=SecretStr(" a , b,"))
    assert keys.sealing_keys == ["a", "b"]
    assert "a , b" not in repr(keys)


def _open(folder: str, results: "multiprocessing.Queue[str]") -> None:
    results.put(open_cipher((), Path(folder)).newest)


def test_the_key_file_is_its_owners_only_and_the_same_for_two_who_start_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for attempt in range(3):
        folder = tmp_path / str(attempt)
        results: multiprocessing.Queue[str] = context.Queue()
        processes = [context.Process(target=_open, args=(str(folder), results)) for _ in range(6)]
        for process in processes:
            process.start()
        ids = {results.get(timeout=20) for _ in processes}
        for process in processes:
            process.join(20)
        assert len(ids) == 1
        assert [path.name for path in folder.iterdir()] == [KEY_FILE]
        assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600


def test_rows_stored_before_there_was_sealing_are_sealed_at_start(engine: Engine, cipher: Cipher) -> None:
    (session_id,) = fill(engine, cipher)
    with writing(engine) as session:
        session.execute(update(CallbackRow).values(phone=PHONE, phone_hash=None, name=NAME, comment=""))
        session.execute(update(MailingRow).values(email=EMAIL, email_hash=None))
    assert PHONE in everything(engine)
    sealed_rows.check_keys(engine, cipher)
    assert PHONE not in everything(engine)
    assert EMAIL not in everything(engine)
    assert Callbacks(engine, cipher).is_waiting(session_id, PHONE)
    Mailings(engine, cipher).add(session_id, EMAIL, language="ru", consent_text="Да", consent_version="1")
    assert len(Mailings(engine, cipher).of_session(session_id)) == 1


def test_a_rotation_that_was_broken_off_is_finished_by_the_next(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = new_key(), new_key()
    before, both, after = Cipher([old]), Cipher([new, old]), Cipher([new])
    sealed_rows.check_keys(engine, before)
    sessions = fill(engine, before, count=7)
    monkeypatch.setattr(sealed_rows, "_BATCH", 2)
    sealed_rows.check_keys(engine, both)
    done = sealed_rows._reseal_table(engine, both, sealed_rows.TABLES[0], lose=False)
    assert next(done) == 2  # and here the process is killed
    assert not sealed_rows.is_current(engine, both)
    assert Callbacks(engine, both).is_waiting(sessions[0], PHONE)
    assert Callbacks(engine, both).is_waiting(sessions[-1], PHONE)
    with pytest.raises(KeyUnusable):
        sealed_rows.check_keys(engine, after)  # too early: some rows are sealed with the old key

    counts = sealed_rows.reseal(engine, both)
    assert counts == {"callbacks": 5, "bookings": 1, "mailings": 7, "contacts": 7}
    assert set(sealed_rows.reseal(engine, both).values()) == {0}
    sealed_rows.forget_older_keys(engine, both)
    sealed_rows.check_keys(engine, after)
    assert all(Callbacks(engine, after).is_waiting(session_id, PHONE) for session_id in sessions)
    with pytest.raises(KeyUnusable):
        sealed_rows.check_keys(engine, before)


@pytest.fixture
def job(tmp_path: Path, database_url: str) -> Callable[..., int]:
    return lambda *options: main(["rotate-key", *options, "--data", str(tmp_path), "--db", database_url])


def test_the_job_gives_a_fresh_key_to_a_running_assistant(
    job: Callable[..., int], tmp_path: Path, database_url: str
) -> None:
    engine, running = open_database(database_url), open_cipher((), tmp_path)
    sealed_rows.check_keys(engine, running)
    first = running.newest
    (session_id,) = fill(engine, running)
    assert job("--generate") == 0
    assert len(read_keys(tmp_path / KEY_FILE)) == 2
    assert Contacts(engine, running).get(session_id).phone == PHONE
    assert Callbacks(engine, running).is_waiting(session_id, PHONE)
    assert running.newest != first
    assert job("--drop-old") == 0
    assert len(read_keys(tmp_path / KEY_FILE)) == 1
    with reading(engine) as session:
        (phone,) = session.scalars(select(CallbackRow.phone))
    assert is_sealed(phone)
    assert open_cipher((), tmp_path).unseal(phone) == PHONE
    engine.dispose()


def test_a_lost_key_takes_the_contacts_with_it_but_not_the_assistant(
    job: Callable[..., int], tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine, gone = open_database(database_url), Cipher([new_key()])
    sealed_rows.check_keys(engine, gone)
    (session_id,) = fill(engine, gone)
    assert job() == 2
    assert "another key" in capsys.readouterr().err
    assert job("--lost") == 0
    now = open_cipher((), tmp_path)
    sealed_rows.check_keys(engine, now)
    assert Contacts(engine, now).get(session_id).phone == ""
    assert not Callbacks(engine, now).is_waiting(session_id, PHONE)
    assert Callbacks(engine, now).exists_for(session_id)
    engine.dispose()
