"""natasha's word vectors, which several parts read and one process holds once."""

import importlib.util
from functools import cache
from pathlib import Path

from navec import Navec

_VECTORS = Path("data", "emb", "navec_news_v1_1B_250K_300d_100q.tar")


@cache
def natasha_folder() -> Path:
    """Where natasha's package lies. Raises FileNotFoundError when it is not installed."""
    spec = importlib.util.find_spec("natasha")  # found, not imported: natasha pulls in parsers we do not need
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package natasha, which carries the word vectors, is not installed")
    return Path(spec.origin).parent


@cache
def word_vectors() -> Navec:
    """The vectors of 250,000 Russian words, read once (80 MB). Raises FileNotFoundError without natasha."""
    return Navec.load(natasha_folder() / _VECTORS)
