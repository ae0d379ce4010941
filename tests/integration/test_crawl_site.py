"""The crawler on sites and forums: a real server, the real job, every trap that a site has."""

import gzip
import re
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.integration.crawl_server import Asked, Reply, Web, html, moved, serving
from tests.integration.crawling import Crawl

CAR = "<p>Мерседес — тема этой страницы.</p>"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with serving(Web()) as running:
        yield running


@pytest.fixture
def crawl(web: Web, salon_folder: Path, tmp_path: Path) -> Crawl:
    return Crawl(salon_folder, tmp_path / "out", web.base)


def test_links_are_followed_from_pages_that_hold_a_keyword_and_from_no_others(web: Web, crawl: Crawl) -> None:
    web.pages |= {
        "/": html('<a href="/cars">о машинах</a> <a href="/tea">о чае</a>', title="Начало"),
        "/cars": html(f'<h1>Машины</h1>{CAR}<a href="/more">ещё</a>'),
        "/more": html("<p>Подробно о Mercedes-Benz.</p>"),
        "/tea": html('<p>Только чай и бензин.</p><a href="/deep">дальше</a>'),
        "/deep": html(CAR),
    }
    found = crawl("--seed", f"{web.base}/")
    assert found.code == 0
    assert found.statuses == {
        "/": "No find special words",
        "/cars": "Ok",
        "/tea": "No find special words",
        "/more": "Ok",
    }
    assert found.texts["/cars"] == "Машины\nМерседес — тема этой страницы.\nещё"
    assert found.texts["/tea"].startswith("Только чай")
    assert [row.url for row in found.keywords] == ["/cars", "/more"]
    assert "/deep" not in web.paths


def test_depth_and_pages_are_limits_and_a_larger_one_goes_on(web: Web, crawl: Crawl) -> None:
    for number in range(9):
        web.pages[f"/{number}"] = html(f"{CAR}<p>{number}</p><a href='/{number + 1}'>дальше</a>")
    assert list(crawl("--seed", f"{web.base}/0", "--depth", "3", "--pages", "2").statuses) == ["/0", "/1"]
    found = crawl("--seed", f"{web.base}/0", "--depth", "3", "--pages", "50")
    assert list(found.statuses) == ["/0", "/1", "/2", "/3"]
    assert web.paths == ["/0", "/1", "/2", "/3"], "no page is asked for twice"


def test_one_page_is_one_row_however_its_address_is_spelt(web: Web, crawl: Crawl) -> None:
    web.pages |= {
        "/": html(
            '<a href="/a#part">1</a><a href="./x/../a">2</a><a href="/a?utm_source=mail">3</a><a href="/old">4</a>'
            '<a href="/a?PHPSESSID=0123456789abcdef0123456789abcdef">5</a><a href="/print?id=a">6</a>'
            f'<a href="/copy">7</a><a href="/copy2">7</a><a href="mailto:a@b.example">8</a>'
            f'<a href="javascript:void(0)">9</a>{CAR}'
        ),
        "/a": html(f"<h1>А</h1>{CAR}"),
        "/old": moved("/older", 301),
        "/older": moved("/a"),
        "/print": html(f"<h1>А</h1>{CAR}", head='<link rel="canonical" href="/a">'),
        "/copy": html(f"<p>{'Мерседес и ещё слово. ' * 20}</p>"),
        "/copy2": html(f"<p>{'Мерседес и ещё слово. ' * 20}</p>"),
    }
    found = crawl("--seed", f"{web.base}/")
    assert list(found.statuses) == ["/", "/a", "/copy"]


def test_redirects_in_a_circle_and_without_end_are_errors(web: Web, crawl: Crawl) -> None:
    web.pages |= {
        "/": html(f'{CAR}<a href="/a">a</a><a href="/r0">r</a>'),
        "/a": moved("/b"),
        "/b": moved("/a"),
        **{f"/r{number}": moved(f"/r{number + 1}") for number in range(40)},
    }
    found = crawl("--seed", f"{web.base}/")
    assert found.statuses == {"/": "Ok", "/a": "Error", "/r0": "Error"}
    assert len(web.paths) < 20


def test_a_calendar_without_end_ends(web: Web, crawl: Crawl) -> None:
    def month(asked: Asked) -> Reply:
        path, _, number = asked.path.partition("?m=")
        many = "&".join(f"{name}=1" for name in range(9))
        return html(
            f"""{CAR}<p>{number}</p><a rel="next" href="/month?m={int(number) + 1}">дальше</a>
            <a href="{path}/x?m={number}">сюда</a><a href="{path}?m={number}&{many}">x</a>"""
        )

    web.pages |= {"/month" + "/x" * times: month for times in range(9)}
    found = crawl("--seed", f"{web.base}/month?m=0", "--depth", "0", "--pages", "150")
    assert len(found.all) == 51, "a thread is turned 50 pages far"
    crawl("--fresh", "--seed", f"{web.base}/month?m=0", "--depth", "9", "--pages", "150")
    assert len(web.paths) == 51 + 150
    assert not any(path.count("/x") > 2 or path.count("&") for path in web.paths)


