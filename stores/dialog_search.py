"""Finding dialogs again: one filter, one query, page by page.

A page costs the same wherever it lies in the list: it begins behind the last dialog of the page before (keyset), not
after so many skipped rows. What a filter says about answers must hold of one answer: «blocked» and «route price» finds
dialogs in which an answer about prices was blocked.

No word list of the texts is kept: what a filter says about answers is looked up dialog by dialog, the newest first, in
slices of `SLICE` dialogs, until the page is full or its time is over. A search for what is rare then shows how far
it has come, and goes on from there, however many dialogs there are.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Connection, Engine, and_, func, literal, or_, select
from sqlalchemy.sql import Select
from sqlmodel import col

from stores.database import looking_up
from stores.dialogs import Turn
from stores.models import BookingRow, CallbackRow, RatingRow
from stores.office import ReviewRow
from stores.table import Table
from stores.text_search import either_holds, words_of

PAGE = 25
SLICE = 4_000
"""Dialogs that one query looks into."""
PATIENCE_S = 2.0
"""How long a page is looked for; the slice under way is finished."""
MOST_TURNS = 300
_CHARACTERS = 200
_RECENT_TURNS = 5_000

_D = Table.metadata.tables["dialogs"]
_T = Table.metadata.tables["turns"]


class DialogFilter(BaseModel):
    """What is looked for; None and the empty text leave a thing open. All of it is data: no part becomes SQL.

    `since` (included) and `until` (not included) are about when a dialog was opened. Each word of `text` stands in the
    question or the answer, in any case of letters, as a part of a word too; «ё» and «е» are one. `rated_from` and
    `rated_to` are the visitor's mark, 1 to 10. `callback` is that a call or a test drive was asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: datetime | None = None
    until: datetime | None = None
    text: str = Field(default="", max_length=_CHARACTERS)
    route: str | None = None
    blocked: bool | None = None
    wrong: bool | None = None
    model: str | None = None
    by_model: bool | None = None
    rated_from: int | None = Field(default=None, ge=1, le=10)
    rated_to: int | None = Field(default=None, ge=1, le=10)
    callback: bool | None = None
    language: str | None = None
    kind: Literal["web", "api"] | None = None


class Cursor(NamedTuple):
    """The dialog behind which a page begins."""

    opened_at: datetime
    session_id: str


