"""The parts that passages are found with: posting lists, stems, translations by table and by sound."""

from pathlib import Path

import numpy as np
import pytest

from chains.postings import Postings
from chains.search_terms import analyse, letter_groups, stem
from chains.translations import Translator, load_translations

ROOT = Path(__file__).resolve().parents[2]


def test_a_document_that_says_a_rare_word_more_often_and_is_shorter_scores_higher() -> None:
    postings = Postings([["шина", "шина", "колесо"], ["шина", "салон", "салон", "цена"], ["салон"]])
    scores = postings.scores(["шина"])
    assert scores[0] > scores[1] > scores[2] == 0
    assert postings.idf("колесо") > postings.idf("салон")
    assert postings.idf("никогда") > postings.idf("колесо")


def test_a_word_asked_twice_counts_once() -> None:
    postings = Postings([["шина", "цена"], ["цена"]])
    assert np.array_equal(postings.scores(["шина", "шина"]), postings.scores(["шина"]))


def test_words_can_be_cut_into_units() -> None:
    postings = Postings([["мерседес"], ["ауди"]], letter_groups)
    assert postings.scores(["мерсидес"])[0] > 0
    assert postings.scores(["мерсидес"])[1] == 0


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_documents_without_words_find_nothing(documents: list[list[str]]) -> None:
    assert not Postings(documents).scores(["шина"]).any()


@pytest.mark.parametrize(
    "one, other",
    [
        ("бенцем", "бенца"),
        ("бенцу", "бенц"),
        ("основал", "основание"),
        ("заряжать", "заряжали"),
        ("warranty", "warranties"),
        ("founded", "founder"),
    ],
)
def test_forms_and_kin_of_a_word_share_their_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["c180", "дом", "2015", "ток"])
def test_numbers_and_short_words_are_their_own_stem(word: str) -> None:
    assert stem(word) == word


def test_a_text_is_read_as_terms_written_words_and_lemmas() -> None:
    words = analyse("Где хранить зимние шины?")
    assert words.terms == ["хранить", "зимний", "шина"]
    assert words.written == ["хранить", "зимние", "шины"]
    assert words.lemmas == ["где", "хранить", "зимний", "шина"]


@pytest.mark.parametrize(
    "word, vocabulary, found",
    [
        ("benz", ["бенц", "кузов"], "бенц"),
        ("революция", ["revolution", "evil"], "revolution"),
        ("maybach", ["майбах", "салон"], "майбах"),
        ("дистроник", ["distronic", "electronic"], "distronic"),
    ],
)
def test_names_and_borrowed_words_are_found_by_their_sound(
    word: str, vocabulary: list[str], found: str
) -> None:
    likeness = Translator(vocabulary, {}).translations(word)
    assert max(likeness, key=lambda other: likeness[other]) == found


def test_a_word_of_the_same_alphabet_is_no_translation() -> None:
    assert not Translator(["revolutions", "revolution"], {}).translations("revolution")


def test_the_table_is_read_in_both_directions_and_meets_other_forms(tmp_path: Path) -> None:
    (tmp_path / "one.tsv").write_text("# a comment\nшина\ttyre\t0.5\n", encoding="utf-8")
    (tmp_path / "two.tsv").write_text("шина\ttyre\t0.9\n", encoding="utf-8")
    table = load_translations(tmp_path)
    assert table["шина"] == {"tyre": 0.9}
    assert table["tyre"] == {"шина": 0.9}
    assert Translator(["tyres"], table).translations("шина")["tyres"] == pytest.approx(0.63)


def test_without_a_table_nothing_is_missing(tmp_path: Path) -> None:
    assert load_translations(tmp_path / "none") == {}


def test_the_table_that_is_shipped_knows_everyday_words_and_says_whose_it_is() -> None:
    folder = ROOT / "assets" / "translations"
    table = load_translations(folder)
    assert "car" in table["машина"] or "car" in table["автомобиль"]
    assert "город" in table["city"]
    assert "CC BY-SA 4.0" in (folder / "README.md").read_text(encoding="utf-8")
