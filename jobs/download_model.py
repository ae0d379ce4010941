"""Fetches the weights of a language model into the cache, so that the app need not do it at its first start."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings

NAME = "download-model"
HELP = "fetch the weights of the embedded language model, or list the models there are"

REGISTRY = Path(__file__).resolve().parent.parent / "assets" / "models.toml"


def add_arguments(parser: ArgumentParser) -> None:
    """`--list`; which model is the setting `--llm-model`."""
    parser.add_argument(
        "--list", action="store_true", help="list the models of the registry and fetch nothing"
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Fetch, verify and say where the file is. Raises `ModelUnavailable` when no source gave it."""
    from chains.weights import fetch, load_registry

    registry = load_registry(REGISTRY)
    if args.list:
        for card in registry.model:
            default = "  (default)" if card.name == registry.default else ""
            size = f"{card.size_bytes / 1e6:,.0f} MB".replace(",", " ")
            print(f"{card.name}  {size}  {card.licence}  {', '.join(card.languages)}{default}")
        return 0
    card = registry.get(settings.llm_model)
    print(f"{card.name}: verified, {fetch(card, settings.cache / 'models')}")
    return 0
