"""Where the words around make a name certain that alone may mean something else, or be no known name at all."""

import re
from collections.abc import Callable, Iterator

from chains.ordinary import ordinary_words
from chains.privacy.name_words import is_adjective, is_english_first_name, is_nominative_name, word_list
from chains.privacy.people_evidence import evident_names
from chains.privacy.words import NameToken, Words
from chains.text import STOPWORDS_EN, lemma

_MOST_PARTS = 3  # surname, first name, patronymic
_STOP = word_list("ru_stop")
_ROLES = word_list("ru_roles")
_SPEECH = word_list("ru_speech")
_NOT_ENGLISH = word_list("en_not_a_name")
_EN_SPEECH = frozenset("said told promised emailed texted phoned".split())
_EN_ACTIONS = word_list("en_actions")
_WORD = r"[^\W\d_]+(?:[-‐‑'’][^\W\d_]+)*"
# «Гусева моя фамилия», «Катя меня зовут»
_BEFORE_ITS_SIGN = re.compile(
    rf"(?<!\w)(?P<name>{_WORD})(?:\s?[,—–-]\s?|\s)(?:(?:это|вот)\s)?"
    r"(?:моя\sфамилия|фамилия\sмоя|мо[её]\sимя|имя\sмо[её]|меня\sзовут|зовут\sменя|меня\sзвать|"
    r"is\smy\s(?:last\s|first\s|sur)?name)\b",
    re.IGNORECASE,
)
_SELF = re.compile(rf"(?<!\w)(?:я|i['’]m|i\sam)\s(?P<name>{_WORD})(?=\s*(?:[,.!;)]|$))", re.IGNORECASE)
_CONTACT = (
    r"(?:\d{1,2}[./]\d{1,2}[./]\d{4}|"
    r"\+\s?\d|\(?0\d{2,4}\)?[\s\d]\d|[78][\s(\-]{1,2}\d{3}|[78]?9\d{9}|\(\d{3}\)|\d{3}[-.]\d{3}|[\w.+-]+@\w)"
)
_LABEL = (
    r"(?:(?:тел(?:ефон)?|моб|сот|"
    r"номер|почта|e-?mail|phone|tel|cell|дата рождения|паспорт|dob|d\.?р\.?|др)\b[.:]?\s?)?"
)
# «Ковалёв, 8 923 …»: the line of an address book.
_BEFORE_A_CONTACT = re.compile(
    rf"(?:^|[\n:;.!?(]\s?|\n)\s*(?P<name>{_WORD})(?P<more>\s{_WORD})?\s?[,:;—–\-]?\s?{_LABEL}(?={_CONTACT})",
    re.IGNORECASE,
)
# «8 923 700-00-22, Ковалёв»
_AFTER_A_CONTACT = re.compile(
    rf"(?:\d[\s()\-]{{0,2}}){{6,10}}\d[\s,;(—–\-]{{1,3}}(?:это\s|спросить\s|"
    rf"меня\sзовут\s)?(?P<name>{_WORD})(?=\s*(?:[,.!;)\n]|$))",
    re.IGNORECASE,
)
# A line of its own at the end is a signature.
_LAST_LINE = re.compile(rf",\s*\n\s*[-—–]?\s*(?P<name>{_WORD})\s*[.!]?\s*$")
# «Мельников, бронь на пятницу»: nobody begins with a genitive and a comma.
_SURNAME_FIRST = re.compile(r"^\W*(?P<name>[А-ЯЁ][а-яё]+(?:[оеё]в|енко|[иы]н|ск(?:ий|ая))),\s")
_WITH_ANOTHER = re.compile(r"(?:^|[.!?,\n]\s*)(?P<name>[A-Z][a-zé]{2,}) and (?P<other>[A-Z][a-zé]+)\b")
_SIGNATURE = re.compile(rf"(?:\n|[.!?]\s)\s*[-—–]?\s*(?P<name>{_WORD})\s*[.!]?\s*$", re.IGNORECASE)
_THROUGH = re.compile(
    rf"(?<!\w)(?P<name>{_WORD})\s(?:(?:из|с|от|from|in|at)\s(?:{_WORD}\s){{1,3}}?|(?:(?:ваш[аи]?|"
    rf"наш[аи]?|очень|мне|нам|вчера|сегодня|тоже|уже|сама?|давно|не|так|just|already|also)\s){{1,3}})?(?P<verb>{_WORD})",
    re.IGNORECASE,
)
_DEPARTMENT = re.compile(
    rf"(?<!\w)(?P<name>{_WORD})\s(?:(?:из|с)\s(?:(?:вашего|вашей|нашего|вашем|отдела)\s)?(?:отдел|"
    rf"сервис|бухгалтер|продаж|кредитн|салон|при[её]мк|ресепш|"
    r"кузовн|склад|автосалон|офис|техцентр|страхов|трейд)|(?:from|in|at)\s(?:the\s|your\s)?(?:sales|"
    r"service|parts|financ|accounting|leasing|"
    r"office|dealership|aftersales|after-sales|workshop|bodyshop|admin|customer|reception|warranty|"
    r"billing|support|marketing|used cars)\b)",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"(?:^|[.!?,\n]\s*)(?P<name>[^\W\d_]+(?:['’-][^\W\d_]+)?)\s(?:here|speaking)\b(?!\s(?:is|are|was)\b)",
    re.IGNORECASE,
)


