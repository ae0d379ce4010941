"""Articles of a wiki through its API (MediaWiki, `action=query`).

The text is the API's own plain text where the wiki has TextExtracts, else the wikitext without its markup.
Requests are made one after the other and carry `maxlag`, so that a wiki under load is not asked.
Source: https://www.mediawiki.org/wiki/API:Query, https://www.mediawiki.org/wiki/API:Etiquette
"""

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlencode, urljoin, urlsplit

from jobs.crawling.addresses import normalise, site
from jobs.crawling.errors import CrawlRefused, Fault
from jobs.crawling.fetching import Fetcher, Manners, retry_after
from jobs.crawling.plain import plain_text
from jobs.crawling.wikitext import plain_wikitext, without_endmatter

_JSON = frozenset({"application/json", "text/json", "text/javascript"})
_PASSING = frozenset({"maxlag", "ratelimited", "readonly", "timeout"})
_MAXLAG = 5  # seconds, as the API's etiquette proposes
_BATCH = 10
_MOST_ROUNDS = 50
_RESULTS = 50
_LONGEST_WAIT = 60.0


@dataclass
class Article:
    """What the API says of one title. `ambiguous` is a list of meanings; `links` are addresses of articles."""

    title: str
    address: str
    text: str = ""
    links: list[str] = field(default_factory=list)
    ambiguous: bool = False
    articles_namespace: bool = True


class _Site(NamedTuple):
    """How the wiki is laid out; `extracts` says whether it has TextExtracts, None where that is not known."""

    server: str
    path: str
    extracts: bool | None


