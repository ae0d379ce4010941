"""Where people live: street, house and flat, in Russian and in English."""

import re
from collections.abc import Iterator

from chains.privacy.spans import Span
from chains.text import is_place

_TYPE_BEFORE = (
    r"(?:ул(?:\.|иц[аеуыой]{1,2})|пр-?кт\.?|пр-т[аеу]?\.?|просп\.?|проспект\w{0,2}|пр\.|пер\.|переул\w+|"
    r"шоссе|ш\.|наб\.|набережн\w+|"
    r"бульвар\w{0,2}|б-р\w?\.?|бул\.|площад\w{1,3}|пл\.|проезд\w{0,2}|пр-д\w?|тупик\w{0,2}|аллея|аллее|"
    r"линия|микрорайон\w?|мкр\.?н?|"
    r"мкрн\.?|тракт\w{0,2}|квартал\w{0,2}|ул(?=\s))"
)
_TYPE_AFTER = (
    r"(?:улиц[аеуы]|ул\.?|проспект\w{0,2}|пр-?кт\w?|пр-т[аеу]?\.?|просп\.?|пр\.|переул\w+|пер\.|шоссе|"
    r"ш\.|набережн\w+|наб\.|"
    r"бульвар\w{0,2}|б-р\w?\.?|площад\w{1,3}|пл\.|проезд\w{0,2}|тупик\w{0,2}|аллея|аллее|тракт\w{0,2}|"
    r"линия|линии)"
)
_NAME_WORD = r"(?:\d{1,3}-?(?:[гойяаеыхмл]{1,3}\s)?\s?)?[«\"]?[^\W\d_][^\W\d_.]*(?:-[^\W\d_]+)*\.?[»\"]?"
_NAME = rf"(?:\d+-(?:го|й|я|ая|ой|ей)\s)?{_NAME_WORD}(?:\s{_NAME_WORD}){{0,3}}?"
_NUMBER = (
    r"\d{1,4}(?:\s?[/\-]\s?\d{1,4}){0,2}(?:\s?[«\"]?[а-яёА-ЯЁ][»\"]?(?![\w.]))?"
    r"(?:\s?[ксКС]\.?\s?\d{1,3}(?!\d))?(?!\d)"
)
_HOUSE = rf"(?:(?:д(?:ом[аеу]?)?\.?|вл(?:адение)?\.?|уч(?:асток)?\.?|№)\s?№?\s?)?{_NUMBER}"
_HOUSE_SURE = rf"(?:д(?:ом[аеу]?)?\.?|вл(?:адение)?\.?|участок)\s?№?\s?{_NUMBER}"
_SEP = r"(?:\s?[,;]\s?|\s+|\s?[.]\s?)"
_MORE = (
    rf"(?:{_SEP}(?:(?:к\.?\s?\d{{1,3}}(?!\w)|(?:корп(?:ус\w?)?|стр(?:оение)?|литер\w?|лит|подъезд\w?|"
    rf"под|п-д|этаж\w?|эт|"
    rf"пом(?:ещение)?|офис|оф|секция|блок)\.?\s?№?\s?"
    rf"(?:\d{{1,4}}[а-яА-Я]?(?!\w)|[А-Яа-я](?!\w))|(?:кв(?:артир[аеуы])?|"
    rf"комн?(?:ната)?)\.?\s?№?\s?\d{{1,5}}[а-яА-Я]?(?!\w))))*"
)
_CITY_TYPE = (
    r"(?:г(?:ор(?:од[аеу]?)?)?\.?|пос(?:[её]л(?:ок|к[аеу]))?\.?|"
    r"пгт\.?|с\.|сел[оае]|д\.|дер\.|деревн\w+|ст-?ца|станиц\w+|п\.|рп|снт|днп|жк)"
)
_PROPER = r"[А-ЯЁ][а-яё]+(?:-[А-Яа-яё]+)*(?:\s[А-ЯЁ][а-яё]+(?:-[А-Яа-яё]+)*)?"
_CITY = (
    rf"(?:(?:{_CITY_TYPE}\s?)(?:{_PROPER}|[а-яё]+(?:-[а-яё]+)*)(?:\s?,\s?|\s+)"
    rf"|(?:{_PROPER}\s(?:обл(?:асть|асти|\.)|край|края|р-н|район\w?)|[Рр]еспублика\s{_PROPER}|"
    rf"респ\.\s{_PROPER})(?:\s?,\s?|\s+)"
    rf"|{_PROPER}\s?,\s?|МО\s?,\s?|СПб\s?,\s?|Мск\s?,\s?)"
)
_INDEX = r"(?:\d{6}\s?,?\s?)?"
_LEAD = rf"{_INDEX}(?:(?<!\w){_CITY}){{0,3}}"
_STREET = rf"(?:(?<!\w){_TYPE_BEFORE}\s?{_NAME}|(?<!\w){_NAME_WORD}(?:\s{_NAME_WORD}){{0,2}}?\s{_TYPE_AFTER})"
_RUSSIAN = re.compile(rf"(?<!\w){_LEAD}{_STREET}{_SEP}{_HOUSE}{_MORE}(?!\w)", re.IGNORECASE)
# «в доме 5 на улице Зорге, квартира 18»
_HOUSE_FIRST = re.compile(
    rf"(?<!\w)дом[еау]?\s№?\s?{_NUMBER}\s(?:на|по)\s{_TYPE_BEFORE}\s{_NAME_WORD}(?:\s{_PROPER})?{_MORE}(?!\w)",
    re.IGNORECASE,
)
_VILLAGE = re.compile(
    rf"(?<!\w)(?:пос(?:[её]лок)?\.?|с\.|село|дер\.|деревня|станица|пгт\.?|хутор|снт|"
    rf"жк)\s{_PROPER}{_SEP}{_HOUSE_SURE}{_MORE}(?!\w)",
    re.IGNORECASE,
)
# «Казань, Баумана 10, кв 4»: no word says street, but a flat follows, or a house by its word.
_BARE = re.compile(
    rf"(?<!\w){_LEAD}(?<!\w){_PROPER}{_SEP}(?:{_HOUSE_SURE}{_MORE}|{_NUMBER}{_SEP}(?:корп\w*|"
    rf"кв\w*)\.?\s?№?\s?\d{{1,5}}{_MORE})(?!\w)"
)
_LIVES = (
    r"(?:жив[уеё]т?м?|проживаю|проживает|пропис\w+|зарегистрирован\w*|адрес\w*(?:\s+(?:доставки|"
    r"регистрации|прописки|такой|мой|у меня))*|"
    r"доставьте|привезите|довез\w+|заберите|забрать|подвезите|подайте|эвакуатор\w*|приезжайте|"
    r"приехать ко мне|обитаю|дом у меня|квартир\w+)"
)
_AFTER_CUE = re.compile(
    rf"(?<!\w){_LIVES}\s?[:—–\-]?\s?(?:(?:ко мне|меня|машину|авто|её|ее|его|мы|я|с женой|сейчас|это|"
    rf"пожалуйста)\s)*(?:(?:на|по|в|с|из|от|у|адресу|мой|:)\s)*"
    rf"(?P<found>{_LEAD}{_NAME_WORD}(?:\s{_NAME_WORD}){{0,2}}?{_SEP}{_HOUSE}{_MORE})(?!\w)",
    re.IGNORECASE,
)
_STREET_ONLY = re.compile(
    rf"(?<!\w){_LIVES}\s?:?\s?(?:(?:на|по|в|с|"
    rf"адресу)\s)*(?P<found>(?:{_CITY})?{_TYPE_BEFORE}\s?(?P<name>{_PROPER})|{_PROPER}\s{_TYPE_AFTER})(?!\w)",
)
# «дуси ковальчук 185 кв 12»: nothing is capitalised, but a house and a flat follow.
_LOWER = re.compile(
    rf"(?<!\w){_NAME_WORD}(?:\s{_NAME_WORD}){{0,2}}?{_SEP}(?:д(?:ом)?\.?\s?)?{_NUMBER}{_SEP}(?:(?:корп\w*|к|стр)\.?\s?\d{{1,3}}{_SEP})?"
    rf"(?:кв|квартир\w)\.?\s?№?\s?\d{{1,4}}(?!\w|\s?(?:м|к?в?т)\b)",
    re.IGNORECASE,
)
_FLAT_ONLY = re.compile(
    rf"(?<!\w){_HOUSE_SURE}{_SEP}(?:(?:корп\w*|к|стр)\.?\s?\d{{1,3}}{_SEP})?(?:кв|"
    rf"квартир\w)\.?\s?\d{{1,5}}(?!\w)",
    re.IGNORECASE,
)
# «шоссе 25 км», «пр. 100 000 руб»: what follows shows that the number is no house.
_NO_HOUSE = re.compile(
    r"\s?(?:км|километр|мин|руб|₽|тыс|млн|м\b|метр|час|год|г\.|лет|л\.?с|₽|%|[.:]\d|\d{3}|-?(?:го|й|я|"
    r"му)\b|январ|феврал|март|"
    r"апрел|ма[яй]\b|июн|июл|август|сентябр|октябр|ноябр|декабр)",
    re.IGNORECASE,
)
_NO_STREET = re.compile(
    r"\b(?:до|от|за|в|к|около|через|примерно|цена|класс\w*|год\w?|часов|часа|дн[яей]+|мест\w*|руб\w*|ли|"
    r"если|какой|какая|есть|машин\w*)\s*"
    r"(?:\d|$)|(?:19|20)\d\d$",
    re.IGNORECASE,
)

