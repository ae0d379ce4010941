"""How the assistant did in a period: figures of its dialogs, and the same of the period before beside them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from chains import pilot
from stores.statistics import DialogFacts

GOOD_CSAT = 8
"""A mark of this or more, of ten, is a satisfied visitor."""
_PROMOTER, _PASSIVE = 9, 7


@dataclass(frozen=True)
class Period:
    """Days in the salon's time zone, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """As many days, right before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first moment and the one after its last."""
        begin = datetime(self.first.year, self.first.month, self.first.day, tzinfo=zone)
        after = self.last + timedelta(days=1)
        return begin, datetime(after.year, after.month, after.day, tzinfo=zone)


@dataclass(frozen=True)
class Figures:
    """The figures of a period. Shares are of dialogs in which something was asked; `unknown`, `blocked`, `worded` (by a
    language model), `wrong` and `routes` count questions. Times are milliseconds to an answer, `session_s` the median
    dialog in seconds. What nobody said is None.

    `alone` is the share that the assistant finished by itself: no call was asked for, and no question was left open.
    `nps` is the net promoter score, -100 to 100 (Reichheld, 2003).
    """

    dialogs: int
    questions: int
    alone: float | None
    callbacks: int
    callbacks_outside_hours: int
    bookings: int
    rated: int
    csat: float | None
    satisfied: float | None
    asked_nps: int
    nps: float | None
    p50_ms: float | None
    p95_ms: float | None
    session_s: float | None
    unknown: int
    blocked: int
    worded: int
    wrong: int
    prompt_tokens: int
    completion_tokens: int
    routes: Mapping[str, int]


def figures_of(facts: Sequence[DialogFacts]) -> Figures:
    """The figures of these dialogs; a dialog in which nothing was asked counts for nothing."""
    asked = [one for one in facts if one.turns]
    elapsed = [ms for one in asked for ms in one.elapsed_ms]
    marks = [one.csat for one in asked if one.csat is not None]
    promised = [one.nps for one in asked if one.nps is not None]
    routes: Counter[str] = Counter()
    for one in asked:
        routes.update(one.routes)
    return Figures(
        dialogs=len(asked),
        questions=sum(one.turns for one in asked),
        alone=_mean([_alone(one) for one in asked]),
        callbacks=sum(one.callback_requested for one in asked),
        callbacks_outside_hours=sum(one.callback_outside_hours for one in asked),
        bookings=sum(one.booking for one in asked),
        rated=len(marks),
        csat=_mean(marks),
        satisfied=_mean([mark >= GOOD_CSAT for mark in marks]),
        asked_nps=len(promised),
        nps=_mean([_promoter(mark) for mark in promised]),
        p50_ms=_quantile(elapsed, 0.5),
        p95_ms=_quantile(elapsed, 0.95),
        session_s=_quantile([one.seconds for one in asked], 0.5),
        unknown=sum(one.unknown for one in asked),
        blocked=sum(one.blocked for one in asked),
        worded=sum(one.llm_turns for one in asked),
        wrong=sum(one.wrong for one in asked),
        prompt_tokens=sum(one.prompt_tokens for one in asked),
        completion_tokens=sum(one.completion_tokens for one in asked),
        routes=dict(routes.most_common()),
    )


def compare(
    before: Sequence[DialogFacts],
    after: Sequence[DialogFacts],
    periods: tuple[Period, Period],
    zone: ZoneInfo,
) -> list[pilot.Comparison]:
    """Every figure of two periods with its test, p-values corrected for their number."""
    asked = [[fact for fact in facts if fact.turns] for facts in (before, after)]

    def share(name: str, holds: Callable[[DialogFacts], bool]) -> pilot.Comparison:
        return pilot.compare_shares(name, *([holds(fact) for fact in facts] for facts in asked))

    def quantile(name: str, quantile: float) -> pilot.Comparison:
        one, two = ([fact.elapsed_ms for fact in facts] for facts in asked)
        return pilot.compare_quantiles(name, one, two, quantile)

    marks = [[fact.csat for fact in facts if fact.csat is not None] for facts in asked]
    promised = [[_promoter(fact.nps) for fact in facts if fact.nps is not None] for facts in asked]
    days = (_by_day(facts, period, zone) for facts, period in zip(asked, periods, strict=True))
    return pilot.corrected(
        [
            pilot.compare_rates("dialogs_a_day", *days),
            share("alone", _alone),
            share("callbacks", lambda fact: fact.callback_requested),
            share("callbacks_outside_hours", lambda fact: fact.callback_outside_hours),
            share("bookings", lambda fact: fact.booking),
            pilot.compare_means("csat", *marks),
            pilot.compare_shares("satisfied", *([mark >= GOOD_CSAT for mark in some] for some in marks)),
            pilot.compare_means("nps", *promised),
            quantile("p50_ms", 0.5),
            quantile("p95_ms", 0.95),
            pilot.compare_means("session_s", *([fact.seconds for fact in facts] for facts in asked)),
        ]
    )


def dialogs_by_day(
    facts: Sequence[DialogFacts], period: Period, zone: ZoneInfo
) -> dict[date, tuple[int, int]]:
    """Dialogs and questions of each day of a period, days without any included."""
    found = dict.fromkeys(pilot.days_between(period.first, period.last), (0, 0))
    for fact in facts:
        day = fact.opened_at.astimezone(zone).date()
        if fact.turns and day in found:
            dialogs, questions = found[day]
            found[day] = dialogs + 1, questions + fact.turns
    return found


def by_hour(facts: Sequence[DialogFacts], zone: ZoneInfo) -> dict[int, tuple[int, int]]:
    """Dialogs and questions by the hour of the day in the salon, all 24."""
    dialogs = Counter(fact.opened_at.astimezone(zone).hour for fact in facts if fact.turns)
    questions = Counter(_local_hour(hour, zone) for fact in facts for hour in fact.asked_hours)
    return {hour: (dialogs[hour], questions[hour]) for hour in range(24)}


def _local_hour(hour: str, zone: ZoneInfo) -> int:
    return datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC).astimezone(zone).hour


def _by_day(facts: Sequence[DialogFacts], period: Period, zone: ZoneInfo) -> list[int]:
    return [dialogs for dialogs, _ in dialogs_by_day(facts, period, zone).values()]


def _alone(fact: DialogFacts) -> bool:
    return not fact.callback_requested and not fact.unknown


def _promoter(mark: int) -> int:
    return 100 if mark >= _PROMOTER else 0 if mark >= _PASSIVE else -100


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _quantile(values: Sequence[float], quantile: float) -> float | None:
    return float(np.quantile(values, quantile)) if values else None
