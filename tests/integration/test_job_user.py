"""`python -m jobs user`, as an operator uses it when nobody can log in."""

import getpass
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.__main__ import main
from stores.accounts import Accounts
from stores.audit import Audit, AuditFilter
from stores.database import open_database

PASSWORD = "correct horse battery"
Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return lambda *arguments: main(["user", *arguments, "--data", str(tmp_path)])


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'salon.db'}"


def test_an_account_is_made_used_and_closed_from_a_terminal(
    run: Run, url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALON_PUBLIC_URL", "https://assistant.dealer.example")
    assert run("add", "Anna", "--role", "admin") == 0
    link = capsys.readouterr().out.strip().splitlines()[-1]
    base, _, token = link.rpartition("/")
    assert base == "https://assistant.dealer.example/staff/setup"
    engine = open_database(url)
    accounts = Accounts(engine)
    assert accounts.use_link(token, name=None, password=PASSWORD, address=None).role == "admin"

    answers = iter([PASSWORD, "something else", PASSWORD, PASSWORD])
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(answers))
    assert run("add", "ivan", "--ask-password") == 0
    assert accounts.log_in("ivan", PASSWORD, address=None).role == "staff"
    assert run("reset-link", "ivan") == 0
    again = capsys.readouterr().out.strip().rpartition("/")[2]
    assert accounts.look_at_link(again).name == "ivan"
    assert run("role", "ivan", "--role", "admin") == 0
    assert run("deactivate", "anna") == 0
    assert run("activate", "anna") == 0
    capsys.readouterr()
    assert run("list") == 0
    listed = [line.split()[:3] for line in capsys.readouterr().out.splitlines()]
    assert listed == [["anna", "admin", "active"], ["ivan", "admin", "active"]]

    noted = Audit(engine).find(AuditFilter(actor="terminal"), limit=20)
    engine.dispose()
    actions = [entry.action.removeprefix("account.") for entry in reversed(noted.entries)]
    assert actions == ["add", "add", "reset", "role", "deactivate", "activate"]


def test_what_cannot_be_done_is_one_sentence_and_exit_code_2(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("add", "a b") == 2
    assert run("deactivate", "nobody") == 2
    assert run("add") == 2
    assert run("add", "anna", "--role", "admin") == 0
    assert run("add", "ANNA") == 2
    assert run("role", "anna") == 2
    assert run("role", "anna", "--role", "staff") == 2
    assert "last active admin" in capsys.readouterr().err
