"""Retention at the size of years: how long it takes, how much memory, and how chats fare meanwhile."""

import random
import sys
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from settings import Settings

NAME = "bench-retention"
HELP = "fill an empty database with dialogs, cut the days they are kept for, and time it while chats go on"

MARK = "zweihundertsiebzig"
"""A word of every turn that is to be destroyed."""
TURNS_OF_A_DIALOG = 8
_DIALOGS_AT_ONCE = 500
_CHAT_PAUSE_S = 0.05
_ROUTES = ("inventory", "price", "legend", "unknown", "callback", "smalltalk")


class Filled(NamedTuple):
    """What a database was filled with: dialogs that are too old by then, and some that are not."""

    old_dialogs: int
    old_turns: int
    new_dialogs: int


class Chats(NamedTuple):
    """Milliseconds that one message's reading and writing took; `failed` counts those that could not be kept."""

    ms: list[float]
    failed: int

    def at(self, share: float) -> float:
        """The time within which this share of the messages was kept."""
        ordered = sorted(self.ms)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


@dataclass(frozen=True)
class Measured:
    """What a destruction took, and how chats fared before and meanwhile. Memory in bytes, None where unknown."""

    seconds: float
    tidy_seconds: float
    counts: dict[str, int]
    memory_before: int | None
    memory_peak: int | None
    file_before: int | None
    file_after: int | None
    chats_before: Chats
    chats_meanwhile: Chats


def add_arguments(parser: ArgumentParser) -> None:
    """How much of it."""
    parser.add_argument("--turns", type=int, default=100_000, metavar="N", help="turns that are too old")


def run(args: Namespace, settings: "Settings") -> int:
    """Fill, destroy, print. 2 when the database holds dialogs already."""
    from sqlalchemy import func, select

    from stores.database import open_database
    from stores.models import DialogRow

    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        with engine.connect() as connection:
            if connection.scalar(select(func.count()).select_from(DialogRow)):
                print("The database holds dialogs: name an empty one with --db or --data", file=sys.stderr)
                return 2
        begun = time.monotonic()
        filled = fill(engine, args.turns)
        print(f"Filled with {filled} in {time.monotonic() - begun:.0f} s", flush=True)
        print("\n".join(lines(measure(engine))))
    finally:
        engine.dispose()
    return 0


def fill(engine: "Engine", turns: int, *, days: int = 30, new_dialogs: int = 50) -> Filled:
    """Add dialogs of `TURNS_OF_A_DIALOG` turns, ended between 2 and `days` days ago, and some of today."""
    from sqlalchemy import insert

    from stores.models import DialogRow, TurnRow

    chance = random.Random(7)  # noqa: S311 - made-up dialogs, no secret
    now = datetime.now(UTC)
    dialogs = turns // TURNS_OF_A_DIALOG
    for first in range(0, dialogs + new_dialogs, _DIALOGS_AT_ONCE):
        rows = []
        for number in range(first, min(first + _DIALOGS_AT_ONCE, dialogs + new_dialogs)):
            ago = timedelta(days=2 + chance.random() * (days - 2)) if number < dialogs else timedelta(hours=1)
            rows.append(_dialog(now - ago, old=number < dialogs, chance=chance))
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(insert(DialogRow), rows)
            connection.execute(insert(TurnRow), [turn for row in rows for turn in _turns(row, chance)])
    return Filled(dialogs, dialogs * TURNS_OF_A_DIALOG, new_dialogs)


def measure(engine: "Engine", days: int = 1, chat_seconds: float = 5.0) -> Measured:
    """Destroy what is older than `days` days, with chats going on from some seconds before until the end."""
    from stores.retention import Retention
    from stores.tidying import tidy

    with _chatting(engine) as before:
        time.sleep(chat_seconds)
    memory, file = _memory("VmRSS"), _file_size(engine)
    _forget_the_peak()
    with _chatting(engine) as meanwhile:
        begun = time.monotonic()
        counts = Retention(engine, is_open=lambda at: 6 <= at.hour < 18).destroy(days)
        destroyed = time.monotonic()
        tidy(engine)
        tidied = time.monotonic()
    return Measured(
        seconds=destroyed - begun,
        tidy_seconds=tidied - destroyed,
        counts=dict(counts),
        memory_before=memory,
        memory_peak=_memory("VmHWM"),
        file_before=file,
        file_after=_file_size(engine),
        chats_before=before.result(),
        chats_meanwhile=meanwhile.result(),
    )


