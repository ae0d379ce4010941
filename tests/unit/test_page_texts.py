"""The strings of the pages: both languages say the same things, and the pages ask for what is there."""

import re
from datetime import datetime
from string import Formatter
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from settings import ROOT
from ui.pages.conversation import Trouble
from ui.pages.texts import Texts, load_texts

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime.fromisoformat("2026-11-21T22:30:00+03:00")


@pytest.fixture(scope="module")
def russian() -> Texts:
    return load_texts(ROOT / "assets", "ru")


@pytest.fixture(scope="module")
def english() -> Texts:
    return load_texts(ROOT / "assets", "en")


def shape(texts: Texts) -> dict[str, object]:
    """Every key with what it needs: the names of its placeholders, or how many strings a list has."""
    return {
        f"{section}.{name}": len(value)
        if isinstance(value, list)
        else {field for _, field, _, _ in Formatter().parse(value) if field}
        for section, strings in texts.strings.items()
        for name, value in strings.items()
    }


def test_both_languages_have_the_same_keys_and_placeholders(russian: Texts, english: Texts) -> None:
    assert shape(russian) == shape(english)


def test_every_key_that_the_pages_name_is_there_and_every_key_there_is_named(russian: Texts) -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for path in (ROOT / "ui" / "pages").rglob("*")
        if path.suffix in (".py", ".html") and path.parent.name != "staff"
    ]
    named = {key for text in sources for key in re.findall(r"[\"']([a-z]+\.[a-z_]+)[\"']", text)}
    named |= {f"chat.{trouble}" for trouble in get_args(Trouble)}
    named |= {f"cars.{status}" for status in ("available", "reserved", "in_transit", "sold")}
    named |= {f"sources.{kind}" for kind in ("inventory", "legend", "wiki", "salon")}
    keys = set(shape(russian))
    named = {key for key in named if key.split(".")[0] in russian.strings and not key.endswith(".html")}
    assert named == keys


def test_no_string_is_empty_or_has_an_emoji(russian: Texts, english: Texts) -> None:
    for texts in (russian, english):
        for section in texts.strings.values():
            for value in section.values():
                for text in value if isinstance(value, list) else [value]:
                    assert text.strip()
                    assert not re.search(r"[\U0001F000-\U0001FAFF\u2600-\u27BF]", text)


def test_an_unknown_key_is_an_error(russian: Texts) -> None:
    with pytest.raises(KeyError):
        russian("chat.nothing")
    with pytest.raises(KeyError):
        russian("chat.starters")
    with pytest.raises(KeyError):
        russian.many("chat.send")


@pytest.mark.parametrize(
    "at,ru,en",
    [
        ("2026-11-21T23:00:00+03:00", "сегодня в 23:00", "today at 23:00"),
        ("2026-11-22T07:00:00+00:00", "завтра в 10:00", "tomorrow at 10:00"),
        ("2027-01-03T11:00:00+03:00", "3 января в 11:00", "on 3 January at 11:00"),
    ],
)
def test_a_coming_moment_is_told_by_the_clock_of_the_salon(
    russian: Texts, english: Texts, at: str, ru: str, en: str
) -> None:
    moment = datetime.fromisoformat(at)
    assert russian.moment(moment, now=NOW, zone=MOSCOW) == ru
    assert english.moment(moment, now=NOW, zone=MOSCOW) == en


def test_the_time_of_the_stock_is_told_by_the_clock_of_the_salon(russian: Texts) -> None:
    assert (
        russian.stamp(datetime.fromisoformat("2026-11-20T22:15:00+00:00"), zone=MOSCOW) == "21 ноября, 01:15"
    )
