"""Made-up passages, to see how long a search takes in a corpus of any size."""

import random
from collections.abc import Sequence
from itertools import islice

import numpy as np

from chains.embeddings import common_words
from chains.text import tokens
from stores.passages import Passage

_SEED = 11
_OWN_SHARE = 0.3
"""The share of words drawn from the corpus itself, so that its words have long lists, too."""


def fill(passages: Sequence[Passage], count: int) -> list[Passage]:
    """The passages and as many made-up ones as are lacking for `count`.

    A made-up one is as long as one of the passages; its words are drawn as often as they occur, from the corpus and
    from the 250,000 Russian words of the embedded vectors: lists and vocabulary are then as long as those of real text.
    """
    chance, draw = random.Random(_SEED), np.random.default_rng(_SEED)  # noqa: S311  # text, no secret
    own = [token.text for passage in passages for token in tokens(passage.text)]
    lengths = [len(tokens(passage.text)) for passage in passages]
    common = common_words()
    sizes = [max(5, chance.choice(lengths)) for _ in range(max(0, count - len(passages)))]
    foreign = [size - int(_OWN_SHARE * size) for size in sizes]
    drawn = iter(
        draw.choice(len(common.words), sum(foreign), p=common.shares).tolist()
    )  # one draw: each takes long
    made = []
    for number, (size, lacking) in enumerate(zip(sizes, foreign, strict=True)):
        words = chance.choices(own, k=size - lacking)
        words += [common.words[place] for place in islice(drawn, lacking)]
        chance.shuffle(words)
        made.append(Passage(f"filler/{number}", "wiki", "", _sentences(words)))
    return [*passages, *made]


def _sentences(words: Sequence[str], length: int = 15) -> str:
    return " ".join(
        " ".join(words[start : start + length]).capitalize() + "." for start in range(0, len(words), length)
    )
