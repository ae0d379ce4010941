"""What a turn's sentences may say, taken from its facts: cars field by field, salon and query facts, texts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from chains.claims.figures import Figure, currencies_in, figures_in, words_in
from chains.numerals import Word
from chains.query import read
from chains.reply import Draft, Fact
from chains.text import STOPWORDS, lemmas, sentences, tokens
from chains.vocabulary import Vocabulary
from stores.lexicon import model_tokens

NUMBERS = ("price", "year", "mileage_km", "power_hp", "engine_l", "seats")
TERMS = ("color", "body", "fuel", "drive", "transmission")
_NO_CAR = frozenset({"salon", "query"})


class Amount(NamedTuple):
    """A number of a text with its unit; `unit` is empty when none is written."""

    value: float
    unit: str


@dataclass(frozen=True)
class CarFacts:
    """One car of the turn. `terms` are the lexicon's codes that its cells mean, `interior` the lemmas of that cell.

    `options` holds the codes and the lemmas of its equipment, `names` its model's tokens without the brand.
    """

    stock_id: str
    names: tuple[str, ...]
    classes: frozenset[str]
    numbers: Mapping[str, float]
    terms: Mapping[str, frozenset[str]]
    options: frozenset[str | tuple[str, ...]]
    interior: frozenset[str]
    status: str

    @property
    def is_new(self) -> bool | None:
        """None where the mileage is not known."""
        mileage = self.numbers.get("mileage_km")
        return None if mileage is None else mileage == 0


@dataclass(frozen=True)
class Evidence:
    """All that may be said in one turn.

    `cars` stand in the order in which they were shown; `count` is how many cars match the query, None when unknown.
    `keyed` are the numbers of the salon and of the query by field (`rate_percent`, `payment_36`). `asked` are the
    numbers of the question: they may be limits in a true sentence, never facts. `promises` are the kinds of rows
    stored in this turn. `spelt` are the facts' own words in Latin letters, `lines` the sentences of the texts.
    """

    cars: tuple[CarFacts, ...] = ()
    count: int | None = None
    keyed: Mapping[str, float] = field(default_factory=dict)
    currencies: frozenset[str] = frozenset()
    asked: frozenset[float] = frozenset()
    promises: frozenset[str] = frozenset()
    amounts: frozenset[Amount] = frozenset()
    names: frozenset[str] = frozenset()
    spelt: frozenset[str] = frozenset()
    text: str = ""
    lines: tuple["Line", ...] = ()
    allowed: frozenset[str] = frozenset()
    states_stock: bool = False

    @property
    def complete(self) -> bool:
        """Whether `cars` are all that match, so that the cheapest of them is the cheapest."""
        return self.count is not None and self.count == len(self.cars)


@dataclass(frozen=True)
class Line:
    """A sentence of the facts' texts: its lemmas, its words and its figures."""

    text: str
    lemmas: tuple[str, ...]
    content: frozenset[str]
    words: tuple[Word, ...]
    figures: tuple[Figure, ...]


def evidence_of(draft: Draft, question: str, vocabulary: Vocabulary) -> Evidence:
    """The evidence of a draft. The question lends its names, never its numbers («правда, он за миллион?»)."""
    texts = [fact.text for fact in draft.facts if not _is_of_car(fact)]
    text = "\n".join([draft.context, draft.text, *texts])
    cars = _cars(draft, vocabulary)
    figures = [figure for line in text.splitlines() for figure in figures_in(words_in(line))]
    told_of_cars = {word for car in cars for word in _told(car)}
    return Evidence(
        cars=cars,
        count=next((int(fact.value) for fact in draft.facts if (fact.subject, fact.field) == ("query", "count")), None),
        keyed={
            fact.field: float(fact.value)
            for fact in draft.facts
            if fact.subject in _NO_CAR and isinstance(fact.value, (int, float)) and fact.field != "count"
        },
        currencies=currencies_in(words_in(text)),
        asked=frozenset(figure.value for figure in figures_in(words_in(question))),
        promises=frozenset(
            str(fact.value) for fact in draft.facts if (fact.subject, fact.field) == ("salon", "promise")
        ),
        amounts=frozenset(Amount(figure.value, figure.unit) for figure in figures),
        names=frozenset(names_in(f"{text}\n{question}", vocabulary))
        | {name for car in cars for name in names_in(" ".join(car.names), vocabulary)},
        spelt=frozenset(
            token.text.casefold()
            for source in (text, *(str(fact.value) for fact in draft.facts), *(car.stock_id for car in cars))
            for token in tokens(source)
            if token.text.isascii()
        ),
        text=text,
        lines=tuple(_line(part) for part in sentences(text)),
        allowed=frozenset(lemmas(text)) - told_of_cars,
        states_stock=draft.route == "inventory",
    )  # fmt: skip


