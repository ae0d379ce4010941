"""What names a visitor's own car: its VIN and its number plate."""

import re
from collections.abc import Iterator

from chains.privacy.spans import Span
from stores.lexicon import fold

_LOOKALIKES = str.maketrans("АВЕКМНОРСТУХавекмнорстух", "ABEKMHOPCTYXabekmhopctyx")
_VIN_CHARACTERS = "A-HJ-NPR-Za-hj-npr-zАВЕКМНРСТУХавекмнрстух0-9"
# O, I and Q stand in no VIN, but people type O for 0 and I for 1: allowed where the word VIN announces one.
_VIN = re.compile(rf"(?<![\w\-])[{_VIN_CHARACTERS}]{{17}}(?![\w\-])")
_ANNOUNCED_VIN = re.compile(
    r"\b(?:vin|вин|вин-?код\w*|vin-?код\w*|номер\w* кузова|body number)\b[^\w]{0,3}(?:(?:код|code|"
    r"номер\w*|number|is|мой|моей|моего|"
    r"машины|авто|автомобиля|такой|вот|no|№)[\s:]*){0,4}[\s:№#\-–—]*"
    r"(?P<found>[A-Za-zАВЕКМНОРСТУХавекмнорстух0-9]{17}|"
    r"[A-Za-z0-9]{2,9}(?:[ \-][A-Za-z0-9]{2,9}){1,4})(?![\w\-])",
    re.IGNORECASE,
)
# Cars made for Japan have a frame number in its place: «номер кузова NZE121-3012345».
_FRAME = re.compile(
    r"(?:\b(?:vin|вин|frame|chassis)\b|номер\w* (?:кузова|рамы|шасси)|"
    r"кузов\w* номер)[^\d\n]{0,25}?\b(?P<found>[A-Z]{1,4}\d{1,3}[A-Z]?\s?-\s?\d{6,7})(?!\w)",
    re.IGNORECASE,
)
_LETTERS = "АВЕКМНОРСТУХABEKMHOPCTYXавекмнорстухabekmhopctyx"
_REGION = r"(?:0[1-9]|[1-9]\d|[1279]\d\d)"
_PLATE = re.compile(
    rf"(?<![\w\-])[{_LETTERS}][ \u00a0\-]?\d{{3}}[ \u00a0\-]?[{_LETTERS}]{{2}}"
    rf"[ \u00a0\-/|]{{0,2}}{_REGION}(?:[ \u00a0]?(?i:rus|рус))?(?![\w\-]|[.,]\d)"
)
# A motorcycle's, a trailer's and a taxi's, in capitals: in Latin letters they would be names of models, «MX 300 18».
_OTHER_PLATE = re.compile(
    rf"(?<![\w\-])(?:(?!19|20)\d{{4}}[ \u00a0]?[АВЕКМНОРСТУХ]{{2}}|"
    rf"[АВЕКМНОРСТУХ]{{2}}[ \u00a0]?\d{{3,4}})[ \u00a0]{_REGION}(?![\w\-]|[.,]\d)"
)
_SPACED_PLATE = re.compile(
    rf"(?<![\w\-])[{_LETTERS}] \d{{3}} [{_LETTERS}] [{_LETTERS}] {_REGION}(?![\w\-]|[.,]\d)"
)
_CUE = (
    r"(?:госномер\w*|гос\.?\s?номер\w*|г/н|грз|номер\w* (?:моей |моего |нашей |на |у |"
    r"знака? )?(?:машин\w|авто\w*|знак\w*)|"
    r"регистрационн\w+ (?:номер|знак)\w*|номерн\w+ знак\w*|с номером|под номером|номера?|"
    r"plate(?: number)?s?|licen[cs]e plate\w*|"
    r"reg(?:istration)?(?: number| plate| no\.?)?|car number)"
    r"(?:\s+(?:is|это|такой|мой|моей|моего|машины|авто|are|was))*[\s:№#\-–—]*"
)
_ANNOUNCED_PLATE = re.compile(
    rf"\b{_CUE}(?P<found>[{_LETTERS}][ \-]?\d{{3}}[ \-]?[{_LETTERS}]{{2}}(?:[ \-/]?{_REGION})?"
    rf"|[{_LETTERS}]{{2}}[ \-]?\d{{3,4}}[ \-]?(?:[{_LETTERS}][ \-]?)?{_REGION})(?![\w\-])",
    re.IGNORECASE,
)
_FOREIGN_PLATE = re.compile(
    r"\b(?:plate(?: number| no\.?| #)?s?|licen[cs]e plate\w*|registration(?: number| plate)?|"
    r"reg(?: number| plate|"
    r" no\.?)?|number plate)"
    r"(?:\s+(?:is|are|was))*[\s:#\-–—]*"
    r"(?P<found>(?=[A-Z0-9 \-]*\d)(?=[A-Z0-9 \-]*[A-Z])"
    r"[A-Z0-9]{1,4}[ \-]?[A-Z0-9]{2,4}(?:[ \-][A-Z0-9]{2,4})?)(?![\w\-])"
)
_AMERICAN_PLATE = re.compile(
    r"\b(?i:licen[cs]e|tags?)(?:\s(?:is|number|no\.?|"
    r"#))*[\s:#]{1,2}(?P<found>(?=[A-Z\-]{0,5}\d)(?=[\d\-]{0,5}[A-Z])[A-Z\d]{2,4}-?[A-Z\d]{3,4})(?![\w\-])"
)
# Britain's since 2001, «AB12 CDE»: two letters, two digits of the half-year, three letters.
_BRITISH_PLATE = re.compile(
    r"(?<![\w\-])(?:[A-HJ-PR-Y][A-HJ-PR-Y](?:0[1-9]|[1-7]\d)[ \u00a0]?[A-HJ-PR-Z]{3}|"
    r"(?i:[a-hj-pr-y]{2}(?:0[1-9]|[1-7]\d)[a-hj-pr-z]{3}))(?![\w\-])"
)
_BRITISH_CAR = re.compile(
    r"\b(?:car|van|vehicle|motor)(?:\sis|\swas|['’]s)\s(?P<found>[a-hj-pr-y]{2}\d{2}[ \u00a0][a-hj-pr-z]{3})(?![\w\-])",
    re.IGNORECASE,
)
# … and any country's, letters and digits in up to four groups, after a word that can announce nothing else.
_STRONG_CUE = (
    r"\b(?:гос\.?\s?номер\w*|г/н|грз|гос\.?\s?знак\w*|номерн\w+ знак\w*|регистрационн\w+ (?:номер|"
    r"знак)\w*|number\s?plates?|"
    r"licen[cs]e plates?|plates?(?: number| no\.?)?|reg(?:istration)?(?: number| plate| no\.?)?)"
    r"(?:\s+(?:is|are|was|это|такой|у меня|мой|моей|моего|машины|авто))*[\s:№#\-–—]+"
)
# The neighbours' after the mere word «номер»: Kazakhstan, Belarus, Ukraine, Uzbekistan, Armenia, Georgia.
_NEIGHBOURS_PLATE = re.compile(
    r"\bномер\w*\s(?:[^\W\d]+\s){0,3}?(?P<found>\d{3}[ ]?[A-Z]{3}[ ]?\d{2}|"
    r"\d{4}[ ]?[A-ZА-Я]{2}[ \-]\d|[A-ZА-Я]{2}[ ]?\d{4}[ ]?[A-ZА-Я]{2}|"
    r"\d{2}[ ]?[A-Z][ ]?\d{3}[ ]?[A-Z]{2}|\d{2}[ ]?[A-Z]{2}[ ]?\d{3}|[A-Z]{2}-\d{3}-[A-Z]{2})(?![\w\-])",
    re.IGNORECASE,
)
_ANY_PLATE = re.compile(
    rf"{_STRONG_CUE}(?P<found>(?=[^\W_]{{0,4}}[ \-]?[^\W_]{{0,4}}\d)(?:[^\W\d_]{{1,3}}|\d{{1,4}})"
    r"(?:[ \-]?(?:\d{1,4}|[^\W\d_]{1,3}(?![^\W\d_]))){1,3})(?![\w\-])",
    re.IGNORECASE,
)
# «с 300 км 20 минут», «с 180 ст 77»: pairs of letters that are words or units, not a series.
_NO_SERIES = frozenset("км см мм кв ст ок ат ек тк то не на ни но ко ам км/ hp am at".split())


