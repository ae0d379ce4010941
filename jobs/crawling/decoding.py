"""Which letters the bytes of a page are.

Servers and pages often name a wrong encoding, or none. What decides, in this order: a byte order mark; bytes that
are valid UTF-8, which other texts are not by chance; what the page and its server say, if they agree or only one does
and it can be true; else the most likely encoding by the letters themselves.
"""

import codecs
import re

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"<\?xml[^>]{1,100}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
_HEAD = 4096
_SAMPLE = 60_000
_RARE = 20
_MARKUP = re.compile(
    rb"<(?:script|style)\b.*?</(?:script|style)\s*>|<[^>]{0,2000}>|&#?\w+;", re.DOTALL | re.IGNORECASE
)
_LIKELY = ["cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic", "cp1252"]
# Servers add these without looking; browsers read the first three as windows-1252.
_EMPTY_WORDS = frozenset({"iso8859-1", "ascii", "cp1252"})


def decode_page(body: bytes, charset: str | None) -> str:
    """The text of a page; `charset` is what its server says. What cannot be read becomes U+FFFD; never raises."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", errors="replace")
        bad = text.count("\ufffd")
        if sum(char > "\x7f" for char in text) > _RARE * bad:  # a letter cut in half by somebody's program
            return text
    said = {name for name in (_codec(charset), _codec(_in_head(body))) if name is not None}
    said -= _EMPTY_WORDS | {"utf-8"}
    if len(said) == 1:
        (name,) = said
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            pass
    return body.decode(_likely(body), errors="replace")


def _in_head(body: bytes) -> str | None:
    head = body[:_HEAD]
    found = _META.search(head) or _XML.search(head)
    return found.group(1).decode("ascii", errors="replace") if found else None


def _codec(name: str | None) -> str | None:
    """Python's name of an encoding of text; None for what is unknown or is none (`base64`, `idna`)."""
    try:
        info = codecs.lookup(name) if name else None
        "a".encode(info.name) if info else b""
    except (LookupError, UnicodeError, ValueError):
        return None
    return info.name if info else None


def _likely(body: bytes) -> str:
    """By the letters of the text alone: markup would make everything look like ASCII."""
    text = b" ".join(_MARKUP.sub(b" ", body).split())[:_SAMPLE]
    best = from_bytes(text, cp_isolation=_LIKELY).best()
    return best.encoding if best is not None else "cp1251"
