"""What comes in and goes out over HTTP, as the contract names it. Types are strict: a number is no message."""

from datetime import datetime
from typing import Annotated, Any, Literal

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chains.reply import Source
from ui.http.errors import PhoneInvalid

_PHONE_REGION = "RU"


def _clean(text: str) -> str:
    """Text that every store and encoder takes: half a surrogate pair and NUL become the replacement character."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "\ufffd")


Text = Annotated[str, AfterValidator(_clean)]


class ProblemOut(BaseModel):
    """A problem document (RFC 9457). `errors` names the fields at fault, where that is what is wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": "A problem, told in the visitor's language.",
        "content": {"application/problem+json": {"schema": ProblemOut.model_json_schema()}},
    }
    for status in (422, "4XX", "5XX")  # 422 by itself too: else FastAPI documents its own shape
}


class In(BaseModel):
    """What a caller sends; unknown fields are passed over."""

    model_config = ConfigDict(strict=True)


class Out(BaseModel):
    """What we answer."""

    model_config = ConfigDict(from_attributes=True)


class SessionIn(In):
    """Opens a dialog. `consent` must be true; `consent_version` is the text the visitor has seen, if known."""

    consent: bool | None = None
    consent_version: Text | None = Field(default=None, max_length=64)
    remember: bool = False
    visitor: Text | None = Field(default=None, max_length=64, description="the token of a remembered visitor")


class SessionOut(Out):
    """An open dialog; `visitor` is the token to come back with, where the visitor asked to be remembered."""

    session_id: str
    visitor: str | None


class ChatIn(In):
    """A visitor's message."""

    session_id: Text
    message: Text = Field(description="at most 4,000 characters")
    stream: bool = Field(default=False, description="answer as `text/event-stream`: notice, token, reply")


class TurnOut(Out):
    """One question, as it was stored (personal data masked), and its answer once there is one."""

    turn_id: str
    status: Literal["pending", "answered", "interrupted"]
    asked_at: datetime
    question: str
    answered_at: datetime | None
    answer: str | None
    route: str | None
    blocked: bool
    reason: str | None
    cars: list[str]
    cars_total: int
    sources: list[Source]
    notices: list[str]
    llm: bool
    elapsed_ms: int


class TranscriptOut(Out):
    """A dialog so far."""

    session_id: str
    language: str
    opened_at: datetime
    ended_at: datetime | None
    turns: list[TurnOut]


class EndOut(Out):
    """The dialog has ended; whether to ask for a rating."""

    rating_requested: bool = True


class RatingIn(In):
    """What the visitor thought: `csat` 1-10, `nps` 0-10 or not answered."""

    csat: int = Field(ge=1, le=10)
    nps: int | None = Field(default=None, ge=0, le=10)
    comment: Text = Field(default="", max_length=4000)


class RatingOut(Out):
    """The rating as it was stored."""

    csat: int
    nps: int | None
    comment: str


class WishOut(Out):
    """What was looked for, in words and as the fields of a query of cars; `at` is when it was looked for last."""

    text: str
    at: datetime
    cars: dict[str, Any]


class VisitorOut(Out):
    """All that is remembered of a visitor; empty before they have looked for a car."""

    visitor: str
    wishes: list[WishOut]


class CallbackIn(In):
    """A request to be called."""

    session_id: Text
    phone: Text = Field(min_length=1, max_length=40)
    name: Text = Field(default="", max_length=100)
    comment: Text = Field(default="", max_length=1000)

    def e164(self) -> str:
        """The number as `+79161234567`; a number without a country is a Russian one. Raises `PhoneInvalid`."""
        try:
            number = phonenumbers.parse(self.phone, _PHONE_REGION)
        except phonenumbers.NumberParseException as error:
            raise PhoneInvalid("no number can be read") from error
        if not phonenumbers.is_valid_number(number):
            raise PhoneInvalid("no such number is in use")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class CallbackOut(Out):
    """The call-back is in the staff's list."""

    callback_id: int
    phone: str


class ConsentOut(Out):
    """The consent text in force; `version` changes with it."""

    text: str
    version: str


class SalonOut(Out):
    """What the salon offers at a moment; `next_opening` is the next time its doors open after it."""

    name: str
    open: bool
    offers: list[Literal["assistant", "callback"]]
    next_opening: datetime | None
    consent: ConsentOut


class ModelHealth(Out):
    """The language model: `mode` as set, `state` as it is."""

    mode: str
    model: str | None
    state: Literal["off", "downloading", "loading", "ready", "failed"]


class InventoryHealth(Out):
    """The show-case in force; `stale` while its source cannot be read."""

    version: int
    cars: int
    rejected: int
    refreshed_at: datetime | None
    stale: bool


class WikiHealth(Out):
    """The knowledge articles."""

    passages: int


class HealthOut(Out):
    """Whether the assistant can answer, and the state of its parts."""

    status: Literal["ok", "unavailable"]
    llm: ModelHealth
    inventory: InventoryHealth
    wiki: WikiHealth


class MessageIn(BaseModel):
    """One message of a completion request, as OpenAI clients send it."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[dict[str, Any]] | None = None


class StreamOptionsIn(BaseModel):
    """OpenAI's options of a stream."""

    include_usage: bool = False


class CompletionIn(BaseModel):
    """A completion request. What steers a bare model (temperature, tools, system text) has no say here."""

    model: Text
    messages: list[MessageIn]
    stream: bool = False
    stream_options: StreamOptionsIn | None = None
    n: int | None = Field(
        default=None, description="one answer is given, whatever is asked for above 1 is refused"
    )
