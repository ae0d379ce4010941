"""E-mail addresses, written or said: «иван собака почта точка ру», "name at mail dot ru", «ivan @ mail . ru»."""

import re
from collections.abc import Iterator

from chains.privacy.spans import Span

_WRITTEN = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")

_AT_SIGN = r"\s?@\s?|\s?[(\[{<]\s?(?:at|собак\w{1,3}|эт|ат|sobaka|a|dog)\s?[)\]}>]\s?"
_AT_WORD = r"\s?[(«\"]?(?:собак[аоу]й?|собачк[аоу]й?|псин[ао]й?|sobaka|\bэт\b)[)»\"]?\s?"
_AT_ENGLISH = r"\s(?:at|эт|ат)\s"
# Every word is matched in one way only and labels give nothing back: else a message of «собака точка» takes minutes.
_DOT_WORD = r"(?>\s?[(\[{]\s?(?:dot|точка|тчк)\s?[)\]}]\s?|\s(?:точк[уао]й?|тчк|dot|тошка)\s)"
_DOT = rf"(?>{_DOT_WORD}|\s?\.\s?)"
_DASH = (
    r"(?:\s(?:дефис|тире|минус|dash|hyphen|нижн\w+ подч[её]рк\w+|"
    r"подч[её]рк\w+(?: нижн\w+)?|андерскор|underscore)\s)"
)
_LABEL = r"[^\W_]++(?:[_+\-]++[^\W_]++)*+"
# Number words that may end the part before the sign: «иван восемьдесят пять собака …».
_NUMERAL = (
    r"(?:ноль|один|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|\w+надцать|двадцать|тридцать|"
    r"сорок|\w+десят|"
    r"девяносто|сто|двести|триста|\d+)"
)
_LOCAL = (
    rf"(?<![\w.+\-@]){_LABEL}(?:(?:{_DASH}|{_DOT_WORD}|\.){_LABEL})*"
    rf"(?:\s{_NUMERAL}(?!\w)){{0,4}}(?:[._\-]{_LABEL})*"
)
_END = (
    r"(?:ру|ком|нет|орг|рф|рус|com|ru|net|org|рф|su|by|kz|ua|de|uk|info|biz|me|io|pro|online|example|"
    r"test|дот|инфо|"
    r"гмайл|co|eu|us|edu|gov|москва|бай|кз|кей зет|invalid|local|tech|dev|app|site|store|club|top|xyz)"
)
_LAST = rf"{_END}(?![\w@])"
_ANY_LAST = (
    rf"(?:{_END}|[a-z]{{2}})(?![\w@])"  # where the sign itself is certain, any country's ending will do
)
_SIGNED = re.compile(
    rf"{_LOCAL}(?:{_AT_SIGN}){_LABEL}(?:{_DOT}{_LABEL}){{0,3}}?{_DOT}{_ANY_LAST}", re.IGNORECASE
)
_SAID = re.compile(rf"{_LOCAL}(?:{_AT_WORD}){_LABEL}(?:{_DOT}{_LABEL}){{0,3}}?{_DOT}{_LAST}", re.IGNORECASE)
# «иван собака яндекс ру»: of well-known hosts the full stop is left out, or a comma typed for it.
_HOSTS = (
    r"(?:яндекс|мейл|мэйл|маил|джимейл|гмейл|гмайл|жмейл|рамблер|инбокс|лист|бк|аутлук|хотмейл|айклауд|"
    r"yandex|ya|mail|gmail|rambler|inbox|list|bk|outlook|hotmail|icloud|yahoo|proton)"
)
_SHORT = re.compile(
    rf"{_LOCAL}(?:(?:{_AT_SIGN}|{_AT_WORD}){_HOSTS}[\s,]{{1,2}}(?:ру|ком|ru|com)|@[\w\-]+,(?:ru|com|рф))(?![\w@])",
    re.IGNORECASE,
)
_SAID_IN_ENGLISH = re.compile(
    rf"{_LOCAL}(?:{_AT_ENGLISH}){_LABEL}(?:{_DOT_WORD}{_LABEL}){{0,3}}?{_DOT_WORD}{_ANY_LAST}", re.IGNORECASE
)
_HAS_SIGN = re.compile(
    r"[@]|собак|собач|sobaka|псин|\bat\b|эт\b|ат\b|\bdog\b|[(\[{<]\s?a\s?[)\]}>]", re.IGNORECASE
)
_LONGEST = 160  # characters around the sign in which an address that is said is looked for


def find_emails(text: str) -> Iterator[Span]:
    """Addresses as written, in any alphabet, and those that are spelt out or broken up by spaces and brackets."""
    for match in _WRITTEN.finditer(text):
        yield Span("email", match.start(), match.end())
    done = 0
    for sign in _HAS_SIGN.finditer(text):
        if sign.start() < done:
            continue
        start = max(done, sign.start() - _LONGEST // 2)
        window = text[start : sign.end() + _LONGEST]
        for pattern in (_SIGNED, _SAID, _SHORT, _SAID_IN_ENGLISH):
            for match in pattern.finditer(window):
                yield Span("email", *_trimmed(window, match.start(), match.end(), start))
                done = max(done, start + match.end())


_LEADING = re.compile(
    r"(?:(?:моя|мой|моё|мое|на|это|is|my|me|e-?mail|емейл|имейл|мейл|мыло|почта|почту|адрес|пишите|at|"
    r"to|почте|адресу)\s+)+",
    re.IGNORECASE,
)


def _trimmed(window: str, start: int, end: int, offset: int) -> tuple[int, int]:
    """The span without words that only lead to the address."""
    leading = _LEADING.match(window, start, end)
    return offset + (leading.end() if leading else start), offset + end
