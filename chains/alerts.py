"""Telling staff of a new call-back or test drive within seconds: by e-mail, and by a call of the operator's webhook.

What is sent names the request by its number only: who asked, and the telephone number, stay in the back office. Each
channel has a thread of its own, so that a mail server that hangs holds no webhook up, and the other way round.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from typing import NamedTuple

import httpx

from chains.mail_server import TROUBLES, ascii_address, is_for_good, reason_of, send_letter
from chains.texts import Texts
from stores.alerts import Alert, Alerts, Channel
from stores.salon import Salon

_TIMEOUT_S = 10.0
_AT_ONCE = 50

log = logging.getLogger(__name__)


class AlertTargets(NamedTuple):
    """Where alerts go: the mail server and its `addresses`, the webhook's URL; what is empty gets none.

    `page` is the address of the queue in the back office, for whoever reads the alert. The URLs may hold secrets.
    """

    smtp: str | None
    sender: str
    addresses: tuple[str, ...]
    webhook: str | None
    page: str

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that lead somewhere."""
        mail: tuple[Channel, ...] = ("mail",) if self.smtp and self.addresses else ()
        return (*mail, "webhook") if self.webhook else mail


class SendingFailed(Exception):
    """An alert was not taken; the message names no address. `for_good` is that it never will be."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.for_good = for_good


@dataclass(frozen=True)
class AlertSender:
    """Sends what is due in the outbox."""

    alerts: Alerts
    targets: AlertTargets
    salon: Salon
    texts: Texts

    def send_due(self) -> tuple[int, int]:
        """Send the alerts that are due, both channels at once; how many arrived, and how many did not.

        What did not arrive is due again later, see `Alerts.failed`; the rest of its channel waits for the next call.
        """
        channels = self.targets.channels
        if not channels:
            return 0, 0
        with ThreadPoolExecutor(len(channels), "alerts") as pool:
            results = list(pool.map(self._send_channel, channels))
        return sum(sent for sent, _ in results), sum(failed for _, failed in results)

    def letter(self, alert: Alert) -> EmailMessage:
        """The letter about one request."""
        salon, say = self.salon, self.texts.say
        what = say(f"alert.{alert.kind}")
        local = alert.created_at.astimezone(salon.zone)
        letter = EmailMessage()
        letter["Subject"] = say("alert.subject", what=what, number=alert.ref_id, salon=salon.name)
        letter["From"] = formataddr((salon.name, self.targets.sender))
        letter["To"] = ", ".join(ascii_address(address) for address in self.targets.addresses)
        letter["Date"] = formatdate(localtime=False)
        letter["Message-ID"] = make_msgid(
            idstring=f"alert-{alert.id}", domain=self.targets.sender.rpartition("@")[2]
        )
        letter["Auto-Submitted"] = "auto-generated"
        when = f"{self.texts.date(local.date())}, {self.texts.clock(local.time())}"
        letter.set_content(
            say("alert.text", what=what, number=alert.ref_id, when=when, link=self.targets.page)
        )
        return letter

    def message(self, alert: Alert) -> dict[str, object]:
        """What the webhook is told."""
        return {
            "kind": alert.kind,
            "id": alert.ref_id,
            "created_at": alert.created_at.isoformat(),
            "salon": self.salon.name,
            "link": self.targets.page,
        }

    def _send_channel(self, channel: Channel) -> tuple[int, int]:
        send: Callable[[Alert], None] = self._mail if channel == "mail" else self._call
        sent = 0
        for _ in range(_AT_ONCE):
            alert = self.alerts.claim(channel)
            if alert is None:
                break
            try:
                send(alert)
            except SendingFailed as error:
                self.alerts.failed(alert, str(error), for_good=error.for_good)
                log.warning("Alert %s by %s did not arrive: %s", alert.id, channel, error)
                return sent, 1
            self.alerts.sent(alert)
            sent += 1
        return sent, 0

    def _mail(self, alert: Alert) -> None:
        try:
            letter = self.letter(alert)
            send_letter(self.targets.smtp or "", letter, sender=self.targets.sender, timeout_s=_TIMEOUT_S)
        except TROUBLES as error:
            raise SendingFailed(reason_of(error), for_good=is_for_good(error)) from error

    def _call(self, alert: Alert) -> None:
        """The operator's URL is called as it stands: no redirect leads elsewhere, and no answer is read."""
        try:
            with (
                httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client,
                client.stream("POST", self.targets.webhook or "", json=self.message(alert)) as answer,
            ):
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise SendingFailed(type(error).__name__) from error
        if not 200 <= status < 300:
            raise SendingFailed(f"the webhook answers {status}")


def alert_targets(
    *, smtp: str | None, sender: str, addresses: Sequence[str], webhook: str | None, site: str
) -> AlertTargets:
    """Where alerts go, by the settings; `site` is the address of this application without a slash at its end."""
    return AlertTargets(smtp, sender, tuple(addresses), webhook, f"{site}/staff/requests")
