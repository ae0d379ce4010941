"""Wrong facts: every amount, phone, mileage, time, id and promise of an answer that the salon's files do not bear out.

Independent of the checks that the assistant itself makes. An answer is cut into lines, a line at the names of models,
so that a number belongs to the car it stands by; one car must have all the numbers of such a piece.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any, NamedTuple

import pandas as pd

from jobs.exam.cases import Where
from jobs.exam.loans import Loans, explained_loans
from jobs.exam.oracle import Oracle
from jobs.exam.values import AVERAGE_TOLERANCE, MONEY, amounts, number_of, numbers, plain

_PHONE = re.compile(r"(?<!\w)(?:\+7|8)[ (-]*\d{3}[ )-]*\d{3}[ -]*\d{2}[ -]*\d{2}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# How a number or an address is written is no claim.
_EXAMPLE = re.compile(
    r"(?:например|for example|for instance|e\.g\.|such as|like)[:,]? [^\s]+(?: [\d(][\d()-]*)*", re.IGNORECASE
)
_TIME = re.compile(r"(?<![\d:])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])")
_MILEAGE = re.compile(r"(\d{1,3}(?: \d{3})+|\d+) ?(?:км|km)\b(?!/)")
_POWER = re.compile(r"(\d{2,4}) ?(?:л\. ?с|hp|лошад|horsepower)", re.IGNORECASE)
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?) ?%")
_YEAR = re.compile(r"(?<!\d)(?<!\d )((?:19|20)\d{2})(?! ?\d{3}(?!\d))(?!\d)")
_COUNT = re.compile(r"(?<!\d)(?<!\d )(\d+) (?:автомоб|машин|вариант|cars?\b|vehicles?)", re.IGNORECASE)
_FIELDS = {"mileage_km": _MILEAGE, "power_hp": _POWER, "year": _YEAR}
_STATUS = {
    "reserved": r"заброниров|брон|reserv|on hold",
    "in_transit": r"в пути|in transit|on (?:its|the) way",
    "sold": r"продан|sold",
}
_PROMISE = re.compile(
    r"перезвоним|перезвонит|перезвоню|свяжемся с вами|свяжется с вами|забронировал|зарезервировал|закрепил|записал вас|"
    r"вы записаны|запись принята|заявка принята|отправил|выслал[аи]? вам|уточню и|узнаю и|"
    r"(?:we|i)(?:'ll| will) (?:call|get back|reserve|hold|find out)|(?:i've|i have|we have) (?:booked|reserved|sent)|"
    r"you are booked|has been (?:booked|reserved|sent)",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\bне |\bбез |если|чтобы|сможет|могут|может|cannot|can't|\bnot\b|\bif\b|so that|\bno\b|хотите|оставьте|"
    r"leave|would you|заявк[аи] не",
    re.IGNORECASE,
)
_PASSAGES = {"legend", "wiki"}
_CAR_NUMBERS = {"inventory", "price"}
_MEAN = re.compile(r"средн|average|mean", re.IGNORECASE)
_SPREAD = re.compile(r"\b(?:от|from) [\d ]+.{0,12}(?:до|to) \d|\d{4} ?- ?\d{4}", re.IGNORECASE)
_ROUND = 1


@dataclass(frozen=True)
class Said:
    """What is to be checked: an answer with what it refers to.

    `messages` are the visitor's own so far, `asked` the cars that the expectations so far are about, `stored` whether
    this dialog has left a request with staff, `links` the addresses and titles of its sources.
    """

    answer: str
    route: str
    cars: Sequence[str]
    cars_total: int
    links: Sequence[str]
    messages: Sequence[str]
    asked: Sequence[Where]
    stored: bool
    now: datetime


class _Piece(NamedTuple):
    """A line, or the part of one that belongs to a model named in it."""

    text: str
    model: str | None
    line: str


class FactChecker:
    """Checks answers against one salon."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        names = sorted(oracle.cars["model"].unique(), key=len, reverse=True)
        spelled = ("|".join(re.escape(plain(name)) for name in names)).replace(r"\ ", r"\s+")
        self._models = re.compile(rf"(?<![\w])({spelled})(?![\w+])", re.IGNORECASE)
        self._names = {plain(name).lower(): name for name in names}
        self._group_sizes, self._group_means = _groups(oracle.cars[oracle.cars["status"] == "available"])

    def wrong(self, said: Said) -> list[str]:
        """What is wrong, each in a few words; empty when all is borne out."""
        answer, quoted = plain(said.answer), plain(self._quoted(said))
        # What is quoted from the brochure or an article is not the assistant's own; the rest is held against data.
        lines = [line for line in _lines(answer) if line.strip() and _flat(line) not in _flat(quoted)]
        visitor = _visitors(said)
        known = set(numbers(quoted)) | set(amounts(quoted))
        found = [*self._contacts(lines, said), *self._ids(lines)]
        found += self._promises(lines, said)
        found += self._times(lines, said, quoted)
        found += self._percentages(lines, known | visitor, answer)
        if said.route in _PASSAGES:
            found += self._foreign(lines, known | visitor, said)
        credit = explained_loans(self._oracle, answer, said.route, visitor)
        for piece in self._pieces(lines):
            found += self._piece(piece, said, known | visitor, credit)
        if said.cars or said.route in _CAR_NUMBERS:
            found += self._counts(lines, said)
        return list(dict.fromkeys(found))

    # --- parts

    def _piece(self, piece: _Piece, said: Said, known: set[float], credit: Loans) -> list[str]:
        rows = self._oracle.cars
        money = [amount for amount in amounts(piece.text) if amount not in known]
        if piece.model is None:
            return [
                f"{amount:,.0f} is nobody's price"
                for amount in money
                if not (self._is_price(amount, said) or credit.explains(amount, piece.line))
            ]
        family = rows[
            rows["model"].str.contains(re.escape(piece.model), case=False) & (rows["status"] == "available")
        ]
        # An exact name wins: «C 300» is not every car whose name begins so.
        rows = rows[rows["model"] == piece.model]
        spread = bool(_SPREAD.search(piece.text))
        found = []
        for amount in money:
            if credit.explains(amount, piece.line) or self._is_statistic(amount, said, piece.line):
                continue
            if not (rows["price"] == amount).any() and not (spread and _is_end(family["price"], amount)):
                found.append(f"{piece.model} does not cost {amount:,.0f}")
        prices = [amount for amount in amounts(piece.text) if (rows["price"] == amount).any()]
        if len(prices) == 1 and not spread:
            rows = rows[rows["price"] == prices[0]]
        for field, pattern in _FIELDS.items():
            values = {number_of(match) for match in pattern.findall(piece.text)} - known
            if spread:  # «от 150 до 170 л. с.» of several cars
                ends = family[field]
                found += [
                    f"{piece.model}: {field} {value:,.0f} is neither the least nor the most"
                    for value in values
                    if not (_is_end(ends, value) or (rows[field] == value).any())
                ]
            elif len(values) == 1 and (said.cars or said.route in _CAR_NUMBERS):
                value = values.pop()
                if (rows[field] == value).any():
                    rows = rows[rows[field] == value]
                else:
                    found.append(f"{piece.model}: {field} {value:,.0f} belongs to no such car")
        if prices and not rows.empty and not spread:
            found += _status_unsaid(rows, piece, said)
        return found

    def _is_price(self, amount: float, said: Said) -> bool:
        rows = self._oracle.cars
        own = rows[rows["status"] != "sold"]
        # «до 4 789 999 ₽» is what is cheaper than a car that was shown.
        return bool(own["price"].isin([amount, amount + 1, amount - 1]).any()) or self._is_statistic(
            amount, said, said.answer
        )

    def _is_statistic(self, amount: float, said: Said, line: str) -> bool:
        """A mean of the cars asked for or of a group, or what two cars of the answer differ by."""
        if _MEAN.search(line) and any(abs(mean - amount) <= _ROUND for mean in self._group_means):
            return True
        for where in said.asked:
            prices = self._oracle.select(where)["price"]
            if len(prices) and abs(float(prices.mean()) - amount) <= AVERAGE_TOLERANCE * amount:
                return True
        prices_said = [value for value in amounts(plain(said.answer)) if value > amount]
        return any(abs(abs(one - other) - amount) <= _ROUND for one, other in combinations(prices_said, 2))

    def _contacts(self, lines: Sequence[str], said: Said) -> list[str]:
        own = plain(" ".join(said.messages))
        phones = {
            re.sub(r"\D", "", text)[-10:] for text in (self._oracle.salon["phone"], *_PHONE.findall(own))
        }
        text = _EXAMPLE.sub(" ", "\n".join(lines))
        mails = {self._oracle.salon.get("email", "").lower(), *(mail.lower() for mail in _EMAIL.findall(own))}
        wrong = [
            f"phone {phone}" for phone in _PHONE.findall(text) if re.sub(r"\D", "", phone)[-10:] not in phones
        ]
        return wrong + [f"e-mail {mail}" for mail in _EMAIL.findall(text) if mail.lower() not in mails]

    def _ids(self, lines: Sequence[str]) -> list[str]:
        ids = set(self._oracle.cars["stock_id"])
        shapes = {re.sub(r"\d+", "0", re.sub(r"[A-Z]+", "A", one)) for one in ids}
        words = re.findall(r"\b[A-Z0-9]+(?:-[A-Z0-9]+)+\b", "\n".join(lines))
        return [
            f"id {word}"
            for word in words
            if word not in ids and re.sub(r"\d+", "0", re.sub(r"[A-Z]+", "A", word)) in shapes
        ]

    def _promises(self, lines: Sequence[str], said: Said) -> list[str]:
        if said.stored:
            return []
        sentences = [part for line in lines for part in re.split(r"(?<=[.!?;])\s+", line)]
        kept = [one for one in sentences if _PROMISE.search(one) and not _HEDGED.search(one)]
        return [f"a promise without a request: «{one}»" for one in kept]

    def _times(self, lines: Sequence[str], said: Said, quoted: str) -> list[str]:
        hours = self._oracle.salon["hours"]
        listed = " ".join([*(value for value in hours.values() if isinstance(value, str))])
        listed += " ".join(hours.get("except", {}).values()) + quoted + " ".join(said.messages)
        allowed = {(int(hour), int(minute)) for hour, minute in _TIME.findall(listed)}
        spans = re.findall(r"(\d{1,2}):\d{2} ?[-–—] ?(\d{1,2}):\d{2}", listed)
        widest = range(min(int(a) for a, _ in spans), max(int(b) for _, b in spans)) if spans else range(0)
        found = []
        for hour, minute in _TIME.findall("\n".join(lines)):
            slot = said.route == "test_drive" and int(hour) in widest
            if (int(hour), int(minute)) not in allowed and not slot:
                found.append(f"time {hour}:{minute}")
        return found

    def _percentages(self, lines: Sequence[str], known: set[float], answer: str) -> list[str]:
        terms = self._oracle.salon.get("finance", {})
        allowed = known | {float(terms.get(name, -1)) for name in ("rate_percent", "down_payment_percent")}
        said = amounts(answer)
        shares = [100 * min(pair) / max(pair) for pair in combinations(said, 2) if max(pair)]
        return [
            f"{text} %"
            for text in _PERCENT.findall("\n".join(lines))
            if number_of(text) not in allowed and not any(abs(number_of(text) - one) < 1 for one in shares)
        ]

    def _foreign(self, lines: Sequence[str], known: set[float], said: Said) -> list[str]:
        """In an answer from passages every number must stand in one of them, in the salon's file, or be a car's."""
        own = " ".join(_leaves(self._oracle.salon))
        allowed = known | set(numbers(plain(own))) | {float(value) for value in re.findall(r"\d+", own)}
        allowed |= {float(value) for name in self._names for value in re.findall(r"\d+", name)}
        allowed |= {float(value) for value in range(6)}
        # What has a check of its own: phones, addresses, hours, money, counts; and the lines that list cars.
        text = "\n".join(line for line in lines if not (said.cars and self._models.search(line)))
        for pattern in (_PHONE, _EMAIL, _TIME, MONEY, _COUNT):
            text = pattern.sub(" ", text)
        return [f"{number:,.9g} stands in no source" for number in numbers(text) if number not in allowed]

    def _counts(self, lines: Sequence[str], said: Said) -> list[str]:
        """«В наличии 12 автомобилей»: the number must be one of cars that were asked for."""
        if not said.asked:
            return []
        allowed = {said.cars_total, len(said.cars), said.cars_total - len(said.cars)}
        allowed |= {len(self._oracle.select(where)) for where in said.asked}
        allowed |= self._group_sizes
        own = {int(number) for message in said.messages for number in re.findall(r"\d+", message)}
        return [
            f"{number} cars"
            for number in _COUNT.findall("\n".join(lines))
            if int(number) not in allowed and int(number) not in own
        ]

    # --- what the answer refers to

    def _quoted(self, said: Said) -> str:
        """The texts of the passages that the answer gives as its sources."""
        texts = [text for title, text in self._oracle.legend.items() if title in said.links]
        texts += [
            text
            for slug, text in self._oracle.articles.items()
            if any(link.rstrip("/").endswith(f"/{slug}") for link in said.links)
        ]
        return "\n".join([*texts, *said.links])

    def _pieces(self, lines: Sequence[str]) -> Iterator[_Piece]:
        for line in lines:
            places = list(self._models.finditer(line))
            if not places:
                yield _Piece(line, None, line)
                continue
            starts = [0, *(place.start() for place in places[1:]), len(line)]
            for place, start, end in zip(places, starts, starts[1:], strict=False):
                name = self._names[re.sub(r"\s+", " ", place[1]).lower()]
                # A model's own digits are no year and no power.
                text = line[start : place.start()] + " ; " + line[place.end() : end]
                yield _Piece(text, name, line)


