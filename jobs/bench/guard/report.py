"""What a run found, for a terminal, as Markdown and as JSON."""

from collections.abc import Callable, Sequence
from typing import Any

from chains.scores import FIGURES, Score
from jobs.bench.guard.cleaning import Losses
from jobs.bench.guard.columns import Remarks
from jobs.bench.guard.public import PUBLISHED
from jobs.bench.guard.rows import LABELS
from jobs.bench.guard.scoring import Cell, Scores, scores, scores_by
from jobs.bench.guard.scoring import as_json as _label_json
from stores.guard_runs import AnswerCount
from stores.guard_views import Filters, GuardViews

_SHOWN = 20
_TITLES = {
    "prompt_label": "injection in prompts",
    "response_label": "harm in answers",
    "response_refusal_label": "refusal in answers",
}


def losses(found: Losses, wrong: Remarks) -> str:
    """What each step of cleaning took away, and which labels look wrong."""
    lines = [f"{name:<26}{count:>9,}" for name, count in found.steps().items()]
    if found.orphan_labels:
        lines.append(f"{found.orphan_labels:,} labels of texts that are missing were left out")
    lines += _listed(wrong, "cells or records that are no label and no row")
    lines += _listed(found.contradictions, "labels that contradict another row's")
    return "\n".join(lines)


def _listed(wrong: Remarks, what: str) -> list[str]:
    if not wrong.count:
        return []
    shown = [f"  {one.source}, row {one.number}: {one.what}" for one in wrong.first[:_SHOWN]]
    more = [f"  … and {wrong.count - _SHOWN:,} more"] if wrong.count > _SHOWN else []
    return [f"{wrong.count:,} {what}:", *shown, *more]


def suspects(views: GuardViews, run_id: int) -> str:
    """Rows that are called safe though a rule of the guard knows what they are: wrong labels, or false alarms."""
    found = [
        row
        for row in views.rows(Filters(run_id), wrong=True, limit=2_000)
        if row.prompt_label == "safe" and row.guard_evidence.startswith("rules")
    ]
    if not found:
        return ""
    lines = [f"  {row.source}: {(row.prompt or '')[:90]!r} ({row.guard_evidence})" for row in found[:_SHOWN]]
    return "\n".join(
        [f"{len(found):,} prompts called safe that a rule blocks; wrong labels, or false alarms:", *lines]
    )


def answers(found: Sequence[AnswerCount], model: str) -> str:
    """What the model said to prompts of each label."""
    lines = [f"answers of {model}"]
    for one in found:
        lines.append(
            f"to {one.prompt_label or 'unlabelled'} prompts: {one.answers:,}, of them {one.refusals:,} refusals and "
            f"{one.harmful:,} harmful"
        )
    return "\n".join(lines)


def as_json(cells: Sequence[Cell]) -> dict[str, Any]:
    """The figures: of the labels, by language, source and model, and their intervals."""
    return {
        **_label_json(scores(cells)),
        "by_language": {
            name: _label_json(scores([cell for cell in cells if cell.language == name]))
            for name in ("ru", "en")
        },
        "by_source": {name: _label_json(found) for name, found in _by(cells, lambda cell: cell.source)},
        "by_model": {name: _label_json(found) for name, found in _by(cells, lambda cell: cell.model or "")},
        "intervals": {
            name: {figure: score.interval(figure) for figure in FIGURES}
            for name, score in scores(cells).items()
        },
        "look_alikes": look_alikes(cells).as_json(),
    }


def look_alikes(cells: Sequence[Cell]) -> Score:
    """The prompts that are harmless and look like attacks."""
    return scores([cell for cell in cells if cell.look_alike])["prompt_label"]


def _by(cells: Sequence[Cell], key: Callable[[Cell], str]) -> list[tuple[str, Scores]]:
    return [(name, found) for name, found in scores_by(cells, key).items() if name]


def tables(cells: Sequence[Cell]) -> str:
    """All figures, for a terminal: a table for each label that has rows."""
    parts = []
    for name in LABELS:
        own = [cell for cell in cells if cell.name == name]
        if not own:
            continue
        rows = [("all", scores(own)[name])]
        for group in (lambda cell: cell.language, lambda cell: cell.source, lambda cell: cell.model or ""):
            rows += [(title, found[name]) for title, found in _by(own, group)]
        if name == "prompt_label" and (alike := look_alikes(own)).n:
            rows.append(("harmless look-alikes", alike))
        parts.append(f"{_TITLES[name]}\n{_table(rows)}")
    return "\n\n".join(parts)


def _table(rows: Sequence[tuple[str, Score]]) -> str:
    width = max(24, *(len(title) for title, _ in rows))
    head = f"{'':<{width}}{'n':>8}{'precision':>11}{'recall':>9}{'F1':>8}{'95 % interval':>17}{'false alarms':>14}"
    lines = [head]
    for title, score in rows:
        lines.append(
            f"{title:<{width}}{score.n:>8,}{_shown(score.precision):>11}{_shown(score.recall):>9}"
            f"{_shown(score.f1):>8}{_interval(score):>17}{_shown(score.false_alarm_rate):>14}"
        )
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(score: Score) -> str:
    found = score.interval("f1")
    return "-" if found is None else f"{found.low:.3f}…{found.high:.3f}"


def markdown(cells: Sequence[Cell]) -> str:
    """One table for a README: each set, language and label, beside what others have published."""
    lines = [
        "| set | language | label | rows | precision | recall | F1 | 95 % interval | false alarms | published |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for (source, language), found in scores_by(cells, lambda cell: (cell.source, cell.language)).items():
        for name, score in found.items():
            if score.n:
                cells_of_row = [source, language, _TITLES[name], f"{score.n:,}", *_figures(score)]
                lines.append("| " + " | ".join([*cells_of_row, PUBLISHED.get((source, name), "")]) + " |")
    return "\n".join(lines)


def _figures(score: Score) -> list[str]:
    """Precision, recall, F1, its interval, false alarms; what says nothing where one side is missing is left out."""
    positives, negatives = score.tp + score.fn, score.fp + score.tn
    both = bool(positives and negatives)
    return [
        _shown(score.precision) if both else "",
        _shown(score.recall) if positives else "",
        _shown(score.f1) if both else "",
        _interval(score) if both else "",
        _shown(score.false_alarm_rate) if negatives else "",
    ]
