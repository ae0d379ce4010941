"""Call-back, brochure and test drive as far as they are told; what is booked or stored, `chains.forms` does."""

import re

from chains.answers.context import Data, Question
from chains.answers.passages import best_passage, passage_source
from chains.answers.unknown import open_or_closed
from chains.reply import Draft, Source

_LEGEND_COVERAGE = 0.5
_BOOKING = re.compile(r"запи[сш]|заброн|хочу|хотел|book|sign me|i want|i'd like|schedule", re.IGNORECASE)


def callback(question: Question, data: Data) -> Draft:
    """In opening hours: how to leave a number. Outside them: when the salon opens, the phone; nothing is stored."""
    text = open_or_closed(question, data, "callback", phone=data.salon.phone)
    return Draft(route="callback", text=text, sources=(_contacts(question, "callback.source"),))


def brochure(question: Question, data: Data) -> Draft:
    """Where a brochure can be had, for a salon that has none to send."""
    text = question.texts.say("brochure.answer", phone=data.salon.phone, email=data.salon.email)
    return Draft(route="brochure", text=text, sources=(_contacts(question, "brochure.source"),))


def test_drive(question: Question, data: Data) -> Draft:
    """The rules from `salon.toml` and the brochure's own words; where `salon.toml` has none, booking is by phone."""
    texts, rules = question.texts, data.salon.test_drive
    passage = best_passage(question, kinds=("legend",), coverage=_LEGEND_COVERAGE)
    parts, sources = [], []
    if passage is not None and passage.language == texts.language:
        parts.append(passage.text)
        sources.append(passage_source(passage))
    if rules:
        key = "test_drive.short_rules" if parts else "test_drive.rules"
        years = texts.years(rules.min_driving_years)
        parts.append(texts.say(key, minutes=rules.slot_minutes, years=years))
        sources.append(
            Source(kind="salon", title=texts.say("test_drive.source"), ref="salon.toml#test_drive")
        )
    if not parts:
        parts.append(texts.say("test_drive.none"))
    if rules is None and _BOOKING.search(question.message):
        parts.append(open_or_closed(question, data, "test_drive", prefix="book_", phone=data.salon.phone))
    return Draft(route="test_drive", text="\n".join(parts), sources=tuple(sources))


def _contacts(question: Question, title: str) -> Source:
    return Source(kind="salon", title=question.texts.say(title), ref="salon.toml")
