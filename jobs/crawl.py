"""Grows the knowledge: reads articles of a wiki and pages of sites and forums into two CSV files."""

import sqlite3
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobs.crawling.corpora import Written
    from jobs.crawling.fetching import Fetcher, Manners
    from jobs.crawling.frontier import Frontier, Outcome, Waiting
    from jobs.crawling.mediawiki import Wiki
    from settings import Settings

NAME = "crawl"
HELP = "read a wiki's articles and the pages of sites and forums into CSV files, from seeds or keywords"

ASSETS = Path(__file__).resolve().parent.parent / "assets"
_EPILOG = """\
A page that holds a keyword gets the status Ok and its links are followed; one that holds none is recorded as
“No find special words” and its links are not followed, except a seed's own. What cannot be had is an Error, its
reason is in the log. Left out are pages that robots.txt forbids, that ask not to be indexed, and doubles. A wiki's API
is asked although robots.txt may forbid it to search engines: it is there for programs; its Crawl-delay is kept.

DIR/all.csv has every page, DIR/keywords.csv those with the status Ok. A crawl that was broken off, in whatever way,
goes on when the same command (or just --out) is given again, and ends as if it had not been.

  python -m jobs crawl --api https://ru.wikipedia.org/w/api.php --keyword Mercedes --keyword мерседес
  python -m jobs crawl --seed https://forum.example/questions --depth 3 --rate 2
  python -m jobs index
"""
_FRONTIER = "frontier.db"
_AGENT = "salon-assistant/1.0"


def add_arguments(parser: ArgumentParser) -> None:
    """Where to begin, how far to go, how politely."""
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    seconds, add = _number(float, 0.0), parser.add_argument
    seed = "page to begin with, or with --api an article's title; many"
    keyword = (
        "word or phrase that pages must hold, in any inflection, and that a wiki is searched for; many;"
        " the names of the salon's brand by default"
    )
    add("--seed", action="append", default=[], metavar="URL", help=seed)
    add("--keyword", action="append", default=[], metavar="WORD", help=keyword)
    add("--api", action="append", default=[], metavar="URL", help="a wiki's api.php (MediaWiki); many")
    hosts = "other hosts whose pages may be followed; * is any"
    add("--hosts", action="extend", nargs="+", default=[], metavar="HOST", help=hosts)
    add("--depth", type=_number(int, 0), help="links followed from a seed, 2 by default")
    add("--pages", type=_number(int, 1), default=500, help="pages asked for in all (%(default)s)")
    add("--rate", type=seconds, default=1.0, help="seconds between two requests to a host (%(default)s)")
    add("--timeout", type=_number(float, 0.01), default=30.0, help="seconds for a whole page (%(default)s)")
    add("--size", type=_number(float, 0.001), default=4.0, help="megabytes of a page at most (%(default)s)")
    retries = "further attempts at what fails for the moment (%(default)s)"
    add("--retries", type=_number(int, 0), default=3, help=retries)
    backoff = "seconds before the first of them, twice as long before each next (%(default)s)"
    add("--backoff", type=seconds, default=2.0, help=backoff)
    add("--contact", metavar="ADDRESS", help="whom sites may write to; the salon's e-mail by default")
    add("--out", type=Path, metavar="DIR", help="where the files go; DATA/crawl by default")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--resume", action="store_true", help="go on with what DIR holds (the default)")
    again = "go on, and ask again for the pages that ended in an error"
    group.add_argument("--again", action="store_true", help=again)
    group.add_argument("--fresh", action="store_true", help="forget what DIR holds and begin anew")


def run(args: Namespace, settings: "Settings") -> int:
    """Crawl. 1 when no page holds a keyword, 2 when it could not begin, 130 when it was stopped by Ctrl-C."""
    from filelock import FileLock, Timeout

    from jobs.crawling.errors import CrawlRefused

    folder: Path = args.out or settings.data / "crawl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "crawl.lock", timeout=0):
            return _crawl(args, settings, folder)
    except Timeout:
        problem = f"another crawl is writing into {folder}"
    except CrawlRefused as error:
        problem = f"{error}"
    except OSError as error:
        problem = f"{folder} cannot be written: {error.strerror or error}"
    except sqlite3.Error as error:
        problem = f"{folder / _FRONTIER} cannot be used ({error}); --fresh begins anew"
    print(problem, file=sys.stderr)
    return 2


def _crawl(args: Namespace, settings: "Settings", folder: Path) -> int:
    from jobs.crawling import corpora
    from jobs.crawling.fetching import Fetcher, Manners
    from jobs.crawling.frontier import Frontier
    from stores.salon import load_salon

    path = folder / _FRONTIER
    if args.fresh:
        for ending in ("", "-wal", "-shm"):
            (folder / f"{_FRONTIER}{ending}").unlink(missing_ok=True)
    contact = args.contact or load_salon(settings.salon).email
    manners = Manners(
        agent=f"{_AGENT} ({contact})" if contact else _AGENT,
        rate=args.rate,
        timeout=args.timeout,
        size=int(args.size * 1e6),
        retries=args.retries,
        backoff=args.backoff,
    )
    frontier = Frontier(path)
    stopped = False
    try:
        shape = _shape(args, settings, frontier)
        if args.again:
            print(f"{frontier.ask_again()} pages are asked for again")
        with Fetcher(manners, private=_begins_privately(shape)) as fetcher:
            try:
                _go(fetcher, manners, frontier, shape, args.pages)
            except KeyboardInterrupt:
                stopped = True
        written = corpora.write(frontier, folder)
        _report(frontier, folder, written, args.pages)
    finally:
        frontier.close()
    if stopped:
        print("Stopped; the same command goes on.", file=sys.stderr)
        return 130
    return 0 if written.keywords else 1


