"""What a message says once its disguise is off: lookalike letters, spelt-out words, codes.

A disguise changes how a text looks, not what it asks. So the guard reads the message as it is and, beside that, as
it would read undisguised; it never replaces one by the other, since model names and prices look odd too.
"""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple
from urllib.parse import unquote

from chains.text import STOPWORDS_EN, normalise, tokens

Kind = Literal["plain", "decoded", "glued"]


class Reading(NamedTuple):
    """One way to read a message.

    `plain` is as written or with lookalike letters put right, `decoded` what a code says (for most messages noise),
    `glued` a text whose spaces are lost, so that only letters can be compared.
    """

    text: str
    kind: Kind = "plain"


_DEPTH = 3  # a code inside a code inside a code; deeper ones are nobody's question
_MOST = 24  # readings of one message: enough for every disguise at once, and a bound on the work

# Letters that look alike. Greek and Armenian ones are there for disguise only.
_TO_CYRILLIC = str.maketrans("abcehkmnoptuxyiABCEHKMOPTXYI", "авсенкмпортихуіАВСЕНКМОРТХУІ") | str.maketrans(
    "αβεκορτυχνιΑΒΕΗΚΜΟΡΤΥΧ", "авекортухпіАВЕНКМОРТУХ"
)
_TO_LATIN = str.maketrans(
    "авсенкмортхуіѕјԁԛԝєАВСЕНКМОРТХУІЅЈ", "abcehkmoptxyisjdqweABCEHKMOPTXYISJ"
) | str.maketrans("αβεκορτυχνιΑΒΕΗΚΜΟΡΤΥΧΝΙ", "abekoptuxviABEHKMOPTYXNI")
_DIGITS_LATIN = str.maketrans("01345789@$!|", "oieastbgasil")
_DIGITS_CYRILLIC = str.maketrans("013460@", "оізчбоа")
_LAYOUT = str.maketrans(
    "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё"
)  # Russian typed on an English keyboard
_SEVERAL_LETTERS = "shch щ sch щ zh ж kh х ts ц ch ч sh ш yu ю ju ю ya я ja я yo е ye е".split()
_TRANSLITERATION = [
    *zip(_SEVERAL_LETTERS[::2], _SEVERAL_LETTERS[1::2], strict=True),
    *zip("abvgdeziyjklmnoprstufhcw'", "абвгдезиййклмнопрстуфхцвь", strict=True),
]

_WORD = re.compile(r"\S+")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_ONLY_CYRILLIC = re.compile("[бгджзийлптфцчшщъыьэюя]", re.IGNORECASE)  # look like no Latin letter
_LATIN = re.compile("[a-z]", re.IGNORECASE)
_LATIN_RUN = re.compile(r"[A-Za-z][A-Za-z\s]{10,}[A-Za-z]")
_SPELT = re.compile(r"(?<!\w)\w(?:([\s\-_.,*|/·•+~]{1,2})\w(?!\w)){3,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?((?:[0-9a-fA-F]{2}[\s:]?){8,})(?![0-9A-Za-z])")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}){3,}")
_TAGS = re.compile("[\U000e0020-\U000e007e]+")


def readings(text: str) -> list[Reading]:
    """The message as written (normalised) first, then every other way in which it makes letters and words."""
    found = {Reading(normalise(text))}
    ordered = [*found]
    latest = [Reading(text)]
    for depth in range(_DEPTH):
        fresh: list[Reading] = []
        for source in latest:
            for other in (*_others(source.text), *(_reversible(source.text) if depth == 0 else ())):
                # what is read out of noise stays noise, even where it only straightens letters
                kind: Kind = "decoded" if source.kind == "decoded" and other.kind == "plain" else other.kind
                reading = Reading(other.text, kind)
                if (
                    reading.text.strip()
                    and reading not in found
                    and (kind == "glued" or Reading(reading.text) not in found)
                ):
                    found.add(reading)
                    fresh.append(reading)
        ordered += fresh
        latest = [reading for reading in fresh if reading.kind != "glued"]
        if not latest or len(ordered) >= _MOST:
            break
    return ordered[:_MOST]


