"""The visible exam as a gate: what it found right once stays right."""

import asyncio
from pathlib import Path

import pytest

from jobs.exam.cases import PARAPHRASES, load_exam
from jobs.exam.exam import FOLDER, GATE
from jobs.exam.gate import load_gate
from jobs.exam.oracle import Oracle
from jobs.exam.player import Player, Task
from jobs.exam.report import failures, figures
from services import open_services
from settings import ROOT, Settings

SALON = ROOT / "assets" / "salon"


@pytest.mark.timeout(1200)  # more than 500 answers: under a minute by itself, ten on a machine that is shared
def test_the_exam_without_a_model_is_at_least_as_good_as_the_stored_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SALON_DB", "SALON_CHROMA_URL"):
        monkeypatch.delenv(name, raising=False)
    services = open_services(Settings(salon=SALON, data=tmp_path, llm="off"))
    try:
        player = Player(services, Oracle(SALON))
        tasks = [Task(dialog) for dialog in load_exam(FOLDER)]
        runs = asyncio.run(player.play(tasks, 2, lambda run: None))
    finally:
        services.close()
    missed = load_gate(FOLDER / GATE).missed_by(figures(runs))
    assert not missed, f"{missed}\n{failures(runs)}"


def test_every_message_has_its_paraphrases_or_none_at_all() -> None:
    for dialog in load_exam(FOLDER):
        counts = {len(turn.again) for turn in dialog.turns}
        assert counts <= {0, PARAPHRASES}, dialog.id
        for turn in dialog.turns:
            assert len({turn.say, *turn.again}) == 1 + len(turn.again), f"{dialog.id}: two wordings are one"
