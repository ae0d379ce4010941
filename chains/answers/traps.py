"""The traps that sellers' bots fall into: haggling, a promised loan, hidden fees, holding a car, «deal?».

The answer is never a commitment: the real price where a car is meant, the brochure's own rule where it has one, a plain
line on what the chat does not do, and how to reach a person.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

from chains.answers.context import Data, Question
from chains.answers.passages import passage_source
from chains.answers.unknown import open_or_closed
from chains.answers.wording_cars import car_facts, car_source, car_title, wish_text
from chains.followup import CarDialog, complete
from chains.query import Reading
from chains.reply import Draft, Fact, Source
from chains.text import normalise, sentences
from stores.cars import Car, CarFilter
from stores.lexicon import fold
from stores.passages import Passage

Trap = Literal["deal", "hold", "haggle", "approval", "fees"]

_PRICED: frozenset[Trap] = frozenset({"haggle", "fees", "deal"})
_QUOTED = 2
_LISTED = 5
_TITLED = 3


@dataclass(frozen=True)
class _Patterns:
    any: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Traps:
    """Finds traps in messages and answers them; made by `load_traps`."""

    patterns: Mapping[Trap, _Patterns]

    def of(self, message: str) -> Trap | None:
        """The trap that a message sets, None for an ordinary question."""
        line = fold(normalise(message)).replace("?", " ").strip()
        for name, section in self.patterns.items():
            if any(pattern.search(line) for pattern in section.any) and not any(
                pattern.search(line) for pattern in section.unless
            ):
                return name
        return None

    def answer(self, question: Question, data: Data, trap: Trap) -> Draft:
        """The polite refusal of a trap with all that is so: price, rule, whom to ask."""
        texts = question.texts
        parts: list[str] = []
        facts: list[Fact] = []
        sources: list[Source] = []
        state: dict[str, object] = {}
        if trap in _PRICED or trap == "hold":
            priced = _priced(question, data)
            if priced is not None:
                parts.append(priced.text)
                facts += priced.facts
                sources += priced.sources
                state = priced.state
        parts.append(texts.say(f"traps.{trap}"))
        rule = _rule(data, self.patterns[trap].rules)
        if rule is not None:
            passage, said = rule
            quoted = said if passage.language == texts.language else texts.say("traps.quote", text=said)
            # Who asks for a discount is told the salon's word on it first.
            parts.insert(len(parts) - 1 if trap == "haggle" else len(parts), quoted)
            facts.append(Fact(passage.id, "text", said, said))
            sources.append(passage_source(passage))
        parts.append(open_or_closed(question, data, "traps", phone=data.salon.phone))
        sources.append(Source(kind="salon", title=texts.say("legend.source_contacts"), ref="salon.toml"))
        return Draft(
            route="legend" if trap == "hold" else "price",
            text=" ".join(parts),
            facts=tuple(facts),
            sources=tuple(sources),
            state=state,
        )


def load_traps(path: Path) -> Traps:
    """Read the patterns of `assets/traps.toml`, in its order.

    Raises:
        FileNotFoundError, tomllib.TOMLDecodeError, re.error, KeyError: the installation is broken.
    """
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return Traps(
        {
            cast(Trap, name): _Patterns(
                any=tuple(re.compile(text) for text in section["any"]),
                unless=tuple(re.compile(text) for text in section["unless"]),
                rules=tuple(section["rules"]),
            )
            for name, section in sections.items()
        }
    )


@dataclass(frozen=True)
class _Priced:
    text: str
    facts: list[Fact]
    sources: list[Source]
    state: dict[str, object]


def _priced(question: Question, data: Data) -> _Priced | None:
    """The real price of the car that is meant: named, pointed at, or shown alone. None when it is not clear which."""
    texts, shown = question.texts, question.cars.shown if question.cars else ()
    # What the visitor offers to pay is no wish for a car of that price.
    reading = _without_amounts(question.reading)
    if reading.names_a_car or reading.phrasing.ordinal is not None:
        query = complete(reading, question.cars)
        page = data.inventory.search(query.filter, limit=_LISTED)
        cars, total, filter_ = page.cars, page.total, query.filter
        state: dict[str, object] = {"cars": CarDialog(query=query, shown=tuple(cars)).model_dump(mode="json")}
    elif len(shown) == 1:
        cars, total, filter_ = _still_there(shown, data), 1, CarFilter()
        state = {}
    else:
        return None
    if not cars:
        return None
    facts = [fact for car in cars for fact in car_facts(car)]
    if len(cars) == 1:
        text = texts.say("traps.price", car=car_title(cars[0]), price=texts.money(cars[0].price))
    else:
        prices = data.inventory.aggregate(filter_, "price")
        wish = wish_text(filter_, texts, data.lexicon)
        low, high = texts.money(prices.minimum or 0), texts.money(prices.maximum or 0)
        text = texts.say("traps.prices", count=texts.cars(total), wish=wish, low=low, high=high)
    return _Priced(text, facts, [car_source(car) for car in cars], state)


def _still_there(cars: Sequence[Car], data: Data) -> list[Car]:
    return [car for car in data.inventory.get([car.stock_id for car in cars]) if car.status != "sold"]


def _without_amounts(reading: Reading) -> Reading:
    """Which car is meant, without the sum offered and without «самый низкий», which is said of the price."""
    phrasing = replace(
        reading.phrasing, order=None, superlative=False, relative=None, limit=None, ask="price"
    )
    return replace(
        reading,
        quantities=tuple(one for one in reading.quantities if one.kind != "price"),
        phrasing=phrasing,
    )


def _rule(data: Data, stems: Sequence[str]) -> tuple[Passage, str] | None:
    """The brochure's rule: of the section that speaks of it most, in its title first, the sentences that do."""
    best: tuple[int, Passage, list[str]] | None = None
    for passage in data.retriever.passages:
        if passage.kind != "legend":
            continue
        parts = sentences(passage.text)
        spoken = [_spoken(part, stems) for part in parts]
        weight = len(frozenset().union(*spoken)) + (_TITLED if _spoken(passage.title, stems) else 0)
        if any(spoken) and (best is None or weight > best[0]):
            most = sorted(range(len(parts)), key=lambda index: -len(spoken[index]))[:_QUOTED]
            best = (weight, passage, [parts[index] for index in sorted(most) if spoken[index]])
    return (best[1], " ".join(best[2])) if best else None


def _spoken(text: str, stems: Sequence[str]) -> frozenset[str]:
    line = fold(text)
    return frozenset(stem for stem in stems if re.search(rf"\b{stem}", line))
