"""The crawl itself: takes the next page, has it fetched and read, keeps what it says and where it leads."""

import hashlib
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from jobs.crawling.addresses import site, without_query, worth_asking
from jobs.crawling.decoding import decode_page
from jobs.crawling.errors import Fault, Forbidden
from jobs.crawling.fetching import Fetcher
from jobs.crawling.frontier import Frontier, Outcome, Result, Waiting
from jobs.crawling.keywords import Keywords
from jobs.crawling.mediawiki import Article, Wiki
from jobs.crawling.pages import Page, read_page, read_plain
from jobs.crawling.plain import is_junk, plain_text, shortened
from jobs.crawling.robots import Robots

_log = logging.getLogger(__name__)

ANYWHERE = "*"
_MOST_TURNS = 50
_FAILURES = 5
_SHORTEST_DOUBLE = 200
_REASON = 500
_HTML = frozenset({"text/html", "application/xhtml+xml"})


@dataclass(frozen=True)
class Limits:
    """How far a crawl goes: links away from a seed, pages that are asked for in all."""

    depth: int
    pages: int


class Crawler:
    """One crawl over its frontier. `sites` are those where pages may lie, as `site` names them; `ANYWHERE` is all."""

    def __init__(
        self,
        frontier: Frontier,
        fetcher: Fetcher,
        *,
        wikis: Sequence[Wiki],
        keywords: Keywords,
        sites: Collection[str],
        limits: Limits,
    ) -> None:
        self._frontier = frontier
        self._fetcher = fetcher
        self._robots = Robots(fetcher)
        self._wikis = wikis
        self._keywords = keywords
        self._sites = frozenset(sites)
        self._limits = limits

    def run(self, done: Callable[[Waiting, Outcome], object] = lambda page, outcome: None) -> None:
        """Goes on until nothing waits or a limit is reached; `done` is told of each page. It may be broken off at
        any moment, and another crawler over the same frontier goes on."""
        while (left := self._limits.pages - self._frontier.asked()) > 0:
            waiting = self._frontier.next()
            if not waiting:
                return
            for page, result in self._results(waiting[0], left):
                if not self._frontier.is_waiting(page):
                    continue  # another title of the same batch was a redirect to it
                outcome = self._frontier.record(page, result)
                if outcome == "Error":
                    _log.warning("%s: %s", result.address, result.reason)
                done(page, outcome)

    def _results(self, page: Waiting, left: int) -> list[tuple[Waiting, Result]]:
        try:
            for wiki in self._wikis:
                self._robots.learn_delay(wiki.api)
                keyword = wiki.searched(page.address)
                if keyword is not None:
                    return [(page, self._searched(wiki, page, keyword))]
                if wiki.title_of(page.address) is not None:
                    return self._articles(wiki, left)
            return [(page, self._page(page))]
        except Fault as fault:
            return [(page, _failed(page, fault))]
        except Exception as error:  # what nobody thought of must not stop the crawl at this page for ever
            _log.exception("%s could not be read", page.address)
            return [(page, _failed(page, Fault("no page", f"{type(error).__name__}: {error}")))]

    def _searched(self, wiki: Wiki, page: Waiting, keyword: str) -> Result:
        self._watch(page)
        titles = wiki.search(keyword, self._limits.pages)
        return Result(page.address, "search", beside=[wiki.address_of(title) for title in titles])

    def _articles(self, wiki: Wiki, left: int) -> list[tuple[Waiting, Result]]:
        """The next pages, as many as the wiki gives at once and are its articles."""
        batch: dict[str, Waiting] = {}
        for page in self._frontier.next(min(left, wiki.batch)):
            title = wiki.title_of(page.address)
            if title is None or title in batch:
                break
            batch[title] = page
        try:
            self._watch(next(iter(batch.values())))
            found = wiki.articles(list(batch))
        except Fault as fault:
            return [(page, _failed(page, fault)) for page in batch.values()]
        return [(page, self._article(page, found[title])) for title, page in batch.items()]

    def _article(self, page: Waiting, found: Article | Fault) -> Result:
        if isinstance(found, Fault):
            return _failed(page, found)
        if found.ambiguous or not found.articles_namespace:
            return Result(
                found.address,
                "kept out",
                reason="no article, but a list of meanings or a page about the wiki",
            )
        return self._result(page, found.address, Page(found.title, found.text, tuple(found.links)))

    def _page(self, page: Waiting) -> Result:
        self._watch(page)
        answer = self._fetcher.get(page.address, check=self._permit, known=self._frontier.is_done)
        if answer.body is None:
            return Result(answer.address, "same")
        text = decode_page(answer.body, answer.charset)
        if is_junk(text):
            raise Fault("no page", "no text, but bytes of something else")
        html = answer.type in _HTML or (not answer.type and "<" in text[:1000])
        robots_tag = answer.headers.get("x-robots-tag", "")
        read = read_page(text, answer.address, robots_tag) if html else read_plain(text)
        return self._result(page, self._address(answer.address, read), read)

    def _result(self, page: Waiting, address: str, read: Page) -> Result:
        context = _context(read)
        relevant = bool(read.text) and self._keywords.found_in(context)
        further = relevant or page.open
        deeper = further and page.depth < self._limits.depth
        turns = further and page.turned < _MOST_TURNS
        outcome: Outcome = "Ok" if relevant else "No find special words"
        double = (
            hashlib.sha256(read.text.encode()).hexdigest() if len(read.text) >= _SHORTEST_DOUBLE else None
        )
        return Result(
            address,
            outcome if read.index else "kept out",
            context if read.index else "",
            reason=None if read.index else "it asks to be kept out of indexes",
            digest=double if read.index else None,
            links=[link for link in read.links if self._leads_on(link)] if deeper else [],
            beside=[read.moved] if further and read.moved and self._leads_on(read.moved) else [],
            turn=read.turn if turns and read.turn and self._leads_on(read.turn) else None,
            open=further,
        )

    def _address(self, found: str, read: Page) -> str:
        """What the page calls itself, if that is the same page by another spelling, one with the same text, or none
        that is known already: too many sites call each of their pages the first one."""
        named = read.canonical
        if named is None or named == found or not self._may_lie(named):
            return found
        if without_query(named) == without_query(found) or not self._frontier.is_done(named):
            return named
        return named if self._frontier.context_of(named) == _context(read) else found

    def _permit(self, address: str) -> None:
        if not self._may_lie(address):
            raise Forbidden("elsewhere", f"leads to another site, {site(address)}")
        self._robots.check(address)

    def _may_lie(self, address: str) -> bool:
        return ANYWHERE in self._sites or site(address) in self._sites

    def _leads_on(self, address: str) -> bool:
        if any(wiki.title_of(address) is not None for wiki in self._wikis):
            return True
        return self._may_lie(address) and worth_asking(address)

    def _watch(self, page: Waiting) -> None:
        """Leaves a site alone that did not answer again and again."""
        kinds = self._frontier.last_kinds(site(page.address), _FAILURES)
        if len(kinds) == _FAILURES and set(kinds) == {"unreachable"}:
            raise Fault("unreachable", f"the site did not answer {_FAILURES} times in a row")


def _context(read: Page) -> str:
    """The title and the text; nothing before them that a table calculation would take for a formula."""
    return "\n".join(part for part in (read.title, read.text) if part).lstrip("=+-@ \n")


def _failed(page: Waiting, fault: Fault) -> Result:
    """A row with the status `Error`; a page that nobody named and that may not be fetched is left out."""
    named = page.open and page.depth == 0 and page.turned == 0
    outcome: Outcome = "forbidden" if isinstance(fault, Forbidden) and not named else "Error"
    return Result(
        page.address,
        outcome,
        kind=fault.kind,
        reason=shortened(plain_text(f"{fault}").replace("\n", " "), _REASON),
    )
