"""The crawler on a wiki's API: a real server with answers in MediaWiki's form, all of them made up for the tests."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.integration.crawl_server import Asked, FakeWiki, Reply, Web, as_json, html, serving
from tests.integration.crawling import Crawl

WIKITEXT = """{{Карточка|имя=Мерседес}}
'''Мерседес''' — [[марка автомобилей|марка]] машин, двигатель {{s|1,5 л}}.<ref>Сноска</ref>
[[Файл:Мерседес.jpg|мини|подпись]]

== История ==
Основал [[Бенц, Карл|Карл Бенц]] в&nbsp;1886&nbsp;году.
{| class="wikitable"
| ячейка
|}
== Примечания ==
{{примечания}}
[[Категория:Автомобили]]
"""
PLAIN = """Мерседес — марка машин, двигатель 1,5 л.

== История ==
Основал Карл Бенц в 1886 году.

== Ссылки ==
Сайт завода
"""
CLEAN = "Мерседес\nМерседес — марка машин, двигатель 1,5 л.\nИстория\nОсновал Карл Бенц в 1886 году."


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(Web()) as running:
        yield running


@pytest.fixture
def crawl(web: Web, salon_folder: Path, tmp_path: Path) -> Crawl:
    return Crawl(salon_folder, tmp_path / "out", web.base)


@pytest.fixture(params=["TextExtracts", "wikitext only", "says nothing of itself"])
def wiki(web: Web, request: pytest.FixtureRequest) -> FakeWiki:
    """Four articles: two speak of the keyword, one does not, one lies behind it."""
    made = FakeWiki(web, extracts=request.param == "TextExtracts")
    made.siteinfo = request.param != "says nothing of itself"
    made.add("Мерседес", PLAIN if made.extracts else WIKITEXT, ["Карл Бенц", "Чай", "Красная ссылка", "Мерс"])
    made.add("Карл Бенц", "Инженер, чьё имя носит Mercedes.", ["Мерседес", "Дорога"])
    made.add("Чай", "Напиток.", ["Самовар"])
    made.add("Самовар", "В нём кипятят воду для тех, кто ездит на Мерседесе.")
    made.add("Дорога", "По ней ездят Мерседесы.")
    made.add("Мерседес (значения)", "Мерседес: марка или имя.", ["Имя"])
    made.redirects["Мерс"] = "Мерседес"
    made.ambiguous = {"Мерседес (значения)"}
    made.found = {"Мерседес": ["Мерседес", "Мерседес (значения)", "Мерс"], "Mercedes": ["Карл Бенц"]}
    return made


def api(wiki: FakeWiki) -> str:
    return f"{wiki.web.base}/w/api.php"


def test_a_wiki_is_searched_and_read_from_article_to_article(wiki: FakeWiki, crawl: Crawl) -> None:
    found = crawl("--api", api(wiki), "--keyword", "Мерседес", "--keyword", "Mercedes", "--depth", "1")
    assert found.code == 0
    texts = {context.partition("\n")[0]: context for context in found.texts.values()}
    assert texts["Мерседес"] == CLEAN
    assert texts["Карл Бенц"] == "Карл Бенц\nИнженер, чьё имя носит Mercedes."
    assert set(texts) == {"Мерседес", "Карл Бенц", "Чай", "Дорога", ""}, (
        "only the missing article has no text"
    )
    assert sorted(found.statuses.values()) == ["Error", "No find special words", "Ok", "Ok", "Ok"]
    assert all(url.startswith("/wiki/%D0") for url in found.statuses)
    assert len(found.keywords) == 3


def test_the_api_is_asked_as_its_etiquette_says(wiki: FakeWiki, crawl: Crawl) -> None:
    robots = b"User-agent: *\nDisallow: /w/\nCrawl-delay: 0.1"
    wiki.web.pages["/robots.txt"] = Reply(robots, headers={"Content-Type": "text/plain"})
    crawl("--api", api(wiki), "--keyword", "Мерседес", "--contact", "a@salon.example")
    requests = [one for one in wiki.web.asked if "api.php" in one.path]
    assert requests
    assert all("maxlag=5" in one.path and "formatversion=2" in one.path for one in requests)
    assert {one.headers["user-agent"] for one in requests} == {"salon-assistant/1.0 (a@salon.example)"}
    moments = [one.at for one in wiki.web.asked]
    assert min(later - earlier for earlier, later in pairwise(moments)) > 0.09
    if not wiki.extracts and wiki.siteinfo:
        pages = [one for one in requests if "titles=" in one.path and "plcontinue" not in one.path]
        assert len(pages) < 5, "wikitext is asked for in batches"


def test_seeds_are_articles_by_title_or_by_address(web: Web, crawl: Crawl) -> None:
    wiki = FakeWiki(web)
    wiki.add("Мерседес", PLAIN, ["Карл Бенц"])
    wiki.add("Карл Бенц", "Инженер, чьё имя носит Mercedes.")
    wiki.add("AC/DC?", "Едут на Мерседесе.")
    options = ("--api", api(wiki), "--depth", "0")
    assert crawl("--seed", "Мерседес", *options).texts == {
        "/wiki/%D0%9C%D0%B5%D1%80%D1%81%D0%B5%D0%B4%D0%B5%D1%81": CLEAN
    }
    address = f"{web.base}/wiki/Карл_Бенц#Детство"
    (row,) = crawl("--fresh", "--seed", address, *options).all
    assert row.context == "Карл Бенц\nИнженер, чьё имя носит Mercedes."
    (row,) = crawl("--fresh", "--seed", "AC/DC?", *options).all
    assert row.status == "Ok"
    assert not [path for path in web.paths if "api.php" not in path]
    assert "srsearch" not in " ".join(web.paths), "with seeds alone a wiki is not searched"


def test_pages_of_a_site_and_articles_of_a_wiki_go_together(web: Web, crawl: Crawl) -> None:
    wiki = FakeWiki(web)
    wiki.add("Мерседес", PLAIN)
    web.pages["/start"] = html(f'<p>Мерседес</p><a href="{web.base}/wiki/Мерседес">статья</a>')
    found = crawl("--api", api(wiki), "--seed", f"{web.base}/start")
    assert [row.context for row in found.all] == ["Мерседес\nстатья", CLEAN]


@pytest.mark.parametrize("code", ["maxlag", "ratelimited", "internal_api_error_DBQueryError"])
def test_a_wiki_under_load_is_asked_again_later(web: Web, crawl: Crawl, code: str) -> None:
    wiki = FakeWiki(web)
    wiki.add("Мерседес", PLAIN)
    problem = {"error": {"code": code, "info": "made up", "lag": 6}}
    wiki.failing = [as_json(problem, Retry_After="1"), as_json(problem)]
    assert set(crawl("--api", api(wiki), "--seed", "Мерседес").statuses.values()) == {"Ok"}
    first, second = [one.at for one in web.asked if "api.php" in one.path][:2]
    assert second - first >= 0.99


@pytest.mark.parametrize(
    "broken",
    [
        as_json({"error": {"code": "badvalue", "info": "made up"}}),
        as_json(["no object"]),
        Reply(b"{broken", headers={"Content-Type": "application/json"}),
        Reply(b"<p>Maintenance</p>"),
        Reply(b"", 500),
    ],
    ids=["an error", "another form", "no JSON", "a page", "HTTP 500"],
)
def test_an_api_that_answers_nonsense_is_an_error_of_that_page_alone(
    web: Web, crawl: Crawl, broken: Reply
) -> None:
    wiki = FakeWiki(web)
    wiki.add("Мерседес", PLAIN)

    def answer_but_for_tea(asked: Asked) -> Reply:
        return broken if "titles=%D0%A7" in asked.path else wiki.answer(asked)

    web.pages["/w/api.php"] = answer_but_for_tea
    found = crawl("--api", api(wiki), "--seed", "Чай", "--seed", "Мерседес")
    assert sorted(found.statuses.values()) == ["Error", "Ok"]