def test_what_robots_and_pages_forbid_is_not_read(web: Web, crawl: Crawl) -> None:
    robots = "User-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /private\nDisallow: /*.php$"
    web.pages |= {
        "/robots.txt": Reply(robots.encode(), headers={"Content-Type": "text/plain"}),
        "/": html(
            f'{CAR}<a href="/private/1">1</a><a href="/x.php">2</a><a rel="nofollow" href="/paid">3</a>'
            '<a href="/unlisted">4</a><a href="/still">5</a><a href="/header">6</a>'
        ),
        "/unlisted": html(f'{CAR}<a href="/beyond">x</a>', head='<meta name="robots" content="noindex">'),
        "/beyond": html(f"{CAR}<p>за ней</p>"),
        "/still": html(f'{CAR}<a href="/unseen">x</a>', head='<meta name="ROBOTS" content="nofollow">'),
        "/header": html(CAR, X_Robots_Tag="noindex, nofollow"),
    }
    found = crawl("--seed", f"{web.base}/")
    assert found.statuses == {"/": "Ok", "/still": "Ok", "/beyond": "Ok"}
    assert set(web.paths) == {"/", "/unlisted", "/still", "/header", "/beyond"}
    named = crawl("--fresh", "--seed", f"{web.base}/private/1")
    assert named.code == 1
    assert named.statuses == {"/private/1": "Error"}, "what somebody named is not left out in silence"


def test_a_site_whose_robots_cannot_be_read_is_left_alone(web: Web, crawl: Crawl) -> None:
    web.pages |= {"/robots.txt": Reply(b"", 503), "/": html(CAR)}
    assert crawl("--seed", f"{web.base}/").statuses == {"/": "Error"}
    assert web.paths == []


def test_a_longer_crawl_delay_goes_before_the_rate_and_each_visitor_gets_no_cookie(
    web: Web, crawl: Crawl
) -> None:
    def cookie(asked: Asked) -> Reply:
        assert "cookie" not in asked.headers
        return html(
            f'{CAR}<p>{asked.path}</p><a href="/a">a</a><a href="/b">b</a>', Set_Cookie="id=1; Path=/"
        )

    robots = Reply(b"User-agent: *\nCrawl-delay: 0.2", headers={"Content-Type": "text/plain"})
    web.pages |= {"/robots.txt": robots, "/": cookie, "/a": cookie, "/b": cookie}
    found = crawl("--seed", f"{web.base}/", "--contact", "owner@salon.example")
    assert set(found.statuses.values()) == {"Ok"}
    moments = [web.times(path)[0] for path in ("/", "/a", "/b")]
    assert min(later - earlier for earlier, later in pairwise(moments)) >= 0.19
    assert {one.headers["user-agent"] for one in web.asked} == {"salon-assistant/1.0 (owner@salon.example)"}


def test_what_fails_for_the_moment_is_asked_again_and_what_is_gone_is_not(web: Web, crawl: Crawl) -> None:
    def after(failures: int, status: int, **headers: str) -> object:
        def page(asked: Asked) -> Reply:
            if len(web.times(asked.path)) <= failures:
                return Reply(b"", status, {name.replace("_", "-"): value for name, value in headers.items()})
            return html(f"{CAR}<p>{asked.path}</p>")

        return page

    ends = ("gone", "never", "busy", "down", "broken", "later")
    web.pages |= {
        "/": html(CAR + "".join(f'<a href="/{end}">{end}</a>' for end in ends)),
        "/gone": Reply(b"", 410),
        "/busy": after(1, 429, Retry_After="1"),  # type: ignore[dict-item]
        "/down": after(2, 503),  # type: ignore[dict-item]
        "/broken": Reply(b"", 500),
        "/later": Reply(b"", 503, {"Retry-After": "86400"}),
    }
    found = crawl("--seed", f"{web.base}/")
    right = {"/", "/busy", "/down"}
    assert {url for url, status in found.statuses.items() if status == "Ok"} == right
    assert {url for url, status in found.statuses.items() if status == "Error"} == {
        f"/{end}" for end in ends
    } - right
    times = {end: len(web.times(f"/{end}")) for end in ends}
    assert times == {"gone": 1, "never": 1, "busy": 2, "down": 3, "broken": 3, "later": 1}
    first, second = web.times("/busy")
    assert second - first >= 0.99, "Retry-After goes before --backoff"


