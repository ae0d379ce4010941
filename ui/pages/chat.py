"""The chat page: lays it out, then wires what a visitor does to what becomes of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr
from anyio import to_thread

from ui.http.errors import RateLimited
from ui.pages.cards import Cards, LogView, markdown_reader, templates, unbroken
from ui.pages.conversation import Bubble, Conversation, Trouble, answer_pending
from ui.pages.doors import Doors
from ui.pages.layout import View, alert, build_layout
from ui.pages.texts import Texts
from ui.pages.visits import Visits

if TYPE_CHECKING:
    from services import Services

Update = dict[Any, Any]
"""What changes on the page: component → its new value or properties."""

STREAMS = (
    40  # quick events handled at once; answers are not limited here, the assistant's model is the bottleneck
)
KEEP = "(session, visitor) => { window.salonChat.keep(session, visitor); }"
KEPT = "(session, visitor, talk) => [...window.salonChat.kept(), talk]"
NEXT = "(outbox, session, talk) => [window.salonChat.next(), session, talk]"

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", **PRIVATE}
STREAM: dict[str, Any] = {"trigger_mode": "multiple", "show_progress": "hidden", **PRIVATE}


class ChatPage:
    """The events of the page in one language; the conversation of each visitor comes in as an argument."""

    def __init__(self, services: "Services", texts: Texts, doors: Doors) -> None:
        environment = templates()
        self._assistant = services.assistant
        self._texts = texts
        self._doors = doors
        self._visits = Visits(services, texts)
        self._log = LogView(
            texts,
            Cards(texts, services.inventory, services.lexicon, services.salon.currency, services.salon.zone),
            environment,
            markdown_reader(),
        )
        self.layout = build_layout(texts, environment, name=services.salon.name)
        with self.layout.blocks:
            self._wire_opening()
            self._wire_chat()
            self._wire_callback()
            self._wire_end()
        self.layout.blocks.queue(default_concurrency_limit=STREAMS, api_open=False)

    # What is shown ------------------------------------------------------------------------------------------------

    def _show(self, view: View) -> Update:
        return {column: gr.update(visible=name == view) for name, column in self.layout.views.items()}

    def _show_opening(self, talk: Conversation, notice: str = "") -> Update:
        page = self.layout.opening
        return {
            **self._show("opening"),
            page.card: self._visits.opening_card(talk, notice),
            page.alert: alert(),
            page.callback: gr.update(visible=self._visits.is_open()),
            page.remember: gr.update(visible=talk.visitor is None),
            **self._memory(talk),
            self.layout.session: "",
        }

    def _show_unticked_opening(self, talk: Conversation, notice: str = "") -> Update:
        """The opening card for another dialog: consent is given anew."""
        page = self.layout.opening
        unticked = gr.update(value=False, visible=talk.visitor is None)
        return {**self._show_opening(talk, notice), page.consent: False, page.remember: unticked}

    def _show_chat(self, talk: Conversation) -> Update:
        return {
            **self._show("chat"),
            **self._dialog(talk),
            **self._memory(talk),
            self.layout.chat.callback: gr.update(visible=self._visits.is_open()),
            self.layout.session: talk.session_id or "",
        }

    def _dialog(self, talk: Conversation) -> Update:
        return {
            self.layout.chat.log: self._log.html(talk),
            self.layout.chat.starters_row: gr.update(visible=not talk.bubbles),
            self.layout.chat.again: gr.update(visible=bool(talk.greeting)),
            self.layout.chat.offer: gr.update(visible=talk.offer_callback and self._visits.is_open()),
        }

    def _memory(self, talk: Conversation) -> Update:
        """The line of what is remembered; gone, and the token with it, once nobody is known by that."""
        known = self._visits.remembered(talk.visitor)
        if known is None:
            talk.visitor = None
        bar = self.layout.memory
        return {
            bar.bar: gr.update(visible=bool(known)),
            bar.line: f"<p>{escape(unbroken(known or ''))}</p>",
            self.layout.visitor: talk.visitor or "",
        }

    def _show_done(self, text: str) -> Update:
        card = f'<h2 tabindex="-1">{self._texts("rating.done")}</h2><p class="lead" role="status">{escape(text)}</p>'
        return {**self._show("done"), self.layout.done.card: card}

    # What a visitor does ------------------------------------------------------------------------------------------

    def _restore(self, session: str, visitor: str, talk: Conversation) -> Update:
        notice = ""
        if session:
            outcome = self._visits.resume(talk, session)
            if outcome.done:
                return self._show_chat(talk)
            notice = outcome.text
        talk.visitor = visitor or None
        return self._show_opening(talk, notice)

    def _begin(self, target: View) -> Callable[..., Update]:
        def begin(
            consented: bool, remember: bool, visitor: str, talk: Conversation, request: gr.Request
        ) -> Update:
            page = self.layout.opening
            try:
                self._doors.check_address(request)
            except RateLimited:
                return {page.alert: alert(self._texts("chat.too_many"))}
            outcome = self._visits.open_dialog(
                talk,
                consented=consented,
                remember=remember,
                visitor=visitor,
                address=self._doors.address(request),
            )
            if not outcome.done:
                update: Update = {page.alert: alert(outcome.text)}
                if consented and self._visits.consent_changed(talk):
                    update |= {page.card: self._visits.opening_card(talk), page.consent: False}
                return update
            return {**self._show_chat(talk), **self._show(target)}

        return begin

    async def _send(self, text: str, session: str, talk: Conversation) -> AsyncIterator[Any]:
        text = text.strip()
        if not text:
            yield gr.skip()
            return
        trouble = await to_thread.run_sync(self._refusal, talk, session)
        if trouble is not None:
            talk.bubbles += [Bubble("visitor", text), Bubble("assistant", trouble=trouble)]
            yield await to_thread.run_sync(self._dialog, talk)
            return
        talk.add(text)
        if talk.busy:
            yield gr.skip()  # whoever is answering shows this message and answers it
            return
        async with aclosing(answer_pending(talk, self._assistant)) as changes:
            async for _ in changes:
                yield await to_thread.run_sync(self._dialog, talk)
        if talk.visitor:
            yield await to_thread.run_sync(self._memory, talk)

    def _refusal(self, talk: Conversation, session: str) -> Trouble | None:
        """Why a message is not taken, if it is not."""
        self._visits.find_again(talk, session)
        if talk.session_id is None:
            return "over"
        try:
            self._doors.check_session(talk.session_id)
        except RateLimited:
            return "too_many"
        return None

    def _request_callback(
        self, name: str, phone: str, comment: str, session: str, talk: Conversation, request: gr.Request
    ) -> Update:
        form = self.layout.callback
        try:
            self._doors.check_address(request)
        except RateLimited:
            return {form.alert: alert(self._texts("chat.too_many"))}
        self._visits.find_again(talk, session)
        outcome = self._visits.request_callback(talk, name=name, phone=phone, comment=comment)
        if not outcome.done:
            return {form.alert: alert(outcome.text)}
        talk.offer_callback = False
        talk.bubbles.append(Bubble("assistant", outcome.text))
        return {**self._show_chat(talk), form.alert: alert(), form.comment: ""}

    def _end(self, session: str, talk: Conversation) -> Update:
        self._visits.find_again(talk, session)
        self._visits.end(talk)
        form = self.layout.rating
        return {
            **self._show("rating"),
            form.csat: None,
            form.nps: None,
            form.comment: "",
            form.alert: alert(),
        }

    def _forget_visitor(self, session: str, visitor: str, talk: Conversation) -> Update:
        """Forget what is remembered; the dialog goes on."""
        self._visits.find_again(talk, session)
        token = talk.visitor or visitor
        if token and not self._visits.forget_visitor(token):
            return {self.layout.memory.line: alert(self._texts("memory.failed"))}
        talk.visitor, talk.greeting = None, ""
        return {
            **self._memory(talk),
            **self._dialog(talk),
            self.layout.opening.remember: gr.update(visible=True),
        }

    def _rate(self, csat: str | None, nps: str | None, comment: str, talk: Conversation) -> Update:
        outcome = self._visits.rate(talk, csat=csat, nps=nps, comment=comment)
        return (
            self._show_done(outcome.text) if outcome.done else {self.layout.rating.alert: alert(outcome.text)}
        )

    def _forget(self, session: str, talk: Conversation) -> Update:
        self._visits.find_again(talk, session)
        outcome = self._visits.forget(talk)
        if not outcome.done:
            return {self.layout.forget.alert: alert(outcome.text)}
        talk.session_id, talk.bubbles, talk.pending, talk.offer_callback = None, [], [], False
        talk.visitor, talk.greeting = None, ""
        return self._show_unticked_opening(talk, outcome.text)

    # The wires ----------------------------------------------------------------------------------------------------

    def _wire_opening(self) -> None:
        page, talk = self.layout.opening, self.layout.talk
        kept = [self.layout.session, self.layout.visitor]
        self._keep(
            self.layout.blocks.load(
                self._restore,
                [*kept, talk],
                self._all(),
                js=KEPT,
                queue=False,
                show_progress="hidden",
                **PRIVATE,
            )
        )
        inputs = [page.consent, page.remember, self.layout.visitor, talk]
        self._keep(page.ask.click(self._begin("chat"), inputs, self._all(), **QUICK))
        self._keep(page.callback.click(self._begin("callback"), inputs, self._all(), **QUICK))
        self._keep(self.layout.done.again.click(self._show_unticked_opening, [talk], self._all(), **QUICK))

    def _wire_chat(self) -> None:
        chat, talk, session = self.layout.chat, self.layout.talk, self.layout.session
        memory = self.layout.memory
        shown = [
            chat.log,
            chat.starters_row,
            chat.again,
            chat.offer,
            memory.bar,
            memory.line,
            self.layout.visitor,
        ]
        self._keep(
            chat.dispatch.click(
                self._send, [chat.outbox, session, talk], shown, js=NEXT, concurrency_limit=None, **STREAM
            )
        )
        for starter in (chat.again, *chat.starters):
            inputs = [starter, session, talk]
            self._keep(starter.click(self._send, inputs, shown, concurrency_limit=None, **STREAM))
        inputs = [session, self.layout.visitor, talk]
        self._keep(memory.forget.click(self._forget_visitor, inputs, self._all(), **QUICK))

    def _wire_callback(self) -> None:
        chat, form, talk = self.layout.chat, self.layout.callback, self.layout.talk
        for button in (chat.offer, chat.callback):
            button.click(lambda: self._show("callback"), None, self._all(), **QUICK)
        inputs = [form.name, form.phone, form.comment, self.layout.session, talk]
        for trigger in (form.submit.click, form.name.submit, form.phone.submit):
            trigger(self._request_callback, inputs, self._all(), **QUICK)
        form.back.click(self._show_chat, [talk], self._all(), **QUICK)

    def _wire_end(self) -> None:
        chat, form, talk = self.layout.chat, self.layout.rating, self.layout.talk
        chat.end.click(self._end, [self.layout.session, talk], self._all(), **QUICK)
        form.submit.click(self._rate, [form.csat, form.nps, form.comment, talk], self._all(), **QUICK)
        form.skip.click(lambda: self._show_done(""), None, self._all(), **QUICK)
        chat.forget.click(lambda: self._show("forget"), None, self._all(), **QUICK)
        self.layout.forget.no.click(self._show_chat, [talk], self._all(), **QUICK)
        self._keep(
            self.layout.forget.yes.click(self._forget, [self.layout.session, talk], self._all(), **QUICK)
        )

    def _keep(self, event: Any) -> None:
        event.then(None, [self.layout.session, self.layout.visitor], None, js=KEEP, **QUICK)

    def _all(self) -> list[Any]:
        """Everything that a quick event may change: such an event names what it does change."""
        page = self.layout
        parts = (page.memory, page.opening, page.chat, page.callback, page.rating, page.done, page.forget)
        known = [
            part for group in parts for part in vars(group).values() if isinstance(part, gr.blocks.Block)
        ]
        return [*page.views.values(), *known, page.session, page.visitor]


def build_chat(services: "Services", texts: Texts, doors: Doors) -> gr.Blocks:
    """The chat page in the language of `texts`, ready to be mounted."""
    return ChatPage(services, texts, doors).layout.blocks
