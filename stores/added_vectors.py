"""The vectors of some passages that are in no collection: what staff have published, beside the files.

They are few and change while visitors ask, so they are kept in memory, by each process for itself.
"""

import logging
import threading
import time
from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings

from stores.exact import ExactSearch, Neighbour
from stores.passages import Passage

_RETRY_SECONDS = 60.0

_log = logging.getLogger(__name__)


class AddedVectors:
    """Vectors of the passages that were `put` last; only new and changed ones are embedded.

    Until that is done, and while the embedder fails, nothing is near: that costs paraphrases, never an answer. Safe to
    use from several threads.
    """

    def __init__(self, embedder: Embeddings, *, retry_seconds: float = _RETRY_SECONDS) -> None:
        self._embedder = embedder
        self._retry_seconds = retry_seconds
        self._retry_at = 0.0
        self._wanted: tuple[Passage, ...] = ()
        self._pending = False
        self._known: dict[str, list[float]] = {}
        self._exact: ExactSearch | None = None
        self._lock = threading.Lock()

    def put(self, passages: Sequence[Passage]) -> None:
        """Have these in the place of those before; returns at once."""
        self._wanted, self._pending = tuple(passages), True
        self._begin()

    def nearest(self, question: str, *, k: int) -> list[Neighbour]:
        """The nearest `k`, best first; never raises."""
        if self._pending and time.monotonic() >= self._retry_at:
            self._begin()
        exact = self._exact
        if exact is None:
            return []
        try:
            return exact.nearest(self._embedder.embed_query(question), k=k, kinds=("legend", "wiki"))
        except Exception as error:  # whatever an embedder throws: words alone answer
            self._fail(error)
            return []

    def _begin(self) -> None:
        self._retry_at = time.monotonic() + self._retry_seconds
        threading.Thread(target=self._catch_up, name="added-vectors", daemon=True).start()

    def _catch_up(self) -> None:
        with self._lock:
            passages = self._wanted  # the latest, if two changes follow each other
            texts = {f"{passage.title}\n{passage.text}": passage for passage in passages}
            missing = [text for text in texts if text not in self._known]
            try:
                made = self._embedder.embed_documents(missing) if missing else []
            except Exception as error:  # as in `nearest`
                self._exact = None
                self._fail(error)
                return
            known = self._known | dict(zip(missing, made, strict=True))
            self._known = {text: known[text] for text in texts}
            self._exact = self._searched(texts) if texts else None
            self._pending = self._wanted is not passages

    def _searched(self, texts: dict[str, Passage]) -> ExactSearch:
        vectors = np.asarray([self._known[text] for text in texts], dtype=np.float32)
        return ExactSearch(
            [passage.id for passage in texts.values()], [passage.kind for passage in texts.values()], vectors
        )

    def _fail(self, error: Exception) -> None:
        _log.warning("What was added has no vectors: %s: %s", type(error).__name__, error)
