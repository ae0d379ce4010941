"""natasha's tagger of names: slovnet's NER over navec's word vectors, from the package that carries both."""

import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from chains.word_vectors import natasha_folder, word_vectors

_MODEL = Path("data", "model", "slovnet_ner_news_v1.tar")
_lock = threading.Lock()


@cache
def _tagger() -> Any:
    """The tagger, loaded once. Raises FileNotFoundError when natasha is not installed."""
    from slovnet import NER

    tagger = NER.load(natasha_folder() / _MODEL)
    tagger.navec(word_vectors())
    return tagger


def people(text: str) -> Sequence[tuple[int, int]]:
    """Where a Russian text names people, in the tagger's opinion: start and end of each; about 1 ms a sentence."""
    with _lock:
        tagger = _tagger()
    return [(span.start, span.stop) for span in tagger(text).spans if span.type == "PER"]