def lines(measured: Measured) -> Iterator[str]:
    """The figures for a person."""
    yield (
        f"Destroyed in {measured.seconds:.1f} s, room given back in {measured.tidy_seconds:.1f} s: "
        + ", ".join(f"{name} {count}" for name, count in measured.counts.items() if count)
    )
    if measured.memory_before and measured.memory_peak:
        yield f"Memory: {measured.memory_before / 1e6:.0f} MB before, {measured.memory_peak / 1e6:.0f} MB at most"
    if measured.file_before is not None and measured.file_after is not None:
        yield f"File: {measured.file_before / 1e6:.0f} MB before, {measured.file_after / 1e6:.0f} MB after"
    for name, chats in (("before", measured.chats_before), ("meanwhile", measured.chats_meanwhile)):
        yield (
            f"A message is kept ({name}): p50 {chats.at(0.5):.1f} ms, p95 {chats.at(0.95):.1f} ms,"
            f" at most {chats.at(1):.0f} ms; {len(chats.ms)} messages, {chats.failed} failed"
        )


def _dialog(ended: datetime, *, old: bool, chance: random.Random) -> dict[str, Any]:
    return {
        "session_id": UUID(int=chance.getrandbits(128)).hex,
        "kind": "web" if old else "api",
        "language": "ru",
        "opened_at": ended - timedelta(minutes=TURNS_OF_A_DIALOG),
        "last_at": ended,
    }


def _turns(dialog: dict[str, Any], chance: random.Random) -> list[dict[str, Any]]:
    word = MARK if dialog["kind"] == "web" else "heute"
    return [
        {
            "turn_id": UUID(int=chance.getrandbits(128)).hex,
            "session_id": dialog["session_id"],
            "status": "answered",
            "question": f"Есть ли у вас седан до {chance.randrange(3, 20)} млн? {word}",
            "asked_at": dialog["opened_at"] + timedelta(minutes=number),
            "answered_at": dialog["opened_at"] + timedelta(minutes=number, seconds=1),
            "answer": f"Да, подходят {chance.randrange(2, 30)} автомобилей. " * 8 + word,
            "route": _ROUTES[(number + len(word)) % len(_ROUTES)],
            "cars": [f"C{chance.randrange(1000)}"],
            "sources": [{"kind": "inventory", "title": "C 180, 2023", "ref": "C1", "url": None}],
            "notices": [],
            "checks": [{"sentence": word, "verdict": "held"}],
            "timings": {"plan_ms": 30.0, "total_ms": 38.0},
            "state": {"asked": "inventory", "cars": {"shown": ["C1", "C2", "C3"]}},
            "elapsed_ms": chance.randrange(10, 900),
        }
        for number in range(TURNS_OF_A_DIALOG)
    ]


@dataclass
class _Talking:
    ms: list[float] = field(default_factory=list)
    failed: int = 0

    def result(self) -> Chats:
        return Chats(self.ms, self.failed)


@contextmanager
def _chatting(engine: "Engine") -> Iterator[_Talking]:
    """One visitor after another asks and is answered, as far as the database is concerned, until the block ends."""
    talking, done = _Talking(), threading.Event()
    thread = threading.Thread(target=_talk, args=(engine, talking, done))
    thread.start()
    try:
        yield talking
    finally:
        done.set()
        thread.join()


def _talk(engine: "Engine", talking: _Talking, done: threading.Event) -> None:
    from stores.dialogs import Dialogs, TurnResult
    from stores.errors import StoreError

    dialogs = Dialogs(engine)
    session = None
    while not done.wait(_CHAT_PAUSE_S):
        begun = time.perf_counter()
        try:
            if session is None or len(talking.ms) % TURNS_OF_A_DIALOG == 0:
                session = dialogs.open(
                    kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
                ).session_id
            dialogs.turns(session, last=5)
            turn = dialogs.add_question(session, "Есть седаны?")
            dialogs.save_reply(turn, TurnResult(answer="Да.", route="inventory"))
        except StoreError:
            talking.failed += 1
        talking.ms.append((time.perf_counter() - begun) * 1000)


def _memory(name: str) -> int | None:
    """A figure of /proc/self/status in bytes; None where there is none."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in status if line.startswith(f"{name}:")), None)


def _forget_the_peak() -> None:
    """Let the kernel count the peak of memory anew, where it does (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _file_size(engine: "Engine") -> int | None:
    """The size of a SQLite database with its write-ahead log."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    parts: Sequence[str] = ("", "-wal")
    names = [engine.url.database + part for part in parts]
    return sum(Path(name).stat().st_size for name in names if Path(name).exists())
