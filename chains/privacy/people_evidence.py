"""Where the words around make a name of one that is a word besides, is in no list, or stands in lower case."""

import re
from collections.abc import Iterator

from chains.ordinary import ordinary_words
from chains.privacy.name_words import is_english_first_name, is_vocative, names, word_list
from chains.privacy.words import NameToken, Words
from chains.text import STOPWORDS_EN

_ASKED_AFTER = word_list("en_asked_after")
_FAVOURS = word_list("en_favours")
_PLACES = word_list("en_places_and_things")
_WORD = r"[^\W\d_]+(?:[-‐‑'’][^\W\d_]+)*"
_ASKED = re.compile(
    rf"\b(?i:can|could|will|would|is|was|has|did|does|should)\s(?P<name>{_WORD})\s(?P<verb>{_WORD})"
)
_TOLD = re.compile(
    rf"\b(?P<verb>(?i:like|want|need|add|have|get|let|asked|ask|told|tell|insure|remind|contact|thank|"
    rf"phone|ring|call|email|"
    rf"text|meet|met|see|saw|know|knows|for))\s(?P<name>{_WORD})"
    r"\s(?:to|know|be|as|back|that|about|again|at|from|please|please[.!]|yesterday|today|tomorrow|on|"
    r"in|when|if|i|and|he|she|who|has|is)\b"
)
_TO_DO = re.compile(
    r"\sto\s(?:call|ring|phone|text|e-?mail|contact|come|speak|send|let|confirm|reply|get back)\b"
)
_SURELY_TOLD = frozenset("asked ask told tell insure remind thank met".split())
_PAIR = re.compile(rf"(?P<one>{_WORD})(?:,| and| &| or) (?P<two>{_WORD})(?P<next>\s{_WORD})?")
_AS_PEOPLE_DO = frozenset(
    "are were both will would have want wanted came come can could need like said told asked from".split()
)
_CALLED = re.compile(
    rf"^\W*(?P<name>{_WORD})\s?(?P<sign>[,?!]{{1,3}})\s(?:(?:you|your|u|are|r|did|can|could|any|have|"
    rf"what|when|where|how|please|"
    r"pls|it['’]?s|i|i['’]m|im|i['’]ve|thanks|thank|do|would|sorry|quick|just|the|my|is|still|we|if|"
    r"about|let|this)\b|\?)",
    re.IGNORECASE,
)
_HIS = re.compile(
    rf"(?P<name>{_WORD})['’]s (?:e-?mail|number|phone|mobile|voicemail|desk|manager|husband|wife|"
    rf"surname|name|details|"
    r"address|birthday|licen[cs]e|message|quote|offer|car|old|new|idea|advice|colleague|boss)\b"
)
_LEADS = re.compile(
    rf"^\W*(?P<name>{_WORD})\s(?P<more>{_WORD})\s?(?:[,:;–—-]|\s(?:is|was|will|has|wants|here|"
    rf"speaking|from|would|needs|for)\b)"
)
_LOWER = re.compile(
    rf"\b(?:and|with|by|met|hi|hey|for|ask|tell|told|via|thanks|cheers|called|seen|saw|can|did|is|has|"
    rf"was)\s(?P<name>{_WORD})"
)
_POSSESSIVE = re.compile(r"['’]s$")
# «Танюш, скинь фото», «привет, Кать!»
_VOCATIVE = re.compile(
    rf"(?:^\W*|(?:привет|здравствуй\w*|день|вечер|утро|спасибо|слушай|ну|а|,|"
    rf"[.!?]\s)\s?,?\s?)(?P<name>{_WORD})(?=\s?[,!?])",
    re.IGNORECASE,
)
# «толика можно к телефону?», «а можно толика?»
_WANTED = re.compile(
    rf"(?P<name>{_WORD})\s(?:можно\s)?(?:к\sтелефону|позовите|пригласите|можно\s(?:услышать|позвать|"
    rf"пригласить))"
    rf"|можно\s(?P<other>{_WORD})(?=\s?(?:\?|$|к\sтелефону|услышать|позвать|пригласить))",
    re.IGNORECASE,
)


