"""What a message says to a form: a date, a number, an address, yes or no, another wish."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import phonenumbers

from chains.answers.context import Question
from chains.forms.when import When, read_when
from chains.forms.who import names_told
from chains.numerals import words_of
from chains.phrasing import read_phrasing
from chains.privacy import Masked, digits_of, find_emails, find_phones
from chains.text import STOPWORDS, normalise
from stores.lexicon import fold

_PHONE_REGION = "RU"
_WHOLE = frozenset("yes agree no close later earlier any".split())
_DIGITS = re.compile(r"\d[\d\s()+.-]*")
_FEWEST, _MOST = 5, 16
_BARE_NUMBER = re.compile(r"\W*(?:(?:на|давайте|пусть|вариант|option|number|номер|№|the|car)\s*)*(\d)\W*")
_ADDRESS_LIKE = re.compile(r"\S*@\S*|\bсобака\b")
# Words beside a date or a car that leave a message what it is: an answer to the form.
_FILLERS = frozenset(
    """
    можно мочь давать давайте удобно удобный подойти подходить подходит хотеть хотеться записать записаться запишите
    запись лучше тогда хорошо ладно окей ок ok okay время день дата машина автомобиль авто тест драйв тест-драйв test
    drive test-drive вариант примерно приехать подъехать приеду буду смочь пожалуйста спасибо please book time day date
    would work come make suit fine good great меня мне номер телефон phone number я мы и или а да нет не прокатиться
    покататься проехать попробовать класс class модель перенести перенесите поменять другой давай ну бы быть
    итак мой свободный свободно свой лучший
    """.split()
)


class Phrases:
    """The patterns of `assets/forms.toml` by purpose."""

    def __init__(self, patterns: Mapping[str, tuple[re.Pattern[str], ...]]) -> None:
        self._patterns = patterns

    def has(self, purpose: str, line: str) -> bool:
        """Whether a folded line serves a purpose: as a whole for those that say yes or no, else anywhere in it."""
        if purpose in _WHOLE:
            return any(pattern.fullmatch(line) for pattern in self._patterns[purpose])
        return any(pattern.search(line) for pattern in self._patterns[purpose])


def load_phrases(path: Path) -> Phrases:
    """Read the patterns. Raises FileNotFoundError, tomllib.TOMLDecodeError or re.error: the installation is broken."""
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return Phrases({name: tuple(map(re.compile, texts)) for name, texts in sections.items()})


@dataclass(frozen=True)
class Said:
    """One message as a form sees it.

    `phone` is in the form +79000000000, `number_like` tells of digits that are no phone though they look meant as one.
    `line` is the message folded for matching, `rest` the same without date and time. `ordinal` points at what was
    listed («вторую», «2»), with `bare_number` by a figure alone, which may be an hour as well. `masked` is the message
    as it may be stored. `whose` is the name to keep with what is given: of this question, or else of the whole message.
    """

    when: When
    phone: str | None
    number_like: bool
    email: str | None
    address_like: bool
    name: str | None
    whose: str | None
    ordinal: int | None
    bare_number: bool
    line: str
    rest: str
    masked: str

    @property
    def is_question(self) -> bool:
        """The visitor put a question mark, or a word that asks for a fact."""
        return bool(
            re.search(r"\b(сколько|почему|зачем|как(ой|ая|ие|ое)|чем|how|what|why|which)\b", self.line)
        )


def read_said(
    question: Question, *, number_awaited: bool, mask: Callable[[str], Masked], who: str | None = None
) -> Said:
    """Read a question's message; personal data are taken out before dates are looked for.

    `mask` is the salon's, `who` the name told in the whole message, of which this may be a part. Only where a number
    is awaited are digits that are none taken for a slip of the finger, and not for a date.
    """
    message = question.message
    masked = mask(message)
    phones, names = list(find_phones(message)), names_told(message, masked)
    emails = [span for span in find_emails(message) if _is_written(message[span.start : span.end])]
    bare = message
    for span in sorted([*phones, *emails, *names], reverse=True, key=lambda span: span.start):
        bare = f"{bare[: span.start]} {bare[span.end :]}"
    name = message[names[0].start : names[0].end].strip() if names else None
    number_like = number_awaited and not phones and _looks_like_a_number(bare)
    when = When(rest=fold(bare)) if number_like else read_when(bare, question.now)
    line = " ".join(fold(normalise(bare)).replace("?", " ").split())
    return Said(
        when=when,
        phone=as_e164(message[phones[0].start : phones[0].end]) if phones else None,
        number_like=number_like,
        email=message[emails[0].start : emails[0].end] if emails else None,
        address_like=not emails and bool(_ADDRESS_LIKE.search(line)),
        name=name,
        whose=name or who,
        ordinal=_ordinal(line, when),
        bare_number=bool(_BARE_NUMBER.fullmatch(line)),
        line=line,
        rest=" ".join(when.rest.split()),
        masked=masked.text,
    )


def _is_written(email: str) -> bool:
    """Not «иван собака почта точка ру»: to such an address no letter can be sent as it is."""
    return "@" in email and not re.search(r"\s", email)


def as_e164(text: str) -> str:
    """The number as +79000000000, also of one in words; what cannot be parsed as it was found."""
    try:
        number = phonenumbers.parse(text, _PHONE_REGION)
        if not phonenumbers.is_possible_number(number):
            number = phonenumbers.parse(digits_of(text), _PHONE_REGION)
    except phonenumbers.NumberParseException:
        try:
            number = phonenumbers.parse(digits_of(text), _PHONE_REGION)
        except phonenumbers.NumberParseException:
            return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _looks_like_a_number(text: str) -> bool:
    """A run of digits too long for a time and a date, yet no phone that exists."""
    for found in _DIGITS.finditer(text):
        count = sum(char.isdigit() for char in found.group())
        if _FEWEST <= count <= _MOST and not re.search(r"\d{1,2}[.:]\d{2}|20\d\d-\d\d", found.group()):
            return True
    return False


def _ordinal(line: str, when: When) -> int | None:
    """The place in a list: «вторую», «номер 2», or a bare «2»."""
    if bare := _BARE_NUMBER.fullmatch(line):
        return int(bare[1]) - 1
    words = words_of(when.rest)
    return read_phrasing(words, frozenset())[0].ordinal


def extra_words(question: Question, said: Said) -> int:
    """How many words are neither date, nor car, nor courtesy."""
    unknown = set(question.reading.unknown)
    return sum(
        word.text in unknown and word.lemma not in _FILLERS and word.text not in _FILLERS | STOPWORDS
        for word in words_of(said.rest)
    )
