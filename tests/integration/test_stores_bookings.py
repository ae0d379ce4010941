"""Test drives and the outbox, on SQLite and PostgreSQL: nothing twice, nothing lost, all of it forgotten on request."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from stores.bookings import MOST_OF_ONE_VISITOR, Booking, Bookings
from stores.contacts import Contact, Contacts
from stores.database import reading
from stores.dialogs import Dialogs
from stores.errors import BookingNotFound, CarTaken, DialogNotFound, TooManyBookings, VisitorTaken
from stores.forgetting import Forgetting
from stores.mailings import ATTEMPTS, Mailings
from stores.models import BookedTimeRow, BookingRow, ContactRow, MailingRow
from stores.sealing import Cipher
from tests.integration.stopped_clock import Clock

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PHONE = "+74950000001"
OTHER_PHONE = "+74950000002"


@pytest.fixture
def new_session(engine: Engine) -> Callable[[], str]:
    dialogs = Dialogs(engine)

    def make() -> str:
        return dialogs.open(
            kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
        ).session_id

    return make


@pytest.fixture
def bookings(engine: Engine, cipher: Cipher, clock: Clock) -> Bookings:
    return Bookings(engine, cipher, clock=clock)


@pytest.fixture
def mailings(engine: Engine, cipher: Cipher, clock: Clock) -> Mailings:
    return Mailings(engine, cipher, clock=clock)


def booked(
    bookings: Bookings, session_id: str, car: str = "C1", at: datetime = NOON, phone: str = PHONE
) -> Booking:
    return bookings.book(session_id, stock_id=car, car=car, starts_at=at, minutes=60, phone=phone)


def test_a_car_is_not_booked_twice_for_times_that_overlap(
    bookings: Bookings, new_session: Callable[[], str]
) -> None:
    booked(bookings, new_session())
    for minutes in (-59, -5, 0, 30, 55):
        with pytest.raises(CarTaken):
            booked(bookings, new_session(), at=NOON + timedelta(minutes=minutes), phone=OTHER_PHONE)
    for minutes in (-60, 60):
        booked(bookings, new_session(), at=NOON + timedelta(minutes=minutes), phone=OTHER_PHONE)


def test_a_visitor_drives_one_car_at_a_time_in_one_dialog_or_in_two(
    bookings: Bookings, new_session: Callable[[], str]
) -> None:
    session_id = new_session()
    booked(bookings, session_id)
    with pytest.raises(VisitorTaken):
        booked(bookings, session_id, car="E1", phone=OTHER_PHONE)
    with pytest.raises(VisitorTaken):
        booked(bookings, new_session(), car="E1", at=NOON + timedelta(minutes=30))
    assert booked(bookings, session_id, car="E1", at=NOON + timedelta(hours=1)).stock_id == "E1"


def test_asking_again_for_what_one_has_gives_the_same_booking(
    bookings: Bookings, new_session: Callable[[], str]
) -> None:
    session_id = new_session()
    assert booked(bookings, session_id) == booked(bookings, session_id)


def test_of_many_who_ask_at_once_exactly_one_gets_the_car(
    bookings: Bookings, new_session: Callable[[], str]
) -> None:
    sessions = [new_session() for _ in range(8)]
    outcomes: list[str] = []
    begin = threading.Barrier(len(sessions))

    def ask(number: int, session_id: str) -> None:
        begin.wait()
        try:
            booked(bookings, session_id, phone=f"+7495000010{number}")
            outcomes.append("booked")
        except CarTaken:
            outcomes.append("taken")

    threads = [threading.Thread(target=ask, args=pair) for pair in enumerate(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["booked"] + ["taken"] * (len(sessions) - 1)


def test_a_drive_moved_frees_its_old_time_and_one_that_cannot_be_moved_stays(
    bookings: Bookings, new_session: Callable[[], str]
) -> None:
    first, second = new_session(), new_session()
    booking = booked(bookings, first)
    blocked = booked(bookings, second, at=NOON + timedelta(hours=3), phone=OTHER_PHONE)
    with pytest.raises(CarTaken):
        bookings.change(booking.id, starts_at=blocked.starts_at, stock_id="C1", car="C1", minutes=60)
    assert bookings.coming(first, NOW) == [booking]
    later = NOON + timedelta(minutes=30)  # overlaps with its own old time, which is no obstacle
    moved = bookings.change(booking.id, starts_at=later, stock_id="C1", car="C1", minutes=60)
    assert (moved.id, moved.starts_at) == (booking.id, later)
    assert bookings.taken(["C1"], "", NOW) >= {later, later + timedelta(minutes=55)}
    assert NOON not in bookings.taken(["C1"], "", NOW)


def test_a_cancelled_drive_is_free_for_others_and_cannot_be_cancelled_again(
    bookings: Bookings, new_session: Callable[[], str]
) -> None:
    session_id = new_session()
    booking = booked(bookings, session_id)
    assert bookings.cancel(booking.id).status == "cancelled"
    assert bookings.coming(session_id, NOW) == []
    booked(bookings, new_session(), phone=OTHER_PHONE)
    for number in (booking.id, 10**6):
        with pytest.raises(BookingNotFound):
            bookings.cancel(number)


def test_one_dialog_holds_only_so_many_drives(bookings: Bookings, new_session: Callable[[], str]) -> None:
    session_id = new_session()
    for number in range(MOST_OF_ONE_VISITOR):
        booked(bookings, session_id, at=NOON + timedelta(hours=number))
    with pytest.raises(TooManyBookings):
        booked(bookings, session_id, at=NOON + timedelta(hours=9))


def test_forgetting_a_dialog_destroys_its_bookings_letters_and_contacts(
    engine: Engine, cipher: Cipher, bookings: Bookings, mailings: Mailings, new_session: Callable[[], str]
) -> None:
    session_id = new_session()
    booked(bookings, session_id)
    Contacts(engine, cipher).put(session_id, phone=PHONE)
    mailings.add(session_id, "a@mail.example", language="ru", consent_text="Да", consent_version="1")
    Forgetting(engine, cipher).forget(session_id, cause="visitor")
    with reading(engine) as session:
        for table in (BookingRow, BookedTimeRow, ContactRow, MailingRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0
    with pytest.raises(DialogNotFound):
        booked(bookings, session_id)


def test_a_contact_is_put_together_bit_by_bit_and_gone_when_forgotten(
    engine: Engine, cipher: Cipher, new_session: Callable[[], str]
) -> None:
    contacts, session_id = Contacts(engine, cipher), new_session()
    contacts.put(session_id, phone=PHONE)
    contacts.put(session_id, email="a@mail.example")
    assert contacts.get(session_id) == Contact(phone=PHONE, email="a@mail.example")
    contacts.forget(session_id)
    assert contacts.get(session_id) == Contact()


def test_a_letter_is_claimed_once_tried_again_later_and_given_up_in_the_end(
    mailings: Mailings, clock: Clock, new_session: Callable[[], str]
) -> None:
    session_id = new_session()
    for _ in range(2):  # asked for twice, sent once
        mailings.add(session_id, "a@mail.example", language="ru", consent_text="Да", consent_version="1")
    for attempt in range(1, ATTEMPTS + 1):
        letter = mailings.claim()
        assert letter is not None
        assert letter.attempts == attempt
        assert mailings.claim() is None
        mailings.failed(letter, "the server is away")
        assert mailings.claim() is None
        clock.now += timedelta(days=1)
    (given_up,) = mailings.of_session(session_id)
    assert (given_up.status, given_up.error) == ("failed", "the server is away")
    assert mailings.claim() is None


def test_a_letter_whose_sender_died_is_due_again(
    mailings: Mailings, clock: Clock, new_session: Callable[[], str]
) -> None:
    mailings.add(new_session(), "a@mail.example", language="en", consent_text="Yes", consent_version="1")
    assert mailings.claim() is not None
    clock.now += timedelta(minutes=11)
    letter = mailings.claim()
    assert letter is not None
    mailings.sent(letter.id)
    clock.now += timedelta(days=1)
    assert mailings.claim() is None
