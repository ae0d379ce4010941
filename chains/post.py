"""Letters with the salon's brochure: written from its sections and handed to a mail server (SMTP, RFC 5321)."""

import logging
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from html import escape
from urllib.parse import parse_qs, unquote, urlsplit

from markdown_it import MarkdownIt

from chains.reply import Language
from chains.texts import Texts
from stores.mailings import Mailing, Mailings
from stores.passages import Passage
from stores.salon import Salon

_TIMEOUT_S = 30.0
_PORTS = {"smtp": 587, "smtps": 465}
_REFUSED_FOR_GOOD = range(500, 600)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Post:
    """Sends what is due in the outbox. `url` is that of the mail server, password included: it is never shown."""

    url: str
    sender: str
    mailings: Mailings
    salon: Salon
    legend: Sequence[Passage]
    texts: Mapping[Language, Texts]

    def send_due(self) -> tuple[int, int]:
        """Send all letters that are due; how many the server took, and how many it did not.

        A letter that was not taken is tried again later, see `Mailings.failed`. An address that the server refuses
        for good is not.
        """
        sent = failed = 0
        while (mailing := self.mailings.claim()) is not None:
            try:
                self._send(self.letter(mailing))
            except (smtplib.SMTPException, OSError, ValueError) as error:
                failed += 1
                self.mailings.failed(mailing, _reason(error), for_good=_is_for_good(error))
                log.warning(
                    "Letter %s was not sent, try %s: %s", mailing.id, mailing.attempts, _reason(error)
                )
            else:
                sent += 1
                self.mailings.sent(mailing.id)
        return sent, failed

    def letter(self, mailing: Mailing) -> EmailMessage:
        """The letter for one request: a few polite lines, and the brochure as an HTML file."""
        salon, texts = self.salon, self.texts[mailing.language]
        letter = EmailMessage()
        letter["Subject"] = texts.say("brochure.letter_subject", salon=salon.name)
        letter["From"] = formataddr((salon.name, self.sender))
        local, _, domain = mailing.email.rpartition("@")
        letter["To"] = f"{local}@{domain.encode('idna').decode('ascii')}"
        letter["Reply-To"] = salon.email
        letter["Date"] = formatdate(localtime=False)
        letter["Message-ID"] = make_msgid(
            idstring=f"brochure-{mailing.id}", domain=self.sender.rpartition("@")[2]
        )
        letter["List-Unsubscribe"] = f"<mailto:{salon.email}>"
        address = salon.address if salon.city in salon.address else f"{salon.city}, {salon.address}"
        letter.set_content(
            texts.say(
                "brochure.letter_text",
                salon=salon.name,
                address=address,
                phone=salon.phone,
                email=salon.email,
            )
        )
        letter.add_attachment(
            self._brochure(mailing.language),
            subtype="html",
            filename=f"{texts.say('brochure.letter_file')}.html",
        )
        return letter

    def _brochure(self, language: Language) -> str:
        title = escape(self.texts[language].say("brochure.letter_subject", salon=self.salon.name))
        markdown = MarkdownIt("commonmark", {"html": False})
        sections = "\n".join(
            f"<h2>{escape(passage.title)}</h2>\n{markdown.render(passage.text)}" for passage in self.legend
        )
        head = f'<meta charset="utf-8"><title>{title}</title>'
        return f"<!doctype html>\n<html>\n<head>{head}</head>\n<body>\n<h1>{title}</h1>\n{sections}</body>\n</html>\n"

    def _send(self, letter: EmailMessage) -> None:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        tls = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_S, context=tls)
        else:
            server = smtplib.SMTP(host, port, timeout=_TIMEOUT_S)
        try:
            if "starttls" in parse_qs(parts.query, keep_blank_values=True):
                server.starttls(context=tls)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(letter, from_addr=self.sender)
        finally:
            with suppress(
                smtplib.SMTPException, OSError
            ):  # the letter is taken; a bad goodbye changes nothing
                server.quit()


def open_post(
    url: str | None,
    sender: str,
    mailings: Mailings,
    salon: Salon,
    legend: Sequence[Passage],
    texts: Mapping[Language, Texts],
) -> Post | None:
    """The sender of letters, or None where no mail server is set."""
    return Post(url, sender, mailings, salon, legend, texts) if url else None


def _is_for_good(error: Exception) -> bool:
    """The server knows the address not to exist (5xx); everything else may be better later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in _REFUSED_FOR_GOOD for code, _ in error.recipients.values())
    return False


def _reason(error: Exception) -> str:
    """What went wrong, without the address: it may stand in a log."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "the address is refused: " + ", ".join(str(code) for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answers {error.smtp_code}"
    return f"{type(error).__name__}: {error}" if isinstance(error, OSError) else type(error).__name__
