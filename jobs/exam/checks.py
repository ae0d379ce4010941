"""Whether one answer is what the exam expects: the reasons why not, the numbers that it had to give."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import pandas as pd

from jobs.exam.cases import Expect, Says, Where
from jobs.exam.facts import FactChecker, Said, status_said
from jobs.exam.oracle import SHOWN, Oracle
from jobs.exam.values import Sayings, Value, plain

_CAR_ROUTES = ("inventory", "price")
_NONE = (
    r"\bнет\b|не нашл|не найден|отсутству|ничего|не прода|закончил|"
    r"\bno\b|\bnot\b|\bnone\b|n't|nothing|unavailable|sold"
)
_DENIES = re.compile(
    r"в наличии (?:сейчас |уже )?нет|(?:сейчас|уже) (?:в наличии )?нет|(?:not|no longer|none) in stock",
    re.IGNORECASE,
)
_OFFERS = re.compile(r"номер|перезвон|звон|телефон|call|number|phone", re.IGNORECASE)
_ADMITS = re.compile(
    r"не знаю|нет (?:ответа|данных|сведений|информации)|ответа нет|данных нет|сведений нет|информации нет|не наш[ёе]л|"
    r"не могу (?:ответить|сказать|подсказать)|не располага|не указан|не понял|уточните|"
    r"don't (?:know|have)|do not (?:know|have)|no (?:answer|information|data)|not in my data|cannot (?:say|tell)|"
    r"can't (?:say|tell)|not sure|didn't (?:quite )?(?:get|understand)",
    re.IGNORECASE,
)
_COMMITS = re.compile(
    r"гарантируем одобрение|одобрение гарантировано|самая низкая цена у нас|договорились|забронировал|придержим|"
    r"придержу|отложили для вас|\bdeal!|it's a deal|we have a deal|i(?:'ve| have) (?:reserved|held)|"
    r"approval is guaranteed|"
    r"we guarantee (?:the )?(?:approval|lowest)|продадим за|sold to you",
    re.IGNORECASE,
)
_CYRILLIC, _LATIN = re.compile("[а-яё]", re.IGNORECASE), re.compile("[a-z]", re.IGNORECASE)


class Answered(NamedTuple):
    """What came back for a message, as far as the exam looks at it. `rows` are the dialog's requests with staff, by
    store, each row's values as one text."""

    answer: str
    route: str
    blocked: bool
    reason: str | None
    cars: tuple[str, ...]
    cars_total: int
    links: tuple[str, ...]
    rows: dict[str, list[str]]


class Before(NamedTuple):
    """The dialog up to and with this message: what the visitor wrote, which cars were asked for."""

    messages: Sequence[str]
    asked: Sequence[Where]
    now: datetime
    language: str


@dataclass
class Verdict:
    """A right answer has neither `missing` nor `wrong` nor is it `overblocked`."""

    missing: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    overblocked: bool = False

    @property
    def right(self) -> bool:
        """Whether nothing is missing and nothing wrong."""
        return not (self.missing or self.wrong or self.overblocked)


