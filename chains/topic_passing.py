"""A forbidden topic that a question about the salon only names in passing.

«Какая ставка по кредиту, не казино же» asks for a rate; so do «цены как в казино, а скидки есть?» and «выиграл в покер,
что есть до трёх миллионов?». A clause names the topic in passing if it denies it, likens something to it, waves it
away, or merely states something, neither asking nor telling to do anything. The rest must be about the salon.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from chains.patterns import StopList, Word, words_of
from chains.text import is_command, is_numeral

_CLAUSE = re.compile(r"[,;:.!?…()\n]+|\s[-–—]+\s|\s(?:но|зато|однако|but)\s", re.IGNORECASE)
_CYRILLIC = re.compile("[а-яё]")
_ADJECTIVE = re.compile("[а-я]{3}(?:ого|его|ой|ый|ий|ых|их|ым|им)$")
_TO_YOU = re.compile("[а-я]{3}(?:е|и)(?:шь|те)$")  # «подскажешь», «знаете»
_WAVED_AWAY_WITHIN = 4


class Passing:
    """Tells mentions from questions. `lists` are the word lists `links`, `denials`, `likens`, `particles`,
    `uninteresting` and `asks`; `salon` are lemmas of which a question about the salon has at least one."""

    def __init__(self, lists: Mapping[str, Sequence[str]], salon: Collection[str]) -> None:
        self._links, self._denials, self._likens, self._particles, self._asks = (
            frozenset(lists[name]) for name in ("links", "denials", "likens", "particles", "asks")
        )
        self._waves_away = StopList(lists["uninteresting"])
        self._salon = frozenset(salon)

    def rest(self, text: str, topic: StopList) -> str | None:
        """The text without the clauses that name the topic in passing, or None where some clause is about it."""
        rest: list[str] = []
        asides: list[str] = []
        for clause, is_question in _clauses(text):
            words = words_of(clause)
            places = topic.places(words)
            if not places:
                rest.append(clause)
            elif any(self._is_set_aside(words, start, end) for start, end in places):
                asides.append(clause)
            elif is_question or self._asks_or_tells(words):
                return None
            else:
                asides.append("")
        told = words_of("\n".join((*rest, *asides)))
        return "\n".join(rest) if any(self._is_of_salon(word) for word in told) else None

    def _is_set_aside(self, words: Sequence[Word], start: int, end: int) -> bool:
        """«Не как в казино», «как наркотик», «машина от депутата», «политика меня не интересует»."""
        before = start - 1
        linked = likened = False
        while before >= 0 and self._leads_over(words[before].form):
            linked |= words[before].form in self._links
            likened |= words[before].form in self._likens
            before -= 1
        if before >= 0 and (
            words[before].form in self._denials or (linked and self._is_of_salon(words[before]))
        ):
            return True
        if likened and all(word.form in self._particles for word in words[end:]):
            return True
        return self._waves_away.stands_in(words[end : end + _WAVED_AWAY_WITHIN])

    def _leads_over(self, form: str) -> bool:
        return form in self._links or form in self._likens or bool(_ADJECTIVE.search(form))

    def _asks_or_tells(self, words: Sequence[Word]) -> bool:
        return any(
            word.form in self._asks
            or word.lemma in self._asks
            or _TO_YOU.search(word.form)
            or (_CYRILLIC.search(word.form) and is_command(word.form) and not is_numeral(word.form))
            for word in words
        )

    def _is_of_salon(self, word: Word) -> bool:
        return word.lemma in self._salon or any(char.isdigit() for char in word.form)


def _clauses(text: str) -> list[tuple[str, bool]]:
    """The clauses, each with whether a question mark ends it."""
    found: list[tuple[str, bool]] = []
    start = 0
    for match in _CLAUSE.finditer(text):
        if text[start : match.start()].strip():
            found.append((text[start : match.start()], "?" in match.group()))
        start = match.end()
    if text[start:].strip():
        found.append((text[start:], False))
    return found
