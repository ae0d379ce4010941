"""What a language model says, and how it fails, seen by the visitor: a foreign server stands in for the model."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import text

from chains.assistant import Patience
from chains.reply import Event, Final, Notice, Reply, Token
from services import Services, open_services
from settings import ROOT, Settings
from stores.dialogs import Turn
from stores.in_force import MODEL, InForce
from stores.topics import Topic
from tests.integration.test_llm_remote import server

pytestmark = pytest.mark.anyio

MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")
SATURDAY = datetime.fromisoformat("2026-11-21T12:00:00+03:00")
QUESTION = "Чем CLS отличается от E-класса?"
TRUE = "CLS и E-класс стоят на одной платформе. "
ALSO_TRUE = "CLS — четырёхдверное купе, он ниже. "
COMPUTED = "CLS — четырёхдверное купе: он ниже."  # the test salon's article goes on like this
INVENTED = "CLS стоит 5 000 000 рублей. "
UNNOTICED = Patience(notice_s=30)
PROMISE = "Мы перезвоним вам и забронируем CLS. "


@dataclass
class Visit:
    services: Services
    session_id: str

    async def events(self, message: str = QUESTION, at: datetime = MONDAY_NOON) -> list[Event]:
        return [event async for event in self.services.assistant.stream(self.session_id, message, at=at)]

    async def ask(self, message: str = QUESTION) -> Reply:
        last = (await self.events(message))[-1]
        assert isinstance(last, Final)
        return last.reply


def failed(turn: Turn) -> list[dict[str, Any]]:
    """The checks that something did not pass; whether the answer refuses is told of every turn."""
    return [check for check in turn.checks if "failure" in check]


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def visit(
    make_salon_folder: Callable[[Path], Path],
    tmp_path: Path,
    unused_port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Any]:
    """Open the services over a model that behaves as told."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    @contextmanager
    def opened(*, patience: Patience = UNNOTICED, **behaviour: Any) -> Iterator[Visit]:
        settings = Settings(
            _env_file=None,
            salon=make_salon_folder(tmp_path / "salon"),
            data=tmp_path / "data",
            llm=f"http://127.0.0.1:{unused_port}",
        )
        with server(unused_port, **behaviour):
            services = open_services(settings, patience=patience)
            services.start()
            until = time.monotonic() + 20
            while not services.model.ready and time.monotonic() < until:
                time.sleep(0.05)
            dialog = services.dialogs.open(
                kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
            )
            try:
                yield Visit(services, dialog.session_id)
            finally:
                services.close()

    return opened


async def test_what_the_facts_bear_out_is_said_in_the_models_words(visit: Callable[..., Any]) -> None:
    with visit(pieces=[TRUE, ALSO_TRUE]) as visitor:
        reply = await visitor.ask()
        with visitor.services.engine.connect() as connection:
            facts, prompt, completion = connection.execute(
                text("SELECT facts, prompt_tokens, completion_tokens FROM turns")
            ).one()
    assert "CLS" in facts
    assert (prompt, completion) == (31, 7)
    assert reply.answer == f"{TRUE}{ALSO_TRUE}".strip()
    assert (reply.llm, reply.route) == (True, "wiki")
    assert [source.url for source in reply.sources] == ["https://wiki.test.example/cls"]


async def test_a_model_that_another_process_switches_off_says_nothing_until_it_is_switched_on(
    visit: Callable[..., Any],
) -> None:
    with visit(pieces=[TRUE, ALSO_TRUE]) as visitor:
        services = visitor.services
        admin = InForce(services.engine, services.salon, ROOT / "assets")
        assert (await visitor.ask()).llm
        admin.set_model(False, author="Анна")
        reply = await visitor.ask()
        assert (reply.llm, reply.route) == (False, "wiki")
        assert (services.model.state, services.model.ready) == ("off", False)
        admin.reset(MODEL, author="Анна")
        assert (await visitor.ask()).llm


@pytest.mark.parametrize("lie", [INVENTED, PROMISE, "CLS 350 мощнее, чем E-класс. ", "The CLS is lower. "])
async def test_a_sentence_that_the_facts_do_not_bear_out_is_never_shown(
    visit: Callable[..., Any], lie: str
) -> None:
    with visit(pieces=[TRUE, lie, ALSO_TRUE]) as visitor:
        events = await visitor.events()
        stored = visitor.services.dialogs.turns(visitor.session_id)[-1]
    shown = "".join(event.text for event in events if isinstance(event, Token))
    assert shown == f"{TRUE}{ALSO_TRUE}".strip()
    assert [check["sentence"] for check in failed(stored)] == [lie.strip()]


async def test_when_nothing_of_it_holds_the_computed_wording_stands(visit: Callable[..., Any]) -> None:
    with visit(pieces=[INVENTED, PROMISE]) as visitor:
        reply = await visitor.ask()
    assert not reply.llm
    assert reply.answer.startswith("CLS и E-класс стоят на одной платформе")


