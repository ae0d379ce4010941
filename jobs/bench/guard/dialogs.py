"""The dialogs that staff have looked through, as labelled rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.bench.guard.columns import Remarks
from jobs.bench.guard.rows import Row
from stores.reviewed import ReviewedTurn, review_state, reviewed_turns

if TYPE_CHECKING:
    from sqlalchemy import Engine

_ATTACKS = ("injection", "harmful")


@dataclass(frozen=True)
class DialogSource:
    """The turns of dialogs with at least one verdict of staff. What staff passed over is taken for right, so this tells
    false alarms and, where they flag what slipped through, misses."""

    engine: "Engine"
    name: str = "dialogs"

    def fingerprint(self) -> str:
        """See `Source`."""
        return repr(review_state(self.engine))

    def rows(self, wrong: Remarks) -> Iterator[Row]:
        """See `Source`."""
        return (_row(turn, self.name) for turn in reviewed_turns(self.engine))


def _row(turn: ReviewedTurn, source: str) -> Row:
    """A block is an attack, unless staff call it wrong; what else is wrong with an answer, nobody can tell."""
    attack = turn.blocked and turn.reason in _ATTACKS
    label: str | None
    if turn.blocked and not attack:  # a forbidden topic is no attack
        label = "safe"
    elif turn.wrong:
        label = "safe" if attack else None
    else:
        label = "injection" if attack else "safe"
    return Row(
        prompt=turn.question,
        prompt_label=label,
        response=turn.answer,
        response_label=None if turn.wrong else "safe",
        response_refusal_label="refusal" if attack and not turn.wrong else None,
        model=turn.model,
        language="en" if turn.language == "en" else "ru",
        source=source,
        number=turn.id,
        turn_id=turn.turn_id,
    )
