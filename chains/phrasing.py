"""How a question about cars is put: what is asked, in which order, pointing at which cars shown before.

«самая дешевая», «топ 3 по мощности», «сколько у вас», «а вторая», «а подешевле?», "the second one".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chains import units
from chains.numerals import Word
from chains.orders import (
    BY_FIGURES,
    EXTREME,
    LOW_MILEAGE,
    MOST,
    NEARLY_NEW,
    ORDERS,
    SUPERLATIVE_WORDS,
    read_order,
)
from chains.states import COMING, NEW, NEW_PHRASE, USED, USED_PHRASE, Condition, read_condition, read_statuses

_RELATIVE_TEXT = """
подешевле:cheaper дешевле:cheaper недорогой:cheaper cheaper:cheaper бюджетнее:cheaper доступнее:cheaper
подороже:dearer дороже:dearer поновее:newer новее:newer посвежее:newer свежее:newer newer:newer
постарше:older older:older помощнее:stronger мощнее:stronger faster:stronger побыстрее:stronger
попросторнее:more_seats побольше:more_seats еще:more другие:more другой:more остальные:more more:more
others:more another:more следующие:more далее:more next:more
"""
_RELATIVE = {key: value for key, _, value in (pair.partition(":") for pair in _RELATIVE_TEXT.split())}
_ORDINALS_TEXT = """
первый:0 второй:1 третий:2 четвертый:3 пятый:4 последний:-1 first:0 second:1 third:2 fourth:3 fifth:4
last:-1
"""
_ORDINALS = {key: int(value) for key, _, value in (pair.partition(":") for pair in _ORDINALS_TEXT.split())}
_COUNT = {"сколько", "количество", "many", "number", "count", "скока", "скок"}
_SOME = {"двойка": 2, "тройка": 3, "четверка": 4, "пятерка": 5, "парочка": 2}
_PRICE = {"стоить", "цена", "почем", "стоимость", "ценник", "прайс", "cost", "price", "much"}
_HAVE = {
    "есть",
    "иметься",
    "наличие",
    "have",
    "available",
    "stock",
    "найтись",
    "доступный",
    "бывать",
    "продаваться",
}
_DETAILS = frozenset(
    """
    подробно подробный характеристика комплектация опция оснащение details detail specs specification
    equipment options расход
    """.split()
)
_COMPARE = {"сравнить", "сравнение", "compare", "versus", "vs"}
_AVERAGE = {"средний", "average", "avg", "средня"}  # "what does it mean?" asks for no average
_ATTRIBUTE = re.compile(
    r"\bрасскаж\w+|tell me (more )?about|(какой|какая|какое)( у \w+)? (пробег|цвет|двигател|мотор|год|мощност|объем)"
    r"|сколько (у нее |у него |в нем |в ней )?(лошад|л\.с|сил\b|мест\b)|мощность (у|двигател)"
)
_MORE_ABOUT = re.compile(r"\bmore (?:about|details?|info\w*|on (?:it|this|that|the))\b|\bеще (?:о|об|про) \w")
"""More of one car, not more cars."""
_ANY_CAR = frozenset("машина машинка автомобиль авто тачка тачила car vehicle".split())
_ALL_CARS = re.compile(
    r"\bвсе,? (?:что )?(?:у вас )?(?:есть|имеется|в наличии)\b|\bвесь (?:ваш )?(?:ассортимент|модельный ряд|каталог)\b"
    r"|\beverything (?:you have|in stock|available)\b"
)
_POINTERS = {
    "она",
    "он",
    "оно",
    "этот",
    "эта",
    "ее",
    "его",
    "ней",
    "нем",
    "it",
    "that",
    "this",
    "one",
    "него",
    "нее",
    "такой",
}
_FILLERS = frozenset(
    """
    машина машинка автомобиль авто тачка тачила выпуск модель вариант car cars vehicle option показать show
    интересовать искать look looking подобрать найти find купить buy предложить посоветовать наличие год цена
    пробег mileage цвет color colour выбор посмотреть бюджет budget хотеться
    лошадь лошадка сила мощность объем начинаться start среди among
    тысяча салон кузов привод двигатель коробка мотор штука
    ассортимент продажа sale price give дать каковой any something что-то какой-нибудь что-нибудь нибудь ли
    нынче че чо скока скок любой разница anything номер снаружи внутри outside inside лучше штука тип
    between между около где-то just looking-for please plz pls спс спасибо thanks кстати срочно нынешний
    вообще-то типа короче блин слушать слышать интересно примерно максимум минимум кузове подскажи подскажите
    добрый день вечер утро доброе здрасте хай хеллоу hey здравствуй приветик приветствовать ребята
    посмотрите посоветуй посоветуйте подобрать подберите пжл пж плиз мб возможно наверное нибудь кое-что
    версия исполнение отметка пометка пройти комплект комплекте шли шел думать подумывать динамика
    бомба ракета бешеный дикий адский
    приобрести прикупить взять берем брать выбрать выбираю присматривать рассматривать рассмотреть заинтересовать
    имеется имеются остаться осталось продаете продаёте предлагаете предложите свой ваш
    тогда ладно значит окей хорошо then well still actually ll ve re
    возраст сумма список вывести имеющийся весь only только year sell selling мочь want need там кроме except
    besides чтоб чтобы самый тест мест место seat
    """.split()
)


@dataclass(frozen=True)
class Phrasing:
    """The way a message asks, apart from the constraints it names.

    `order` is a CarFilter order; `ordinal` an index into the cars shown last (-1 the last one); `follow_up` is
    true for messages that begin like a continuation («а …», "what about …"), `any_car` for those that speak of cars
    in general («самая дешевая машина»), which start a new search.
    """

    ask: Literal["list", "availability", "count", "price", "average", "details", "compare"] | None = None
    order: str | None = None
    superlative: bool = False
    limit: int | None = None
    condition: Condition | None = None
    statuses: tuple[str, ...] = ()
    relative: str | None = None
    ordinal: int | None = None
    points_back: bool = False
    follow_up: bool = False
    any_car: bool = False


def read_phrasing(words: Sequence[Word], taken: frozenset[int]) -> tuple[Phrasing, set[int]]:
    """Read how it is asked from the words not `taken` by names and amounts; also the words that this explains."""
    free = [(index, word) for index, word in enumerate(words) if index not in taken]
    lemmas = {word.lemma for _, word in free}
    texts = {word.text for _, word in free}
    line = " ".join(word.text for word in words)
    used: set[int] = {index for index, word in free if word.lemma in _FILLERS or word.text in _FILLERS}
    denied = _places(USED_PHRASE, words)  # «не новая» asks for no newest car
    order, superlative = read_order(words, [one for one in free if one[0] not in denied], line)
    newest = superlative and order in {"-year", "year"}
    condition = None
    if not NEARLY_NEW.search(line):
        condition = read_condition(words, line, taken, newest=newest)
    relative = next((_RELATIVE[word.text] for _, word in free if word.text in _RELATIVE), None)
    if relative == "more" and _MORE_ABOUT.search(line):
        relative = None
    vocabularies = (
        MOST,
        _COUNT,
        _PRICE,
        _HAVE,
        _DETAILS,
        _COMPARE,
        _AVERAGE,
        NEW,
        USED,
        _POINTERS,
        set(_ORDINALS),
        *(forms for _, forms in ORDERS),
    )
    used |= {
        index
        for pattern in (USED_PHRASE, NEW_PHRASE, COMING, LOW_MILEAGE, NEARLY_NEW)
        for index in _places(pattern, words)
    }
    for index, word in free:
        known = any(word.lemma in forms or word.text in forms for forms in vocabularies)
        if known or word.text in _RELATIVE or EXTREME.match(word.text):
            used.add(index)
    if superlative:
        used |= {index for index, word in free if word.number is not None or word.lemma in _SOME}
        used |= _places(BY_FIGURES, words)
    statuses, status_words = read_statuses(free, line)
    used |= status_words
    phrasing = Phrasing(
        ask=_ask(lemmas, texts, line),
        order=order,
        superlative=superlative,
        limit=_limit(words, line, taken),
        condition=condition,
        statuses=statuses,
        relative=None if superlative else relative,
        ordinal=None if superlative and order == "-year" else _ordinal(free, line),
        points_back=bool(texts & _POINTERS or lemmas & {"этот", "он", "она"}),
        any_car=bool(lemmas & _ANY_CAR or _ALL_CARS.search(line)),
        follow_up=bool(re.match(r"(а|и|ну а|тогда|and|what about|how about|then|а если|а есть)\b", line)),
    )
    return phrasing, used


def is_phrasing(word: Word) -> bool:
    """The word belongs to how a question is put, so it is no misspelt colour or body."""
    forms = (_FILLERS, MOST, _COUNT, _PRICE, _HAVE, _DETAILS, _COMPARE, _AVERAGE, NEW, USED, _POINTERS)
    orders = tuple(words for _, words in ORDERS)
    known = any(word.lemma in one or word.text in one for one in (*forms, *orders))
    return known or word.text in _RELATIVE or word.lemma in _ORDINALS


def _places(pattern: re.Pattern[str], words: Sequence[Word]) -> set[int]:
    """The words that a pattern covers in the line that they make."""
    line, starts = "", []
    for word in words:
        starts.append(len(line))
        line += f"{word.text} "
    return {
        index
        for match in pattern.finditer(line)
        for index, start in enumerate(starts)
        if match.start() <= start < match.end()
    }


def _ask(
    lemmas: set[str], texts: set[str], line: str
) -> Literal["list", "availability", "count", "price", "average", "details", "compare"] | None:
    if lemmas & _AVERAGE:
        return "average"
    if lemmas & _COMPARE:
        return "compare"
    if re.search(
        r"how much|(?:сколько|скока|скок) (она |он |это |будет |у вас )?сто[ия]|почем\b|\bсколько за\b", line
    ):
        return "price"
    if lemmas & _DETAILS or _ATTRIBUTE.search(line):
        return "details"
    if re.search(r"\bhow many\b|\b(?:сколько|скока|скок)\b|\bкол - во\b", line) or "количество" in lemmas:
        return "price" if lemmas & {"стоить", "цена"} else "count"
    if lemmas & (_PRICE - {"much"}) and not re.search(r"по цене|в цене|цен\w+ до", line):
        return "price"
    if lemmas & _HAVE or texts & _HAVE:
        return "availability"
    return None


_NAMED_BY_NUMBER = {"серия", "series", "класс", "class"}


def _is_most_of(words: Sequence[Word], index: int) -> bool:
    """«самые дешёвые 2 кабриолета»: the number after an order that is asked for."""
    order, number = words[index - 1], words[index]
    ordered = any(order.lemma in forms for _, forms in ORDERS)
    several = order.text.isascii() or order.text.endswith(("ые", "ие"))  # «самый мощный 7-местный» is one
    return (
        number.text.isdigit()
        and ordered
        and several
        # right before it: in «с самым маленьким пробегом новые 5-7 млн» the number is a price
        and any(
            {word.lemma, word.text} & (MOST | SUPERLATIVE_WORDS) for word in words[max(0, index - 2) : index]
        )
    )


def _limit(words: Sequence[Word], line: str, taken: frozenset[int]) -> int | None:
    match = re.search(r"\b(?:топ|top|первые|first)\s*-?\s*(\d+)\b", line)
    if match:
        return max(1, min(int(match[1]), 5))
    for index, word in enumerate(words[:-1]):
        # «самая дорогая 2.5 литра», «самая дешёвая 3 серии»
        measured = words[index + 1].text in units.MEASURES or words[index + 1].lemma in _NAMED_BY_NUMBER
        measured = measured or words[index + 1].text in {"-", "–", "—"}
        if index and not measured and (count := word.number) and _is_most_of(words, index):
            return max(1, min(int(count), 5))
        following = {words[index + 1].lemma, words[index + 1].text}
        count = _SOME.get(word.lemma, word.number)
        if index not in taken and count and 1 <= count <= 10 and following & (MOST | SUPERLATIVE_WORDS):
            return min(int(count), 5)
    if any(word.lemma in {"топ", "top"} for word in words):
        return next(
            (min(int(word.number), 5) for word in words if word.number and 1 <= word.number <= 10), None
        )
    return None


def _ordinal(free: Sequence[tuple[int, Word]], line: str) -> int | None:
    match = re.search(r"(?:№|номер|number)\s*(\d)\b", line)
    if match:
        return int(match[1]) - 1
    return next((_ORDINALS[word.lemma] for _, word in free if word.lemma in _ORDINALS), None)
