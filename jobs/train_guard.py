"""Trains the guard's classifiers from labelled texts and tells how well they do on texts they have not seen."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings

NAME = "train-guard"
HELP = "train the guard's classifiers from assets/guard/training and public sets, with calibration and thresholds"

_ANSWERS = ("response_harm", "refusal")  # one needs the other, so both are trained
ASSETS = Path(__file__).resolve().parent.parent / "assets"


def add_arguments(parser: ArgumentParser) -> None:
    """`--sets` for public sets, `--target` for one classifier alone."""
    parser.add_argument(
        "--sets",
        type=Path,
        metavar="DIR",
        help="public sets, each in a folder of its own (default: authored texts only)",
    )
    parser.add_argument("--target", metavar="NAME", help="prompt, response_harm or refusal (default: all)")
    parser.add_argument(
        "--evaluate",
        action="store_true",
        help="write nothing; print what the classifier of prompts is worth on the public sets in --sets, those it is "
        "trained on by models trained without them",
    )
    parser.add_argument("--folds", type=int, default=5, help="parts of the cross-validation (default 5)")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write (default assets/guard/models)"
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Train each target and write `<target>.npz` and its figures into `metrics.json`. 1 for an unknown target, or
    when a classifier would stop what staff have called a false alarm: then the one before stays."""
    from chains.guard_model.model import save_guard_model
    from jobs.guard_training.answers import train_answers
    from jobs.guard_training.false_alarms import load_cases, still_stopped
    from jobs.guard_training.making import gather, make
    from jobs.guard_training.targets import TARGETS

    chosen = [target for target in TARGETS if args.target in {None, target.name}]
    if not chosen and args.target not in _ANSWERS:
        print(
            f"There is no target {args.target}: {', '.join([*(target.name for target in TARGETS), *_ANSWERS])}"
        )
        return 1
    folder = args.out or ASSETS / "guard" / "models"
    figures_file = folder / "metrics.json"
    figures = json.loads(figures_file.read_text(encoding="utf-8")) if figures_file.is_file() else {}
    if args.evaluate:
        return _evaluate(args)
    for target in chosen:
        cases = load_cases(settings.data) if target.name == "prompt" else []
        made = make(target, gather(target, ASSETS, args.sets, cases), ASSETS, folds=args.folds)
        if stopped := still_stopped(made.model, cases):
            print(f"Refused: {len(stopped)} false alarms would be stopped again, {stopped[0]!r} the first")
            return 1
        path = folder / f"{target.name}.npz"
        save_guard_model(made.model, path)
        figures[target.name] = made.figures
        print(json.dumps(made.figures["out_of_fold"], ensure_ascii=False, indent=1))
        print(f"Written: {path} ({path.stat().st_size / 1e6:.1f} MB), version {made.model.version}")
    if args.target in {None, *_ANSWERS}:
        figures |= train_answers(ASSETS, args.sets, folder)._asdict()
    figures_file.write_text(
        json.dumps(figures, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    return 0


def _evaluate(args: Namespace) -> int:
    """The table of all sets. 2 without a folder of sets."""
    from chains.guard_model.model import load_guard_model
    from jobs.guard_training.evaluating import customers, deepset, leave_one_out, public_sets, table
    from jobs.guard_training.guarded import with_guard
    from jobs.guard_training.making import gather
    from jobs.guard_training.targets import TARGETS

    if args.sets is None:
        print("--evaluate needs --sets DIR, the folder of the public sets", file=sys.stderr)
        return 2
    target = next(target for target in TARGETS if target.name == "prompt")
    model = load_guard_model((args.out or ASSETS / "guard" / "models") / "prompt.npz")
    judge = with_guard(ASSETS)
    lines = [
        *customers(model, ASSETS / "exam", judge),
        *public_sets(model, args.sets, judge),
        *leave_one_out(model, gather(target, ASSETS, args.sets), args.sets, judge),
    ]
    print(table(lines, deepset(model, args.sets, judge)))
    return 0
