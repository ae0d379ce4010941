"""The check of generated sentences and the computed answers agree: every line that tells of a car passes the check."""

import re
from datetime import datetime
from typing import NamedTuple

from chains.claims import evidence_of, failure_of
from services import Services

MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")
_CAR_LINE = re.compile(r", .* — [\d ]+ ₽")
QUESTIONS = [
    *("Есть C 180?", "Какие седаны в наличии?", "Сколько у вас машин?", "Чёрные внедорожники до 20 млн"),
    *("Сколько стоит E 200?", "Расскажите подробно про C 180", "Покажи все машины", "Полный привод до 8 миллионов"),
    *("Do you have any SUVs?", "How much is the E 200?", "Show me black cars", "Tell me about the GLC 300"),
    *("Что есть в пути?", "Какие машины забронированы?", "Есть GLE на 7 мест?", "Maybach есть?"),
]  # fmt: skip


class Line(NamedTuple):
    """A line of a computed answer, and why the check would not show it."""

    question: str
    text: str
    failure: str | None


def checked_lines(services: Services, questions: list[str]) -> list[Line]:
    """Every line of the computed answers that gives a car with its figures, held against the facts of its turn."""
    vocabulary = services.planner.vocabulary()
    found = []
    for question in questions:
        plan = services.planner.plan("no-session", question, "ru", MONDAY_NOON, [])
        evidence = evidence_of(plan.draft, question, vocabulary)
        found += [
            Line(question, line, failure_of(line, evidence, plan.language, vocabulary))
            for line in plan.draft.text.splitlines()
            if _CAR_LINE.search(line)
        ]
    return found


def test_every_computed_line_about_a_car_passes_the_check(services: Services) -> None:
    lines = checked_lines(services, QUESTIONS)
    assert len(lines) >= len(QUESTIONS)
    assert [f"{line.failure}: {line.text}" for line in lines if line.failure] == []
