import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.text import (
    content_lemmas,
    language_of,
    lemma,
    lemmas,
    normalise,
    plural,
    sentences,
    tokens,
)


def test_normalising_unifies_quotes_dashes_spaces_and_yo_and_drops_what_is_invisible() -> None:
    assert (
        normalise("«Ёлка»\u200b — 5\u00a0490\u00a0000 ₽, с\u00adкидка “да”")
        == '"Елка" - 5 490 000 ₽, скидка "да"'
    )


def test_normalising_keeps_the_number_sign_and_drops_trade_marks() -> None:
    assert normalise("№ 5, Distronic™") == "№ 5, Distronic"


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_a_token_is_what_stands_at_its_place(text: str) -> None:
    for token in tokens(text):
        assert text[token.start : token.end] == token.text


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Есть c180?", ["Есть", "c180"]),
        ("с-класс, C-Class", ["с-класс", "C-Class"]),
        ("GLE 450 4MATIC", ["GLE", "450", "4MATIC"]),
        ("10-15 млн", ["10", "15", "млн"]),
        ("5,5 л или 2.0", ["5,5", "л", "или", "2.0"]),
        ("7-местный", ["7-местный"]),
        ("don't", ["don't"]),
    ],
)
def test_tokens_keep_model_names_and_numbers_sensible(text: str, expected: list[str]) -> None:
    assert [token.text for token in tokens(text)] == expected


@pytest.mark.parametrize(
    "word, expected",
    [
        ("внедорожников", "внедорожник"),
        ("зелёного", "зеленый"),
        ("белые", "белый"),
        ("легковая", "легковой"),
        ("Мерседесы", "мерседес"),
        ("7-местного", "7-местный"),
        ("с-класса", "с-класс"),
        ("cars", "car"),
        ("pricing", "price"),
        ("ventilated", "ventilate"),
        ("parking", "park"),
        ("batteries", "battery"),
        ("ignored", "ignore"),
        ("glass", "glass"),
        ("4MATIC", "4matic"),
        ("C180", "c180"),
    ],
)
def test_lemmas_are_dictionary_forms_of_both_languages(word: str, expected: str) -> None:
    assert lemma(word) == expected


def test_content_lemmas_leave_out_stop_words() -> None:
    assert content_lemmas("Какие у вас есть белые седаны?") == ["белый", "седан"]
    assert lemmas("Какие у вас") == ["какой", "у", "вы"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("GLE 450 4MATIC есть?", "ru"),
        ("есть mercedes benz glc coupe?", "ru"),
        ("Hi, мне нужен GLC", "ru"),
        ("Hello", "en"),
        ("how much is the GLE", "en"),
        ("What does внедорожник mean?", "en"),
        ("", "ru"),
        ("12 345", "ru"),
        ("C 180", "ru"),
    ],
)
def test_the_language_is_that_of_the_sentence_not_of_the_model_name(text: str, expected: str) -> None:
    assert language_of(text) == expected


def test_a_bare_model_name_takes_the_language_of_the_dialog() -> None:
    assert language_of("C 180", "en") == "en"


def test_sentences_keep_abbreviations_whole_and_list_lines_apart() -> None:
    assert sentences("Цена 5,5 млн. руб. Есть две:\n- C 180\n- E 200\n\nБерём?") == [
        "Цена 5,5 млн. руб.",
        "Есть две:",
        "- C 180",
        "- E 200",
        "Берём?",
    ]


@pytest.mark.parametrize(
    "number, expected",
    [
        (0, "машин"),
        (1, "машина"),
        (2, "машины"),
        (5, "машин"),
        (11, "машин"),
        (12, "машин"),
        (21, "машина"),
        (114, "машин"),
    ],
)
def test_russian_plurals_follow_the_number(number: int, expected: str) -> None:
    assert plural(number, "машина", "машины", "машин") == expected


def test_lemmas_are_the_same_from_many_threads() -> None:
    words = [
        f"{stem}{end}"
        for stem in ("машин", "стол", "салон", "кредит")
        for end in ("а", "ы", "ам", "ами", "ах")
    ]
    found: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: found.append([lemma(word) for word in words])) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(result == found[0] for result in found)