# «Зайцев на связи», «Волков беспокоит»
_ON_THE_LINE = re.compile(
    rf"(?:^|[.!?,\n])\W*(?P<name>{_WORD})\s(?:(?:снова|опять|вас|вам|"
    rf"из\s\w+)\s){{0,2}}(?:на\s(?:связи|проводе|линии)|беспокоит|говорит|пишет|звонит)\b",
    re.IGNORECASE,
)
# «Злата моя дочь»
_KIN = re.compile(
    rf"(?:^|[.!?,\n])\W*(?P<name>{_WORD})\s?[-—–]?\s(?:это\s)?(?:мо[йя]|наша?|его|е[её])\s(?:[^\W\d]+\s)?(?:доч|сын|жен|муж|супруг|брат|сестр|"
    r"мам|пап|мать|отец|подруг|друг|тещ|тёщ|тест|зять|внук|внуч|дяд|тет|тёт|бабушк|дед|сват|свек|кум|коллег|начальни|партн|сосед|племянни|невест|жених)",
    re.IGNORECASE,
)
# «бронь на Низамова», «запишите к Волкову», «соедините с Валиевым»
_BOOKED = re.compile(
    r"\b(?i:брон|запи[шс]|оформ|договор|пропуск|заявк|сч[её]т|доверен|страховк|полис|птс|соедини|"
    r"переключи|встреч|визит|жалоб|благодарн)\w*\s"
    r"(?:[^\W\d]+\s){0,2}?(?:на|от|для|с|со|к)\s(?P<name>[А-ЯЁ][а-яё-]{3,})"
)
_SIGNED = re.compile(
    rf"\b(?i:best|regards|thanks|thank you|cheers|yours|ta|wishes|sincerely|thx|truly|"
    rf"faithfully)\s?[,!.\n—–-]{{1,2}}\s*"
    rf"(?P<name>{_WORD})(?:\s{_WORD})?\W*$"
)
_BEHALF = re.compile(
    rf"\b(?:to|by|for|with|under|from|keeper|owner|driver|buyer|of|"
    rf"name)\b:?\s(?P<name>{_WORD})\s(?P<more>{_WORD})"
)
_SURNAME_LINE = re.compile(rf"^\W*(?P<name>{_WORD})\s?[,:–—-]\s")


def evident_names(words: Words) -> Iterator[int]:
    """The places of words that are first names, or begin a name, by a set phrase around them."""
    text = words.text
    for match in (*_VOCATIVE.finditer(text), *_WANTED.finditer(text)):
        group = "name" if match["name"] else "other"
        place = words.at(match.start(group))
        if place is None or not words[place].is_cyrillic:
            continue
        token = words[place]
        called = is_vocative(token.text)
        if called or (token.name.first and match.re is _WANTED):
            yield place
    for match in (*_ON_THE_LINE.finditer(text), *_KIN.finditer(text)):
        place = words.at(match.start("name"))
        if (
            place is not None
            and words[place].is_cyrillic
            and (words[place].name.first or _is_surname(words[place]))
        ):
            yield place
    for match in _BOOKED.finditer(text):
        place = words.at(match.start("name"))
        if place is not None and _is_surname(words[place]):
            yield place
    if re.search("[A-Za-z]{2}", text):
        yield from _english(words)
        yield from _set_phrases(words)


def _is_surname(token: NameToken) -> bool:
    name = token.name
    return token.capital and name.surname and not name.place and not name.verb


def _set_phrases(words: Words) -> Iterator[int]:
    """Signatures, whose car it is, and the surname that opens a message, in English."""
    text = words.text
    if (match := _SIGNED.search(text)) and (place := _latin(words, match.start("name"))) is not None:
        token = words[place]
        if is_rare(token) or (token.capital and _is_given(token)) or _is_plain(token):
            yield place
    for match in _BEHALF.finditer(text):
        place, more = _latin(words, match.start("name")), _latin(words, match.start("more"))
        if place is None or more is None or words[more].low in _PLACES:
            continue
        if is_rare(words[place]) and is_rare(words[more]):
            yield place
    if match := _SURNAME_LINE.match(text):
        place = _latin(words, match.start("name"))
        if place is not None and is_rare(words[place]) and words[place].low in names().surnames:
            yield place


