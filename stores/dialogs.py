"""Dialogs: opened with consent, asked and answered turn by turn, ended, rated."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine, bindparam, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.columns import utc_now
from stores.database import changing, looking_up, writing
from stores.errors import AlreadyRated, DialogEnded, DialogNotFound, TurnNotFound
from stores.models import ConsentRow, DialogRow, RatingRow, TurnRow, VisitorRow
from stores.salon import Consent
from stores.table import Table

Kind = Literal["web", "api"]
TurnStatus = Literal["pending", "answered", "interrupted"]


class Dialog(BaseModel):
    """A dialog. `visitor` is the token of a visitor who is remembered, `consent_version` the text agreed to; both
    may be None. `ended_at` is None while the dialog takes questions."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    kind: Kind
    language: str
    visitor: str | None
    consent_version: str | None
    opened_at: datetime
    last_at: datetime
    ended_at: datetime | None
    rated: bool


class TurnResult(BaseModel):
    """What a turn came to: the reply that the visitor got, and how it was made.

    `model` and `prompt_hash` are None where no language model had a part in it. `checks` tells what became of each
    sentence, `timings` how many milliseconds each stage took, `state` is what a follow-up needs, `facts` what was known
    (subject, field and words of each). All is JSON. The tokens are those that a model read and wrote, None without one.
    """

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    answer: str
    route: str
    blocked: bool = False
    reason: str | None = None
    cars: list[str] = Field(default_factory=list)
    cars_total: int = 0
    sources: list[dict[str, Any]] = Field(default_factory=list)
    notices: list[str] = Field(default_factory=list)
    llm: bool = False
    elapsed_ms: int = 0
    model: str | None = None
    prompt_hash: str | None = None
    checks: list[dict[str, Any]] = Field(default_factory=list)
    timings: dict[str, Any] = Field(default_factory=dict)
    state: dict[str, Any] = Field(default_factory=dict)
    facts: list[dict[str, Any]] = Field(default_factory=list)
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Turn(BaseModel):
    """A question with its answer. `answer` and `route` are None while `status` is pending, and stay so when it is
    interrupted: the process went away before the answer was finished."""

    model_config = ConfigDict(frozen=True, protected_namespaces=(), from_attributes=True)

    turn_id: str
    session_id: str
    status: TurnStatus
    question: str
    asked_at: datetime
    answered_at: datetime | None
    answer: str | None
    route: str | None
    blocked: bool
    reason: str | None
    cars: list[str]
    cars_total: int
    sources: list[dict[str, Any]]
    notices: list[str]
    llm: bool
    elapsed_ms: int
    model: str | None
    prompt_hash: str | None
    checks: list[dict[str, Any]]
    timings: dict[str, Any]
    state: dict[str, Any]


# What happens at every message is said in statements that are built once: building one takes as long as running it.
_TURNS, _DIALOGS = Table.metadata.tables["turns"], Table.metadata.tables["dialogs"]
_CONSENTS, _RATINGS = Table.metadata.tables["consents"], Table.metadata.tables["ratings"]
_DIALOG = select(
    *(_DIALOGS.c[name] for name in Dialog.model_fields if name in _DIALOGS.c),
    select(_CONSENTS.c.version)
    .where(_CONSENTS.c.session_id == _DIALOGS.c.session_id)
    .order_by(_CONSENTS.c.id.desc())
    .limit(1)
    .scalar_subquery()
    .label("consent_version"),
    select(_RATINGS).where(_RATINGS.c.session_id == _DIALOGS.c.session_id).exists().label("rated"),
).where(_DIALOGS.c.session_id == bindparam("session"))
_ENDED = select(_DIALOGS.c.ended_at).where(_DIALOGS.c.session_id == bindparam("session"))
_ENDED_LOCKED = _ENDED.with_for_update()
_TALKED = (
    _DIALOGS.update().where(_DIALOGS.c.session_id == bindparam("session")).values(last_at=bindparam("now"))
)
_TALKED_IN = (
    _DIALOGS.update()
    .where(
        _DIALOGS.c.session_id
        == select(_TURNS.c.session_id).where(_TURNS.c.turn_id == bindparam("turn")).scalar_subquery()
    )
    .values(last_at=bindparam("now"))
)
_LAST_TURNS = (
    select(*(_TURNS.c[name] for name in Turn.model_fields))
    .where(_TURNS.c.session_id == bindparam("session"))
    .order_by(_TURNS.c.id.desc())
)
_BLOCKED_AT = (
    select(_TURNS.c.asked_at)
    .where(
        _TURNS.c.session_id == bindparam("session"),
        _TURNS.c.blocked,
        _TURNS.c.reason.in_(bindparam("reasons", expanding=True)),
        _TURNS.c.asked_at >= bindparam("since"),
    )
    .order_by(_TURNS.c.id)
)
_ANSWERED = _TURNS.update().where(_TURNS.c.turn_id == bindparam("turn"))
_NO_ANSWER: dict[str, Any] = {
    **{"status": "pending", "blocked": False, "cars_total": 0, "llm": False, "elapsed_ms": 0},
    **{"cars": [], "sources": [], "notices": [], "checks": [], "timings": {}, "state": {}},
}


