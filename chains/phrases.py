"""Phrases of the lexicon in a message: bodies, colours outside and inside, drives, equipment, slang for classes."""

from collections.abc import Iterable, MutableMapping, Sequence
from collections.abc import Set as AbstractSet

from chains.names import Meaning
from chains.numerals import Word
from chains.ordinary import ordinary_words
from chains.phrasing import is_phrasing
from chains.refusals import limits_what_is_wished
from chains.text import STOPWORDS
from chains.vocabulary import Vocabulary

_ON = {"на", "on", "over"}
NEGATIONS = {"не", "кроме", "без", "except", "not", "no", "without", "besides", "исключая", "but", "минус"}
_JOINERS = {"и", "или", "либо", "ни", "and", "or", "nor", ",", "-"}
_ALTERNATIVES = {"и", "или", "либо", "and", "or"}
_INTERIOR = {
    *("салон", "интерьер", "обивка", "внутри", "сиденье", "кресло", "потолок", "отделка"),
    *("interior", "upholstery", "inside", "seat", "cabin"),
}
_MASCULINE = {"салон", "интерьер", "потолок"}
_OUTSIDE = {"снаружи", "кузов", "outside", "exterior", "body"}
_WISHING = set(
    "хочу хотим хотел хотела хотели хотелось надо нужен нужна нужно нужны интересует интересуют интересен "
    "интересна интересны ищу ищем рассматриваю рассматриваем want need be interested looking for".split()
)
_REFUSING = {
    *("предлагать", "показывать", "надо", "нужный", "нужно", "хотеть", "интересовать", "рассматривать"),
    *("подходить", "нравиться", "показать", "предложить", "брать", "хотеться"),
}
_TAKING_OUT = {"убрать", "исключить", "исключать", "убирать", "вычеркнуть"}
_BETWEEN = {
    *(
        "не",
        "not",
        "в",
        "in",
        "цвета",
        "-",
        ":",
        "был",
        "была",
        "было",
        "были",
        "быть",
        "будет",
        "должен",
        "должна",
    ),
    *("именно", "только", "обязательно", "is", "was", "be", "в", "цвет"),
}
_AT_THE_DEALER = {
    "в",
    "во",
    "вашем",
    "вашего",
    "ваш",
    "нашем",
    "нашего",
    "этом",
    "этого",
    "из",
    "по",
    "у",
    "вашей",
    "your",
}
_FIELD_OF_TEXT = """
class:classes model:models body:bodies fuel:fuels drive:drives transmission:transmissions color:colors
interior:interiors option:options chassis:chassis
"""
_FIELD_OF = {key: value for key, _, value in (pair.partition(":") for pair in _FIELD_OF_TEXT.split())}

Values = MutableMapping[str, list[str]]


def read_phrases(words: Sequence[Word], vocabulary: Vocabulary, values: Values, taken: set[int]) -> None:
    """Add what the words mean to `values` (fields of a CarFilter) and their positions to `taken`.

    A negation holds for the term after it and for those joined to that («кроме седанов, купе и универсалов»); after
    a comma only for values of the same field («не дизель, кроссовер до 5 млн»).
    """
    index = 0
    negated_field: str | None = None
    inside: int | None = None  # where the last colour of an interior ended
    outside: int | None = None  # and the last of the car itself: «чёрный на бежевом»
    material: int | None = None  # and the last upholstery: «кожа бежевая»
    while index < len(words):
        found = None if index in taken else _phrase_at(words, index, vocabulary, taken)
        if found is None:
            if words[index].text not in _JOINERS:
                negated_field = None
            index += 1
            continue
        length, meaning = found
        if meaning.field == "color":
            joined_to = inside == index - 1 and words[index - 1].text in _ALTERNATIVES
            joined_to = joined_to or index == material
            joined_to = joined_to or (outside == index - 1 and words[index - 1].text in _ON)
            own = _interior_words(
                words, index, index + length, vocabulary, taken, joined_to_interior=joined_to
            )
            inside, outside = (index + length, None) if own else (None, index + length)
            meaning = Meaning("interior", meaning.value) if own else meaning
            taken.update(own)
        joined = index > 0 and words[index - 1].text in _JOINERS
        continued = (
            negated_field is not None
            and joined
            and (words[index - 1].text != "," or negated_field == meaning.field)
        )
        material = index + length if meaning in vocabulary.materials else None
        negation = _negation(words, index, taken)
        refusal = negation_after(words, index + length, taken)
        negated = continued or negation is not None or bool(refusal)
        taken.update(refusal)
        if negation is not None:
            taken.add(negation)
        negated_field = meaning.field if negated else None
        key = Meaning("color", meaning.value) if meaning.field == "interior" else meaning
        for value in (meaning.value, *(() if negated else vocabulary.includes.get(key, ()))):
            add_value(values, Meaning(meaning.field, value), negated)
        taken.update(range(index, index + length))
        index += length