def _english(words: Words) -> Iterator[int]:
    text = words.text
    for match in _ASKED.finditer(text):
        if (place := _latin(words, match.start("name"))) is not None:
            token = words[place]
            verb = match["verb"].lower()
            if verb in _ASKED_AFTER and (
                (token.capital and _is_given(token))
                or _is_plain(token)
                or (verb in _FAVOURS and is_rare(token))
            ):
                yield place
    for match in _TOLD.finditer(text):
        if (place := _latin(words, match.start("name"))) is not None and words[place].capital:
            token = words[place]
            asked = match["verb"].lower() in _SURELY_TOLD or _TO_DO.match(text, match.end("name"))
            if _is_given(token) or (asked and is_rare(token)):
                yield place
    for match in _PAIR.finditer(text):
        yield from _pair(words, match)
    if (called := _CALLED.match(text)) and (place := _latin(words, called.start("name"))) is not None:
        token = words[place]
        given = _is_given(token) and token.low not in STOPWORDS_EN and (token.capital or _called_so(token))
        if given or (is_rare(token) and called["sign"] == ","):
            yield place
    for match in _HIS.finditer(text):
        if (place := _latin(words, match.start("name"))) is not None:
            token = words[place]
            if token.capital and is_english_first_name(_POSSESSIVE.sub("", token.low)):
                yield place
    if (leads := _LEADS.match(text)) and (place := _latin(words, leads.start("name"))) is not None:
        one, two = words[place], words[place + 1]
        known = _is_given(one) or one.low in names().surnames or two.low in names().surnames or _is_given(two)
        if known and _may_be_name(one) and _may_be_name(two):
            yield place
    for match in _LOWER.finditer(text):
        if (place := _latin(words, match.start("name"))) is not None and _is_plain(words[place]):
            yield place
    yield from _with_surname(words)


def _with_surname(words: Words) -> Iterator[int]:
    """“Xanthine Ackroyd”: a surname of the list after a capitalised word that no list has."""
    for place in range(len(words) - 1):
        one, two = words[place], words[place + 1]
        if one.is_cyrillic or two.low not in names().surnames or words.gap(place) != " ":
            continue
        if not one.begins and is_rare(one) and _may_be_name(two) and two.low not in names().not_english:
            yield place


def _pair(words: Words, match: re.Match[str]) -> Iterator[int]:
    """“Bill and Carol are coming”: of two joined names one may be a word besides."""
    places = [_latin(words, match.start(group)) for group in ("one", "two")]
    if places[0] is None or places[1] is None:
        return
    one, two = words[places[0]], words[places[1]]
    if not (one.capital and two.capital and _may_be_name(one) and _may_be_name(two)):
        return
    given = [_is_given(one), _is_given(two)]
    plain = [_is_plain(one), _is_plain(two)]
    acting = (match["next"] or "").strip().lower() in _AS_PEOPLE_DO
    if (any(plain) and (all(given) or is_rare(one) or is_rare(two))) or (all(given) and acting):
        yield places[0]
        yield places[1]


def _latin(words: Words, offset: int) -> int | None:
    place = words.at(offset)
    return None if place is None or words[place].is_cyrillic else place


def _is_given(token: NameToken) -> bool:
    """A first name, though it may be a word besides."""
    return is_english_first_name(_POSSESSIVE.sub("", token.low)) or (
        token.name.first and token.name.known and not token.name.ordinary
    )


def _called_so(token: NameToken) -> bool:
    """In lower case only what is hardly a word: “sam?”, and not “chase?”."""
    return token.low not in ordinary_words() and token.low not in names().not_english


def _is_plain(token: NameToken) -> bool:
    """A first name that is no word besides, whatever its case."""
    low = token.low
    if low not in names().english or low in names().english_ambiguous or low in names().places:
        return False
    return len(low) > 2 and low not in ordinary_words() and low not in names().not_english


def _may_be_name(token: NameToken) -> bool:
    """A capitalised word that is neither an everyday one nor a town."""
    low = _POSSESSIVE.sub("", token.low)
    if token.is_cyrillic or not token.capital or len(token.text) < 2 or token.text.isupper():
        return False
    if re.match("i['’]", low):
        return False
    if is_english_first_name(low):
        return True
    return not (
        low in ordinary_words() or low in names().not_english or low in STOPWORDS_EN or low in names().places
    )


def is_rare(token: NameToken) -> bool:
    """A capitalised word in Latin letters that no list has."""
    return _may_be_name(token) and not is_english_first_name(token.low) and len(token.text) > 2
