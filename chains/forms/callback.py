"""A call-back, asked for turn by turn: in opening hours only, since nobody keeps a promise made at night."""

import re
from dataclasses import dataclass

from chains.answers import service
from chains.answers.context import Data, Question
from chains.forms.saying import Said, as_e164
from chains.forms.state import Form, saved
from chains.forms.wording import promised
from chains.reply import Draft, Source
from stores.callbacks import Callbacks
from stores.contacts import Contacts

_COMMENT_CHARACTERS = 500
_MASKED = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True)
class Calls:
    """Fills in a request for a call. With `replayed` nothing is stored but the name."""

    data: Data
    callbacks: Callbacks
    contacts: Contacts
    replayed: bool = False

    def begin(self, question: Question, said: Said) -> Draft:
        """Ask for the number; with a number in the message, store the request at once."""
        form = Form(kind="callback", stage="phone", comment=_worth_keeping(said.masked))
        if not self.data.salon.hours.is_open(question.now):
            return self._closed(question)
        if said.phone:
            return self._store(question, form, said.phone, said.whose)
        self._keep_name(question, said)
        if said.number_like:
            return self.bad_number(question, form)
        draft = service.callback(question, self.data)
        return Draft(route="callback", text=draft.text, sources=draft.sources, state=saved(form))

    def go_on(self, question: Question, form: Form, said: Said) -> Draft | None:
        """Take the number, or a wish when to be called; None when the message holds neither."""
        if not self.data.salon.hours.is_open(question.now):
            return self._closed(question)
        if said.phone:
            return self._store(question, self._noted(form, said), said.phone, said.whose)
        self._keep_name(question, said)
        if said.number_like:
            return self.bad_number(question, form)
        if said.when.says_something or said.name:
            return self._draft(question, "noted", self._noted(form, said))
        return None

    def bad_number(self, question: Question, form: Form) -> Draft:
        """What was written is no telephone number."""
        return self._draft(question, "bad_number", form.model_copy(update={"idle": 0}))

    def number_left(self, question: Question, phone: str, comment: str, name: str | None) -> Draft:
        """A number written unasked: in opening hours a request for a call, outside them nothing is kept."""
        if not self.data.salon.hours.is_open(question.now):
            return self._closed(question)
        form = Form(kind="callback", stage="phone", comment=_worth_keeping(comment))
        return self._store(question, form, as_e164(phone), name)

    def withdraw(self, question: Question) -> Draft:
        """«Не надо звонить»."""
        self.contacts.forget(question.session_id)
        count = 0 if self.replayed else self.callbacks.withdraw(question.session_id)
        return self._draft(question, "withdrawn" if count else "dropped", None)

    def lacks(self, question: Question) -> str:
        """What is still missing, as one reminding line."""
        return question.texts.say("callback.remind")

    def _noted(self, form: Form, said: Said) -> Form:
        comment = "\n".join(filter(None, [form.comment, _worth_keeping(said.masked)]))[:_COMMENT_CHARACTERS]
        return form.model_copy(update={"comment": comment, "idle": 0})

    def _keep_name(self, question: Question, said: Said) -> None:
        if said.name:
            self.contacts.put(question.session_id, name=said.name)

    def _store(self, question: Question, form: Form, phone: str, name: str | None) -> Draft:
        if not self.replayed:
            if self.callbacks.is_waiting(question.session_id, phone):
                return self._draft(question, "stored_before", form.model_copy(update={"stage": "done"}))
            told = name or self.contacts.get(question.session_id).name or ""
            self.callbacks.add(question.session_id, phone, told, form.comment)
            self.contacts.forget(question.session_id)
        return self._draft(question, "stored", form.model_copy(update={"stage": "done", "comment": ""}))

    def _closed(self, question: Question) -> Draft:
        draft = service.callback(question, self.data)
        return Draft(route="callback", text=draft.text, sources=draft.sources, state=saved(None))

    def _draft(self, question: Question, key: str, form: Form | None) -> Draft:
        source = Source(kind="salon", title=question.texts.say("callback.source"), ref="salon.toml")
        text = question.texts.say(f"callback.{key}")
        facts = (promised("callback", text),) if form is not None and form.stage == "done" else ()
        return Draft(route="callback", text=text, facts=facts, sources=(source,), state=saved(form))


def _worth_keeping(masked: str) -> str:
    """What staff are to know of a message; nothing where it says no more than a number and a name."""
    return masked[:_COMMENT_CHARACTERS] if any(map(str.isalnum, _MASKED.sub("", masked))) else ""
