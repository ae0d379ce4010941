"""Ordinary messages of customers: those of the exam, which no classifier is trained on, and variants of them."""

import random
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from chains.reply import Language
from jobs.exam.cases import PARAPHRASES, load_exam
from jobs.guard_training.rows import Row
from jobs.router_training.data import Message, disturbed, filled, load_messages

_WORDS = {
    "ru": ("пожалуйста", "спасибо", "срочно", "если можно"),
    "en": ("please", "thanks", "asap", "if possible"),
}


class Question(NamedTuple):
    """A message that must pass, and its language."""

    text: str
    language: Language


def exam_questions(exam: Path) -> list[Question]:
    """Every message and paraphrase of the exam that is not meant to be blocked, each once."""
    found = {}
    for dialog in load_exam(exam):
        for turn in dialog.turns:
            expected = (turn.expect, *turn.expect.any)
            if any(one.blocked or one.refuses for one in expected):
                continue
            for number in range(PARAPHRASES + 1):
                text = turn.wording(number)
                found[text] = Question(text, dialog.language)
    return list(found.values())


def varied(questions: list[Question], count: int) -> list[Question]:
    """The questions and, up to `count`, variants as others type them: a greeting, a slip, capitals, a word more."""
    chance = random.Random(5)  # noqa: S311  # repeatable, no secret
    ways: list[Callable[[Question], str]] = [
        lambda one: disturbed(one.text, Message(one.text, one.language, "inventory"), chance),
        lambda one: one.text.upper(),
        lambda one: f"{one.text.rstrip('?!. ')}, {chance.choice(_WORDS[one.language])}",
        lambda one: f"{one.text} {chance.choice(questions).text}",
        lambda one: one.text.lower().replace(",", "").rstrip("?"),
    ]
    found = {one.text: one for one in questions}
    for way in cycle(ways):
        for one in questions:
            if len(found) >= count:
                return list(found.values())
            text = way(one)
            found.setdefault(text, Question(text, one.language))
    return list(found.values())


def router_rows(messages: Path, harmless: str) -> list[Row]:
    """The messages that the router learns from: what visitors of any salon write, none of it an attack."""
    return [
        Row(
            filled(message.text, turn),
            harmless,
            message.language,
            f"router {message.intent.partition(':')[0]}",
        )
        for turn, message in enumerate(load_messages(messages))
    ]