class DialogLine(BaseModel):
    """A dialog in the list. `question` is its first; `csat` is None where the visitor gave no mark."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    session_id: str
    kind: str
    language: str
    opened_at: datetime
    turns: int
    question: str | None
    blocked: int
    unknown: int
    wrong: int
    csat: int | None
    callback: bool


class StaffTurn(Turn):
    """A turn with what the visitor is not shown: the facts that the assistant knew, and the tokens that it cost."""

    facts: list[dict[str, Any]]
    prompt_tokens: int | None
    completion_tokens: int | None


class Mark(NamedTuple):
    """What the visitor thought of the dialog: 1-10, 0-10 or None, and their words."""

    csat: int
    nps: int | None
    comment: str


class DialogPage(NamedTuple):
    """Dialogs, newest first. `next` is where more may be, None at the end. `searched_to` is given where the search
    stopped before the page was full: everything opened since then has been looked at."""

    dialogs: tuple[DialogLine, ...]
    next: Cursor | None
    searched_to: datetime | None = None


class DialogSearch:
    """The list of dialogs. Each method may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(
        self, wanted: DialogFilter, after: Cursor | None = None, *, patience_s: float = PATIENCE_S
    ) -> DialogPage:
        """The next dialogs that fit, at most `PAGE`."""
        about_turns = _about_turns(wanted, self._engine.dialect.name)
        give_up = time.monotonic() + patience_s
        dialogs: list[DialogLine] = []
        with looking_up(self._engine) as connection:
            while True:
                scope, end = _scope(wanted, after), None
                if about_turns:
                    end = _end_of_slice(connection, scope)
                    scope = scope.where(_exists_turn(about_turns), *([_not_after(end)] if end else []))
                page = _newest_first(scope).limit(PAGE + 1 - len(dialogs))
                rows = connection.execute(_lines(page)).mappings()
                dialogs += [DialogLine.model_validate(dict(row)) for row in rows]
                if len(dialogs) > PAGE or end is None or time.monotonic() >= give_up:
                    break
                after = end
        if len(dialogs) > PAGE:
            last = dialogs[PAGE - 1]
            return DialogPage(tuple(dialogs[:PAGE]), Cursor(last.opened_at, last.session_id))
        return DialogPage(tuple(dialogs), end, end.opened_at if end else None)

    def line(self, session_id: str) -> DialogLine | None:
        """One dialog as the list shows it, None where there is none."""
        query = _lines(select(_D).where(_D.c.session_id == session_id))
        with looking_up(self._engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
        return DialogLine.model_validate(dict(row)) if row else None

    def turns(self, session_id: str) -> list[StaffTurn]:
        """The last turns of a dialog, a few hundred at most, in their order; none where there is no such dialog."""
        columns = (_T.c[name] for name in StaffTurn.model_fields)
        query = (
            select(*columns).where(_T.c.session_id == session_id).order_by(_T.c.id.desc()).limit(MOST_TURNS)
        )
        with looking_up(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return [StaffTurn.model_validate(dict(row)) for row in reversed(rows)]

    def turn(self, turn_id: str) -> StaffTurn | None:
        """One turn, None where there is none."""
        columns = (_T.c[name] for name in StaffTurn.model_fields)
        with looking_up(self._engine) as connection:
            row = connection.execute(select(*columns).where(_T.c.turn_id == turn_id)).mappings().one_or_none()
        return StaffTurn.model_validate(dict(row)) if row else None

    def rating(self, session_id: str) -> Mark | None:
        """The visitor's mark, None where there is none."""
        row = RatingRow
        query = select(col(row.csat), col(row.nps), col(row.comment)).where(col(row.session_id) == session_id)
        with looking_up(self._engine) as connection:
            found = connection.execute(query).one_or_none()
        return Mark(*found) if found else None

    def models(self) -> list[str]:
        """The models that had a part in one of the last answers, by name."""
        recent = select(_T.c.model).order_by(_T.c.id.desc()).limit(_RECENT_TURNS).subquery()
        query = select(recent.c.model).where(recent.c.model.is_not(None)).distinct().order_by(recent.c.model)
        with looking_up(self._engine) as connection:
            return list(connection.scalars(query))


def _scope(wanted: DialogFilter, after: Cursor | None) -> Select[Any]:
    """The dialogs that fit by what is known of each without its turns."""
    query = select(_D)
    conditions: list[ColumnElement[bool]] = []
    if wanted.since:
        conditions.append(_D.c.opened_at >= wanted.since)
    if wanted.until:
        conditions.append(_D.c.opened_at < wanted.until)
    if wanted.language:
        conditions.append(_D.c.language == wanted.language)
    if wanted.kind:
        conditions.append(_D.c.kind == wanted.kind)
    if wanted.rated_from is not None or wanted.rated_to is not None:
        conditions.append(_rated(wanted))
    if wanted.callback is not None:
        asked = or_(_has_callback(), _has_booking())
        conditions.append(asked if wanted.callback else ~asked)
    if wanted.wrong is not None:
        flagged = _D.c.session_id.in_(_flagged())
        conditions.append(flagged if wanted.wrong else ~flagged)
    if after is not None:
        conditions += [
            _D.c.opened_at <= after.opened_at,
            or_(_D.c.opened_at < after.opened_at, _D.c.session_id < after.session_id),
        ]
    return query.where(*conditions)


def _about_turns(wanted: DialogFilter, dialect: str) -> list[ColumnElement[bool]]:
    """What must hold of one turn."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.route:
        conditions.append(_T.c.route == wanted.route)
    if wanted.blocked is not None:
        conditions.append(_T.c.blocked.is_(wanted.blocked))
    if wanted.model:
        conditions.append(_T.c.model == wanted.model)
    if wanted.by_model is not None:
        conditions.append(_T.c.llm.is_(wanted.by_model))
    if wanted.wrong:
        conditions.append(_is_wrong())
    for word in words_of(wanted.text):
        conditions.append(either_holds(_T.c.question, _T.c.answer, word, dialect))
    return conditions


def _exists_turn(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    return select(literal(1)).where(_T.c.session_id == _D.c.session_id, *conditions).correlate(_D).exists()


def _flagged() -> Select[Any]:
    """The dialogs with an answer that is flagged wrong; there are few, so one looks them up from the flags."""
    row = ReviewRow
    flagged = select(_T.c.session_id).join(row, col(row.turn_id) == _T.c.turn_id)
    return flagged.where(col(row.wrong).is_(True)).correlate(None)


def _is_wrong() -> ColumnElement[bool]:
    row = ReviewRow
    return (
        select(literal(1))
        .where(col(row.turn_id) == _T.c.turn_id, col(row.wrong).is_(True))
        .correlate(_T)
        .exists()
    )


def _rated(wanted: DialogFilter) -> ColumnElement[bool]:
    csat = col(RatingRow.csat)
    bounds = [csat >= wanted.rated_from] if wanted.rated_from is not None else []
    bounds += [csat <= wanted.rated_to] if wanted.rated_to is not None else []
    return (
        select(literal(1)).where(col(RatingRow.session_id) == _D.c.session_id, *bounds).correlate(_D).exists()
    )


def _has_callback() -> ColumnElement[bool]:
    row = CallbackRow
    mine = and_(col(row.session_id) == _D.c.session_id, col(row.status) != "withdrawn")
    return select(literal(1)).where(mine).correlate(_D).exists()


def _has_booking() -> ColumnElement[bool]:
    return select(literal(1)).where(col(BookingRow.session_id) == _D.c.session_id).correlate(_D).exists()


def _newest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(_D.c.opened_at.desc(), _D.c.session_id.desc())


def _end_of_slice(connection: Connection, scope: Select[Any]) -> Cursor | None:
    """The last dialog of the slice with which the list begins, None when it holds all that are left."""
    keys = _newest_first(scope.with_only_columns(_D.c.opened_at, _D.c.session_id))
    row = connection.execute(keys.offset(SLICE - 1).limit(1)).one_or_none()
    return Cursor(*row) if row else None


def _not_after(end: Cursor) -> ColumnElement[bool]:
    """In the list, at the end of the slice or before it."""
    return and_(
        _D.c.opened_at >= end.opened_at,
        or_(_D.c.opened_at > end.opened_at, _D.c.session_id >= end.session_id),
    )


def _lines(page: Select[Any]) -> Select[Any]:
    """What the list shows of each dialog of a page, looked up for these few only."""
    d = page.subquery("d")

    def turns(*conditions: ColumnElement[bool]) -> Any:
        return (
            select(func.count())
            .select_from(_T)
            .where(_T.c.session_id == d.c.session_id, *conditions)
            .correlate(d)
            .scalar_subquery()
        )

    first = (
        select(_T.c.question)
        .where(_T.c.session_id == d.c.session_id)
        .order_by(_T.c.id)
        .limit(1)
        .correlate(d)
        .scalar_subquery()
    )
    mark = select(col(RatingRow.csat)).where(col(RatingRow.session_id) == d.c.session_id).correlate(d)
    call = select(literal(1)).where(
        col(CallbackRow.session_id) == d.c.session_id, col(CallbackRow.status) != "withdrawn"
    )
    drive = select(literal(1)).where(col(BookingRow.session_id) == d.c.session_id)
    return select(
        d.c.session_id,
        d.c.kind,
        d.c.language,
        d.c.opened_at,
        turns().label("turns"),
        first.label("question"),
        turns(_T.c.blocked.is_(True)).label("blocked"),
        turns(_T.c.route == "unknown").label("unknown"),
        turns(_is_wrong()).label("wrong"),
        mark.scalar_subquery().label("csat"),
        or_(call.correlate(d).exists(), drive.correlate(d).exists()).label("callback"),
    ).order_by(d.c.opened_at.desc(), d.c.session_id.desc())
