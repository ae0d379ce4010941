"""A salon that never closes says so in words, and not from midnight to midnight."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from chains.reply import Language
from services import ASSETS, Services, open_services
from settings import Settings
from ui.pages.conversation import Conversation
from ui.pages.texts import load_texts
from ui.pages.visits import Visits

MONDAY_NIGHT = datetime.fromisoformat("2026-11-23T03:00:00+03:00")


@pytest.fixture(scope="module")
def services(
    make_salon_folder: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    folder, data = make_salon_folder(tmp_path_factory.mktemp("folder")), tmp_path_factory.mktemp("data")
    file = folder / "salon.toml"
    week = "".join(f'{day} = "00:00-24:00"\n' for day in "mon tue wed thu fri sat".split())
    text = re.sub(
        r"(?ms)^\[hours\]\n.*?(?=^\[|\Z)", f'[hours]\n{week}sun = "10:00-16:00"\n', file.read_text()
    )
    file.write_text(re.sub(r"(?ms)^\[hours\.except\]\n.*?(?=^\[|\Z)", "", text))
    opened = open_services(
        Settings(_env_file=None, salon=folder, data=data, llm="off"), clock=lambda: MONDAY_NIGHT
    )
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "message, fragments",
    [
        ("До скольки вы сегодня работаете?", ["Сегодня салон работает круглосуточно.", "открыт"]),
        ("Какие у вас часы работы?", ["понедельник–суббота круглосуточно, воскресенье 10:00–16:00"]),
        ("When are you open today?", ["Today we are open round the clock."]),
        ("What are your opening hours?", ["round the clock", "10:00–16:00"]),
    ],
)
def test_hours_of_a_whole_day_are_round_the_clock(
    services: Services, message: str, fragments: list[str]
) -> None:
    dialog = services.dialogs.open(
        kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
    )
    draft = services.planner.plan(dialog.session_id, message, "ru", MONDAY_NIGHT, []).draft
    assert "00:00" not in draft.text
    for fragment in fragments:
        assert fragment in draft.text


@pytest.mark.parametrize("language, told", [("ru", "сегодня круглосуточно"), ("en", "today round the clock")])
def test_so_does_the_card_that_opens_a_visit(services: Services, language: Language, told: str) -> None:
    card = Visits(services, load_texts(ASSETS, language)).opening_card(Conversation())
    assert told in card