def test_errors_are_asked_for_again_on_request(web: Web, crawl: Crawl) -> None:
    web.pages["/"] = Reply(b"", 404)
    assert crawl("--seed", f"{web.base}/").statuses == {"/": "Error"}
    web.pages["/"] = html(CAR)
    assert crawl("--seed", f"{web.base}/").statuses == {"/": "Error"}
    assert crawl("--again").statuses == {"/": "Ok"}


def test_slow_pages_are_given_up_in_time_even_if_each_byte_comes_quickly(web: Web, crawl: Crawl) -> None:
    def drops() -> Iterator[bytes]:
        yield from (b"x" for _ in range(200))

    web.pages |= {
        "/": html(f'{CAR}<a href="/silent">1</a><a href="/drops">2</a><a href="/fine">3</a>'),
        "/silent": Reply(b"x", pause=5),
        "/drops": lambda asked: Reply(drops(), pause=0.1),
        "/fine": html(f"{CAR}<p>в порядке</p>"),
    }
    found = crawl("--seed", f"{web.base}/", "--timeout", "0.5", "--retries", "0")
    assert found.statuses == {"/": "Ok", "/silent": "Error", "/drops": "Error", "/fine": "Ok"}


def test_fifty_megabytes_of_junk_are_cut_off_and_fill_no_memory(web: Web, crawl: Crawl) -> None:
    sent = []

    def junk() -> Iterator[bytes]:
        for number in range(800):
            sent.append(number)
            yield bytes([number % 256]) * 65_536

    bomb = gzip.compress(b"<p>" + b"\0" * 50_000_000)
    page_type = {"Content-Type": "text/html"}
    web.pages |= {
        "/": html(
            f'{CAR}<a href="/junk">1</a><a href="/announced">2</a><a href="/bomb">3</a><a href="/bytes">4</a>'
            '<a href="/film">5</a><a href="/brotli">6</a><a href="/cut">7</a><a href="/fine">8</a>'
        ),
        "/junk": lambda asked: Reply(junk(), headers=page_type),
        "/announced": Reply(iter(()), headers={**page_type, "Content-Length": "50000000"}),
        "/bomb": Reply(bomb, headers={**page_type, "Content-Encoding": "gzip"}),
        "/bytes": Reply(bytes(range(256)) * 40, headers=page_type),
        "/film": Reply(b"\0" * 1000, headers={"Content-Type": "video/mp4"}),
        "/brotli": Reply(b"\0" * 1000, headers={**page_type, "Content-Encoding": "br"}),
        "/cut": Reply(iter((b"<p>",)), headers={**page_type, "Content-Length": "1000"}),
        "/fine": Reply(
            gzip.compress(f"{CAR}<p>сжато</p>".encode()), headers={**page_type, "Content-Encoding": "gzip"}
        ),
    }
    crawl("--seed", f"{web.base}/fine")  # what is loaded at the first crawl is not counted
    tracemalloc.start()
    try:
        found = crawl("--fresh", "--seed", f"{web.base}/", "--size", "1")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.statuses.pop("/") == "Ok"
    assert [status for url, status in found.statuses.items() if url not in {"/", "/fine"}] == ["Error"] * 7
    assert found.texts["/fine"] == "Мерседес — тема этой страницы.\nсжато"
    assert len(sent) < 400, "the connection is closed when the limit is reached"
    assert peak < 10_000_000, f"{peak:,} bytes at once"


def test_a_page_is_read_whatever_its_encoding_is_called(web: Web, crawl: Crawl) -> None:
    text = "Какое масло лить в двигатель Мерседеса? Отвечаю: то, что назвал завод."
    for encoding in ("windows-1251", "koi8-r", "utf-8", "utf-16"):
        for header, meta in ((encoding, None), ("iso-8859-1", encoding), (encoding, "utf-8"), (None, None)):
            head = f'<head><meta charset="{meta}"></head>' if meta else ""
            source = f"<html>{head}<body><p>{text}</p></body></html>".encode(encoding)
            kind = f"text/html; charset={header}" if header else "text/html"
            web.pages[f"/{encoding}-{header}-{meta}"] = Reply(source, headers={"Content-Type": kind})
    web.pages["/"] = html("".join(f'<a href="{path}">x</a>' for path in web.pages))
    found = crawl("--seed", f"{web.base}/")
    texts = {url: context for url, context in found.texts.items() if url != "/"}
    assert len(texts) == 16
    assert {url for url, context in texts.items() if context != text} == set()


