"""What a visitor can do on the page, in terms of the stores; knows nothing of how the page looks."""

import logging
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from markdown_it import MarkdownIt
from markupsafe import Markup

from chains.remembered import Visit
from chains.reply import Reply
from stores.dialogs import Dialog, Turn
from stores.errors import AlreadyRated, DialogNotFound, StoreError, VisitorNotFound
from ui.http.deps import session_id_of
from ui.http.errors import PhoneInvalid
from ui.http.schemas import CallbackIn
from ui.pages.cards import templates
from ui.pages.conversation import Bubble, Conversation
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from services import Services

log = logging.getLogger(__name__)

_WISHES = 2  # as many as one line on a phone has room for


class Outcome(NamedTuple):
    """What came of a visitor's wish: `done`, and the sentence to show (empty when there is nothing to say)."""

    done: bool
    text: str = ""


class Visits:
    """The visitor's wishes, in one language. Every refusal is a sentence; only a bug raises."""

    def __init__(self, services: "Services", texts: Texts) -> None:
        self._services = services
        self._texts = texts
        self._environment = templates()
        self._document = MarkdownIt("commonmark", {"html": False}).disable(["link", "image"])

    def is_open(self) -> bool:
        """Whether the salon is open now, so that call-backs are offered."""
        return bool(self._services.salon.hours.is_open(self._services.clock()))

    def opening_card(self, talk: Conversation, notice: str = "") -> str:
        """The opening card as HTML; `talk` notes which version of the consent is shown."""
        consent = self._services.consent(self._texts.language)
        talk.consent_version = consent.version
        return self._environment.get_template("opening.html").render(
            t=self._texts,
            name=self._services.salon.name,
            notice=notice,
            open=self.is_open(),
            hours=self._hours(),
            document=self._document_html(consent.text, level=3),
            version=consent.version,
        )

    def consent_page(self) -> str:
        """The consent as a document of its own, as HTML."""
        consent = self._services.consent(self._texts.language)
        return self._environment.get_template("consent.html").render(
            t=self._texts,
            name=self._services.salon.name,
            document=self._document_html(consent.text, level=1),
            version=consent.version,
        )

    def consent_changed(self, talk: Conversation) -> bool:
        """Whether another version of the consent is in force than the one that the visitor has been shown."""
        return self._services.consent(self._texts.language).version != talk.consent_version

    def open_dialog(
        self, talk: Conversation, *, consented: bool, remember: bool, visitor: str | None, address: str | None
    ) -> Outcome:
        """Start a dialog in `talk`, which notes the token of a visitor who wants to be remembered.

        Refused without consent, and when the consent that was shown is no longer in force.
        """
        if not consented:
            return Outcome(False, self._texts("opening.need_consent"))
        if self.consent_changed(talk):
            return Outcome(False, self._texts("opening.consent_changed"))
        consent = self._services.consent(self._texts.language)
        try:
            dialog = self._services.dialogs.open(
                kind="web",
                language=self._texts.language,
                consent=consent,
                address=address,
                remember=remember,
                visitor=visitor or None,
            )
        except StoreError:
            log.exception("a dialog could not be opened")
            return Outcome(False, self._texts("opening.failed", phone=self._services.salon.phone))
        talk.session_id, talk.bubbles = dialog.session_id, []
        self._recognise(talk, dialog)
        return Outcome(True)

    def resume(self, talk: Conversation, session_id: str) -> Outcome:
        """Go on with a dialog from its transcript; refused politely when it has ended or is not known."""
        try:
            dialog = self._services.dialogs.get(session_id_of(session_id))
            if dialog.ended_at is not None:
                return Outcome(False, self._texts("opening.ended"))
            turns = self._services.dialogs.turns(dialog.session_id)
        except DialogNotFound:
            return Outcome(False, self._texts("opening.unknown"))
        except StoreError:
            log.exception("a dialog could not be read")
            return Outcome(False, self._texts("opening.failed", phone=self._services.salon.phone))
        talk.session_id, talk.bubbles = dialog.session_id, bubbles_of(turns)
        self._recognise(talk, dialog)
        return Outcome(True)

    def remembered(self, visitor: str | None) -> str | None:
        """What is remembered of a visitor, as one line for them; None where nobody is known by that token, empty while
        the database does not tell."""
        if not visitor:
            return None
        try:
            wishes = self._services.remembering.wishes(visitor)
        except VisitorNotFound:
            return None
        except StoreError:
            log.exception("what is remembered of a visitor could not be read")
            return ""
        if not wishes:
            return self._texts("memory.nothing_yet")
        words = self._services.remembering.in_words(wishes[:_WISHES], self._texts.language)
        return self._texts("memory.line", wishes=words)

    def forget_visitor(self, visitor: str) -> bool:
        """Destroy what is remembered of a visitor; false when the database did not let it."""
        try:
            self._services.remembering.forget(visitor)
        except StoreError:
            log.exception("a visitor could not be forgotten")
            return False
        return True

    def _recognise(self, talk: Conversation, dialog: Dialog) -> None:
        """Note who is remembered, and greet them with what they were looking for before this dialog."""
        visit = Visit(dialog.visitor, dialog.opened_at) if dialog.visitor else None
        offer = "" if talk.bubbles else self._services.remembering.greeting(visit, self._texts.language)
        talk.visitor = dialog.visitor
        talk.greeting = f"{self._texts('memory.welcome')} {offer}" if offer else ""

    def find_again(self, talk: Conversation, session_id: str) -> None:
        """Go on after this process has lost the page's state: a restart, or a page left open for very long."""
        if talk.session_id is None and session_id:
            self.resume(talk, session_id)

    def end(self, talk: Conversation) -> None:
        """End the dialog; one that is gone, or cannot be ended now, does not keep the visitor from leaving."""
        try:
            self._services.dialogs.end(talk.session_id or "")
        except StoreError as error:
            log.info("a dialog is left as it is: %s", error)

    def rate(self, talk: Conversation, *, csat: str | None, nps: str | None, comment: str) -> Outcome:
        """Store the rating; `csat` 1-10, `nps` 0-10 or None."""
        if csat is None:
            return Outcome(False, self._texts("rating.need_score"))
        try:
            self._services.dialogs.rate(
                talk.session_id or "", int(csat), None if nps is None else int(nps), comment.strip()
            )
        except AlreadyRated:
            return Outcome(True, self._texts("rating.already"))
        except StoreError:
            log.exception("a rating could not be stored")
            return Outcome(False, self._texts("rating.failed"))
        return Outcome(True, self._texts("rating.thanks"))

    def forget(self, talk: Conversation) -> Outcome:
        """Delete the dialog and what was remembered of the visitor."""
        try:
            receipt = self._services.forgetting.forget(talk.session_id or "", cause="visitor")
        except DialogNotFound:
            log.info("a dialog that was to be forgotten is gone")
            return Outcome(True, self._texts("opening.forgotten"))
        except StoreError:
            log.exception("a dialog could not be forgotten")
            return Outcome(False, self._texts("forget.failed", email=self._services.salon.email))
        return Outcome(True, self._texts("opening.forgotten_with_receipt", number=receipt.number))

    def request_callback(self, talk: Conversation, *, name: str, phone: str, comment: str) -> Outcome:
        """Store a request to be called, in opening hours only."""
        salon = self._services.salon
        if not name.strip():
            return Outcome(False, self._texts("callback.bad_name"))
        try:
            number = CallbackIn(session_id=talk.session_id or "", phone=phone.strip() or "-").e164()
        except (PhoneInvalid, ValueError):
            return Outcome(False, self._texts("callback.bad_phone"))
        if not self.is_open():
            when = self._next_opening()
            if when is None:
                return Outcome(False, self._texts("callback.closed_unknown", phone=salon.phone))
            return Outcome(False, self._texts("callback.closed", when=when, phone=salon.phone))
        try:
            self._services.callbacks.add(
                talk.session_id or "", phone=number, name=name.strip(), comment=comment.strip()
            )
        except StoreError:
            log.exception("a call-back could not be stored")
            return Outcome(False, self._texts("callback.failed", phone=salon.phone))
        return Outcome(True, self._texts("callback.thanks", name=name.strip(), phone=number))

    def _document_html(self, text: str, *, level: int) -> Markup:
        """Markdown without raw HTML as HTML, its first heading of this level."""
        tokens = self._document.parse(text)
        for token in tokens:
            if token.type in ("heading_open", "heading_close"):
                token.tag = f"h{min(int(token.tag[1:]) + level - 1, 6)}"
        return Markup(self._document.renderer.render(tokens, self._document.options, {}))  # noqa: S704 - no HTML passes the reader

    def _hours(self) -> str:
        salon, now = self._services.salon, self._services.clock()
        if self.is_open():
            today = salon.hours.on(now.astimezone(salon.zone).date())
            if today is not None and today.is_all_day:
                return self._texts("opening.open_all_day")
            return self._texts("opening.open_now", until=f"{today.close:%H:%M}") if today else ""
        when = self._next_opening()
        return self._texts("opening.closed_now", when=when) if when else self._texts("opening.closed_unknown")

    def _next_opening(self) -> str | None:
        salon, now = self._services.salon, self._services.clock()
        at: datetime | None = salon.hours.next_opening(now)
        return None if at is None else self._texts.moment(at, now=now, zone=salon.zone)


def bubbles_of(turns: list[Turn]) -> list[Bubble]:
    """The bubbles of a stored dialog.

    A turn whose question the next one begins with was overtaken by that one while it was being answered, and its
    answer never shown: so it is left out. Another one without an answer was cut off.
    """
    bubbles: list[Bubble] = []
    for turn, following in zip_longest(turns, turns[1:]):
        if following is None or not following.question.startswith(f"{turn.question}\n"):
            bubbles += [Bubble("visitor", turn.question), _answer_of(turn)]
    return bubbles


def _answer_of(turn: Turn) -> Bubble:
    if turn.answer is None or turn.route is None:
        return Bubble("assistant", trouble="interrupted")
    reply = Reply.model_validate(turn, from_attributes=True)
    return Bubble("assistant", reply.answer, reply=reply)
