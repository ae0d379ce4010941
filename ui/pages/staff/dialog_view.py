"""Dialogs as staff see them, as HTML: the list, and one of them with what the assistant knew at each answer.

Everything goes through templates that escape: what visitors write is shown letter by letter, and nothing of it is read
as Markdown, HTML or a formula.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment

from stores.dialog_search import DialogLine, DialogPage, Mark, StaffTurn
from stores.reviews import Review
from ui.pages.cards import safe_url
from ui.pages.texts import Texts

ROUTES = (
    "inventory",
    "price",
    "legend",
    "wiki",
    "test_drive",
    "callback",
    "brochure",
    "smalltalk",
    "off_topic",
    "unknown",
    "forbidden",
    "injection",
    "harmful",
)
_MOST_FACTS = 200
_MOMENTS = ("plan_ms", "first_ms", "total_ms")
_LEAST_MS = 0.5


class Stage(NamedTuple):
    """A stretch of time in the making of an answer; `start` and `width` are percent of the whole."""

    name: str
    ms: int
    start: float
    width: float


@dataclass(frozen=True)
class DialogView:
    """Renders in one language, with the salon's clock."""

    texts: Texts
    environment: Environment
    zone: ZoneInfo

    def found(self, page: DialogPage, chosen: str) -> str:
        """The dialogs of a page; `chosen` is the one that is open."""
        return self._render(
            "dialog_list",
            lines=[self._line(line) for line in page.dialogs],
            chosen=chosen,
            searched_to=self.moment(page.searched_to) if page.searched_to else None,
        )

    def dialog(
        self, line: DialogLine, turns: list[StaffTurn], reviews: Mapping[str, Review], mark: Mark | None
    ) -> str:
        """A whole dialog."""
        return self._render(
            "dialog",
            line=self._line(line),
            turns=[self._turn(turn, reviews.get(turn.turn_id)) for turn in turns],
            mark=mark,
        )

    def flagged(self, turn: StaffTurn) -> str:
        """The question and the answer that a verdict is about, short."""
        return self._render("flagged", question=turn.question, answer=turn.answer or "")

    def moment(self, at: datetime) -> str:
        """`21.11.2026 09:30`."""
        return f"{at.astimezone(self.zone):%d.%m.%Y %H:%M}"

    def route(self, name: str | None) -> str:
        """A route in words."""
        return self.texts(f"routes.{name}") if name in ROUTES else name or ""

    def _line(self, line: DialogLine) -> dict[str, Any]:
        return {**line.model_dump(), "opened_at": self.moment(line.opened_at)}

    def _turn(self, turn: StaffTurn, review: Review | None) -> dict[str, Any]:
        failed = [check for check in turn.checks if isinstance(check, dict) and "failure" in check]
        return {
            **turn.model_dump(exclude={"checks", "facts", "timings", "sources", "state"}),
            "route": self.route(turn.route),
            "asked_at": f"{turn.asked_at.astimezone(self.zone):%H:%M:%S}",
            "review": review,
            "reviewed_at": self.moment(review.at) if review else "",
            "checks": [(_text(check, "sentence"), _text(check, "failure")) for check in failed],
            "facts": _by_subject(turn.facts[:_MOST_FACTS]),
            "more_facts": max(0, len(turn.facts) - _MOST_FACTS),
            "sources": [
                {**source, "url": safe_url(source.get("url"))} for source in turn.sources if "title" in source
            ],
            "stages": self._stages(turn.timings),
            "first_ms": turn.timings.get("first_ms"),
        }

    def _stages(self, timings: Mapping[str, Any]) -> list[Stage]:
        """The stages one after the other; a name that nobody has put into words is shown as it is."""
        stretches = stages_of({name: ms for name, ms in timings.items() if isinstance(ms, int | float)})
        total = max(sum(stretches.values()), 1.0)
        stages: list[Stage] = []
        at = 0.0
        for name, ms in stretches.items():
            stages.append(Stage(self._stage(name), round(ms), at * 100 / total, ms * 100 / total))
            at += ms
        return stages

    def _stage(self, name: str) -> str:
        try:
            return self.texts(f"dialogs.stage_{name}")
        except KeyError:
            return name

    def _render(self, template: str, **values: object) -> str:
        return self.environment.get_template(f"staff/{template}.html").render(t=self.texts, **values)


def stages_of(times: Mapping[str, float]) -> dict[str, float]:
    """The milliseconds of each stage, in their order: those that were measured, the rest of the planning, the wording.

    `plan_ms`, `first_ms` and `total_ms` are not stages but moments since the message came.
    """
    stages = {name.removesuffix("_ms"): ms for name, ms in times.items() if name not in _MOMENTS}
    plan, total = times.get("plan_ms", 0.0), times.get("total_ms", 0.0)
    stages["rest"] = max(plan - sum(stages.values()), 0.0)
    stages["word"] = max(total - plan, 0.0)
    return {name: ms for name, ms in stages.items() if ms >= _LEAST_MS}


def _by_subject(facts: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """The facts of each subject (a car, the salon, the query), as name and words."""
    found: dict[str, list[tuple[str, str]]] = {}
    for fact in facts:
        found.setdefault(_text(fact, "subject"), []).append((_text(fact, "field"), _text(fact, "text")))
    return found


def _text(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name) or "")
