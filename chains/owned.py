"""The visitor's own car in a message: «раньше была Тойота», «сейчас езжу на C 180», "I used to drive a BMW".

What is said of it is no wish for a car of the salon. Pure: text in, places out.
"""

import re
from collections.abc import Callable

_CLAUSE = re.compile(r"[^.,;!?\n]+?(?=[.,;!?\n]|\s+[-–—]\s|\s+(?:но|а|but|and|now)\s|$)", re.IGNORECASE)
_OWNED = re.compile(
    r"\b(?:езжу|ездим|езди[лт]\w*|катал(?:ся|ась|ись)|пересаживаюсь|пересаживаемся|пересе(?:ли|л|ла|сть)|"
    r"раньше был\w*|был[аио]? раньше|раньше (?:\w+ )?был\w*|прежн(?:яя|ий|ей)|"
    r"у (?:меня|нас|жены|мужа|сына|дочери) (?:сейчас|пока|был[аио]?|раньше|уже есть)|"
    r"сейчас у (?:меня|нас)|(?:продал[аи]?|продали|разбил[аи]?|надоел[аи]?) (?:сво\w+ )?|"
    r"used to (?:have|drive|own)|(?:i|we) (?:currently )?(?:drive|drove|owned|had)|driving an?|"
    r"my (?:current|old|last|previous)(?: car)?|i sold)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:вопрос\w*|сколько|поч[её]м|цен\w*|хо(?:чу|тим|тел\w*)|ищ\w+|интерес\w+|сравн\w*|лучше|посмотрел\w*|смотрел\w*|"
    r"в наличии|на сайте|how much|price|want|look\w*|compare|better)\b",
    re.IGNORECASE,
)


_HAVE = re.compile(
    r"\s*(?:а |и )?(?:у (?:меня|нас|жены|мужа)|i(?: ha|')ve|we(?: ha|')ve|my)\b", re.IGNORECASE
)


def tells_of_own_car(text: str) -> bool:
    """«у меня C 180 2018 года» begins a message on it and asks for none."""
    return "?" not in text and bool(_OWNED.search(text) or _HAVE.match(text)) and not _ASKS.search(text)


def clauses_of_own_car(message: str, names_a_car: Callable[[str], bool]) -> list[tuple[int, int]]:
    """Where clauses stand that tell of a car the visitor has or had.

    Args:
        names_a_car: whether a clause names a make, class or model.
    """
    return [
        clause.span()
        for clause in _CLAUSE.finditer(message)
        if _OWNED.search(clause[0]) and not _ASKS.search(clause[0]) and names_a_car(clause[0])
    ]
