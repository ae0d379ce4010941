"""The figures of the exam, for people and as JSON."""

from collections.abc import Sequence
from typing import NamedTuple

from jobs.exam.cases import PARAPHRASES
from jobs.exam.metrics import bleu, errors, passes, percentile
from jobs.exam.player import Played, Run

_WIDEST_ANSWER = 300


class Figures(NamedTuple):
    """What the gate looks at."""

    right: int
    dialogs: int
    wrong_facts: int
    overblocked: int

    @property
    def share(self) -> float:
        """Right dialogs, 0 to 1."""
        return self.right / self.dialogs if self.dialogs else 0.0


def figures(runs: Sequence[Run]) -> Figures:
    """The figures of the messages as they are, without paraphrases."""
    plain = [run for run in runs if run.wording == 0]
    turns = _turns(plain)
    return Figures(
        right=sum(run.right for run in plain),
        dialogs=len(plain),
        wrong_facts=sum(len(turn.verdict.wrong) for turn in turns),
        overblocked=sum(turn.verdict.overblocked for turn in turns),
    )


def failures(runs: Sequence[Run]) -> str:
    """Every answer that is not right, with the reasons."""
    lines = []
    for run in runs:
        for number, turn in enumerate(run.turns, start=1):
            if turn.verdict.right:
                continue
            verdict = turn.verdict
            wording = f", paraphrase {run.wording}" if run.wording else ""
            lines.append(f"[{run.dialog.id}, turn {number}{wording}] «{turn.message}»")
            lines.append(f"    {turn.route}: {turn.answer[:_WIDEST_ANSWER]}".replace("\n", " / "))
            lines += [f"    missing: {reason}" for reason in verdict.missing]
            lines += [f"    WRONG FACT: {reason}" for reason in verdict.wrong]
            lines += ["    BLOCKED though harmless"] if verdict.overblocked else []
    return "\n".join(lines)


def table(runs: Sequence[Run]) -> str:
    """Right dialogs by kind, in the three paraphrases too where they were played."""
    kinds = sorted({run.dialog.kind for run in runs})
    wordings = sorted({run.wording for run in runs})
    head = ["kind", "dialogs", "right"] + [f"paraphrase {number}" for number in wordings if number]
    rows = [_row(kind, [run for run in runs if run.dialog.kind == kind], wordings) for kind in kinds]
    rows.append(_row("all", runs, wordings))
    english = [run for run in runs if run.dialog.language == "en"]
    if english:
        rows.append(_row("in English", english, wordings))
    return "\n".join(f"{row[0]:<14}" + "".join(f"{cell:>16}" for cell in row[1:]) for row in [head, *rows])


def summary(runs: Sequence[Run]) -> str:
    """Wrong facts, over-blocking, latency, and the figures for numbers and free text."""
    turns = _turns(runs)
    times = [float(turn.elapsed_ms) for turn in turns]
    wrong = sum(len(turn.verdict.wrong) for turn in turns)
    blocked = sum(turn.verdict.overblocked for turn in turns)
    lines = [
        f"wrong facts: {wrong}",
        f"harmless messages blocked: {blocked} of {len(turns)}",
        f"latency of {len(turns)} answers: p50 {percentile(times, 0.5):.0f} ms, p95 {percentile(times, 0.95):.0f} ms",
        f"worded by a language model: {sum(turn.llm for turn in turns)}",
    ]
    if {run.wording for run in runs} > {0}:
        lines.append(f"lost by paraphrases: {loss(runs):.1f} points on the mean")
    free = [(turn.answer, turn.references) for turn in turns if turn.references and turn.verdict.right]
    score = bleu(free)
    if score is not None:
        lines.append(f"BLEU-4 of {len(free)} free-text answers: {score:.3f}")
    lines.append("numbers of the answers (asked, said, right, RMSE, RMSE as a share of the true value):")
    for one in errors([value for turn in turns for value in turn.verdict.values]):
        rmse = "-" if one.rmse is None else f"{one.rmse:,.1f}"
        relative = "-" if one.relative is None else f"{one.relative:.4f}"
        share = one.right / one.asked
        lines.append(
            f"    {one.unit}: {one.asked}, {one.said}, {one.right} ({share:.1%}), {rmse}, {relative}"
        )
    return "\n".join(lines)


def loss(runs: Sequence[Run]) -> float:
    """By how many points the mean share right of the paraphrases lies below that of the messages themselves."""
    shares = []
    for wording in range(PARAPHRASES + 1):
        played = [run.right for run in runs if run.wording == wording]
        shares.append(sum(played) / len(played) if played else None)
    others = [share for share in shares[1:] if share is not None]
    return 0.0 if shares[0] is None or not others else 100 * (shares[0] - sum(others) / len(others))


def repeated(runs: Sequence[Run]) -> str:
    """pass^1 and pass^k of dialogs that were played several times."""
    groups: dict[str, list[bool]] = {}
    for run in runs:
        groups.setdefault(run.dialog.id, []).append(run.right)
    once, all_times = passes(list(groups.values()))
    times = max(len(group) for group in groups.values())
    return f"{len(groups)} dialogs, {times} times each: pass^1 {once:.1%}, pass^{times} {all_times:.1%}"


def _row(name: str, runs: Sequence[Run], wordings: Sequence[int]) -> list[str]:
    cells = [name]
    for wording in wordings:
        played = [run.right for run in runs if run.wording == wording]
        if wording == wordings[0]:
            cells.append(str(len(played)))
        cells.append(f"{sum(played)} ({sum(played) / len(played):.1%})" if played else "-")
    return cells


def _turns(runs: Sequence[Run]) -> list[Played]:
    return [turn for run in runs for turn in run.turns]
