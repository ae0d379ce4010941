"""What one open page shows, and how messages become answers: a burst of short messages is answered once."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from chains.errors import MessageTooLong
from chains.reply import Event, Final, Notice, Reply, Token
from stores.errors import DialogEnded, DialogNotFound

log = logging.getLogger(__name__)

QUIET_S = 0.8  # a visitor who types on within this time is still saying the same thing
MAX_CHARS = 4000  # of one message to the assistant, merged ones included

Trouble = Literal["failed", "too_long", "over", "too_many", "interrupted"]


class Answers(Protocol):
    """The part of the assistant that the page uses."""

    def stream(self, session_id: str, message: str) -> AsyncIterator[Event]:
        """What `Assistant.stream` promises."""


@dataclass
class Bubble:
    """One thing on the page: what the visitor wrote, or an answer as far as it has come.

    `reply` is there once the answer is complete; `notice` is what the visitor is told while waiting; `trouble`
    names the sentence of `ui.*.toml` under `[chat]` that stands in for an answer which did not come;
    `drawn` is its HTML once it will not change any more.
    """

    author: Literal["visitor", "assistant"]
    text: str = ""
    reply: Reply | None = None
    notice: str = ""
    trouble: Trouble | None = None
    drawn: str | None = None

    @property
    def finished(self) -> bool:
        """Whether it will not change any more."""
        return self.author == "visitor" or bool((self.reply and not self.notice) or self.trouble)


@dataclass
class Conversation:
    """The state of one open page; lives as long as the page. The dialog itself is in the database.

    `visitor` is the token of a visitor who is remembered; `greeting` stands in place of the page's own, and offers to
    go on where they left off.
    """

    session_id: str | None = None
    visitor: str | None = None
    greeting: str = ""
    consent_version: str | None = None
    bubbles: list[Bubble] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    offer_callback: bool = False
    waiting: bool = False
    busy: bool = False
    arrived: asyncio.Event | None = None

    def add(self, text: str) -> None:
        """Take in a message; whoever is answering learns of it at once."""
        self.bubbles.append(Bubble("visitor", text))
        self.pending.append(text)
        if self.arrived is not None:
            self.arrived.set()

    def take_pending(self) -> tuple[list[str], str]:
        """The waiting messages to answer together, and their joined text; at most MAX_CHARS unless it is one."""
        taken: list[str] = []
        while self.pending and (not taken or len("\n".join([*taken, self.pending[0]])) <= MAX_CHARS):
            taken.append(self.pending.pop(0))
        return taken, "\n".join(taken)


async def answer_pending(
    talk: Conversation, answers: Answers, *, quiet_s: float = QUIET_S
) -> AsyncGenerator[None, None]:
    """Answer what waits in `talk`, one call for a burst; yields whenever the page has something new to show.

    Only one such loop runs for a conversation: another one started meanwhile ends at once, and its message is
    answered by the first. Errors of the assistant become a sentence in the conversation, never an exception.
    """
    if talk.busy:
        return
    talk.busy, talk.arrived = True, asyncio.Event()
    try:
        while talk.pending:
            talk.waiting, talk.offer_callback = True, False
            yield
            async for _ in _until_quiet(talk.arrived, quiet_s):
                yield
            async for _ in _answer_once(talk, answers, talk.arrived):
                yield
    finally:
        talk.busy, talk.waiting, talk.arrived = False, False, None


async def _until_quiet(arrived: asyncio.Event, quiet_s: float) -> AsyncIterator[None]:
    while True:
        arrived.clear()
        try:
            await asyncio.wait_for(arrived.wait(), quiet_s)
        except TimeoutError:
            return
        yield


async def _answer_once(talk: Conversation, answers: Answers, arrived: asyncio.Event) -> AsyncIterator[None]:
    """Answer the messages that wait; should another come before the first word, give up and keep all waiting."""
    taken, message = talk.take_pending()
    bubble = Bubble("assistant")
    talk.bubbles.append(bubble)
    arrived.clear()
    events = _events(answers.stream(talk.session_id or "", message), arrived)
    try:
        async for event in events:
            if event is None and not bubble.text:
                talk.bubbles.remove(bubble)
                talk.pending[:0] = taken
                return
            if event is not None:
                _show(talk, bubble, event)
            yield
        if bubble.reply is None:
            bubble.trouble = "failed"
    except Exception as error:  # whatever fails below, the visitor gets a sentence and staff get the log
        bubble.trouble = _trouble(error)
        if bubble.trouble == "failed":
            log.exception("no answer for session %s", talk.session_id)
    finally:
        await events.aclose()
    talk.waiting = False
    bubble.notice = ""
    yield


async def _events(stream: AsyncIterator[Event], arrived: asyncio.Event) -> AsyncGenerator[Event | None, None]:
    """The events of an answer, and None whenever another message arrived; closing it stops the answer."""
    step = asyncio.ensure_future(anext(stream, None))
    arrival = asyncio.ensure_future(arrived.wait())
    try:
        while True:
            await asyncio.wait({step, arrival}, return_when=asyncio.FIRST_COMPLETED)
            if step.done():
                event = step.result()
                if event is None:
                    return
                yield event
                step = asyncio.ensure_future(anext(stream, None))
            if arrival.done():
                arrived.clear()
                arrival = asyncio.ensure_future(arrived.wait())
                yield None
    finally:
        arrival.cancel()
        step.cancel()
        await asyncio.wait({step, arrival})
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


def _show(talk: Conversation, bubble: Bubble, event: Event) -> None:
    match event:
        case Notice():
            bubble.notice = event.text
            talk.offer_callback = talk.offer_callback or event.offer_callback
        case Token():
            bubble.text += event.text
        case Final():
            bubble.text, bubble.reply = event.reply.answer, event.reply


def _trouble(error: Exception) -> Trouble:
    if isinstance(error, MessageTooLong):
        return "too_long"
    if isinstance(error, DialogEnded | DialogNotFound):
        return "over"
    return "failed"
