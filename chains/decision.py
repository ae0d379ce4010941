"""Which question a message is taken for."""

from dataclasses import dataclass
from typing import Literal

Intent = Literal[
    "inventory",
    "legend",
    "wiki",
    "hours",
    "contacts",
    "credit",
    "test_drive",
    "callback",
    "brochure",
    "smalltalk",
    "off_topic",
    "unknown",
]


@dataclass(frozen=True)
class Decision:
    """The intent of a message; `detail` says which small talk it is, or what is off topic.

    `confidence` is 0 to 1: 1 where a pattern decided, the model's probability where it did, for passages the share
    of the question that they cover.
    """

    intent: Intent
    detail: str = ""
    confidence: float = 1.0

    @property
    def by(self) -> Literal["rule", "model"]:
        """Who decided: a pattern, or the router's model and the likeness of passages."""
        return "rule" if self.confidence == 1 else "model"
