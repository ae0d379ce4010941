"""Dates of birth: a date beside a word that says somebody was born."""

import re
from collections.abc import Iterator

from chains.privacy.spans import Span

_MONTHS = (
    r"(?:январ[яьюе]|феврал[яьюе]|март[ае]?|апрел[яьюе]|ма[йяею]|июн[яьюе]|июл[яьюе]|август[ае]?|"
    r"сентябр[яьюе]|октябр[яьюе]|"
    r"ноябр[яьюе]|декабр[яьюе]|янв\.?|февр?\.?|мар\.?|апр\.?|авг\.?|сент?\.?|окт\.?|нояб?\.?|дек\.?)"
)
_EN_MONTHS = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|"
    r"mar|apr|jun|"
    r"jul|aug|sept?|oct|nov|dec)\.?"
)
_YEAR = r"(?:19[1-9]\d|20[0-2]\d)"
_ORDINAL_DAYS = (
    r"(?:(?:двадцать\s|тридцать\s)?(?:перв|втор|трет|четв[её]рт|пят|шест|седьм|восьм|девят|десят|"
    r"одиннадцат|двенадцат|тринадцат|"
    r"четырнадцат|пятнадцат|шестнадцат|семнадцат|восемнадцат|девятнадцат|двадцат|тридцат)(?:ого|ьего|ое|ье))"
)
_SPELT_YEAR = (
    r"(?:(?:(?:тысяча\s)?девятьсот\s|две\s?тысячи\s|двухтысячн\w+\s?)?(?:пятьдесят|шестьдесят|семьдесят|"
    r"восемьдесят|девяносто|двадцать)?\s?"
    r"(?:перв|втор|трет|четв[её]рт|пят|шест|седьм|восьм|девят|десят|одиннадцат|двенадцат|двухтысячн|"
    r"девяност|восьмидесят|"
    r"семидесят|шестидесят|пятидесят)(?:ого|ьего))"
)
_DATES = (
    rf"(?P<date>\d{{1,2}}\s?[./\-]\s?\d{{1,2}}\s?[./\-]\s?(?:{_YEAR}|\d{{2}})(?!\d)|"
    rf"{_YEAR}[./\-]\d{{1,2}}[./\-]\d{{1,2}}(?!\d)"
    rf"|\d{{1,2}}(?:-?го|-?е)?\s{_MONTHS}(?:\s(?:{_SPELT_YEAR}|(?:{_YEAR}|\d{{2}}(?=\s?-?(?:г|й|го)))(?!\d)))?"
    rf"|{_ORDINAL_DAYS}\s{_MONTHS}(?:\s(?:{_YEAR}(?!\d)|{_SPELT_YEAR}))?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_EN_MONTHS}(?!\w)(?:,?\s{_YEAR}(?!\d))?"
    rf"|{_EN_MONTHS}\s\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,?\s{_YEAR}(?!\d))?"
    rf"|\d{{1,2}}\s\d{{1,2}}\s{_YEAR}(?!\d))"
)
_BORN = (
    r"(?:родил[аи]?с[ья]|рожд[её]н\w*|рождени\w+|\bд\.\s?р\.|\bдр\b|\bд/р\b|\bрод\.|\bдата\s+рожд\.?\w*|"
    r"\bднюх\w+|\bborn\b|date of birth|"
    r"birth\s?date|\bd\.?o\.?b\b\.?|\bbirthday\b|\bb-?day\b)"
)
_FORWARD = re.compile(rf"{_BORN}[^\d\n.!?]{{0,40}}?[.:]?[^\d\n.!?]{{0,12}}?(?<![\w.]){_DATES}", re.IGNORECASE)
_BACKWARD = re.compile(
    rf"(?<![\w.,\-]){_DATES}\s?(?:г(?:ода?)?\.?)?\s?[,\-—–(]?\s?(?:я\s|is\s|was\s|this is\s|это\s|my\s|"
    rf"мо[йяе]\s|у\s\w+\s|г\.\s?)*"
    rf"(?:рождени|родил|дата рожд|д\.\s?р\.|г\.\s?р\.|др\b|birth|dob\b|is when i was born|i was born)",
    re.IGNORECASE,
)
_YEAR_ONLY = re.compile(
    rf"(?<![\w.,\-])(?P<date>{_YEAR})\s?-?(?:го)?\s?(?:г\.?\s?р\.?(?!\w)|года?\s+рождения|г\.\s?рождения)"
    rf"|(?:родил[аи]?с[ья]\sв|год\w?\sрождения[\s:—–\-]*|born in|"
    rf"year of birth[\s:]*(?:is\s)?)\s?(?P<after>{_YEAR})(?!\d)(?![./\-]\d)",
    re.IGNORECASE,
)
_NOT_OF_A_PERSON = re.compile(
    r"(?:марк[аиу]|компани\w+|бренд\w*|автомобил\w*|модел\w+|салон\w*|фирм\w+|завод\w*|концерн\w*|"
    r"мотор\w*|company|brand|"
    r"\bcar\b|model|mercedes|маши[нау]+|праздник\w*)[^.!?\n]{0,40}$",
    re.IGNORECASE,
)
_CHILD = re.compile(r"(?:реб[её]н|сын|доч|внук|внуч|дет[ия]|son\b|daughter|child|kid|baby)", re.IGNORECASE)
_LAST_YEAR = 2012
"""Who was born later is a child, and spoken of as one; a car «2019 года рождения» is a joke about its age."""
_FIRST_YEAR = 1915
"""Nobody who asks today was born before; the people of a brand's history were."""


def find_birth_dates(text: str) -> Iterator[Span]:
    """The date after «родился», «дата рождения», «ДР», “born”, “DOB”, or before «года рождения»."""
    for pattern in (_FORWARD, _BACKWARD):
        for match in pattern.finditer(text):
            if not _NOT_OF_A_PERSON.search(text[max(0, match.start() - 60) : match.start()]):
                yield Span("birthdate", *_trimmed(text, *match.span("date")))
    for match in _YEAR_ONLY.finditer(text):
        group = "date" if match["date"] else "after"
        before = text[max(0, match.start() - 60) : match.start()]
        young = int(match[group]) > _LAST_YEAR and not _CHILD.search(before)
        if int(match[group]) >= _FIRST_YEAR and not young and not _NOT_OF_A_PERSON.search(before):
            yield Span("birthdate", *match.span(group))


_AFTER_A_NAME = re.compile(
    r"[\s,;(]{1,3}(?P<date>\d{1,2}[./\-]\d{1,2}[./\-](?:19[2-9]\d|200\d|201[0-2]))(?!\d)",
    re.IGNORECASE,
)


def birth_date_after(text: str, end: int) -> Span | None:
    """A date long past right after a person's name: «Иванов Иван Иванович, 12.03.1985»."""
    match = _AFTER_A_NAME.match(text, end)
    return Span("birthdate", *match.span("date")) if match else None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The date without spaces and a full stop that ends the sentence."""
    found = text[start:end]
    end -= len(found) - len(found.rstrip(" ,"))
    return start, end
