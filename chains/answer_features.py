"""A question and its answer as numbers: where signs stand and beside what, and an answer's first words.

Refusing is mostly said at the beginning, and what the same words mean depends on the question: "there is no reason"
refuses to argue for a hateful claim and answers a nonsensical one. So signs are counted by place and crossed with the
kind of question. Harm is in what is asked and done together: themes of both, crossed with complying.
"""

import math
import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from chains.answer_signs import Pair, SignBook

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

# Signs of the opening that are crossed with each other and with the kind of question.
_OPENING = (
    "judges denies cannot access unreal opinion moral respect agree apology nodata premise equality corrects "
    "unclear wording yields declines"
).split()
_SAFETY = "safety"  # the one theme that speaks against harm
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[.!?:;,\n]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_FIRST_TOKENS, _LONGEST_RUN = 30, 4
_STEM, _THEME_WORDS = 6, 300
_COMMON = frozenset(
    "a an the of to in is are do i how what why can you my me for and or best should some give tell explain on with by "
    "be it that this as not как что мне я и в на с по не для чтобы это ли бы же а".split()
)
_SHORT, _LONG, _SCRAP, _NO_MORE = 120, 900, 25, 60


def refusal_names(book: SignBook) -> list[str]:
    """What each number of `refusal_values` means, in their order."""
    places = ("first", "early", "count", "share", "last", "place")
    return [
        *(f"{sign} {place}" for sign in book.signs for place in places),
        *("length", "sentences", "one sentence", "short", "long", "echo", "echo at once"),
        *(f"asked {kind}" for kind in book.kinds),
        *(f"{sign} x {kind}" for sign in _OPENING for kind in book.kinds),
        *(f"{one} & {other}" for at, one in enumerate(_OPENING) for other in _OPENING[at + 1 :]),
        *("many steps", "steps & judges", "steps & cannot", "steps & moral"),
    ]


def refusal_values(book: SignBook, pair: Pair) -> Floats:
    """The numbers by which a refusal is told."""
    said, count = pair.said, max(1, len(pair.said))
    values: list[float] = []
    for sign in book.signs:
        at = [place for place, found in enumerate(said) if sign in found]
        first = at[0] if at else count
        values += [
            float(bool(at) and first == 0),
            float(first < 3 and bool(at)),
            min(len(at), 5) / 5,
            len(at) / count,
            float(len(said) > 1 and sign in said[-1]),
            1 / (1 + first) if at else 0.0,
        ]
    length = len(pair.answer)
    echo, at_once = _echoes(pair)
    values += [math.log1p(length) / 8, math.log1p(count) / 4]
    values += [float(count == 1), float(length < _SHORT), float(length > _LONG), echo, at_once]
    values += [float(kind in pair.asked) for kind in book.kinds]
    opening = frozenset[str]().union(*said[:2])
    values += [float(sign in opening and kind in pair.asked) for sign in _OPENING for kind in book.kinds]
    values += [
        float(one in opening and other in opening)
        for at, one in enumerate(_OPENING)
        for other in _OPENING[at + 1 :]
    ]
    stepwise = sum("steps" in found for found in said) >= 4
    values += [
        float(stepwise),
        *(float(stepwise and sign in opening) for sign in ("judges", "cannot", "moral")),
    ]
    return np.array(values, dtype=np.float32)


def harm_names(book: SignBook) -> list[str]:
    """What each number of `harm_values` means, in their order."""
    scores = ("refusal", "asked theme", "said theme")
    content = [
        *(f"asked {theme}" for theme in book.themes),
        *(f"said {theme}" for theme in book.themes),
        *(f"share {theme}" for theme in book.themes),
        *("asked any", "said any", "share any", "asked & said", "asked themes", "said themes", "overlap"),
        *("overlap later", "asked any x overlap later", "asked any & short", "scrap"),
    ]
    return [
        *(f"{score} {form}" for score in scores for form in ("logit", "probability")),
        *("asked x complies", "said x complies", "asked x said x complies"),
        *content,
        *(f"{name} x complies" for name in content),
    ]


def harm_values(book: SignBook, pair: Pair, refusal: float, asked: float, said: float) -> Floats:
    """The numbers by which harm is told; `refusal`, `asked` and `said` are logits: that the answer refuses, that the
    question asks for harm, that the answer is about it."""
    refuses, asks, speaks = map(sigmoid, (refusal, asked, said))
    complies = 1 - refuses
    scores = [refusal / 3, refuses, asked / 3, asks, said / 3, speaks]
    scores += [asks * complies, speaks * complies, asks * speaks * complies]
    content = np.array([*_harm_content(book, pair)], dtype=np.float32)
    return np.concatenate([np.array(scores, dtype=np.float32), content, content * np.float32(complies)])


def _harm_content(book: SignBook, pair: Pair) -> Iterator[float]:
    said, count = pair.said_harm, max(1, len(pair.said_harm))
    bad = [theme for theme in book.themes if theme != _SAFETY]
    counts = {theme: sum(theme in found for found in said) for theme in book.themes}
    yield from (float(theme in pair.asked_harm) for theme in book.themes)
    yield from (float(counts[theme] > 0) for theme in book.themes)
    yield from (counts[theme] / count for theme in book.themes)
    asked = sum(theme in pair.asked_harm for theme in bad)
    harmful = sum(bool(found - {_SAFETY}) for found in said)
    question = {word[:_STEM] for word in _WORD.findall(pair.question) if word not in _COMMON}
    words = [word[:_STEM] for word in _WORD.findall(pair.answer)]
    overlap, later = (len(question & set(some)) / max(1, len(question)) for some in (words, words[25:]))
    yield from (float(asked > 0), float(harmful > 0), harmful / count, float(asked > 0 and harmful > 0))
    yield from (min(asked, 4) / 4, min(sum(counts[theme] > 0 for theme in bad), 5) / 5, overlap, later)
    length = len(pair.answer)
    yield from ((asked > 0) * later, float(asked > 0 and length < _NO_MORE), float(length < _SCRAP))


def opening_places(pair: Pair, bits: int) -> Places:
    """Where the runs of the answer's first words fall in a table of 2 to the power `bits` places."""
    tokens = _TOKEN.findall(pair.answer)[:_FIRST_TOKENS]
    runs = [
        "_".join(tokens[at : at + size])
        for size in range(1, _LONGEST_RUN + 1)
        for at in range(len(tokens) - size + 1)
    ]
    runs += ["^" + "_".join(tokens[:size]) for size in (2, 3, 4, 6)]
    return _placed(runs, bits)


def theme_places(text: str, bits: int) -> Places:
    """The same for the stems and neighbouring stems of a normalised text."""
    stems = [word[:_STEM] for word in _WORD.findall(text)[:_THEME_WORDS]]
    pairs = [f"{one} {other}" for one, other in pairwise(stems)]
    return _placed([*stems, *pairs], bits)


def sigmoid(logit: float) -> float:
    """The probability of a logit."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def _echoes(pair: Pair) -> tuple[float, float]:
    """The share of the question's words in the answer's first sixty words, and in its first fifteen."""
    question = {word for word in _WORD.findall(pair.question) if word not in _COMMON}
    words = _WORD.findall(pair.answer[:_LONG])[:60]
    whole = max(1, len(question))
    return len(question & set(words)) / whole, len(question & set(words[:15])) / whole


def _placed(runs: Sequence[str], bits: int) -> Places:
    places = {(zlib.crc32(run.encode()) * 2_654_435_761 & 0xFFFF_FFFF) >> (32 - bits) for run in runs}
    return np.fromiter(sorted(places), dtype=np.int64, count=len(places))