def narrowed(words: Sequence[Word], vocabulary: Vocabulary, values: Values) -> None:
    """«гибрид, который заряжается от розетки» is the narrower of the two; «гибрид или плагин» is both."""
    if any(word.text in {"или", "либо", "or"} for word in words):
        return
    said = {meaning for _, meaning in _found_phrases(words, vocabulary)}
    for wide, included in vocabulary.includes.items():
        others = set(included) - {wide.value}
        narrow = {value for value in others if Meaning(wide.field, value) in said}
        name = _FIELD_OF.get(wide.field, "")
        if wide in said and narrow and wide.value in values.get(name, ()):
            values[name] = [
                value for value in values[name] if value in narrow or value not in {wide.value, *included}
            ]


def _found_phrases(words: Sequence[Word], vocabulary: Vocabulary) -> Iterable[tuple[int, Meaning]]:
    index = 0
    while index < len(words):
        found = vocabulary.phrase_at(words, index)
        if found:
            yield found
        index += found[0] if found else 1


def numbered_phrases(words: Sequence[Word], vocabulary: Vocabulary) -> set[int]:
    """Where numbers belong to a phrase («камера 360», «4x4»), so that they are no amounts; seats are amounts, too."""
    found: set[int] = set()
    for index in range(len(words)):
        phrase = vocabulary.phrase_at(words, index)
        if phrase is None or phrase[1].value in vocabulary.seats:
            continue
        span = range(index, index + phrase[0])
        if phrase[0] > 1 and any(words[position].number is not None for position in span):
            found.update(span)
    return found


def _phrase_at(
    words: Sequence[Word], index: int, vocabulary: Vocabulary, taken: AbstractSet[int]
) -> tuple[int, Meaning] | None:
    """A known phrase, or what a misspelt word was meant to be."""
    found = vocabulary.phrase_at(words, index)
    if found is not None and any(position in taken for position in range(index, index + found[0])):
        found = None
    if (
        found is not None
        and found[1].field == "version"
        and not _beside_a_name(words, index, found[0], vocabulary, taken)
    ):
        return None
    if found is None and words[index].lemma not in STOPWORDS and not is_phrasing(words[index]):
        meaning = vocabulary.misspelt(words[index])
        found = (1, meaning) if meaning else None
    return found


def _beside_a_name(
    words: Sequence[Word], index: int, length: int, vocabulary: Vocabulary, taken: AbstractSet[int]
) -> bool:
    """A version called by an everyday word is one only beside a name: «S 500 long», but not "long trips"."""
    if length > 1 or words[index].text not in ordinary_words():
        return True
    end = index + length
    following = vocabulary.phrase_at(words, end) if end < len(words) else None
    after = end < len(words) and (end in taken or (following is not None and following[1].field in _NAMING))
    before = index > 0 and (index - 1 in taken or vocabulary.names.is_brand(words[index - 1]))
    return before or after or len(words) == length


