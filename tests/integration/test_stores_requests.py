"""The queue of call-backs and test drives, on SQLite and PostgreSQL: nobody takes what another has."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from stores import requests as queue
from stores.bookings import Bookings
from stores.callbacks import Callbacks
from stores.dialogs import Dialogs
from stores.errors import RequestClosed, RequestNotFound, RequestNotTaken, RequestTaken, Unreadable
from stores.forgetting import Forgetting
from stores.requests import Key, Requests, masked_phone
from stores.sealing import Cipher, is_sealed, new_key
from tests.integration.stopped_clock import Clock

PHONE = "+79000000017"


@pytest.fixture
def requests(engine: Engine, cipher: Cipher, clock: Clock) -> Requests:
    return Requests(engine, cipher, clock=clock)


@pytest.fixture
def call(engine: Engine, cipher: Cipher, clock: Clock) -> Callable[..., Key]:
    def make(comment: str = "", name: str = "") -> Key:
        return Key(
            "callback", Callbacks(engine, cipher, clock=clock).add(new_dialog(engine), PHONE, name, comment)
        )

    return make


@pytest.fixture
def drive(engine: Engine, cipher: Cipher, clock: Clock) -> Callable[[], Key]:
    def make() -> Key:
        booking = Bookings(engine, cipher, clock=clock).book(
            new_dialog(engine),
            stock_id="C1",
            car="C 180",
            starts_at=datetime(2026, 11, 25, 12, tzinfo=UTC),
            minutes=60,
            phone=PHONE,
            name="Имя",
        )
        return Key("booking", booking.id)

    return make


def new_dialog(engine: Engine) -> str:
    return (
        Dialogs(engine)
        .open(kind="web", language="ru", consent=None, address=None, remember=False, visitor=None)
        .session_id
    )


def test_the_queue_holds_both_kinds_with_the_longest_waiting_first(
    requests: Requests, call: Callable[..., Key], drive: Callable[[], Key], clock: Clock
) -> None:
    first = call("после шести", "Имя")
    clock.now += timedelta(minutes=4)
    second = drive()
    clock.now += timedelta(minutes=1)
    one, other = requests.queue().requests
    assert (one.key, other.key) == (first, second)
    assert (one.waited, other.waited) == (timedelta(minutes=5), timedelta(minutes=1))
    assert (one.phone, one.name, one.comment) == ("+7 900 ***-**-17", "Имя", "после шести")
    assert (one.car, other.car, other.minutes) == (None, "C 180", 60)
    assert other.starts_at == datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert requests.reveal(first) == PHONE
    assert requests.counts() == (2, 0)
    assert [each.key for each in requests.queue(kind="booking").requests] == [second]


def test_of_two_who_take_a_request_at_once_exactly_one_gets_it(
    requests: Requests, call: Callable[..., Key], drive: Callable[[], Key]
) -> None:
    for key in (call(), drive()):
        got, lost = race(requests, key)
        assert len(got) == 1
        assert lost == got * 5
        assert requests.get(key).taken_by == got[0]


def race(requests: Requests, key: Key) -> tuple[list[str], list[str]]:
    """Six people take it at once: who got it, and who the others were told has it."""
    got: list[str] = []
    lost: list[str] = []
    gate = threading.Barrier(6)

    def take(who: str) -> None:
        gate.wait()
        try:
            requests.take(key, who)
        except RequestTaken as error:
            lost.append(error.by)
        else:
            got.append(who)

    threads = [threading.Thread(target=take, args=(f"staff{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got, lost


def test_a_request_goes_from_hand_to_hand_until_it_is_done(
    requests: Requests, call: Callable[..., Key], clock: Clock
) -> None:
    key = call()
    with pytest.raises(RequestNotTaken):
        requests.close(key, "anna", "done")
    clock.now += timedelta(minutes=3)
    requests.take(key, "anna")
    requests.take(key, "anna")
    with pytest.raises(RequestTaken) as taken:
        requests.close(key, "boris", "done")
    assert taken.value.by == "anna"
    with pytest.raises(RequestTaken):
        requests.release(key, "boris")
    requests.release(key, "anna")
    assert requests.get(key).taken_by is None
    requests.take(key, "boris")
    requests.close(key, "boris", "no_answer", "не берут трубку")
    assert requests.queue("open").requests == ()
    clock.now += timedelta(hours=1)
    requests.take(key, "anna")
    requests.close(key, "anna", "done")
    (closed,) = requests.queue("closed").requests
    assert (closed.state, closed.note, closed.taken_by) == ("done", "не берут трубку", "anna")
    assert closed.closed_at == clock.now
    assert closed.waited == timedelta(minutes=3)
    with pytest.raises(RequestClosed):
        requests.take(key, "boris")
    requests.reopen(key, "boris")
    assert requests.queue("new").requests[0].key == key
    requests.take(key, "anna")
    with pytest.raises(RequestTaken):
        requests.reopen(key, "boris")
    with pytest.raises(RequestNotTaken):
        requests.reopen(key, "anna")


def test_an_admin_gives_back_what_somebody_else_has_left_lying(
    requests: Requests, call: Callable[..., Key]
) -> None:
    key = call()
    requests.take(key, "anna")
    requests.release(key, "boss", anyones=True)
    assert requests.counts() == (1, 0)
    requests.take(key, "anna")
    requests.close(key, "boss", "done", anyones=True)
    assert requests.get(key).state == "done"


def test_what_a_visitor_took_back_is_no_longer_in_the_queue(
    requests: Requests, call: Callable[..., Key], drive: Callable[[], Key], engine: Engine, cipher: Cipher
) -> None:
    key, early, late = call(), drive(), Key("callback", 777)
    Callbacks(engine, cipher).withdraw(requests.get(key).session_id)
    Bookings(engine, cipher).cancel(early.id)
    assert requests.queue("all").requests == ()
    for gone in (key, early, late):
        with pytest.raises(RequestNotFound):
            requests.take(gone, "anna")
        with pytest.raises(RequestNotFound):
            requests.reveal(gone)
    taken = drive()
    requests.take(taken, "anna")
    Bookings(engine, cipher).cancel(taken.id)
    (left,) = requests.queue("mine", who="anna").requests
    assert left.cancelled
    requests.close(taken, "anna", "done")


def test_a_forgotten_dialog_takes_its_requests_along(
    requests: Requests, call: Callable[..., Key], engine: Engine, cipher: Cipher
) -> None:
    key = call()
    Forgetting(engine, cipher).forget(requests.get(key).session_id, cause="visitor")
    with pytest.raises(RequestNotFound):
        requests.get(key)


def test_pages_hold_every_request_once(
    requests: Requests,
    call: Callable[..., Key],
    drive: Callable[[], Key],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    made = [call(), call(), drive(), call()]
    clock.now += timedelta(minutes=1)
    made.append(call())
    for view, expected in (("open", sorted(made[:4])), ("all", sorted(made[:4], reverse=True))):
        seen: list[Key] = []
        page = requests.queue(view)  # type: ignore[arg-type]
        while True:
            seen += [each.key for each in page.requests]
            if page.next is None:
                break
            page = requests.queue(view, after=page.next)  # type: ignore[arg-type]
        assert seen == ([*expected, made[4]] if view == "open" else [made[4], *expected])


@pytest.mark.parametrize(
    "phone,shown",
    [("+79000000017", "+7 900 ***-**-17"), ("+4915112345678", "+49***78"), ("102", "***"), ("", "***")],
)
def test_a_masked_number_shows_its_beginning_and_its_end(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_text_in_every_field_stays_text(requests: Requests, call: Callable[..., Key]) -> None:
    evil = "'; DROP TABLE callbacks; --"
    key = call(evil, evil)
    requests.take(key, evil)
    requests.close(key, evil, "done", evil)
    found = requests.get(key)
    assert (found.comment, found.name, found.note, found.taken_by) == (evil,) * 4


def test_what_is_stored_is_sealed_and_what_no_key_opens_is_shown_empty(
    requests: Requests, call: Callable[..., Key], engine: Engine, cipher: Cipher
) -> None:
    key = call("после шести", "Имя")
    requests.take(key, "anna")
    requests.close(key, "anna", "done", "перезвонить Имени")
    with engine.connect() as connection:
        row = connection.execute(text("SELECT phone, name, comment, note FROM callbacks")).one()
    assert all(map(is_sealed, row))
    other = Requests(engine, Cipher([new_key()]))
    assert other.get(key).phone == "***"
    with pytest.raises(Unreadable):
        other.reveal(key)
