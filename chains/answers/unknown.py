"""No data answers the question: say so, offer what is there, promise nothing."""

from chains.answers.context import Data, Question
from chains.reply import Draft


def answer(question: Question, data: Data) -> Draft:
    """In opening hours a call-back is offered, otherwise the phone and the next opening."""
    return Draft(route="unknown", text=open_or_closed(question, data, "unknown", phone=data.salon.phone))


def clarify(question: Question, data: Data) -> Draft:
    """A message without a single letter or digit: what may be asked."""
    return Draft(route="unknown", text=question.texts.say("unknown.clarify", brand=data.salon.brand))


def open_or_closed(
    question: Question, data: Data, section: str, *, prefix: str = "", **values: object
) -> str:
    """`section.open` in opening hours, else `section.closed` with the next opening filled in."""
    hours = data.salon.hours
    if hours.is_open(question.now):
        return question.texts.say(f"{section}.{prefix}open", **values)
    opening = hours.next_opening(question.now)
    following = question.texts.moment(opening.astimezone(data.salon.zone), question.now) if opening else "—"
    return question.texts.say(f"{section}.{prefix}closed", next=following, **values)
