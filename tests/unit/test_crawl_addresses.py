"""One spelling for each address, and no traps."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.crawling.addresses import normalise, site, worth_asking

LETTERS = st.text(alphabet="abАБ/.:?&=%;#@[]()~+_- \t\n\x00\ud800й01", max_size=40)


@pytest.mark.parametrize(
    "written, meant",
    [
        ("HTTP://Example.COM", "http://example.com/"),
        ("http://example.com:80/", "http://example.com/"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com:80/a", "https://example.com:80/a"),
        ("http://example.com./a", "http://example.com/a"),
        ("http://example.com/a/./b/../c", "http://example.com/a/c"),
        ("http://example.com/%7ea/%d0%b0", "http://example.com/~a/%D0%B0"),
        ("http://example.com/а б", "http://example.com/%D0%B0%20%D0%B1"),
        ("http://example.com/a%2fb%3Fc", "http://example.com/a%2Fb%3Fc"),
        ("http://example.com/a#b", "http://example.com/a"),
        ("http://example.com/?b=2&a=1&b=1", "http://example.com/?a=1&b=2&b=1"),
        ("http://example.com/?utm_source=x&gclid=1&id=7", "http://example.com/?id=7"),
        ("http://example.com/?PHPSESSID=abc", "http://example.com/"),
        ("http://example.com/t?sid=0123456789abcdef0123456789abcdef&t=5", "http://example.com/t?t=5"),
        ("http://example.com/story?sid=123", "http://example.com/story?sid=123"),
        ("http://example.com/a;jsessionid=0A1B?x=1", "http://example.com/a?x=1"),
        ("http://example.com/(S(abcdefghijklmnopqrstu))/a", "http://example.com/a"),
        ("http://example.com/index.php?/topic/7-oil/", "http://example.com/index.php?/topic/7-oil/"),
        ("http://example.com/?q=%EC%E5", "http://example.com/?q=%EC%E5"),
        ("http://пример.рф/", "http://xn--e1afmkfd.xn--p1ai/"),
        (" http://example.com/a\n", "http://example.com/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
    ],
)
def test_an_address_has_one_spelling(written: str, meant: str) -> None:
    assert normalise(written) == meant


@pytest.mark.parametrize(
    "text",
    ["", "a", "/a", "ftp://a.example/", "mailto:a@b.example", "javascript:alert(1)", "data:text/html,x", "file:///etc/x",
     "http://", "http://a.example:x/", "http://[::1/", "http://user:secret@a.example/", "http://a b/", "http://-/"],
)  # fmt: skip
def test_what_is_no_web_address_is_none(text: str) -> None:
    assert normalise(text) is None


def test_a_link_is_made_absolute_by_its_page() -> None:
    base = "https://a.example/x/y?z=1"
    links = {
        "b": "https://a.example/x/b",
        "/b": "https://a.example/b",
        "//c.example/d": "https://c.example/d",
    }
    links |= {"?q=1": "https://a.example/x/y?q=1", "../../..": "https://a.example/", "#top": base}
    assert {link: normalise(link, base) for link in links} == links


@given(LETTERS, LETTERS, LETTERS)
@example("a", "%2e%2e/%252e", "a=%&b")
def test_normalising_twice_changes_nothing(host: str, path: str, query: str) -> None:
    for text in (f"http://{host}/{path}?{query}", f"http://a.example/{path}?{query}"):
        once = normalise(text)
        if once is not None:
            assert once.isascii()
            assert "#" not in once
            assert normalise(once) == once


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_text_breaks_it(text: str, base: str) -> None:
    normalise(text)
    normalise(text, f"http://a.example/{base}")


def test_http_and_https_with_and_without_www_are_one_site() -> None:
    spellings = ("http://a.example/", "https://a.example/x", "https://www.a.example/")
    assert {site(normalise(text) or "") for text in spellings} == {"a.example"}
    assert site("http://a.example:8080/") == "a.example:8080"


@pytest.mark.parametrize(
    "address, worth",
    [
        ("http://a.example/wiki/Node.js_and_more", True),
        ("http://a.example/viewtopic.php?f=1&t=2&start=20", True),
        ("http://a.example/photo.JPG", False),
        ("http://a.example/price.pdf", False),
        ("http://a.example/t?action=reply&id=1", False),
        ("http://a.example/posting.php?mode=quote&p=1", False),
        ("http://a.example/" + "x" * 1000, False),
        ("http://a.example/a/a/a", False),
        ("http://a.example/?" + "&".join(f"p{n}=1" for n in range(9)), False),
    ],
)
def test_traps_files_and_buttons_are_not_worth_asking_for(address: str, worth: bool) -> None:
    assert worth_asking(address) is worth
