"""Each claim of a sentence held against the car that the sentence gives it.

A sentence is cut into parts at strong boundaries («; … , а …»). In a part with one car every claim is of that car; with
several, each claim belongs to the car before it (or after it, when claims come first) if all cars are described
alike, else it must be true of all of them. A part without a car goes on about the car before; without any, what
it says must be true of every car of the turn. One name may mean several cars: then one of them must have it all.
"""

from collections.abc import Sequence
from typing import Literal

from chains.claims.evidence import CarFacts, Evidence
from chains.claims.figures import Figure
from chains.claims.items import Claim, Comparison, Extreme, Items, Mention

CarFailure = Literal["number", "name", "availability", "unsupported", "value"]
_CONJUNCTIONS = frozenset("а но и while whereas and but зато".split())


def failure_about_cars(items: Items, evidence: Evidence) -> CarFailure | None:
    """The first claim about cars that the facts do not bear out, None when all hold."""
    if items.failure:
        return items.failure
    if any(not claim.known for claim in items.claims):
        return "number"
    for named in items.mentions:
        denied = any(claim.field == "status" for claim in items.claims) and evidence.count == 0
        if not named.cars and not denied:
            return "name"
    if items.claims and not evidence.cars:
        return "number" if any(isinstance(claim.value, Figure) for claim in items.claims) else "unsupported"
    for comparison in items.comparisons:
        if not _comparison_holds(comparison, items, evidence):
            return "value"
    for mention, claims in _assigned(items, evidence):
        candidates = mention.cars if mention else tuple(range(len(evidence.cars)))
        cars = [evidence.cars[index] for index in candidates]
        extremes = [extreme for extreme in items.extremes if _owner(extreme.at, items) is mention]
        if not _claims_hold(claims, extremes, cars, evidence, of_all=mention is None):
            wrong = next((claim for claim in claims if not any(map(claim.holds, cars))), None)
            return "availability" if wrong and wrong.field == "status" else "value"
    return None


def _claims_hold(
    claims: Sequence[Claim],
    extremes: Sequence[Extreme],
    cars: Sequence[CarFacts],
    evidence: Evidence,
    *,
    of_all: bool,
) -> bool:
    if extremes and not evidence.complete:
        return False
    fitting = [car for car in cars if all(_is_extreme(car, extreme, evidence.cars) for extreme in extremes)]
    if of_all and not extremes:
        return not claims or (bool(cars) and all(claim.holds(car) for claim in claims for car in cars))
    if not claims:
        return bool(fitting) or not extremes
    true_of = [car for car in fitting if all(claim.holds(car) for claim in claims)]
    # one claim does not tell which of several cars is meant
    telling = {claim.field for claim in claims}
    return bool(true_of) and (len(telling) > 1 or len(true_of) == len(fitting))


def _is_extreme(car: CarFacts, extreme: Extreme, cars: Sequence[CarFacts]) -> bool:
    values = [other.numbers[extreme.field] for other in cars if extreme.field in other.numbers]
    value = car.numbers.get(extreme.field)
    return value is not None and value == (max(values) if extreme.sign > 0 else min(values))


def _comparison_holds(comparison: Comparison, items: Items, evidence: Evidence) -> bool:
    before = [mention for mention in items.mentions if mention.at < comparison.at]
    after = [mention for mention in items.mentions if mention.at > comparison.at]
    if not before or len(items.comparisons) > 1 or len(items.mentions) > 2:
        return False
    one = before[-1].cars
    other = (
        after[0].cars if after else tuple(index for index in range(len(evidence.cars)) if index not in one)
    )
    if len(before) > 1 or not one or not other:
        return False
    return all(_compares(comparison, evidence.cars[i], evidence.cars[j]) for i in one for j in other)


def _compares(comparison: Comparison, one: CarFacts, other: CarFacts) -> bool:
    first, second = one.numbers.get(comparison.field), other.numbers.get(comparison.field)
    if first is None or second is None:
        return False
    difference = first - second
    if comparison.by is not None:
        size = abs(difference) * (12 if comparison.field == "year" else 1)
        unit = {"year": "months", "power_hp": "hp", "mileage_km": "km"}.get(comparison.field)
        if unit is not None and comparison.by.unit != unit:
            return False
        if comparison.negated or size != comparison.by.value:
            return False
    return (difference * comparison.sign > 0) is not comparison.negated


def _assigned(items: Items, evidence: Evidence) -> list[tuple[Mention | None, list[Claim]]]:
    """Every mention with its claims; None stands for «all cars of the turn»."""
    found: list[tuple[Mention | None, list[Claim]]] = [(mention, []) for mention in items.mentions]
    found.append((None, []))
    claims_of = {id(mention): claims for mention, claims in found}
    last: list[Mention] = []
    for start, end in _parts(items):
        mentions = [mention for mention in items.mentions if start <= mention.at < end]
        claims = [claim for claim in items.claims if start <= claim.at < end]
        compared = any(start <= comparison.at < end for comparison in items.comparisons)
        targets = mentions or last or (items.mentions if len(items.mentions) == 1 else [])
        pairs = _pairs(mentions, claims) if len(mentions) > 1 and not compared else None
        for number, claim in enumerate(claims):
            owners: Sequence[Mention | None] = [pairs[number]] if pairs else (targets or [None])
            for owner in owners:
                claims_of[id(owner)].append(claim)
        last = mentions or last
    alone: list[tuple[Mention | None, list[Claim]]] = [
        (mention, claims)
        for mention, claims in found
        if claims or any(_owner(e.at, items) is mention for e in items.extremes)
    ]
    return alone


def _pairs(mentions: Sequence[Mention], claims: Sequence[Claim]) -> list[Mention] | None:
    """Whose each claim is where several cars stand in one part: None unless all are described alike."""
    if not claims:
        return None
    first_is_claim = claims[0].at < mentions[0].at
    owners = []
    for claim in claims:
        if first_is_claim:
            owner = next((mention for mention in mentions if mention.at > claim.at), None)
        else:
            owner = next((mention for mention in reversed(mentions) if mention.at < claim.at), None)
        if owner is None:
            return None
        owners.append(owner)
    fields = [
        sorted(claim.field for claim, owner in zip(claims, owners, strict=True) if owner is mention)
        for mention in mentions
    ]
    return owners if all(names and names == fields[0] for names in fields) else None


def _owner(at: int, items: Items) -> Mention | None:
    """The car that a superlative is of: the only one, the one after it, else the one before."""
    if len(items.mentions) == 1:
        return items.mentions[0]
    after = next((mention for mention in items.mentions if mention.at > at), None)
    before = next((mention for mention in reversed(items.mentions) if mention.at < at), None)
    return before or after


def _parts(items: Items) -> list[tuple[int, int]]:
    words, starts = items.words, [0]
    for index, word in enumerate(words):
        if word.text == ";" or (word.text in _CONJUNCTIONS and index and words[index - 1].text == ","):
            starts.append(index)
    return list(zip(starts, [*starts[1:], len(words)], strict=True))