async def test_bare_headings_are_no_answer(visit: Callable[..., Any]) -> None:
    with visit(pieces=["Платформа: ", "Купе CLS: ", "E-класс: "]) as visitor:
        reply = await visitor.ask()
    assert not reply.llm
    assert reply.answer.startswith("CLS и E-класс стоят на одной платформе")


@pytest.mark.parametrize("end", ["cut", "error", "garbage"])
async def test_a_model_that_dies_in_mid_sentence_is_finished_by_computed_wording(
    visit: Callable[..., Any], end: str
) -> None:
    with visit(pieces=[TRUE, "CLS — четырёх"], end=end) as visitor:
        reply = await visitor.ask()
        assert reply.answer == f"{TRUE}{COMPUTED}"
        assert (await visitor.ask("Есть C 180?")).cars == ["C1"]  # the next question is answered as ever


async def test_a_model_that_refuses_costs_nothing(visit: Callable[..., Any]) -> None:
    with visit(status=500) as visitor:
        reply = await visitor.ask()
    assert (reply.llm, reply.route) == (False, "wiki")
    assert "платформе" in reply.answer


async def test_computed_answers_do_not_wait_for_the_model(visit: Callable[..., Any]) -> None:
    with visit(pieces=[TRUE], pause_s=5) as visitor:
        reply = await visitor.ask("Есть ли в наличии C 180?")
    assert (reply.llm, reply.cars) == (False, ["C1"])


async def test_who_waits_long_is_told_so_and_offered_a_call_in_opening_hours(
    visit: Callable[..., Any],
) -> None:
    with visit(
        pieces=["CLS и E-класс ", "стоят на одной платформе. "], pause_s=1, patience=Patience(notice_s=0.2)
    ) as visitor:
        opened = (await visitor.events())[0]
        closed = (await visitor.events(at=SATURDAY))[0]
    assert opened == Notice("Ваш запрос обрабатывается, ожидайте ответа", offer_callback=True)
    assert closed == Notice("Ваш запрос обрабатывается, ожидайте ответа", offer_callback=False)


async def test_a_model_that_is_too_slow_is_not_waited_for_nor_asked_again_at_once(
    visit: Callable[..., Any],
) -> None:
    patience = Patience(notice_s=30, sentence_s=1)
    with visit(
        pieces=["CLS и E-класс ", "стоят на одной платформе. "], pause_s=20, patience=patience
    ) as visitor:
        replies = [await visitor.ask(), await visitor.ask()]
        turns = visitor.services.dialogs.turns(visitor.session_id)
    for reply in replies:
        assert not reply.llm
        assert reply.answer.startswith("CLS и E-класс стоят на одной платформе")
    late = [[check["failure"] for check in failed(turn)] for turn in turns]
    assert late == [["model: no sentence within 1 s"], []]


async def test_what_was_said_to_a_visitor_who_left_is_kept(visit: Callable[..., Any]) -> None:
    with visit(pieces=[TRUE, ALSO_TRUE, "CLS ниже. "], pause_s=1) as visitor:
        async with aclosing(visitor.services.assistant.stream(visitor.session_id, QUESTION)) as stream:
            async for event in stream:
                if isinstance(event, Token):
                    break
        turn = visitor.services.dialogs.turns(visitor.session_id)[-1]
    assert (turn.status, turn.answer) == ("answered", TRUE.strip())


async def test_a_visitor_who_left_before_the_first_word_was_told_nothing(visit: Callable[..., Any]) -> None:
    with (
        visit(
            pieces=["CLS и E-класс ", "стоят на одной платформе. "],
            pause_s=5,
            patience=Patience(notice_s=1.5),
        ) as visitor
    ):  # the notice comes when the question is stored and the model is speaking, even on a busy machine
        async with aclosing(visitor.services.assistant.stream(visitor.session_id, QUESTION)) as stream:
            assert isinstance(await anext(stream), Notice)
        turn = visitor.services.dialogs.turns(visitor.session_id)[-1]
    assert (turn.question, turn.answer) == (QUESTION, None)


async def test_messages_of_one_session_are_answered_in_turn(visit: Callable[..., Any]) -> None:
    with visit(pieces=[TRUE], pause_s=0.5) as visitor:
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(visitor.ask)
        turns = visitor.services.dialogs.turns(visitor.session_id)
    assert [turn.answer for turn in turns] == [f"{TRUE}{COMPUTED}"] * 3


async def test_a_generated_sentence_on_a_forbidden_topic_is_never_shown(visit: Callable[..., Any]) -> None:
    with visit(pieces=[TRUE, ALSO_TRUE]) as visitor:
        visitor.services.topics.save([Topic(topic="купе", stop_words=("четырёхдверное",), examples=())])
        events = await visitor.events()
        stored = visitor.services.dialogs.turns(visitor.session_id)[-1]
    assert next(event.text for event in events if isinstance(event, Token)) == TRUE.strip()
    assert [check["failure"] for check in failed(stored)] == ["forbidden:купе"]
