"""The brochure by mail: the address, then a consent of its own (38-FZ, article 18), and only then a request."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from chains.answers.context import Data, Question
from chains.forms.saying import Said
from chains.forms.state import Form, saved
from chains.forms.wording import promised
from chains.reply import Draft, Language, Source
from chains.texts import Texts
from stores.contacts import Contacts
from stores.mailings import Mailings

# «Buyer.example.com», «мой ящик buyer»: answers to the question for an address, yet none.
_MEANT_AS_ADDRESS = re.compile(
    r"(?:\W*(?:мой|моя|вот|это|на|адрес|ящик|почта|почту|мыло|мейл|мэйл|email|e-mail|mail|my|is|it's|address)\b\W+)+[a-z0-9][\w.-]*\W*"
    r"|\W*[a-z0-9][\w-]*(?:\s*(?:\.|\bточка\b|\bdot\b)\s*[a-z0-9][\w-]*)+\W*"
)


@dataclass(frozen=True)
class MailConsent:
    """The consent to receive mail in one language; `version` names the Russian text, which is the one that binds."""

    text: str
    version: str


def mail_consent(data: Data, texts: Mapping[Language, Texts], language: Language) -> MailConsent:
    """The text that a visitor is asked to agree to, with the salon filled in."""
    salon = data.salon
    filled = {
        name: spoken.say(
            "brochure.consent", legal_name=salon.legal_name or salon.name, salon=salon.name, email=salon.email
        )
        for name, spoken in texts.items()
    }
    return MailConsent(filled[language], hashlib.sha256(filled["ru"].encode()).hexdigest()[:12])


@dataclass(frozen=True)
class Brochures:
    """Fills in a request for the brochure; `sends` tells whether a mail server is set. With `replayed` nothing is
    stored but the address."""

    data: Data
    texts: Mapping[Language, Texts]
    contacts: Contacts
    mailings: Mailings
    sends: bool
    replayed: bool = False

    def begin(self, question: Question, said: Said) -> Draft:
        """Ask for the address, or with an address in the message for the consent."""
        form = Form(kind="brochure", stage="email")
        return self._addressed(question, form, said) or self._draft(question, "ask_email", form)

    def go_on(self, question: Question, form: Form, said: Said) -> Draft | None:
        """Take the address, or say that what stands for one is none; None when the message holds neither."""
        draft = self._addressed(question, form, said)
        if draft is None and form.stage == "email" and _MEANT_AS_ADDRESS.fullmatch(said.line):
            return self._draft(question, "bad_email", form.model_copy(update={"idle": 0}))
        return draft

    def _addressed(self, question: Question, form: Form, said: Said) -> Draft | None:
        if said.email:
            self.contacts.put(question.session_id, email=said.email)
            return self._ask_consent(question, form.model_copy(update={"stage": "consent", "idle": 0}))
        if said.address_like:
            return self._draft(question, "bad_email", form.model_copy(update={"stage": "email", "idle": 0}))
        return None

    def ask_consent_again(self, question: Question, form: Form) -> Draft:
        """«Ок» is no consent: what would be one."""
        return self._draft(question, "ask_clearly", form.model_copy(update={"idle": 0}))

    def agreed(self, question: Question) -> Draft:
        """Store the request with the consent, and say what happens next, no more."""
        email = self.contacts.get(question.session_id).email
        if email is None:  # taken back meanwhile
            return self._draft(question, "ask_email", Form(kind="brochure", stage="email"))
        consent = mail_consent(self.data, self.texts, question.texts.language)
        if not self.replayed:
            self.mailings.add(
                question.session_id,
                email,
                language=question.texts.language,
                consent_text=consent.text,
                consent_version=consent.version,
            )
        self.contacts.forget(question.session_id)
        draft = self._draft(question, "queued" if self.sends else "stored", None)
        return replace(draft, facts=(promised("brochure", draft.text),))

    def refused(self, question: Question) -> Draft:
        """No consent, no mail: the address is not kept."""
        self.contacts.forget(question.session_id)
        return self._draft(question, "refused", None)

    def lacks(self, question: Question, form: Form) -> str:
        """What is still missing, as one reminding line."""
        return question.texts.say(f"brochure.remind_{form.stage}")

    def _ask_consent(self, question: Question, form: Form) -> Draft:
        consent = mail_consent(self.data, self.texts, question.texts.language)
        return self._draft(question, "ask_consent", form, consent=consent.text)

    def _draft(self, question: Question, key: str, form: Form | None, **values: object) -> Draft:
        source = Source(kind="salon", title=question.texts.say("brochure.source"), ref="salon.toml")
        salon = self.data.salon
        text = question.texts.say(f"brochure.{key}", phone=salon.phone, email=salon.email, **values)
        return Draft(route="brochure", text=text, sources=(source,), state=saved(form))
