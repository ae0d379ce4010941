"""The words of figures in Russian and English: numbers, multipliers, units, and what bounds or compares them."""

import re
from typing import Literal

from stores.lexicon import DRIVE_NAME

Bound = Literal["", "<", "<=", ">", ">=", "~"]

WORD = re.compile(
    rf"{DRIVE_NAME}|л\.\s?с\b|г\.\s?в\b|[a-zа-я]+|\d+(?:[.,]\d+)?|[-–—<>₽$€₸№+,;%~≈]|[.]{{3}}", re.IGNORECASE
)
_NUMBERS_TEXT = """
ноль:0 один:1 два:2 двое:2 оба:2 три:3 трое:3 четыре:4 четверо:4 пять:5 шесть:6 семь:7 восемь:8 девять:9 десять:10
одиннадцать:11 двенадцать:12 тринадцать:13 четырнадцать:14 пятнадцать:15 шестнадцать:16 семнадцать:17
восемнадцать:18 девятнадцать:19 двадцать:20 тридцать:30 сорок:40 пятьдесят:50 шестьдесят:60 семьдесят:70
восемьдесят:80 девяносто:90 сто:100 двести:200 триста:300 четыреста:400 пятьсот:500 шестьсот:600 семьсот:700
восемьсот:800 девятьсот:900 полтора:1.5 полтораста:150 дюжина:12
zero:0 one:1 two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 thirteen:13
fourteen:14 fifteen:15 sixteen:16 seventeen:17 eighteen:18 nineteen:19 twenty:20 thirty:30 forty:40 fifty:50
sixty:60 seventy:70 eighty:80 ninety:90 hundred:100 dozen:12 both:2 twice:2
"""
NUMBERS = {key: float(value) for key, _, value in (pair.partition(":") for pair in _NUMBERS_TEXT.split())}
OBLIQUE = {
    "двух": 2,
    "трех": 3,
    "четырех": 4,
    "пяти": 5,
    "шести": 6,
    "семи": 7,
    "восьми": 8,
    "девяти": 9,
    "ста": 100,
}
ORDINAL_YEARS = {
    word: value
    for value, word in enumerate(
        "первый второй третий четвертый пятый шестой седьмой восьмой девятый десятый одиннадцатый двенадцатый"
        " тринадцатый четырнадцатый пятнадцатый шестнадцатый семнадцатый восемнадцатый девятнадцатый"
        " двадцатый".split(),
        1,
    )
}
MULTIPLIERS = {
    **dict.fromkeys(("тыс", "тысяча", "thousand", "k", "тр"), 1e3),
    **dict.fromkeys(("млн", "миллион", "лям", "mln", "million", "mio", "m"), 1e6),
    **dict.fromkeys(("млрд", "миллиард", "billion"), 1e9),
}
UNITS: tuple[tuple[str, float, re.Pattern[str]], ...] = tuple(
    (name, factor, re.compile(pattern))
    for name, factor, pattern in (
        ("rub", 1, r"₽|руб\w*|р|rub\w*"),
        ("usd", 1, r"\$|доллар\w*|dollars?|usd|бакс\w*"),
        ("eur", 1, r"€|евро|euros?|eur"),
        ("kzt", 1, r"₸|тенге|kzt"),
        ("byn", 1, r"byn|br"),
        ("km", 1, r"км|километр\w*|km|kms|kilomet\w+"),
        ("miles", 1, r"мил(я|и|ь|ю|ях|ями)|miles?"),
        ("hp", 1, r"л\.?\s?с|лс|сил\w*|лошад\w*|hp|bhp|horsepower"),
        ("kw", 1, r"квт|kw|киловатт\w*"),
        ("percent", 1, r"%|процент\w*|percent|проц"),
        ("litres", 1, r"литр\w*|л|lit\w+|l"),
        ("seats", 1, r"мест\w{0,2}|местн\w*|seats?|seaters?"),
        ("cars", 1, r"машин\w*|автомобил\w*|авто|вариант\w*|cars?|vehicles?|options?|models?"),
        ("months", 12, r"год|года|году|годом|лет|летн\w+|years?|г"),
        ("months", 1, r"месяц\w*|мес|месячн\w+|months?"),
        ("days", 7, r"недел\w+|weeks?"),
        ("days", 1, r"дн\w*|день|дней|days?"),
        ("minutes", 24 * 60, r"сутк\w+|суток|суточн\w+"),
        ("minutes", 60, r"час|часа|часов|часу|часам|hours?|ч"),
        ("minutes", 1, r"минут\w*|мин|minutes?|min"),
    )
)
YEAR_WORDS = re.compile(r"год|года|году|годом|годов|годы|г|г\.?\s?в|year|years")
YEARS = range(1880, 2101)
CURRENCIES = frozenset({"rub", "usd", "eur", "kzt", "byn"})
BOUNDS: tuple[tuple[Bound, str], ...] = (
    (
        "<=",
        "не дороже|не больше|не более|не выше|не свыше|не превышает|максимум|до|в пределах"
        "|up to|at most|within|no more than",
    ),
    (
        "<",
        "дешевле чем|дешевле|ниже чем|ниже|менее чем|менее|меньше чем|меньше|почти"
        "|under|below|less than|cheaper than|almost|nearly",
    ),
    (
        ">=",
        "не дешевле|не меньше|не менее|не ниже|минимум|от|начиная от|начиная с"
        "|from|at least|no less than|starting at",
    ),
    (">", "дороже чем|дороже|выше чем|выше|более чем|более|больше чем|больше|свыше|over|above|more than"),
    ("~", "около|примерно|порядка|приблизительно|где-то|~|≈|about|around|approximately|roughly|в районе"),
)
BOUND_WORDS = sorted(
    ((tuple(WORD.findall(phrase)), bound) for bound, phrases in BOUNDS for phrase in phrases.split("|")),
    key=lambda pair: -len(pair[0]),
)

COMPARED = {
    **dict.fromkeys(("дешевле", "подешевле", "доступнее", "cheaper"), ("price", -1)),
    **dict.fromkeys(("дороже", "подороже", "dearer", "costlier", "pricier"), ("price", 1)),
    **dict.fromkeys(("мощнее", "помощнее", "сильнее", "stronger"), ("power_hp", 1)),
    **dict.fromkeys(("слабее", "weaker"), ("power_hp", -1)),
    **dict.fromkeys(("новее", "поновее", "свежее", "моложе", "newer", "younger"), ("year", 1)),
    **dict.fromkeys(("старше", "постарше", "старее", "older"), ("year", -1)),
    **dict.fromkeys(("вместительнее", "roomier"), ("seats", 1)),
}
"""Comparatives whose truth the data can tell: the field, and the sign of its difference."""
