"""Staff's verdicts on answers, masked before they are kept: what is written about a dialog may name its visitor."""

from typing import Protocol

from stores.reviews import Review, Reviews

WORDS_LIMIT = 4000
"""Characters that a reason or a right answer may have."""


class Masker(Protocol):
    """What takes personal data out of a text, as the planner does with every message."""

    def masked(self, message: str) -> str:
        """The text as it may be stored."""


def flag_wrong(
    reviews: Reviews, masker: Masker, turn_id: str, *, reason: str, right_answer: str, reviewer: str
) -> Review:
    """Keep that an answer is wrong, why, and what would be right, both without personal data.

    Raises:
        ValueError: no reason is given, or a text is too long.
        TurnNotFound: there is no such answer.
    """
    reason, right_answer = reason.strip(), right_answer.strip()
    if not reason:
        raise ValueError("a reason is needed")
    if max(len(reason), len(right_answer)) > WORDS_LIMIT:
        raise ValueError(f"at most {WORDS_LIMIT} characters")
    return reviews.flag(
        turn_id,
        reason=masker.masked(reason),
        right_answer=masker.masked(right_answer) if right_answer else "",
        reviewer=reviewer,
    )
