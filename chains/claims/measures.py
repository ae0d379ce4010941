"""What a sentence measures and compares: its numbers with the field that each is of, comparatives, superlatives."""

from collections.abc import Sequence

from chains.claims.evidence import CarFacts, Evidence
from chains.claims.figures import Figure
from chains.claims.items import Claim, Comparison, Extreme, Items
from chains.claims.numerals import COMPARED, CURRENCIES
from chains.claims.words import (
    EXTREMES,
    FIELD_WORDS,
    KEYED,
    MONTHLY,
    MOST,
    NEGATIONS,
    SIZE_WORDS,
    SUPERLATIVES,
    find_phrase,
)
from chains.numerals import Word

_FIELD_OF_UNIT = {
    **dict.fromkeys(CURRENCIES, "price"),
    "km": "mileage_km",
    "hp": "power_hp",
    "litres": "engine_l",
    "seats": "seats",
    "year": "year",
}
_NEAR = 3
_YEARS = range(1950, 2101)


def read_extremes(items: Items) -> None:
    """«самый дешёвый», "the most powerful"; any other «самый» is nothing that the data can tell."""
    words = items.words
    for index, word in enumerate(words):
        if index in items.used:
            continue
        if word.text in SUPERLATIVES:
            items.extremes.append(Extreme(index, *SUPERLATIVES[word.text]))
            items.used.add(index)
        elif word.lemma in MOST and index + 1 < len(words):
            adjective = words[index + 1]
            found = EXTREMES.get(adjective.lemma)
            used = {index, index + 1}
            if found is None and adjective.lemma in SIZE_WORDS:
                found, at = _sized(words, index + 2, SIZE_WORDS[adjective.lemma])
                used.add(at)
            if found is None:
                items.failure = items.failure or "unsupported"
                continue
            sign = -found[1] if word.lemma == "least" else found[1]
            items.extremes.append(Extreme(index, found[0], sign))
            items.used |= used
        elif word.lemma in {
            "минимальный",
            "наименьший",
            "lowest",
            "smallest",
            "максимальный",
            "наибольший",
            "highest",
        }:
            found, at = _sized(
                words,
                index + 1,
                -1 if word.lemma in {"минимальный", "наименьший", "lowest", "smallest"} else 1,
            )
            if found is not None:
                items.extremes.append(Extreme(index, *found))
                items.used |= {index, at}


def _sized(words: Sequence[Word], start: int, sign: int) -> tuple[tuple[str, int] | None, int]:
    """«самый маленький пробег»: the field that the size is of."""
    for at in range(start, min(start + 2, len(words))):
        name = FIELD_WORDS.get(words[at].lemma)
        if name:
            return (name, sign), at
    return None, start


def read_comparisons(items: Items, figures: Sequence[Figure]) -> None:
    """«дешевле», «мощнее», "more expensive"; one that names no field of a car is a failure."""
    words = items.words
    limits = {at for figure in figures if figure.bound for at in range(figure.lead, figure.start)}
    for index, word in enumerate(words):
        if index in items.used or index in limits:
            continue
        found = COMPARED.get(word.text)
        if found is None and word.text in {"more", "less", "более", "менее"} and index + 1 < len(words):
            adjective = EXTREMES.get(words[index + 1].lemma)
            found = (
                (adjective[0], adjective[1] * (1 if word.text in {"more", "более"} else -1))
                if adjective
                else None
            )
            items.used.add(index + 1)
        if found is None and word.text in {
            "больше",
            "меньше",
            "выше",
            "ниже",
            "higher",
            "lower",
            "bigger",
            "smaller",
        }:
            near = range(max(0, index - _NEAR - 2), min(len(words), index + _NEAR))
            name = next((FIELD_WORDS[words[at].lemma] for at in near if words[at].lemma in FIELD_WORDS), None)
            sign = 1 if word.text in {"больше", "выше", "higher", "bigger"} else -1
            found = (name, sign) if name else None
            if found is None:
                items.failure = items.failure or "unsupported"
        if found is None:
            continue
        by = [figure for figure in figures if figure.difference and abs(figure.start - index) <= 4]
        negated = index > 0 and words[index - 1].text in NEGATIONS
        items.comparisons.append(Comparison(index, *found, negated=negated, by=by[0] if by else None))
        items.used |= {index, index - 1} if negated else {index}


def read_figures(items: Items, figures: Sequence[Figure], evidence: Evidence) -> None:
    """Each figure as a count, a figure of a loan, or a claim on a field of a car."""
    compared = {figure for comparison in items.comparisons for figure in (comparison.by,) if figure}
    for figure in figures:
        if figure in compared:
            continue
        if figure.difference or figure.value != figure.value:
            items.failure = items.failure or "number"
        elif figure.unit == "cars":
            if figure.value != evidence.count or figure.bound:
                items.failure = items.failure or "number"
        elif (key := _keyed(items.words, figure, figures)) is not None:
            if not _bears_out_keyed(key, figure, figures, evidence):
                items.failure = items.failure or "number"
        else:
            items.claims.append(_number_claim(items, figure, figures, evidence))


