"""How times are said: «в субботу, 21 ноября, 12:00»; and what a stored row lets an answer promise."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from chains.forms.state import Kind
from chains.reply import Fact
from chains.texts import Texts

_PROMISED: dict[Kind, str] = {"test_drive": "booking", "callback": "callback", "brochure": "brochure"}


def promised(kind: Kind, text: str) -> Fact:
    """The fact that a row of this form is stored, which bears out a promise of it in the same answer."""
    return Fact("salon", "promise", _PROMISED[kind], text)


def full_moment(at: datetime, zone: ZoneInfo, texts: Texts) -> str:
    """«суббота, 21 ноября, 12:00»."""
    local = at.astimezone(zone)
    return f"{texts.weekday(local.weekday())}, {texts.date(local.date())}, {texts.clock(local.time())}"


def day_name(day: date, today: date, texts: Texts) -> str:
    """«завтра, 21 ноября», «в субботу, 28 ноября»; the year where it is not this one."""
    near = texts.on_day(day, today)
    dated = texts.date(day) if day.year == today.year else f"{texts.date(day)} {day.year}"
    if near == texts.date(day):
        return f"{dated} ({texts.weekday(day.weekday())})"
    return f"{near}, {dated}"


def offers(times: Sequence[datetime], today: date, zone: ZoneInfo, texts: Texts) -> str:
    """«завтра, 21 ноября, в 10:00 или 11:00; в воскресенье, 22 ноября, в 10:00»."""
    local = sorted(at.astimezone(zone) for at in times)
    at_word, or_word = ("в", "или") if texts.language == "ru" else ("at", "or")
    parts = []
    for day, group in groupby(local, key=lambda at: at.date()):
        clocks = [texts.clock(at.time()) for at in group]
        listed = f"{', '.join(clocks[:-1])} {or_word} {clocks[-1]}" if len(clocks) > 1 else clocks[0]
        parts.append(f"{day_name(day, today, texts)}, {at_word} {listed}")
    return "; ".join(parts)
