"""What the router's patterns take for small talk, a wish to be called, opening hours and other subjects."""

import re
import time
import tomllib
from pathlib import Path

import pytest

from chains.text import normalise
from stores.lexicon import fold

ROUTER = Path(__file__).resolve().parents[2] / "assets" / "router.toml"
SECTIONS = tomllib.loads(ROUTER.read_text(encoding="utf-8"))


def _fits(section: str, message: str, *names: str) -> bool:
    line = fold(normalise(message)).replace("?", " ").strip()
    patterns = SECTIONS[section]
    return any(re.search(text, line) for name in names or patterns for text in patterns[name])


@pytest.mark.parametrize(
    "name, message",
    [
        ("hello", "Здарова"),
        ("hello", "здорово"),
        ("hello", "ку"),
        ("hello", "прив"),
        ("hello", "Здорово, мужики!"),
        ("thanks", "понял спасибо"),
        ("ok", "ок понял"),
        ("ok", "Ясно, понятно."),
        ("help", "помоги"),
        ("help", "help"),
        ("help", "Помогите, пожалуйста"),
    ],
)
def test_short_greetings_and_agreements_are_small_talk(name: str, message: str) -> None:
    assert _fits("smalltalk", message, name)


@pytest.mark.parametrize(
    "message",
    ["ку 7 есть?", "приводной ремень", "помоги выбрать", "понял, а гарантия?", "здоровенный багажник"],
)
def test_words_that_only_begin_like_small_talk_are_none(message: str) -> None:
    assert not _fits("smalltalk", message)


@pytest.mark.parametrize(
    "message",
    [
        "хочу поговорить с живым человеком",
        "позовите живого человека",
        "Позови человека",
        "наберите меня",
        "наберёте меня завтра?",
        "можно с человеком поговорить",
        "переключи на оператора",
        "let me talk to a human",
    ],
)
def test_a_wish_for_a_person_or_a_call_is_a_call_back(message: str) -> None:
    assert _fits("callback", message)


@pytest.mark.parametrize(
    "message", ["Ты человек или бот?", "Сколько человек влезет?", "Какой набор инструментов?", "дайте скидку"]
)
def test_what_asks_for_no_person_is_no_call_back(message: str) -> None:
    assert not _fits("callback", message)


@pytest.mark.parametrize(
    "message",
    [
        "8 марта открыты?",
        "как вы работаете 8 марта",
        "9 мая работаете",
        "салон 1 мая работает?",
        "вы щас открыты?",
        "в понедельник вы открыты?",
        "закрыты ли вы 23 февраля?",
        "вы открыты?",
        "работаете?",
        "во сколько открываетесь",
        "До скольки вы работаете в воскресенье?",
        "Вы работаете 31.12?",
        "are you open on December 31",
        "When do you close?",
        "Is the salon open tomorrow?",
        "Do you work on Sundays?",
    ],
)
def test_opening_hours_are_known_by_day_and_date(message: str) -> None:
    assert _fits("hours", message)


@pytest.mark.parametrize(
    "message",
    [
        "работаете с юрлицами?",
        "сейчас работаете с юрлицами?",
        "как работает 4matic?",
        "как работает подогрев ночью?",
        "как работает пневма в среднем режиме?",
        "открыть счёт",
        "сегодня можно открыть счёт?",
        "панорама открывается?",
        "когда открывается люк?",
        "закрытый салон среднего размера",
        "how does 4MATIC work?",
    ],
)
def test_work_and_opening_of_other_things_are_no_opening_hours(message: str) -> None:
    assert not _fits("hours", message)


@pytest.mark.parametrize(
    "message", ["расскажи анекдот", "напиши стих", "какая погода", "курс биткоина", "any jokes?"]
)
def test_other_subjects_are_off_topic(message: str) -> None:
    assert _fits("off_topic", message, "any")


@pytest.mark.parametrize(
    "message",
    [
        "расскажи про Карла Бенца",
        "кто такая Берта Бенц?",
        "можно купить за биткоины",
        "принимаете криптовалюту?",
        "с собакой можно в салон?",
        "влезет ли собака в багажник",
        "стихия бездорожья",
    ],
)
def test_people_of_the_brand_payment_and_dogs_in_cars_are_not_off_topic(message: str) -> None:
    assert not _fits("off_topic", message, "any")


def test_the_longest_message_is_matched_in_a_moment() -> None:
    start = time.perf_counter()
    for piece in ("понял", "ок ", "вы ", "салон ", "сегодня ", "собака ", "и, ну "):
        line = (piece * 4000)[:3999] + "#"
        for section in ("smalltalk", "callback", "hours", "off_topic"):
            _fits(section, line)
    assert time.perf_counter() - start < 10