_NAMING = {"class", "version", "body"}


def _interior_words(
    words: Sequence[Word],
    start: int,
    end: int,
    vocabulary: Vocabulary,
    taken: AbstractSet[int],
    *,
    joined_to_interior: bool,
) -> set[int]:
    """The words by which a colour at words[start:end] is that of the interior («салон»); empty: it is the car's."""
    for position in _colors_joined(words, end, vocabulary):
        if position < len(words) and words[position].lemma in _OUTSIDE:
            return set()
        if position < len(words) and words[position].lemma in _INTERIOR:
            return {position} if _agree(words[start], words[position]) else set()
        material = vocabulary.phrase_at(words, position) if position < len(words) else None
        if material is not None and material[1] in vocabulary.materials:
            after = position + material[0]
            own = after < len(words) and words[after].lemma in _INTERIOR
            return {after} if own else {start}
    if joined_to_interior:
        return {start}
    before = start - 1
    while before > 0 and words[before].text in _BETWEEN:
        before -= 1
    if before < 0 or before in taken or words[before].lemma not in _INTERIOR:
        return set()
    dealer = before > 0 and words[before].lemma == "салон" and words[before - 1].text in _AT_THE_DEALER
    used = before > 1 and words[before - 2].text in {"б", "/", "-"}  # «б/у»
    return set() if dealer and not used else {before}


def _agree(color: Word, noun: Word) -> bool:
    """«белая салон …» begins with the car's colour: the masculine noun is another one's."""
    return noun.lemma not in _MASCULINE or not color.text.endswith(("ая", "яя", "ые", "ие", "ое", "ее"))


def _colors_joined(words: Sequence[Word], end: int, vocabulary: Vocabulary) -> Iterable[int]:
    """The positions after a colour, and after the colours joined to it: «чёрный или коричневый салон»."""
    yield end
    position = end
    while position < len(words) and words[position].text in _ALTERNATIVES:
        found = vocabulary.phrase_at(words, position + 1)
        if found is None or found[1].field != "color":
            return
        position += 1 + found[0]
        yield position


def _negation(words: Sequence[Word], index: int, taken: AbstractSet[int]) -> int | None:
    """Where the negation before `index` stands, a preposition between them: «не с чёрным салоном»."""
    for before in (index - 1, index - 2):
        if before >= 0 and before not in taken and words[before].text in NEGATIONS:
            return None if limits_what_is_wished(words, before) else before
        if before < 0 or words[before].text not in {
            "с",
            "со",
            "в",
            "на",
            "with",
            "in",
            "the",
            "a",
            "любой",
            "любого",
            *_WISHING,
        }:
            return None
    return None


def negation_after(words: Sequence[Word], end: int, taken: AbstractSet[int]) -> range:
    """The words after a term by which it is not wanted: «чёрный не предлагать», «майбахи убери»; empty without any."""
    following = [words[position].lemma for position in range(end, min(end + 2, len(words)))]
    if following[:1] and following[0] in _TAKING_OUT and end not in taken:
        return range(end, end + 1)
    if (
        len(following) > 1
        and following[0] in {"не", "not"}
        and following[1] in _REFUSING
        and end not in taken
    ):
        return range(end, end + 2)
    return range(0)


def is_negated(words: Sequence[Word], index: int, taken: AbstractSet[int]) -> bool:
    """A negation stands right before `index` and belongs to nothing else."""
    return _negation(words, index, taken) is not None


def add_value(values: Values, meaning: Meaning, negated: bool) -> None:
    """Put a value under the CarFilter field it belongs to; a version («AMG») is a part of the model's name."""
    if meaning.field == "version":
        found = values.setdefault("not_versions" if negated else "versions", [])
    else:
        target = _FIELD_OF[meaning.field]
        found = values.setdefault(f"not_{target}" if negated else target, [])
    if meaning.value not in found:
        found.append(meaning.value)
