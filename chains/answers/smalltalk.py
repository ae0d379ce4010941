"""Greetings, thanks, «вы бот?»: short human lines that lead back to cars; and the line back from other subjects."""

from chains.answers.context import Data, Question
from chains.reply import Draft


def answer(question: Question, data: Data, kind: str) -> Draft:
    """One line of small talk; `kind` is a key of the `smalltalk` section of the texts."""
    return Draft(
        route="smalltalk",
        text=question.texts.say(f"smalltalk.{kind}", salon=data.salon.name, brand=data.salon.brand),
    )


def off_topic(question: Question, data: Data, kind: str) -> Draft:
    """One polite line back to the subject; `kind` is a key of the `off_topic` section of the texts."""
    return Draft(
        route="off_topic",
        text=question.texts.say(f"off_topic.{kind}", salon=data.salon.name, brand=data.salon.brand),
    )
