"""Staff hear of a new call-back or test drive at once: by a real mail server and a real webhook, in this process."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from chains.alerts import AlertSender, alert_targets
from chains.texts import load_texts
from services import open_services
from settings import ROOT, Settings
from stores.alerts import ATTEMPTS, Alerts, raise_alerts
from stores.bookings import Bookings
from stores.callbacks import Callbacks
from stores.database import writing
from stores.dialogs import Dialogs
from stores.forgetting import Forgetting
from stores.salon import load_salon
from stores.sealing import Cipher, new_key
from tests.integration.mail_server import MailServer
from tests.integration.stopped_clock import Clock

PHONE = "+79000000017"
CIPHER = Cipher([new_key()])
CHANNELS = ("mail", "webhook")


@dataclass
class Webhook:
    """What the operator's endpoint was sent; it answers `status`, to a redirect with another address of its own."""

    port: int = 0
    status: int = 204
    paths: list[str] = field(default_factory=list)
    messages: list[dict[str, object]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=secret"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.paths.append(self.path)
            hook.messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(hook.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield hook
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def new_sender(engine: Engine, clock: Clock, salon_folder: Path) -> Callable[..., AlertSender]:
    salon = load_salon(salon_folder)

    def make(smtp: str | None = None, webhook: str | None = None) -> AlertSender:
        targets = alert_targets(
            smtp=smtp,
            sender=salon.email,
            addresses=["sales@dealer.example", "boss@дилер.рф"] if smtp else [],
            webhook=webhook,
            site="https://assistant.dealer.example",
        )
        texts = load_texts(ROOT / "assets", "ru", "RUB")
        return AlertSender(Alerts(engine, clock=clock), targets, salon, texts)

    return make


def new_dialog(engine: Engine) -> str:
    return (
        Dialogs(engine)
        .open(kind="web", language="ru", consent=None, address=None, remember=False, visitor=None)
        .session_id
    )


def called(engine: Engine, clock: Clock, *channels: str) -> int:
    callbacks = Callbacks(engine, CIPHER, clock=clock, alerts=channels or CHANNELS)  # type: ignore[arg-type]
    return callbacks.add(new_dialog(engine), PHONE, "Имя", "после шести")


def booked(engine: Engine, clock: Clock) -> int:
    bookings = Bookings(engine, CIPHER, clock=clock, alerts=("webhook",))
    at = datetime(2026, 11, 25, 12, tzinfo=UTC)
    booking = bookings.book(
        new_dialog(engine), stock_id="C1", car="C 180", starts_at=at, minutes=60, phone=PHONE
    )
    return booking.id


def test_a_new_request_is_told_once_by_each_channel_and_names_nobody(
    engine: Engine,
    clock: Clock,
    mail_server: MailServer,
    webhook: Webhook,
    new_sender: Callable[..., AlertSender],
) -> None:
    sender = new_sender(mail_server.url, webhook.url)
    callback = called(engine, clock)
    assert sender.send_due() == (2, 0)
    assert sender.send_due() == (0, 0)
    assert webhook.messages == [
        {
            "kind": "callback",
            "id": callback,
            "created_at": clock.now.isoformat(),
            "salon": "Тест-Мотор",
            "link": "https://assistant.dealer.example/staff/requests",
        }
    ]
    assert mail_server.recipients == ["sales@dealer.example", "boss@xn--d1acim0a.xn--p1ai"]
    (letter,) = mail_server.letters
    body = letter.get_body(("plain",))
    assert body is not None
    text = f"{letter['Subject']}\n{body.get_content()}"
    assert f"Новый обратный звонок № {callback}" in text
    assert "20 ноября, 12:00" in text
    assert "https://assistant.dealer.example/staff/requests" in text
    for personal in ("Имя", "900", "шести"):
        assert personal not in text.replace("Имени", "")
    booking = booked(engine, clock)
    assert sender.send_due() == (1, 0)
    assert (webhook.messages[-1]["kind"], webhook.messages[-1]["id"]) == ("booking", booking)


def test_a_webhook_that_is_down_is_called_again_and_holds_no_letter_up(
    engine: Engine,
    clock: Clock,
    mail_server: MailServer,
    webhook: Webhook,
    new_sender: Callable[..., AlertSender],
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = new_sender(mail_server.url, "http://127.0.0.1:9/hook?token=secret")
    callback = called(engine, clock)
    assert away.send_due() == (1, 1)
    assert len(mail_server.letters) == 1
    (trouble,) = away.alerts.troubled(timedelta(days=1))
    assert (trouble.channel, trouble.status, trouble.error) == ("webhook", "pending", "ConnectError")
    assert "secret" not in caplog.text
    back = new_sender(mail_server.url, webhook.url)
    assert back.send_due() == (0, 0)
    clock.now += timedelta(seconds=11)
    webhook.status = 503
    assert back.send_due() == (0, 1)
    clock.now += timedelta(seconds=21)
    webhook.status = 200
    assert back.send_due() == (1, 0)
    assert [message["id"] for message in webhook.messages] == [callback, callback]
    assert {alert.status for alert in back.alerts.of("callback", callback)} == {"sent"}


def test_a_redirect_is_not_followed(
    engine: Engine, clock: Clock, webhook: Webhook, new_sender: Callable[..., AlertSender]
) -> None:
    webhook.status = 307
    called(engine, clock, "webhook")
    assert new_sender(webhook=webhook.url).send_due() == (0, 1)
    assert webhook.paths == ["/hook?token=secret"]


def test_a_webhook_that_never_comes_back_is_given_up_in_the_end(
    engine: Engine, clock: Clock, new_sender: Callable[..., AlertSender]
) -> None:
    sender = new_sender(webhook="http://127.0.0.1:9/")
    callback = called(engine, clock, "webhook")
    for _ in range(ATTEMPTS):
        assert sender.send_due() == (0, 1)
        clock.now += timedelta(hours=1)
    assert sender.send_due() == (0, 0)
    assert [alert.status for alert in sender.alerts.of("callback", callback)] == ["failed"]


def test_what_was_taken_back_or_forgotten_is_not_told_and_its_number_may_come_again(
    engine: Engine, clock: Clock, webhook: Webhook, new_sender: Callable[..., AlertSender]
) -> None:
    callbacks, sender = Callbacks(engine, CIPHER, alerts=("webhook",)), new_sender(webhook=webhook.url)
    session_id = new_dialog(engine)
    callbacks.add(session_id, PHONE, "", "")
    callbacks.withdraw(session_id)
    forgotten = new_dialog(engine)
    callbacks.add(forgotten, PHONE, "", "")
    Forgetting(engine, CIPHER).forget(forgotten, cause="visitor")
    clock.now = datetime.now(UTC)
    assert sender.send_due() == (0, 0)
    assert sender.alerts.troubled(timedelta(days=1)) == []
    again = called(engine, clock, "webhook")  # on SQLite with the number of the one that was forgotten
    assert sender.send_due() == (1, 0)
    assert [message["id"] for message in webhook.messages] == [again]


def test_an_alert_is_stored_with_its_request_or_not_at_all(engine: Engine, clock: Clock) -> None:
    with pytest.raises(IntegrityError), writing(engine) as session:
        raise_alerts(session, "callback", 1, clock.now, ("mail", "mail"))
    assert Alerts(engine).of("callback", 1) == []


def test_the_running_app_tells_staff_within_seconds(
    mail_server: MailServer, webhook: Webhook, salon_folder: Path, tmp_path: Path
) -> None:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        salon=salon_folder,
        data=tmp_path / "data",
        db=None,
        llm="off",
        smtp_url=mail_server.url,
        alert_mail="sales@dealer.example",
        alert_webhook=webhook.url,
    )
    services = open_services(settings)
    services.start()
    try:
        began = time.monotonic()
        session_id = new_dialog(services.engine)
        services.callbacks.add(session_id, PHONE, "", "")
        assert time.monotonic() - began < 2, "a visitor waits for no alert"
        until = time.monotonic() + 30
        while not (webhook.messages and mail_server.letters):
            assert time.monotonic() < until
            time.sleep(0.05)
        assert time.monotonic() - began < 15
    finally:
        services.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"alert_mail": "nobody"},
        {"alert_mail": "a@b.example, c d@e.example"},
        {"alert_webhook": "file:///etc/passwd"},
        {"alert_webhook": "hook"},
        {"public_url": "ftp://x"},
    ],
)
def test_an_address_that_is_none_is_refused_at_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Settings(_env_file=None, **wrong)  # type: ignore[arg-type]
