"""More texts from those there are: attacks among other words, harmless texts side by side."""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from jobs.guard_training.rows import Row

_SHORT = 400
_FIRST = 0.3  # how often the attack stands before its neighbour
_JOINTS = (" ", "\n", "\n\n", ". ", " ")


class Copy(NamedTuple):
    """A text made from others; `owner` is the place of the row that its label comes from."""

    row: Row
    owner: int


def joined(rows: Sequence[Row], attack: str, harmless: str) -> list[Copy]:
    """An attack behind or before another text is an attack; two harmless texts are harmless.

    Each short attack gets one neighbour of its own language that is no attack, and each short harmless row of an
    authored table another harmless one. Repeatable: the rows' order decides.
    """
    chance = random.Random(3)  # noqa: S311  # repeatable, no secret
    others: defaultdict[tuple[str, bool], list[Row]] = defaultdict(list)
    for row in rows:
        if len(row.text) < _SHORT and row.label != attack:
            others[row.language, row.label == harmless].append(row)
    made = []
    for owner, row in enumerate(rows):
        if len(row.text) >= _SHORT or row.label not in {attack, harmless}:
            continue
        if row.label == harmless and not row.source.startswith("authored"):
            continue
        near = others[row.language, row.label == harmless or chance.random() < 0.75]
        if not near:
            continue
        pair = [chance.choice(near).text, row.text]
        if chance.random() < _FIRST:
            pair.reverse()
        text = chance.choice(_JOINTS).join(pair)
        made.append(Copy(row._replace(text=text, source=f"{row.source} joined"), owner))
    return made
