"""Cars, sources and bubbles as HTML: complete, escaped, with links only to where links may lead."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.reply import Reply, Source
from settings import ROOT
from stores.database import open_database
from stores.dialogs import Turn
from stores.inventory import Inventory
from stores.lexicon import load_lexicon
from stores.salon import load_salon
from ui.pages.cards import (
    NBSP,
    Cards,
    LogView,
    lists_apart,
    markdown_reader,
    safe_url,
    templates,
    thousands,
    unbroken,
    without_cars,
)
from ui.pages.conversation import Bubble, Conversation
from ui.pages.texts import load_texts
from ui.pages.visits import bubbles_of

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>"


class Elements(HTMLParser):
    """The elements of a piece of HTML with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def names(self) -> set[str]:
        return {tag for tag, _ in self.found}


@pytest.fixture
def cards(salon_folder: Path, sqlite_url: str) -> Iterator[Cards]:
    inventory_file = salon_folder / "inventory.csv"
    attack = (
        f"X1,{ATTACK},C,седан,2023,4500000,100,бензин,,задний,{ATTACK},,,170,5,,available,javascript:alert(3)"
    )
    inventory_file.write_text(inventory_file.read_text(encoding="utf-8") + attack + "\n", encoding="utf-8")
    salon = load_salon(salon_folder)
    lexicon = load_lexicon(ROOT / "assets", salon.brand, salon_folder)
    engine = open_database(sqlite_url)
    inventory = Inventory(engine, salon, lexicon)
    inventory.refresh()
    yield Cards(load_texts(ROOT / "assets", "ru"), inventory, lexicon, salon.currency, salon.zone)
    engine.dispose()


@pytest.fixture
def view(cards: Cards) -> LogView:
    return LogView(cards.texts, cards, templates(), markdown_reader())


def reply(**more: object) -> Reply:
    return Reply(session_id="s", turn_id="t", answer="Да.", route="inventory", **more)  # type: ignore[arg-type]


def test_a_card_has_model_year_price_colour_mileage_and_link(cards: Cards) -> None:
    (card,) = cards.cars(["C1"])
    assert card.title == "C 180"
    assert card.price == f"4{NBSP}500{NBSP}000{NBSP}₽"
    assert card.details[:3] == ("2023 г.", "белый", f"12{NBSP}000 км")
    assert card.url == "https://test.example/C1"
    assert card.status is None
    assert (card.silhouette, card.paint) == ("sedan", "white")


def test_a_car_without_mileage_is_new_and_one_that_is_not_available_says_so(cards: Cards) -> None:
    suv, reserved = cards.cars(["GLC1", "E2"])
    assert "новый" in suv.details
    assert suv.silhouette == "suv"
    assert reserved.status == "в резерве"


def test_cards_come_in_the_order_of_the_reply_and_cars_that_left_have_none(cards: Cards) -> None:
    assert [card.title for card in cards.cars(["S1", "gone", "C1"])] == ["S 500 4MATIC", "C 180"]
    assert cards.cars([]) == []


def test_the_stock_is_one_source_with_its_time_and_the_others_one_each(cards: Cards) -> None:
    chips = cards.chips(
        [
            Source(kind="inventory", title="C 180, 2023", ref="C1"),
            Source(kind="inventory", title="E 200, 2024", ref="E1"),
            Source(kind="legend", title="Тест-драйв", ref="l1"),
            Source(kind="wiki", title="CLS", ref="w1", url="https://wiki.test.example/cls"),
            Source(kind="wiki", title="CLS", ref="w1", url="https://wiki.test.example/cls"),
        ]
    )
    refreshed = cards.inventory.status().refreshed_at
    assert refreshed is not None
    assert [chip.kind for chip in chips] == ["inventory", "legend", "wiki"]
    assert chips[0].text == f"Наличие в салоне, данные на {cards.texts.stamp(refreshed, zone=cards.zone)}"
    assert chips[2].url == "https://wiki.test.example/cls"


def test_what_visitor_model_and_stock_write_is_text_and_never_markup(view: LogView) -> None:
    answer = reply(
        cars=["X1"], cars_total=1, sources=[Source(kind="wiki", title=ATTACK, ref="w", url="data:x,y")]
    )
    talk = Conversation(
        bubbles=[
            Bubble("visitor", ATTACK),
            Bubble(
                "assistant",
                f"{ATTACK} [x](https://evil.example) ![y](https://evil.example/y.png)",
                reply=answer,
            ),
        ]
    )
    page = Elements(view.html(talk))
    assert page.names().isdisjoint({"script", "img", "a"})
    assert page.text.count("<script>alert(1)</script>") == 5
    assert not any(name.startswith("on") for _, attributes in page.found for name in attributes)


@given(st.text(max_size=60))
def test_no_text_of_a_visitor_adds_an_element(text: str) -> None:
    html = (
        templates()
        .get_template("bubble.html")
        .render(t=load_texts(ROOT / "assets", "ru"), author="visitor", text=text)
    )
    assert [tag for tag, _ in Elements(html).found] == ["div", "span", "div"]


