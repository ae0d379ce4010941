"""Whether a section speaks of the thing that is asked for."""

import pytest

from chains.answerable import counts_another_thing, names_another_thing
from chains.reranking import Reranker
from stores.passages import Passage

RERANKER = Reranker({"подменный": frozenset({"подменка"}), "подменка": frozenset({"подменный"})}, frozenset())
KNOWN = frozenset({"volvo"})


def _passage(title: str, text: str) -> Passage:
    return Passage(id="one", kind="legend", title=title, text=text, url=None, language="ru")


CLUB = _passage("Клуб клиентов", "Клиенты клуба получают баллы за сервис. В клубе 300 человек.")
COURTESY = _passage("Подменный автомобиль", "На время ремонта дадим хэтчбек.")


@pytest.mark.parametrize(
    ("message", "passage", "foreign"),
    [
        ("бассейн для клиентов есть?", CLUB, True),
        ("клуб у вас есть?", CLUB, False),
        ("какие баллы дают за покупку", CLUB, False),
        ("вертолёт Volvo для клиентов", CLUB, True),
        ("а подменка есть?", COURTESY, False),
        ("хетчбек в Новосибирске", COURTESY, True),
        ("можно ли так?", COURTESY, False),
    ],
)
def test_a_section_that_lacks_every_thing_that_is_named_is_about_something_else(
    message: str, passage: Passage, foreign: bool
) -> None:
    assert names_another_thing(message, passage, RERANKER, KNOWN) is foreign


@pytest.mark.parametrize(
    ("message", "another"),
    [
        ("сколько сотрудников в салоне", True),
        ("сколько человек у вас работает", True),
        ("сколько там всего менеджеров", True),
        ("сколько баллов дают", False),
        ("сколько времени это займёт", False),
    ],
)
def test_what_is_counted_must_stand_in_the_section(message: str, another: bool) -> None:
    assert counts_another_thing(message, CLUB, RERANKER) is another