class Dialogs:
    """All dialogs. What a method returns from writing is committed; each may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def open(
        self,
        *,
        kind: Kind,
        language: str,
        consent: Consent | None,
        address: str | None,
        remember: bool,
        visitor: str | None,
    ) -> Dialog:
        """Begin a dialog and keep the proof of consent: time, network address, version of the text.

        With `remember` the visitor gets a token, unless `visitor` is one that is known. A token that is not known
        (any more) is taken for none: whoever was forgotten starts anew.
        """
        now = self._clock()
        session_id = uuid4().hex
        with writing(self._engine) as session:
            token = _visitor(session, visitor, remember=remember, now=now)
            session.add(
                DialogRow(
                    session_id=session_id,
                    kind=kind,
                    language=language,
                    visitor=token,
                    opened_at=now,
                    last_at=now,
                )
            )
            session.flush()
            if consent is not None:
                session.add(
                    ConsentRow(session_id=session_id, version=consent.version, address=address, given_at=now)
                )
        return Dialog(
            session_id=session_id,
            kind=kind,
            language=language,
            visitor=token,
            consent_version=consent.version if consent else None,
            opened_at=now,
            last_at=now,
            ended_at=None,
            rated=False,
        )

    def get(self, session_id: str) -> Dialog:
        """The dialog of this id, in one query. Raises `DialogNotFound`."""
        with looking_up(self._engine) as connection:
            found = connection.execute(_DIALOG, {"session": session_id}).one_or_none()
        if found is None:
            raise DialogNotFound(session_id)
        return Dialog(**found._mapping)

    def turns(self, session_id: str, *, last: int | None = None) -> list[Turn]:
        """The turns of a dialog, all or the `last` ones, in the order they were asked. Raises `DialogNotFound`."""
        query = _LAST_TURNS if last is None else _LAST_TURNS.limit(last)
        with looking_up(self._engine) as connection:
            rows = connection.execute(query, {"session": session_id}).mappings().all()
            if not rows and connection.execute(_ENDED, {"session": session_id}).one_or_none() is None:
                raise DialogNotFound(session_id)
        return [Turn.model_validate(dict(row)) for row in reversed(rows)]

    def blocked_at(self, session_id: str, reasons: Sequence[str], *, since: datetime) -> list[datetime]:
        """When the messages of a dialog were asked that were stopped for one of the reasons, the oldest first."""
        with looking_up(self._engine) as connection:
            asked = {"session": session_id, "reasons": list(reasons), "since": since}
            return list(connection.scalars(_BLOCKED_AT, asked))

    def add_question(self, session_id: str, masked_text: str) -> str:
        """Store a question, before anything is done about it, and give back the id of its turn.

        Raises:
            DialogNotFound: there is no such dialog, or it was forgotten.
            DialogEnded: it takes no more questions.
        """
        turn_id, now = uuid4().hex, self._clock()
        with changing(self._engine) as connection:
            dialog = connection.execute(_ENDED_LOCKED, {"session": session_id}).one_or_none()
            if dialog is None:
                raise DialogNotFound(session_id)
            if dialog.ended_at is not None:
                raise DialogEnded(session_id)
            connection.execute(_TALKED, {"session": session_id, "now": now})
            connection.execute(
                _TURNS.insert(),
                {
                    **_NO_ANSWER,
                    "turn_id": turn_id,
                    "session_id": session_id,
                    "question": masked_text,
                    "asked_at": now,
                },
            )
        return turn_id

    def save_reply(self, turn_id: str, result: TurnResult) -> None:
        """Store what a turn came to; a turn that was thought interrupted is answered after all.

        Raises:
            TurnNotFound: there is no such turn; its dialog may have been forgotten while it was answered.
        """
        now = self._clock()
        values = {**result.model_dump(mode="json"), "status": "answered", "answered_at": now}
        with changing(self._engine) as connection:
            if not connection.execute(_ANSWERED, {"turn": turn_id, **values}).rowcount:
                raise TurnNotFound(turn_id)
            connection.execute(_TALKED_IN, {"turn": turn_id, "now": now})

    def end(self, session_id: str) -> None:
        """End a dialog; ending it again changes nothing. Raises `DialogNotFound`."""
        with writing(self._engine) as session:
            dialog = _locked(session, session_id)
            dialog.ended_at = dialog.ended_at or self._clock()

    def rate(self, session_id: str, csat: int, nps: int | None = None, comment: str = "") -> None:
        """Store what the visitor thought of the dialog: `csat` 1-10, `nps` 0-10 or None.

        Raises:
            DialogNotFound: there is no such dialog.
            AlreadyRated: it was rated before; the first rating stays.
            ValueError: a number is out of its range.
        """
        if not 1 <= csat <= 10:
            raise ValueError(f"csat is 1 to 10, not {csat}")
        if nps is not None and not 0 <= nps <= 10:
            raise ValueError(f"nps is 0 to 10, not {nps}")
        with writing(self._engine) as session:
            _locked(session, session_id)
            if session.get(RatingRow, session_id) is not None:
                raise AlreadyRated(session_id)
            session.add(
                RatingRow(session_id=session_id, csat=csat, nps=nps, comment=comment, rated_at=self._clock())
            )

    def recover(self) -> int:
        """Mark turns that a crash left without an answer as interrupted, and tell how many there were.

        To be called at start. A turn that another process is still answering loses nothing: `save_reply` mends it.
        """
        left = col(TurnRow.status) == "pending"
        with writing(self._engine) as session:
            count = session.scalar(select(func.count()).select_from(TurnRow).where(left)) or 0
            session.execute(update(TurnRow).where(left).values(status="interrupted"))
        return count


def _locked(session: Session, session_id: str) -> DialogRow:
    """The dialog, which nobody else changes before this transaction ends."""
    dialog = session.get(DialogRow, session_id, with_for_update=True)
    if dialog is None:
        raise DialogNotFound(session_id)
    return dialog


def _visitor(session: Session, token: str | None, *, remember: bool, now: datetime) -> str | None:
    known = session.get(VisitorRow, token) if token else None
    if known is not None:
        known.seen_at = now
        return known.token
    if not remember:
        return None
    made = uuid4().hex
    session.add(VisitorRow(token=made, created_at=now, seen_at=now, memory={}))
    session.flush()
    return made