_EN_TYPE = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Place|Pl|Square|Sq|"
    r"Terrace|Close|"
    r"Crescent|Cres|Highway|Hwy|Gardens|Grove|Hill|Row|Mews|Parkway|Pkwy|Circle|Cir|Embankment|Prospekt|"
    r"Prospect|Alley|Trail)"
)
_EN_FLAT = r"(?:(?:apt|apartment|flat|unit|suite|ste|room|app?t)\.?\s?#?\s?\w{1,5}|#\s?\w{1,5})"
_EN_TAIL = (
    r"(?:,?\s[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)?"
    r"(?:,?\s(?:[A-Z]{2}(?:\s\d{5}(?:-\d{4})?)?(?!\w)|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|\d{5,6}))"
)
_POSTBOX = re.compile(
    rf"(?<!\w)(?:(?:P\.?\s?O\.?|Post Office)\s?Box|[аa]/[яy]|абонентский ящик)\s?№?\s?\d{{1,6}}{_EN_TAIL}?(?!\w)",
    re.IGNORECASE,
)
_EN_PART = rf"(?:,?\s{_EN_FLAT}(?!\w))"
_ENGLISH = re.compile(
    rf"(?<![\w.,\-])(?:(?i:{_EN_FLAT}),?\s)?\d{{1,5}}[A-Za-z]?(?:[/\-]\d{{1,3}})?,?\s(?:(?:[NSEW]|North|"
    rf"South|East|West|Old|New|St)\.?\s)?"
    rf"(?:[A-Z\d][\w'’]*\.?\s){{1,3}}{_EN_TYPE}\b\.?(?i:{_EN_PART})?{_EN_TAIL}?(?i:{_EN_PART})?(?:,\s[A-Z][a-z]+(?=[.,!?]|$))?"
)
_ENGLISH_LOWER = re.compile(
    rf"\b(?:live|living|address|deliver|located|pick\s\w+\sup|"
    rf"home)\b[^\d\n.!?]{{0,30}}?(?P<found>\d{{1,5}}[a-z]?\s(?:[a-z\d]['’\w]*\s){{1,3}}"
    rf"(?i:{_EN_TYPE})\b\.?(?i:{_EN_PART})?(?:,\s[a-z]+(?:\s[a-z]+)?(?=\s?(?:$|[.!?\n,])))?)",
    re.IGNORECASE,
)
_EN_RUSSIAN_STYLE = re.compile(
    rf"(?<!\w)\d{{1,3}}(?:st|nd|rd|th)\s{_EN_TYPE},?\s\d{{1,4}}[A-Za-z]?(?i:{_EN_PART})?(?!\w)|"
    rf"(?<!\w)(?:{_EN_TYPE}|[Uu]l\.|[Uu]litsa|[Pp]r\.|"
    rf"[Pp]er\.)\s(?:[A-Z][\w'’]*\s?){{1,3}},?\s?(?:bld\.?|building|house|d\.)?\s?\d{{1,4}}[A-Za-z]?{_EN_PART}?"
)


def find_addresses(text: str) -> Iterator[Span]:
    """Addresses with a house: from the town or the street to the flat. A street alone only where somebody lives."""
    for first in _HOUSE_FIRST.finditer(text):
        yield Span("address", first.start(), first.end())
    for pattern in (_RUSSIAN, _BARE, _VILLAGE):
        place = 0
        while match := pattern.search(text, place):
            start = _start(text, match.start(), match.end())
            if start is not None:
                yield Span("address", start, match.end())
                place = match.end()
            else:  # «на ул. 8 Марта, 12»: not with «8» as the house, but from the next word on
                place = match.start() + len(match.group().split()[0])
    for match in _AFTER_CUE.finditer(text):
        start, end = match.span("found")
        name = match["found"]
        if not _NO_HOUSE.match(text, end) and not _NO_STREET.search(re.sub(r"[\s,]*\d.*$", " 1", name)):
            yield Span("address", start, end)
    for match in _LOWER.finditer(text):
        start = _start(text, match.start(), match.end())
        if start is not None:
            yield Span("address", start, match.end())
    for match in _POSTBOX.finditer(text):
        yield Span("address", match.start(), match.end())
    for match in _STREET_ONLY.finditer(text):
        yield Span("address", *match.span("found"))
    for match in _FLAT_ONLY.finditer(text):
        yield Span("address", match.start(), match.end())
    for pattern in (_ENGLISH, _EN_RUSSIAN_STYLE):
        for match in pattern.finditer(text):
            yield Span("address", match.start(), match.end())
    for match in _ENGLISH_LOWER.finditer(text):
        yield Span("address", *match.span("found"))


