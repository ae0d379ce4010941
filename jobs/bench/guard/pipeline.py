"""From sources to figures: collect, clean, judge, store, count. What was broken off is gone on with."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from tqdm import tqdm

from chains.scores import FIGURES, Score
from jobs.bench.guard import report
from jobs.bench.guard.answering import Answerer, asked, with_questions
from jobs.bench.guard.cleaning import Cleaner, Losses, survey
from jobs.bench.guard.collecting import Source, collect
from jobs.bench.guard.columns import Remarks
from jobs.bench.guard.judges import Judged as Judges
from jobs.bench.guard.judging import Judged, cores, judged
from jobs.bench.guard.reading import SourceUnusable
from jobs.bench.guard.rows import LABELS
from jobs.bench.guard.scoring import Cell, scores, scores_by
from jobs.bench.guard.version import guard_version
from stores.guard_runs import AnswerCount, GuardRun, GuardRuns, Monitored, Plan

CHUNK = 200
"""Rows that are judged and stored together: what a kill can cost."""
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    run: GuardRun
    cells: Sequence[Cell]
    losses: Losses
    wrong: Remarks
    answers: Sequence[AnswerCount]


def run(
    sources: Sequence[Source],
    runs: GuardRuns,
    *,
    workers: int | None = None,
    anew: bool = False,
    answerer: Answerer | None = None,
    answers: int = 100,
    judges: Judges | None = None,
) -> Outcome:
    """Judge all rows of the sources and store them.

    `answerer` answers about so many prompts as `answers` says, evenly from all; its answers are rows of their own.
    `judges` judge in place of the guard's own parts alone.
    A run of the same rows by the same guard that was killed is gone on with after its last chunk, unless `anew`; it
    ends as it would have.

    Raises:
        SourceUnusable: a source cannot be read, or no row of them can be used.
    """
    model = answerer.model if answerer else None
    version = guard_version() + (f" + {judges.name}" if judges else "")
    plan = _plan(sources, version, model, answers)
    found = survey(collect(sources, Remarks()))
    wrong = Remarks()
    cleaner = Cleaner(found, unlabelled=answerer is not None)
    begun = runs.begin(plan, anew=anew)
    cleaned = with_questions(
        cleaner.clean(collect(sources, wrong)), model, max(1, found.rows // max(1, answers))
    )
    rows = asked(islice(cleaned, begun.rows, None), answerer)
    place = begun.rows
    with tqdm(total=found.rows, unit="row", disable=None) as bar:
        for chunk in judged(chunks(rows, CHUNK), workers or cores(), judges.judge if judges else None):
            runs.add(begun.id, [monitored(place + number, one) for number, one in enumerate(chunk)])
            place += len(chunk)
            bar.update(cleaner.losses.read - bar.n)
    if not cleaner.losses.kept:
        runs.fail(begun.id)
        raise SourceUnusable(f"No row is left to judge.\n{report.losses(cleaner.losses, wrong)}")
    names = {str(name): name for name in LABELS}
    cells = [Cell(names[count.name], *count[1:]) for count in runs.counts(begun.id)]
    done = runs.finish(
        begun.id, losses=_told(cleaner.losses, wrong), figures=report.as_json(cells), scores=score_rows(cells)
    )
    runs.prune()
    return Outcome(done, cells, cleaner.losses, wrong, runs.answers(begun.id))


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """What `--json` writes: the figures, then the run and what cleaning took away."""
    run = outcome.run
    return {
        **report.as_json(outcome.cells),
        "losses": run.losses,
        "answers": [answer._asdict() for answer in outcome.answers],
        "run": {
            "id": run.id,
            "model": run.model,
            "guard_version": run.guard_version,
            "started_at": run.started_at.astimezone(UTC).isoformat(),
            "rows": run.rows,
            "sources": run.sources,
        },
    }


def _plan(sources: Sequence[Source], version: str, model: str | None, answers: int) -> Plan:
    marks = json.dumps(
        [
            version,
            CHUNK,
            model,
            answers if model else 0,
            [(source.name, source.fingerprint()) for source in sources],
        ]
    )
    fingerprint = hashlib.sha256(marks.encode()).hexdigest()
    return Plan(fingerprint, version, model, [source.name for source in sources])


def _told(losses: Losses, wrong: Remarks) -> dict[str, Any]:
    return {
        **losses.steps(),
        "labels without a text": losses.orphan_labels,
        "wrong cells": wrong.count,
        "contradictions": losses.contradictions.count,
    }


def chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """The rows in lists of `size`, the last one shorter."""
    stream = iter(rows)
    while chunk := list(islice(stream, size)):
        yield chunk


def monitored(place: int, one: Judged) -> Monitored:
    """A judged row as the table has it."""
    row, judgement = one
    return Monitored(
        place=place,
        prompt=row.prompt,
        prompt_label=row.prompt_label,
        response=row.response,
        response_label=row.response_label,
        response_refusal_label=row.response_refusal_label,
        model=row.model,
        language=row.language,
        source=row.source,
        prompt_length=row.prompt_length,
        response_length=row.response_length,
        look_alike=row.look_alike,
        guard_prompt_label=judgement.prompt_label,
        guard_response_label=judgement.response_label,
        guard_response_refusal_label=judgement.response_refusal_label,
        guard_reason=judgement.reason,
        guard_evidence=judgement.evidence,
        error=judgement.error,
        turn_id=row.turn_id,
    )


def score_rows(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """The scores by label and part of the rows, as the table of scores has them; parts without rows are left out."""
    parts = [
        ("all", "", scores(cells)),
        ("look_alikes", "", scores([one for one in cells if one.look_alike])),
    ]
    for part in ("language", "source", "model"):
        groups = scores_by(cells, attrgetter(part))
        parts += [(part, name, found) for name, found in groups.items() if name]
    return [
        _score_row(label, part, name, found[label])
        for part, name, found in parts
        for label in LABELS
        if found[label].n
    ]


def _score_row(label: str, part: str, name: str, score: Score) -> dict[str, Any]:
    interval = score.interval("f1")
    return {
        "label": label,
        "part": part,
        "name": name,
        "n": score.n,
        "tp": score.tp,
        "fp": score.fp,
        "fn": score.fn,
        "tn": score.tn,
        **{figure: getattr(score, figure) for figure in FIGURES},
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }
