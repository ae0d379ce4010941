"""Opening hours, address and contacts, computed from `salon.toml`: «До скольки вы работаете в воскресенье?»."""

import re
from datetime import date, timedelta

from chains.answers.context import Data, Question
from chains.answers.passages import passage_source
from chains.forms.day_words import Scanner, read_days
from chains.reply import Draft, Fact, Source
from chains.text import STOPWORDS, STOPWORDS_EN, lemmas
from chains.texts import Texts
from stores.hours import Interval
from stores.passages import Passage
from stores.salon import Salon

_WEEKDAYS_TEXT = """
понедельник:0 пн:0 monday:0 вторник:1 вт:1 tuesday:1 среда:2 ср:2 wednesday:2 четверг:3 чт:3 thursday:3
пятница:4 пт:4 friday:4 суббота:5 сб:5 saturday:5 воскресенье:6 вс:6 воскресение:6 sunday:6
"""
_WEEKDAYS = {key: int(value) for key, _, value in (pair.partition(":") for pair in _WEEKDAYS_TEXT.split())}
_MONTHS = (
    "январ",
    "феврал",
    "март",
    "апрел",
    "ма",
    "июн",
    "июл",
    "август",
    "сентябр",
    "октябр",
    "ноябр",
    "декабр",
)
_MONTHS_EN = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_WAY_ASKED = frozenset(
    """проехать добраться доехать дойти пройти проезд маршрут дорога метро автобус станция directions get reach
    metro subway underground bus transport station""".split()
)
_WAY = frozenset(
    """
    проехать добраться доехать дойти пройти проезд маршрут метро остановка автобус трамвай троллейбус станция
    directions reach finding metro underground tram bus motorway train station
    """.split()
)
_SEVERAL = 2
_WHOLE_WEEK = 4  # so many days at once are told better as a week
_MOST_DAYS = 10
_RANGE = re.compile(r"\b(\d{1,2})(?:-?го)?\s*(?:по|-|–|to|till)\s*(\d{1,2})(?:-?(?:е|го|th))?\s+([^\W\d]+)")
_HOURS_WORDS = frozenset(
    """
    сколько скольки скоко скок час открыть открыться открываться открытие открытый закрыть закрыться закрываться
    закрытие закрытый работать работа график режим время который салон там привет приезжать приехать
    open close opening closing closed hour hours till until time from work working salon showroom
    """.split()
)
_WEEKEND = {"выходной", "weekend", "weekends"}

_NOW = frozenset("сейчас щас сегодня еще уже now still today".split())
_OPEN = frozenset("открыть открытый закрыть закрытый закрыться работать open opened close closed".split())


def hours(question: Question, data: Data) -> Draft:
    """The hours of the day asked for, or of the week; whether it is open now."""
    texts, salon, today = question.texts, data.salon, question.now.date()
    days = days_asked(question.plain, today)
    parts = [_day(day, today, salon, texts) for day in days]
    if not days:
        parts.append(texts.say("legend.hours_week", week=_week(salon, texts)))
        special = _exceptions(salon, texts, today)
        if special:
            parts.append(texts.say("legend.exceptions", days=special))
        parts.append(_now(question, data))
    elif days == [today]:
        parts.append(_now(question, data))
    text = " ".join(parts)
    source = Source(kind="salon", title=texts.say("legend.source_hours"), ref="salon.toml#hours")
    return Draft(route="legend", text=text, facts=(Fact("salon", "hours", text, text),), sources=(source,))


def contacts(question: Question, data: Data) -> Draft:
    """Address, phone and e-mail: those asked for, all of them when it is not clear which."""
    texts, salon = question.texts, data.salon
    asked = set(lemmas(question.message))
    parts = {
        "address": texts.say("legend.address", address=_full_address(salon)),
        "phone": texts.say("legend.phone", phone=salon.phone),
        "email": texts.say("legend.email", email=salon.email),
    }
    wanted = [
        name
        for name, words in (
            (
                "address",
                {
                    "адрес",
                    "где",
                    "куда",
                    "подъехать",
                    "доехать",
                    "adress",
                    "находиться",
                    "проехать",
                    "добраться",
                    "address",
                    "where",
                    "located",
                    "location",
                    "расположить",
                    *_WAY_ASKED,
                },
            ),
            ("phone", {"телефон", "номер", "позвонить", "phone", "number", "call"}),
            ("email", {"почта", "email", "e-mail", "mail", "имейл", "мейл"}),
        )
        if asked & words
    ]
    text = " ".join(parts[name] for name in (wanted or parts))
    sources = [Source(kind="salon", title=texts.say("legend.source_contacts"), ref="salon.toml")]
    facts = [Fact("salon", "contacts", text, text)]
    if asked & _WAY_ASKED and (way := _way(data)) is not None:
        told = way.text if way.language == texts.language else texts.say("legend.extract", text=way.text)
        text = f"{text}\n{told}"
        sources.append(passage_source(way))
        facts.append(Fact(way.id, "text", way.text, way.text))
    return Draft(route="legend", text=text, facts=tuple(facts), sources=tuple(sources))


def _way(data: Data) -> Passage | None:
    """The section of the brochure that tells how to get there: by its title, else by several words of its text."""
    sections = [passage for passage in data.retriever.passages if passage.kind == "legend"]
    titled = (section for section in sections if _WAY & set(lemmas(section.title)))
    told = (section for section in sections if len(_WAY & set(lemmas(section.text))) >= _SEVERAL)
    return next(titled, None) or next(told, None)