def test_lists_and_emphasis_of_an_answer_are_shown_as_such(view: LogView) -> None:
    talk = Conversation(bubbles=[Bubble("assistant", "Есть **две**:\n\n- C 180\n- E 200", reply=reply())])
    assert {"ul", "li", "strong"} <= Elements(view.html(talk)).names()


def test_what_follows_a_list_is_no_part_of_its_last_item(view: LogView) -> None:
    text = "Есть:\n1. C 180\n2. E 200\nЕщё 3 автомобиля."
    html = view.html(Conversation(bubbles=[Bubble("assistant", text, reply=reply())]))
    assert re.search(r"E 200</li>\s*</ol>\s*<p>Ещё 3 автомобиля.</p>", html)
    assert lists_apart("- раз\n- два\n\nтри") == "- раз\n- два\n\nтри"


def test_a_list_of_the_cars_that_are_shown_as_cards_is_not_shown_twice(view: LogView) -> None:
    answer = reply(cars=["C1", "E1"], cars_total=4)
    listed = "Есть 4:\n1. C 180, 2023 — 4 500 000 ₽\n2. E 200, 2024 — 6 500 000 ₽\nИ ещё 2."
    page = Elements(view.html(Conversation(bubbles=[Bubble("assistant", listed, reply=answer)])))
    assert "ol" not in page.names()
    assert page.text.count("C 180") == 1
    assert "Есть 4:" in page.text
    assert "И ещё 2." in page.text


@pytest.mark.parametrize(
    "text",
    ["1. C 180\n2. Тест-драйв", "1. E 200\n2. C 180", "1. C 180\n2. E 200\n3. Кредит", "- C 180", "C 180"],
)
def test_any_other_list_stays(cards: Cards, text: str) -> None:
    assert without_cars(text, cards.cars(["C1", "E1"])) == text


def test_dots_are_shown_while_an_answer_is_on_its_way(view: LogView) -> None:
    assert "Ассистент готовит ответ" in view.html(Conversation(waiting=True))
    assert "Ассистент готовит ответ" not in view.html(Conversation())


def test_when_more_cars_match_than_are_shown_the_page_says_so(view: LogView) -> None:
    talk = Conversation(bubbles=[Bubble("assistant", "Да.", reply=reply(cars=["C1", "E1"], cars_total=7))])
    assert "Показано 2 из 7" in view.html(talk)


def test_a_finished_answer_keeps_the_cards_it_was_shown_with(view: LogView) -> None:
    talk = Conversation(bubbles=[Bubble("assistant", "Да.", reply=reply(cars=["C1"], cars_total=1))])
    first = view.html(talk)
    assert "C 180" in first
    talk.bubbles[0].text = "never drawn again"
    assert view.html(talk) == first


@pytest.mark.parametrize(
    "url", ["https://a.example/x?y=1", "http://a.example", "/cars/1", " https://a.example/ "]
)
def test_links_may_lead_to_the_web_and_to_this_site(url: str) -> None:
    assert safe_url(url) == url.strip()


@pytest.mark.parametrize(
    "url",
    [None, "", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example", "\\\\evil.example",
     "/\\evil.example", "https:evil", "http://[bad", "cars/1", "vbscript:x"],
)  # fmt: skip
def test_other_addresses_are_not_linked_to(url: str | None) -> None:
    assert safe_url(url) is None


def test_thousands_are_parted_by_spaces_that_do_not_break() -> None:
    assert thousands(5_490_000) == f"5{NBSP}490{NBSP}000"
    assert thousands(900) == "900"


def turn(question: str, answer: str | None = "Да.") -> Turn:
    return Turn(
        turn_id="t", session_id="s", status="answered" if answer else "interrupted", question=question,
        asked_at=datetime(2026, 11, 21, tzinfo=UTC), answered_at=None, answer=answer,
        route="inventory" if answer else None, blocked=False, reason=None, cars=[], cars_total=0, sources=[],
        notices=[], llm=False, elapsed_ms=1, model=None, prompt_hash=None, checks=[], timings={}, state={},
    )  # fmt: skip


def test_a_stored_dialog_is_shown_again_turn_by_turn() -> None:
    bubbles = bubbles_of([turn("Раз?"), turn("Два?", None)])
    assert [(bubble.author, bubble.text, bubble.trouble) for bubble in bubbles] == [
        ("visitor", "Раз?", None),
        ("assistant", "Да.", None),
        ("visitor", "Два?", None),
        ("assistant", "", "interrupted"),
    ]


def test_a_dialog_without_a_turn_is_empty() -> None:
    assert bubbles_of([]) == []


def test_a_question_that_was_overtaken_by_its_longer_self_is_shown_once() -> None:
    bubbles = bubbles_of([turn("Раз?"), turn("Раз?\nДва?"), turn("Раз? Нет.")])
    assert [bubble.text for bubble in bubbles] == ["Раз?\nДва?", "Да.", "Раз? Нет.", "Да."]


def test_a_price_in_an_answer_stays_on_one_line() -> None:
    assert unbroken("C 180, 2023 — 5 490 000 ₽, 12 000 км") == (
        f"C 180, 2023 — 5{NBSP}490{NBSP}000{NBSP}₽, 12{NBSP}000 км"
    )
