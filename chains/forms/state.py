"""What is remembered of an open form between turns, as JSON in the turn's state: no personal data among it."""

from datetime import date, datetime, time
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from chains.forms.when import When

Kind = Literal["test_drive", "callback", "brochure"]
Stage = Literal["offer", "car", "time", "phone", "done", "email", "consent"]
PATIENCE = 8
"""Turns of other talk after which a form is dropped."""
REMINDERS = 2
"""Reminders in a row; then the visitor is left in peace."""


class Form(BaseModel):
    """An open form: what was filled in, what is asked (`stage`), what was offered.

    `booking` is the test drive that a change is about. `idle` counts the turns of other talk since the last answer to
    the form, `comment` is what staff are to know of a call-back, masked. A phone or an e-mail is in `Contacts`, never
    here.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Kind
    stage: Stage
    stock_id: str | None = None
    choices: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    exact: time | None = None
    either_half: bool = False
    earliest: time | None = None
    latest: time | None = None
    starts_at: AwareDatetime | None = None
    offered: tuple[AwareDatetime, ...] = ()
    booking: int | None = None
    comment: str = ""
    idle: int = 0

    @property
    def is_open(self) -> bool:
        """The form waits for an answer; an offer and a finished form wait for none."""
        return self.stage not in {"offer", "done"}

    @property
    def wish(self) -> When:
        """The date and time wished for so far."""
        return When(self.days, self.exact, self.either_half, self.earliest, self.latest)

    def with_wish(self, said: When) -> "Form":
        """The wish amended: a new day keeps the time, a new time keeps the day, unless it is named with one."""
        update: dict[str, object] = {"starts_at": None}
        if said.days:
            update["days"] = said.days
        if said.soonest:
            update |= {"days": said.days, "exact": None, "earliest": None, "latest": None}
        if said.has_time:
            update |= {
                "exact": said.exact,
                "either_half": said.either_half,
                "earliest": said.earliest,
                "latest": said.latest,
            }
        return self.model_copy(update=update)


def load(state: dict[str, Any]) -> Form | None:
    """The form of a dialog's state; None when there is none, or one that an older version left."""
    try:
        return Form.model_validate(state["form"]) if state.get("form") else None
    except ValidationError:
        return None


def saved(form: Form | None) -> dict[str, Any]:
    """What to lay over a dialog's state."""
    return {"form": form.model_dump(mode="json", exclude_defaults=True) if form else None}


def moments(form: Form) -> list[datetime]:
    """The times offered last, in order."""
    return sorted(form.offered)
