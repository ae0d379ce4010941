"""What forbidden topics would have done to the questions of the last days, before they are put in force."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine

from chains.guard import PASSED, Guard, Verdict, message_of
from chains.text import language_of
from chains.topic_guard import Topic
from stores.asked import Asked, asked_since, count_asked

DAYS = 7
MOST_QUESTIONS = 5_000
MOST_SHOWN = 100
_FORBIDDEN = "forbidden:"


class Judged(NamedTuple):
    """A question with the topic that decides: the one that would block it, or the one that no longer would."""

    asked: Asked
    topic: str
    why: str


class Preview(NamedTuple):
    """What would change.

    `looked_at` of `asked` questions, the newest ones, were judged. `newly_blocked` and `let_through` are the first
    of them, at most `MOST_SHOWN` each, newest first; the numbers beside count all. `blocked_still` are blocked by the
    topics in force and by those looked at.
    """

    asked: int
    looked_at: int
    newly_blocked: Sequence[Judged]
    newly_blocked_count: int
    let_through: Sequence[Judged]
    let_through_count: int
    blocked_still: int


def preview(
    engine: Engine,
    guard: Guard,
    topics: Sequence[Topic],
    in_force: Sequence[Topic],
    now: datetime,
    *,
    most: int = MOST_QUESTIONS,
    progress: Callable[[float], object] | None = None,
) -> Preview:
    """Judge the newest `most` questions of the last 7 days by `topics` and by those `in_force`.

    Stored questions are masked: a topic that is about a name is not seen in them. `progress` is told the share that
    is done, 0 to 1. Raises `DatabaseUnavailable`.
    """
    since = now - timedelta(days=DAYS)
    total = count_asked(engine, since)
    wanted, today = guard.judge_of(topics), guard.judge_of(in_force)
    blocked: list[Judged] = []
    passed: list[Judged] = []
    looked_at = still = blocked_count = passed_count = 0
    for page in asked_since(engine, since, most=most):
        for asked in page:
            looked_at += 1
            message = message_of(asked.question, language_of(asked.question))
            after, before = (judge.check(message) or PASSED for judge in (wanted, today))
            was_blocked = before.blocked or (asked.reason or "").startswith(_FORBIDDEN)
            if after.blocked and was_blocked:
                still += 1
            elif after.blocked and asked.reason is None:
                blocked_count += 1
                blocked += [_judged(asked, after)][: MOST_SHOWN - len(blocked)]
            elif was_blocked and not after.blocked:
                passed_count += 1
                passed += [_judged(asked, before)][: MOST_SHOWN - len(passed)]
        if progress is not None:
            progress(looked_at / max(1, min(total, most)))
    return Preview(total, looked_at, blocked, blocked_count, passed, passed_count, still)


def _judged(asked: Asked, verdict: Verdict) -> Judged:
    reason = verdict.reason or asked.reason or ""
    return Judged(asked, reason.removeprefix(_FORBIDDEN), verdict.evidence)
