"""Personal data of every kind goes in by the real assistant; nothing of it comes out but from the sealed tables."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from chains.reviewing import flag_wrong
from jobs.__main__ import main
from services import Services, open_services
from settings import Settings
from stores.exports import FORMATS
from stores.models import CallbackRow, ContactRow, MailingRow
from stores.office import ReviewRow
from stores.reviews import Reviews
from stores.table import Table
from tests.integration.canaries import KINDS, canary, found_in
from tests.integration.http_parts import MONDAY_NOON
from ui.web import create_api

pytestmark = pytest.mark.anyio
_DIALOG = (
    *("*", "*", "Запишите меня на тест-драйв C 180 завтра в 12", "PHONE", "*"),
    *("Есть ли чёрный внедорожник до 10 миллионов?", "пришлите брошюру", "EMAIL", "да, согласен"),
    *("*", "перезвоните мне", "PHONE", "а подешевле?", "*", "*"),
)
"""What a visitor writes: canaries of each kind in turn (*) or of one, and what makes forms ask for them."""


class Watch(logging.Handler):
    """Looks for canaries in everything that is logged, and keeps nothing else of it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines = 0
        self.leaks: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += 1
        self.leaks.update(found_in(self.format(record)))


@contextmanager
def watched_log() -> Iterator[Watch]:
    """All that any library or part of ours logs, at every level."""
    watch, root = Watch(), logging.getLogger()
    loggers = [
        logging.getLogger(name)
        for name in ("", "stores", "chains", "jobs", "ui", "sqlalchemy.engine", "presidio-analyzer")
    ]
    before, handlers = [(logger, logger.level) for logger in loggers], root.handlers
    root.handlers = [watch]  # what keeps the log of a test would keep that of every statement
    for logger in loggers:
        logger.setLevel(logging.DEBUG if logger.name != "sqlalchemy.engine" else logging.INFO)
    try:
        yield watch
    finally:
        root.handlers = handlers
        for logger, level in before:
            logger.setLevel(level)


async def plant(services: Services, turns: int) -> dict[str, int]:
    """Let visitors write canaries, among questions and in the middle of forms; how many of each kind they were."""
    planted = dict.fromkeys(KINDS, 0)
    session_id, number = "", 0
    for turn in range(turns):
        step = _DIALOG[turn % len(_DIALOG)]
        if turn % len(_DIALOG) == 0:
            session_id = _opened(services)
        kind = KINDS[number % len(KINDS)] if step == "*" else step
        message = step
        if kind in KINDS:
            # The ways to say a kind are gone through one after the other, whatever the number of kinds.
            message = canary(kind, number // len(KINDS) if step == "*" else number).text
            planted[kind] += 1
            number += step == "*"
        reply = await services.assistant.answer(session_id, message, at=MONDAY_NOON + timedelta(seconds=turn))
        if turn % len(_DIALOG) == len(_DIALOG) - 1:
            _judge(services, session_id, reply.turn_id, message)
    return planted


def _judge(services: Services, session_id: str, turn_id: str, words: str) -> None:
    """The visitor's comment, and what staff say of an answer, name people too."""
    services.dialogs.rate(session_id, 7, 7, services.planner.masked(words))
    reviews = Reviews(services.engine)
    flag_wrong(reviews, services.planner, turn_id, reason=words, right_answer=words, reviewer="anna")


def _opened(services: Services) -> str:
    return services.dialogs.open(
        kind="web", language="ru", consent=services.consent("ru"), address="::1", remember=True, visitor=None
    ).session_id


def database_text(services: Services) -> Iterator[tuple[str, str]]:
    """Every row of every table as text, with the table's name."""
    with services.engine.connect() as connection:
        for table in Table.metadata.sorted_tables:
            for row in connection.execute(text(f"SELECT * FROM {table.name}")):
                yield table.name, "\n".join(map(str, row))


async def check(services: Services, tmp_path: Path, turns: int) -> None:
    app = create_api(services)
    with watched_log() as log:
        planted = await plant(app.state.services, turns)
        settings = services.settings
        for format in FORMATS:
            out = tmp_path / format
            command = ["export", "--format", format, "--out", str(out), "--salon", str(settings.salon)]
            assert main([*command, "--data", str(settings.data), "--db", settings.database_url]) == 0
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://test"
        ) as client:
            metrics = (await client.get("/metrics")).text
    assert min(planted.values()) >= turns // 40, planted
    assert "salon_answers_total" in metrics

    places = {f"export {format}": (tmp_path / format).read_text(encoding="utf-8") for format in FORMATS}
    places["metrics"] = metrics
    for path in services.settings.data.rglob(
        "*"
    ):  # vectors, and on SQLite the database as it lies on the disk
        if path.is_file():
            places[f"file {path.name}"] = path.read_bytes().decode("utf-8", "replace")
    leaks = {place: found for place, words in places.items() if (found := found_in(words))}
    if log.leaks:
        leaks["log"] = log.leaks
    assert log.lines > turns
    for table, row in database_text(services):
        if found := found_in(row):
            leaks.setdefault(f"table {table}", {}).update(found)
    print(f"{turns} turns, {sum(planted.values())} canaries, {log.lines} lines of log, found: {leaks}")
    assert leaks == {}
    assert len(places["export csv"].splitlines()) > turns / 2
    assert_sealed(services)


def assert_sealed(services: Services) -> None:
    """What a call-back and a letter need did arrive: the search above has had something to find."""
    with services.engine.connect() as connection:
        phones = [
            services.cipher.unseal(phone)
            for row in (CallbackRow, ContactRow)
            for (phone,) in connection.execute(text(f"SELECT phone FROM {row.__tablename__}"))
            if phone
        ]
        emails = connection.execute(text(f"SELECT email FROM {MailingRow.__tablename__}")).scalars().all()
        reviews = connection.execute(text(f"SELECT reason FROM {ReviewRow.__tablename__}")).scalars().all()
    assert any("PHONE" in found_in(phone) for phone in phones)
    assert any("EMAIL" in found_in(services.cipher.unseal(email)) for email in emails)
    assert any("[" in reason for reason in reviews)


def test_every_canary_is_recognised() -> None:
    for kind in KINDS:
        for number in range(300):
            assert kind in found_in(canary(kind, number).text), canary(kind, number)


async def test_no_canary_comes_out(services: Services, tmp_path: Path) -> None:
    await check(services, tmp_path, turns=240 if services.engine.dialect.name == "sqlite" else 60)


async def test_a_history_held_elsewhere_is_masked_on_its_way_in(services: Services) -> None:
    session_id = _opened(services)
    words = [canary(kind, 5).text for kind in KINDS]
    history = [(role, text) for text in words for role in ("user", "assistant")]
    await services.assistant.import_history(session_id, history)
    turns = services.dialogs.turns(session_id)
    assert len(turns) == len(words)
    assert [found_in(f"{turn.question}\n{turn.answer}\n{turn.state}") for turn in turns] == [{}] * len(words)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_no_canary_of_ten_thousand_turns_comes_out(salon_folder: Path, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, salon=salon_folder, data=tmp_path / "data", llm="off")
    opened = open_services(settings)
    try:
        await check(opened, tmp_path, turns=10_000)
    finally:
        opened.close()
