"""The order that a message asks for: «самый мощный», "the least expensive", «у какой мест больше всех»."""

import re
from collections.abc import Sequence

from chains.numerals import Word

ORDERS = (
    (
        "price",
        frozenset(
            "дешевый дешево недорогой доступный бюджетный cheap cheapest affordable inexpensive".split()
        ),
    ),
    ("-price", frozenset("дорогой дорого дорогущий expensive dear dearest priciest pricey".split())),
    (
        "-power",
        frozenset("мощный мощность сильный быстрый powerful power fast fastest strongest".split()),
    ),
    ("-year", frozenset("новый свежий новинка new newest latest recent".split())),
    ("year", frozenset("старый old oldest".split())),
    ("mileage", frozenset("пробег mileage".split())),
    ("-seats", frozenset("вместительный вместимый просторный местный roomy roomiest spacious".split())),
)
MOST = frozenset(
    """
    самый наиболее most least топ top max наименьший минимальный меньший маленький lowest smallest
    наибольший максимальный highest biggest best всего
    """.split()
)
SUPERLATIVE_WORDS = frozenset(
    """
    cheapest dearest priciest fastest strongest newest latest oldest roomiest дешевейший мощнейший новейший
    """.split()
)
EXTREME = re.compile("наимен|наибол|минимал|максимал|сам(?:ый|ая|ое|ые|ого|ой|ую|ому|ым|ых|ыми|ом)$")
LOW_MILEAGE = re.compile(
    r"(?:маленьк|небольш|мал)\w+ пробег\w*|low (?:mileage|miles)|low - mileage|малопробежн\w+"
)
NEARLY_NEW = re.compile(r"\b(?:почти|практически|как|almost|nearly|like) (?:нов\w+|new)\b")
_LEAST = re.compile(r"\bсам\w{2,3}\b|минимальн|наименьш|lowest|least|меньше всего|меньше всех")

_OF_ALL = r"(?:всех|всего)"
_DRIVEN = r"(?:накат|проех|прош[её]?л|пробеж|намот|наезд|езди)\w*"
_POWERS = r"(?:сил|лошад\w*|лошадок|мощност\w*|л\.?\s?с|horse ?power|horses|hp|power)"
_SEATS = r"(?:мест|seats)"
# What names both an order and that the first in it is meant; the first that matches wins.
_WHOLE = tuple(
    (order, re.compile(pattern))
    for order, pattern in (
        (
            "price",
            r"дешевле вс|(?:по )?возрастани\w* цен|сначала дешев|\bleast (?:expensive|costly|pricey)|наименее дорог"
            rf"|\bcosts? (?:the )?least|меньше {_OF_ALL} стоит|стоит меньше {_OF_ALL}|за (?:минимальн|наименьш)\w+ цен",
        ),
        (
            "-price",
            r"дороже вс|(?:по )?убывани\w* цен|сначала дорог|\bcosts? (?:the )?most"
            rf"|больше {_OF_ALL} стоит|стоит больше {_OF_ALL}",
        ),
        (
            "-mileage",
            rf"{_DRIVEN} (?:\w+ )?больше {_OF_ALL}|больше {_OF_ALL} (?:\w+ )?(?:{_DRIVEN}|пробег\w*)"
            rf"|пробег\w* (?:больше {_OF_ALL}|наибол\w+|максимал\w+)|самый большой пробег|most miles",
        ),
        (
            "mileage",
            rf"{_DRIVEN} (?:\w+ )?меньше {_OF_ALL}|меньше {_OF_ALL} (?:\w+ )?(?:{_DRIVEN}|пробег\w*)"
            rf"|пробег\w* (?:меньше {_OF_ALL}|наимен\w+|минимал\w+)|fewest (?:km|kilometres|kilometers|miles)"
            r"|least (?:driven|mileage|miles|km)",
        ),
        (
            "-power",
            r"мощнее вс|быстрее вс|сильнее вс"
            rf"|(?:больше {_OF_ALL}|\bmost|наибольш\w+|максимальн\w+|highest) {_POWERS}\b"
            rf"|\b{_POWERS} (?:больше|максимум) {_OF_ALL}",
        ),
        (
            "-seats",
            rf"(?:больше {_OF_ALL}|\bmost|(?:наибольш|максимальн)\w+ (?:числ|количеств)\w+) {_SEATS}\b"
            rf"|\b{_SEATS} больше {_OF_ALL}|вместительнее вс|просторнее вс",
        ),
        (
            "-year",
            r"(?:сам\w+|наиболее) (?:последн|свеж|поздн)\w+ (?:год|модельн|выпуск)\w*|новее вс|свежее вс"
            r"|(?:latest|newest) (?:model )?year",
        ),
        ("year", r"(?:сам\w+) (?:ранн|стар)\w+ (?:год|выпуск)\w*|старше вс|старее вс"),
    )
)
_SORTED_ONLY = re.compile(r"(?:по )?(?:возрастани|убывани)\w* цен|сначала (?:дешев|дорог)")
BY_FIGURES = re.compile(
    rf"\b(?:больше|меньше|дешевле|дороже) {_OF_ALL}\b|\b{_DRIVEN}\b|\b{_POWERS}(?!\w)|\bby {_POWERS}\b"
)
"""Words that only say what the best car is the best in."""
_TOP_BY = tuple(
    (order, re.compile(pattern))
    for order, pattern in (
        ("-power", rf"(?:по|by) {_POWERS}"),
        ("-seats", r"(?:по|by) (?:числу |количеству )?(?:местам|мест|seats)"),
        ("mileage", r"(?:по|by) (?:пробегу|mileage)"),
        ("-year", r"(?:по|by) (?:году|годам|новизне|свежести|year)"),
        ("-price", r"(?:по|by) (?:цене|стоимости|price)"),
    )
)


