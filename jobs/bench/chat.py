"""This assistant and a plain LangChain retrieval chain, side by side in one run with the same language model."""

import asyncio
import json
import logging
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jobs.bench.cases import Case, load_cases
from jobs.bench.load import Crowd, assistant_under_load, chain_under_load, computed, retrieval_of
from jobs.bench.report import Measured, as_json, load_json, load_table, table

if TYPE_CHECKING:
    from jobs.bench.plain_chain import PlainChain
    from jobs.bench.truth import Stock
    from services import Services
    from settings import Settings

log = logging.getLogger(__name__)

NAME = "bench-chat"
HELP = "compare this assistant with a plain retrieval chain: times and right answers"

CASES = Path(__file__).with_name("cases") / "chat.jsonl"
OURS, PLAIN = "this assistant", "plain chain"
_WORKDAY, _NOON = date(2026, 11, 18), clock(12)  # a Wednesday: in opening hours, the same in every run


class Answer(NamedTuple):
    """What one system said; times in seconds from the question."""

    text: str
    first_s: float | None
    whole_s: float | None
    route: str | None = None
    error: str | None = None


def add_arguments(parser: ArgumentParser) -> None:
    """What to ask, and where the figures go."""
    parser.add_argument("--cases", type=Path, default=CASES, help="questions, one JSON object a line")
    parser.add_argument("--limit", type=int, metavar="N", help="ask only N questions, spread over all kinds")
    parser.add_argument(
        "--max-tokens", type=int, default=256, help="longest answer of the plain chain (default: 256)"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every answer and figure to this file")
    parser.add_argument(
        "--part",
        choices=("all", "answers", "load"),
        default="all",
        help="answers: each question by itself; load: many visitors at once (default: both)",
    )
    parser.add_argument(
        "--visitors", type=int, default=20, metavar="N", help="visitors at once under load (default: 20)"
    )
    parser.add_argument(
        "--minutes", type=float, default=1.0, metavar="M", help="how long they ask (default: 1)"
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Ask, judge, print; then let many visitors ask at once. With `--llm off` the plain chain only searches.

    2 when the model does not come up.
    """
    from jobs.bench.truth import Stock
    from services import open_services

    cases = load_cases(args.cases)
    asked = [] if args.part == "load" else spread(cases, args.limit)
    crowd = None if args.part == "answers" else Crowd(args.visitors, args.minutes * 60)
    stock = Stock(settings.salon)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="bench-chat-") as data:
        # A state of its own: neither are anybody's dialogs mixed with these, nor is what they taught it at work here.
        services = open_services(
            settings.model_copy(update={"data": Path(data), "db": None, "chroma_url": None})
        )
        try:
            services.start()
            if not _wait_for_model(services):
                print(f"The language model did not come up: {services.model.detail}", file=sys.stderr)
                return 2
            plain = _plain_chain(services, args.max_tokens)
            speaks = services.model.mode != "off"
            if asked:
                found |= _answers(services, plain if speaks else None, asked, stock)
            if crowd is not None:
                found["load"] = _load(settings, plain, computed(cases), crowd, speaks=speaks)
        finally:
            services.close()
    if args.json:
        args.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    return 0


def _answers(
    services: "Services", chain: "PlainChain | None", cases: list[Case], stock: "Stock"
) -> dict[str, Any]:
    """Each question by itself, to both; prints the table and gives all figures as JSON."""
    results = asyncio.run(_measure(services, chain, cases, stock))
    model = services.model.model
    systems = [OURS] if chain is None else [OURS, PLAIN]
    print(f"\n{len(cases)} questions, language model: {model or 'none'}\n\n{table(systems, results)}\n")
    return as_json(model, systems, results)


def _load(
    settings: "Settings", chain: "PlainChain", cases: list[Case], crowd: Crowd, *, speaks: bool
) -> dict[str, Any]:
    """Many visitors at once, first with this assistant's server, then with the plain chain."""
    ours = assistant_under_load(settings, cases, crowd)
    plain = chain_under_load(chain, cases, crowd) if speaks else None
    retrieval = retrieval_of(chain, cases)
    print(load_table(crowd, ours, plain, retrieval))
    return load_json(ours, plain, retrieval)


def spread(cases: list[Case], limit: int | None) -> list[Case]:
    """At most `limit` cases, evenly out of the whole list, which is sorted by kind."""
    if limit is None or limit >= len(cases):
        return cases
    return [cases[index * len(cases) // limit] for index in range(limit)]


def _wait_for_model(services: "Services") -> bool:
    model = services.model
    shown = None
    while model.state in ("downloading", "loading"):
        share = "" if model.progress is None else f" {model.progress:.0%}"
        if (model.state, share) != shown:
            print(f"language model: {model.state}{share}", file=sys.stderr)
            shown = (model.state, share)
        time.sleep(1)
    return model.state in ("ready", "off")


def _plain_chain(services: "Services", max_tokens: int) -> "PlainChain":
    from chains.embeddings import Embedder
    from jobs.bench.plain_chain import PlainChain

    salon = services.salon
    return PlainChain(
        salon.folder, salon.inventory.source, salon.name, Embedder(), services.model, max_tokens=max_tokens
    )


async def _measure(
    services: "Services", chain: "PlainChain | None", cases: list[Case], stock: "Stock"
) -> list[Measured]:
    """Every case to both, by turns first: whoever comes second finds the machine warm."""
    from jobs.bench.judge import judge

    at = datetime.combine(_WORKDAY, _NOON, tzinfo=services.salon.zone)
    results: list[Measured] = []
    for number, case in enumerate(cases):
        systems = [OURS] if chain is None else [OURS, PLAIN] if number % 2 else [PLAIN, OURS]
        for system in systems:
            try:
                if system == OURS or chain is None:
                    answer = await _ask_assistant(services, case, at)
                else:
                    answer = await _ask_chain(chain, case)
            except Exception as error:  # a crash is a wrong answer, not the end of an hour's run
                log.exception("%s broke on %s", system, case.question)
                answer = Answer("", None, None, error=f"{type(error).__name__}: {error}")
            right, reason = judge(case, answer.text, stock)
            measured = Measured(system, case.kind, case.question, answer.text, right, reason, *answer[1:])
            results.append(measured)
            verdict = "right" if right else f"WRONG: {answer.error or reason}"
            whole = "-" if answer.whole_s is None else f"{answer.whole_s:.1f} s"
            print(
                f"{number + 1:3d}/{len(cases)}  {system:15s} {whole:>7s}  {case.question}  {verdict}",
                flush=True,
            )
    return results


async def _ask_assistant(services: "Services", case: Case, at: datetime) -> Answer:
    from chains.reply import Final, Token

    dialog = services.dialogs.open(
        kind="api",
        language="ru",
        consent=services.consent("ru"),
        address="bench",
        remember=False,
        visitor=None,
    )
    for earlier in case.before:
        await services.assistant.answer(dialog.session_id, earlier, at=at)
    first, answer = None, Answer("", None, None, error="the stream ended without a reply")
    begun = time.perf_counter()
    async for event in services.assistant.stream(dialog.session_id, case.question, at=at):
        if isinstance(event, Token | Final) and first is None:
            first = time.perf_counter() - begun
        if isinstance(event, Final):
            answer = Answer(event.reply.answer, first, time.perf_counter() - begun, event.reply.route)
    return answer


async def _ask_chain(chain: "PlainChain", case: Case) -> Answer:
    from chains.errors import ModelUnavailable

    earlier: list[tuple[str, str]] = []
    text, first = "", None
    begun = time.perf_counter()
    try:
        for asked in case.before:
            earlier.append((asked, "".join([piece async for piece in chain.stream(asked, earlier)])))
        begun = time.perf_counter()
        async for piece in chain.stream(case.question, earlier):
            first = first or time.perf_counter() - begun
            text += piece
    except ModelUnavailable as error:
        return Answer(text, first, None, error=str(error))
    return Answer(text, first, time.perf_counter() - begun)
