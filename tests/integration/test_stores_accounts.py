"""Accounts, passwords, log-ins and set-up links, on SQLite and PostgreSQL."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, text

from stores.accounts import Accounts, name_of
from stores.errors import (
    AccountNotFound,
    AccountRefused,
    LastAdmin,
    LoginRefused,
    LoginThrottled,
    NameInvalid,
    NameTaken,
    PasswordTooShort,
    SetupLinkInvalid,
)
from stores.login_attempts import FREE, LONGEST_WAIT, PER_ADDRESS
from stores.passwords import Passwords
from stores.staff_sessions import IDLE, LONGEST, StaffSessions
from tests.integration.stopped_clock import Clock

NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")
SECRET = "correct horse battery"
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def accounts(engine: Engine, clock: Clock) -> Accounts:
    """Anna is an admin, Ivan is staff."""
    made = Accounts(engine, passwords=Passwords(QUICK), clock=clock)
    made.add_ready("anna", "admin", SECRET)
    made.add_ready("ivan", "staff", SECRET)
    return made


@pytest.fixture
def sessions(engine: Engine, clock: Clock) -> StaffSessions:
    return StaffSessions(engine, clock=clock)


def in_threads(count: int, call: Callable[[], object]) -> list[object]:
    """What `count` threads that begin together get from a call: its value, or the error that it raised."""
    results: list[object] = []
    start = threading.Barrier(count)

    def run() -> None:
        start.wait()
        try:
            results.append(call())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def fail(accounts: Accounts, times: int, name: str = "anna", address: str | None = HERE) -> None:
    for _ in range(times):
        with pytest.raises(LoginRefused):
            accounts.log_in(name, "wrong", address=address)


def test_the_right_password_begins_a_log_in_and_the_wrong_one_does_not(
    accounts: Accounts, sessions: StaffSessions
) -> None:
    login = accounts.log_in("  Anna ", SECRET, address=HERE)
    member = sessions.member(login.token)
    assert member is not None
    assert (member.name, member.role) == ("anna", "admin")
    assert sessions.member("x" + login.token) is None
    for name, password in (("anna", SECRET + "x"), ("nobody", SECRET), ("", ""), ("ivan' OR 1=1 --", SECRET)):
        with pytest.raises(LoginRefused):
            accounts.log_in(name, password, address=HERE)


def test_neither_tokens_nor_passwords_nor_unknown_names_can_be_read_in_the_database(
    accounts: Accounts, engine: Engine
) -> None:
    kept = [
        accounts.log_in("anna", SECRET, address=HERE).token,
        accounts.add("olga", "staff"),
        SECRET,
        "password-in-the-wrong-field",
    ]
    fail(accounts, 1, name=kept[-1])
    with engine.connect() as connection:
        tables = ("accounts", "staff_sessions", "setup_links", "login_attempts")
        rows = repr([connection.execute(text(f"SELECT * FROM {table}")).all() for table in tables])
    assert "anna" in rows
    assert not [secret for secret in kept if secret in rows]


def test_a_log_in_ends_when_it_is_idle_and_in_any_case_after_a_day_of_work(
    accounts: Accounts, sessions: StaffSessions, clock: Clock
) -> None:
    idle, busy = (accounts.log_in("anna", SECRET, address=HERE).token for _ in range(2))
    until = clock.now + LONGEST
    while clock.now + IDLE * 0.9 < until:
        clock.now += IDLE * 0.9
        assert sessions.member(busy) is not None
        assert sessions.member(idle, seen=False) is None or clock.now < NOON + IDLE
    assert sessions.member(idle) is None
    clock.now = until
    assert sessions.member(busy) is None


def test_who_logs_out_is_out_and_nobody_else(accounts: Accounts, sessions: StaffSessions) -> None:
    one, other = (accounts.log_in("anna", SECRET, address=HERE).token for _ in range(2))
    sessions.end(one)
    assert sessions.member(one) is None
    assert sessions.member(other) is not None


def test_a_closed_account_is_logged_out_everywhere_at_once_and_opens_with_its_password(
    accounts: Accounts, sessions: StaffSessions
) -> None:
    token = accounts.log_in("ivan", SECRET, address=HERE).token
    link = accounts.reset_link("ivan")
    accounts.deactivate("ivan")
    assert sessions.member(token) is None
    with pytest.raises(LoginRefused):
        accounts.log_in("ivan", SECRET, address=HERE)
    with pytest.raises(SetupLinkInvalid):
        accounts.reset_link("ivan")
    accounts.activate("ivan")
    with pytest.raises(SetupLinkInvalid):
        accounts.look_at_link(link)
    assert sessions.member(token) is None
    accounts.log_in("ivan", SECRET, address=HERE)


def test_a_role_holds_from_the_next_request_on(accounts: Accounts, sessions: StaffSessions) -> None:
    token = accounts.log_in("ivan", SECRET, address=HERE).token
    accounts.set_role("ivan", "admin")
    member = sessions.member(token)
    assert member is not None
    assert member.role == "admin"


def test_the_last_admin_who_can_log_in_stays(accounts: Accounts) -> None:
    accounts.add("olga", "admin")  # she has no password yet
    for change in (accounts.deactivate, lambda name: accounts.set_role(name, "staff")):
        with pytest.raises(LastAdmin):
            change("anna")
    accounts.set_role("ivan", "admin")
    accounts.deactivate("anna")
    with pytest.raises(LastAdmin):
        accounts.deactivate("ivan")


def test_two_admins_who_close_each_other_at_once_leave_one(accounts: Accounts) -> None:
    accounts.set_role("ivan", "admin")
    names = iter(["anna", "ivan"])
    results = in_threads(2, lambda: accounts.deactivate(next(names)))
    assert sorted(type(result) for result in results if result is not None) == [LastAdmin]
    assert [account.active for account in accounts.all()].count(True) == 1


def test_what_cannot_be_a_name_is_refused(accounts: Accounts) -> None:
    for name in ("", "a", "a b", "x" * 65, "a/b", "<b>", "a'b", "a\x00b"):
        with pytest.raises(NameInvalid):
            accounts.add(name, "staff")
        with pytest.raises(AccountNotFound):
            accounts.get(name)


def test_a_name_is_one_however_it_is_written(accounts: Accounts) -> None:
    assert name_of(" Ａnna@Salon.example ") == "anna@salon.example"
    with pytest.raises(NameTaken):
        accounts.add("ANNA", "staff")


def test_a_short_or_empty_headed_password_is_refused(accounts: Accounts) -> None:
    link = accounts.reset_link("ivan")
    for password in ("", "short", "x" * 11, "a" * 40, "ivan12345678"):
        with pytest.raises(AccountRefused):
            accounts.use_link(link, name=None, password=password, address=HERE)


def test_a_password_is_changed_by_the_old_one_and_ends_the_other_log_ins(
    accounts: Accounts, sessions: StaffSessions
) -> None:
    kept, other = (accounts.log_in("anna", SECRET, address=HERE).token for _ in range(2))
    with pytest.raises(LoginRefused):
        accounts.change_password("anna", "wrong", "another long one", keep=kept, address=HERE)
    with pytest.raises(PasswordTooShort):
        accounts.change_password("anna", SECRET, "short", keep=kept, address=HERE)
    assert sessions.member(other) is not None
    accounts.change_password("anna", SECRET, "another long one", keep=kept, address=HERE)
    assert sessions.member(kept) is not None
    assert sessions.member(other) is None
    with pytest.raises(LoginRefused):
        accounts.log_in("anna", SECRET, address=HERE)
    accounts.log_in("anna", "another long one", address=HERE)


def test_a_hash_with_old_parameters_is_made_anew_at_the_next_log_in(
    accounts: Accounts, engine: Engine, clock: Clock
) -> None:
    def kept() -> str:
        with engine.connect() as connection:
            query = text("SELECT password_hash FROM accounts WHERE name = 'anna'")
            return str(connection.execute(query).scalar())

    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    before = kept()
    assert "m=8,t=1" in before
    Accounts(engine, passwords=stronger, clock=clock).log_in("anna", SECRET, address=HERE)
    assert "m=16,t=2" in kept()
    accounts.log_in("anna", SECRET, address=HERE)


def test_the_wait_grows_with_each_failure_and_a_success_ends_it(accounts: Accounts, clock: Clock) -> None:
    fail(accounts, FREE)
    waits = []
    for _ in range(8):
        with pytest.raises(LoginThrottled) as throttled:
            accounts.log_in("anna", SECRET, address=HERE)  # the right password does not help either
        waits.append(throttled.value.retry_after)
        clock.move(seconds=waits[-1] - 1)
        with pytest.raises(LoginThrottled):
            accounts.log_in("anna", SECRET, address=HERE)
        clock.move(seconds=1)
        fail(accounts, 1)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (30, LONGEST_WAIT.total_seconds())
    clock.move(seconds=LONGEST_WAIT.total_seconds())
    accounts.log_in("anna", SECRET, address=HERE)
    fail(accounts, FREE)


def test_a_name_that_nobody_has_is_throttled_like_one_that_somebody_has(accounts: Accounts) -> None:
    fail(accounts, FREE, name="nobody")
    with pytest.raises(LoginThrottled):
        accounts.log_in("nobody", SECRET, address=HERE)
    accounts.log_in("ivan", SECRET, address=HERE)


def test_who_guesses_elsewhere_does_not_keep_the_owner_out(accounts: Accounts, clock: Clock) -> None:
    accounts.log_in("anna", SECRET, address=HERE)
    clock.move(days=2)
    fail(accounts, FREE, address=ELSEWHERE)
    with pytest.raises(LoginThrottled):
        accounts.log_in("anna", SECRET, address=ELSEWHERE)
    with pytest.raises(LoginThrottled):
        accounts.log_in("anna", SECRET, address="192.0.2.1")
    accounts.log_in("anna", SECRET, address=HERE)


def test_an_address_that_tries_many_names_waits(accounts: Accounts, clock: Clock) -> None:
    for number in range(PER_ADDRESS):
        fail(accounts, 1, name=f"nobody{number}", address="2001:db8::1")
    with pytest.raises(LoginThrottled):
        accounts.log_in("anna", SECRET, address="2001:db8::ffff")
    accounts.log_in("anna", SECRET, address=HERE)
    clock.move(minutes=16)
    accounts.log_in("anna", SECRET, address="2001:db8::1")


def test_many_guesses_at_once_are_counted_one_by_one(accounts: Accounts) -> None:
    results = in_threads(12, lambda: accounts.log_in("anna", "wrong", address=HERE))
    kinds = [type(result) for result in results]
    assert kinds.count(LoginRefused) == FREE
    assert kinds.count(LoginThrottled) == 12 - FREE


def test_a_link_sets_the_password_once_and_ends_what_was_open(
    accounts: Accounts, sessions: StaffSessions, clock: Clock
) -> None:
    open_before = accounts.log_in("ivan", SECRET, address=HERE).token
    old, new = accounts.reset_link("ivan"), accounts.reset_link("ivan")
    accounts.log_in("ivan", SECRET, address=HERE)
    with pytest.raises(SetupLinkInvalid):
        accounts.use_link(old, name=None, password="another long one", address=HERE)
    with pytest.raises(PasswordTooShort):
        accounts.use_link(new, name=None, password="short", address=HERE)
    login = accounts.use_link(new, name="ignored", password="another long one", address=HERE)
    assert login.name == "ivan"
    assert sessions.member(open_before) is None
    assert sessions.member(login.token) is not None
    with pytest.raises(SetupLinkInvalid):
        accounts.use_link(new, name=None, password="yet another one", address=HERE)
    clock.move(hours=1)
    late = accounts.add("olga", "staff")
    clock.move(hours=24)
    with pytest.raises(SetupLinkInvalid):
        accounts.look_at_link(late)


def test_a_link_that_two_follow_at_once_works_for_one(accounts: Accounts) -> None:
    link = accounts.reset_link("ivan")
    results = in_threads(
        4, lambda: accounts.use_link(link, name=None, password="another long one", address=HERE)
    )
    assert [type(result) for result in results].count(SetupLinkInvalid) == 3


def test_the_first_link_makes_an_admin_and_of_several_only_the_last_works(
    engine: Engine, clock: Clock
) -> None:
    accounts = Accounts(engine, passwords=Passwords(QUICK), clock=clock)
    links = in_threads(3, accounts.first_link)
    good = []
    for link in links:
        assert isinstance(link, str)
        try:
            accounts.look_at_link(link)
        except SetupLinkInvalid:
            continue
        good.append(link)
    assert len(good) == 1
    with pytest.raises(NameInvalid):
        accounts.use_link(good[0], name="no name", password="another long one", address=None)
    accounts.use_link(good[0], name="Anna", password="another long one", address=None)
    assert [(account.name, account.role) for account in accounts.all()] == [("anna", "admin")]
    assert accounts.first_link() is None


def test_the_first_link_is_void_once_there_is_an_account(engine: Engine, clock: Clock) -> None:
    accounts = Accounts(engine, passwords=Passwords(QUICK), clock=clock)
    link = accounts.first_link()
    accounts.add("anna", "admin")
    assert link is not None
    with pytest.raises(SetupLinkInvalid):
        accounts.use_link(link, name="eve", password="another long one", address=None)


def test_a_name_without_an_account_takes_as_long_as_one_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    passwords = Passwords(QUICK)
    kept = passwords.hash(SECRET, name="anna")
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, h, p: (asked.append(h), verify(self, h, p))[1])
    assert passwords.verify(SECRET, kept)
    assert not passwords.verify("a password of nobody", None)
    assert len(asked) == 2
    assert asked[0].split("$")[:4] == asked[1].split("$")[:4], "the same work is done"
