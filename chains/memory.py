"""What of the dialog so far an answer may use: the last turns within a budget, and the cars shown last."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from chains.followup import CarDialog
from stores.dialogs import Turn

_TURNS = 2
_CHARACTERS = 300


def recent(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """The last answered turns as (question, answer), each cut to a budget that a small model can read quickly."""
    answered = [(turn.question, turn.answer) for turn in turns if turn.answer and not turn.blocked]
    return [(question[:_CHARACTERS], answer[:_CHARACTERS]) for question, answer in answered[-_TURNS:]]


def last_state(turns: Sequence[Turn]) -> dict[str, Any]:
    """What the last answered turn left for a follow-up; empty at the start of a dialog."""
    return next((dict(turn.state) for turn in reversed(turns) if turn.answer is not None), {})


def car_dialog(state: dict[str, Any]) -> CarDialog | None:
    """The last query about cars and what was shown, or None; a state that an older version left counts as none."""
    if "cars" not in state:
        return None
    try:
        return CarDialog.model_validate(state["cars"])
    except ValidationError:
        return None
