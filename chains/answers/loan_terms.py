"""The loan a visitor has in mind: down payment, term and price in their own words.

«взнос 30 %», «при взносе 1,5 млн», «без первого взноса», "20% down", «на полтора года», "over 48 months",
«за 5 млн». Pure: text in, figures out; what the salon offers is compared with them elsewhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from chains.numerals import Word, words_of
from chains.phrasing import read_phrasing
from chains.quantities import Quantity, find_quantities

_REWRITTEN = (
    (re.compile(r"\s*(%|\bpct\b)"), " процентов "),
    (re.compile(r"\bпол(овин\w+)?[ -]?миллион\w*", re.IGNORECASE), "500 тысяч"),
    (re.compile(r"\bhalf a million\b", re.IGNORECASE), "500 thousand"),
    (re.compile(r"\b(a|one) year and a half\b", re.IGNORECASE), "18 months"),
    (re.compile(r"\bhalf a year\b", re.IGNORECASE), "6 months"),
    (re.compile(r"\bполгода\b|\bпол[- ]года\b", re.IGNORECASE), "6 месяцев"),
    (re.compile(r"\b(на|for|over) (год|a year)\b", re.IGNORECASE), r"\1 1 год"),
)
_COMMA_GROUPED = re.compile(
    r"(?<![\d.,])\d{1,3}(?:(?:,\d{3}){2,}|,\d{3}(?!\s*(?:млн|миллион|лям|mln|million|m\b)))(?!,?\d)",
    re.IGNORECASE,
)
_PERCENT = {"процент", "percent", "проц"}
_MONTH = frozenset("мес месяц месяца месяцев месяцам month months mo mos mth mths".split())
_YEAR = frozenset("год года лет году г летний year years yr yrs".split())
_MODEL_YEAR = frozenset("год года году г".split())
_FOR = frozenset("на for over срок сроком term".split())
_JOINERS = frozenset("и или либо and or до to по - – — ,".split())
_OF_AGE = frozenset(
    "старше моложе новее младше возраст возрастом стаж стажем гарантия гарантией than".split()
)
_AFTER_AGE = frozenset("old ago назад гарантии выпуска".split())
_MILLION = frozenset("миллион лям million mln млн".split())

_ANCHORS = frozenset("взнос аванс первоначалка пв внести вносить deposit upfront down downpayment".split())
_FIRST = frozenset("первый первоначальный начальный стартовый first initial".split())
_NO = frozenset("без без нулевой without no zero".split())
_BETWEEN_NO = _FIRST | frozenset("a any an money всякий какой-либо".split())
_AFTER_ANCHOR = frozenset(
    """
    в во размер сумма от около примерно порядка это быть составить составлять равный сразу уже мочь готовый
    - – — of is payment about a an the around with amount внести вносить платеж ₽ $ €
    """.split()
)
_BEFORE_ANCHOR = _FIRST | frozenset("на для как в качество a an the as for of money на сразу в cash".split())
_OF_A_PRICE = frozenset("за for at цена ценой цене стоимость стоимостью price costing".split())
_LIMITS = frozenset("до дороже более больше under below to most than".split())
_REST = frozenset("остальной остаток rest remainder".split())
_RATE_BEFORE = frozenset("под ставка rate interest at apr".split())
_RATE_AFTER = frozenset("годовой annual interest apr yearly rate".split())
_SHARES = {"половина": 50.0, "half": 50.0, "четверть": 25.0, "quarter": 25.0}
_WHOLE_SHARES = range(10, 100)
_BARE_MONEY_FROM = 1000
_MONTHLY_BELOW = 1_000_000
_UP_TO = re.compile(
    r"\b(до|не (больше|более|дороже|выше|свыше)|максимум|макс|в пределах|меньше|under|up to|at most|max|below"
    r"|no more than)"
    r"( чем| than)?$"
)
_A_MONTH = re.compile(r"(₽ |рублей |руб )?((в|per|a|each|every|за) (месяц|мес|month)|ежемесячно|monthly)")
_PAYMENT_BEFORE = re.compile(r"ежемесячн\w*|\bв месяц\b|\bплатеж\w*|monthly|a month|per month|payments?")
_ASKS_PAYMENT = re.compile(r"сколько (\w+ )?(лет|времени|месяцев)|за сколько|how long")
_MOST_YEARS, _SURELY_A_TERM = 100, 10
_GAP = 5
_LARGEST = 1e12
_MONEY_WORDS = 5


@dataclass(frozen=True)
class LoanTerms:
    """What a message says of a loan; None and () where it says nothing.

    `down_percent` or `down_money` (whole currency units) is the down payment, 0 for none at all; `months` the terms
    asked for, ascending; `price` a price named outright, not a limit like «до 5 млн»; `monthly` the most that is to
    be paid a month. `quantities` and `ordinal` are what remains of the message's amounts and of «первый» when the
    words of the loan are left out.
    """

    down_percent: float | None = None
    down_money: int | None = None
    months: tuple[int, ...] = ()
    price: int | None = None
    monthly: int | None = None
    quantities: tuple[Quantity, ...] = ()
    ordinal: int | None = None


class _Down(NamedTuple):
    """A down payment as a share in per cent or as money, standing in words[start:end]."""

    kind: Literal["share", "money"]
    value: float
    start: int
    end: int


def read_loan_terms(message: str, models: Sequence[str] = ()) -> LoanTerms:
    """Read the terms of a loan; the numbers of the `models` named («c 180») are none of its amounts.

    Never fails: what is not said is None.
    """
    words = _words(message)
    used = _numbers_of(models, words)
    months = _months(words, used)
    monthly = _monthly_budget(words, used)
    down = _down_payment(words, used)
    found = find_quantities(words, frozenset(used))
    return LoanTerms(
        down_percent=down.value if down and down.kind == "share" else None,
        down_money=round(down.value) if down and down.kind == "money" else None,
        months=tuple(sorted(set(months))),
        price=_named_price(words, used, found.used),
        monthly=monthly,
        quantities=found.quantities,
        ordinal=read_phrasing(words, frozenset(used))[0].ordinal,
    )


def _words(message: str) -> list[Word]:
    """The words with «%», «полгода» and «полмиллиона» spelt so that a number and a unit stand side by side."""
    message = _COMMA_GROUPED.sub(lambda match: match[0].replace(",", ""), message)
    for pattern, replacement in _REWRITTEN:
        message = pattern.sub(replacement, message)
    words: list[Word] = []
    for word in words_of(message):
        if word.lemma in _MILLION and (not words or words[-1].number is None):  # «взнос миллион»
            words.append(Word("1", "1", "1", 1.0))
        absurd = word.number is not None and word.number > _LARGEST
        words.append(replace(word, number=None) if absurd else word)
    return words


def _numbers_of(models: Sequence[str], words: Sequence[Word]) -> set[int]:
    """Where the digits of «C 180» stand, or of «гелик 63»."""
    tokens = {token for model in models for token in model.split()}
    places: set[int] = set()
    for token in filter(str.isdigit, tokens):
        standing = [index for index, word in enumerate(words) if word.text == token]
        places.update(
            [index for index in standing if index and words[index - 1].latin in tokens] or standing[:1]
        )
    return places


def _is(word: Word, forms: frozenset[str] | set[str]) -> bool:
    return word.text in forms or word.lemma in forms


def _months(words: Sequence[Word], used: set[int]) -> list[int]:
    """«на 36 месяцев», «на 3 года и 6 месяцев», «36 или 60 мес.», "a 5-year loan"; marks the words in `used`."""
    found: list[int] = []
    last_years: tuple[int, int] | None = None  # where «3 года» ended, and its index in `found`
    for index, word in enumerate(words):
        if word.number is None or index in used:
            continue
        unit = index + 1
        if unit + 1 < len(words) and words[unit].text == "-":
            unit += 1
        per_unit = _months_per_unit(words, index, unit)
        if per_unit == 0:
            continue
        numbers = [index, *_joined_before(words, index, used)]
        lengths = [round((words[position].number or 0) * per_unit) for position in numbers]
        used.update(range(min(numbers), unit + 1))
        used.update(
            position for position in (min(numbers) - 1,) if position >= 0 and _is(words[position], _FOR)
        )
        if per_unit == 1 and last_years and last_years[0] == index - 1 - _is_and(words, index - 1):
            found[last_years[1]] += lengths[0]
            continue
        found.extend(length for length in lengths if length > 0)
        if per_unit == 12 and found:
            last_years = (unit, len(found) - 1)
    return found


def _is_and(words: Sequence[Word], index: int) -> int:
    return int(words[index].text in {"и", "and"})


def _months_per_unit(words: Sequence[Word], index: int, unit: int) -> int:
    """1, 12, or 0 when the number at `index` with the unit is no term: a model year, an age, a guarantee."""
    value = words[index].number
    if unit >= len(words) or value is None:
        return 0
    before = words[max(0, index - 2) : index]
    after = words[unit + 1 : unit + 2]
    if any(_is(word, _OF_AGE) for word in before) or any(_is(word, _AFTER_AGE) for word in after):
        return 0
    name = words[unit]
    if _is(name, _MONTH):
        return 1
    if not (_is(name, _YEAR) or name.text.startswith("летн")) or value > _MOST_YEARS:
        return 0
    is_for = bool(before) and _is(before[-1], _FOR)
    short = value <= _SURELY_A_TERM and not words[index].text.startswith("0")
    return 12 if is_for or short or name.text not in _MODEL_YEAR else 0


def _joined_before(words: Sequence[Word], index: int, used: set[int]) -> list[int]:
    """The other numbers of «на 12, 24 или 36 месяцев»: back to the «на», or none if there is no such word."""
    numbers: list[int] = []
    position = index - 1
    while position >= 0 and position not in used:
        word = words[position]
        if word.number is not None:
            numbers.append(position)
        elif _is(word, _FOR) or word.text in {"от", "from"}:
            return numbers
        elif word.text not in _JOINERS:
            break
        position -= 1
    return []


def _monthly_budget(words: Sequence[Word], used: set[int]) -> int | None:
    """«до 50 тысяч в месяц», «платить 60 000 ежемесячно», «ежемесячный платёж не больше 40 тысяч»: the highest such
    amount; it is neither a price nor a down payment."""
    found: list[float] = []
    for start, value, end in _amounts_of_money(words, used):
        after = " ".join(word.text for word in words[end : end + 3])
        before = " ".join(word.text for word in words[max(0, start - 5) : start])
        limited = bool(_UP_TO.search(before))
        monthly_after = re.match(
            r"(₽ |рублей |руб )?((в|per|a|each|every|за) (месяц|мес|month)|ежемесячно|monthly)", after
        )
        monthly_before = _PAYMENT_BEFORE.search(before) and limited
        if (monthly_after and (value < _MONTHLY_BELOW or limited)) or (
            monthly_before and value < _MONTHLY_BELOW
        ):
            used.update(range(start, end))
            if not _ASKS_PAYMENT.search(" ".join(word.text for word in words)) or limited:
                found.append(value)
    return round(max(found)) if found else None


def _down_payment(words: Sequence[Word], used: set[int]) -> _Down | None:
    """The down payment, by the amount that stands nearest to a word for it; marks all its words in `used`."""
    anchors = [index for index in range(len(words)) if _is_anchor(words, index)]
    for anchor in anchors:
        position = anchor - 1
        while position >= 0 and _is(words[position], _FIRST):
            used.add(position)
            position -= 1
        used.add(anchor)
    for anchor in anchors:
        down = _none_at_all(words, anchor) or _amount_of(words, anchor, used)
        if down is not None:
            used.update(range(down.start, down.end))
            return down
    for start, value, end in _shares(words, used):
        used.update(range(start, end))
        if not _is_rate(words, start, end):
            return _Down("share", value, start, end)
    return _beside_the_rest(words, used)


def _beside_the_rest(words: Sequence[Word], used: set[int]) -> _Down | None:
    """«есть 2 млн, остальное в кредит»: what is not the rest is paid down."""
    if not any(_is(word, _REST) for word in words):
        return None
    for start, value, end in _amounts_of_money(words, used):
        if start == 0 or not _is(words[start - 1], _OF_A_PRICE | _LIMITS):
            used.update(range(start, end))
            return _Down("money", value, start, end)
    return None


def _is_anchor(words: Sequence[Word], index: int) -> bool:
    word = words[index]
    if word.text == "payment":
        return index > 0 and words[index - 1].text in _FIRST
    return _is(word, _ANCHORS) or word.text.startswith("первоначалк")


def _none_at_all(words: Sequence[Word], anchor: int) -> _Down | None:
    """«без первого взноса», «с нулевым взносом», "no money down"."""
    position = anchor - 1
    while position >= 0 and _is(words[position], _BETWEEN_NO):
        position -= 1
    return _Down("money", 0, position, anchor + 1) if position >= 0 and _is(words[position], _NO) else None


def _amount_of(words: Sequence[Word], anchor: int, used: set[int]) -> _Down | None:
    """The amount after the anchor, else the one before it; one behind a comma only if there is no other."""
    after, comma_after = _beside(words, anchor, 1, _AFTER_ANCHOR | _ANCHORS)
    before, comma_before = _beside(words, anchor, -1, _BEFORE_ANCHOR)
    following = _down_at(words, after, used)
    preceding = next(
        (
            down
            for start in range(max(0, before - _MONEY_WORDS), before + 1)
            if (down := _down_at(words, start, used, bare=False)) and down.end == before + 1
        ),
        None,
    )
    if preceding is not None and preceding.start > 0 and _is(words[preceding.start - 1], _OF_A_PRICE):
        preceding = None
    ranked = ((comma_after, following), (comma_before, preceding))
    return next((down for _, down in sorted(ranked, key=lambda pair: pair[0]) if down is not None), None)


def _beside(words: Sequence[Word], anchor: int, step: int, fillers: frozenset[str]) -> tuple[int, bool]:
    """The first word beside the anchor that is no filler, and whether a comma was passed on the way."""
    position, comma = anchor + step, False
    while 0 <= position < len(words) and abs(position - anchor) <= _GAP:
        comma = comma or words[position].text == ","
        if words[position].text != "," and not _is(words[position], fillers):
            break
        position += step
    return position, comma


def _down_at(words: Sequence[Word], start: int, used: set[int], *, bare: bool = True) -> _Down | None:
    """The share or the money that begins at `start`; a `bare` number counts by its size."""
    if not 0 <= start < len(words) or start in used:
        return None
    word = words[start]
    if _is(word, set(_SHARES)):
        return _Down("share", _SHARES.get(word.lemma) or _SHARES[word.text], start, start + 1)
    if word.number is None:
        return None
    if start + 1 < len(words) and _is(words[start + 1], _PERCENT):
        return _Down("share", word.number, start, start + 2)
    money = _money_at(words, start, used)
    if money is not None:
        return _Down("money", money[0], start, money[1])
    if not bare:
        return None
    if word.number == 0 or word.number >= _BARE_MONEY_FROM:
        return _Down("money", word.number, start, start + 1)
    return _Down("share", word.number, start, start + 1) if word.number in _WHOLE_SHARES else None


def _money_at(words: Sequence[Word], start: int, used: set[int]) -> tuple[float, int] | None:
    """The value of the longest amount of money that begins at `start`, and where it ends."""
    longest: tuple[float, int] | None = None
    for end in range(start + 1, min(start + _MONEY_WORDS, len(words)) + 1):
        if end - 1 in used:
            break
        found = find_quantities(list(words[start:end]))
        whole = found.used == frozenset(range(end - start)) and len(found.quantities) == 1
        if whole and found.quantities[0].kind == "price" and found.quantities[0].high is not None:
            longest = (found.quantities[0].high, end)
    return longest


def _amounts_of_money(words: Sequence[Word], used: set[int]) -> Iterator[tuple[int, float, int]]:
    """(start, value, end) of every single amount of money."""
    for start, word in enumerate(words):
        if word.number is not None and start not in used:
            money = _money_at(words, start, used)
            if money is not None:
                yield start, money[0], money[1]


def _shares(words: Sequence[Word], used: set[int]) -> Iterator[tuple[int, float, int]]:
    for start, word in enumerate(words[:-1]):
        if word.number is not None and start not in used and _is(words[start + 1], _PERCENT):
            yield start, word.number, start + 2


def _is_rate(words: Sequence[Word], start: int, end: int) -> bool:
    """«под 18 % годовых»: a rate of interest, not a down payment."""
    before, after = words[max(0, start - 2) : start], words[end : end + 2]
    return any(_is(word, _RATE_BEFORE) for word in before) or any(_is(word, _RATE_AFTER) for word in after)


def _named_price(words: Sequence[Word], used: set[int], in_amounts: frozenset[int]) -> int | None:
    """The first single amount of money that no «до» or «около» belongs to."""
    for start, value, _ in _amounts_of_money(words, used):
        limited = start - 1 in in_amounts and words[start - 1].number is None
        if start in in_amounts and not limited and value >= 1:
            return round(value)
    return None
