"""The tables of the guard's benchmark: its runs, what was judged in them, and what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, UniqueConstraint
from sqlmodel import Field

from stores import table
from stores.columns import SafeText
from stores.table import Table


class GuardRunRow(Table, table=True):
    """One run. `status` is running, done or failed; `fingerprint` tells whether another run judges the same in the same
    way, so that what was broken off can be gone on with. `model` is who answered the prompts, if anybody did."""

    __tablename__ = "benchmark_runs"
    __table_args__ = (Index(None, "fingerprint"),)

    id: int | None = table.identity()
    status: str = table.text()
    fingerprint: str = table.text()
    guard_version: str = table.text()
    model: str | None = table.optional_text()
    sources: list[str] = table.json()
    started_at: datetime = table.moment()
    beat_at: datetime = table.moment()
    finished_at: datetime | None = table.optional_moment()
    host: str = table.text()
    pid: int
    rows: int
    losses: dict[str, Any] = table.json()
    figures: dict[str, Any] = table.json()


def _run(*, key: bool = False) -> Any:
    reference = ForeignKey("benchmark_runs.id", ondelete="CASCADE")
    return Field(sa_column=Column(Integer, reference, nullable=False, primary_key=key))


class MonitoringRow(Table, table=True):
    """A labelled prompt, answer, or both, and the guard's own labels of them (`guard_…`); `place` is its number in its
    run. A row that was made of a turn of the chat goes when that turn does."""

    __tablename__ = "benchmark_llm_monitoring"
    __table_args__ = (UniqueConstraint("run_id", "place"),)

    id: int | None = table.identity()
    run_id: int = _run()
    place: int
    prompt: str | None = table.optional_text()
    prompt_label: str | None = table.optional_text()
    response: str | None = table.optional_text()
    response_label: str | None = table.optional_text()
    response_refusal_label: str | None = table.optional_text()
    model: str | None = table.optional_text()
    language: str = table.text()
    source: str = table.text()
    prompt_length: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    response_length: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    look_alike: bool = Field(sa_column=Column(Boolean, nullable=False))
    guard_prompt_label: str | None = table.optional_text()
    guard_response_label: str | None = table.optional_text()
    guard_response_refusal_label: str | None = table.optional_text()
    guard_reason: str | None = table.optional_text()
    guard_evidence: str = table.text()
    error: str | None = table.optional_text()
    turn_id: str | None = Field(
        default=None,
        sa_column=Column(
            SafeText, ForeignKey("turns.turn_id", ondelete="CASCADE"), nullable=True, index=True
        ),
    )


def _figure() -> Any:
    return Field(default=None, sa_column=Column(Float, nullable=True))


class GuardScoreRow(Table, table=True):
    """How well a label was told in a run. `part` is all, language, source, model or look_alikes, `name` which one.

    `tp` are rows that are positive and were found so. Figures are None where they mean nothing; `low` and `high` are
    the 95 % interval of `f1`.
    """

    __tablename__ = "benchmark_scores"

    run_id: int = _run(key=True)
    label: str = table.key()
    part: str = table.key()
    name: str = table.key()
    n: int
    tp: int
    fp: int
    fn: int
    tn: int
    precision: float | None = _figure()
    recall: float | None = _figure()
    f1: float | None = _figure()
    low: float | None = _figure()
    high: float | None = _figure()
    false_alarm_rate: float | None = _figure()
