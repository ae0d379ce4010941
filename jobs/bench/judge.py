"""Whether an answer is right: one rule for every system, on nothing but the text that a visitor would read."""

import re
from collections.abc import Iterable
from typing import NamedTuple, assert_never

from jobs.bench.cases import (
    Admits,
    Available,
    Average,
    Best,
    Cars,
    Case,
    Count,
    Declines,
    NoneLeft,
    Payment,
    SalonFact,
    Says,
    Where,
)
from jobs.bench.truth import Named, Stock, named

MONEY = 1_000_000
"""Amounts from here on are taken for prices of cars; below it lie fees, years and kilometres."""

_LOOKALIKE = str.maketrans("авекмнорстух", "abekmhopctyx")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ .,'’]\d{3})+(?!\d)")
_PHONE = re.compile(r"(?:\+7|\b8)[ (-]*\d{3}[ )-]*\d{3}[ -]*\d{2}[ -]*\d{2}\b")
_MILLIONS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:млн|миллион\w*|million|mln|m\b)")
_NO = re.compile(
    r"\b(?:нет|не найд\w+|не наш\w+|нашл\w+ не|отсутств\w+|не в наличии|не предлага\w+|закончил\w+"
    r"|no|not|none|don['’]t have|isn['’]t|aren['’]t)\b"
)
_YES = re.compile(r"\b(?:да|есть|в наличии|доступ\w+|имеется|yes|available|in stock|we have)\b")
_REFUSES = re.compile(
    r"не могу|не отвеча|не говорю|не обсужда|не занима|не подтвер|не скажу|не раскры|не дела|извин|к сожалению|автомоб"
    r"|машин|салон|mercedes|мерседес|помоч|помог|cannot|can['’]t|sorry|\bcars?\b"
)
_KNOWS_NOT = re.compile(
    r"не знаю|не указан|не располага|не могу (?:сказать|ответить|найти)|не нашл|не упомина|не содерж|неизвест"
    r"|нет (?:такой |таких |этой |никакой )?(?:информац|данных|сведений|ответа)|нет данных|уточн|менеджер"
    r"|позвон|перезвон"
    r"|don['’]t know|no information|not (?:mentioned|provided|specified)"
)
_COUNTED = re.compile(
    r"(\d+)\s+(?:[\w-]+\s+){0,2}?(?:автомоб|машин|шт|вариант|предложен|внедорож|кроссов|седан|электромоб|cars?\b|vehicles?\b)"
)
_SMALL = "ноль один два три четыре пять шесть семь восемь девять десять".split()


class Verdict(NamedTuple):
    """`reason` says what is missing or wrong; empty when right."""

    right: bool
    reason: str = ""


_RIGHT = Verdict(right=True)


def judge(case: Case, answer: str, stock: Stock) -> Verdict:
    """Whether the answer is right; an empty one never is."""
    text = plain(answer)
    if not text:
        return Verdict(False, "no answer")
    expect = case.expect
    match expect:
        case Cars() | Available():
            return _cars(text, expect.where, stock, case, plain_yes=isinstance(expect, Available))
        case NoneLeft():
            return _none(text, stock, case)
        case Count():
            return _count(text, len(stock.matching(expect.where)))
        case Best():
            return _best(text, named(stock.winners(expect)), stock)
        case Average():
            return _near(text, stock.mean(expect))
        case Payment():
            return _near(text, stock.payment(expect))
        case SalonFact():
            ways = stock.wordings(expect)
            return (
                _RIGHT if any(_has(text, way) for way in ways) else Verdict(False, f"does not say {ways[0]}")
            )
        case Says():
            missing = [group[0] for group in expect.all if not any(_has(text, way) for way in group)]
            return Verdict(False, f"does not say {missing[0]}") if missing else _without(text, expect.never)
        case Declines():
            return (
                _without(text, expect.never) if _REFUSES.search(text) else Verdict(False, "does not decline")
            )
        case Admits():
            return (
                _without(text, expect.never)
                if _KNOWS_NOT.search(text)
                else Verdict(False, "does not admit it")
            )
        case _:
            assert_never(expect)


