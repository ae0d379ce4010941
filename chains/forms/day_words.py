"""Days as people name them: «послезавтра», «в следующую среду», «25-го», "in two weeks" → dates.

A scanner takes out of the text what it understands, so that what is left over can be judged by itself.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from rapidfuzz.distance import OSA

from chains.numerals import words_of
from chains.text import is_dictionary_word, normalise
from stores.lexicon import fold

_WEEKDAYS = tuple(
    re.compile(
        rf"\b(?:в\s?о?|на|к|по|с|до|on|by)?\s*(?P<which>{{which}})?\s*\b(?:{names})\b".replace(
            "{which}", which
        )
    )
    for which in [r"(?:следующ|будущ|эт|ближайш)\w+|next|this|coming"]
    for names in (
        r"понедельник\w*|пн|mondays?|mon",
        r"вторник\w*|вт|tuesdays?|tues?",
        r"сред[ауыеой]+|ср|wednesdays?|wed",
        r"четверг\w*|чт|thursdays?|thu(?:rs)?",
        r"пятниц\w*|пт|fridays?|fri",
        r"суб+от\w*|сб|saturdays?|sat",
        r"воскресен[ьи]\w*|вс|sundays?|sun",
    )
)
_MONTHS = r"""(?:(?P<m1>янв\w*|january|jan)|(?P<m2>февр?\w*|february|feb)|(?P<m3>март\w?|march|mar)
|(?P<m4>апр\w*|april|apr)|(?P<m5>ма[йяе]|may)|(?P<m6>июн\w?|june|jun)|(?P<m7>июл\w?|july|jul)
|(?P<m8>авг\w*|august|aug)|(?P<m9>сент\w*|september|sept?)|(?P<m10>окт\w*|october|oct)
|(?P<m11>ноя\w*|november|nov)|(?P<m12>дек\w*|december|dec))""".replace("\n", "")
_DAY_OF_MONTH = r"(?P<day>\d{1,2})\s*-?\s*(?:ого|его|го|ое|ье|е|числа|st|nd|rd|th)?"
_YEAR = r"(?:\s*,?\s*(?P<year>20\d\d)(?:\s*(?:года?|г)\b)?)?"
_NAMED_DATES = (
    re.compile(rf"\b(?:на|к|до|с|the|on)?\s*\b{_DAY_OF_MONTH}\s+(?:of\s+)?\b{_MONTHS}\b\.?{_YEAR}"),
    re.compile(rf"\b(?:on\s+)?{_MONTHS}\s+(?:the\s+)?{_DAY_OF_MONTH}(?![\d:.])\b{_YEAR}"),
)
_ISO = re.compile(r"\b(?P<year>20\d\d)-(?P<month>\d{2})-(?P<day>\d{2})\b")
_DOTTED = re.compile(
    r"(?<![\d.:])(?:\b(?P<at>в|к|at)\s+|\bна\s+)?\b(?P<day>\d{1,2})[./](?P<month>\d{1,2})(?:[./](?P<year>\d{2,4}))?(?![\d:.]|\s*(?:млн|тыс|л\b|%))"
)
_NUMBERED = re.compile(
    r"\b(?:на\s+|the\s+|on\s+)*(?P<day>\d{1,2})\s*-?\s*(?:(?:-?(?:го|ое|е)\s+)?числ[ао]|го|ого|е|ое|st|nd|rd|th)\b(?!\s*(?:класс|вариант|машин|авто|option|car|one))"
)
_ORDINALS = (
    "перв втор трет четверт пят шест седьм восьм девят десят одиннадцат двенадцат тринадцат четырнадцат пятнадцат "
    "шестнадцат семнадцат восемнадцат девятнадцат двадцат"
).split()
_ORDINAL = re.compile(
    rf"\b(?:(?P<tens>двадцать|тридцать)\s+)?(?P<unit>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))}|тридцат)"
    r"(?P<end>ьего|ого|его|ое|ье)\b(?P<dated>\s+(?:числ[оа]|января|февраля|марта|апреля|мая|июня|июля|августа|\w+бря)\b)?"
)
_BEFORE_HOUR = re.compile(r"(?:половин[еау]|пол|четверть|минут)\s+$")
_PLACES = 5  # «первого» to «пятого» may be a place in a list
_SPELT = re.compile(r"[а-я]+|[a-z]+")
# Words that a slip of the finger may have hit; beyond them nothing is mended.
_KNOWN = """
сегодня завтра послезавтра понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье
выходные выходных неделе неделю утром вечером после обеда today tomorrow monday tuesday wednesday thursday friday
saturday sunday morning evening afternoon
""".split()


_DENIED = re.compile(
    r"\b(?:не|not)\s+(?:на |в |во |on )?"
    r"(?:послезавтра|завтра|сегодня|tomorrow|today|понедельник|вторник|сред[уы]|четверг|пятниц[уы]|суббот[уы]|воскресенье"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
)


class Scanner:
    """A text of which known pieces are taken out one after the other."""

    def __init__(self, message: str) -> None:
        self.text = _with_digits(_mended(fold(normalise(message)).replace("?", " ")))

    def take(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        """The first place that matches, taken out; None when there is none."""
        found = re.search(pattern, self.text)
        return self.drop(found) if found else None

    def drop(self, found: re.Match[str]) -> re.Match[str]:
        """Take a match out."""
        self.text = f"{self.text[: found.start()]} {self.text[found.end() :]}"
        return found


def read_days(scanner: Scanner, today: date) -> tuple[tuple[date, ...], bool]:
    """The days that a text names, in the order they are wished for, and whether one of them does not exist.

    A bare weekday is the coming one, and today's own weekday today or in a week; a date without a year the coming one,
    unless it passed only weeks ago: then it is that one, which the caller will call past. No day: empty.
    """
    scanner.take(_DENIED)
    for read in (_dates, _relative_days, _weekdays, _spans_of_days):
        days, wrong = read(scanner, today)
        if days or wrong:
            return days, wrong
    return (), False


def _mended(text: str) -> str:
    """The text with misspelt names of days put right: «завтро», «в панедельник»."""

    def mend(found: re.Match[str]) -> str:
        word = found.group()
        if len(word) < 5 or word in _KNOWN or is_dictionary_word(word):
            return word
        best = min(_KNOWN, key=lambda known: OSA.distance(word, known))
        return best if OSA.distance(word, best) <= (1 if len(word) < 8 else 2) else word

    text = re.sub(r"\bв(суб|сред|понед|втор|пятн|воскр|четв)", r"в \1", text)
    return _SPELT.sub(mend, text)


def _with_digits(text: str) -> str:
    """Spelt-out numbers as digits: «в пять» → «в 5», «двадцать пятого ноября» → «25-го ноября»."""

    def ordinal(found: re.Match[str]) -> str:
        tens = {"двадцать": 20, "тридцать": 30}.get(found["tens"] or "", 0)
        unit = 30 if found["unit"] == "тридцат" else _ORDINALS.index(found["unit"]) + 1
        sure = found["dated"] or _BEFORE_HOUR.search(found.string[: found.start()])
        if not sure and (tens + unit <= _PLACES or found["end"] in {"ое", "ье"}):
            return found.group()
        return f"{tens + unit}-го{found['dated'] or ''}"

    text = _ORDINAL.sub(ordinal, text)
    out: list[str] = []
    run: list[str] = []
    for piece in re.split(r"(\s+)", text):
        bare = piece.strip(",.!;")
        if (
            bare.isalpha() and bare != "one" and not bare.startswith("пол") and _number(bare) is not None
        ) or (run and piece.isspace()):
            run.append(piece)
        else:
            out += [*_numbers(run), piece]
            run = []
    return "".join([*out, *_numbers(run)])


def _number(word: str) -> float | None:
    words = words_of(word)
    return words[0].number if len(words) == 1 else None


def _numbers(run: list[str]) -> list[str]:
    if not run:
        return []
    blank = run.pop() if run[-1].isspace() else ""
    tail = re.search(r"[,.!;]*$", run[-1])
    values = [word.number for word in words_of("".join(run)) if word.number is not None]
    return [" ".join(f"{value:g}" for value in values), tail.group() if tail else "", blank]


def _dates(scanner: Scanner, today: date) -> tuple[tuple[date, ...], bool]:
    for pattern in _NAMED_DATES:
        if found := scanner.take(pattern):
            month = next(number for number in range(1, 13) if found[f"m{number}"])
            return _date(int(found["day"]), month, found["year"], today)
    if found := scanner.take(_ISO):
        return _date(int(found["day"]), int(found["month"]), found["year"], today)
    found = re.search(_DOTTED, scanner.text)
    if found and not _is_clock(found):
        scanner.drop(found)
        return _date(int(found["day"]), int(found["month"]), found["year"], today)
    if found := scanner.take(_NUMBERED):
        return _day_of_month(int(found["day"]), today)
    return (), False


def _is_clock(found: re.Match[str]) -> bool:
    """«в 16.00», «10.30»: minutes, not a month."""
    day, month = int(found["day"]), int(found["month"])
    if found["year"] or len(found["month"]) < 2 or day > 23:
        return False
    return bool(found["at"]) or month == 0 or month > 12


def _date(day: int, month: int, year: str | None, today: date) -> tuple[tuple[date, ...], bool]:
    years = [int(year) + (2000 if len(year) == 2 else 0)] if year else [today.year, today.year + 1]
    found = [one for number in years if (one := _existing(number, month, day))]
    if not found:
        return (), True
    recent = today - timedelta(days=60)
    return (next((one for one in found if year or one >= recent), found[-1]),), False


def _day_of_month(day: int, today: date) -> tuple[tuple[date, ...], bool]:
    months = [
        (today.year + (today.month + ahead - 1) // 12, (today.month + ahead - 1) % 12 + 1)
        for ahead in range(3)
    ]
    found = [one for year, month in months if (one := _existing(year, month, day)) and one >= today]
    return (tuple(found[:1]), False) if found else ((), True)


def _existing(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _relative_days(scanner: Scanner, today: date) -> tuple[tuple[date, ...], bool]:
    fixed: tuple[tuple[str, int], ...] = (
        (r"\b(?:на\s+)?послезавтра(?:шн\w+)?\b|\b(?:the\s+)?day after tomorrow\b", 2),
        (r"\b(?:на\s+)?завтра(?:шн\w+)?(?:\s+день)?\b|\b(?:tomorrow|tmrw?|tmr)\b", 1),
        (r"\b(?:на\s+)?сегодня(?:шн\w+)?\b|\btoday\b", 0),
        (r"\b(?:позавчера|вчера|yesterday)\b", -1),
    )
    for pattern, distance in fixed:
        if scanner.take(pattern):
            return (today + timedelta(days=distance),), False
    number = r"(?P<n>\d{1,2}\s+|пар[ук]\w*\s+|a\s+|couple of\s+)?"
    found = scanner.take(
        rf"\b(?:через|in|a(?= week from))\s+{number}(?P<unit>дня|дней|день|недел\w+|месяц\w*|days?|weeks?|months?)\b"
        r"(?:\s+from now)?"
    )
    if not found:
        return (), False
    given = (found["n"] or "1").strip()
    count = int(given) if given.isdigit() else 2 if given.startswith(("пар", "couple")) else 1
    unit = found["unit"]
    length = 7 if unit.startswith(("нед", "week")) else 30 if unit.startswith(("мес", "month")) else 1
    return (today + timedelta(days=count * length),), False


def _weekdays(scanner: Scanner, today: date) -> tuple[tuple[date, ...], bool]:
    monday = today - timedelta(days=today.weekday())
    next_week = re.search(r"\b(?:на\s+)?(?:следующ|будущ)\w+\s+недел\w+|\bnext week\b", scanner.text)
    named, places = scanner.text, {}
    days: list[date] = []
    for weekday, pattern in enumerate(_WEEKDAYS):
        found = scanner.take(pattern)
        if not found:
            continue
        places[weekday] = named.find(found.group())
        if next_week or (found["which"] or "").startswith(("следующ", "будущ", "next")):
            days.append(monday + timedelta(days=7 + weekday))
        else:
            days.append(today + timedelta(days=(weekday - today.weekday()) % 7))
    if not days:
        return (), False
    if len(days) > 1 and re.search(
        r"\bне\b|\bnot\b|n't\b", named
    ):  # «в среду не получится, давайте в четверг»
        last = max(places, key=lambda weekday: places[weekday])
        days = [day for day in days if day.weekday() == last]
    if next_week:
        scanner.take(re.escape(next_week.group()))
    if days == [today]:
        days.append(today + timedelta(days=7))
    return tuple(sorted(days)), False


def _spans_of_days(scanner: Scanner, today: date) -> tuple[tuple[date, ...], bool]:
    """A week, a weekend, working days: every day of them that is not past."""
    monday = today - timedelta(days=today.weekday())
    week: Callable[[int, range], tuple[date, ...]] = lambda ahead, weekdays: tuple(  # noqa: E731 - used below only
        monday + timedelta(days=7 * ahead + weekday)
        for weekday in weekdays
        if monday + timedelta(days=7 * ahead + weekday) >= today
    )
    following = r"(?:(?:в|на)\s+)?(?:следующ|будущ)\w+\s+"
    for pattern, days in (
        (rf"\b{following}выходн\w+|\bnext weekend\b", week(1, range(5, 7))),
        (
            r"\b(?:в|на|по)?\s*(?:эт\w+\s+|ближайш\w+\s+)?выходн\w+|\b(?:at |on |this |the )*weekends?\b",
            week(0, range(5, 7)),
        ),
        (rf"\b{following}недел\w+|\bnext week\b", week(1, range(7))),
        (r"\b(?:на\s+)?(?:эт\w+|ближайш\w+)\s+недел\w+|\bthis week\b|\bна неделе\b", week(0, range(7))),
        (
            r"\b(?:в|по)?\s*будн\w+(?:\s+(?:дни|день|дням))?\b|\bweekdays?\b",
            (*week(0, range(5)), *week(1, range(5))),
        ),
    ):
        if scanner.take(pattern):
            return days, False
    return (), False
