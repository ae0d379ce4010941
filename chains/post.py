"""Letters with the salon's brochure: written from its sections and handed to a mail server (SMTP, RFC 5321)."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from html import escape

from markdown_it import MarkdownIt

from chains.mail_server import TROUBLES, ascii_address, is_for_good, reason_of, send_letter
from chains.reply import Language
from chains.texts import Texts
from stores.mailings import Mailing, Mailings
from stores.passages import Passage
from stores.salon import Salon

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Post:
    """Sends what is due in the outbox. `url` is that of the mail server, password included: it is never shown.

    `brochure` gives the sections as they are when a letter is written.
    """

    url: str
    sender: str
    mailings: Mailings
    salon: Salon
    brochure: Callable[[], Sequence[Passage]]
    texts: Mapping[Language, Texts]

    def send_due(self) -> tuple[int, int]:
        """Send all letters that are due; how many the server took, and how many it did not.

        A letter that was not taken is tried again later, see `Mailings.failed`. An address that the server refuses
        for good is not.
        """
        sent = failed = 0
        while (mailing := self.mailings.claim()) is not None:
            try:
                send_letter(self.url, self.letter(mailing), sender=self.sender)
            except TROUBLES as error:
                failed += 1
                self.mailings.failed(mailing, reason_of(error), for_good=is_for_good(error))
                log.warning(
                    "Letter %s was not sent, try %s: %s", mailing.id, mailing.attempts, reason_of(error)
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
        letter["To"] = ascii_address(mailing.email)
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
            self._as_html(mailing.language),
            subtype="html",
            filename=f"{texts.say('brochure.letter_file')}.html",
        )
        return letter

    def _as_html(self, language: Language) -> str:
        title = escape(self.texts[language].say("brochure.letter_subject", salon=self.salon.name))
        markdown = MarkdownIt("commonmark", {"html": False})
        sections = "\n".join(
            f"<h2>{escape(passage.title)}</h2>\n{markdown.render(passage.text)}"
            for passage in self.brochure()
        )
        head = f'<meta charset="utf-8"><title>{title}</title>'
        return f"<!doctype html>\n<html>\n<head>{head}</head>\n<body>\n<h1>{title}</h1>\n{sections}</body>\n</html>\n"


def open_post(
    url: str | None,
    sender: str,
    mailings: Mailings,
    salon: Salon,
    brochure: Callable[[], Sequence[Passage]],
    texts: Mapping[Language, Texts],
) -> Post | None:
    """The sender of letters, or None where no mail server is set."""
    return Post(url, sender, mailings, salon, brochure, texts) if url else None
