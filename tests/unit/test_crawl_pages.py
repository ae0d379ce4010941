"""What is left of a page: its words, without markup, navigation and what hides."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.crawling.decoding import decode_page
from jobs.crawling.fetching import retry_after
from jobs.crawling.keywords import Keywords
from jobs.crawling.pages import POSTS, read_page
from jobs.crawling.plain import MOST_CHARACTERS, is_junk, plain_text, shortened
from jobs.crawling.wikitext import plain_wikitext

AT = "http://a.example/x/"


def read(body: str, head: str = "") -> str:
    return read_page(f"<html><head>{head}</head><body>{body}</body></html>", AT).text


@pytest.mark.parametrize(
    "body, text",
    [
        ("<p>Один<p>два", "Один\nдва"),
        ("<p>сло<b>во</b> и <i>ещё</i></p>", "слово и ещё"),
        ("строка<br>другая", "строка\nдругая"),
        ("<ul><li>а</li><li>б</li></ul>", "а\nб"),
        ("<table><tr><th>Мощность</th><td>170 л. с.</td></tr></table>", "Мощность | 170 л. с."),
        ("a &lt; b &amp; c&nbsp;&mdash; d", "a < b & c — d"),
        ("<script>тайна()</script><style>x{}</style><!-- тайна --><p>видно</p>", "видно"),
        ("<p>видно</p><p hidden>нет</p><p style='display: none'>нет</p><p aria-hidden=true>нет</p>", "видно"),
        ("<nav>меню</nav><header>шапка</header><p>текст</p><aside>сбоку</aside><footer>низ</footer>", "текст"),
        ("<p>текст</p><div class='post-buttons'>Ответить</div><div id='sidebar'>сбоку</div>", "текст"),
        ("<div class='layout no-sidebar'><p>текст страницы</p></div>", "текст страницы"),
        ("<form id=aspnet><p>текст</p><input value=x><button>Да</button></form>", "текст"),
        ("<div>рядом</div><main><p>Главное, и его больше.</p></main>", "Главное, и его больше."),
        ("<main>мало</main><div>Зато рядом очень много слов.</div>", "мало\nЗато рядом очень много слов."),
        ("<p>не закрыто <b>жирно <p>дальше", "не закрыто жирно\nдальше"),
        ("<p>раз</p><p>раз</p><p>два</p>", "раз\nдва"),
        ("<p>бе\u200bз\u202e не\u00adвидимых\x07</p>", "без невидимых"),
    ],
)  # fmt: skip
def test_a_page_is_its_words(body: str, text: str) -> None:
    assert read(body) == text


@pytest.mark.parametrize(
    "post",
    [
        '<div itemscope itemtype="https://schema.org/Question"><div itemprop="text">{}</div></div>',
        '<div class="js-post-body s-prose">{}</div>',
        '<div class="postbody"><div class="content">{}</div></div>',
        '<div class="message-body"><div class="bbWrapper">{}</div></div>',
        '<div data-role="commentContent">{}</div>',
        '<div class="post_message">{}</div>',
        '<div class="topic-post"><div class="cooked">{}</div></div>',
        '<div class="post"><div class="inner">{}</div></div>',
    ],
)
def test_of_a_thread_only_the_posts_are_left(post: str) -> None:
    around = "<div class=who>Гость, 7 сообщений</div>"
    body = f"<h1>Тема</h1>{around}{post.format('<p>Вопрос?</p>')}{around}{post.format('<p>Ответ.</p>')}"
    assert read(body) == "Вопрос?\nОтвет."
    assert len(POSTS) >= 8


@pytest.mark.parametrize(
    "head, body, title",
    [
        ("<title>Масло — Форум владельцев</title>", "<p>x", "Масло"),
        ("<title>С-класс: всё о нём | Сайт</title>", "<p>x", "С-класс: всё о нём"),
        ("<title>Сайт</title>", "<h1>Масло.</h1><p>x", "Масло"),
        ("<title>Раздел</title>", "<h1>а</h1><h1>б</h1><p>x", "Раздел"),
        ("", "<p>x", ""),
    ],
)
def test_the_title_is_the_only_heading_or_the_title_without_the_site(
    head: str, body: str, title: str
) -> None:
    assert read_page(f"<html><head>{head}</head><body>{body}</body></html>", AT).title == title


def test_links_canonical_next_and_refresh_are_read() -> None:
    page = read_page(
        """<head><base href="/b/"><link rel="canonical" href="/c">
        <meta http-equiv="Refresh" content="0; URL='m'"></head>
        <a href="1">1</a><a href="1#x">1</a><a rel="nofollow" href="2">2</a><a rel="next" href="3">3</a><a>4</a>
        <a href="mailto:a@b.example">5</a><a href="http://[">6</a>""",
        AT,
    )
    assert page.links == ("http://a.example/b/1",)
    assert (page.canonical, page.turn, page.moved) == (
        "http://a.example/c",
        "http://a.example/b/3",
        "http://a.example/b/m",
    )


@pytest.mark.parametrize(
    "head, header, index, follow",
    [
        ("", "", True, True),
        ('<meta name="Robots" content="NOINDEX, follow">', "", False, True),
        ('<meta name="robots" content="none">', "", False, False),
        ('<meta name="salon-assistant" content="nofollow">', "", True, False),
        ('<meta name="googlebot" content="noindex">', "", True, True),
        ("", "noindex", False, True),
    ],
)
def test_what_a_page_asks_of_crawlers_is_heard(head: str, header: str, index: bool, follow: bool) -> None:
    page = read_page(f"<head>{head}</head><p>x", AT, header)
    assert (page.index, page.follow) == (index, follow)


@given(st.text(alphabet="<>/=&;'\"!- abdivp#x1ё\n\x00", max_size=200))
def test_no_source_breaks_the_reader(source: str) -> None:
    page = read_page(source, AT)
    assert plain_text(page.text) == page.text


@pytest.mark.parametrize(
    "piece", ["<div>", "<article>", "<table><td>", "<header><div class=menu>x", "<a href=x>", "<b"]
)
def test_a_page_without_end_is_read_as_far_as_it_goes(piece: str) -> None:
    read_page(piece * 5_000, AT)


@given(st.text(max_size=300))
def test_plain_text_is_plain_and_stays_so(text: str) -> None:
    plain = plain_text(text)
    assert plain_text(plain) == plain
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cs"} for char in plain if char != "\n")
    assert all(line == line.strip() and line for line in plain.splitlines())


def test_a_text_that_is_too_long_is_cut_between_words() -> None:
    text = plain_text("слово " * 100_000)
    assert MOST_CHARACTERS - 10 < len(text) <= MOST_CHARACTERS
    assert text.endswith("слово")
    assert len(shortened("x" * 500, 100)) == 100


def test_bytes_of_something_else_are_junk_and_texts_are_not() -> None:
    assert is_junk(decode_page(bytes(range(256)) * 20, None))
    assert is_junk(decode_page(b"\x89PNG\r\n\x1a\n" + bytes(200), "utf-8"))
    assert not is_junk("Обычный текст — «с кавычками», табуляцией\tи строкой\n")
    assert not is_junk("")


@given(
    st.binary(max_size=200),
    st.sampled_from([None, "utf-8", "windows-1251", "base64", "unknown", "utf-16", ""]),
)
def test_no_bytes_break_the_decoder(body: bytes, charset: str | None) -> None:
    decode_page(body, charset)


def test_one_broken_letter_does_not_make_a_page_another_encoding() -> None:
    body = "Мерседес и масло. ".encode() * 10 + b"\xd0 x"
    assert decode_page(body, "windows-1251").startswith("Мерседес и масло.")


@pytest.mark.parametrize(
    "word, text, found",
    [
        ("мерседес", "О новых Мерседесах.", True),
        ("Mercedes", "MERCEDES-BENZ C 180", True),
        ("бенц", "Бензин подорожал", False),
        ("Mercedes", "мерседес", False),
        ("Карл Бенц", "Детство Карла Бенца", True),
        ("Карл Бенц", "Бенц, а не Карл", False),
        ("G-класс", "Внедорожник G-класса", True),
        ("ёлка", "Елки", True),
        ("мотор", "моторист", False),
        ("Лада", "на Ладе", True),
        ("", "что угодно", True),
        ("!!!", "", False),
    ],
)
def test_keywords_are_found_as_whole_words_in_any_form(word: str, text: str, found: bool) -> None:
    assert Keywords([word]).found_in(text) is found


def test_wikitext_nested_without_end_takes_no_time_and_gives_no_signs() -> None:
    for piece in ("{{a|", "[[a|", "{|\n|", "[http://a ", "<ref>x"):
        assert "{{" not in plain_wikitext(f"Начало. {piece * 20_000}")


@pytest.mark.parametrize(
    "said, seconds",
    [("7", 7), ("", None), ("скоро", None), ("-1", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)],
)
def test_retry_after_is_seconds_or_a_date(said: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": said}) == seconds
