"""The only door to an answer: a message of a session in, a stream of checked text and one whole Reply out.

Consent → guard → route → facts → words → check → store. The question is stored before anything else happens and
the reply before it is sent, so a crash loses no finished turn.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4
from weakref import WeakValueDictionary

from chains.claims import evidence_of, failure_of
from chains.errors import ConsentMissing, EmptyMessage, MessageTooLong, ModelUnavailable
from chains.guard import Guard
from chains.llm_client import Bill, open_bill
from chains.memory import LOADED_TURNS
from chains.planning import Plan, Planner
from chains.remembered import Remembering, Visit
from chains.reply import Event, Final, Reply, Token
from chains.stopwatch import open_stages, stage
from chains.text import sentences
from chains.wording import Wording, load_prompt, unsaid
from stores.dialogs import Dialog, Dialogs, Turn, TurnResult
from stores.errors import DatabaseUnavailable, DialogEnded, NotFound

MESSAGE_LIMIT = 4000
"""Characters that a message may have."""

_REST_S = 60.0
"""How long a model that was too slow is not asked again: nobody else shall wait for it in vain."""

_REPLANNED = 3
"""How often an answer about cars is made anew while the show-case keeps changing."""

log = logging.getLogger(__name__)


class Patience(NamedTuple):
    """How long a visitor waits, in seconds: for the first words before being told so, and for each sentence of the
    model's that holds before the computed wording takes its place."""

    notice_s: float = 10.0
    sentence_s: float = 15.0


PATIENCE = Patience()


@dataclass
class _Turn:
    """One message on its way: what was released so far and what staff will want to know of it."""

    session_id: str
    message: str
    turn_id: str
    started: float
    released: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    by_model: bool = False
    bill: Bill = field(default_factory=Bill)
    events: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)
    past: Sequence[Turn] = ()

    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self.started) * 1000)

    def release(self, text: str) -> None:
        """Show a checked sentence or line; pieces are joined so that the parts add up to the whole answer."""
        self.timings.setdefault("first_ms", self.elapsed_ms())
        self.released.append(text)
        self.events.put_nowait(Token(text))

    def take_back(self) -> None:
        """Nothing that was released holds any more: the reply at the end replaces it."""
        self.released, self.by_model = [], False

    @property
    def text(self) -> str:
        return "".join(self.released).strip()


