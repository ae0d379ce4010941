"""What an answer is made of, from computed facts to the events that a door passes on."""

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, Field

Language = Literal["ru", "en"]
Route = Literal[
    "inventory",
    "legend",
    "wiki",
    "price",
    "test_drive",
    "callback",
    "brochure",
    "smalltalk",
    "off_topic",
    "forbidden",
    "injection",
    "harmful",
    "unknown",
]


class Source(BaseModel):
    """Where a fact of the answer came from."""

    kind: Literal["inventory", "legend", "wiki", "salon"]
    title: str
    ref: str
    url: str | None = None


class Reply(BaseModel):
    """The whole answer to one message, as the HTTP contract defines it."""

    session_id: str
    turn_id: str
    answer: str
    route: Route
    blocked: bool = False
    reason: str | None = None
    cars: list[str] = Field(default_factory=list, max_length=5)
    cars_total: int = 0
    sources: list[Source] = Field(default_factory=list)
    notices: list[str] = Field(default_factory=list)
    llm: bool = False
    elapsed_ms: int = 0


@dataclass(frozen=True)
class Fact:
    """One computed fact: `field` of `subject` is `value`.

    `subject` is a car's stock_id, `salon`, `query` or a passage id; `text` is the wording that may be shown as it is.
    """

    subject: str
    field: str
    value: Any
    text: str


@dataclass(frozen=True)
class Draft:
    """What a route has found out: the facts, a finished computed wording, and what a model may add.

    `text` is always a complete answer by itself: it is what a visitor reads when no model is there or when what
    the model says does not hold. `prompt` names the prompt file with which a model may word the answer better;
    None means that the computed wording is as good. Unless `sure`, a model that finds no answer in `context` is
    believed. `state` is what a follow-up needs, as JSON.
    """

    route: Route
    text: str
    facts: tuple[Fact, ...] = ()
    sources: tuple[Source, ...] = ()
    cars: tuple[str, ...] = ()
    cars_total: int = 0
    notices: tuple[str, ...] = ()
    prompt: str | None = None
    context: str = ""
    sure: bool = True
    blocked: bool = False
    reason: str | None = None
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """Something to tell the visitor while the answer is on its way; `offer_callback` in opening hours only."""

    text: str
    offer_callback: bool = False


@dataclass(frozen=True)
class Token:
    """A piece of checked text (a sentence or a line), to be appended to what is shown."""

    text: str


@dataclass(frozen=True)
class Final:
    """The end of the stream. `reply.answer` replaces what was shown, should the two differ."""

    reply: Reply


Event = Notice | Token | Final