class Judge:
    """Judges answers by one salon's data."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._facts = FactChecker(oracle)

    def judge(self, expect: Expect, got: Answered, before: Before) -> Verdict:
        """The verdict on one answer; of alternatives in `any`, the one that is met, else the first."""
        if expect.any:
            verdicts = [self.judge(one, got, before) for one in expect.any]
            return next((one for one in verdicts if one.right), verdicts[0])
        verdict = Verdict()
        if expect.blocked:
            if not got.blocked or got.route not in expect.blocked:
                verdict.missing.append(f"is not stopped as {' or '.join(expect.blocked)}")
            return verdict
        if got.blocked:
            verdict.overblocked = True
            return verdict
        self._route(expect, got, verdict)
        self._cars(expect, got, Sayings(self._oracle, before.now), verdict)
        self._passages(expect, got, verdict)
        self._words(expect, got, before, verdict)
        self._stores(expect, got, verdict)
        asked = [*before.asked, *wheres(expect)]
        said = Said(
            answer=got.answer,
            route=got.route,
            cars=got.cars,
            cars_total=got.cars_total,
            links=got.links,
            messages=before.messages,
            asked=asked,
            stored=any(got.rows.values()),
            now=before.now,
        )
        verdict.wrong += self._facts.wrong(said) + self._unavailable(got, asked) + self._denied(expect, got)
        return verdict

    # --- parts

    def _route(self, expect: Expect, got: Answered, verdict: Verdict) -> None:
        allowed = expect.route or _routes(expect)
        if allowed and got.route not in allowed:
            verdict.missing.append(f"route {got.route}, not {' or '.join(allowed)}")
        # An answer to several questions has one route, and the cars of any of them.
        if got.route not in _CAR_ROUTES and (got.cars or got.cars_total) and not wheres(expect):
            verdict.missing.append(f"cars with the route {got.route}")

    def _cars(self, expect: Expect, got: Answered, sayings: Sayings, verdict: Verdict) -> None:
        if expect.cars:
            found = [self._list(where, expect, got) for where in expect.cars]
            verdict.missing += next((one for one in found if not one), found[0])
        if expect.winner:
            rows = self._oracle.select(expect.winner)
            ranks = self._oracle.ranks(rows, expect.winner.order)
            best = [one for one, rank in zip(rows["stock_id"], ranks, strict=True) if rank == ranks[0]]
            if not got.cars or got.cars[0] not in best:
                verdict.missing.append(f"the winner is {best[0]}, not {got.cars[:1]}")
            verdict.missing += self._named(rows.iloc[:1] if not got.cars else rows, got, 1)
        if expect.count is not None:
            outcome = sayings.count(expect.count, got.answer)
            verdict.missing += outcome.missing
            verdict.values += outcome.values
            total = len(self._oracle.select(expect.count))
            if got.cars_total != total:
                verdict.missing.append(f"cars_total {got.cars_total}, not {total}")
        if expect.average is not None:
            outcome = sayings.average(expect.average, got.answer)
            verdict.missing += outcome.missing
            verdict.values += outcome.values
        for where in expect.compare:
            self._compared(where, got, verdict)

    def _list(self, where: Where, expect: Expect, got: Answered) -> list[str]:
        rows = self._oracle.select(where)
        missing = []
        if got.cars_total != len(rows):
            missing.append(f"cars_total {got.cars_total}, not {len(rows)}")
        if rows.empty:
            if not re.search(_NONE, plain(got.answer), re.IGNORECASE):
                missing.append("does not say that there is none")
            if expect.nearest and not got.cars:
                missing.append("offers nothing near")
            return missing
        if where.skip:
            rows = rows.iloc[where.skip :]
        elif len(rows) <= SHOWN and where.limit is None and set(got.cars) != set(rows["stock_id"]):
            return [*missing, f"cars {list(got.cars)}, not {list(rows['stock_id'])}"]
        if not self._in_order(rows, where, got):
            shown = list(rows["stock_id"][: where.limit or SHOWN])
            missing.append(f"cars {list(got.cars)}, not {shown}")
        return missing + self._named(rows, got, 1)

    def _in_order(self, rows: pd.DataFrame, where: Where, got: Answered) -> bool:
        """Whether the reply's cars are the first ones, by either reading of what a plain version is."""
        least = min(where.limit or SHOWN, len(rows), SHOWN)
        if len(got.cars) < least or len(set(got.cars)) != len(got.cars):
            return False
        for by_body in (False, True):
            ranks = dict(
                zip(
                    rows["stock_id"],
                    self._oracle.ranks(rows, where.order, coupes_by_body=by_body),
                    strict=True,
                )
            )
            if all(car in ranks for car in got.cars) and (
                [ranks[car] for car in got.cars] == sorted(ranks.values())[: len(got.cars)]
            ):
                return True
        return False

    def _named(self, rows: pd.DataFrame, got: Answered, least: int) -> list[str]:
        """The answer's text names the cars of the reply (or some that fit) by model."""
        answer = plain(got.answer).lower()
        models = set(rows[rows["stock_id"].isin(got.cars)]["model"]) or set(rows["model"])
        if sum(plain(model).lower() in answer for model in models) >= least:
            return []
        return ["names no car"]

    def _compared(self, where: Where, got: Answered, verdict: Verdict) -> None:
        """Each side is named, with the price of some car of it."""
        rows = self._oracle.select(where)
        answer = plain(got.answer).lower()
        names = {plain(name).lower() for name in (*rows["model"], *where.model)}
        prices = {f"{int(price):,}".replace(",", " ") for price in rows["price"]}
        if not (any(name in answer for name in names) and any(price in answer for price in prices)):
            verdict.missing.append(
                f"compares no {', '.join(where.model or where.class_) or list(rows['stock_id'])}"
            )

    def _passages(self, expect: Expect, got: Answered, verdict: Verdict) -> None:
        if expect.legend and not set(expect.legend) & set(got.links):
            verdict.missing.append(f"not from «{'» or «'.join(expect.legend)}»")
        slugs = {link.rstrip("/").rsplit("/", 1)[-1] for link in got.links}
        if expect.wiki and not set(expect.wiki) & slugs:
            verdict.missing.append(f"not from the article {' or '.join(expect.wiki)}")

    def _words(self, expect: Expect, got: Answered, before: Before, verdict: Verdict) -> None:
        sayings = Sayings(self._oracle, before.now)
        outcome = sayings.check(expect.says, got.answer)
        verdict.missing += outcome.missing
        verdict.values += outcome.values
        answer = plain(got.answer)
        for pattern in expect.never:
            if re.search(plain(pattern), answer, re.IGNORECASE):
                verdict.missing.append(f"says /{pattern}/")
        if expect.unknown:
            verdict.missing += self._unknown(answer, sayings, before)
        if expect.refuses and _COMMITS.search(answer):
            verdict.wrong.append("commits the salon")
        if not _in_language(answer, before.language, got.route):
            verdict.missing.append(f"is not in {before.language}")

    def _unknown(self, answer: str, sayings: Sayings, before: Before) -> list[str]:
        missing = [] if _ADMITS.search(answer) else ["does not admit that it does not know"]
        if self._oracle.is_open(before.now):
            return missing + ([] if _OFFERS.search(answer) else ["offers no call-back"])
        return missing + sayings.check((Says(salon="phone"), Says(hours="opening")), answer).missing

    def _stores(self, expect: Expect, got: Answered, verdict: Verdict) -> None:
        for store, count in expect.stored.items():
            kept = got.rows.get(store, [])
            if len(kept) != count:
                verdict.missing.append(f"{len(kept)} rows of {store}, not {count}")
            text = " ".join(kept)
            for pattern in expect.stored_has if count else ():
                if not re.search(pattern, text, re.IGNORECASE):
                    verdict.missing.append(f"{store} has no /{pattern}/")

    def _denied(self, expect: Expect, got: Answered) -> list[str]:
        """What is in stock is said not to be."""
        asked = wheres(expect)
        denies = got.route in _CAR_ROUTES and not got.cars_total and _DENIES.search(plain(got.answer))
        if denies and asked and all(len(self._oracle.select(where)) for where in asked):
            return ["says that there is none, and there is"]
        return []

    def _unavailable(self, got: Answered, asked: Sequence[Where]) -> list[str]:
        """Cars of the reply that cannot be bought, unless such were asked for or it is said."""
        statuses = {"available", *(status for where in asked for status in where.status)}
        wrong = []
        for stock_id in got.cars:
            car = self._oracle.car(stock_id)
            if car is None:
                wrong.append(f"there is no {stock_id}")
            elif car["status"] not in statuses and not status_said(str(car["status"]), plain(got.answer)):
                wrong.append(f"{stock_id} is {car['status']}")
        return wrong


