"""The visible exam: dialogs whose right answers are computed from the salon's files."""

import asyncio
import json
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobs.exam.cases import Dialog
    from jobs.exam.player import Run, Task
    from jobs.exam.report import Figures
    from services import Services
    from settings import Settings

NAME = "exam"
HELP = "play the exam's dialogs and judge every answer: right ones by kind, wrong facts, over-blocking, times"

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "exam"
GATE = "gate.toml"


def add_arguments(parser: ArgumentParser) -> None:
    """What to play, how often, and where the answers go."""
    parser.add_argument("--exam", type=Path, default=FOLDER, help="folder of the dialogs")
    parser.add_argument("--kinds", nargs="+", default=[], metavar="KIND", help="only dialogs of these kinds")
    parser.add_argument("--ids", nargs="+", default=[], metavar="ID", help="only these dialogs")
    parser.add_argument("--sample", type=int, metavar="N", help="only N dialogs, evenly from all kinds")
    parser.add_argument(
        "--paraphrases", action="store_true", help="play the three paraphrases of all messages too"
    )
    parser.add_argument(
        "--repeat", type=int, default=1, metavar="K", help="play K times and report pass^1 and pass^K"
    )
    parser.add_argument("--parallel", type=int, default=2, metavar="N", help="dialogs at once (default: 2)")
    parser.add_argument("--quiet", action="store_true", help="leave out the answers that are not right")
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help="write every answer and verdict to this file"
    )
    parser.add_argument(
        "--raise-gate", action="store_true", help="store the figures of the whole exam where they are better"
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Play, judge, print. 1 when the gate is missed (the share right only counts for the whole exam), 2 when the model
    does not come up."""
    from jobs.exam import report
    from jobs.exam.cases import load_exam

    dialogs = load_exam(args.exam, args.kinds)
    if args.ids:
        dialogs = [dialog for dialog in dialogs if dialog.id in args.ids]
    dialogs = spread(dialogs, args.sample)
    with tempfile.TemporaryDirectory(prefix="exam-") as data:
        # A state of its own: nobody's dialogs are mixed with these.
        services = _open(settings, Path(data))
        try:
            services.start()
            if not _wait_for_model(services):
                print(f"The language model did not come up: {services.model.detail}", file=sys.stderr)
                return 2
            runs = play(services, settings.salon, tasks_of(dialogs, args), args.parallel)
            model = services.model.model if services.model.mode != "off" else None
        finally:
            services.close()
    if not args.quiet:
        print(report.failures(runs))
    if args.repeat > 1:
        print(report.repeated(runs))
    print(f"\nlanguage model: {model or 'none'}\n\n{report.table(runs)}\n\n{report.summary(runs)}")
    if args.json:
        args.json.write_text(json.dumps(report.as_json(runs, model), ensure_ascii=False, indent=1), "utf-8")
    whole = not (args.kinds or args.ids or args.sample)
    return _gate(report.figures(runs), args.exam, whole=whole, rise=args.raise_gate)


def _gate(found: "Figures", folder: Path, *, whole: bool, rise: bool) -> int:
    """1 when the figures fall below what is stored; `rise` stores them where they are better."""
    from jobs.exam.gate import load_gate, save_gate

    gate = load_gate(folder / GATE)
    if whole and rise:
        save_gate(folder / GATE, gate.raised(found))
    return 1 if gate.missed_by(found, whole=whole) else 0


def tasks_of(dialogs: Sequence["Dialog"], args: Namespace) -> list["Task"]:
    """What to play: each dialog as often as asked, paraphrases only where one is written."""
    from jobs.exam.cases import PARAPHRASES
    from jobs.exam.player import Task

    tasks = [Task(dialog) for _ in range(args.repeat) for dialog in dialogs]
    if args.paraphrases:
        for wording in range(1, PARAPHRASES + 1):
            tasks += [
                Task(dialog, wording)
                for dialog in dialogs
                if all(len(turn.again) >= wording for turn in dialog.turns)
            ]
    return tasks


def spread(dialogs: list["Dialog"], count: int | None) -> list["Dialog"]:
    """At most `count` dialogs, the same number of each kind as far as it goes, evenly out of the kind."""
    if count is None or count >= len(dialogs):
        return dialogs
    kinds: dict[str, list[Dialog]] = {}
    for dialog in dialogs:
        kinds.setdefault(dialog.kind, []).append(dialog)
    shares = dict.fromkeys(kinds, 0)
    while sum(shares.values()) < count:
        for kind, members in kinds.items():
            if shares[kind] < len(members) and sum(shares.values()) < count:
                shares[kind] += 1
    return [
        members[number * len(members) // shares[kind]]
        for kind, members in kinds.items()
        for number in range(shares[kind])
    ]


def play(services: "Services", salon: Path, tasks: Sequence["Task"], parallel: int) -> list["Run"]:
    """All tasks, with a progress bar on a terminal."""
    from tqdm import tqdm

    from jobs.exam.oracle import Oracle
    from jobs.exam.player import Player

    player = Player(services, Oracle(salon))
    with tqdm(total=len(tasks), unit="dialog", disable=None) as bar:
        right = 0

        def done(run: "Run") -> None:
            nonlocal right
            right += run.right
            bar.set_postfix(right=right, refresh=False)
            bar.update()

        return asyncio.run(player.play(tasks, parallel, done))


def _open(settings: "Settings", data: Path) -> "Services":
    from services import open_services

    return open_services(settings.model_copy(update={"data": data, "db": None, "chroma_url": None}))


def _wait_for_model(services: "Services") -> bool:
    while services.model.state in ("downloading", "loading"):
        time.sleep(0.5)
    return services.model.state in ("ready", "off")
