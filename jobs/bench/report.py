"""What a benchmark measured, as a table for a terminal and as JSON."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from jobs.bench.load import Crowd, Load


@dataclass(frozen=True)
class Measured:
    """One answer of one system. Times in seconds from the question; None when nothing came.

    `route` is what the system took the question for, where it tells; `error` why it broke off.
    """

    system: str
    kind: str
    question: str
    answer: str
    right: bool
    reason: str
    first_s: float | None
    whole_s: float | None
    route: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Summary:
    """The answers of one system. Times are taken over the answers that came; `failed` of them did not."""

    system: str
    asked: int
    right: int
    failed: int
    first_p50: float | None
    first_p95: float | None
    whole_p50: float | None
    whole_p95: float | None


def _percentile(values: Iterable[float | None], share: float) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.percentile(known, share)) if known else None


def summarise(system: str, results: Sequence[Measured]) -> Summary:
    """The figures of one system out of the results of all."""
    own = [result for result in results if result.system == system]
    return Summary(
        system=system,
        asked=len(own),
        right=sum(result.right for result in own),
        failed=sum(result.error is not None for result in own),
        first_p50=_percentile((result.first_s for result in own), 50),
        first_p95=_percentile((result.first_s for result in own), 95),
        whole_p50=_percentile((result.whole_s for result in own), 50),
        whole_p95=_percentile((result.whole_s for result in own), 95),
    )


def table(systems: Sequence[str], results: Sequence[Measured]) -> str:
    """Systems side by side: the times, then right answers by kind of question and in all."""
    summaries = [summarise(system, results) for system in systems]

    def seconds(value: float | None) -> str:
        return "-" if value is None else f"{value:.2f} s"

    rows = [
        ["first words, p50", *(seconds(summary.first_p50) for summary in summaries)],
        ["first words, p95", *(seconds(summary.first_p95) for summary in summaries)],
        ["whole answer, p50", *(seconds(summary.whole_p50) for summary in summaries)],
        ["whole answer, p95", *(seconds(summary.whole_p95) for summary in summaries)],
    ]
    for kind in dict.fromkeys(result.kind for result in results):
        per_system = [summarise(system, [r for r in results if r.kind == kind]) for system in systems]
        rows.append([f"right: {kind}", *(f"{summary.right} of {summary.asked}" for summary in per_system)])
    rows.append(
        ["right: all", *(f"{s.right} of {s.asked} ({s.right / max(s.asked, 1):.0%})" for s in summaries)]
    )
    if any(summary.failed for summary in summaries):
        rows.append(["broke off", *(str(summary.failed) for summary in summaries)])
    return _aligned([["", *systems], *rows])


def load_table(crowd: Crowd, ours: Load, plain: Load | None, retrieval: Sequence[float]) -> str:
    """What a crowd met with, in milliseconds: the assistant's computed answers by kind, then the plain chain's."""
    head = ["computed answers", "answers", "p50", "p95", "p99", "most", "seen p95"]
    rows = [head]
    for group in [*sorted({answer.group for answer in ours.answers}), "all"]:
        answers = [answer for answer in ours.answers if group in ("all", answer.group)]
        rows.append([f"this assistant: {group}", str(len(answers)), *_times([a.own_ms for a in answers])])
        rows[-1].append(_ms(_percentile([a.seen_ms for a in answers], 95)))
    if plain is not None:
        rows.append(
            ["plain chain: all", str(len(plain.answers)), *_times([a.own_ms for a in plain.answers]), "-"]
        )
    if retrieval:
        rows.append(["plain chain: search alone", str(len(retrieval)), *_times(retrieval), "-"])
    within = ours.histogram.share_within(0.1)
    notes = [
        f"{crowd.visitors} visitors for {crowd.seconds:.0f} s, {crowd.pause_s[0]:g}-{crowd.pause_s[1]:g} s between"
        f" questions; {os.cpu_count()} processors; milliseconds of the server's own, and as seen over HTTP",
        _aligned(rows),
        f"this assistant: {len(ours.errors)} errors, {ours.unfinished} unfinished"
        + (
            ""
            if within is None
            else f"; {within:.1%} of whole requests within 100 ms by the server's own histogram"
        )
        + ("" if ours.cpu is None else f"; {ours.cpu:.0%} of one processor")
        + (
            ""
            if ours.machine is None
            else f"; load average {ours.machine[0]:.1f}, then {ours.machine[1]:.1f}"
        ),
    ]
    if plain is not None:
        notes.append(
            f"plain chain: {len(plain.errors)} errors, {plain.unfinished} unfinished when the time was up"
        )
    notes += [f"  {error}" for error in dict.fromkeys(ours.errors[:3] + (plain.errors[:3] if plain else []))]
    return "\n\n".join(notes[:2]) + "\n\n" + "\n".join(notes[2:])


def load_json(ours: Load, plain: Load | None, retrieval: Sequence[float]) -> dict[str, Any]:
    """Everything that was measured under load."""
    return {
        "assistant": asdict(ours),
        "plain": asdict(plain) if plain else None,
        "plain_search_ms": list(retrieval),
    }


def _times(values: Sequence[float]) -> list[str]:
    return [_ms(_percentile(values, share)) for share in (50, 95, 99, 100)]


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        first, *others = row
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(lines)


def as_json(model: str | None, systems: Sequence[str], results: Sequence[Measured]) -> dict[str, Any]:
    """Everything that was measured, each answer included."""
    return {
        "model": model,
        "summary": [asdict(summarise(system, results)) for system in systems],
        "answers": [asdict(result) for result in results],
    }
