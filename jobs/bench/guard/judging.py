"""What the guard thinks of rows: in this process, or in several that each have a guard of their own."""

import logging
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from jobs.bench.guard.rows import Row

if TYPE_CHECKING:
    from chains.answer_guard import AnswerVerdict
    from chains.guard import Guard

log = logging.getLogger(__name__)


class Judgement(NamedTuple):
    """The guard's own three labels of a row, None where there is no text or the label cannot be told.

    `reason` and `evidence` say why a prompt or an answer was blocked; `error` why a row could not be judged.
    """

    prompt_label: str | None = None
    response_label: str | None = None
    response_refusal_label: str | None = None
    reason: str | None = None
    evidence: str = ""
    error: str | None = None


class Judged(NamedTuple):
    """A row, and what the guard says."""

    row: Row
    judgement: Judgement


Judge = Callable[[Sequence[Row]], list[Judgement]]


def open_judge() -> Judge:
    """What judges rows with the guard that visitors meet, but for the forbidden topics of a salon."""
    from parts import NoTopics, open_guard

    guard = open_guard(NoTopics())
    return lambda rows: judge_rows(guard, rows)


def judge_rows(guard: "Guard", rows: Sequence[Row]) -> list[Judgement]:
    """The judgements of rows, in their order. A row that fails has `error`; the others are judged all the same."""
    found = [_safely(row, partial(_prompt, guard, row)) for row in rows]
    answered = [place for place, row in enumerate(rows) if row.response is not None]
    for place, judgement in zip(answered, _answers(guard, [rows[place] for place in answered]), strict=True):
        found[place] = _both(found[place], judgement)
    return found


def _prompt(guard: "Guard", row: Row) -> Judgement:
    """Any block counts as finding an injection: a harmful request in a wrapping may be blocked for its harm."""
    if row.prompt is None or row.ask:
        return Judgement()
    verdict = guard.check_input(row.prompt, row.language)
    label = "injection" if verdict.blocked else "safe"
    return Judgement(label, reason=verdict.reason, evidence=verdict.evidence)


def _answers(guard: "Guard", rows: Sequence[Row]) -> list[Judgement]:
    """The answers of rows that have one; all at once, and one by one where that fails."""
    pairs = [(row.prompt or "", row.response or "") for row in rows]
    try:
        verdicts = guard.judge_answers(pairs)
    except Exception:
        if len(rows) == 1:
            return [_safely(rows[0], lambda: _answer(guard, rows[0], guard.judge_answer(*pairs[0])))]
        return [judgement for row in rows for judgement in _answers(guard, [row])]
    return [
        _safely(row, partial(_answer, guard, row, verdict))
        for row, verdict in zip(rows, verdicts, strict=True)
    ]


def _answer(guard: "Guard", row: Row, verdict: "AnswerVerdict") -> Judgement:
    shown = guard.check_words(row.response or "")
    harm, refusal = verdict.harm or shown.blocked, verdict.refusal
    return Judgement(
        response_label="harm" if harm else "safe",
        response_refusal_label="refusal" if refusal else "compliance",
        reason=shown.reason or ("harmful_answer" if harm else None),
        evidence=shown.evidence or verdict.evidence,
    )


def _both(prompt: Judgement, answer: Judgement) -> Judgement:
    return Judgement(
        prompt.prompt_label,
        answer.response_label,
        answer.response_refusal_label,
        prompt.reason or answer.reason,
        "; ".join(part for part in (prompt.evidence, answer.evidence) if part),
        prompt.error or answer.error,
    )


def _safely(row: Row, judge: Callable[[], Judgement]) -> Judgement:
    try:
        return judge()
    except Exception as error:
        log.warning("%s, row %d could not be judged: %s", row.source, row.number, error)
        return Judgement(error=f"{type(error).__name__}: {error}"[:200])


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def judged(
    chunks: Iterable[Sequence[Row]], workers: int, judge: Judge | None = None
) -> Iterator[list[Judged]]:
    """Chunks of rows with their judgements, in their order; a few chunks are in memory at a time.

    A `judge` that is given judges alone, in this process.
    """
    if workers <= 1 or judge is not None:
        judge = judge or open_judge()
        for chunk in chunks:
            yield _paired(chunk, judge(chunk))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker) as pool:
        waiting: deque[tuple[Sequence[Row], Future[list[Judgement]]]] = deque()
        for chunk in chunks:
            waiting.append((chunk, pool.submit(_work, chunk)))
            if len(waiting) > 2 * workers:
                first, future = waiting.popleft()
                yield _paired(first, future.result())
        while waiting:
            first, future = waiting.popleft()
            yield _paired(first, future.result())


def _paired(rows: Sequence[Row], judgements: Sequence[Judgement]) -> list[Judged]:
    return [Judged(row, judgement) for row, judgement in zip(rows, judgements, strict=True)]


_worker: list[Judge] = []


def _start_worker() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker.append(open_judge())


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(rows: Sequence[Row]) -> list[Judgement]:
    return _worker[0](rows)
