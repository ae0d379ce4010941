"""The brochure ("salon legend"): one Markdown file, cut at its headings into passages."""

import hashlib
import logging
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from markdown_it import MarkdownIt

from stores.errors import SalonFolderError
from stores.passages import Passage

_log = logging.getLogger(__name__)

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PREAMBLE_TITLE = {"ru": "О салоне", "en": "About the salon"}


class _Section(NamedTuple):
    title: str
    text: str


def load_legend(path: Path, *, optional: bool = False) -> list[Passage]:
    """The sections under `## ` headings, in their order, and the text before the first of them, titled by `# `.

    A passage's id is `legend:` and its heading as a slug, so it stays the same as long as the heading does. A
    heading without text is left out with a warning: it answers nothing. A file that is missing or holds no
    section raises `SalonFolderError`, or gives an empty list if the brochure is `optional`.
    """
    passages = _passages(_read(path)) if path.is_file() else []
    if passages or optional:
        return passages
    missing = "holds no section with a heading and text" if path.exists() else "does not exist"
    raise SalonFolderError(f"the brochure {missing}; it needs sections like “## Opening hours”", file=path)


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SalonFolderError(
            f"the brochure cannot be read: {error.strerror or error}", file=path
        ) from error
    if not _is_utf8(data):
        _log.warning(
            "brochure: %s is not in UTF-8; it was read as windows-1251, look whether that is right", path
        )
    return decode(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def decode(data: bytes) -> str:
    """The text of a file from somebody's office: UTF-8 with or without BOM, else windows-1251."""
    return data.decode("utf-8-sig") if _is_utf8(data) else data.decode("cp1251", errors="replace")


def language_by_letters(text: str) -> Literal["ru", "en"]:
    """Russian unless Latin letters outnumber Cyrillic ones."""
    cyrillic = len(re.findall("[а-яё]", text, re.IGNORECASE))
    return "en" if len(re.findall("[a-z]", text, re.IGNORECASE)) > cyrillic else "ru"


def _passages(source: str) -> list[Passage]:
    language = language_by_letters(source)
    passages: list[Passage] = []
    seen: dict[str, int] = {}
    for title, text in _sections(_COMMENT.sub("", source)):
        if not text:
            if title and passages:  # the file's own title usually stands alone
                _log.warning("brochure: the section “%s” has no text and is left out", title)
            continue
        title = title or _PREAMBLE_TITLE[language]
        slug = _slug(title)
        seen[slug] = seen.get(slug, 0) + 1
        number = f"-{seen[slug]}" if seen[slug] > 1 else ""
        passages.append(
            Passage(f"legend:{slug}{number}", "legend", title, text, language=language_by_letters(text))
        )
    return passages


def _sections(source: str) -> Iterator[_Section]:
    """Cut at `#` and `##` headings; a `#` inside a code block is none, nor is a line with `---` below it."""
    lines = source.splitlines()
    title, start = "", 0
    parsed = MarkdownIt().parse(source)
    for heading, inline in pairwise(parsed):
        if (
            heading.type != "heading_open"
            or heading.markup not in {"#", "##"}
            or heading.level
            or not heading.map
        ):
            continue
        yield _Section(title, "\n".join(lines[start : heading.map[0]]).strip())
        title, start = _plain(inline.content), heading.map[1]
    yield _Section(title, "\n".join(lines[start:]).strip())


def _plain(heading: str) -> str:
    return " ".join(re.sub(r"[*_`]+", "", heading).split())


def _slug(title: str) -> str:
    slug = re.sub(r"[\W_]+", "-", title.lower()).strip("-")
    if 0 < len(slug) <= 60:
        return slug
    return f"{slug[:48]}-{hashlib.sha256(title.encode()).hexdigest()[:8]}".lstrip("-")
