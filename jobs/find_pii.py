"""Finds personal data in a file of messages, by the finder that the assistant itself uses."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chains.privacy import Known
    from settings import Settings

NAME = "find-pii"
HELP = "find personal data in a JSONL file of messages: {id, text} in, {id, spans} out"

ASSETS = Path(__file__).resolve().parent.parent / "assets"
_SHOWN = 20


@dataclass
class _Read:
    """What reading the file came to; `bad` are the lines that are no message, with the reason."""

    messages: int = 0
    spans: int = 0
    bad: list[str] = field(default_factory=list)


class _NotAMessage(ValueError):
    """A line that is no JSON object with an id and a text."""


def add_arguments(parser: ArgumentParser) -> None:
    """`--in` and `--out`; the salon, whose own data is not personal, is a setting."""
    parser.add_argument(
        "--in", dest="source", required=True, type=Path, metavar="FILE", help='lines {"id", "text"}'
    )
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="FILE",
        help='lines {"id", "spans": [{"start", "end", "type"}]}, offsets in characters, in the order of --in',
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Write the spans of each message. 1 when lines were no messages (named on stderr), 2 when a file is unusable."""
    from chains.privacy import find

    known = salon_knowledge(settings)
    result = _Read()
    try:
        with (
            args.source.open(encoding="utf-8-sig", newline="\n", errors="replace") as lines,
            args.out.open("w", encoding="utf-8", newline="\n") as out,
        ):
            for message in _messages(lines, result):
                spans = [span.as_json() for span in find(message["text"], known)]
                result.spans += len(spans)
                out.write(json.dumps({"id": message["id"], "spans": spans}, ensure_ascii=False) + "\n")
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    print(f"{result.messages} messages, {result.spans} pieces of personal data: {args.out}")
    return _tell_bad(result)


def salon_knowledge(settings: "Settings") -> "Known":
    """What the salon's folder makes impersonal. A show-case that cannot be read is told of and leaves its ids out."""
    from chains.privacy import known_of
    from stores.errors import InventoryUnreadable
    from stores.inventory_source import read_source
    from stores.legend import load_legend
    from stores.lexicon import load_lexicon
    from stores.salon import load_salon
    from stores.wiki import load_wiki

    salon = load_salon(settings.salon)
    cells: list[dict[str, Any]] = []
    try:
        cells = [row.cells for row in read_source(salon.inventory, salon.folder).rows]
    except InventoryUnreadable as error:
        print(f"The show-case cannot be read, so its VINs count as visitors': {error}", file=sys.stderr)
    return known_of(
        salon,
        load_lexicon(ASSETS, salon.brand, salon.folder),
        models=[str(row.get("model") or "") for row in cells],
        ids=[str(row.get("stock_id") or "") for row in cells],
        passages=[
            *load_legend(salon.folder / "legend.md", optional=True),
            *load_wiki(salon.folder / "wiki").passages,
        ],
    )


def _messages(lines: Iterable[str], result: _Read) -> Iterator[dict[str, Any]]:
    """The messages in their order; what is none goes to `result.bad`, empty lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            message = _message(line)
        except _NotAMessage as error:
            result.bad.append(f"line {number}: {error}")
            continue
        result.messages += 1
        yield message


def _message(line: str) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise _NotAMessage(f"no JSON: {error}") from None
    if not isinstance(message, dict) or "id" not in message or "text" not in message:
        raise _NotAMessage('no object with "id" and "text"')
    if not isinstance(message["text"], str):
        raise _NotAMessage(f'"text" is no string but {type(message["text"]).__name__}')
    return message


def _tell_bad(result: _Read) -> int:
    if not result.bad:
        return 0
    print(f"{len(result.bad)} lines were left out because they are no messages:", file=sys.stderr)
    for reason in result.bad[:_SHOWN]:
        print(f"  {reason}", file=sys.stderr)
    if len(result.bad) > _SHOWN:
        print(f"  … and {len(result.bad) - _SHOWN} more", file=sys.stderr)
    return 1
