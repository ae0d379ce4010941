"""What a site asks of crawlers: robots.txt by RFC 9309."""

import logging
import math
from urllib.parse import urlsplit

from protego import Protego

from jobs.crawling.addresses import site
from jobs.crawling.errors import Fault, Forbidden
from jobs.crawling.fetching import Fetcher

PRODUCT = "salon-assistant"
"""What the crawler is called: in its User-Agent and in the robots.txt of whoever wants to address it."""

_log = logging.getLogger(__name__)

_MOST = 512_000  # characters; the RFC asks for 500 KiB at least


class Robots:
    """The rules of each site, read once. A site without the file allows everything, one whose file cannot be had
    for the moment allows nothing."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._rules: dict[str, Protego | Fault] = {}

    def check(self, address: str) -> None:
        """Raises `Forbidden` for a page that may not be asked for, `Fault` where the rules cannot be read."""
        rules = self._of(address)
        if isinstance(rules, Forbidden):
            raise rules
        if isinstance(rules, Fault):
            raise Fault(rules.kind, f"robots.txt cannot be read: {rules}")
        if not rules.can_fetch(address, PRODUCT):
            raise Forbidden("robots", "robots.txt forbids it")

    def learn_delay(self, address: str) -> None:
        """Honours the site's Crawl-delay without asking whether the page is allowed."""
        self._of(address)

    def _of(self, address: str) -> Protego | Fault:
        where = site(address)
        if where not in self._rules:
            rules = self._read(address)
            self._rules[where] = rules
            delay = rules.crawl_delay(PRODUCT) if isinstance(rules, Protego) else None
            if delay is not None and 0 < delay < math.inf:
                _log.info("%s asks for %s s between two requests", where, delay)
                self._fetcher.slow_down(where, float(delay))
        return self._rules[where]

    def _read(self, address: str) -> Protego | Fault:
        parts = urlsplit(address)
        try:
            answer = self._fetcher.get(f"{parts.scheme}://{parts.netloc}/robots.txt", types=None)
        except Fault as fault:
            # 4xx means that there are no rules; too many requests is no such answer.
            if fault.status is not None and 400 <= fault.status < 500 and fault.status != 429:
                return Protego.parse("")
            return fault
        return Protego.parse((answer.body or b"").decode("utf-8-sig", errors="replace")[:_MOST])
