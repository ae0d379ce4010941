"""HTML → what a page says, and where it leads.

What is left of a page is its title and the text between navigation, buttons, signatures and advertisements. On a forum
whose engine is known (`POSTS`) it is the posts alone, the question first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from jobs.crawling.addresses import normalise
from jobs.crawling.plain import plain_text
from jobs.crawling.robots import PRODUCT

POSTS = (
    '[itemtype$="/Question"] [itemprop="text"], [itemtype$="/Answer"] [itemprop="text"]',  # schema.org
    ".js-post-body",  # Stack Exchange
    ".postbody .content",  # phpBB
    ".message-body .bbWrapper",  # XenForo
    '[data-role="commentContent"]',  # Invision
    ".post_message, .postcontent",  # vBulletin
    ".topic-post .cooked, .topic-body .cooked, .crawler-post .post",  # Discourse
    ".post .inner, .post_body",  # SMF, MyBB
    ".post-msg, .entry-content .postmsg",  # PunBB, FluxBB
    ".answer-content, .question-content",
)
"""Where the engines of forums put the text of a post. The first that is found on a page is taken."""

_ANY_POST = ", ".join(POSTS)
_MOST_TAGS = 50_000  # some 10 s of work; what comes after is not read
_DEEPEST = 250  # no page that people wrote is nested so deeply, and each level costs
_DROPPED = frozenset(
    "script style noscript template svg math canvas iframe object embed audio video map button input select textarea"
    " label nav aside footer dialog menu head".split()
)
_ROLES = frozenset(
    "navigation banner contentinfo search dialog alertdialog menu toolbar complementary".split()
)
_CLUTTER = re.compile(
    r"""(?:^|[-_ ])(?:
        nav(?:bar|igation)? | menu | (?:bread)?crumbs? | side-?bar | footer | cookies? | toolbar | toc | navbox
      | catlinks | adverts? | advertisement | ads | adsbygoogle | promo | share | sharing | social | likes? | subscribe
      | popup | modal | sig | signatures? | avatar | profile | postprofile | author | userinfo | user-(?:info|card)
      | lastedit | edited | pagination | paginator | pager | pagelinks | buttons? | btns? | votes? | voting | rating
      | related | similar | login | signup | quick-?reply | (?:comment|reply)-?form | mw-editsection | noprint
      | skip-?link | sr-only | visually-hidden | bbcodeblock--quote
    )(?:$|[-_ ])""",
    re.VERBOSE,
)
# A word of the list may also name what lies around the text: `layout no-sidebar`, `post has-author`.
_CORE = "h1, main, article"
_CORE_SHARE = 0.5
_BLOCKS = frozenset(
    "address article blockquote body br caption center dd details div dl dt fieldset figcaption figure form h1 h2 h3 h4"
    " h5 h6 header hr html legend li main ol p pre section summary table tbody tfoot thead title tr ul".split()
)
_CELLS = frozenset({"td", "th"})
_LEAST_SHARE = 0.3
_MOST_LINKS = 1_000
_SITE_NAME = re.compile(r"\s+[|—–·»:-]{1,2}\s+[^|—–·»]{1,40}$")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_REFRESH = re.compile(r"^\s*\d+\s*[;,]\s*url\s*=\s*[\"']?([^\"']+)", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """What a page says and where it leads; all addresses are normalised.

    `text` has no markup and no control characters, `index` and `follow` are what the page asks of crawlers, `canonical`
    is the address it gives itself, `turn` the next page of the same thread, `moved` where it sends its readers on.
    """

    title: str
    text: str
    links: tuple[str, ...] = ()
    canonical: str | None = None
    turn: str | None = None
    moved: str | None = None
    index: bool = True
    follow: bool = True


def read_plain(text: str) -> Page:
    """A page of plain text: its first line is no title."""
    return Page("", plain_text(text))


def read_page(source: str, address: str, robots_tag: str = "") -> Page:
    """Reads HTML that was found under `address`; `robots_tag` is the header X-Robots-Tag. Broken HTML is read as far
    as it goes."""
    soup = BeautifulSoup(_limited(source), "lxml")
    base = _base(soup, address)
    asked = _asked(soup, robots_tag)
    turn = _relation(soup, "next", base)
    links = tuple(link for link in _links(soup, base) if link != turn) if "nofollow" not in asked else ()
    return Page(
        title := _title(soup),
        _text(soup, title),
        links,
        _relation(soup, "canonical", base),
        turn if "nofollow" not in asked else None,
        _moved(soup, base),
        "noindex" not in asked,
        "nofollow" not in asked,
    )


def _limited(source: str) -> str:
    if source.count("<") <= _MOST_TAGS:
        return source
    tags = re.finditer("<", source)
    return source[: next(islice(tags, _MOST_TAGS, None)).start()]


def _base(soup: BeautifulSoup, address: str) -> str:
    tag = soup.find("base", href=True)
    if not isinstance(tag, Tag):
        return address
    try:
        return urljoin(address, _attribute(tag, "href"))
    except ValueError:
        return address


def _asked(soup: BeautifulSoup, header: str) -> set[str]:
    """What the page asks of all crawlers or of this one."""
    said = [header.lower().removeprefix(f"{PRODUCT}:")]
    for tag in soup.find_all("meta", attrs={"name": re.compile(rf"^(?:robots|{PRODUCT})$", re.IGNORECASE)}):
        said.append(_attribute(tag, "content").lower())
    words = {word.strip() for text in said for word in text.split(",")}
    return words | {"noindex", "nofollow"} if "none" in words else words


def _links(soup: BeautifulSoup, base: str) -> Iterator[str]:
    seen: set[str] = set()
    for tag in soup.find_all("a", href=True):
        if {"nofollow", "ugc", "sponsored"} & set(_words(tag, "rel")):
            continue
        link = normalise(_attribute(tag, "href"), base)
        if link is not None and link not in seen:
            seen.add(link)
            yield link
        if len(seen) >= _MOST_LINKS:
            return


def _relation(soup: BeautifulSoup, name: str, base: str) -> str | None:
    for tag in soup.find_all(["link", "a"], href=True):
        relations = _words(tag, "rel")
        if name in relations and "nofollow" not in relations:
            return normalise(_attribute(tag, "href"), base)
    return None


def _moved(soup: BeautifulSoup, base: str) -> str | None:
    tag = soup.find("meta", attrs={"http-equiv": re.compile("^refresh$", re.IGNORECASE)})
    found = _REFRESH.match(_attribute(tag, "content")) if isinstance(tag, Tag) else None
    return normalise(found.group(1), base) if found else None


def _title(soup: BeautifulSoup) -> str:
    """The page's only heading of the first order, else its title without the name of the site."""
    headings = [plain_text(tag.get_text(" ")).replace("\n", " ") for tag in soup.find_all("h1")]
    headings = [heading for heading in headings if heading]
    if len(headings) == 1:
        return headings[0].rstrip(" .,;:")
    title = soup.find("title")
    text = plain_text(title.get_text(" ")).replace("\n", " ") if isinstance(title, Tag) else ""
    return (_SITE_NAME.sub("", text) or text).rstrip(" .,;:")