_CITY_LEAD = re.compile(rf"{_INDEX}(?P<city>{_PROPER})\s?,\s?")
_NOT_STREET_WORDS = re.compile(
    r"^(?:(?:я|мы|на|по|в|с|из|от|у|ко?|за|до|и|а|но|вы|мой|моя|наш|адрес\w*|живу|жив[её]м|живет|это|"
    r"адресу|проживаю|для|доставк\w*|"
    r"привезите|доставьте|заберите|прописан\w*|зарегистрирован\w*|меня|сейчас|рядом|со|мне|вас|нас|где|"
    r"есть|как|ли|не|недалеко|около|"
    r"возле|пожалуйста|доставить|привезти|забрать|находится|офис|дом|пишите|можно|приезжайте|проехать|"
    r"доехать|еду|еще|ещё|тоже|салон\w*|"
    r"машин\w+|авто|прописк\w*|регистраци\w*|проживания|фактический|эвакуатор|отправьте|документы|письмо|договор|"
    r"курьер\w*|вышлите|по-прежнему|что|"
    r"метро|станци\w+|район\w*|тут|там|фио|имя|тел|телефон|паспорт\w*|ул|города|буду|будет|мама|жена|"
    r"муж|родители|постоянно|"
    r"прямо|собственно|улице\s(?=\w+\s(?:ул|пр)))[\s,:—–\-]+)+",
    re.IGNORECASE,
)


def _start(text: str, start: int, end: int) -> int | None:
    """Where the address begins, words before a street's name left out; None when it is none."""
    if _NO_HOUSE.match(text, end):
        return None
    while leading := _NOT_STREET_WORDS.match(text[start:end]):
        start += leading.end()
    lead = _CITY_LEAD.match(text, start, end)
    if (
        lead
        and not is_place(lead["city"].split()[0])
        and not lead["city"].endswith(("ск", "град", "бург", "во"))
    ):
        start = lead.end("city") + (
            len(text[lead.end("city") : end]) - len(text[lead.end("city") : end].lstrip(" ,"))
        )
    return start if re.search(r"[^\W\d_]{3}", text[start:end]) else None
