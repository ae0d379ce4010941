"""Dialogs that fill in a form turn by turn (a test drive, a brochure by mail, a call-back): how they plug in."""

from typing import Any, Protocol

from chains.answers.context import Question
from chains.reply import Draft
from chains.router import Decision


class Forms(Protocol):
    """What the planner asks of forms. An open form is kept as JSON under `state["form"]`; None there closes it."""

    def step(self, question: Question, decision: Decision, state: dict[str, Any]) -> Draft | None:
        """The form's own answer to a routed question, or None when the question is to be answered as usual.

        `question.message` is what the visitor wrote, unmasked. What the form is to remember goes into the draft's
        `state`, which is laid over the dialog's.
        """

    def reminder(self, question: Question, state: dict[str, Any]) -> str:
        """What is put after a usual answer while a form is open («Продолжим запись?»); may be empty."""


class NoForms:
    """No dialog takes more than one turn."""

    def step(self, question: Question, decision: Decision, state: dict[str, Any]) -> Draft | None:
        """None: every question is answered as usual."""
        return None

    def reminder(self, question: Question, state: dict[str, Any]) -> str:
        """Nothing."""
        return ""
