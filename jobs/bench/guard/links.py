"""Tables behind a link: any CSV, and a public sheet of Google's by the address that its browser shows."""

import hashlib
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from jobs.bench.guard.reading import SourceUnusable

MOST_BYTES = 512 * 1024 * 1024
_PATIENCE_S = 60.0
_SHEET = re.compile(r"https?://docs\.google\.com/spreadsheets/d/(?!e/)([\w-]+)")
_PUBLISHED = re.compile(r"https?://docs\.google\.com/spreadsheets/d/e/([\w-]+)/pub(?:html)?\b")


def is_link(given: str) -> bool:
    """Whether a source is named by a link."""
    return given.lower().startswith(("http://", "https://"))


def csv_link(link: str) -> str:
    """The link under which a sheet of Google's comes as CSV; any other link as it is.

    The tab of the sheet (`gid`) is kept, wherever it stands in the link.
    """
    parts = urlsplit(link)
    tab = next(iter(parse_qs(parts.fragment).get("gid") or parse_qs(parts.query).get("gid") or ()), None)
    if found := _PUBLISHED.match(link):
        base = f"https://docs.google.com/spreadsheets/d/e/{found[1]}/pub?output=csv"
        return f"{base}&single=true&gid={tab}" if tab else base
    if found := _SHEET.match(link):
        base = f"https://docs.google.com/spreadsheets/d/{found[1]}/export?format=csv"
        return f"{base}&gid={tab}" if tab else base
    return link


def download(link: str, folder: Path) -> Path:
    """Fetch a table into a folder, following redirects; `folder` is made.

    Raises:
        SourceUnusable: nobody answers, the answer is an error or a page to read, or it is larger than `MOST_BYTES`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = csv_link(link)
    path = folder / f"{hashlib.sha256(target.encode()).hexdigest()[:16]}{_suffix(target)}"
    part = path.with_name(f"{path.name}.part")
    try:
        with httpx.stream("GET", target, follow_redirects=True, timeout=_PATIENCE_S) as answer:
            if answer.is_error:
                raise SourceUnusable(f"{link}: the server says {answer.status_code} {answer.reason_phrase}")
            if "text/html" in answer.headers.get("Content-Type", ""):
                raise SourceUnusable(
                    f"{link}: a page and no table; is the sheet open to everybody with the link?"
                )
            size = 0
            with part.open("wb") as file:
                for block in answer.iter_bytes():
                    size += len(block)
                    if size > MOST_BYTES:
                        raise SourceUnusable(f"{link}: larger than {MOST_BYTES // 1024 // 1024} MiB")
                    file.write(block)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnusable(f"{link}: cannot be fetched: {error or type(error).__name__}") from error
    return part.replace(path)


def _suffix(link: str) -> str:
    """What the name in a link ends in, if that says which format it is."""
    name = urlsplit(link).path.lower()
    return next(
        (end for end in (".jsonl", ".ndjson", ".json", ".parquet", ".tsv") if name.endswith(end)), ".csv"
    )
