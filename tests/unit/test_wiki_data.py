"""The sample salon's knowledge: enough articles, well formed, long enough to answer from and short enough to read."""

import csv
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from stores.wiki import load_wiki

FOLDER = Path(__file__).parents[2] / "assets" / "salon" / "wiki"
STATUSES = {"Ok", "No find special words", "Error"}
ADDRESS = re.compile(r"https://wiki\.zvezda-avto\.example/[a-z0-9-]+")


class Row(NamedTuple):
    url: str
    context: str
    status: str


def rows() -> list[Row]:
    with (FOLDER / "mercedes.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        assert next(reader) == ["url", "context", "status"]
        return [Row(*cells) for cells in reader]


def articles() -> list[Row]:
    return [row for row in rows() if row.status == "Ok"]


def in_russian(text: str) -> bool:
    return len(re.findall("[а-яё]", text.lower())) > len(re.findall("[a-z]", text.lower()))


def test_all_three_statuses_occur_and_no_other() -> None:
    counts = Counter(row.status for row in rows())
    assert set(counts) == STATUSES
    assert counts["Ok"] >= 74
    assert counts["No find special words"] >= 3
    assert counts["Error"] >= 3


def test_most_articles_are_russian_and_some_are_english() -> None:
    russian = sum(in_russian(row.context) for row in articles())
    assert russian >= 66
    assert 6 <= len(articles()) - russian <= 8


def test_addresses_are_unique_and_belong_to_the_sample_salon() -> None:
    urls = [row.url for row in rows()]
    assert len(urls) == len(set(urls))
    assert all(ADDRESS.fullmatch(url) for url in urls)


@pytest.mark.parametrize("row", articles(), ids=lambda row: row.url.rpartition("/")[2])
def test_an_article_has_a_title_line_and_is_of_readable_length(row: Row) -> None:
    title, _, text = row.context.partition("\n")
    assert 8 <= len(title) <= 100
    assert not title.endswith(".")
    assert 120 <= len(row.context.split()) <= 350
    assert text.strip().endswith(".")


def test_titles_and_paragraphs_of_articles_do_not_repeat() -> None:
    paragraphs = [line for row in articles() for line in row.context.splitlines()]
    assert [line for line, count in Counter(paragraphs).items() if count > 1] == []


def test_pages_that_failed_to_load_have_no_text() -> None:
    assert all(not row.context for row in rows() if row.status == "Error")
    assert all(row.context for row in rows() if row.status == "No find special words")


def test_the_loader_takes_every_article_and_rejects_nothing() -> None:
    load = load_wiki(FOLDER)
    assert load.articles == len(articles())
    assert load.rejected == []
    assert set(load.skipped) == STATUSES - {"Ok"}
    assert {passage.language for passage in load.passages} == {"ru", "en"}


@pytest.mark.parametrize(
    "words",
    [
        ("CLS", "E-класс", "разница"),
        ("C-класс", "E-класс", "разница"),
        ("GLC", "GLE", "разница"),
        ("GLE", "GLS", "разница"),
        ("A-класс", "CLA", "разница"),
        ("EQE", "EQS", "разница"),
        ("S-класс", "Maybach", "разница"),
        ("4MATIC",),
        ("MBUX",),
        ("VIN",),
    ],
)
def test_what_visitors_ask_most_has_an_article_of_its_own(words: tuple[str, ...]) -> None:
    titles = [row.context.partition("\n")[0] for row in articles()]
    assert any(all(word in title for word in words) for title in titles)