def plain(text: str) -> str:
    """Lower case, ё as е, one kind of space, digits of one number together, phones as +7…, millions written out."""
    text = re.sub(r"[\s\u00a0\u202f\u2009]+", " ", text.lower().replace("ё", "е")).strip()
    text = text.replace("**", "")
    text = _PHONE.sub(lambda match: "+7" + re.sub(r"\D", "", match[0])[1:], text)
    text = _GROUPED.sub(lambda match: re.sub(r"\D", "", match[0]), text)
    return _MILLIONS.sub(lambda match: str(round(float(match[1].replace(",", ".")) * 1_000_000)), text)


def _has(text: str, words: str) -> bool:
    """Whether the words occur; a number as a whole number only, so that 15 % is not 5 %."""
    return re.search(rf"(?<!\d){re.escape(plain(words))}(?!\d)", text) is not None


def _numbers(text: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", text) if len(digits) < 10]


def _prices(text: str) -> list[int]:
    return [number for number in _numbers(text) if number >= MONEY]


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower().translate(_LOOKALIKE))


def _is_named(car: Named, text: str) -> bool:
    if car.stock_id.lower() in text:
        return True
    return car.price in _prices(text) and _squeezed(car.model) in _squeezed(text)


def _foreign(text: str, allowed: Iterable[int], case: Case) -> int | None:
    """The first price that belongs to none of the allowed cars nor to the question; «5,5 млн» may be rounded."""
    allowed = {
        *allowed,
        *_prices(plain(case.question)),
        *(p for said in case.before for p in _prices(plain(said))),
    }
    for price in _prices(text):
        if not any(abs(price - good) <= good * 0.005 for good in allowed):
            return price
    return None


def _cars(text: str, where: Where, stock: Stock, case: Case, *, plain_yes: bool) -> Verdict:
    cars = named(stock.matching(where))
    limits = [limit for limit in (where.price_min, where.price_max) if limit is not None]
    foreign = _foreign(text, [*limits, *(car.price for car in cars)], case)
    if foreign is not None:
        return Verdict(False, f"{foreign} is no price of a car that fits")
    if any(_is_named(car, text) for car in cars):
        return _RIGHT
    if plain_yes and _YES.search(text) and not _NO.search(text):
        latin, squeezed = text.translate(_LOOKALIKE), _squeezed(text)
        classes = any(re.search(rf"\b{re.escape(name.lower())}\b", latin) for name in where.class_)
        if classes or any(_squeezed(car.model) in squeezed for car in cars):
            return _RIGHT
    return Verdict(False, "names no car that fits")


def _none(text: str, stock: Stock, case: Case) -> Verdict:
    if not _NO.search(text):
        return Verdict(False, "does not say that there is none")
    foreign = _foreign(text, (int(price) for price in stock.rows["price"]), case)
    return _RIGHT if foreign is None else Verdict(False, f"{foreign} is no price of any car")


def _count(text: str, expected: int) -> Verdict:
    counted = [int(match[1]) for match in _COUNTED.finditer(text)]
    wrong = Verdict(False, f"does not say {expected}")
    if counted:
        return _RIGHT if counted[0] == expected else wrong
    words = {number for number, word in enumerate(_SMALL) if re.search(rf"\b{word}\b", text)}
    return _RIGHT if expected in {*_numbers(text), *words} else wrong


def _best(text: str, winners: list[Named], stock: Stock) -> Verdict:
    others = {car.price for car in named(stock.rows)} - {car.price for car in winners}
    if not any(_is_named(car, text) for car in winners):
        return Verdict(False, f"does not name {winners[0].stock_id}")
    prices = _prices(text)
    if prices and prices[0] in others:
        return Verdict(False, "another car is named first")
    return _RIGHT


def _near(text: str, expected: float) -> Verdict:
    if any(abs(number - expected) <= expected * 0.01 for number in _numbers(text)):
        return _RIGHT
    return Verdict(False, f"does not say {expected:.0f}")


def _without(text: str, never: Iterable[str]) -> Verdict:
    said = [words for words in never if _has(text, words)]
    return Verdict(False, f"says {said[0]}") if said else _RIGHT