def _full_address(salon: Salon) -> str:
    """The address with the city before it, unless it stands there already."""
    return salon.address if salon.city in salon.address else f"{salon.city}, {salon.address}"


def days_asked(message: str, today: date) -> list[date]:
    """The days that a message names, in its order: weekdays (the coming one), today, tomorrow, dates; none if none."""
    words = lemmas(message)
    days: list[date] = []
    for index, word in enumerate(words):
        if word in {"сегодня", "сейчас", "щас", "today", "now"}:
            days.append(today)
        elif word in {"послезавтра"}:
            days.append(today + timedelta(days=2))
        elif word in {"завтра", "tomorrow"}:
            days.append(today + timedelta(days=1))
        elif word in _WEEKDAYS:
            days.append(today + timedelta(days=(_WEEKDAYS[word] - today.weekday()) % 7))
        elif word in _WEEKEND:
            days += [today + timedelta(days=(weekday - today.weekday()) % 7) for weekday in (5, 6)]
        elif word.isdigit() and index + 1 < len(words):
            days += _dated(int(word), words[index + 1], today)
        elif word in _MONTHS_EN and index + 1 < len(words) and words[index + 1].isdigit():
            days += _dated(int(words[index + 1]), word, today)
    days += [
        found
        for match in re.finditer(r"\b(\d{1,2})\.(\d{1,2})\b", message)
        if (found := _coming(int(match[1]), int(match[2]), today))
    ]
    return list(dict.fromkeys(_in_a_range(message, today) or days or _as_spoken(message, today)))


def _in_a_range(message: str, today: date) -> list[date]:
    """«С 1 по 8 января»: each of the days, if they are few."""
    match = _RANGE.search(message.lower())
    if not match or not int(match[1]) < int(match[2]) <= int(match[1]) + _MOST_DAYS:
        return []
    month = lemmas(match[3])[0]
    return [day for number in range(int(match[1]), int(match[2]) + 1) for day in _dated(number, month, today)]


def asks_hours(message: str, today: date) -> bool:
    """Whether a message names a day and speaks of opening only: «в пн со скольки», «1 января?», “open now?”."""
    scanner = Scanner(message)
    named = False
    while read_days(scanner, today)[0]:
        named = True
    rest = [word for word in lemmas(scanner.text) if word not in STOPWORDS and word not in STOPWORDS_EN]
    named |= not _NOW.isdisjoint(lemmas(message)) and not _OPEN.isdisjoint(rest)
    return named and (_HOURS_WORDS | _NOW).issuperset(rest)


def _as_spoken(message: str, today: date) -> list[date]:
    """Days in words that the plain reading does not know: «второго января», «5-го», “January 5th”, «сёдня»."""
    scanner = Scanner(message)
    days: list[date] = []
    while found := read_days(scanner, today)[0]:
        days += found if len(found) < _WHOLE_WEEK else ()
    return [day for day in days if day - timedelta(days=7) not in days]


def _dated(day: int, month_word: str, today: date) -> list[date]:
    stems = [
        index for index, stem in enumerate(_MONTHS, 1) if re.fullmatch(rf"{stem}(ь|я|й|т|а)?", month_word)
    ]
    months = stems or [index for index, name in enumerate(_MONTHS_EN, 1) if name == month_word]
    return [found for month in months[:1] if (found := _coming(day, month, today))]


def _coming(day: int, month: int, today: date) -> date | None:
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None


def _day(day: date, today: date, salon: Salon, texts: Texts) -> str:
    name = texts.on_day(day, today)
    name = name[0].upper() + name[1:]
    interval = salon.hours.on(day)
    if interval is None:
        return texts.say("legend.hours_closed", day=name)
    if interval.is_all_day:
        return texts.say("legend.hours_all_day", day=name)
    return texts.say(
        "legend.hours_day", day=name, open=texts.clock(interval.open), close=texts.clock(interval.close)
    )


def _week(salon: Salon, texts: Texts) -> str:
    """The regular week, equal neighbouring days joined: «понедельник-пятница 09:00-21:00, …»."""
    groups: list[tuple[int, int, str]] = []
    for weekday in range(7):
        interval = salon.hours.week[weekday]
        times = _times(interval, texts)
        if groups and groups[-1][2] == times:
            groups[-1] = (groups[-1][0], weekday, times)
        else:
            groups.append((weekday, weekday, times))
    return ", ".join(
        f"{texts.weekday(first)}{f'–{texts.weekday(last)}' if last > first else ''} {times}"
        for first, last, times in groups
    )


def _exceptions(salon: Salon, texts: Texts, today: date) -> str:
    coming = sorted(
        (day, interval) for day, interval in salon.hours.exceptions.items() if 0 <= (day - today).days <= 60
    )
    return ", ".join(f"{texts.date(day)} — {_times(interval, texts)}" for day, interval in coming)


def _times(interval: Interval | None, texts: Texts) -> str:
    if interval is None:
        return texts.say("legend.day_closed")
    if interval.is_all_day:
        return texts.say("legend.all_day")
    return f"{texts.clock(interval.open)}–{texts.clock(interval.close)}"


def _now(question: Question, data: Data) -> str:
    hours_ = data.salon.hours
    if hours_.is_open(question.now):
        return question.texts.say("legend.open_now")
    opening = hours_.next_opening(question.now)
    following = question.texts.moment(opening.astimezone(data.salon.zone), question.now) if opening else "—"
    return question.texts.say("legend.closed_now", next=following)
