"""From a message to a finished Draft, by code alone: mask, guard, split, read, search, route, compute."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chains import memory
from chains.answers import inventory, passages, price, salon_facts, service, smalltalk, unknown
from chains.answers.context import Data, Question
from chains.answers.recall import Recall
from chains.answers.traps import Traps
from chains.decision import Decision
from chains.forms.dialogs import Forms
from chains.forms.who import who_is
from chains.guard import Guard, Verdict
from chains.layout import retyped
from chains.merging import merge
from chains.model_reading import ModelReader
from chains.pressure import joined
from chains.privacy import Masked
from chains.query import Reading, only_names
from chains.remembered import Visit
from chains.reply import Draft, Language, Notice
from chains.reranking import Reranker
from chains.router import Router
from chains.segments import Segments, split
from chains.stopwatch import stage
from chains.text import language_of
from chains.texts import Texts
from chains.understanding import Before, Understanding, Understood, before, lend_car
from chains.vocabulary import Vocabulary
from chains.wishes import wish_of
from stores.cars import CarFilter
from stores.dialogs import Turn

_PHONE_ROUTES = {"callback", "unknown", "test_drive"}
_STOCK_ROUTES = {"inventory", "price"}
_BLOCKED_ROUTES = {"injection", "harmful"}
_NAME_WORDS = 8
# What stands for personal data, addresses, and labels as forms have them: they speak no language.
_NO_WORDS = re.compile(
    r"\[[^\]]*\]|\S*@\S*|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b|\b(?:phone|tel|mobile|e-?mail|mail|name|date|time|car|model)\s*[:=]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Plan:
    """A message made ready to be answered: the draft, what is said should it turn out to answer nothing, the masked
    message, what a model may see of the dialog, and the `wish` for cars that is worth remembering, if this was one.

    `stock` is the inventory version it was made with. A plan that is `about_stock` and nothing else stores nothing, so
    it may be made anew when that changes.
    """

    draft: Draft
    unknown: Draft
    masked: str
    language: Language
    history: memory.History
    wish: CarFilter | None = None
    stock: int = 0
    about_stock: bool = False


@dataclass(frozen=True)
class _Asked:
    """What all questions of one message have in common."""

    session_id: str
    texts: Texts
    now: datetime
    masked: Masked
    phone: str | None
    whole: bool
    """The message is one question."""
    visit: Visit | None
    forms: Forms


class Planner:
    """Makes drafts for one salon; thread-safe, and quick enough for a hundred a second."""

    def __init__(
        self,
        *,
        data: Data,
        router: Router,
        reranker: Reranker,
        guard: Guard,
        recall: Recall,
        traps: Traps,
        texts: dict[Language, Texts],
        forms: Forms,
        model_reader: ModelReader | None = None,
    ) -> None:
        self._data = data
        self.understanding = Understanding(
            data=data, router=router, reranker=reranker, model_reader=model_reader
        )
        self._guard = guard
        self._recall = recall
        self._traps = traps
        self.texts = texts
        self._forms = replace(forms, mask=self.understanding.mask)

    @property
    def zone(self) -> ZoneInfo:
        """The salon's time zone."""
        return self._data.salon.zone

    def masked(self, message: str) -> str:
        """The message without personal data, as it may be stored."""
        return self.understanding.mask(message).text

    def vocabulary(self) -> Vocabulary:
        """The vocabulary of the inventory version in force, built anew when that changes."""
        return self.understanding.vocabulary()

    def stock(self) -> int:
        """The inventory version in force."""
        return self._data.inventory.facets().version

    def warm_up(self) -> None:
        """Build now what the first question would otherwise wait seconds for: dictionaries, vocabulary, vectors."""
        self.understanding.warm_up()

    def plan(
        self,
        session_id: str,
        message: str,
        dialog_language: str,
        now: datetime,
        turns: Sequence[Turn],
        visit: Visit | None = None,
        *,
        replayed: bool = False,
    ) -> Plan:
        """The draft that answers `message` after `turns`, the last ones of the dialog.

        `now` is in the salon's time zone; `visit` is None for a visitor who is not remembered. A message that is
        `replayed` was answered elsewhere before: what it asked for is not stored a second time.
        """
        self._data.in_force.current()
        message = retyped(message)
        with self._data.inventory.at_one_version() as stock, self.understanding.parts_of(message):
            return self._plan(session_id, message, dialog_language, now, turns, visit, replayed, stock)

    def _plan(
        self,
        session_id: str,
        message: str,
        dialog_language: str,
        now: datetime,
        turns: Sequence[Turn],
        visit: Visit | None,
        replayed: bool,
        stock: int,
    ) -> Plan:
        language = self._language(message, turns, dialog_language)
        texts = self.texts[language]
        with stage("mask"):
            masked = self.understanding.mask(message)
        past = before(turns)
        with stage("guard"):
            verdict = self._judged(message, turns, language)
        if verdict.blocked:
            draft = _blocked(verdict, texts, past.state)
            return Plan(draft, draft, masked.text, language, memory.History("", []))

        by_rules: dict[str, Understood] = {}

        def probed(part: str) -> Understood:
            with stage("understand"):
                by_rules[part] = self.understanding.by_rules(session_id, part, texts, now, past)
            return by_rules[part]

        def understood(text: str, after: Before) -> Understood:
            known = by_rules.get(text) if after is past else None  # a part that was probed is not read again
            with stage("understand"):
                known = known or self.understanding.by_rules(session_id, text, texts, now, after)
            with stage("model_read"):
                return self.understanding.by_model(known)

        segments = split(message, probed)
        if self._traps.of(message) and not any(map(self._traps.of, segments.texts)):
            segments = Segments((message,))  # «обещайте, что банк одобрит» is a trap as a whole only
        phone = next((message[span.start : span.end] for span in masked.found if span.kind == "phone"), None)
        forms = replace(self._forms.replaying if replayed else self._forms, who=who_is(message, masked))
        whole = len(segments.texts) == 1
        asked = _Asked(session_id, texts, now, masked, phone, whole=whole, visit=visit, forms=forms)
        drafts = self._drafts(asked, segments.texts, past, understood)
        draft = merge(drafts)
        if segments.left_out:
            draft = replace(draft, text=f"{draft.text}\n\n{texts.say('unknown.left_out')}")
        nothing = draft
        if draft.prompt:  # only a model may find that nothing answers
            blank = Question(session_id, message, texts, now, Reading(), None, (), masked.text)
            nothing = unknown.answer(blank, self._data)
        dialog = memory.car_dialog(draft.state)
        summary = memory.summary_of(turns).after(draft, dialog, self._data.lexicon)
        state = {**past.state, "offer": None, "summary": summary.model_dump(mode="json")}
        draft, nothing = (replace(one, state={**state, **one.state}) for one in (draft, nothing))
        history = memory.history(turns, texts, self._data.lexicon)
        wish = wish_of(dialog.query.filter, self._data.lexicon) if dialog else None
        about_stock = draft.route in _STOCK_ROUTES and not masked.found and not draft.state.get("form")
        return Plan(draft, nothing, masked.text, language, history, wish, stock, about_stock)

    def _judged(self, message: str, turns: Sequence[Turn], language: Language) -> Verdict:
        """The guard's word on the message alone, and on what it says together with those before it."""
        verdict = self._guard.check_input(message, language)
        if verdict.blocked or not turns:
            return verdict
        return self._guard.check_joined(joined(turns, message), language)

    def wait_notice(self, message: str, now: datetime) -> Notice:
        """What a visitor is told who has waited long; with the offer of a call-back in opening hours."""
        texts = self.texts[language_of(message)]
        return Notice(texts.say("notice.wait"), offer_callback=self._data.salon.hours.is_open(now))

    def _language(self, message: str, turns: Sequence[Turn], dialog_language: str) -> Language:
        """The language of a message; one without words of its own (a number, a car's name) is in that of the last
        one that had some."""
        texts = [turn.question for turn in reversed(turns)]
        texts = texts if self._is_name(message) else [message, *texts]
        for text in texts:
            words = _NO_WORDS.sub(" ", text)
            if (found := language_of(words, "ru")) == language_of(words, "en"):
                return found
        return "en" if dialog_language == "en" else "ru"

    def _is_name(self, message: str) -> bool:
        """«Monjaro», «GLC Coupe», «bmw x5?», «G 500 vs G 63»: nothing but names of cars, which speak no language."""
        return len(message.split()) <= _NAME_WORDS and only_names(
            message, self.vocabulary(), self.understanding.is_other_brand
        )

    def _drafts(
        self,
        asked: _Asked,
        segments: Sequence[str],
        past: Before,
        understood: Callable[[str, Before], Understood],
    ) -> list[Draft]:
        """A draft for each question; what one leaves is known to the next. A form speaks once, and last; an open form
        that no question went on with is called to mind at the end."""
        drafts: list[Draft] = []
        lender: Question | None = None
        state, after = dict(past.state), past
        by_form: Draft | None = None
        question: Question | None = None
        for text in segments:
            question, decision = understood(text, after)
            question = lend_car(question, lender)
            lender = question if question.reading.names_a_car else lender
            about_memory = self._recall.is_about(text)
            with stage("answer"):
                step = None if about_memory else asked.forms.step(question, decision, state)
                draft = step or self._usual(asked, question, decision, after)
            by_form = step or by_form
            if step is None:
                drafts.append(draft)
            state |= draft.state
            after = Before(text, draft.route, state)
        if by_form is not None:
            drafts.append(by_form)
        elif question is not None:
            drafts[-1] = asked.forms.after_other_talk(question, drafts[-1], state)
        return drafts

    def _usual(self, asked: _Asked, question: Question, decision: Decision, past: Before) -> Draft:
        """The answer to a question that no form has taken."""
        question, decision, aside = self._recall.aside(question, decision, past, asked.visit)
        if aside is not None:
            return aside
        # Of several questions the one that holds the number leaves it; the others are answered.
        if (asked.phone and asked.phone in question.message) and (
            decision.intent in {"callback", "unknown", "inventory"}
            or past.route in _PHONE_ROUTES
            or (asked.whole and question.reading.words <= 6)
        ):
            left = asked.forms.calls.number_left(question, asked.phone, asked.masked.text, asked.forms.who)
            if decision.intent != "inventory" or not question.reading.has_constraints:
                return left
            return merge(
                [self._draft(question, decision), left]
            )  # «мой номер …, а есть GLB?» asks something too
        trap = self._traps.of(question.message)
        draft = self._traps.answer(question, self._data, trap) if trap else self._draft(question, decision)
        return replace(draft, state={**draft.state, "asked": decision.intent, "asked_by": decision.by})

    def _draft(self, question: Question, decision: Decision) -> Draft:
        if decision.detail == "clarify":
            return unknown.clarify(question, self._data)
        if decision.intent == "smalltalk":
            return smalltalk.answer(question, self._data, decision.detail)
        if decision.intent == "off_topic":
            return smalltalk.off_topic(question, self._data, decision.detail)
        if not any(char.isalnum() for char in question.message):
            return unknown.clarify(question, self._data)
        answers: dict[str, Callable[[Question, Data], Draft]] = {
            "inventory": inventory.answer,
            "legend": passages.legend,
            "wiki": passages.wiki,
            "hours": salon_facts.hours,
            "contacts": salon_facts.contacts,
            "credit": price.answer,
            "test_drive": service.test_drive,
            "callback": service.callback,
            "brochure": service.brochure,
            "unknown": unknown.answer,
        }
        return answers[decision.intent](question, self._data)


def _blocked(verdict: Verdict, texts: Texts, state: dict[str, Any]) -> Draft:
    """The stub for a message that the guard or a forbidden topic stopped."""
    reason = verdict.reason or "harmful"
    route = "forbidden" if reason.startswith("forbidden") else reason
    text = verdict.stub or texts.say(f"guard.{route}")
    return Draft(
        route=route if route in {"forbidden", *_BLOCKED_ROUTES} else "harmful",  # type: ignore[arg-type]  # literals of Route
        text=text,
        blocked=True,
        reason=reason,
        state=dict(state),
    )
