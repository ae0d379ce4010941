"""Date and time as people say them, in Russian and English → the days, and the time or the part of the day, meant.

«завтра в 12», «в субботу после обеда», «в полпятого», «25 ноября в 15:30», "tomorrow at 3pm", "next Friday morning".
Measured beside it on eighteen such wishes, dateparser 1.2 understood six.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from chains.forms.day_words import Scanner, read_days

_UNIT_MINUTES = (
    *(("мин", 1), ("min", 1), ("час", 60), ("hour", 60), ("недел", 7 * 24 * 60), ("week", 7 * 24 * 60)),
    *(("д", 24 * 60), ("day", 24 * 60)),
)
_HALVES = "перв втор трет четверт пят шест седьм восьм девят десят одиннадцат двенадцат".split()
_PART = (
    r"(?P<part>утра|дня|вечера|ночи|a\.?m\b\.?|p\.?m\b\.?|o'?\s?clock|in the (?:morning|afternoon|evening))"
)
_PART_AFTER = rf"(?:\s*{_PART})?"
_AT = r"(?:около|ближе к|примерно в|часик\w* в|часа? в|часов в|в|во|к|на|at|around|about|by|@)"
_HOURS = r"(?:\s*(?:часов|часа|часам|час|ч)\b\.?)?"
_MONTH_AFTER = r"(?!\s*(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|-го|числа|млн|тыс|км))"
# What makes the number before it something else than an hour.
_NO_HOUR = (
    r"(?!\s*(?:[\d%:]|[.,]\d|млн|тыс|миллион|лям|руб|₽|лет|год|мест|км|л\.?\s?с|л\b|сил|месяц|мес\b|дн|день|недел"
    r"|человек|машин|вариант|авто|класс|k\b|mln|thousand|years?|seats?|days?|weeks?|people|cars?|/"
    r"|-(?:го|е|й|ю|ую|ый|ая|ой|st|nd|rd|th)))"
)
_CLOCKS = (
    re.compile(rf"(?:\b{_AT}\s+)?\b(?P<h>\d{{1,2}}):(?P<m>\d{{2}})\b{_PART_AFTER}"),
    re.compile(rf"\b{_AT}\s+(?P<h>\d{{1,2}})[.\-](?P<m>\d{{2}})\b(?!\.?\d){_PART_AFTER}"),
    re.compile(
        rf"(?:\b{_AT}\s+)?\b(?P<h>\d{{1,2}})\s*(?:часов|часа|часам|час|ч)\b\.?"
        rf"(?:\s*(?P<m>\d{{1,2}})\s*(?:минут\w*|мин\b\.?))?{_PART_AFTER}"
    ),
    re.compile(rf"(?:\b{_AT}\s+)?\b(?P<h>\d{{1,2}})(?:[.](?P<m>\d{{2}}))?\s*{_PART}"),
    re.compile(rf"\b{_AT}\s+(?P<h>\d{{1,2}})\s+(?P<m>00|15|30|45)\b(?!\s*\d){_PART_AFTER}"),
    re.compile(rf"\b{_AT}\s+(?P<h>\d{{1,2}})\b{_NO_HOUR}{_PART_AFTER}"),
    re.compile(r"(?<![\d.])\b(?P<h>\d{1,2})[.](?P<m>00|15|20|30|40|45)\b(?![.\d])"),
    re.compile(rf"\b{_AT}\s+(?P<h>час)\b{_PART_AFTER}"),
    re.compile(r"^\W*(?:(?:а|ну|давайте?|лучше|тогда|ok|ок)\s+)*(?P<h>\d{1,2})\W*$"),
)
_FROM_TO = re.compile(
    rf"\b(?:с|со|между|between|from)\s+(?P<a>\d{{1,2}})(?::(?P<am>\d{{2}}))?{_HOURS}\s+(?:до|и|and|to|till|until)\s+"
    rf"(?P<b>\d{{1,2}})(?::(?P<bm>\d{{2}}))?{_HOURS}(?!\d){_MONTH_AFTER}{_PART_AFTER}"
)
_BOUND = rf"(?P<h>\d{{1,2}})(?::(?P<m>\d{{2}}))?\b{_NO_HOUR}{_HOURS}{_PART_AFTER}"
_AFTER = re.compile(rf"\b(?:после|не раньше|позже|позднее|с|after|from|not before|later than)\s+{_BOUND}")
_BEFORE = re.compile(rf"\b(?:до|не позже|раньше|before|until|till|no later than)\s+{_BOUND}")


class _Part(NamedTuple):
    """A part of the day: how it is named, and when a drive in it begins."""

    pattern: re.Pattern[str]
    start: time
    end: time


def _part(start: str, end: str, *names: str) -> _Part:
    return _Part(
        re.compile(rf"\b(?:{'|'.join(names)})\b"), time.fromisoformat(start), time.fromisoformat(end)
    )


# In this order: «после обеда» is no «обед».
_PARTS = (
    _part("13:00", "18:00", r"после обед\w*", "после полудня", "after lunch", "(?:in the |this )?afternoon"),
    _part("13:00", "18:00", r"во? второй половине(?: дня)?"),
    _part("00:00", "13:00", r"до обед\w*", r"во? первой половине(?: дня)?", "before (?:noon|lunch)"),
    _part("18:00", "23:59", "после работы", "after work"),
    _part("12:00", "14:00", r"в обед\w*", "во время обеда", "at lunch ?time"),
    _part(
        "05:00",
        "12:00",
        "рано утром",
        "с утра(?: пораньше)?",
        "по ?утру",
        "утром",
        "утречком",
        "утра",
        "на утро",
    ),
    _part("05:00", "12:00", "(?:in the |early )?morning", "first thing"),
    _part("17:00", "23:59", "ближе к вечеру", "вечером", "вечерком", "вечера", "на вечер", "под вечер"),
    _part("17:00", "23:59", "(?:in the )?evening", "tonight"),
    _part("12:00", "17:00", "днем", "в течение дня", "(?:during|in) the day(?:time)?", "midday"),
    _part("00:00", "05:00", "ночью", "в ночь", "at night"),
)
_SOONEST = re.compile(
    r"\b(?:(?:прямо )?сейчас|(?:в )?(?:самое )?ближайш\w+ (?:врем\w+|слот\w*|окн\w+|дат\w+)|поскорее|побыстрее"
    r"|(?:в )?любо[ейг]\w* (?:врем\w+|день|дня|момент)|как можно (?:скорее|быстрее|раньше)"
    r"|когда (?:угодно|удобно вам|есть (?:время|места?|окно|свободно\w*))"
    r"|right now|soonest|asap|as soon as possible|any ?time|any day|whenever"
    r"|(?:the )?(?:earliest|first|next|nearest) (?:(?:available|free|possible)(?: slot| time| one)?|slot|time))\b"
)


@dataclass(frozen=True)
class When:
    """What a message says of date and time.

    `days` are the days wished for, best first, none when none is named. `exact` is a time of the clock; with
    `either_half` nothing tells whether «в 7» is in the morning or in the evening. `earliest` and `latest` bound the
    beginning where only a part of the day is named. `soonest` is «как можно скорее»; `wrong` tells of a day or a time
    that does not exist; `rest` is what else the message says, folded. `shift` is how much later than before
    («на час позже»), negative for earlier.
    """

    days: tuple[date, ...] = ()
    exact: time | None = None
    either_half: bool = False
    earliest: time | None = None
    latest: time | None = None
    soonest: bool = False
    wrong: bool = False
    rest: str = ""
    shift: timedelta | None = None

    @property
    def says_something(self) -> bool:
        """Whether the message speaks of date or time at all."""
        return bool(self.days or self.has_time or self.soonest or self.wrong or self.shift)

    @property
    def has_time(self) -> bool:
        """Whether it narrows the time of the day."""
        return self.exact is not None or self.earliest is not None or self.latest is not None


def read_when(message: str, now: datetime) -> When:
    """Read a message said at `now` (local). Never fails; what is no date and no time stays in `rest`."""
    scanner = Scanner(message)
    shift = _shift(scanner)
    if shift is not None:
        return When(shift=shift, rest=scanner.text)
    later = _in_some_hours(scanner, now)
    if later is not None:
        return When(
            days=(later.date(),), earliest=later.time().replace(second=0, microsecond=0), rest=scanner.text
        )
    said = _from_to(scanner) or _spoken(scanner)  # «в половине пятого» is no fifth of the month
    days, wrong = read_days(scanner, now.date())
    if re.search(r"\btonight\b", scanner.text) and not days:
        days = (now.date(),)
    soonest = bool(scanner.take(_SOONEST))
    clock = _with_part(said or _bound(scanner) or _figures(scanner), scanner)
    if clock.wrong:
        return When(days=days, wrong=True, rest=scanner.text)
    if clock.exact is None and clock.earliest is None and clock.latest is None:
        return When(days=days, soonest=soonest, wrong=wrong, rest=scanner.text)
    return When(
        days, clock.exact, clock.either_half, clock.earliest, clock.latest, soonest, wrong, scanner.text
    )


def _shift(scanner: Scanner) -> timedelta | None:
    """«на час позже», «на 30 минут раньше», "two hours later": by how much."""
    found = scanner.take(
        r"\b(?:на\s+|by\s+)?(?:(?P<half>полчаса|half an hour)|(?P<n>\d{1,3}|полтора|пару|an?)?\s*"
        r"(?P<unit>час(?:а|ов|ик)?|минут[ыу]?|дня|дней|день|недел[юи]|hours?|minutes?|days?|weeks?))\s+"
        r"(?P<way>позже|позднее|раньше|later|earlier)\b"
    )
    if not found:
        return None
    given = found["n"] or "1"
    count = {"полтора": 1.5, "пару": 2.0, "a": 1.0, "an": 1.0}.get(given) or float(given)
    unit = found["unit"] or "минут"
    minutes = next(length for stem, length in _UNIT_MINUTES if unit.startswith(stem))
    amount = timedelta(minutes=30 if found["half"] else count * minutes)
    return -amount if found["way"] in {"раньше", "earlier"} else amount


def _in_some_hours(scanner: Scanner, now: datetime) -> datetime | None:
    """«через час», «через полтора часа», "in half an hour": the moment."""
    found = scanner.take(
        r"\b(?:через|in)\s+(?:(?P<half>полчаса|half an hour)|(?P<n>\d{1,3}|полтора|пару|an?)?\s*"
        r"(?P<unit>час\w*|минут\w*|hours?|minutes?))\b"
    )
    if not found:
        return None
    if found["half"]:
        return now + timedelta(minutes=30)
    given = found["n"] or "1"
    count = {"полтора": 1.5, "пару": 2.0, "a": 1.0, "an": 1.0}.get(given) or float(given)
    minutes = count if found["unit"].startswith(("мин", "min")) else 60 * count
    return now + timedelta(minutes=minutes)


def _from_to(scanner: Scanner) -> When | None:
    """«с 10 до 14», "between 3 and 5"."""
    found = scanner.take(_FROM_TO)
    if not found:
        return None
    first = _time(found["a"], found["am"], found["part"])
    last = _time(found["b"], found["bm"], found["part"])
    return When(wrong=True) if first.wrong or last.wrong else _between(first, last)


def _bound(scanner: Scanner) -> When | None:
    """«после 18», «до 12»."""
    for pattern, is_start in ((_AFTER, True), (_BEFORE, False)):
        if found := scanner.take(pattern):
            bound = _time(found["h"], found["m"], found["part"])
            at = _afternoon(bound)
            if bound.wrong or at is None:
                return When(wrong=True)
            return When(earliest=at) if is_start else When(latest=at)
    return None


def _with_part(said: When | None, scanner: Scanner) -> When:
    """A time together with the part of the day that stands apart from it: «завтра вечером в 7», «утром»."""
    part = next((part for part in _PARTS if scanner.take(part.pattern)), None)
    if part is None:
        return said or When()
    if said is None:
        return When(earliest=part.start, latest=part.end)
    if said.exact and said.either_half:
        return When(exact=_within(said.exact, part.start, part.end))
    return said


def _figures(scanner: Scanner) -> When | None:
    """A time in figures: «в 12», «15:30», «в 7 вечера», "3pm"."""
    for pattern in _CLOCKS:
        if found := scanner.take(pattern):
            groups = found.groupdict()
            hour = "1" if groups["h"] == "час" else groups["h"]
            return _time(hour, groups.get("m"), groups.get("part"))
    return None


def _spoken(scanner: Scanner) -> When | None:
    """«в полпятого», «в половине пятого», «без пятнадцати пять», "half past four", «в полдень»."""
    prefix = rf"(?:\b{_AT}\s+)?"
    if scanner.take(rf"{prefix}\b(?:полдень|полдня|noon)\b"):
        return When(exact=time(12))
    if scanner.take(rf"{prefix}\b(?:полночь|midnight)\b"):
        return When(exact=time(0))
    half = "|".join(sorted(_HALVES, key=len, reverse=True))
    if found := scanner.take(rf"{prefix}\bпол[- ]?(?P<o>{half})\w*\b{_PART_AFTER}"):
        return _time(str(_HALVES.index(found["o"]) or 12), "30", found["part"])
    if found := scanner.take(rf"{prefix}\bпол(?:овин[еау])?\s+(?P<h>\d{{1,2}})-го\b{_PART_AFTER}"):
        return _time(str((int(found["h"]) - 2) % 12 + 1), "30", found["part"])
    if found := scanner.take(rf"{prefix}\bчетверть\s+(?P<h>\d{{1,2}})-го\b{_PART_AFTER}"):
        return _time(str((int(found["h"]) - 2) % 12 + 1), "15", found["part"])
    if found := scanner.take(
        rf"\bбез\s+(?P<m>четверти|\d{{1,2}})(?:\s*минут)?\s+(?P<h>\d{{1,2}}|час)\b{_PART_AFTER}"
    ):
        before = 15 if found["m"] == "четверти" else int(found["m"])
        hour = 1 if found["h"] == "час" else int(found["h"])
        return _time(str((hour - 2) % 12 + 1 if hour <= 12 else hour - 1), str(60 - before), found["part"])
    if found := scanner.take(
        rf"{prefix}\b(?:a\s+)?(?P<m>half|quarter|\d{{1,2}})\s+(?P<side>past|to|after)\s+(?P<h>\d{{1,2}})\b{_PART_AFTER}"
    ):
        minutes = {"half": 30, "quarter": 15}.get(found["m"]) or int(found["m"])
        hour = int(found["h"])
        if found["side"] == "to":
            hour, minutes = ((hour - 2) % 12 + 1 if hour <= 12 else hour - 1), 60 - minutes
        return _time(str(hour), str(minutes), found["part"])
    return None


def _time(hour_text: str, minute_text: str | None, part: str | None) -> When:
    """An hour and minutes with the part of the day, if one is said."""
    hour, minute = int(hour_text), int(minute_text or 0)
    if hour > 24 or not 0 <= minute <= 59 or (hour == 24 and minute):
        return When(wrong=True)
    said = (part or "").replace(".", "").strip()
    afternoon = said in {"дня", "вечера", "pm", "in the afternoon", "in the evening"}
    if afternoon and 1 <= hour < 12:
        hour += 12
    elif said in {"ночи", "am", "in the morning"} and hour == 12:
        hour = 0
    padded = len(hour_text) == 2 and hour_text.startswith("0")
    told = bool(said) and not said.startswith("o")
    return When(exact=time(hour % 24, minute), either_half=not told and not padded and 1 <= hour <= 11)


def _between(first: When, last: When) -> When:
    start, end = first.exact, last.exact
    if start is None or end is None:
        return When(wrong=True)
    if last.either_half and (end <= start or start.hour < 7):
        end = _later(end)
    if first.either_half and start.hour < 7:
        start = _later(start)
    return When(earliest=start, latest=end) if start < end else When(wrong=True)


def _afternoon(bound: When) -> time | None:
    """«после 3» is at three in the afternoon; from seven on the morning is meant."""
    if bound.exact and bound.either_half and bound.exact.hour < 7:
        return _later(bound.exact)
    return bound.exact


def _within(at: time, start: time, end: time) -> time:
    """«вечером в 7»: the half of the day that the part of the day lies in."""
    later = _later(at)
    return later if not start <= at <= end and start <= later <= end else at


def _later(at: time) -> time:
    return at.replace(hour=(at.hour + 12) % 24)