class Wiki:
    """One wiki by the address of its `api.php`. Every call raises `Fault` for what cannot be had."""

    def __init__(self, api: str, fetcher: Fetcher, manners: Manners) -> None:
        address = normalise(api)
        if address is None or urlsplit(address).query:
            raise CrawlRefused(f"not the address of an API like https://ru.wikipedia.org/w/api.php: {api}")
        self.api = address
        self._fetcher = fetcher
        self._manners = manners
        self._known: _Site | None = None

    @property
    def batch(self) -> int:
        """How many articles are best asked for at once: the API gives one whole extract at a time."""
        return 1 if self._site().extracts else _BATCH

    def search_address(self, keyword: str) -> str:
        """The address that stands for a search."""
        query = {"action": "query", "list": "search", "srsearch": keyword, "format": "json"}
        return normalise(f"{self.api}?{urlencode(query)}") or self.api

    def searched(self, address: str) -> str | None:
        """The keyword of such an address; None for another one."""
        base, _, query = address.partition("?")
        return parse_qs(query).get("srsearch", [None])[0] if base == self.api else None

    def address_of(self, title: str) -> str:
        """The address of an article as the wiki writes it."""
        where = self._site()
        name = quote(title.replace(" ", "_"), safe="/:@!$*(),;~-._", errors="replace")
        return normalise(where.path.replace("$1", name), where.server) or self.api

    def seed_address(self, title: str) -> str:
        """An address that `title_of` understands, made without asking the wiki."""
        return (
            normalise(f"{urljoin(self.api, 'index.php')}?title={quote(title.replace(' ', '_'))}") or self.api
        )

    def title_of(self, address: str) -> str | None:
        """The title of the article that lies at the address; None where no article of this wiki lies."""
        if site(address) not in {site(self.api), self._known and site(self._known.server)}:
            return None
        parts = urlsplit(address)
        if parts.path == urlsplit(urljoin(self.api, "index.php")).path:
            named = parse_qs(parts.query).get("title")
            return named[0].replace("_", " ") if named else None
        before, _, after = self._site().path.partition("$1")
        path = f"{parts.path}?{parts.query}" if "?" in before else parts.path
        if not path.startswith(before) or not path.endswith(after) or len(path) <= len(before) + len(after):
            return None
        return unquote(path[len(before) : len(path) - len(after)]).replace("_", " ")

    def search(self, keyword: str, most: int) -> list[str]:
        """The titles of the articles that a search finds, best first, at most `most`."""
        titles: list[str] = []
        query = {
            "list": "search",
            "srsearch": keyword,
            "srnamespace": "0",
            "srprop": "",
            "srlimit": f"{min(most, _RESULTS)}",
        }
        for part in self._query(query):
            titles += [str(hit["title"]) for hit in part.get("search", []) if hit.get("ns", 0) == 0]
            if len(titles) >= most:
                break
        return titles[:most]

    def articles(self, titles: Sequence[str]) -> dict[str, Article | Fault]:
        """Each of the titles (at most `batch`) with what lies there; redirects are followed by the API."""
        merged: dict[str, dict[str, Any]] = {}
        renamed: dict[str, str] = {}
        for part in self._query(self._wanted(titles)):
            for step in [*part.get("normalized", []), *part.get("redirects", [])]:
                renamed[step["from"]] = step["to"]
            pages = part.get("pages", [])
            for page in pages.values() if isinstance(pages, dict) else pages:
                _merge(merged.setdefault(str(page.get("title")), {}), page)
        return {title: self._article(_renamed(title, renamed), merged) for title in titles}

    def _wanted(self, titles: Sequence[str]) -> dict[str, str]:
        extracts = self._site().extracts
        texts = (
            ["extracts"] if extracts else ["revisions"] if extracts is False else ["extracts", "revisions"]
        )
        query = {
            "titles": "|".join(titles),
            "redirects": "1",
            "prop": "|".join(["info", "pageprops", "links", *texts]),
            "inprop": "url",
            "ppprop": "disambiguation",
            "plnamespace": "0",
            "pllimit": "max",
        }
        if "extracts" in texts:
            query |= {"explaintext": "1", "exsectionformat": "wiki", "exlimit": "max"}
        if "revisions" in texts:
            query |= {"rvprop": "content", "rvslots": "main"}
        return query

    def _article(self, title: str, pages: dict[str, dict[str, Any]]) -> Article | Fault:
        page = pages.get(title)
        if page is None:
            return Fault("api", "the API says nothing about it")
        if "invalid" in page:
            return Fault("api", f"no title of an article: {page.get('invalidreason', '')}".rstrip(": "))
        if "missing" in page:
            return Fault("api", "there is no such article")
        address = normalise(str(page.get("canonicalurl") or page.get("fullurl") or "")) or self.address_of(
            title
        )
        extract = page.get("extract")
        text = str(extract) if extract else plain_wikitext(_content(page))
        return Article(
            plain_text(title).replace("\n", " "),
            address,
            plain_text(without_endmatter(text)),
            [self.address_of(str(link["title"])) for link in page.get("links", []) if link.get("ns", 0) == 0],
            ambiguous="disambiguation" in page.get("pageprops", {}),
            articles_namespace=page.get("ns", 0) == 0,
        )

    def _site(self) -> _Site:
        """Asked for once. A wiki that does not tell is taken to be laid out as most are."""
        if self._known is None:
            try:
                answer = next(self._query({"meta": "siteinfo", "siprop": "general|extensions"}), {})
            except Fault as fault:
                if fault.kind != "api":
                    raise
                answer = {}
            general = answer.get("general", {})
            names = {extension.get("name") for extension in answer.get("extensions", [])}
            self._known = _Site(
                normalise(str(general.get("server") or ""), self.api) or urljoin(self.api, "/"),
                str(general.get("articlepath") or "/wiki/$1"),
                ("TextExtracts" in names) if "extensions" in answer else None,
            )
        return self._known

    def _query(self, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        """The parts of an answer, as far as the API continues it."""
        going_on: dict[str, str] = {}
        for _ in range(_MOST_ROUNDS):
            answer = self._ask({"action": "query", **query, **going_on})
            part = answer.get("query")
            yield part if isinstance(part, dict) else {}
            further = answer.get("continue")
            if not isinstance(further, dict):
                return
            going_on = {name: str(value) for name, value in further.items()}

    def _ask(self, query: dict[str, str]) -> dict[str, Any]:
        fixed = {"format": "json", "formatversion": "2", "maxlag": f"{_MAXLAG}"}
        address = f"{self.api}?{urlencode({**query, **fixed})}"
        left, pause = self._manners.retries, self._manners.backoff
        while True:
            answer = self._fetcher.get(address, types=_JSON)
            try:
                said = json.loads(answer.body or b"")
            except ValueError as error:
                raise Fault("api", "the API's answer is no JSON") from error
            if not isinstance(said, dict):
                raise Fault("api", "the API's answer is of an unknown form")
            problem = said.get("error")
            if problem is None:
                return said
            code = str(problem.get("code", "")) if isinstance(problem, dict) else ""
            if left <= 0 or not (code in _PASSING or code.startswith("internal_api_error")):
                raise Fault("api", f"the API says {code or problem!r}"[:200])
            time.sleep(min(max(pause, retry_after(answer.headers) or 0.0), _LONGEST_WAIT))
            left, pause = left - 1, pause * 2


def _merge(page: dict[str, Any], more: dict[str, Any]) -> None:
    """Lays the parts of a continued answer together; its lists grow."""
    for name, value in more.items():
        if isinstance(value, list) and isinstance(page.get(name), list):
            page[name] += value
        elif value not in (None, "", []):
            page[name] = value
        else:
            page.setdefault(name, value)


def _renamed(title: str, steps: dict[str, str]) -> str:
    seen = set()
    while title in steps and title not in seen:
        seen.add(title)
        title = steps[title]
    return re.sub(r"\s+", " ", title)


def _content(page: dict[str, Any]) -> str:
    """The wikitext, in the form of today's API or of older ones."""
    revisions = page.get("revisions") or [{}]
    main = revisions[0].get("slots", {}).get("main", revisions[0])
    return str(main.get("content", main.get("*", "")))
