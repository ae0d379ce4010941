"""Brochures by mail, received by a real SMTP server in this process."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from chains.post import Post, open_post
from chains.texts import load_texts
from jobs.__main__ import main
from settings import ROOT
from stores.app_settings import AppSettings
from stores.columns import utc_now
from stores.database import open_database
from stores.dialogs import Dialogs
from stores.job_runs import JobRuns
from stores.legend import load_legend
from stores.mailings import Mailings
from stores.salon import load_salon
from stores.sealing import Cipher, open_cipher
from tests.integration.mail_server import MailServer
from tests.integration.stopped_clock import Clock

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def new_post(engine: Engine, cipher: Cipher, clock: Clock, salon_folder: Path) -> Callable[[str], Post]:
    salon = load_salon(salon_folder)

    def make(url: str) -> Post:
        post = open_post(
            url,
            salon.email,
            Mailings(engine, cipher, clock=clock),
            salon,
            lambda: load_legend(salon_folder / "legend.md"),
            {"ru": load_texts(ROOT / "assets", "ru", "RUB"), "en": load_texts(ROOT / "assets", "en", "RUB")},
        )
        assert post is not None
        return post

    return make


def asked_for(engine: Engine, address: str, mailings: Mailings) -> str:
    session_id = (
        Dialogs(engine)
        .open(kind="api", language="ru", consent=None, address=None, remember=False, visitor=None)
        .session_id
    )
    mailings.add(session_id, address, language="ru", consent_text="Да", consent_version="1")
    return session_id


def test_the_brochure_arrives_once_with_all_its_sections(
    engine: Engine, mail_server: MailServer, new_post: Callable[[str], Post]
) -> None:
    post = new_post(mail_server.url)
    session_id = asked_for(engine, "buyer@mail.example", post.mailings)
    assert post.send_due() == (1, 0)
    assert post.send_due() == (0, 0)
    (letter,) = mail_server.letters
    assert mail_server.recipients == ["buyer@mail.example"]
    assert letter["To"] == "buyer@mail.example"
    assert "Тест-Мотор" in letter["Subject"]
    body = letter.get_body(("plain",))
    assert body is not None
    assert "salon@test.example" in body.get_content()
    (brochure,) = letter.iter_attachments()
    page = brochure.get_content()
    for passage in post.brochure():
        assert passage.title in page
    assert brochure.get_filename() == "брошюра.html"
    assert post.mailings.of_session(session_id)[0].status == "sent"


def test_a_server_that_is_away_is_tried_again_later_and_the_address_is_not_logged(
    engine: Engine,
    mail_server: MailServer,
    new_post: Callable[[str], Post],
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = new_post("smtp://127.0.0.1:9")
    session_id = asked_for(engine, "buyer@mail.example", away.mailings)
    assert away.send_due() == (0, 1)
    (waiting,) = away.mailings.of_session(session_id)
    assert (waiting.status, waiting.attempts) == ("pending", 1)
    assert "buyer" not in caplog.text
    clock.now += timedelta(minutes=3)
    assert new_post(mail_server.url).send_due() == (1, 0)
    assert len(mail_server.letters) == 1


def test_an_address_that_does_not_exist_is_given_up_at_once_and_stops_no_other_letter(
    engine: Engine, mail_server: MailServer, new_post: Callable[[str], Post]
) -> None:
    post = new_post(mail_server.url)
    refused = asked_for(engine, "nobody@mail.example", post.mailings)
    asked_for(engine, "имя@почта.рф", post.mailings)  # this server takes no such name
    asked_for(engine, "buyer@пример.рф", post.mailings)
    assert post.send_due() == (1, 2)
    assert post.mailings.of_session(refused)[0].status == "failed"
    assert mail_server.recipients == ["buyer@xn--e1afmkfd.xn--p1ai"]


def test_the_job_sends_what_is_due(
    mail_server: MailServer,
    salon_folder: Path,
    sqlite_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine = open_database(sqlite_url)
    asked_for(engine, "buyer@mail.example", Mailings(engine, open_cipher((), tmp_path)))
    engine.dispose()
    command = ["send-mail", "--salon", str(salon_folder), "--data", str(tmp_path), "--db", sqlite_url]
    monkeypatch.delenv("SALON_SMTP_URL", raising=False)
    assert main(command) == 2
    assert "SALON_SMTP_URL" in capsys.readouterr().out
    monkeypatch.setenv("SALON_SMTP_URL", mail_server.url)
    assert main(command) == 0
    assert capsys.readouterr().out == "Letters sent: 1, not taken: 0\n"
    assert len(mail_server.letters) == 1


def test_a_brochure_that_was_edited_meanwhile_is_sent_as_it_is_now(
    engine: Engine, mail_server: MailServer, new_post: Callable[[str], Post], salon_folder: Path
) -> None:
    post = new_post(mail_server.url)
    with (salon_folder / "legend.md").open("a", encoding="utf-8") as file:
        file.write("\n## Мойка\nМоем даром.\n")
    asked_for(engine, "buyer@mail.example", post.mailings)
    assert post.send_due() == (1, 0)
    ((letter, *_),) = [[part.get_content() for part in one.iter_attachments()] for one in mail_server.letters]
    assert "Моем даром." in letter


def test_the_app_sends_by_its_timetable_where_a_server_is_set(
    engine: Engine,
    mail_server: MailServer,
    new_post: Callable[[str], Post],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from types import SimpleNamespace

    from jobs import scheduler

    post = new_post(mail_server.url)
    asked_for(engine, "buyer@mail.example", post.mailings)
    monkeypatch.setattr(scheduler, "_MAIL_SECONDS", 0.05)
    silent = SimpleNamespace(targets=SimpleNamespace(channels=()))
    stores = {"job_runs": JobRuns(engine), "app_settings": AppSettings(engine), "engine": engine}
    stores |= {
        "settings": SimpleNamespace(data=tmp_path),
        "forgetting": SimpleNamespace(finish_pending=lambda: 0),
        "refreshing": SimpleNamespace(if_changed=lambda: None),
    }
    parts = SimpleNamespace(salon=post.salon, post=post, alert_sender=silent, clock=utc_now, **stores)
    table = scheduler.start(parts)  # type: ignore[arg-type]  # enough
    waited = threading.Event()
    for _ in range(400):
        if mail_server.letters:
            break
        waited.wait(0.02)
    table.shutdown()
    assert len(mail_server.letters) == 1