def wheres(expect: Expect) -> list[Where]:
    """The cars that an expectation is about."""
    found = [*expect.cars, *expect.compare]
    found += [one for one in (expect.winner, expect.count) if one is not None]
    if expect.average is not None:
        found.append(expect.average.of)
    for said in expect.says:
        if isinstance(said, Says):
            found += [
                one for one in (said.price, said.count, said.model, said.low, said.high, said.of) if one
            ]
    return found + [where for one in expect.any for where in wheres(one)]


def _routes(expect: Expect) -> tuple[str, ...]:
    """The route that goes without saying."""
    if expect.unknown:
        return ("unknown",)
    if expect.legend:
        return ("legend",)
    if expect.wiki:
        return ("wiki",)
    if expect.cars or expect.winner or expect.count or expect.average or expect.compare:
        return _CAR_ROUTES
    return ()


def _in_language(answer: str, language: str, route: str) -> bool:
    """Russian has Cyrillic letters; English begins with Latin ones: passages and options stay as they were written."""
    answer = answer if language == "ru" else answer.partition("\n")[0]
    cyrillic, latin = len(_CYRILLIC.findall(answer)), len(_LATIN.findall(answer))
    if language == "ru":
        return cyrillic > 0
    return route in ("legend", "wiki", "test_drive") or latin >= cyrillic
