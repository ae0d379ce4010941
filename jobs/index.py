"""Puts what was crawled where the assistant finds it, and brings the vectors up to date."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings
    from stores.corpora import Sources

NAME = "index"
HELP = "let the assistant know what was crawled: take over its pages with keywords and embed what is new"

_CORPUS = "keywords.csv"


def add_arguments(parser: ArgumentParser) -> None:
    """Which corpus, and by what name."""
    group = parser.add_mutually_exclusive_group()
    source = (
        "a folder of `crawl`, or a CSV file with url, context, status; DATA/crawl by default, if there is one"
    )
    group.add_argument("--from", dest="source", type=Path, metavar="DIR|CSV", help=source)
    group.add_argument("--remove", metavar="NAME", help="forget the corpus of this name")
    name = "what the corpus is called; one of the same name is replaced; the folder's or the file's name by default"
    parser.add_argument("--name", metavar="NAME", help=name)


def run(args: Namespace, settings: "Settings") -> int:
    """Take over and embed. 1 when the vectors could not be brought up to date and words alone will answer. Raises
    `CorpusUnusable`."""
    from parts import open_dense, open_screen
    from stores.corpora import Sources
    from stores.salon import load_salon

    salon = load_salon(settings.salon)
    sources = Sources(salon.folder, settings.data, screen=open_screen().kept)
    if args.remove:
        sources.remove(args.remove)
        print(f"Corpus {args.remove}: removed")
    else:
        _take_over(args, sources, settings.data)
    passages = sources.load()
    vectors = open_dense(settings, settings.data, space=f"{salon.folder.resolve()}").vectors
    try:
        report = vectors.sync(passages, wait=True)
        error = vectors.error
    finally:
        vectors.close()
    if error:
        print(f"{error}; the passages are found by words alone until that is mended", file=sys.stderr)
        return 1
    print(
        f"Passages: {report.embedded - report.changed} added, {report.changed} changed,"
        f" {report.deleted - report.changed} removed, {report.unchanged} unchanged"
    )
    return 0


def _take_over(args: Namespace, sources: "Sources", data: Path) -> None:
    source: Path = args.source or data / "crawl"
    if args.source is None and not (source / _CORPUS).is_file():
        print("Nothing was crawled yet; what is known already is brought up to date")
        return
    file = source / _CORPUS if source.is_dir() else source
    name = args.name or (source.resolve().name if source.is_dir() else source.stem)
    print(f"Corpus {name}: {sources.put(name, file)} articles")
