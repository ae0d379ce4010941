"""Call-backs and test drives as staff see them, as HTML: the queue, and one of them; every value is escaped."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment

from stores.requests import Counts, StaffRequest
from ui.pages.texts import Texts

LATE = timedelta(minutes=15)
"""How long a request may wait before that is told in red."""
_RUSSIAN = re.compile(r"\+7(\d{3})(\d{3})(\d{2})(\d{2})")
_BADGES = {"new": "new", "taken": "", "done": "good", "no_answer": "bad"}


def span(texts: Texts, wait: timedelta) -> str:
    """How long it is: «12 мин», «3 ч 5 мин», «1 дн 4 ч», from three days on «5 дн»."""
    minutes = int(wait.total_seconds()) // 60
    if minutes < 1:
        return texts("requests.moment")
    if minutes < 60:
        return texts("requests.minutes", minutes=minutes)
    hours, days = minutes // 60, minutes // (24 * 60)
    if hours < 24:
        return texts("requests.hours", hours=hours, minutes=minutes % 60)
    return (
        texts("requests.days", days=days) if days > 2 else texts("requests.day", days=days, hours=hours % 24)
    )


def _grouped(number: str) -> str:
    """A number as it is read out: +79000000017 → «+7 900 000-00-17»; one of another country as it is."""
    match = _RUSSIAN.fullmatch(number)
    return "+7 {} {}-{}-{}".format(*match.groups()) if match else number


@dataclass(frozen=True)
class RequestView:
    """Renders in one language, with the salon's clock."""

    texts: Texts
    environment: Environment
    zone: ZoneInfo

    def queue(self, requests: Sequence[StaffRequest], counts: Counts, chosen: str, *, empty: str) -> str:
        """The queue under its figures; `chosen` is the request that is open, `empty` what is said of none."""
        return self._render(
            "request_list",
            requests=[self._values(each) for each in requests],
            counts=counts,
            chosen=chosen,
            empty=empty,
        )

    def request(self, request: StaffRequest) -> str:
        """One request, without its number."""
        return self._render("request", each=self._values(request))

    def phone(self, number: str, *, revealed: bool) -> str:
        """The number as something to call, or masked."""
        if not revealed:
            return f'<p class="request-phone">{escape(number)}</p>'
        dialled = "".join(char for char in number if char.isdecimal() or char == "+")
        return f'<p class="request-phone"><a href="tel:{dialled}">{escape(_grouped(number))}</a></p>'

    def moment(self, at: datetime | None) -> str:
        """`21.11.2026 09:30`, nothing for none."""
        return f"{at.astimezone(self.zone):%d.%m.%Y %H:%M}" if at else ""

    def _values(self, request: StaffRequest) -> dict[str, Any]:
        drive = ""
        if request.car is not None:
            drive = self.texts(
                "requests.drive_at",
                car=request.car,
                when=self.moment(request.starts_at),
                minutes=request.minutes,
            )
        waits = request.state == "new"
        key = "requests.waits" if waits else "requests.waited"
        return {
            **request.model_dump(exclude={"key", "waited"}),
            "key": str(request.key),
            "what": self.texts(f"requests.{request.key.kind}", number=request.key.id),
            "badge": _BADGES[request.state],
            "state_text": self._state(request),
            "drive": drive,
            "waiting": self.texts(key, span=span(self.texts, request.waited)),
            "late": waits and request.waited >= LATE,
            "takeable": request.state in ("new", "no_answer") and not request.cancelled,
            "created_at": self.moment(request.created_at),
            "taken_at": self.moment(request.taken_at),
            "closed_at": self.moment(request.closed_at),
        }

    def _state(self, request: StaffRequest) -> str:
        if request.state == "taken":
            return self.texts("requests.state_taken", who=request.taken_by or "")
        return self.texts(f"requests.state_{request.state}")

    def _render(self, template: str, **values: object) -> str:
        return self.environment.get_template(f"staff/{template}.html").render(t=self.texts, **values)
