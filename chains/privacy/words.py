"""A message's words with what stands around them, as the finders of names see them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from chains.privacy.name_words import NameWord, latin_name_word, name_word

_WORD = re.compile(r"[^\W\d_]+(?:[-‐‑'’][^\W\d_]+)*")
_QUOTED = re.compile(r"[«\"“„]$")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[.!?…\n\r]\W*$|^\W*$|[•;]\s*$|[\U0001f300-\U0001faff☺]\W*$")


@dataclass(frozen=True)
class NameToken:
    """A word of the message; `begins` tells that a sentence begins with it, so that its capital letter says nothing."""

    text: str
    start: int
    end: int
    begins: bool
    shouted: bool
    """All of the message is in capitals."""

    @cached_property
    def low(self) -> str:
        """The word in lower case, ё as е."""
        return self.text.lower().replace("ё", "е")

    @cached_property
    def is_cyrillic(self) -> bool:
        """It has Cyrillic letters."""
        return bool(_CYRILLIC.search(self.text))

    @cached_property
    def capital(self) -> bool:
        """It is written like a name: Сергей; or СЕРГЕЙ in a message that is not all in capitals."""
        return self.text[0].isupper() and not self.shouted

    @cached_property
    def name(self) -> NameWord:
        """What it may be in a name, whatever its alphabet."""
        return name_word(self.text) if self.is_cyrillic else latin_name_word(self.text)


class Words:
    """The words of a text in their order."""

    def __init__(self, text: str) -> None:
        self.text = text
        letters = [char for char in text if char.isalpha()]
        upper = sum(char.isupper() for char in letters)
        shouted = len(letters) > 12 and upper > 0.8 * len(letters)
        self._tokens = [
            NameToken(
                match.group(),
                match.start(),
                match.end(),
                bool(_ENDS_SENTENCE.search(text[max(0, match.start() - 8) : match.start()]))
                if match.start() > 8
                else bool(re.search(r"[.!?…\n]\W*$", text[: match.start()]))
                or not re.search(r"\w", text[: match.start()]),
                shouted,
            )
            for match in _WORD.finditer(text)
        ]
        self._by_start = {token.start: place for place, token in enumerate(self._tokens)}

    def __len__(self) -> int:
        return len(self._tokens)

    def __getitem__(self, place: int) -> NameToken:
        return self._tokens[place]

    def between(self, start: int, end: int) -> list[NameToken]:
        """The words from one place up to another."""
        return self._tokens[start:end]

    def gap(self, place: int) -> str:
        """What stands between a word and the next one; everything after the last."""
        end = self._tokens[place + 1].start if place + 1 < len(self) else len(self.text)
        return self.text[self._tokens[place].end : end]

    def before(self, place: int) -> str:
        """What stands between the word before and this one."""
        start = self._tokens[place - 1].end if place else 0
        return self.text[start : self._tokens[place].start]

    def after(self, pattern: re.Pattern[str]) -> Iterator[int]:
        """The places of the words right after whatever a pattern finds."""
        for match in pattern.finditer(self.text):
            if (place := self.at(match.end())) is not None:
                yield place

    def after_a_number(self, place: int) -> bool:
        """Whether a digit stands right before a word."""
        start = self._tokens[place].start
        return bool(re.search(r"\d\s?$", self.text[max(0, start - 3) : start]))

    def quoted(self, place: int) -> bool:
        """Whether a quotation begins with a word."""
        return bool(_QUOTED.search(self.text[: self._tokens[place].start][-2:]))

    def are_one(self) -> bool:
        """Whether the text is one word and no number."""
        return len(self) == 1 and not any(map(str.isdigit, self.text))

    def at(self, offset: int) -> int | None:
        """The place of the first word that begins at an offset or right after it, quotes and spaces left out."""
        while offset < len(self.text) and not self.text[offset].isalpha():
            if self.text[offset] not in " \t\u00a0\"«“'—–-:=":
                return None
            offset += 1
        return self._by_start.get(offset)
