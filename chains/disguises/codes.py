"""What codes say: base64 and its kin, numbers of characters, Morse, Braille, shifted alphabets, text written backwards.

A code is decoded wherever something looks like one; what comes out counts only if it reads as a text.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Callable, Iterator
from itertools import chain
from urllib.parse import unquote

_LONGEST = 6000  # of a code, in characters
_BASE64 = re.compile(r"={0,2}[A-Za-z0-9+/_-]{12,}={0,2}")
_BASE64_LINES = re.compile(r"(?:[A-Za-z0-9+/]{8,}\s*\n\s*)+[A-Za-z0-9+/]+={0,2}")
_BASE32 = re.compile(r"\b[A-Z2-7]{16,}={0,6}")
_BASE85 = re.compile(r"(?<!\S)[!-~]{16,}(?!\S)")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?((?:[0-9a-fA-F]{2}[\s:,]?){8,})(?![0-9A-Za-z])")
_HEX_ESCAPES = re.compile(r"(?:\\x[0-9a-fA-F]{2}|\\u\{?[0-9a-fA-F]{4}\}?|\\[0-7]{3}){3,}")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})(?:[\w.~-]*%[0-9A-Fa-f]{2})+")
_QUOTED = re.compile(r"(?:=[0-9A-F]{2}){3,}")
_BINARY = re.compile(r"(?:[01]{8}[\s,]*){4,}")
_NUMBERS = re.compile(r"(?:\b\d{2,4}\b[\s,;]+){7,}\d{2,4}\b")
_MORSE = re.compile(r"[.\-·–—/|\s]{12,}")
_BRAILLE = re.compile("[\u2800-\u28ff]{3,}")
_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_UU = re.compile(r"^begin \d+ \S+\n(.*?)\n`?\s*\nend", re.MULTILINE | re.DOTALL)
_MORSE_CODES = {
    **dict(zip(".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. --".split(), "abcdefghijklm", strict=True)),
    **dict(
        zip("-. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..".split(), "nopqrstuvwxyz", strict=True)
    ),
}
_BRAILLE_CELLS = "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵⠀"
_BRAILLE_CODES = str.maketrans(_BRAILLE_CELLS, "abcdefghijklmnopqrstuvwxyz ")
_LATIN_RUN = re.compile(r"[A-Za-z][A-Za-z\s]{7,}[A-Za-z]")
# How frequent letters are, a percent, in texts of each language (Lewand 2000; the Russian national corpus).
_FREQUENT_EN = dict(
    zip(
        "etaoinshrdlcumwfgypbvkjxqz",
        map(
            float,
            "12.7 9.1 8.2 7.5 7 6.7 6.3 6.1 6 4.3 4 2.8 2.8 2.4 2.4 2.2 2 2 1.9 1.5 1 .8 .15 .15 .1 .07".split(),
        ),
        strict=True,
    )
)
_FREQUENT_RU = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъ",
        map(
            float,
            "11 8.5 8 7.4 6.7 6.3 5.5 4.7 4.5 4.4 3.5 3.2 3 2.8 2.6 2 1.9 1.7 1.7 1.7 1.6 1.5 1.2 1 .9 .7 .6 .5 .4 .3"
            " .3 .04".split(),
        ),
        strict=True,
    )
)


def decoded(text: str) -> Iterator[str]:
    """What the codes in a text say, one after the other."""
    text = text[:_LONGEST]
    joined = (re.sub(r"\s", "", match.group()) for match in _BASE64_LINES.finditer(text))
    for run in chain(joined, (match.group() for match in _BASE64.finditer(text))):
        for way in (run, run[::-1]):
            yield from _from_base64(way)
    for match in _HEX.finditer(text):
        yield from _tried(lambda code: bytes.fromhex(re.sub(r"[\s:,]", "", code)), match.group(1))
    for match in _BINARY.finditer(text):
        yield from _tried(_from_bits, match.group())
    for match in _NUMBERS.finditer(text):
        yield from _readable_text("".join(chr(int(number)) for number in re.findall(r"\d+", match.group())))
    if _HEX_ESCAPES.search(text):
        yield from _unescaped(text)
    if _PERCENT.search(text):
        yield unquote(text)
    if _QUOTED.search(text):
        yield from _tried(lambda code: quopri.decodestring(code.encode()), text)
    yield from _rare_codes(text)


def _rare_codes(text: str) -> Iterator[str]:
    for match in _BASE32.finditer(text):
        code = match.group().rstrip("=")
        yield from _tried(lambda run: base64.b32decode(run + "=" * (-len(run) % 8)), code)
    for match in _BASE85.finditer(text):
        code = match.group().removeprefix("<~").removesuffix("~>")
        if re.search(r"[^\w.,!?-]", code) and re.search("[A-Za-z]", code):
            yield from _tried(base64.b85decode, code)
            yield from _tried(base64.a85decode, code)
    for match in _UU.finditer(text):
        yield from _tried(
            lambda code: b"".join(binascii.a2b_uu(line) for line in code.splitlines()), match.group(1)
        )
    for match in _MORSE.finditer(text):
        if re.search(r"[.·]", match.group()) and len(re.findall(r"[.\-·–—]+", match.group())) >= 4:
            yield _from_morse(match.group())
    if _BRAILLE.search(text):
        yield text.translate(_BRAILLE_CODES)
    for match in _TAGS.finditer(text):
        yield "".join(chr(ord(char) - 0xE0000) for char in match.group())
    for match in _SELECTORS.finditer(text):
        codes = (ord(char) for char in match.group())
        yield from _readable(bytes(code - 0xFE00 if code < 0xFF00 else code - 0xE0100 + 16 for code in codes))


def shifted(text: str) -> Iterator[str]:
    """What a text says whose letters are moved along the alphabet (ROT13, Caesar) or mirrored in it (Atbash)."""
    low = text.lower()
    for alphabet, frequent, runs in (
        ("abcdefghijklmnopqrstuvwxyz", _FREQUENT_EN, _LATIN_RUN.findall(low)),
        ("абвгдежзийклмнопрстуфхцчшщъыьэюя", _FREQUENT_RU, [low.replace("ё", "е")]),
    ):
        run = " ".join(runs)[:400]
        counts = {char: run.count(char) for char in alphabet if char in run}
        if sum(counts.values()) < 10:
            continue
        size = len(alphabet)
        ways = [
            *(alphabet[step:] + alphabet[:step] for step in range(size)),
            alphabet[::-1],
        ]
        scores = [
            sum(count * frequent[way[alphabet.index(char)]] for char, count in counts.items()) for way in ways
        ]
        best = sorted(range(len(ways)), key=lambda place: -scores[place])[:2]
        for place in best:
            if place:
                yield " ".join(runs).translate(str.maketrans(alphabet, ways[place]))


def _from_base64(run: str) -> Iterator[str]:
    code = run.strip("=").replace("-", "+").replace("_", "/")
    yield from _tried(lambda text: base64.b64decode(text + "=" * (-len(text) % 4), validate=True), code)


def _tried(decode: Callable[[str], bytes], code: str) -> Iterator[str]:
    try:
        data = decode(code)
    except (binascii.Error, ValueError, OverflowError):
        return
    yield from _readable(data)


def _from_bits(code: str) -> bytes:
    return bytes(int(byte, 2) for byte in re.findall("[01]{8}", code))


def _unescaped(text: str) -> Iterator[str]:
    """`\\u0438`, `\\x69` and `\\151` put into characters; bytes of UTF-8 among them joined."""
    plain = re.sub(r"\\u\{?([0-9a-fA-F]{4})\}?", lambda match: chr(int(match[1], 16)), text)
    plain = re.sub(r"\\x([0-9a-fA-F]{2})", lambda match: chr(int(match[1], 16)), plain)
    plain = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8) % 256), plain)
    try:
        yield plain.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        yield plain


def _from_morse(code: str) -> str:
    words = re.split(r"\s*[/|]\s*|\s{3,}", re.sub("[–—]", "-", code.replace("·", ".")).strip())
    return " ".join("".join(_MORSE_CODES.get(sign, "") for sign in word.split()) for word in words)


def _readable(data: bytes) -> Iterator[str]:
    """The text that bytes hold, if they hold one: an id or a VIN decodes to noise."""
    wide = data.count(0) >= len(data) // 4 or (len(data) > 8 and data[1::2].count(4) >= len(data) // 4)
    for encoding in (("utf-16-le", "utf-16-be") if wide else ()) + ("utf-8", "cp1251"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if found := list(_readable_text(text)):
            yield from found
            return


def _readable_text(text: str) -> Iterator[str]:
    signs = re.findall(r"[a-zа-яё\d\s+/=]", text, re.IGNORECASE)
    if len(text) >= 6 and len(signs) >= 0.8 * len(text):
        yield text
