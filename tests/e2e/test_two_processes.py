"""Two processes of the program on one PostgreSQL: what an admin changes, both know at the next message."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from chains.embeddings import Embedder
from chains.gaps import cluster_gaps
from settings import ROOT
from stores.database import open_database
from stores.gaps import Gaps
from stores.in_force import CONSENT, HOURS, InForce
from stores.knowledge import Knowledge
from stores.salon import load_salon
from stores.topics import Topic, Topics
from tests.e2e.process import running

SHIPS = Topic(
    name="полёты", stop_words=("дирижабль",), examples=("Как летает самолёт?",), stub="Не о полётах."
)


@dataclass
class Two:
    """The processes, as clients see them, and the database that they share, as a third process sees it."""

    clients: list[httpx.Client]
    topics: Topics
    in_force: InForce
    gaps: Gaps
    knowledge: Knowledge

    def ask(self, message: str) -> list[dict[str, Any]]:
        """The reply of each process to the same message."""
        replies = []
        for client in self.clients:
            session = client.post("/api/sessions", json={"consent": True}).json()["session_id"]
            body = {"session_id": session, "message": message}
            replies.append(client.post("/api/chat", json=body).json())
        return replies


@pytest.fixture(scope="module")
def two(
    make_salon_folder: Callable[[Path], Path],
    new_postgres_database: Callable[[], AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Two]:
    salon = make_salon_folder(tmp_path_factory.mktemp("salon"))
    key = Fernet.generate_key().decode()
    with ExitStack() as stack:
        url = stack.enter_context(new_postgres_database())
        homes = [tmp_path_factory.mktemp("home") for _ in range(2)]
        shared = ("--salon", str(salon), "--db", url, "--llm", "off")
        programs = [
            running(home, *shared, "--data", str(home / "data"), SALON_CONTACT_KEYS=key) for home in homes
        ]
        for program in programs:
            stack.push(program.__exit__)
        with ThreadPoolExecutor() as threads:  # starting takes seconds, and two may start at once
            clients = [started.client for started in threads.map(lambda one: one.__enter__(), programs)]
        engine = open_database(url)
        stack.callback(engine.dispose)
        in_force = InForce(engine, load_salon(salon), ROOT / "assets")
        yield Two(clients, Topics(engine), in_force, Gaps(engine), Knowledge(engine))


def test_a_topic_blocks_the_next_message_in_both_and_its_undo_lets_it_pass(two: Two) -> None:
    asked = ("Расскажи о дирижаблях", "Как летают самолёты?")
    assert not any(reply["blocked"] for message in asked for reply in two.ask(message))
    two.topics.save([*two.topics.current(), SHIPS], author="anna")
    for message in asked:
        assert [(reply["reason"], reply["answer"]) for reply in two.ask(message)] == [
            ("forbidden:полёты", "Не о полётах.")
        ] * 2
    two.topics.undo(author="anna")
    assert not any(reply["blocked"] for message in asked for reply in two.ask(message))


def test_hours_and_consent_hold_in_both_at_once(two: Two) -> None:
    before = [client.get("/api/salon").json() for client in two.clients]
    day_off = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "closed")
    two.in_force.set_hours({**day_off, "wed": "03:15-03:20"}, author="anna")
    two.in_force.set_consent({"ru": "Новое согласие", "en": "A new consent"}, author="anna")
    for client, old in zip(two.clients, before, strict=True):
        salon = client.get("/api/salon").json()
        assert salon["consent"]["text"] == "Новое согласие"
        assert "T03:15" in salon["next_opening"]
        given = {"consent": True, "consent_version": old["consent"]["version"]}
        assert client.post("/api/sessions", json=given).status_code == 409
    assert all("03:15" in reply["answer"] for reply in two.ask("Вы работаете в среду?"))
    two.in_force.reset(HOURS, author="anna")
    two.in_force.reset(CONSENT, author="anna")
    after = [client.get("/api/salon").json()["consent"] for client in two.clients]
    assert after == [salon["consent"] for salon in before]


def test_a_gap_is_filled_in_both_at_once_and_open_again_when_its_entry_is_withdrawn(two: Two) -> None:
    asked = ("Можно ли прийти к вам с собакой?", "Пустят ли в салон с собаками?")
    assert {reply["route"] for message in asked for reply in two.ask(message)} == {"unknown"}
    cluster_gaps(two.gaps, Embedder())
    gap = next(gap for gap in two.gaps.all() if gap.title in asked)
    entry = two.knowledge.draft(
        "Можно ли прийти в салон с собакой?", "Да, на поводке.", author="anna", gap_id=gap.id
    )
    entry = two.knowledge.publish(entry.id, author="anna", seen=entry.version)
    for message in asked:
        for reply in two.ask(message):
            assert (reply["route"], reply["sources"][0]["kind"]) == ("legend", "legend")
            assert "на поводке" in reply["answer"]
    two.knowledge.withdraw(entry.id, author="anna", seen=entry.version)
    assert {reply["route"] for reply in two.ask(asked[0])} == {"unknown"}
    assert two.gaps.get(gap.id).status == "open"
