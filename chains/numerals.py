"""Words of a message with their lemma and, where they are numbers («двадцать», «5,5», «полтора»), their value."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chains.text import lemma, normalise
from stores.lexicon import DRIVE_NAME, fold, latin_lookalikes, one_alphabet

_WORD = re.compile(
    rf"{DRIVE_NAME}|л\.\s?с|г\.\s?в|т\.\s?(?:р|км)\b|[a-zа-я]+|\d+(?:[.,]\d+)?|[-–—<>₽$€£№+,/]", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_GROUPED = re.compile(
    r"""(?<![\d.,xх×])(\d{1,3})
    ( (?:[ \u00a0\u202f]\d{3})+ | (?:'\d{3})+ | (?:[.,]\d{3}){2,} | ,\d{3}(?!\s*(?:млн|мил|лям|m)) )(?!\d)
    (?! \s*\+?\s*(?:лс|л\.\s?с|сил|лошад|hp|bhp|horse))  # "e 200 370+ hp": no car has thousands
    """,
    re.IGNORECASE | re.VERBOSE,
)

_UNITS_TEXT = """
ноль:0 один:1 одна:1 одного:1 два:2 две:2 двух:2 три:3 трех:3 четыре:4 четырех:4 пять:5 пяти:5 шесть:6
шести:6 семь:7 семи:7 восемь:8 восьми:8 девять:9 девяти:9 десять:10 десяти:10 одиннадцать:11
одиннадцати:11 двенадцать:12 двенадцати:12 тринадцать:13 четырнадцать:14 пятнадцать:15 пятнадцати:15
шестнадцать:16 семнадцать:17 восемнадцать:18 девятнадцать:19 двадцать:20 двадцати:20 тридцать:30
тридцати:30 сорок:40 сорока:40 пятьдесят:50 пятидесяти:50 шестьдесят:60 семьдесят:70 восемьдесят:80
девяносто:90 сто:100 ста:100 двести:200 двухсот:200 триста:300 трехсот:300 четыреста:400 пятьсот:500
пятисот:500 шестьсот:600 семьсот:700 восемьсот:800 девятьсот:900 one:1 two:2 three:3 four:4 five:5 six:6
seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 fifteen:15 twenty:20 thirty:30 forty:40 fifty:50
hundred:100 двое:2 двоих:2 трое:3 троих:3 четверо:4 четверых:4 пятеро:5 пятерых:5 шестеро:6 шестерых:6
семеро:7 семерых:7
двумя:2 тремя:3 четырьмя:4 пятью:5 шестью:6 семью:7 восемью:8 десятью:10
тринадцати:13 четырнадцати:14 шестнадцати:16 семнадцати:17 восемнадцати:18 девятнадцати:19 ноля:0
шестидесяти:60 семидесяти:70 восьмидесяти:80 девяноста:90 двумстам:200 четырехсот:400 шестисот:600
семисот:700 восьмисот:800 девятисот:900 одной:1 одну:1 двадцатью:20 тридцатью:30 пара:2 пару:2 пары:2
thirteen:13 fourteen:14 sixteen:16 seventeen:17 eighteen:18 nineteen:19 sixty:60 seventy:70 eighty:80
ninety:90
"""
_ORDINALS_TEXT = """
первый:1 первого:1 второй:2 второго:2 третий:3 третьего:3 четвертый:4 четвертого:4 пятый:5 пятого:5
шестой:6 шестого:6 седьмой:7 седьмого:7 восьмой:8 восьмого:8 девятый:9 девятого:9 десятый:10
десятого:10 одиннадцатый:11 одиннадцатого:11 двенадцатый:12 двенадцатого:12 тринадцатый:13
тринадцатого:13 четырнадцатый:14 четырнадцатого:14 пятнадцатый:15 пятнадцатого:15 шестнадцатый:16
шестнадцатого:16 семнадцатый:17 семнадцатого:17 восемнадцатый:18 восемнадцатого:18 девятнадцатый:19
девятнадцатого:19 двадцатый:20 двадцатого:20 тридцатый:30 тридцатого:30
"""
ORDINALS = {key: int(value) for key, _, value in (pair.partition(":") for pair in _ORDINALS_TEXT.split())}
NICKNAMES = {
    **{"единичка": 1, "двойка": 2, "двушка": 2, "тройка": 3, "трешка": 3, "трехшка": 3, "четверка": 4},
    **{"пятерка": 5, "пятера": 5, "шестерка": 6, "семерка": 7, "восьмерка": 8, "девятка": 9},
}
"""What Russians call a thing that bears a number, by lemma: «трёшка» is a BMW of the third series."""
_HUNDREDTH = {
    **{
        "сотый": 100,
        "двухсотый": 200,
        "трехсотый": 300,
        "четырехсотый": 400,
        "пятисотый": 500,
        "шестисотый": 600,
    },
    **{"шестидесятый": 60, "пятидесятый": 50, "сороковой": 40},
}
_ORDINAL_ENDINGS = {"й", "ый", "ой", "го", "я", "ая", "е", "ые", "ую", "ю", "ом"}
_YEAR_WORDS = {"год", "года", "году", "г"}
_UNITS = {key: int(value) for key, _, value in (pair.partition(":") for pair in _UNITS_TEXT.split())}
_COMPOUND = re.compile(
    r"\b(двух|трех|четырех|пяти|шести|семи|восьми|девяти|полутора|пол|одно)-?(местн|литров|летн|летк|лям|лимон|миллион|тора)(\w*)",
    re.IGNORECASE,
)
_CONTRACTED = re.compile(
    r"\b(is|are|was|were|do|does|did|would|should|could|must|need|ca|wo)n'?t\b", re.IGNORECASE
)
_WHOLE_VERBS = {"ca": "can", "wo": "will"}
_AS_LONG_AS = re.compile(r"\b(?:as|so) long as\b", re.IGNORECASE)
_DIESEL = "d"  # «450д»
_HALF = {"полтора": 1.5, "полтораста": 150, "полутора": 1.5, "пол": 0.5}


@dataclass(frozen=True)
class Word:
    """One word of a message. `text` is folded, `upper` tells that it was written in capitals; `latin` is `text` with
    look-alikes in Latin; `number` its value."""

    text: str
    latin: str
    lemma: str
    number: float | None = None
    upper: bool = False


def words_of(message: str) -> list[Word]:
    """Split a message into words, spelt-out and grouped numbers put together into one word each."""
    text = _AS_LONG_AS.sub("if", _CONTRACTED.sub(_not_contracted, normalise(message)))
    text = _GROUPED.sub(lambda match: match[1] + re.sub(r"\D", "", match[2]), text)
    text = _COMPOUND.sub(_parted, text)
    return _compound([_word(part) for part in _WORD.findall(text)])


def _not_contracted(match: re.Match[str]) -> str:
    verb = match[1].lower()
    return f"{_WHOLE_VERBS.get(verb, verb)} not"


def _parted(match: re.Match[str]) -> str:
    """«семиместный» → «семи местный», «полляма» → «пол ляма»; «полтора» stays."""
    return match[0] if match[2].lower() == "тора" else f"{match[1]} {match[2]}{match[3]}"


def _word(written: str) -> Word:
    text = one_alphabet(fold(re.sub(r"\s", "", written)))
    number: float | None = None
    if _NUMBER.fullmatch(text):
        number = float(text.replace(",", "."))
    elif text in _HALF:
        number = _HALF[text]
    elif text in _UNITS:
        number = float(_UNITS[text])
    latin = _DIESEL if text == "д" else latin_lookalikes(text)
    return Word(text, latin, fold(lemma(text)), number, written.isupper())


def _is_spelt(word: Word) -> bool:
    return word.number is not None and not word.text[0].isdigit()


def _compound(words: list[Word]) -> list[Word]:
    """«двадцать пять» → 25, «пять с половиной» → 5.5; digits are left as they are."""
    joined: list[Word] = []
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if word.number is None:
            ordinal = ORDINALS.get(word.text)
            if ordinal and index < len(words) and words[index].text in _YEAR_WORDS:  # «двадцатого года»
                word = Word(word.text, word.latin, word.lemma, float(ordinal), word.upper)
            joined.append(word)
            continue
        value = word.number
        if _is_two_thousand(words, index):  # «две тысячи двадцать второго»
            value, index = 2000.0, index + 1
        while (
            _is_spelt(word)
            and index < len(words)
            and _is_spelt(words[index])
            and _fits_below(value, words[index].number)
        ):
            value += words[index].number or 0
            index += 1
        following = [other.text for other in words[index : index + 3]]
        if following[:2] == ["с", "половиной"] or following[:2] == ["and", "half"]:
            value, index = value + 0.5, index + 2
        elif following == ["and", "a", "half"]:
            value, index = value + 0.5, index + 3
        elif _is_spelt(word) and _fits_below(value, ORDINALS.get(following[0]) if following else None):
            value, index = value + ORDINALS[following[0]], index + 1  # «двадцать второго года»
        joined.append(Word(word.text, word.latin, word.lemma, value, word.upper))
    return joined


def spoken_number(words: Sequence[Word], index: int) -> tuple[Word, int] | None:
    """An ordinal that names a model («580-й», «пятисотый», «шестьдесят третий») in digits, and its length in words."""
    if index >= len(words):
        return None
    word = words[index]
    value, length = word.number, 1
    following = [other.text for other in words[index + 1 : index + 3]]
    if value is None:
        value = _HUNDREDTH.get(word.lemma) or ORDINALS.get(word.lemma)
    elif word.text[0].isdigit():
        if following[:1] == ["-"] and following[1:] and following[1] in _ORDINAL_ENDINGS:
            length = 3
        elif following[:1] and following[0] in _ORDINAL_ENDINGS:
            length = 2
        else:
            return None
    elif index + 1 < len(words) and _fits_below(value, ORDINALS.get(words[index + 1].lemma)):
        value, length = value + ORDINALS[words[index + 1].lemma], 2
    if value is None:
        return None
    digits = f"{value:g}"
    return Word(digits, digits, digits, value, word.upper), length


def _is_two_thousand(words: list[Word], index: int) -> bool:
    """«две тысячи» and then a number below a hundred: a year, since nobody counts money so."""
    if index + 1 >= len(words) or words[index - 1].number != 2 or words[index].text != "тысячи":
        return False
    following = words[index + 1]
    return _is_spelt(words[index - 1]) and bool(
        (_is_spelt(following) and (following.number or 0) < 100) or following.text in ORDINALS
    )


def _fits_below(value: float, lower: float | None) -> bool:
    return (
        lower is not None
        and lower > 0
        and (
            (value >= 100 and value % 100 == 0 and lower < 100)
            or (value >= 20 and value % 10 == 0 and lower < 10)
        )
    )