def read_order(words: Sequence[Word], free: Sequence[tuple[int, Word]], line: str) -> tuple[str | None, bool]:
    """The CarFilter order asked for, and whether it is a superlative («самый мощный»), not a mere wish («мощный»).

    Args:
        free: the words, with their positions, that names and amounts have left.
        line: all words in one line.
    """
    superlative = any(
        word.lemma in MOST or word.text in MOST or word.text in SUPERLATIVE_WORDS or EXTREME.match(word.text)
        for _, word in free
    )
    if (LOW_MILEAGE.search(line) or NEARLY_NEW.search(line)) and not _LEAST.search(line):
        return "mileage", False
    whole = next((order for order, pattern in _WHOLE if pattern.search(line)), None)
    if whole:
        return whole, superlative or not _SORTED_ONLY.search(line)
    named = [
        (_bound(words, index), order, word)
        for order, forms in ORDERS
        for index, word in free
        if (word.lemma in forms or word.text in forms)
        and (superlative or order not in {"-year", "year", "mileage", "-seats"})
        and (superlative or order != "-power" or word.lemma not in {"мощность", "power"})
    ]
    if named:
        order = min(named, key=lambda one: one[0])[1]
        reverse = order == "mileage" and re.search(
            r"(?:больш|максимал)\w* пробег|highest mileage|most miles", line
        )
        return (f"-{order}" if reverse else order), superlative
    if superlative and (by := next((order for order, pattern in _TOP_BY if pattern.search(line)), None)):
        return by, True
    if superlative and re.search(r"\bцен|стоимост|price|cost", line):
        return ("-price" if re.search(r"наибол|максимал|высок|highest", line) else "price"), True
    return None, False


_UNBOUND = 9


def _bound(words: Sequence[Word], index: int) -> int:
    """How near «самый» stands before this word: 0 where the word says it itself, 1 right before, 2 with one word
    between («самый маленький пробег»)."""
    if words[index].text in SUPERLATIVE_WORDS:
        return 0
    near = [word for word in words[max(0, index - 2) : index] if word.text not in {"по", "с", "by"}]
    if any(word.text == "," for word in near):
        near = near[-1:] if near[-1].text != "," else []
    for distance, word in enumerate(reversed(near), 1):
        if word.lemma in MOST or word.text in MOST or EXTREME.match(word.text):
            return distance
    return _UNBOUND
