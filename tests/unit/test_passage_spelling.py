"""Words of a question in the spelling of the passages that are searched."""

import pytest

from chains.passage_spelling import respeller_of

RESPELLER = respeller_of(
    ["4matic", "xdrive", "airmatic", "g-turn", "mbux", "шиномонтаж", "запросить", "двигатель"]
)


@pytest.mark.parametrize(
    ("question", "respelt"),
    [
        ("чё такое форматик?", "чё такое 4matic?"),
        ("4матик это что", "4matic это что"),
        ("что за икс драйв", "что за xdrive"),
        ("аирматик надёжный?", "airmatic надёжный?"),
        ("а джи-тёрн есть", "а g-turn есть"),
        ("шиномантаж когда", "шиномонтаж когда"),
    ],
)
def test_what_sounds_or_looks_like_a_word_of_the_passages_becomes_that_word(
    question: str, respelt: str
) -> None:
    assert RESPELLER.respell(question) == respelt


@pytest.mark.parametrize(
    "question",
    [
        "есть ли у вас машина с камерой",
        "забронить тачку",
        "двигателя хватит?",
        "who made it",
        "AMG или нет",
        "",
    ],
)
def test_ordinary_words_and_those_of_no_passage_stay_as_they_are(question: str) -> None:
    assert RESPELLER.respell(question) == question
