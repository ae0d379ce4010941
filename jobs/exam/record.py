"""What an exam came to, as JSON: every answer with its verdict, so that an interrupted run can be gone on with."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jobs.exam.cases import Dialog, ExamError
from jobs.exam.checks import Verdict
from jobs.exam.player import Played, Run
from jobs.exam.report import figures
from jobs.exam.values import Value


def save(path: Path, runs: Sequence[Run], model: str | None) -> None:
    """Write it; a reader never sees half a file."""
    data = {"model": model, "figures": figures(runs)._asdict(), "runs": [_run(run) for run in runs]}
    half = path.with_name(f"{path.name}.part")
    half.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    half.replace(path)


def load(path: Path, dialogs: Sequence[Dialog]) -> list[Run]:
    """The runs of these dialogs that a file holds; none without the file. Raises `ExamError` for another file."""
    if not path.exists():
        return []
    known = {dialog.id: dialog for dialog in dialogs}
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["runs"]
        return [
            Run(known[row["id"]], row["wording"], [_played(turn) for turn in row["turns"]])
            for row in rows
            if row["id"] in known
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise ExamError(f"{path} is no result of an exam: {error}") from error


def _run(run: Run) -> dict[str, Any]:
    turns = [_turn(turn) for turn in run.turns]
    return {
        "id": run.dialog.id,
        "kind": run.dialog.kind,
        "wording": run.wording,
        "right": run.right,
        "turns": turns,
    }


def _turn(turn: Played) -> dict[str, Any]:
    return {
        "message": turn.message,
        "answer": turn.answer,
        "route": turn.route,
        "elapsed_ms": turn.elapsed_ms,
        "llm": turn.llm,
        "missing": turn.verdict.missing,
        "wrong": turn.verdict.wrong,
        "overblocked": turn.verdict.overblocked,
        "values": [value._asdict() for value in turn.verdict.values],
        "references": list(turn.references),
    }


def _played(row: dict[str, Any]) -> Played:
    verdict = Verdict(
        missing=row["missing"],
        wrong=row["wrong"],
        values=[Value(**value) for value in row["values"]],
        overblocked=row["overblocked"],
    )
    return Played(
        message=row["message"],
        answer=row["answer"],
        route=row["route"],
        elapsed_ms=row["elapsed_ms"],
        llm=row["llm"],
        verdict=verdict,
        references=tuple(row["references"]),
    )