def _groups(rows: pd.DataFrame) -> tuple[set[int], set[float]]:
    """How many available cars share a value, a class with its Maybachs or a word of the model's name; their mean
    prices."""
    groups = [rows]
    for column in (
        "class",
        "model",
        "body",
        "fuel",
        "drive",
        "transmission",
        "color",
        "year",
        "seats",
        "power_hp",
    ):
        groups += [group for _, group in rows.groupby(column)]
    for name in rows["class"].unique():
        groups.append(rows[rows["class"].str.removeprefix("Maybach ") == name])
    for word in {word for name in rows["model"] for word in name.split()}:
        groups.append(rows[rows["model"].str.split().apply(lambda words, word=word: word in words)])
    groups = [group for group in groups if len(group)]
    return {len(group) for group in groups}, {float(group["price"].mean()) for group in groups}


def _is_end(values: "pd.Series[float]", value: float) -> bool:
    return bool(len(values)) and value in (values.min(), values.max())


def _status_unsaid(rows: pd.DataFrame, piece: _Piece, said: Said) -> list[str]:
    """A car that is not available is offered as if it were."""
    statuses = set(rows["status"])
    if "available" in statuses:
        return []
    text = f"{piece.line} {said.answer}" if len(said.cars) <= 1 else piece.line
    asked = {status for where in said.asked for status in where.status}
    if statuses & asked or any(status_said(one, text) for one in statuses):
        return []
    return [f"{piece.model} is {', '.join(sorted(statuses))}, which is not said"]


def status_said(status: str, text: str) -> bool:
    """Whether a text says that something is reserved, in transit or sold."""
    return status in _STATUS and re.search(_STATUS[status], text, re.IGNORECASE) is not None


def _lines(answer: str) -> list[str]:
    """Lines; a long one without numbers to list is cut into sentences."""
    return [
        part
        for line in answer.split("\n")
        for part in re.split(r"(?<=[а-яa-z)₽%][.!?])\s+(?=[А-ЯA-Z])", line)
    ]


def _flat(text: str) -> str:
    return re.sub(r"\W+", " ", text).lower().strip()


def _visitors(said: Said) -> set[float]:
    """The numbers that the visitor has named: repeating one is no claim. Thousands and millions may be meant."""
    given = {number for message in said.messages for number in numbers(plain(message))}
    given |= {float(value) for message in said.messages for value in re.findall(r"\d+", message)}
    found = {number * factor for number in given for factor in (1, 10**3, 10**6)}
    for where in said.asked:  # «до пяти с половиной» is a number too
        found |= {value for value in where.model_dump().values() if isinstance(value, int | float)}
    return found


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(key)
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield str(value)