def _text(soup: BeautifulSoup, title: str) -> str:
    body = soup.body
    if body is None:
        return ""
    _declutter(body)
    posts = _posts(body)
    whole = "\n".join(_flat(post) for post in posts) if posts else _main(body)
    lines = whole.splitlines()
    while lines and lines[0].rstrip(" .,;:") == title:
        del lines[0]
    return "\n".join(lines)


def _posts(body: Tag) -> list[Tag]:
    if body.select_one(_ANY_POST) is None:  # one look is ten times quicker than ten
        return []
    return next((found for selector in POSTS if (found := _outermost(body, selector))), [])


def _main(body: Tag) -> str:
    """The text of the part that is marked as the main one, unless most of the text stands beside it."""
    whole = _flat(body)
    marked = _outermost(body, "main, [role=main]") or _outermost(body, "article")
    text = "\n".join(_flat(tag) for tag in marked)
    return text if len(text) > _LEAST_SHARE * len(whole) else whole


def _outermost(body: Tag, selector: str) -> list[Tag]:
    """What the selector finds, without what lies in another find."""
    wanted = {id(tag) for tag in body.select(selector)}
    found: list[Tag] = []
    stack: list[Tag] = [body] if wanted else []
    while stack:
        tag = stack.pop()
        if id(tag) in wanted:
            found.append(tag)
        else:
            stack += [child for child in reversed(tag.contents) if isinstance(child, Tag)]
    return found


def _declutter(body: Tag) -> None:
    whole = len(body.get_text())
    stack = [(body, 0)]
    while stack:
        tag, depth = stack.pop()
        for child in list(tag.contents):
            if isinstance(child, Tag):
                if depth >= _DEEPEST or _is_clutter(child, whole):
                    child.decompose()
                else:
                    stack.append((child, depth + 1))


def _is_clutter(tag: Tag, whole: int) -> bool:
    """Whether the element is no part of the text; `whole` is how many characters the page has."""
    if tag.name in _DROPPED or tag.has_attr("hidden") or _attribute(tag, "aria-hidden") == "true":
        return True
    if _attribute(tag, "role") in _ROLES or _HIDDEN.search(_attribute(tag, "style")):
        return True
    if tag.name == "header":  # the page's own; an article's holds its title
        return tag.find_parent(["article", "main"]) is None and tag.find("h1") is None
    names = " ".join([*_words(tag, "class"), _attribute(tag, "id")]).lower()
    if not names or not _CLUTTER.search(names):
        return False
    around = tag.name in {"main", "article"} or tag.select_one(_CORE) is not None
    return not around and len(tag.get_text()) < _CORE_SHARE * whole


def _flat(root: Tag) -> str:
    """The text with a line break wherever a block begins or ends; a table's cells are parted by a bar."""
    pieces: list[str] = []
    stack: list[Tag | NavigableString | str] = [root]
    while stack:
        one = stack.pop()
        if isinstance(one, Tag):
            block = "\n" if one.name in _BLOCKS else ""
            cell = " | " if one.name in _CELLS and one.find_previous_sibling() else ""
            stack.append(block)
            stack += [child for child in reversed(one.contents) if isinstance(child, (Tag, NavigableString))]
            stack.append(block or cell)
        elif isinstance(one, NavigableString):
            if type(one) is NavigableString:  # no comment, no doctype
                pieces.append(re.sub(r"\s+", " ", one))
        elif one:
            pieces.append(one)
    return plain_text("".join(pieces))


def _attribute(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return " ".join(value) if isinstance(value, list) else str(value or "").strip()


def _words(tag: Tag, name: str) -> list[str]:
    return _attribute(tag, name).lower().split()
