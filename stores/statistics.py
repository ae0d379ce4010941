"""The figures of dialogs: computed alike from dialogs that are there and kept of those that retention destroyed."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import BindParameter, Connection, bindparam, select

from stores.models import BookingRow, CallbackRow, DialogRow, RatingRow, TurnRow
from stores.office import ReviewRow
from stores.table import table_of

IsOpen = Callable[[datetime], bool]
"""Whether the salon is open at an aware moment."""
BATCH = 500
"""Dialogs that are asked about in one query; SQLite takes no more than some thousand parameters."""


class DialogFacts(BaseModel):
    """The figures of one dialog, of which nothing leads back to a visitor.

    `opened_at` is the quarter of an hour in which it began: fine enough for every time zone's days. Lists have an
    entry for each turn, in order: `asked_hours` the hour (UTC, «2026-11-21T18»), `elapsed_ms` the time to answer, of
    answered turns only. `seconds` is from the first to the last word.

    `callback_requested` is that a number was left and not taken back, or a call was asked for while the salon was
    closed, when no number is taken; the latter alone is `callback_outside_hours`. `booking` is that a test drive was
    booked, cancelled or not.
    `wrong` counts the answers that staff flagged, `csat` and `nps` are None where the visitor gave none. The tokens
    are those of a language model, 0 where none had a part.
    """

    model_config = ConfigDict(frozen=True)

    opened_at: datetime
    kind: str
    language: str
    seconds: float = 0
    turns: int = 0
    blocked: int = 0
    unknown: int = 0
    llm_turns: int = 0
    asked_hours: list[str] = Field(default_factory=list)
    outside_hours_turns: int = 0
    callback_requested: bool = False
    callback_outside_hours: bool = False
    booking: bool = False
    csat: int | None = None
    nps: int | None = None
    routes: dict[str, int] = Field(default_factory=dict)
    elapsed_ms: list[int] = Field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    wrong: int = 0


_DIALOGS, _TURNS, _RATINGS = table_of(DialogRow), table_of(TurnRow), table_of(RatingRow)
_CALLBACKS, _BOOKINGS, _REVIEWS = table_of(CallbackRow), table_of(BookingRow), table_of(ReviewRow)
_SESSIONS: BindParameter[Any] = bindparam("sessions", expanding=True)
_OF_DIALOGS = (
    select(
        *(_DIALOGS.c[name] for name in ("session_id", "kind", "language", "opened_at", "last_at")),
        _RATINGS.c.csat,
        _RATINGS.c.nps,
        select(_CALLBACKS)
        .where(_CALLBACKS.c.session_id == _DIALOGS.c.session_id, _CALLBACKS.c.status != "withdrawn")
        .exists()
        .label("callback"),
        select(_BOOKINGS).where(_BOOKINGS.c.session_id == _DIALOGS.c.session_id).exists().label("booking"),
    )
    .join_from(_DIALOGS, _RATINGS, _RATINGS.c.session_id == _DIALOGS.c.session_id, isouter=True)
    .where(_DIALOGS.c.session_id.in_(_SESSIONS))
)
_FIGURES_OF_TURNS = (
    *("session_id", "status", "asked_at", "route", "blocked"),
    *("llm", "elapsed_ms", "prompt_tokens", "completion_tokens"),
)
_OF_TURNS = (
    select(*(_TURNS.c[name] for name in _FIGURES_OF_TURNS), _REVIEWS.c.wrong)
    .join_from(_TURNS, _REVIEWS, _REVIEWS.c.turn_id == _TURNS.c.turn_id, isouter=True)
    .where(_TURNS.c.session_id.in_(_SESSIONS))
    .order_by(_TURNS.c.id)
)


def facts_of(connection: Connection, session_ids: Sequence[str], is_open: IsOpen) -> dict[str, DialogFacts]:
    """The figures of the dialogs with these ids, by id and in their order; ids of none are left out.

    Two queries for each `BATCH`. Words are never read, so a thousand dialogs take some megabytes. `is_open` says which
    questions came outside opening hours: by the hours in force now, whatever they were then.
    """
    opened = _by_the_minute(is_open)
    found: dict[str, DialogFacts] = {}
    for start in range(0, len(session_ids), BATCH):
        asked = {"sessions": list(session_ids[start : start + BATCH])}
        tallies = {row.session_id: _Tally(row, opened) for row in connection.execute(_OF_DIALOGS, asked)}
        for row in connection.execute(_OF_TURNS, asked):
            # A dialog may have been opened between the two queries.
            if row.session_id in tallies:
                tallies[row.session_id].add(row)
        found.update((session_id, tally.facts()) for session_id, tally in tallies.items())
    return {session_id: found[session_id] for session_id in session_ids if session_id in found}


class _Tally:
    """The figures of one dialog while its turns are counted."""

    def __init__(self, dialog: Any, is_open: IsOpen) -> None:
        self._dialog = dialog
        self._is_open = is_open
        self._counts: Counter[str] = Counter()
        self._routes: Counter[str] = Counter()
        self._hours: list[str] = []
        self._elapsed: list[int] = []

    def add(self, turn: Any) -> None:
        """Count a turn."""
        outside = not self._is_open(turn.asked_at)
        self._hours.append(f"{turn.asked_at:%Y-%m-%dT%H}")
        if turn.status == "answered":
            self._elapsed.append(turn.elapsed_ms)
        if turn.route is not None:
            self._routes[turn.route] += 1
        self._counts.update(
            turns=1,
            blocked=bool(turn.blocked),
            unknown=turn.route == "unknown",
            llm_turns=bool(turn.llm),
            outside_hours_turns=outside,
            calls_outside_hours=outside and turn.route == "callback",
            wrong=bool(turn.wrong),
            prompt_tokens=turn.prompt_tokens or 0,
            completion_tokens=turn.completion_tokens or 0,
        )

    def facts(self) -> DialogFacts:
        """What the dialog came to."""
        dialog, counts = self._dialog, dict(self._counts)
        outside = counts.pop("calls_outside_hours", 0) > 0
        return DialogFacts(
            opened_at=quarter_hour(dialog.opened_at),
            kind=dialog.kind,
            language=dialog.language,
            seconds=round((dialog.last_at - dialog.opened_at).total_seconds(), 3),
            asked_hours=self._hours,
            callback_requested=dialog.callback or outside,
            callback_outside_hours=outside,
            booking=dialog.booking,
            csat=dialog.csat,
            nps=dialog.nps,
            routes=dict(self._routes),
            elapsed_ms=self._elapsed,
            **counts,
        )


def quarter_hour(moment: datetime) -> datetime:
    """The beginning of the quarter of an hour, in UTC."""
    return moment.astimezone(UTC).replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def _by_the_minute(is_open: IsOpen) -> IsOpen:
    """The same answers; asked once for each minute, for hours begin and end with minutes."""
    known: dict[datetime, bool] = {}

    def answer(at: datetime) -> bool:
        minute = at.replace(second=0, microsecond=0)
        if minute not in known:
            known[minute] = is_open(minute)
        return known[minute]

    return answer