def names_in(text: str, vocabulary: Vocabulary) -> Iterable[str]:
    """The classes and models that a text names."""
    for line in text.splitlines():
        values = read(line, vocabulary).values
        for name in ("classes", "models", "not_classes", "not_models"):
            yield from values.get(name, [])


def stem(word: str) -> str:
    """Enough of a lemma to bring «продление» and «продлить» together."""
    return word[:_STEM]


_STEM = 5


def stems_of(words: Iterable[Word]) -> frozenset[str]:
    """The stems of the words that carry a subject; figures have none."""
    return frozenset(
        stem(word.lemma) for word in words if word.text[0].isalpha() and word.lemma not in STOPWORDS
    )


def _line(text: str) -> Line:
    words = words_in(text)
    return Line(
        text=text,
        lemmas=tuple(lemmas(text)),
        content=stems_of(words),
        words=tuple(words),
        figures=tuple(figures_in(words)),
    )


def _is_of_car(fact: Fact) -> bool:
    return fact.subject not in _NO_CAR and fact.field != "text"


def _cars(draft: Draft, vocabulary: Vocabulary) -> tuple[CarFacts, ...]:
    fields: dict[str, dict[str, object]] = {}
    for fact in draft.facts:
        if _is_of_car(fact):
            fields.setdefault(fact.subject, {})[fact.field] = fact.value
    order = [stock_id for stock_id in draft.cars if stock_id in fields]
    order += [stock_id for stock_id in fields if stock_id not in order]
    return tuple(
        _car(stock_id, fields[stock_id], vocabulary) for stock_id in order if "model" in fields[stock_id]
    )


def _car(stock_id: str, values: Mapping[str, object], vocabulary: Vocabulary) -> CarFacts:
    names = model_tokens(str(values["model"]))
    while len(names) > 1 and names[0] in vocabulary.brand:
        names = names[1:]
    classes = {str(values[name]) for name in ("class", "base_class") if values.get(name)}
    if not classes:
        classes = set(read(" ".join(names), vocabulary).values.get("classes", []))
    options = [option for option in str(values.get("options") or "").split(";") if option.strip()]
    return CarFacts(
        stock_id=stock_id,
        names=names,
        classes=frozenset(classes),
        numbers={name: float(str(values[name])) for name in NUMBERS if values.get(name) is not None},
        terms={
            name: codes_in(words_in(str(values[name])), name, vocabulary) | {str(values[name])}
            for name in TERMS
            if values.get(name)
        },
        options=frozenset(
            {
                *(tuple(word.lemma for word in words_in(option)) for option in options),
                *(code for option in options for code in codes_in(words_in(option), "option", vocabulary)),
            }
        ),
        interior=frozenset(lemmas(str(values.get("interior") or ""))),
        status=str(values.get("status", "available")),
    )


def codes_in(words: Sequence[Word], field_name: str, vocabulary: Vocabulary) -> frozenset[str]:
    """The lexicon's codes of one field that words name."""
    found = (vocabulary.phrase_at(words, index) for index in range(len(words)))
    return frozenset(pair[1].value for pair in found if pair and pair[1].field == field_name)


def _told(car: CarFacts) -> set[str]:
    """Words that are true of one car only and so are no common property of the turn."""
    told = {word for option in car.options if isinstance(option, tuple) for word in option}
    return told | car.interior
