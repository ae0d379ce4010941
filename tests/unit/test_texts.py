"""The assistant's own sentences: complete in both languages, figures well written."""

import string
from datetime import date
from pathlib import Path

import pytest

from chains.texts import Texts, load_texts

ASSETS = Path(__file__).parents[2] / "assets"
RU, EN = load_texts(ASSETS, "ru", "RUB"), load_texts(ASSETS, "en", "RUB")


def _fields(texts: Texts) -> dict[str, set[str]]:
    return {
        f"{section}.{name}": {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
        for section, sentences in texts.sentences.items()
        for name, sentence in sentences.items()
    }


def test_both_languages_have_the_same_sentences_with_the_same_fields() -> None:
    assert _fields(RU) == _fields(EN)


def test_money_has_a_thousands_space_and_the_currency() -> None:
    assert RU.money(5_490_000) == "5 490 000 ₽"


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 автомобиль"), (3, "3 автомобиля"), (11, "11 автомобилей"), (21, "21 автомобиль")],
)
def test_cars_are_counted_in_good_russian(count: int, text: str) -> None:
    assert RU.cars(count) == text


@pytest.mark.parametrize(
    ("day", "ru", "en"),
    [
        (date(2026, 11, 21), "сегодня", "today"),
        (date(2026, 11, 22), "завтра", "tomorrow"),
        (date(2026, 11, 24), "во вторник", "on Tuesday"),
        (date(2026, 12, 31), "31 декабря", "31 December"),
    ],
)
def test_a_day_is_named_as_people_would(day: date, ru: str, en: str) -> None:
    today = date(2026, 11, 21)
    assert (RU.on_day(day, today), EN.on_day(day, today)) == (ru, en)
