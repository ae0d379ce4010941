"""Wikitext and what is left of it without markup."""

import re
from contextlib import suppress

import mwparserfromhell
from mwparserfromhell.nodes import Node, Tag, Template, Wikilink

_NAMESPACES = re.compile(
    r"\s*:?\s*(?:file|image|media|category|файл|изображение|медиа|категория|special|служебная)\s*:",
    re.IGNORECASE,
)
# Templates that set a word of the sentence they stand in: which of their parameters is that word.
_INLINE = (
    (re.compile(r"(?:nobr|nowrap|s|num|число|ё|comment|abbr|small|big|год|дата|не хватает)"), 1),
    (re.compile(r"(?:lang|язык)"), 2),
    (re.compile(r"(?:lang-|язык-)\w+"), 1),
    (re.compile(r"(?:нп\d?|не переведено.*|iw|interlanguage link)"), 2),
)
_DROPPED_TAGS = frozenset(
    {"ref", "table", "gallery", "math", "timeline", "noinclude", "references", "syntaxhighlight"}
)
_ENDMATTER = frozenset(
    (
        "примечания|ссылки|литература|источники|комментарии|сноски|см. также|галерея"
        "|references|external links|see also|notes|further reading|bibliography|sources|gallery|footnotes"
    ).split("|")
)
_HEADING = re.compile(r"^(=+)\s*(.+?)\s*\1\s*$")
_LONGEST = 400_000  # characters
# The parser takes time by the square of what is opened and not closed: 300 take 0.1 s, 4,000 15 s.
_DEEPEST = 300
_OPENED_OR_CLOSED = re.compile(
    r"(\{\{|\[\[|\{\||\[(?=\w+:)|<(?!br|hr|li|p\b)\w)|(\}\}|\]\]?|\|\}|</\w|/>)", re.IGNORECASE
)
_SIGNS = re.compile(r"<[^>]{0,500}>|\{\{[^{}|]*\||[\[\]{}|<>]|'{2,}")


def plain_wikitext(source: str) -> str:
    """The text of an article: links and emphasis by their words; no tables, pictures, footnotes, boxes and endmatter.

    What is nested beyond all reason is freed of its signs only.
    """
    text = without_endmatter(source[:_LONGEST])
    if _depth(text) > _DEEPEST:
        return _SIGNS.sub(" ", text)
    code = mwparserfromhell.parse(text, skip_style_tags=False)
    for node in code.filter(recursive=True):
        kept = _kept(node)
        if kept is not None:
            with suppress(ValueError):  # it went with what it stood in
                code.replace(node, kept)
    return str(code.strip_code(normalize=True, collapse=True, keep_template_params=False))


def without_endmatter(text: str) -> str:
    """The text up to its footnotes, links and literature; headings lose their signs, empty ones vanish."""
    lines: list[str] = []
    skipped: int | None = None
    for line in text.splitlines():
        heading = _HEADING.match(line.strip())
        if heading is None:
            if skipped is None:
                lines.append(line)
            continue
        level, name = len(heading.group(1)), heading.group(2).strip()
        if skipped is not None and level > skipped:
            continue
        skipped = level if name.casefold() in _ENDMATTER else None
        if skipped is None:
            lines.append(name)
    return "\n".join(lines)


def _kept(node: Node) -> str | None:
    """What a node becomes before all markup goes; None leaves it to the parser."""
    if isinstance(node, Wikilink):
        return "" if _NAMESPACES.match(str(node.title)) else None
    if isinstance(node, Tag):
        return "" if str(node.tag).strip().lower() in _DROPPED_TAGS else None
    return _word(node) if isinstance(node, Template) else None


def _word(template: Template) -> str:
    name = str(template.name).strip().lower().replace("_", " ")
    for pattern, place in _INLINE:
        if pattern.fullmatch(name):
            for number in (place, 1):
                if template.has(number):
                    return str(template.get(number).value).strip()
    return ""


def _depth(source: str) -> int:
    depth = deepest = 0
    for found in _OPENED_OR_CLOSED.finditer(source):
        depth = depth + 1 if found.group(1) else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest
