"""What the salon offers now, or at a given moment."""

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from ui.http.deps import LanguageDep, ServicesDep
from ui.http.errors import MomentInvalid
from ui.http.schemas import ConsentOut, SalonOut

router = APIRouter(prefix="/api", tags=["salon"])

# A plus sign that was not percent-encoded arrives as a space: 2026-11-21T12:30 03:00.
_LOST_PLUS = re.compile(r" (?=\d\d:?\d\d$)")


@router.get("/salon")
def salon(
    services: ServicesDep,
    language: LanguageDep,
    at: Annotated[str | None, Query(description="ISO 8601; without an offset, the salon's own time")] = None,
) -> SalonOut:
    """Opening hours, what is offered, and the consent text in the visitor's language."""
    consent = ConsentOut.model_validate(services.consent(language))
    hours = services.salon.hours
    try:
        moment = services.clock() if at is None else _moment(at, services.salon.zone)
        is_open = hours.is_open(moment)
        next_opening = hours.next_opening(moment)
    except (ValueError, OverflowError) as error:  # the calendar ends with the year 9999
        raise MomentInvalid(at or "") from error
    return SalonOut(
        name=services.salon.name,
        open=is_open,
        offers=["assistant", "callback"] if is_open else ["assistant"],
        next_opening=next_opening,
        consent=consent,
    )


def _moment(text: str, zone: object) -> datetime:
    text = text.strip()
    if "T" in text.upper():
        text = _LOST_PLUS.sub("+", text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)  # type: ignore[arg-type]