def _keyed(words: Sequence[Word], figure: Figure, figures: Sequence[Figure]) -> str | None:
    """The field of the salon or of a loan that a figure is of: a rate, a down payment, a monthly payment, a term."""
    if figure.unit in {"percent", "months"}:
        key = _keyword(words, figure, figures, KEYED)
        return key or figure.unit
    if figure.unit in CURRENCIES or not figure.unit:
        after = [word.lemma for word in words[figure.end : figure.end + 3]]
        if any(find_phrase(after, phrase) is not None for phrase in MONTHLY):
            return "payment"
        return _keyword(words, figure, figures, KEYED)
    return None


def _keyword(
    words: Sequence[Word], figure: Figure, figures: Sequence[Figure], keys: dict[str, str]
) -> str | None:
    """What the nearest keyword between the figure before and this one says that this one is."""
    last = max(
        (other for other in figures if other.end <= figure.start), key=lambda one: one.end, default=None
    )
    start = last.end if last else 0
    if last and start < figure.start and keys.get(words[start].lemma) == _FIELD_OF_UNIT.get(last.unit, "-"):
        start += 1  # «2023 года выпуска — 4 500 000 ₽»
    for at in range(figure.start - 1, start - 1, -1):
        if words[at].text == ";":
            return None
        if words[at].lemma in keys:
            return keys[words[at].lemma]
    return None


def _bears_out_keyed(key: str, figure: Figure, figures: Sequence[Figure], evidence: Evidence) -> bool:
    if figure.bound == "~" and figure.unit not in CURRENCIES:
        return False
    if (
        figure.unit
        and figure.unit in CURRENCIES
        and evidence.currencies
        and figure.unit not in evidence.currencies
    ):
        return False
    keyed = evidence.keyed
    if figure.unit == "percent":
        names = [
            name for name in keyed if name.endswith("_percent") and (key == "percent" or name.startswith(key))
        ]
        return len(names) == 1 and figure.bound in {"", ">="} and keyed[names[0]] == figure.value
    payments = {name: value for name, value in keyed.items() if name.startswith("payment_")}
    terms = [other.value for other in figures if other.unit == "months"]
    if figure.unit == "months":
        return f"payment_{figure.value:g}" in payments and not figure.bound
    if key == "payment":
        if len(terms) == 1:
            payments = {name: value for name, value in payments.items() if name == f"payment_{terms[0]:g}"}
        return len(payments) == 1 and figure.bound in {"", "~"} and all(map(figure.allows, payments.values()))
    return key in keyed and figure.bound in {"", "~", ">="} and figure.allows(keyed[key])


def _number_claim(items: Items, figure: Figure, figures: Sequence[Figure], evidence: Evidence) -> Claim:
    """A figure as a claim on a field of a car; without a field, or with two that differ, it holds for none."""
    by_unit = _FIELD_OF_UNIT.get(figure.unit, "")
    by_word = _keyword(items.words, figure, figures, FIELD_WORDS) or ""
    if by_unit and by_word and by_word != by_unit and _waits(by_word, figure, figures):
        by_word = ""
    name = by_unit or by_word
    if not figure.unit and not name and figure.value in _YEARS:
        name = "year"
    bounding = [
        COMPARED[items.words[at].text][0]
        for at in range(figure.lead, figure.start)
        if figure.bound and items.words[at].text in COMPARED
    ]
    values = {car.numbers[name] for car in evidence.cars if name in car.numbers} | {
        evidence.keyed[name] for name in (name,) if name in evidence.keyed
    }
    exact = name in {"year", "seats"} and figure.bound == "~"
    wrong = (
        not name
        or (by_unit and by_word and by_unit != by_word)
        or (figure.unit and not by_unit)
        or any(other != name for other in bounding)
        or (figure.unit in CURRENCIES and evidence.currencies and figure.unit not in evidence.currencies)
        or exact
    )
    known = (
        any(map(figure.allows, values))
        if figure.bound in {"", "~"}
        else figure.value in values | evidence.asked
    )

    def holds(car: CarFacts) -> bool:
        value = car.numbers.get(name)
        return not wrong and value is not None and figure.allows(value)

    return Claim(figure.start, name or "number", figure, holds, known=known and not wrong)


def _waits(name: str, figure: Figure, figures: Sequence[Figure]) -> bool:
    """«Цена автомобиля 2023 года — 4 500 000 ₽»: a later figure is what the word speaks of, the year comes between."""
    later = next((other for other in figures if other.start >= figure.end), None)
    return figure.unit == "year" and later is not None and _FIELD_OF_UNIT.get(later.unit) == name