def test_the_question_and_its_answers_are_all_that_is_left_of_a_thread(web: Web, crawl: Crawl) -> None:
    def thread(number: int, said: str) -> Reply:
        return html(
            f"""<header><a href="/">Форум</a><form><input name=q><button>Найти</button></form></header>
            <div class="breadcrumbs"><a href="/">Главная</a> » Масло</div>
            <div class="layout no-sidebar"><h1>Какое масло лить?</h1>
            <div class="post"><div class="postprofile">Гость, сообщений: 7</div><div class="postbody">
            <div class="content">{said}<script>alert(1)</script></div><div class="signature">Продам гараж</div>
            <ul class="post-buttons"><li><a href="/posting.php?mode=reply&t=1">Ответить</a></ul></div></div></div>
            <div class="pagination"><a rel="next" href="/thread?page={number + 1}">Дальше</a></div>
            <footer>Все права защищены</footer>""",
            title="Какое масло лить? — Форум",
        )

    web.pages |= {
        "/thread?page=1": thread(1, "Мерседес W213, пробег 90 тысяч."),
        "/thread?page=2": thread(2, "Лейте то, что в книжке.<br>Удачи!"),
        "/thread?page=3": thread(3, "Спасибо."),
    }
    found = crawl("--seed", f"{web.base}/thread?page=1", "--depth", "0", "--pages", "3")
    assert found.texts == {
        "/thread?page=1": "Какое масло лить?\nМерседес W213, пробег 90 тысяч.",
        "/thread?page=2": "Какое масло лить?\nЛейте то, что в книжке.\nУдачи!",
        "/thread?page=3": "Какое масло лить?\nСпасибо.",
    }
    assert found.statuses["/thread?page=2"] == "No find special words"
    assert not any("posting" in path for path in web.paths)


def test_other_hosts_are_entered_only_when_they_are_named_and_never_private_ones(
    web: Web, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", web.base)  # so that the server answers for every host
    monkeypatch.setenv("NO_PROXY", "")
    web.pages |= {
        "http://93.184.215.14/": html(
            f'{CAR}<a href="http://other.invalid/a">1</a><a href="/away">2</a><a href="/inside">3</a>'
            '<a href="http://10.0.0.1/admin">4</a>'
        ),
        "http://93.184.215.14/away": moved("http://other.invalid/b"),
        "http://93.184.215.14/inside": moved("http://127.0.0.1/admin"),
        "http://other.invalid/a": html(f"{CAR}<p>a</p>"),
        "http://other.invalid/b": html(f"{CAR}<p>b</p>"),
        "http://127.0.0.1/admin": html(f"{CAR}<p>тайна</p>"),
        "http://10.0.0.1/admin": html(f"{CAR}<p>тайна</p>"),
    }
    seed = "http://93.184.215.14/"
    assert list(crawl("--seed", seed).statuses) == [seed]
    assert set(crawl("--fresh", "--seed", seed, "--hosts", "other.invalid").statuses) == {
        seed, "http://other.invalid/a", "http://other.invalid/b",
    }  # fmt: skip
    anywhere = crawl("--fresh", "--seed", seed, "--hosts", "*")
    assert len(anywhere.all) == 3
    assert not [path for path in web.paths if re.search(r"//(?:127|10)\.", path)]


def test_a_host_that_never_answers_is_not_asked_for_ever(
    web: Web, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def dead(self: object, address: str, types: object) -> None:
        from jobs.crawling.errors import Fault

        calls.append(address)
        raise Fault("unreachable", "nobody there")

    web.pages["/"] = html(
        CAR + "".join(f'<a href="http://dead.invalid/{number}">x</a>' for number in range(20))
    )
    monkeypatch.setattr("jobs.crawling.robots.Robots.check", lambda self, address: None)
    from jobs.crawling.fetching import Fetcher

    real = Fetcher._politely
    monkeypatch.setattr(
        Fetcher,
        "_politely",
        lambda self, address, types: (dead if "dead" in address else real)(self, address, types),
    )
    found = crawl("--seed", f"{web.base}/", "--hosts", "dead.invalid", "--retries", "0")
    assert sum(status == "Error" for status in found.statuses.values()) == 20
    assert len(calls) == 5


def test_a_crawl_is_not_mixed_with_another_one(
    web: Web, crawl: Crawl, capsys: pytest.CaptureFixture[str]
) -> None:
    web.pages["/"] = html(CAR)
    assert crawl("--seed", f"{web.base}/", "--keyword", "Мерседес").code == 0
    assert crawl("--seed", f"{web.base}/other", "--keyword", "Мерседес").code == 2
    assert "--fresh" in capsys.readouterr().err
    assert crawl("--out", str(crawl.out)).statuses == {"/": "Ok"}, "without seeds it is the same crawl"
    assert crawl("--fresh", "--seed", f"{web.base}/", "--keyword", "чай").statuses == {
        "/": "No find special words"
    }


@pytest.mark.parametrize(
    "options",
    [(), ("--seed", "ftp://a.example/"), ("--seed", "не адрес"), ("--keyword", "x"), ("--api", "x")],
)
def test_what_cannot_begin_is_one_sentence_and_exit_code_2(
    crawl: Crawl, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    assert crawl(*options).code == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