def _go(
    fetcher: "Fetcher", manners: "Manners", frontier: "Frontier", shape: dict[str, Any], pages: int
) -> None:
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    from jobs.crawling.crawler import Crawler, Limits
    from jobs.crawling.keywords import Keywords
    from jobs.crawling.mediawiki import Wiki

    crawler = Crawler(
        frontier,
        fetcher,
        wikis=[Wiki(api, fetcher, manners) for api in shape["apis"]],
        keywords=Keywords(shape["keywords"]),
        sites=shape["sites"],
        limits=Limits(shape["depth"], pages),
    )
    # `disable=None` draws nothing where nobody looks: in a log, under a timer.
    with tqdm(total=pages, initial=frontier.asked(), unit="page", disable=None) as bar:

        def told(page: "Waiting", outcome: "Outcome") -> None:
            bar.update(frontier.asked() - bar.n)

        if bar.disable:
            crawler.run()
        else:
            with logging_redirect_tqdm():
                crawler.run(told)


def _shape(args: Namespace, settings: "Settings", frontier: "Frontier") -> dict[str, Any]:
    """What decides which pages are found: as it was when the crawl began, else as the options say."""
    from jobs.crawling.errors import CrawlRefused

    stored = frontier.noted("shape")
    given = _given(args)
    if stored is not None:
        other = [name for name, value in given.items() if value and value != stored["given"].get(name)]
        if other:
            raise CrawlRefused(
                f"the folder holds a crawl that was begun with another {' and '.join(other)};"
                " give the same, or --fresh to begin anew, or another --out"
            )
        return dict(stored)
    if not args.seed and not args.api:
        raise CrawlRefused("nothing to begin with: give --seed URL, or --api URL with --keyword WORD")
    keywords = args.keyword or _brand_words(settings)
    wikis = _wikis(args.api)
    seeds = [_seed(text, wikis) for text in args.seed]
    shape = {
        "given": given,
        "apis": args.api,
        "keywords": keywords,
        "sites": _sites([*seeds, *args.api], args.hosts),
        "depth": 2 if args.depth is None else args.depth,
    }
    searches = [wiki.search_address(word) for wiki in wikis for word in keywords] if _searches(args) else []
    frontier.seed(seeds, searches, {"shape": shape})
    return shape


def _given(args: Namespace) -> dict[str, Any]:
    depth = None if args.depth is None else [args.depth]
    return {
        "--seed": args.seed,
        "--api": args.api,
        "--keyword": args.keyword,
        "--hosts": args.hosts,
        "--depth": depth,
    }


def _searches(args: Namespace) -> bool:
    """A wiki is searched for keywords that somebody named; with seeds alone it is read from these."""
    return bool(args.keyword or not args.seed)


def _wikis(apis: Sequence[str]) -> "list[Wiki]":
    from jobs.crawling.fetching import Fetcher, Manners
    from jobs.crawling.mediawiki import Wiki

    manners = Manners(_AGENT)
    return [Wiki(api, Fetcher(manners), manners) for api in apis]  # to make addresses; nothing is asked


def _seed(text: str, wikis: "Sequence[Wiki]") -> str:
    from jobs.crawling.addresses import normalise
    from jobs.crawling.errors import CrawlRefused

    if "://" not in text and wikis:
        return wikis[0].seed_address(text)
    address = normalise(text)
    if address is None:
        raise CrawlRefused(f"not a web address: {text}")
    return address


def _sites(addresses: Sequence[str], hosts: Sequence[str]) -> list[str]:
    from jobs.crawling.addresses import normalise, site

    named = [one if "://" in one else f"http://{one}" for one in (*addresses, *hosts) if one != "*"]
    known = {site(address) for one in named if (address := normalise(one))}
    return sorted(known | ({"*"} & set(hosts)))


def _brand_words(settings: "Settings") -> list[str]:
    from stores.lexicon import load_lexicon
    from stores.salon import load_salon

    salon = load_salon(settings.salon)
    return list(load_lexicon(ASSETS, salon.brand, salon.folder).brand_words)


def _begins_privately(shape: dict[str, Any]) -> bool:
    """Whether a seed lies in a private network: only then are pages there followed."""
    from jobs.crawling.fetching import is_private

    return any(is_private(host.rpartition(":")[0] or host) for host in shape["sites"] if host != "*")


def _report(frontier: "Frontier", folder: Path, written: "Written", pages: int) -> None:
    from jobs.crawling.corpora import ALL, KEYWORDS

    counts = frontier.counts()
    rows = ", ".join(
        f"{counts.get(status, 0)} {status}" for status in ("Ok", "No find special words", "Error")
    )
    left_out = {
        "same": "doubles",
        "forbidden": "not allowed",
        "kept out": "kept out of indexes or without a text",
    }
    others = [f"{counts[name]} {what}" for name, what in left_out.items() if counts.get(name)]
    print(
        f"{folder / ALL}: {written.all} pages: {rows}"
        + (f"; left out: {', '.join(others)}" if others else "")
    )
    print(f"{folder / KEYWORDS}: {written.keywords} pages")
    if counts.get("waiting"):
        print(f"{counts['waiting']} pages still wait; a larger --pages than {pages} goes on with them")


def _number(kind: type, least: float) -> Callable[[str], Any]:
    """A type of argparse: a number of this kind, `least` or more."""

    def parse(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError as error:
            raise ArgumentTypeError(f"not a number: {text}") from error
        if not value >= least:
            raise ArgumentTypeError(f"must be {least} or more")
        return value

    return parse