def certain_names(words: Words, is_thing: Callable[[str], bool]) -> set[int]:
    """The places of words that are names by what stands around them; `is_thing` tells a folded word of a car's name."""
    found = set()
    for place in (*_candidates(words), *evident_names(words)):
        token = words[place]
        if not (
            is_thing(token.low) or token.low in _STOP or token.low in _ROLES or token.low in _NOT_ENGLISH
        ):
            found.add(place)
    return found


def _candidates(words: Words) -> Iterator[int]:
    text = words.text
    for match in _BEFORE_ITS_SIGN.finditer(text):
        if (place := words.at(match.start("name"))) is not None and _namely(words[place]):
            yield place
    for pattern in (_SELF, _SIGNATURE):
        for match in pattern.finditer(text):
            place = words.at(match.start("name"))
            if place is not None and _is_first(words[place]):
                yield place
    for pattern in (_BEFORE_A_CONTACT, _AFTER_A_CONTACT, _LAST_LINE):
        for match in pattern.finditer(text):
            place = words.at(match.start("name"))
            if place is not None and (_is_first(words[place]) or _is_written_like_a_name(words[place])):
                yield place
    for match in _DEPARTMENT.finditer(text):
        place = words.at(match.start("name"))
        if place is not None and (
            _is_first(words[place])
            or _is_written_like_a_name(words[place])
            or (words[place].begins and is_english_first_name(words[place].low))
        ):
            yield place
    for match in _THROUGH.finditer(text):
        place = words.at(match.start("name"))
        if place is not None and _speaks(words[place], match["verb"]):
            yield place
    for match in _HERE.finditer(text):
        place = words.at(match.start("name"))
        if place is not None and (
            _is_written_like_a_name(words[place]) or is_english_first_name(words[place].low)
        ):
            yield place
    for match in _SURNAME_FIRST.finditer(text):
        place = words.at(match.start("name"))
        if place is not None and words[place].name.surname and not words[place].name.place:
            yield place
    for match in _WITH_ANOTHER.finditer(text):
        place = words.at(match.start("name"))
        if (
            place is not None
            and is_english_first_name(match["other"])
            and _is_written_like_a_name(words[place])
        ):
            yield place


def _namely(token: NameToken) -> bool:
    return token.name.any and not token.name.verb


def _is_first(token: NameToken) -> bool:
    """A first name as one gives it: in the nominative, and no adjective («я светлая»)."""
    if not token.is_cyrillic:
        return token.capital and is_english_first_name(token.low)
    return token.name.first and is_nominative_name(token.low) and not is_adjective(token.low)


def _is_written_like_a_name(token: NameToken) -> bool:
    """A capitalised surname, or a capitalised word that no dictionary has."""
    name = token.name
    if not token.capital or len(token.text) < 3 or token.text.isupper() or name.verb or name.place:
        return False
    if not token.is_cyrillic:
        return token.low not in ordinary_words() and token.low not in STOPWORDS_EN
    return (name.surname and not name.ordinary) or not name.known


def _speaks(token: NameToken, verb: str) -> bool:
    """Who says or asks is somebody: «вера сказала», «Надежда из бухгалтерии обещала», “Grace from finance told”."""
    if token.is_cyrillic:
        return _is_first(token) and lemma(verb) in _SPEECH
    if not token.begins or not is_english_first_name(token.low):
        return token.begins and verb.lower() in _EN_SPEECH and _is_written_like_a_name(token)
    return verb.lower() in (_EN_ACTIONS if token.capital else _EN_SPEECH)


def may_be_surname(token: NameToken, parts: int) -> bool:
    """A capitalised word that no dictionary has as a name: «Волк Сергей Иванович», not «Клиент Иван Иванович»."""
    if not token.capital or token.name.verb:
        return False
    return not token.name.known or (parts == _MOST_PARTS and token.name.nominal and token.low not in _ROLES)


def with_dot(words: Words, end: int) -> int:
    """The end of the name; an initial keeps its full stop."""
    last = words[end - 1]
    return last.end + 1 if len(last.text) == 1 and words.text[last.end : last.end + 1] == "." else last.end
