"""Which cars of the turn the words of a sentence name: by id, model, class, slang or place in the list shown."""

from collections.abc import Sequence

from chains.claims.evidence import CarFacts, Evidence
from chains.claims.items import Items, Mention
from chains.claims.words import CAR_WORDS, ORDINALS
from chains.names import Meaning
from chains.numerals import Word
from chains.vocabulary import CLASS_WORDS, Vocabulary


def with_ids(sentence: str, evidence: Evidence) -> str:
    """The sentence with a word of its own for each stock id, which would fall apart into words and numbers."""
    for index, car in enumerate(evidence.cars):
        sentence = _replace(sentence, car.stock_id, f" {_id_word(index)} ")
    return sentence


def _id_word(index: int) -> str:
    return f"zqcar{chr(ord('a') + index % 26)}"


def _replace(text: str, part: str, by: str) -> str:
    at = text.casefold().find(part.casefold())
    if not part or at < 0:
        return text
    end = at + len(part)
    if (at and text[at - 1].isalnum()) or (end < len(text) and text[end].isalnum()):
        return text
    return text[:at] + by + text[end:]


def read_mentions(items: Items, evidence: Evidence, vocabulary: Vocabulary) -> None:
    """Find all names; the words of the brand are taken up and name nothing."""
    words, index = items.words, 0
    while index < len(words):
        length, cars = _named_at(words, index, evidence, vocabulary)
        if length == 0:
            if words[index].text in vocabulary.brand:
                items.used.add(index)
            index += 1
            continue
        if cars is not None:
            _add(items, Mention(index, cars))
        items.used |= set(range(index, index + length))
        index += length


def _add(items: Items, mention: Mention) -> None:
    """One more mention; «C 180 (CAR-001)» is one, the car that both names mean."""
    last = items.mentions[-1] if items.mentions else None
    between = items.words[last.at : mention.at] if last else []
    named = [word for at, word in enumerate(between, last.at if last else 0) if at not in items.used]
    both = tuple(car for car in mention.cars if last and car in last.cars)
    if both and all(word.text in {",", "-", "№", "+"} for word in named):
        items.mentions[-1] = Mention(mention.at, both)
    else:
        items.mentions.append(mention)


def _named_at(
    words: Sequence[Word], index: int, evidence: Evidence, vocabulary: Vocabulary
) -> tuple[int, tuple[int, ...] | None]:
    """How many words name cars at `index`, and which cars of the turn they may be."""
    cars = evidence.cars
    by_id = [number for number in range(len(cars)) if words[index].text == _id_word(number)]
    if by_id:
        return 1, tuple(by_id)
    if words[index].lemma in ORDINALS or words[index].text in ORDINALS:
        following = words[index + 1] if index + 1 < len(words) else None
        if (
            following is None
            or following.lemma in CAR_WORDS
            or not following.text.isalpha()
            or _is_verb(following)
        ):
            place = ORDINALS.get(words[index].lemma, ORDINALS.get(words[index].text, 0))
            place = place if place >= 0 else len(cars) + place
            length = 2 if following is not None and following.lemma in CAR_WORDS else 1
            return length, (place,) if place < len(cars) else ()
    full_length, full = _full_name_at(words, index, evidence)
    found = vocabulary.names.at(words, index)
    if found is not None and found.length > full_length:
        end = index + found.length
        if any(meaning.field == "class" for meaning in found.meanings):
            end = _after_class_word(words, end)
        named = {number for meaning in found.meanings for number in _meant(cars, meaning)}
        dashed = full_length and index + full_length < end and words[index + full_length].text == "-"
        if dashed and not named:  # «AMG G 63 — 4 места»: the dash ends the name
            return full_length, full
        return end - index, tuple(sorted(named))
    if full_length:
        return full_length, full
    letter = _letter_class(words, index, vocabulary)
    if letter is not None:
        return letter[0], _of_class(cars, letter[1])
    phrase = vocabulary.phrase_at(words, index)
    if phrase is not None and phrase[1].field == "class":
        return _after_class_word(words, index + phrase[0]) - index, _of_class(cars, phrase[1].value)
    return 0, None


def _meant(cars: Sequence[CarFacts], meaning: Meaning) -> tuple[int, ...]:
    """The cars that a class or a model means: the model as a whole name first, else as a part of one."""
    if meaning.field == "class":
        return _of_class(cars, meaning.value)
    exact = tuple(number for number, car in enumerate(cars) if " ".join(car.names) == meaning.value)
    tokens = f" {meaning.value} "
    return exact or tuple(number for number, car in enumerate(cars) if tokens in f" {' '.join(car.names)} ")


def _is_verb(word: Word) -> bool:
    return word.lemma in {
        "стоить",
        "иметь",
        "есть",
        "дешевле",
        "дороже",
        "is",
        "be",
        "cost",
        "have",
        "costs",
        "has",
    }


def _full_name_at(words: Sequence[Word], index: int, evidence: Evidence) -> tuple[int, tuple[int, ...]]:
    best: tuple[int, tuple[int, ...]] = (0, ())
    for number, car in enumerate(evidence.cars):
        position, count = index, 0
        while position < len(words) and count < len(car.names):
            if words[position].text == "-" and count:
                position += 1
                continue
            if words[position].latin != car.names[count]:
                break
            position, count = position + 1, count + 1
        if count == len(car.names):
            length = position - index
            if length > best[0]:
                best = (length, (number,))
            elif length == best[0]:
                best = (length, (*best[1], number))
    return best


def _of_class(cars: Sequence[CarFacts], name: str) -> tuple[int, ...]:
    return tuple(number for number, car in enumerate(cars) if name in car.classes)


def _after_class_word(words: Sequence[Word], end: int) -> int:
    if end + 1 < len(words) and words[end].text == "-" and words[end + 1].text in CLASS_WORDS:
        return end + 2
    return end + 1 if end < len(words) and words[end].text in CLASS_WORDS else end


def _letter_class(words: Sequence[Word], index: int, vocabulary: Vocabulary) -> tuple[int, str] | None:
    word = words[index]
    name = vocabulary.letters.get(word.latin) or vocabulary.letters.get(word.text)
    end = _after_class_word(words, index + 1)
    if name and end > index + 1:
        return end - index, name
    if word.text in CLASS_WORDS and index + 1 < len(words):
        name = vocabulary.letters.get(words[index + 1].latin)
        return (2, name) if name else None
    return None
