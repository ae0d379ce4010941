"""Handing letters to a mail server (SMTP, RFC 5321)."""

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

_PORTS = {"smtp": 587, "smtps": 465}
_REFUSED_FOR_GOOD = range(500, 600)
TROUBLES = (smtplib.SMTPException, OSError, ValueError)
"""What `send_letter` raises when a letter was not taken."""


def send_letter(
    url: str, letter: EmailMessage, *, sender: str, to: Sequence[str] | None = None, timeout_s: float = 30.0
) -> None:
    """Send a letter by the server of `url` (`smtp://user:password@host:587?starttls`, `smtps://…`).

    `to` is whom the letter goes to, by default those that it names. Raises one of `TROUBLES`.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    tls = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout_s, context=tls)
    else:
        server = smtplib.SMTP(host, port, timeout=timeout_s)
    try:
        if "starttls" in parse_qs(parts.query, keep_blank_values=True):
            server.starttls(context=tls)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(letter, from_addr=sender, to_addrs=to)
    finally:
        with suppress(smtplib.SMTPException, OSError):  # the letter is taken; a bad goodbye changes nothing
            server.quit()


def ascii_address(address: str) -> str:
    """An address with its domain as mail servers write it: `buyer@пример.рф` → `buyer@xn--e1afmkfd.xn--p1ai`."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def is_for_good(error: Exception) -> bool:
    """The server knows the address not to exist (5xx); everything else may be better later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in _REFUSED_FOR_GOOD for code, _ in error.recipients.values())
    return False


def reason_of(error: Exception) -> str:
    """What went wrong, without the address: it may stand in a log."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "the address is refused: " + ", ".join(str(code) for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answers {error.smtp_code}"
    return f"{type(error).__name__}: {error}" if isinstance(error, OSError) else type(error).__name__