class Assistant:
    """Answers messages of open sessions; safe to use from many sessions at once on one event loop."""

    def __init__(
        self,
        *,
        dialogs: Dialogs,
        planner: Planner,
        guard: Guard,
        wording: Wording,
        remembering: Remembering,
        clock: Callable[[], datetime],
        patience: Patience = PATIENCE,
    ) -> None:
        self._dialogs = dialogs
        self._planner = planner
        self._guard = guard
        self._wording = wording
        self._remembering = remembering
        self._clock = clock
        self._patience = patience
        self._rests_until = 0.0
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def stream(
        self, session_id: str, message: str, *, at: datetime | None = None
    ) -> AsyncIterator[Event]:
        """Answer one message: `Notice` and `Token` events as they come, then one `Final`.

        Messages of one session are answered one after the other. `at` is the moment to answer for (aware), now by
        default. Leaving the stream early stops the model and stores what was said until then.

        Raises:
            EmptyMessage, MessageTooLong, ConsentMissing: before anything is stored.
            DialogNotFound, DialogEnded: the session cannot be talked to.
        """
        text = checked_message(message)
        dialog = await asyncio.to_thread(self._dialogs.get, session_id)
        if dialog.ended_at is not None:
            raise DialogEnded(session_id)
        if dialog.kind == "web" and dialog.consent_version is None:
            raise ConsentMissing("this session was opened without consent")
        lock = self._locks.setdefault(session_id, asyncio.Lock())
        async with lock:
            turn = _Turn(session_id, text, uuid4().hex, time.monotonic())
            now = (at or self._clock()).astimezone(self._planner.zone)
            task = asyncio.create_task(self._answer(turn, dialog, now))
            try:
                async for event in self._events(turn, task, now):
                    yield event
            finally:
                if not task.done():
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task

    async def answer(self, session_id: str, message: str, *, at: datetime | None = None) -> Reply:
        """The whole Reply at once; raises like `stream`."""
        stream = self.stream(session_id, message, at=at)
        async with aclosing(stream):  # type: ignore[type-var]  # an async generator, as `yield` makes it
            async for event in stream:
                if isinstance(event, Final):
                    return event.reply
        raise ModelUnavailable("the answer broke off")

    async def import_history(self, session_id: str, messages: Sequence[tuple[str, str]]) -> None:
        """Store the earlier part of a dialog held elsewhere: (role, text) pairs, role `user` or `assistant`.

        The text is untrusted: questions pass the guard, what they are about is computed anew, and both are masked.
        """
        question: str | None = None
        for role, text in messages:
            if role == "user":
                question = text
            elif role == "assistant" and question:
                await asyncio.to_thread(
                    self._import_turn, session_id, question[:MESSAGE_LIMIT], text[:MESSAGE_LIMIT]
                )
                question = None

    def _import_turn(self, session_id: str, question: str, answer: str) -> None:
        dialog = self._dialogs.get(session_id)
        plan = self._planner.plan(
            session_id,
            question,
            dialog.language,
            self._clock().astimezone(self._planner.zone),
            self._dialogs.turns(session_id, last=LOADED_TURNS),
            replayed=True,
        )
        turn_id = self._dialogs.add_question(session_id, plan.masked)
        draft = plan.draft
        self._dialogs.save_reply(
            turn_id,
            TurnResult(
                answer=self._planner.masked(answer),
                route=draft.route,
                blocked=draft.blocked,
                reason=draft.reason,
                state=draft.state,
            ),
        )

    async def _events(self, turn: _Turn, task: asyncio.Task[None], now: datetime) -> AsyncIterator[Event]:
        """The turn's events; a notice when nothing has come for a while."""
        patience: float | None = self._patience.notice_s
        while True:
            try:
                async with asyncio.timeout(patience):
                    event = await turn.events.get()
            except TimeoutError:
                patience = None
                notice = await asyncio.to_thread(self._planner.wait_notice, turn.message, now)
                turn.notices.append(notice.text)
                yield notice
                continue
            if event is None:
                await task  # raises what went wrong, if anything did
                return
            patience = None
            yield event

    async def _answer(self, turn: _Turn, dialog: Dialog, now: datetime) -> None:
        """Plan, word, check and store one turn, putting events into its queue."""
        plan: Plan | None = None
        turn.bill = open_bill()
        turn.timings = open_stages()
        try:
            plan = await asyncio.to_thread(self._planned, turn, dialog, now)
            turn.timings["plan_ms"] = turn.elapsed_ms()
            if plan.draft.prompt and self._wording.model.ready and time.monotonic() >= self._rests_until:
                await self._let_model_speak(turn, plan)
                if len(turn.released) == 1:  # a small model likes to stop early
                    for sentence in unsaid(plan.draft.text, turn.text, plan.language):
                        turn.release(f" {sentence}")
            current = await asyncio.to_thread(self._current, plan, turn, dialog, now)
            if current is not plan:
                turn.take_back()
                plan = current
            if not turn.released:
                for piece in pieces_of(plan.draft.text):
                    turn.release(piece)
        except asyncio.CancelledError:
            if not turn.released:
                plan = None  # nothing was said, so nothing was answered
            raise
        finally:
            if plan is not None:
                reply = self._reply(turn, plan)
                saving = asyncio.get_running_loop().run_in_executor(
                    None, self._save, turn, dialog, plan, reply
                )
                # Once begun, a save is waited for even when the visitor leaves in the middle of it.
                with suppress(asyncio.CancelledError):
                    await asyncio.shield(saving)
                if not saving.done():
                    await saving
                turn.events.put_nowait(Final(reply))
            turn.events.put_nowait(None)

    def _planned(self, turn: _Turn, dialog: Dialog, now: datetime) -> Plan:
        with stage("load"):
            turn.past = self._dialogs.turns(turn.session_id, last=LOADED_TURNS)
        with stage("mask"):
            masked = self._planner.masked(turn.message)
        try:
            with stage("store"):
                turn.turn_id = self._dialogs.add_question(turn.session_id, masked)
        except DatabaseUnavailable:
            # Better an answer that is not remembered than none: staff see the log, the visitor the answer.
            log.exception("The question could not be stored; it is answered without memory")
        return self._plan(turn, dialog, now)

    def _plan(self, turn: _Turn, dialog: Dialog, now: datetime) -> Plan:
        return self._planner.plan(
            turn.session_id, turn.message, dialog.language, now, turn.past, _visit(dialog)
        )

    def _current(self, plan: Plan, turn: _Turn, dialog: Dialog, now: datetime) -> Plan:
        """The plan, made anew if cars were sold, reserved, repriced or brought in since: what is sent is in stock."""
        for _ in range(_REPLANNED):
            if not plan.about_stock or plan.stock == self._planner.stock():
                break
            plan = self._plan(turn, dialog, now)
        return plan

    async def _let_model_speak(self, turn: _Turn, plan: Plan) -> None:
        """Release the model's sentences that hold, which may be none: a small model overlooks many an answer."""
        vocabulary = await asyncio.to_thread(self._planner.vocabulary)
        evidence = await asyncio.to_thread(evidence_of, plan.draft, turn.message, vocabulary)
        # The model, which may be somebody else's, reads what is stored: without personal data.
        stream = self._wording.sentences(plan.draft, plan.masked, plan.history, plan.language)
        clock, wait = asyncio.get_running_loop().time, self._patience.sentence_s
        try:
            async with asyncio.timeout(wait) as limit, aclosing(stream):  # type: ignore[type-var]  # as above
                async for sentence in stream:
                    failure = await asyncio.to_thread(
                        failure_of, sentence, evidence, plan.language, vocabulary
                    )
                    verdict = self._guard.check_output(f"{turn.text} {sentence}", turn.message)
                    if not verdict.blocked:
                        verdict = await asyncio.to_thread(self._guard.check_sentence, sentence, plan.language)
                    if failure or verdict.blocked:
                        turn.checks.append({"sentence": sentence, "failure": failure or verdict.reason})
                        continue
                    turn.by_model = True
                    turn.release(f" {sentence}" if turn.released else sentence)
                    limit.reschedule(clock() + wait)
        except ModelUnavailable as error:
            turn.checks.append({"sentence": "", "failure": f"model: {error}"})
            log.warning("The language model went away: %s", error)
        except TimeoutError:
            self._rests_until = time.monotonic() + _REST_S
            turn.checks.append({"sentence": "", "failure": f"model: no sentence within {wait:g} s"})
            log.info("The language model was too slow: no sentence within %g s", wait)

    def _reply(self, turn: _Turn, plan: Plan) -> Reply:
        draft = plan.draft
        return Reply(
            session_id=turn.session_id,
            turn_id=turn.turn_id,
            answer=turn.text or draft.text,
            route=draft.route,
            blocked=draft.blocked,
            reason=draft.reason,
            cars=list(draft.cars),
            cars_total=draft.cars_total,
            sources=list(draft.sources),
            notices=[*draft.notices, *turn.notices],
            llm=turn.by_model,
            elapsed_ms=turn.elapsed_ms(),
        )

    def _save(self, turn: _Turn, dialog: Dialog, plan: Plan, reply: Reply) -> None:
        draft = plan.draft
        judged = self._guard.judge_answer(turn.message, reply.answer)
        result = TurnResult(
            answer=reply.answer,
            route=reply.route,
            blocked=reply.blocked,
            reason=reply.reason,
            cars=reply.cars,
            cars_total=reply.cars_total,
            sources=[source.model_dump() for source in reply.sources],
            notices=reply.notices,
            llm=reply.llm,
            elapsed_ms=reply.elapsed_ms,
            model=self._wording.model.model if turn.by_model else None,
            prompt_hash=load_prompt(draft.prompt, plan.language).hash
            if turn.by_model and draft.prompt
            else None,
            checks=[*turn.checks, {"refusal": judged.refusal, "refusal_score": judged.refusal_score}],
            timings={**turn.timings, "total_ms": reply.elapsed_ms},
            state=draft.state,
            facts=[{"subject": fact.subject, "field": fact.field, "text": fact.text} for fact in draft.facts],
            prompt_tokens=turn.bill.prompt_tokens,
            completion_tokens=turn.bill.completion_tokens,
        )
        try:
            self._dialogs.save_reply(turn.turn_id, result)
        except NotFound:
            log.info("The dialog was forgotten while its answer was written; nothing is stored")
        except DatabaseUnavailable:
            log.exception("The reply could not be stored")
        visit = _visit(dialog)
        if visit is not None and plan.wish is not None:
            self._remembering.note(visit, plan.wish)


def _visit(dialog: Dialog) -> Visit | None:
    return Visit(dialog.visitor, dialog.opened_at) if dialog.visitor else None


def checked_message(message: str) -> str:
    """The message without outer blanks and control characters; raises `EmptyMessage` or `MessageTooLong`."""
    if len(message) > MESSAGE_LIMIT:
        raise MessageTooLong(MESSAGE_LIMIT)
    text = "".join(char for char in message if char.isprintable() or char in "\n\t").strip()
    if not text:
        raise EmptyMessage("the message is empty")
    return text


def pieces_of(text: str) -> list[str]:
    """A computed answer in pieces to stream: its lines, long ones by sentence; joined they are the text again."""
    found: list[str] = []
    for index, line in enumerate(text.split("\n")):
        parts = sentences(line) or [""]
        joined = [part if number == 0 else f" {part}" for number, part in enumerate(parts)]
        found += [("\n" if index else "") + joined[0], *joined[1:]]
    return found
