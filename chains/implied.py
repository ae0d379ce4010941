"""Words that a question of knowledge implies: who asks where a car is built looks for «завод»."""

import re

_IMPLIED = (
    (
        r"\bстран\w* (?:сборк|производ|происхожд)|\b(?:чьей|какой|чья|место) (?:сборк|производств)|\bна каком заводе"
        r"|\bгде\b.{0,30}\b(?:собира|выпуска|производ|делают|изготавлив|собран)"
        r"|\bwhere\b.{0,40}\b(?:built?|made?|assembled?|produced?|manufactured?)\b",
        ("завод", "собирать"),
    ),
    (
        r"\b(?:с какого|в каком) год\w*.{0,20}\b(?:выпуск|дела|собира|появ|производ|показ)"
        r"|\bкогда\b.{0,30}\b(?:появил|вышел|вышла|начал|выпуст|показал)|\bпоколени|\bсколько поколений"
        r"|\bwhen (?:was|did)\b.{0,30}\b(?:first|launch|releas|introduc|appear|come out)|\bgenerations?\b",
        ("история", "появиться"),
    ),
    (r"\bкому (?:что )?(?:подойд|подход)|\bwhich (?:one )?suits|\bчто (?:лучше|взять|выбрать)", ("выбрать",)),
)
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), words) for pattern, words in _IMPLIED)


def implied(message: str) -> tuple[str, ...]:
    """The words that a message implies for the search, in the order of the table; none for most."""
    return tuple(word for pattern, words in _PATTERNS if pattern.search(message) for word in words)
