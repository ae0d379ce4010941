"""The visible exam: dialogs whose right answers are computed from the salon's files."""

import asyncio
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Sequence
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
_KEPT_EVERY = 20


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
    parser.add_argument(
        "--patience",
        type=float,
        metavar="S",
        help="seconds that the model may take for a sentence (default: as long as a visitor waits)",
    )
    parser.add_argument("--quiet", action="store_true", help="leave out the answers that are not right")
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help="write every answer and verdict to this file"
    )
    parser.add_argument(
        "--resume", action="store_true", help="play only what the file of --json does not hold yet"
    )
    parser.add_argument(
        "--raise-gate", action="store_true", help="store the figures of the whole exam where they are better"
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Play, judge, print. 1 when the gate is missed; the share right only counts for the whole exam without a model. 2
    when the model does not come up or a file cannot be read."""
    from jobs.exam.cases import ExamError

    try:
        return _run(args, settings)
    except ExamError as error:
        print(error, file=sys.stderr)
        return 2


def _run(args: Namespace, settings: "Settings") -> int:
    from jobs.exam import record, report
    from jobs.exam.cases import load_exam

    dialogs = load_exam(args.exam, args.kinds)
    if args.ids:
        dialogs = [dialog for dialog in dialogs if dialog.id in args.ids]
    dialogs = spread(dialogs, args.sample)
    with tempfile.TemporaryDirectory(prefix="exam-") as data:
        # A state of its own: nobody's dialogs are mixed with these.
        services = _open(settings, Path(data), args.patience)
        try:
            services.start()
            if not _wait_for_model(services):
                print(f"The language model did not come up: {services.model.detail}", file=sys.stderr)
                return 2
            model = services.model.model if services.model.mode != "off" else None
            before = record.load(args.json, dialogs) if args.resume and args.json else []

            def keep(played: "Sequence[Run]") -> None:
                if args.json:
                    record.save(args.json, [*before, *played], model)

            tasks = left_over(tasks_of(dialogs, args), before)
            runs = [*before, *play(services, settings.salon, tasks, args.parallel, keep)]
        finally:
            services.close()
    if not args.quiet:
        print(report.failures(runs))
    if args.repeat > 1:
        print(report.repeated(runs))
    print(f"\nlanguage model: {model or 'none'}\n\n{report.table(runs)}\n\n{report.summary(runs)}")
    whole = model is None and not (args.kinds or args.ids or args.sample)
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


def left_over(tasks: Sequence["Task"], before: Sequence["Run"]) -> list["Task"]:
    """The tasks without those that have been played."""
    played = Counter((run.dialog.id, run.wording) for run in before)
    left = []
    for task in tasks:
        key = (task.dialog.id, task.wording)
        if played[key] > 0:
            played[key] -= 1
        else:
            left.append(task)
    return left


def play(
    services: "Services",
    salon: Path,
    tasks: Sequence["Task"],
    parallel: int,
    keep: Callable[[Sequence["Run"]], None] = lambda runs: None,
) -> list["Run"]:
    """All tasks, with a progress bar on a terminal; `keep` is handed what there is every now and then, and at last."""
    from tqdm import tqdm

    from jobs.exam.oracle import Oracle
    from jobs.exam.player import Player

    player = Player(services, Oracle(salon))
    with tqdm(total=len(tasks), unit="dialog", disable=None) as bar:
        played: list[Run] = []

        def done(run: "Run") -> None:
            played.append(run)
            bar.set_postfix(right=sum(one.right for one in played), refresh=False)
            bar.update()
            if len(played) % _KEPT_EVERY == 0:
                keep(played)

        runs = asyncio.run(player.play(tasks, parallel, done))
    keep(runs)
    return runs


def _open(settings: "Settings", data: Path, patience: float | None) -> "Services":
    from chains.assistant import PATIENCE
    from services import open_services

    return open_services(
        settings.model_copy(update={"data": data, "db": None, "chroma_url": None}),
        patience=PATIENCE if patience is None else PATIENCE._replace(sentence_s=patience),
    )


def _wait_for_model(services: "Services") -> bool:
    while services.model.state in ("downloading", "loading"):
        time.sleep(0.5)
    return services.model.state in ("ready", "off")
