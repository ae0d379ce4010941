"""Trains the router's model from the authored messages and tells how well it does on messages it has not seen."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings

NAME = "train-router"
HELP = (
    "train the router from assets/router/messages.csv and report precision, recall and F1 by cross-validation"
)

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def add_arguments(parser: ArgumentParser) -> None:
    """`--check` for a build server, `--folds` for the cross-validation."""
    parser.add_argument("--folds", type=int, default=5, help="parts of the cross-validation (default 5)")
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit with 1 when the model is older than its data",
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Train, report, write `model.npz` and `metrics.json`. 1 with `--check` when the artefact is out of date."""
    from chains.embeddings import Embedder
    from chains.intents import load_model, save_model
    from chains.router import load_patterns
    from chains.synonyms import load_synonyms
    from chains.translations import load_translations
    from jobs.router_training.data import data_version, load_messages
    from jobs.router_training.report import ablation, cross_validated, table
    from jobs.router_training.training import Prepared, train

    folder = ASSETS / "router"
    version = data_version(ASSETS)
    if args.check:
        current = load_model(folder / "model.npz").version
        print(f"Model {current}, data {version}")
        return 0 if current == version else 1
    messages = load_messages(folder / "messages.csv")
    prepared = Prepared(
        messages,
        load_patterns(ASSETS / "router.toml"),
        load_synonyms(ASSETS / "synonyms.toml"),
        load_translations(ASSETS / "translations"),
        Embedder(),
    )
    result = cross_validated(prepared, folds=args.folds)
    print(f"{len(messages)} messages, {len(set(prepared.groups))} groups, {args.folds} folds")
    print(table(result))
    model = train(prepared, temperature=result.temperature, version=version)
    save_model(model, folder / "model.npz")
    metrics = result.as_json() | {"version": version, "messages": len(messages), "folds": args.folds}
    (folder / "metrics.json").write_text(
        json.dumps(metrics, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    print(ablation(messages, result, load_messages(folder / "held_out.csv"), settings))
    size = (folder / "model.npz").stat().st_size
    print(f"Written: {folder / 'model.npz'} ({size / 1e6:.1f} MB), version {version}")
    return 0
