"""What a message says once its disguise is off: lookalike letters, spelt-out words, codes.

A disguise changes how a text looks, not what it asks. So the guard reads the message as it is and, beside that, as
it would read undisguised; it never replaces one by the other, since model names and prices look odd too. Letters, codes
and words are undone in `letters`, `codes` and `words`; what was read out of noise counts only if it reads as a text.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from chains.disguises.codes import decoded, shifted
from chains.disguises.letters import (
    in_one_alphabet,
    letters_for_digits,
    looks_turned,
    plain_letters,
    turned_over,
    without_markup,
)
from chains.disguises.words import reads_as_text, repaired, retyped, reversed_words, unglued, warm_up
from chains.text import normalise

__all__ = ["Kind", "Reading", "readings", "warm_up"]

Kind = Literal["plain", "decoded", "glued"]


class Reading(NamedTuple):
    """One way to read a message.

    `plain` is as written or with lookalike letters put right, `decoded` what a code or a repair of its words says (for
    most messages noise), `glued` a text whose spaces are lost, so that only letters can be compared.
    """

    text: str
    kind: Kind = "plain"


_DEPTH = 3  # a code inside a code inside a code; deeper ones are nobody's question
_MOST = 24  # readings of one message: enough for every disguise at once, and a bound on the work
_LONG = 1200  # characters; of a longer text only what looks like a code or like letters of elsewhere is undone ...
_MOST_IF_LONG = 6  # ... and so many readings are judged
_SPELT = re.compile(r"(?<![^\W_])[^\W_](?:([\s\-_.,*|/·•+~'\"]{1,2})[^\W_](?![^\W_])){3,}")
_NARROW_LINES = re.compile(r"(?:^\s*\S{1,20}(?:\s\S{1,20})?\s*$\n?){3,}", re.MULTILINE)


def readings(text: str) -> list[Reading]:
    """The message as written (normalised) first, then every other way in which it makes letters and words."""
    found = {Reading(normalise(text))}
    ordered = [*found]
    latest = [Reading(text)]
    most = _MOST if len(text) <= _LONG else _MOST_IF_LONG
    for depth in range(_DEPTH):
        fresh: list[Reading] = []
        for source in latest:
            for other in (*_others(source.text), *(_reversible(source.text) if depth == 0 else ())):
                # what is read out of noise stays noise, even where it only straightens letters
                kind: Kind = "decoded" if source.kind == "decoded" and other.kind == "plain" else other.kind
                reading = Reading(other.text, kind)
                if (
                    reading.text.strip()
                    and reading not in found
                    and (kind == "glued" or Reading(reading.text) not in found)
                ):
                    found.add(reading)
                    fresh.append(reading)
        ordered += fresh
        latest = [reading for reading in fresh if reading.kind != "glued"]
        if not latest or len(ordered) >= most:
            break
    return ordered[:most]


def _others(text: str) -> Iterator[Reading]:
    yield from (Reading(normalise(said), "decoded") for said in decoded(text))
    plain = plain_letters(text)
    yield Reading(plain)
    smooth = without_markup(plain)
    yield Reading(smooth)
    yield Reading(in_one_alphabet(smooth))
    yield from (Reading(lettered) for lettered in letters_for_digits(smooth))
    yield from _spelt_out(smooth)
    if _NARROW_LINES.search(smooth):
        yield Reading(" ".join(smooth.split()))
    if len(smooth) <= _LONG:
        mended = repaired(in_one_alphabet(smooth))
        yield Reading(mended, "decoded")
        yield from (Reading(repaired(cut), "decoded") for cut in unglued(plain))


def _reversible(text: str) -> Iterator[Reading]:
    """What done twice gives the text back, and shifts of the alphabet: read once, from the message itself only."""
    plain = plain_letters(text)
    if looks_turned(text):
        feet = turned_over(normalise(text).lower())
        yield from (Reading(one, "decoded") for one in (feet, feet[::-1]))
    if len(plain) <= 8 or len(plain) > _LONG or reads_as_text(plain):
        return
    for other in (plain[::-1], reversed_words(plain), retyped(plain), *shifted(plain)):
        if reads_as_text(other) or reads_as_text(other := repaired(other)):
            yield Reading(other, "decoded")


def _spelt_out(text: str) -> Iterator[Reading]:
    """«и г н о р и р у й», «и-г-н-о-р…»: the letters put together, two spaces or another sign parting words."""
    if not _SPELT.search(text):
        return
    joined = _SPELT.sub(lambda match: re.sub(r"[\W_]", "", match.group()), re.sub(r"\s{2,}", " \n ", text))
    yield Reading("".join(char for char in joined.lower() if char.isalnum()), "glued")
    yield Reading(joined.replace(" \n ", " "))
    yield from (Reading(repaired(cut), "decoded") for cut in unglued(re.sub(r"\s", "", joined.lower())))
