"""What admins change in another process, heard by a visitor in this one at the next message."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from chains.reply import Reply
from services import Services, open_services
from settings import ROOT, Settings
from stores.database import open_database
from stores.in_force import CONSENT, HOURS, InForce
from stores.knowledge import Knowledge
from stores.salon import load_salon

pytestmark = pytest.mark.anyio

MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+03:00")
SATURDAY_NOON = datetime.fromisoformat("2026-11-21T12:00:00+03:00")
ADMIN = "Анна"


@dataclass
class Two:
    """The assistant, and what an admin changes in a process of their own on the same database."""

    services: Services
    admin: InForce
    knowledge: Knowledge

    async def ask(self, message: str, at: datetime = MONDAY_NOON) -> Reply:
        dialog = self.services.dialogs.open(
            kind="web",
            language="ru",
            consent=self.services.consent("ru"),
            address=None,
            remember=False,
            visitor=None,
        )
        return await self.services.assistant.answer(dialog.session_id, message, at=at)


@pytest.fixture(scope="module")
def two(make_salon_folder: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder, data = make_salon_folder(tmp_path_factory.mktemp("folder")), tmp_path_factory.mktemp("data")
    services = open_services(Settings(_env_file=None, salon=folder, data=data, db=None, llm="off"))
    engine = open_database(services.settings.database_url)
    yield Two(services, InForce(engine, load_salon(folder), ROOT / "assets"), Knowledge(engine))
    engine.dispose()
    services.close()


async def test_hours_of_the_app_are_told_and_a_call_back_is_offered_by_them(two: Two) -> None:
    closed = await two.ask("Перезвоните мне", SATURDAY_NOON)
    assert "закрыт" in (await two.ask("Вы работаете в субботу?")).answer
    two.admin.set_hours(two.admin.hours_table() | {"sat": "11:00-15:00"}, author=ADMIN)
    told = await two.ask("До скольки вы работаете в субботу?")
    assert "11:00" in told.answer
    assert "15:00" in told.answer
    assert told.sources[0].ref == "salon.toml#hours"
    open_now = await two.ask("Перезвоните мне", SATURDAY_NOON)
    assert open_now.answer != closed.answer
    assert two.services.salon.hours.is_open(SATURDAY_NOON)
    two.admin.reset(HOURS, author=ADMIN)
    assert (await two.ask("Перезвоните мне", SATURDAY_NOON)).answer == closed.answer


async def test_a_consent_of_the_app_is_asked_for_at_once(two: Two) -> None:
    before = two.services.consent("ru")
    two.admin.set_consent({"ru": "Новое согласие", "en": "A new consent"}, author=ADMIN)
    assert two.services.consent("en").text == "A new consent"
    assert two.services.consent("ru").version != before.version
    two.admin.reset(CONSENT, author=ADMIN)
    assert two.services.consent("ru") == before


async def test_a_published_entry_answers_its_question_and_a_paraphrase_until_it_is_withdrawn(
    two: Two,
) -> None:
    question, paraphrase = "Можно ли прийти к вам с собакой?", "Пустят ли в салон с собаками?"
    assert (await two.ask(question)).route == "unknown"
    entry = two.knowledge.draft(
        "Можно ли прийти в салон с собакой?", "Да, с собакой на поводке у нас рады видеть.", author=ADMIN
    )
    assert (await two.ask(question)).route == "unknown", "a draft is no answer"
    entry = two.knowledge.publish(entry.id, author=ADMIN, seen=entry.version)
    for asked in (question, paraphrase):
        reply = await two.ask(asked)
        assert (reply.route, reply.sources[0].kind) == ("legend", "legend")
        assert reply.sources[0].ref == f"legend:entry-{entry.id}"
        assert "на поводке" in reply.answer
    two.knowledge.withdraw(entry.id, author=ADMIN, seen=entry.version)
    assert (await two.ask(question)).route == "unknown"


async def test_an_entry_in_another_place_of_the_dialog_leaves_other_answers_as_they_are(two: Two) -> None:
    questions = ("Есть C 180?", "Принимаете машины в трейд-ин?", "Чем CLS отличается от E-класса?")
    before = [(reply.route, reply.answer) for reply in [await two.ask(one) for one in questions]]
    entry = two.knowledge.draft("Есть ли у вас мойка?", "Да, мойка есть.", author=ADMIN)
    entry = two.knowledge.publish(entry.id, author=ADMIN, seen=entry.version)
    assert [(reply.route, reply.answer) for reply in [await two.ask(one) for one in questions]] == before
    two.knowledge.withdraw(entry.id, author=ADMIN, seen=entry.version)
