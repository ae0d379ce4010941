"""Who the visitor is, as a message tells it: what a call-back and a test drive need beside the number."""

import re

from chains.privacy import Masked, Span, find_names
from chains.privacy.name_words import is_nominative_name

_CONTACTS = frozenset({"phone", "email"})
# What may stand between a name and a number for the one to be whose the other is: «Вера, мой номер …».
_BETWEEN = re.compile(
    r"\W*(?:(?:и|а|это|меня|зовут|моё|мое|имя|мой|номер\w*|тел|телефон\w*|почта|по|на|здесь|с|уважением|"
    r"and|this|is|it['’]s|i['’]m|i|am|here|my|name|number|phone|mobile|tel|e?-?mail|regards|thanks|спасибо)\b\W*)*",
    re.IGNORECASE,
)


def names_told(message: str, masked: Masked) -> list[Span]:
    """Where the visitor names themselves: after words that announce it, beside a number or an address, or alone.

    `masked` is the same message. A Russian name beside a number counts in the nominative only: «звоните Вере» names
    somebody to be called, «Вера, перезвоните мне» may be anybody.
    """
    if announced := list(find_names(message)):
        return announced
    names = [span for span in masked.found if span.kind == "name"]
    contacts = [span for span in masked.found if span.kind in _CONTACTS]
    alone = not any(map(str.isalnum, re.sub(r"\[[^\]]*\]", "", masked.text)))
    return [
        name
        for name in names
        if _is_addressed(message[name.start : name.end])
        and (alone or any(_between(message, name, contact) for contact in contacts))
    ][:1]


def who_is(message: str, masked: Masked) -> str | None:
    """The name that the visitor gives, as they write it; None when they give none."""
    told = names_told(message, masked)
    return message[told[0].start : told[0].end].strip() if told else None


def _is_addressed(name: str) -> bool:
    words = re.findall(r"[^\W\d_]+", name)
    return name.isascii() or any(map(is_nominative_name, words))


def _between(message: str, name: Span, contact: Span) -> bool:
    first, second = sorted([name, contact], key=lambda span: span.start)
    return bool(_BETWEEN.fullmatch(message[first.end : second.start]))
