"""The figures below which CI fails: they only get better."""

import tomllib
from pathlib import Path
from typing import NamedTuple

from jobs.exam.report import Figures


class Gate(NamedTuple):
    """The least share of right dialogs without a language model, the most wrong facts and harmless messages blocked."""

    right: float = 0.0
    wrong_facts: int = 0
    overblocked: int = 0

    def missed_by(self, found: Figures, *, whole: bool = True) -> list[str]:
        """What is worse than stored, in words; the share only where the whole exam was played."""
        reasons = []
        if whole and found.share < self.right:
            reasons.append(f"{found.share:.2%} right, {self.right:.2%} are stored")
        if found.wrong_facts > self.wrong_facts:
            reasons.append(f"{found.wrong_facts} wrong facts")
        if found.overblocked > self.overblocked:
            reasons.append(f"{found.overblocked} harmless messages blocked")
        return reasons

    def raised(self, found: Figures) -> "Gate":
        """The better of both; the share is cut to four digits, so that the same run passes."""
        return Gate(
            right=max(self.right, int(found.share * 10000) / 10000),
            wrong_facts=min(self.wrong_facts, found.wrong_facts),
            overblocked=min(self.overblocked, found.overblocked),
        )


def load_gate(path: Path) -> Gate:
    """What is stored; without a file any share will do, but no wrong fact and nothing blocked."""
    return Gate(**tomllib.loads(path.read_text(encoding="utf-8"))) if path.exists() else Gate()


def save_gate(path: Path, gate: Gate) -> None:
    """Write it, with a word on what it is."""
    path.write_text(
        "# Without a language model the exam must do at least this well; CI fails below it. It only gets better:\n"
        "# `python -m jobs exam --llm off --raise-gate` writes it.\n"
        f"right = {gate.right:.4f}\nwrong_facts = {gate.wrong_facts}\noverblocked = {gate.overblocked}\n",
        encoding="utf-8",
    )
