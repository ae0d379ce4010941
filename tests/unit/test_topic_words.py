"""A topic that an admin has made up is recognised by its words in any form, its phrases, and by what it means."""

from pathlib import Path

import pytest

from chains.embeddings import Embedder
from chains.guard import Guard
from chains.text import language_of
from stores.topics import Topic

ROOT = Path(__file__).resolve().parents[2]
SPORT = Topic(
    name="спорт",
    stop_words=("футбол", "чемпионат мира"),
    examples=("Кто выиграл вчерашний матч?",),
    stub="О спорте не говорю.",
)
WEATHER = Topic(name="погода", examples=("Какая завтра погода?", "Пойдёт ли сегодня дождь?"))
RIVALS = Topic(name="конкуренты", stop_words=("бмв",), examples=("Чем вы лучше БМВ?",))


class Fixed:
    def current(self) -> list[Topic]:
        return [SPORT, WEATHER, RIVALS]


@pytest.fixture(scope="module")
def guard() -> Guard:
    folder = ROOT / "assets" / "guard"
    return Guard(Fixed(), folder, vectors=Embedder(), own_words=["тойота", "toyota"])


@pytest.mark.parametrize(
    "message, topic",
    [
        ("Расскажи о футболе", "спорт"),
        ("Что было на чемпионатах мира?", "спорт"),
        ("Кто выиграл вчера в хоккей?", "спорт"),
        ("Что там с погодой на завтра", "погода"),
        ("Будет ли завтра снег?", "погода"),
    ],
)
def test_words_in_any_form_phrases_and_other_words_for_the_same_are_recognised(
    guard: Guard, message: str, topic: str
) -> None:
    assert guard.check_input(message, language_of(message)).reason == f"forbidden:{topic}"


@pytest.mark.parametrize(
    "message",
    [
        "Какой чемпионский цвет у этой модели?",
        "Есть ли скидка на матовый кузов?",
        "Нужны ли зимние шины?",
        "Завтра можно приехать?",
        "Чем Тойота лучше?",
        "Кто выиграл бы от трейд-ина?",
    ],
)
def test_a_customers_question_passes(guard: Guard, message: str) -> None:
    assert not guard.check_input(message, language_of(message)).blocked
