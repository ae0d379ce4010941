"""Letters behind other letters: look-alikes of several alphabets, fancy ones of Unicode, digits for letters."""

import html
import re
import unicodedata
from functools import cache

from chains.text import normalise

# Letters that look alike. Greek and Armenian ones are there for disguise only.
_TO_CYRILLIC = str.maketrans(
    "abcehkmnoprtuxyiABCEHKMOPTXYI", "авсенкмпоргтихуіАВСЕНКМОРТХУІ"
) | str.maketrans("αβεκορτυχνιΑΒΕΗΚΜΟΡΤΥΧ", "авекортухпіАВЕНКМОРТУХ")
_TO_LATIN = str.maketrans(
    "авсенкмортхуіѕјԁԛԝєАВСЕНКМОРТХУІЅЈ", "abcehkmoptxyisjdqweABCEHKMOPTXYISJ"
) | str.maketrans("αβεκορτυχνιησγωζΑΒΕΗΚΜΟΡΤΥΧΝΙΖ", "abekoptuxvinsywzABEHKMOPTYXNIZ")
# Letters turned upside down that Unicode does not name by the letter that they stand for.
_TURNED = str.maketrans("ɐqɔpǝɟƃɓɥᴉıɾʞʃɯudbɹʇnʌʍʎ", "abcdefgghiijklmnpqrtuvwy")
_DIGITS_LATIN = str.maketrans("0123456789@$!|", "oizeasbtbgasil")
_DIGITS_CYRILLIC = (
    str.maketrans("0134679@", "оізчбтяа"),
    str.maketrans("01346790@$", "оіеаьгдоас"),
)
_LETTER_NAME = re.compile(
    r"(?:LATIN|SQUARED|CROSSED|PARENTHESIZED|REGIONAL|MODIFIER)\b.*?\bLETTER (?:SMALL CAPITAL |SIDEWAYS |BARRED )*"
    r"(?:TURNED |REVERSED |CLOSED |OPEN )?(?:SMALL CAPITAL )?([A-Z])(?: WITH .*)?"
)
_FANCY_BLOCKS = (
    (0x180, 0x24F),
    (0x250, 0x2AF),
    (0x1D00, 0x1DBF),
    (0x2C60, 0x2C7F),
    (0xA720, 0xA7FF),
    (0x1F110, 0x1F1FF),
)

_MIXED = re.compile(r"\S*[^\x00-\x7f]\S*")
_DIGITED = re.compile(r"\S*[\d@$!|]\S*")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_ONLY_CYRILLIC = re.compile("[бгджзийлптфцчшщъыьэюя]", re.IGNORECASE)  # look like no Latin letter
_LATIN = re.compile("[a-z]", re.IGNORECASE)
_SIMPLE = re.compile(r"[\x00-\x7fА-яЁё«»№₽–—…“”’]*")
_MARKUP = re.compile(r"</?[a-z][^<>]{0,80}>|<!--|-->|(?<=\w)[*_~`]{1,3}(?=\w)|\*\*|__|~~|`", re.IGNORECASE)
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")


@cache
def _fancy() -> dict[int, str]:
    """Latin letters that Unicode names by the plain one: small capitals, squared ones, those of flags."""
    table: dict[int, str] = {}
    for first, last in _FANCY_BLOCKS:
        for code in range(first, last + 1):
            found = _LETTER_NAME.fullmatch(unicodedata.name(chr(code), ""))
            named = re.search(
                r"SYMBOL LETTER ([A-Z])$|LATIN CAPITAL LETTER ([A-Z])$", unicodedata.name(chr(code), "")
            )
            if found or named:
                letter = found[1] if found else (named[1] or named[2]) if named else ""
                table[code] = letter.lower()
    return table


def plain_letters(text: str) -> str:
    """The text normalised, with accents and fancy letters off, entities and markup resolved; й stays й."""
    if "&" in text:
        text = html.unescape(text)
    text = normalise(text)
    if not _SIMPLE.fullmatch(text):
        kept = text.replace("й", "\x00").replace("Й", "\x01")
        parts = unicodedata.normalize("NFD", kept)
        text = "".join(char for char in parts if not unicodedata.combining(char))
        text = text.replace("\x00", "й").replace("\x01", "Й").translate(_fancy())
    return text


def without_markup(text: str) -> str:
    """Tags, comments' marks and emphasis taken out, so that «**Иг**норируй» is a word; stretched letters shortened."""
    return _STRETCHED.sub(r"\1", _MARKUP.sub("", text))


def turned_over(text: str) -> str:
    """Letters that stand on their heads put on their feet."""
    return text.translate(_TURNED)


def looks_turned(text: str) -> bool:
    """Whether letters of it stand on their heads."""
    return any(char in "ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎʚ" for char in text)


def in_one_alphabet(text: str) -> str:
    """Each word of mixed alphabets in the one that it belongs to."""
    return _MIXED.sub(lambda match: _one_alphabet(match.group()), text)


def letters_for_digits(text: str) -> list[str]:
    """The text with digits and signs between letters read as letters, in each way that they may be read."""
    if not re.search(r"[\d@$!|]", text):
        return []
    tables = _DIGITS_CYRILLIC if _CYRILLIC.search(text) else _DIGITS_CYRILLIC[:1]
    return [in_one_alphabet(_undigited(text, table)) for table in tables]


def _one_alphabet(word: str) -> str:
    """«игнopиpyй» is Russian, “ignоre” is English."""
    if _ONLY_CYRILLIC.search(word):
        return word.translate(_TO_CYRILLIC).replace("і", "и")
    cyrillic, latin = len(_CYRILLIC.findall(word)), len(_LATIN.findall(word))
    if latin or not cyrillic:
        return word.translate(_TO_LATIN)
    return word


def _undigited(text: str, cyrillic: dict[int, int]) -> str:
    """«1gn0re» and «взл0м»; `cyrillic` says what stands for what in words with Cyrillic letters."""

    def change(match: re.Match[str]) -> str:
        core = match.group().strip(".,;:?\"'()")
        if not re.search(r"[^\W\d_]", core) or not re.search(r"[\d@$!|]", core):
            return match.group()
        return core.translate(cyrillic if _CYRILLIC.search(core) else _DIGITS_LATIN)

    return _DIGITED.sub(change, text)
