"""Figures of a sentence: numbers in digits or words, with their unit, what bounds them and how exact they mean to be.

«семь миллионов четыреста тысяч», «7,4 млн», "7,400,000" and «7 400 000» are one value. Units are told apart to the
currency and to days, months and years, durations of one kind being brought to one unit («2 года» is «24 месяца»).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chains.claims.numerals import (
    BOUND_WORDS,
    COMPARED,
    CURRENCIES,
    MULTIPLIERS,
    NUMBERS,
    OBLIQUE,
    ORDINAL_YEARS,
    UNITS,
    WORD,
    YEAR_WORDS,
    YEARS,
    Bound,
)
from chains.numerals import Word
from chains.text import is_numeral, lemma, normalise
from stores.lexicon import fold, latin_lookalikes

_GROUPED = (
    re.compile(r"(?<![\d.,])(\d{1,3})((?:[ \u00a0\u202f]\d{3})+)(?!\d)"),
    re.compile(r"(?<![\d.,])(\d{1,3})((?:['_]\d{3})+)(?!\d)"),
    re.compile(r"(?<![\d.,])(\d{1,3})((?:\.\d{3}){2,})(?!\d)"),
    re.compile(
        r"(?<![\d.,])(\d{1,3})((?:,\d{3})+)(?![,.]?\d)(?!\s*(?:млн|миллион|mln|million))", re.IGNORECASE
    ),
)
_REWRITTEN = (
    (re.compile(r"(?<!с )\bпол(?:овин[аыу])?[ -]?миллион\w*", re.IGNORECASE), "500 тысяч"),
    (re.compile(r"\bполгод\w*", re.IGNORECASE), "6 месяцев"),
    (re.compile(r"(?<!and )(?<!and a )\b(?:a )?half (?:a )?million\b", re.IGNORECASE), "500 thousand"),
    (re.compile(r"\band a half\b", re.IGNORECASE), "and half"),
    (re.compile(r"\ba (hundred|thousand|million)\b", re.IGNORECASE), r"one \1"),
    (re.compile(r":(?!\d)"), " - "),
    (re.compile(r"[()\[\]!?]"), " , "),
)
APPROXIMATE = 0.02
"""How far, as a share, «около 7,4 млн» may be from the figure it stands for."""


@dataclass(frozen=True)
class Figure:
    """A number in words[start:end], its unit counted in; `unit` is empty when none is written.

    `bound` says what «до», «от», «около», which begin at `lead`, make of it; `difference` that it is one
    («на 2 млн дешевле»).
    """

    value: float
    unit: str
    start: int
    end: int
    bound: Bound = ""
    difference: bool = False
    lead: int = -1

    def allows(self, value: float) -> bool:
        """Whether the figure is a true statement of `value`."""
        if self.bound == "~":
            return abs(value - self.value) <= APPROXIMATE * abs(value)
        signs = {
            "": value == self.value,
            "<": value < self.value,
            "<=": value <= self.value,
            ">": value > self.value,
            ">=": value >= self.value,
        }
        return signs[self.bound]


def words_in(text: str) -> list[Word]:
    """The words of a sentence; commas, dashes and signs of units are words too, a colon is a dash."""
    line = normalise(text)
    for pattern in _GROUPED:
        line = pattern.sub(lambda match: match[1] + re.sub(r"\D", "", match[2]), line)
    for pattern, written in _REWRITTEN:
        line = pattern.sub(written, line)
    return [_word(part) for part in WORD.findall(line)]


def _word(written: str) -> Word:
    text = fold(re.sub(r"\s", "", written))
    base = fold(lemma(text))
    number: float | None = None
    if text[0].isdigit() and not text[-1].isalpha():
        number = float(text.replace(",", "."))
    elif text in OBLIQUE or text in NUMBERS or base in NUMBERS:
        number = float(OBLIQUE.get(text, NUMBERS.get(text, NUMBERS.get(base, 0))))
    return Word(text, "d" if text == "д" else latin_lookalikes(text), base, number, written.isupper())


def figures_in(words: Sequence[Word], taken: frozenset[int] = frozenset()) -> list[Figure]:
    """All figures but those in `taken` words (names). A numeral that cannot be read gives NaN, equal to nothing."""
    found: list[Figure] = []
    index = 0
    while index < len(words):
        if index in taken or not (_begins_number(words, index) or is_unread_numeral(words[index])):
            index += 1
            continue
        if words[index].number is None and _multiplier(words[index]) is None:
            found.append(Figure(float("nan"), "", index, index + 1))
            index += 1
            continue
        value, end = _value(words, index, taken)
        figure = _with_unit(words, Figure(value, "", index, end), taken)
        found.append(_with_bound(words, figure))
        index = figure.end
    return _ranges(words, found)


def currencies_in(words: Sequence[Word]) -> frozenset[str]:
    """The currencies that a text writes amounts in, by their names in `Figure.unit`."""
    found = (name for word in words for name, _, pattern in UNITS if pattern.fullmatch(word.text))
    return frozenset(found) & CURRENCIES


def is_unread_numeral(word: Word) -> bool:
    """A word that dictionaries call a numeral and this module does not know the value of."""
    return word.number is None and word.text.isalpha() and is_numeral(word.text) and _multiplier(word) is None


def _begins_number(words: Sequence[Word], index: int) -> bool:
    if words[index].number is not None:
        return not (words[index].text == "one" and index and words[index - 1].lemma in _ORDINAL_BEFORE_ONE)
    # a bare «миллион», «тысяча» is one of them; "m" and «тр» alone are nothing
    return _multiplier(words[index]) is not None and len(words[index].text) > 3


_ORDINAL_BEFORE_ONE = frozenset(
    "first second third fourth fifth last this that which the cheapest newest other every no".split()
)


def _multiplier(word: Word) -> float | None:
    return MULTIPLIERS.get(word.lemma) or MULTIPLIERS.get(word.text)


def _value(words: Sequence[Word], start: int, taken: frozenset[int]) -> tuple[float, int]:
    """The number that begins at `start` and where it ends: parts of falling size are added up."""
    total, current, largest = 0.0, 0.0, float("inf")
    last = float("inf")
    index = start
    while index < len(words) and index not in taken:
        word = words[index]
        factor = _multiplier(word)
        if factor is not None:
            if factor >= largest or (index == start and word.number is not None):
                break
            total += (current or (1 if index == start else 0)) * factor
            if not current and index != start:
                break
            current, largest, last = 0.0, factor, float("inf")
            index += 1
        elif word.text in {"с", "and"} and _is_half(words, index + 1):
            if current:
                current += 0.5
            else:
                total += 0.5 * largest
            index += 2
        elif word.text in {"and", "-"} and _continues(words, index, start, last):
            index += 1
        elif word.number is None:
            year = ORDINAL_YEARS.get(word.lemma)
            if year and total + current >= 1000 and index > start and _is_spelt(words, index - 1):
                return total + current + year, index + 1
            break
        else:
            if word.text == "hundred" and 0 < current < 10:
                current, last = current * 100, 100.0
            elif index == start or not current:
                if index > start and not (
                    word.number < largest
                    and (_is_spelt(words, index) or _multiplier_follows(words, index, largest))
                ):
                    break
                current, last = word.number, word.number
            elif _is_spelt(words, index) and _spelt_before(words, index) and _fits_below(last, word.number):
                current, last = current + word.number, word.number
            else:
                break
            index += 1
    return round(total + current, 3), max(index, start + 1)


def _spelt_before(words: Sequence[Word], index: int) -> bool:
    return _is_spelt(words, index - 2 if words[index - 1].text in {"and", "-"} else index - 1)


def _continues(words: Sequence[Word], index: int, start: int, last: float) -> bool:
    """ "two hundred and four", "twenty-four": a smaller part follows."""
    if not (index > start and _is_spelt(words, index - 1) and _is_spelt(words, index + 1)):
        return False
    return _fits_below(last, words[index + 1].number or 0) or _multiplier(words[index - 1]) is not None


def _multiplier_follows(words: Sequence[Word], index: int, largest: float) -> bool:
    """«7 млн 400 тыс», «12 тысяч 500»: digits go on only where their place is clear."""
    following = _multiplier(words[index + 1]) if index + 1 < len(words) else None
    number = words[index].number or 0
    return (following is not None and following < largest) or (largest == 1e3 and 100 <= number < 1000)


def _is_half(words: Sequence[Word], index: int) -> bool:
    return index < len(words) and words[index].text in {"половиной", "half"}


def _is_spelt(words: Sequence[Word], index: int) -> bool:
    if index >= len(words):
        return False
    word = words[index]
    return not word.text[0].isdigit() and (word.number is not None or _multiplier(word) is not None)


def _fits_below(above: float, lower: float) -> bool:
    return lower > 0 and (
        (above >= 100 and lower < 100) or (20 <= above < 100 and above % 10 == 0 and lower < 10)
    )


def _with_unit(words: Sequence[Word], figure: Figure, taken: frozenset[int]) -> Figure:
    after = figure.end
    if (
        after + 1 < len(words)
        and words[after].text == "-"
        and re.match("местн|литров|сильн|летн|дневн|seat|дверн", words[after + 1].text)
    ):
        after += 1
    if after < len(words) and after not in taken:
        text = words[after].text
        if YEAR_WORDS.fullmatch(text) and figure.value in YEARS:
            return replace(figure, unit="year", end=after + 1)
        for name, factor, pattern in UNITS:
            if pattern.fullmatch(text):
                return replace(figure, unit=name, value=round(figure.value * factor, 3), end=after + 1)
    before = words[figure.start - 1].text if figure.start else ""
    sign = next((name for name, _, pattern in UNITS[:5] if before and pattern.fullmatch(before)), "")
    if sign and (len(before) == 1 and not before.isalpha()):
        return replace(figure, unit=sign, start=figure.start - 1)
    return figure


def _with_bound(words: Sequence[Word], figure: Figure) -> Figure:
    end = figure.start
    while (
        end
        and words[end - 1].text in {"чем", "than", "уже", "всего", "just", "only", "лишь"}
        and not _is_phrase(words, end)
    ):
        end -= 1
    if end and words[end - 1].text == "на" and _compared(words, figure):
        return replace(figure, difference=True)
    if figure.end < len(words) and words[figure.end].text in {
        "cheaper",
        "dearer",
        "more",
        "newer",
        "older",
        "less",
    }:
        return replace(figure, difference=True)
    for phrase, bound in BOUND_WORDS:
        begin = end - len(phrase)
        if begin >= 0 and tuple(word.text for word in words[begin:end]) == phrase:
            return replace(figure, bound=bound, lead=begin)
    return figure


def _is_phrase(words: Sequence[Word], end: int) -> bool:
    return any(
        len(phrase) > 1 and tuple(word.text for word in words[max(0, end - len(phrase)) : end]) == phrase
        for phrase, _ in BOUND_WORDS
    )


def _compared(words: Sequence[Word], figure: Figure) -> bool:
    """«на 2 млн дешевле», «дешевле на 2 млн»."""
    near = [*words[max(0, figure.start - 3) : figure.start], *words[figure.end : figure.end + 3]]
    return any(word.text in COMPARED or word.text in {"больше", "меньше", "выше", "ниже"} for word in near)


def _ranges(words: Sequence[Word], figures: list[Figure]) -> list[Figure]:
    """In «4–6 млн ₽» the first number has the unit and the factor of the second."""
    done = list(figures)
    for index in range(len(done) - 2, -1, -1):
        first, second = done[index], done[index + 1]
        between = [word.text for word in words[first.end : second.start]]
        joined = between in (["-"], ["до"], ["to"], ["и"], ["and"], ["или"], ["or"])
        if not first.unit and joined and first.value == first.value:
            factor = next(
                (
                    _multiplier(word)
                    for word in words[second.start : second.end]
                    if _multiplier(word) and words[first.end - 1].number is not None
                ),
                None,
            )
            scale = next(
                (
                    factor_
                    for name, factor_, pattern in UNITS
                    if name == second.unit
                    and second.end > second.start
                    and pattern.fullmatch(words[second.end - 1].text)
                ),
                1,
            )
            value = (
                first.value
                * (factor if factor and first.value < 1000 else 1)
                * (scale if second.unit != "year" else 1)
            )
            done[index] = replace(first, unit=second.unit, value=round(value, 3))
    return done