def _others(text: str) -> Iterator[Reading]:
    plain = _without_marks(normalise(text))
    yield Reading(plain)
    yield Reading(_each_word(plain, _one_alphabet))
    yield Reading(_each_word(_each_word(plain, _letters_for_digits), _one_alphabet))
    yield from _spelt_out(plain)
    yield from (Reading(normalise(decoded), "decoded") for decoded in _decoded(text))


def _reversible(text: str) -> Iterator[Reading]:
    """What done twice gives the text back: read once, from the message itself only."""
    plain = normalise(text)
    if len(plain) > 8:
        yield Reading(plain[::-1], "decoded")
    if latin := " ".join(_LATIN_RUN.findall(plain)):  # alone: beside Russian words it would only garble names
        yield Reading(codecs.encode(latin, "rot13"), "decoded")
    if _LATIN.search(plain) and not _CYRILLIC.search(plain) and not _is_english(plain):
        yield Reading(plain.lower().translate(_LAYOUT), "decoded")
        yield Reading(_transliterated(plain.lower()), "decoded")


def _without_marks(text: str) -> str:
    """Without accents, strokes and dots set over or through letters; й, which is и with one, stays."""
    return "".join(char for char in text if not unicodedata.combining(char))


def _each_word(text: str, change: Callable[[str], str]) -> str:
    return _WORD.sub(lambda match: change(match.group()), text)


def _one_alphabet(word: str) -> str:
    """A word of mixed alphabets in the one that it belongs to: «игнopиpyй» is Russian, “ignоre” is English."""
    if not _LATIN.search(word) and word.isascii():
        return word
    if _ONLY_CYRILLIC.search(word):
        return word.translate(_TO_CYRILLIC).replace("і", "и")
    cyrillic, latin = len(_CYRILLIC.findall(word)), len(_LATIN.findall(word))
    if latin or not cyrillic:
        return word.translate(_TO_LATIN)
    return word


def _letters_for_digits(word: str) -> str:
    """«1gn0re» and «взл0м»: digits and signs between letters read as the letters that they resemble."""
    core = word.strip(".,;:?\"'()")
    if not re.search(r"[^\W\d_]", core) or not re.search(r"[\d@$!|]", core):
        return word
    table = _DIGITS_CYRILLIC if _CYRILLIC.search(core) else _DIGITS_LATIN
    return core.translate(table)


def _spelt_out(text: str) -> Iterator[Reading]:
    """«и г н о р и р у й», «и-г-н-о-р…»: the letters put together, two spaces or another sign parting words."""
    if not _SPELT.search(text):
        return
    joined = _SPELT.sub(lambda match: re.sub(r"[\W_]", "", match.group()), re.sub(r"\s{2,}", " \n ", text))
    yield Reading("".join(char for char in joined.lower() if char.isalnum()), "glued")
    yield Reading(joined.replace(" \n ", " "))


def _decoded(text: str) -> Iterator[str]:
    """What base64, hexadecimal and percent codes and Unicode tags say."""
    for match in _BASE64.finditer(text):
        code = match.group().rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield from _readable(base64.b64decode(code + "=" * (-len(code) % 4), validate=True))
        except (binascii.Error, ValueError):
            continue
    for match in _HEX.finditer(text):
        yield from _readable(bytes.fromhex(re.sub(r"[\s:]", "", match.group(1))))
    if _PERCENT.search(text):
        yield unquote(text)
    for match in _TAGS.finditer(text):
        yield "".join(chr(ord(char) - 0xE0000) for char in match.group())


def _readable(data: bytes) -> Iterator[str]:
    """The text that bytes hold, if they hold one: an id or a VIN decodes to noise."""
    for encoding in ("utf-8", "cp1251"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        signs = re.findall(r"[a-zа-яё\d\s+/=]", text, re.IGNORECASE)
        if len(text) >= 6 and len(signs) >= 0.8 * len(text):
            yield text
            return


def _is_english(text: str) -> bool:
    """Whether it has a function word of English that is not one of Russian in Latin letters: do, to, on, no."""
    words = {token.text.lower() for token in tokens(text)}
    return bool((words & STOPWORDS_EN) - {"a", "i", "do", "to", "on", "no", "so", "by"})


def _transliterated(text: str) -> str:
    text = re.sub(r"(?<=[aeiuy])t\b", "t'", text)  # «sdelat» is an infinitive more often than not
    for latin, cyrillic in _TRANSLITERATION:
        text = text.replace(latin, cyrillic)
    return text
