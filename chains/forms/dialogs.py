"""All forms of a dialog: which one a message begins, goes on with, changes or closes; all else is answered as usual."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from chains.answers import service
from chains.answers.context import Data, Question
from chains.decision import Decision
from chains.forms.brochure import Brochures
from chains.forms.callback import Calls
from chains.forms.cars import names_car
from chains.forms.saying import Phrases, Said, extra_words, read_said
from chains.forms.state import PATIENCE, REMINDERS, Form, load, saved
from chains.forms.test_drive import Drives
from chains.privacy import Masked, mask
from chains.reply import Draft, Language, Source
from chains.segments import begins_asking
from chains.texts import Texts
from stores.bookings import Bookings
from stores.callbacks import Callbacks
from stores.contacts import Contacts
from stores.mailings import Mailings

_SHORT = 6
_ASKS = frozenset({"price", "count", "average", "details", "compare"})
_OTHER_TALK = frozenset({"credit", "contacts", "off_topic", "legend", "wiki"})
_EXTRA_WORDS = 2
_BARE = 3


@dataclass(frozen=True)
class Forms:
    """What the planner asks of forms; parts as opened by the services. See `chains/forms/state.py` for what is kept.

    `sends_mail` tells whether a mail server is set, `has_brochure` whether there is anything to send now. `replayed` is
    for the earlier part of a dialog that is held elsewhere: the forms run as they would have, yet nothing is booked or
    sent a second time. `mask` takes personal data out of what is kept for staff; the planner gives the salon's, to
    which its own contacts are none. `who` is the name told in the whole message.
    """

    data: Data
    phrases: Phrases
    texts: Mapping[Language, Texts]
    bookings: Bookings
    callbacks: Callbacks
    contacts: Contacts
    mailings: Mailings
    sends_mail: bool
    has_brochure: Callable[[], bool]
    replayed: bool = False
    mask: Callable[[str], Masked] = mask
    who: str | None = None

    @cached_property
    def replaying(self) -> "Forms":
        """The same forms, storing nothing."""
        return replace(self, replayed=True)

    @cached_property
    def drives(self) -> Drives | None:
        """Test drives; None where the salon has none."""
        rules = self.data.salon.test_drive
        return Drives(self.data, rules, self.bookings, self.contacts, self.replayed) if rules else None

    @cached_property
    def calls(self) -> Calls:
        """Call-backs."""
        return Calls(self.data, self.callbacks, self.contacts, self.replayed)

    @cached_property
    def brochures(self) -> Brochures:
        """The brochure by mail."""
        return Brochures(self.data, self.texts, self.contacts, self.mailings, self.sends_mail, self.replayed)

    def step(self, question: Question, decision: Decision, state: dict[str, Any]) -> Draft | None:
        """The form's own answer to a routed question, or None when the question is to be answered as usual.

        `question.message` is what the visitor wrote, unmasked. What the form is to remember goes into the draft's
        `state`, which is laid over the dialog's.
        """
        form = load(state)
        awaited = form is not None and form.is_open and (form.stage == "phone" or form.kind == "callback")
        awaited = (awaited and not names_car(question.reading)) or decision.intent == "callback"
        said = read_said(question, number_awaited=awaited, mask=self.mask, who=self.who)
        if decision.intent == "callback" and self._number_of_a_drive(form, said):
            decision = Decision("test_drive")
        if self.phrases.has("no_call", said.line) and not said.phone:
            return self.calls.withdraw(question)
        if form is not None and form.is_open:
            draft = self._go_on(question, decision, form, said)
            if draft is not None or not self._is_other_form(form, decision):
                return draft
        return self._change_of_booking(question, decision, form, said) or self._begin(
            question, decision, form, said
        )

    def after_other_talk(self, question: Question, draft: Draft, state: dict[str, Any]) -> Draft:
        """The usual answer given while a form is open, with one line that reminds of it, twice at most; after some
        more turns the form is dropped without a word."""
        form = load(state)
        if form is None:
            return draft
        form = form.model_copy(update={"idle": form.idle + 1})
        if form.idle > PATIENCE:
            if form.is_open and form.booking is None:
                self.contacts.forget(question.session_id)
            return replace(draft, state={**draft.state, **saved(None)})
        text = draft.text
        if form.is_open and form.idle <= REMINDERS and not draft.blocked:
            text = f"{text}\n\n{self._lacks(question, form)}"
        return replace(draft, text=text, state={**draft.state, **saved(form)})

    def _number_of_a_drive(self, form: Form | None, said: Said) -> bool:
        """«Тест-драйв в пятницу в 11, звоните на …»: the number is for the drive, not for a call."""
        awaited = form is not None and form.kind == "test_drive" and form.stage == "phone"
        named = self.phrases.has("drive", said.line) and said.when.says_something
        return said.phone is not None and (awaited or named)

    @staticmethod
    def _is_other_form(form: Form, decision: Decision) -> bool:
        """The visitor turns to another form: it takes the place of the one that is open."""
        return decision.intent in {"test_drive", "callback", "brochure"} - {form.kind}

    def _lacks(self, question: Question, form: Form) -> str:
        if form.kind == "callback":
            return self.calls.lacks(question)
        if form.kind == "brochure":
            return self.brochures.lacks(question, form)
        return self.drives.lacks(question, form) if self.drives else ""

    def _go_on(self, question: Question, decision: Decision, form: Form, said: Said) -> Draft | None:
        if self.phrases.has("close", said.line) and not said.phone and not said.email:
            return self._close(question, form)
        if form.kind == "callback":
            return self._go_on_with_call(question, decision, form, said)
        if form.kind == "brochure":
            return self._go_on_with_brochure(question, form, said)
        return self._go_on_with_drive(question, decision, form, said)

    def _close(self, question: Question, form: Form) -> Draft:
        """«Передумал»: nothing is kept, and a drive that is stored stays as it was."""
        if form.kind == "callback":
            return self.calls.withdraw(question)
        self.contacts.forget(question.session_id)
        if form.kind == "brochure":
            return self.brochures.refused(question)
        key = "change_dropped" if form.booking else "dropped"
        source = Source(
            kind="salon", title=question.texts.say("test_drive.source"), ref="salon.toml#test_drive"
        )
        text = question.texts.say(f"drive.{key}")
        return Draft(route="test_drive", text=text, sources=(source,), state=saved(None))

    def _go_on_with_call(
        self, question: Question, decision: Decision, form: Form, said: Said
    ) -> Draft | None:
        if said.phone or said.number_like:
            return self.calls.go_on(question, form, said)
        if self._is_other_talk(question, decision, said):
            return None
        draft = self.calls.go_on(question, form, said)
        lost = decision.intent in {"unknown", "callback"} or (
            decision.intent == "off_topic" and not said.is_question
        )
        return draft or (
            self.calls.bad_number(question, form) if lost and len(said.line.split()) <= _SHORT else None
        )

    def _go_on_with_brochure(self, question: Question, form: Form, said: Said) -> Draft | None:
        draft = self.brochures.go_on(question, form, said)
        if draft is not None or form.stage != "consent":
            return draft
        if self.phrases.has("no", said.line):
            return self.brochures.refused(question)
        if self.phrases.has("agree", said.line):
            return self.brochures.agreed(question)
        return (
            self.brochures.ask_consent_again(question, form) if self.phrases.has("yes", said.line) else None
        )

    def _go_on_with_drive(
        self, question: Question, decision: Decision, form: Form, said: Said
    ) -> Draft | None:
        drives, phrases = self.drives, self.phrases
        refuses = form.stage == "phone" and phrases.has("no_number", said.line)
        if drives is None or (decision.intent in {"brochure", "callback"} and not refuses):
            return None
        if self._cancels(said):
            mine = drives.mine(question)
            return (
                drives.cancel(question, self._meant(mine, said, form))
                if mine
                else self._close(question, form)
            )
        if phrases.has("mine", said.line) and drives.mine(question):
            return drives.tell_mine(question, form)
        steered = self._steered(question, form, said)
        if steered is not None:
            return steered
        if said.number_like and not said.phone:
            bad = question.texts.say("callback.bad_number")
            return drives.words.draft(question, bad, form.model_copy(update={"idle": 0}))
        car_meant = names_car(question.reading) or (form.stage == "car" and said.ordinal is not None)
        if said.phone:
            return drives.go_on(question, form, said, car_meant=car_meant)
        if self._is_other_talk(question, decision, said):
            return None
        any_will_do = form.stage == "car" and phrases.has("any", said.line)
        fills = (
            car_meant
            or any_will_do
            or said.when.says_something
            or said.name
            or decision.intent == "test_drive"
            or (form.stage in {"car", "time"} and said.ordinal is not None)
            or (form.stage == "car" and question.reading.phrasing.superlative)
        )
        if fills:
            return drives.go_on(question, form, said, any_will_do=any_will_do, car_meant=car_meant)
        lost = decision.intent in {"unknown", "off_topic", "inventory"} or phrases.has("yes", said.line)
        lost = lost or phrases.has("no", said.line)
        lost = lost or decision.detail == "clarify"
        lost = lost or (form.stage == "phone" and decision.intent in {"legend", "wiki"})
        if lost and len(said.line.split()) <= _SHORT and "?" not in question.message:
            if form.stage == "phone" and not phrases.has("yes", said.line):
                refused = phrases.has("no", said.line)
                bad = (
                    drives.words.say(question, "need_phone")
                    if refused
                    else question.texts.say("callback.bad_number")
                )
                return drives.words.draft(question, bad, form.model_copy(update={"idle": 0}))
            return drives.ask_anew(question, form, drives.words.say(question, "lost"))
        return None

    def _steered(self, question: Question, form: Form, said: Said) -> Draft | None:
        """«Другое время», «попозже», «нет», «да»: what steers the form without filling in anything."""
        drives, phrases = self.drives, self.phrases
        if drives is None:
            return None
        at_time = form.stage == "time" and form.stock_id is not None
        other_time = phrases.has("later", said.line) or phrases.has("earlier", said.line)
        if form.stock_id is None and other_time:
            return drives.ask_anew(question, form, "")
        refuses = phrases.has("no_number", said.line) or phrases.has("no", said.line)
        if form.stage == "phone" and refuses:
            return drives.words.draft(question, drives.words.say(question, "need_phone"), form)
        if phrases.has("bring", said.line):
            return drives.ask_anew(question, form, drives.words.bring(question))
        if phrases.has("swap", said.line) and not names_car(question.reading):
            return drives.other_car(question, form)
        if form.stock_id is not None:
            if phrases.has("later", said.line) or (at_time and phrases.has("no", said.line)):
                return drives.other_times(question, form, later=True)
            if phrases.has("earlier", said.line):
                return drives.other_times(question, form, earlier=True)
            if phrases.has("move", said.line) and not said.when.says_something:
                return drives.other_times(question, form)
        if at_time and phrases.has("free_times", said.line) and not said.when.says_something:
            return drives.ask_anew(question, form, "")
        if at_time and (phrases.has("yes", said.line) or phrases.has("any", said.line)) and form.offered:
            takes_any = len(form.offered) == 1 or phrases.has("any", said.line)
            if takes_any:
                chosen = form.model_copy(update={"starts_at": min(form.offered)})
                return drives.go_on(question, chosen, said)
            return drives.ask_anew(question, form, drives.words.say(question, "which_time"))
        return None

    def _change_of_booking(
        self, question: Question, decision: Decision, form: Form | None, said: Said
    ) -> Draft | None:
        """A stored drive cancelled, moved, given another car, or asked about."""
        drives, phrases = self.drives, self.phrases
        if drives is None:
            return None
        done = form is not None and form.kind == "test_drive" and form.stage == "done"
        revokes = done and form is not None and form.idle <= 1 and phrases.has("revoke", said.line)
        cancels = self._cancels(said) or (revokes and phrases.has("close", said.line))
        moves = phrases.has("move", said.line)
        swaps = phrases.has("swap", said.line)
        asks = phrases.has("mine", said.line)
        amends = done and self._amends(question, decision, said)
        corrects = decision.intent != "callback" or phrases.has("corrected", said.line)
        renumbers = done and said.phone is not None and corrects
        if done and phrases.has("bring", said.line):
            return drives.words.draft(question, drives.words.bring(question), form)
        if not (cancels or moves or swaps or asks or amends or renumbers):
            return None
        if amends and self.phrases.has("also", said.line) and names_car(question.reading):
            return drives.go_on(question, Form(kind="test_drive", stage="offer"), said)
        mine = drives.mine(question)
        if not mine:
            if not (cancels or asks) or phrases.has("service", said.line):
                return None
            return drives.words.draft(question, drives.words.say(question, "no_booking"), None)
        booking = self._meant(mine, said, form if done else None)
        if cancels:
            return drives.cancel(question, booking)
        if asks:
            return drives.tell_mine(question, form)
        if said.phone and renumbers and not names_car(question.reading):
            return drives.renumber(question, booking, said.phone, form)
        change = drives.of_booking(booking)
        if swaps and not names_car(question.reading):
            return drives.other_car(question, change)
        if not said.when.says_something and not names_car(question.reading):
            if phrases.has("later", said.line) or phrases.has("earlier", said.line) or moves:
                return drives.other_times(question, change, earlier=phrases.has("earlier", said.line))
            return None
        return drives.go_on(question, change, said, car_meant=names_car(question.reading))

    def _cancels(self, said: Said) -> bool:
        """«Отмени запись»; «в среду не получится, давайте в четверг» cancels nothing."""
        moves = said.when.says_something and self.phrases.has("instead", said.line)
        return self.phrases.has("cancel_booking", said.line) and not moves

    def _amends(self, question: Question, decision: Decision, said: Said) -> bool:
        """Right after a booking: «лучше в 15:00», «а попозже можно?», «давайте лучше E 200»."""
        if self._is_other_talk(question, decision, said):
            return False
        if self.phrases.has("later", said.line) or self.phrases.has("earlier", said.line):
            return True
        # «завтра позвоню» is no wish to drive tomorrow
        plain = not extra_words(question, said) or self.phrases.has("instead", said.line)
        dated = said.when.has_time or bool(said.when.days) or said.when.shift is not None
        return plain and (dated or (self.phrases.has("instead", said.line) and names_car(question.reading)))

    def _meant(self, mine: list[Any], said: Said, form: Form | None) -> Any:
        """Which of several drives a message is about: by day or car named, else the one booked or changed last."""
        zone = self.data.salon.zone
        for booking in mine:
            if said.when.days and booking.starts_at.astimezone(zone).date() in said.when.days:
                return booking
        for booking in mine:
            if form is not None and form.booking == booking.id:
                return booking
        return mine[0]

    def _begin(self, question: Question, decision: Decision, form: Form | None, said: Said) -> Draft | None:
        """A form that a message begins."""
        if decision.intent == "callback":
            return self.calls.begin(question, said)
        if decision.intent == "brochure" and self.has_brochure():
            return self.brochures.begin(question, said)
        if self.drives is None:
            return None
        new = Form(kind="test_drive", stage="offer")
        offered = form is not None and form.kind == "test_drive" and form.stage == "offer"
        if offered and decision.intent not in {"callback", "brochure"}:
            takes_up = self.phrases.has("yes", said.line) or (
                (names_car(question.reading) or said.when.says_something or said.ordinal is not None)
                and not self._is_other_talk(question, decision, said)
            )
            if takes_up:
                return self.drives.go_on(question, new, said)
        if self._asks_for_drive(question, decision, said):
            return self.drives.go_on(question, new, said)
        if decision.intent == "test_drive":
            rules = service.test_drive(question, self.data)
            text = f"{rules.text} {question.texts.say('test_drive.offer')}"
            return replace(rules, text=text, state=saved(new))
        return None

    def _asks_for_drive(self, question: Question, decision: Decision, said: Said) -> bool:
        """The visitor wants to drive, and does not just ask how it is done."""
        books = self.phrases.has("book", said.line)
        particular = names_car(question.reading) or said.when.says_something or bool(said.phone)
        if decision.intent == "test_drive":
            if self.phrases.has("rules", said.line) and not (books and particular):
                return False
            bare = len(said.line.split()) <= _BARE and "?" not in question.message
            return books or particular or (bare and not begins_asking(question.message))
        known = decision.intent in {"inventory", "unknown", "off_topic", "legend"}
        signs_up = self.phrases.has("sign_up", said.line) and not self.phrases.has("service", said.line)
        return signs_up and known and particular

    def _is_other_talk(self, question: Question, decision: Decision, said: Said) -> bool:
        """The message asks something else, though it may name a day or a car."""
        phrasing, intent = question.reading.phrasing, decision.intent
        if decision.detail == "clarify":  # nothing that the router is sure of
            return False
        if intent == "hours":
            return self.phrases.has("hours", said.line)
        if intent == "smalltalk":
            return not (said.when.says_something or names_car(question.reading) or said.name)
        if intent == "test_drive":
            asks_rules = self.phrases.has("rules", said.line)
            return asks_rules and not (said.when.has_time or self.phrases.has("book", said.line))
        if intent == "inventory":
            if phrasing.ask in _ASKS:
                return True
            return phrasing.ask == "availability" and not said.when.says_something
        if intent in _OTHER_TALK:
            if not said.when.says_something and not names_car(question.reading) and said.ordinal is None:
                return "?" in question.message or said.is_question or begins_asking(question.message)
            return said.is_question or extra_words(question, said) > _EXTRA_WORDS
        return False
