"""Plain text: one spelling of spaces, no control characters, no more than fits."""

import re
import unicodedata

MOST_CHARACTERS = 200_000
"""A page's text is cut there, between lines or words; some 40,000 words."""

_SAMPLE = 20_000
_MOST_STRANGE = 0.02
_SPACES = re.compile(r"[^\S\n]+")


def plain_text(text: str) -> str:
    """The lines that hold anything, each with single spaces, none twice in a row; composed by NFC.

    Control, format and private characters are taken away: they are invisible, and hide what a text says.
    """
    visible = "".join(
        char for char in unicodedata.normalize("NFC", text) if char in "\n\t" or _is_shown(char)
    )
    lines: list[str] = []
    for line in visible.splitlines():
        kept = _SPACES.sub(" ", line).strip(" |")
        if kept and (not lines or lines[-1] != kept):
            lines.append(kept)
    return shortened("\n".join(lines))


def shortened(text: str, most: int = MOST_CHARACTERS) -> str:
    """The text up to `most` characters, cut between lines, else between words."""
    if len(text) <= most:
        return text
    for mark in ("\n", " "):
        head = text[: most + 1].rpartition(mark)[0].rstrip()
        if len(head) > most / 2:
            return head
    return text[:most]


def is_junk(text: str) -> bool:
    """Whether what should be a text is no text: bytes of something else that were read as letters."""
    sample = text[:_SAMPLE]
    return sum(char == "\ufffd" or _is_strange(char) for char in sample) > _MOST_STRANGE * len(sample)


def _is_shown(char: str) -> bool:
    return char == " " or unicodedata.category(char) not in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def _is_strange(char: str) -> bool:
    return char not in "\n\r\t\f" and unicodedata.category(char) in {"Cc", "Cn", "Co"}
