"""Everyday words that are never a misspelling of a car's name, colour or body: "station" is no Citan.

Russian dictionaries know Russian words; English ones and colloquial Russian stand in `assets/ordinary_words.txt`.
"""

from functools import cache
from pathlib import Path

_PATH = Path(__file__).parents[1] / "assets" / "ordinary_words.txt"


@cache
def ordinary_words() -> frozenset[str]:
    """The words of the file, one a line, in lower case; lines that begin with # are none.

    Raises FileNotFoundError when the installation is broken.
    """
    lines = _PATH.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