def vin_key(text: str) -> str:
    """A VIN or an id for comparing: upper case, Latin letters, no spaces and hyphens."""
    return re.sub(r"[\s\-]", "", text.translate(_LOOKALIKES)).upper()


def find_vins(text: str) -> Iterator[Span]:
    """Vehicle identification numbers (ISO 3779: 17 characters without I, O, Q), in either alphabet."""
    for match in _VIN.finditer(text):
        if _is_vin(match.group()):
            yield Span("vin", match.start(), match.end())
    for match in _FRAME.finditer(text):
        yield Span("vin", match.start("found"), match.end("found"))
    for match in _ANNOUNCED_VIN.finditer(text):
        found = match["found"]
        key = vin_key(found)
        if len(key) == 17 and sum(map(str.isdigit, key)) >= 4 and re.search("[A-Z]", key):
            yield Span("vin", match.start("found"), match.end("found"))


def _is_vin(written: str) -> bool:
    digits = sum(map(str.isdigit, written))
    return 4 <= digits <= 16


def find_plates(text: str) -> Iterator[Span]:
    """Russian number plates with their region, in either alphabet and any case; others after the word."""
    for pattern in (_PLATE, _SPACED_PLATE, _OTHER_PLATE):
        for match in pattern.finditer(text):
            if _is_plate(match.group()):
                yield Span("plate", match.start(), match.end())
    for match in _BRITISH_PLATE.finditer(text):
        yield Span("plate", match.start(), match.end())
    for match in _ANY_PLATE.finditer(text):
        if re.search(r"[^\W\d_]", match["found"]) and _is_any_plate(match["found"]):
            yield Span("plate", match.start("found"), match.end("found"))
    for pattern in (_ANNOUNCED_PLATE, _FOREIGN_PLATE, _AMERICAN_PLATE, _NEIGHBOURS_PLATE, _BRITISH_CAR):
        for match in pattern.finditer(text):
            yield Span("plate", match.start("found"), match.end("found"))


def _is_any_plate(written: str) -> bool:
    """Letters and digits as many as on a plate, none of them a unit or a little word: «12 лет», «5 km»."""
    key = re.sub(r"\W", "", written)
    digits = sum(map(str.isdigit, key))
    words = re.findall(r"[^\W\d_]+", fold(written))
    return 5 <= len(key) <= 9 and 2 <= digits < len(key) and not (set(words) & _NO_SERIES)


def _is_plate(written: str) -> bool:
    letters = re.findall(r"[^\W\d_]+", written)
    series = fold("".join(letters[1:]) if len(letters) > 1 else letters[0][1:])
    apart = re.search(r"\d{3}\s([^\W\d_]+)", written)
    is_word = apart is not None and apart[1].islower() and series in _NO_SERIES
    return not is_word and "000" not in written
