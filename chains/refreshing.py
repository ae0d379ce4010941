"""Lets a running assistant know what its files say now."""

import logging
import threading
from collections.abc import Sequence
from typing import NamedTuple

from chains.retrieval import Retriever
from stores.corpora import Sources
from stores.passages import Passage

_log = logging.getLogger(__name__)


class Refreshed(NamedTuple):
    """How the passages differ from those before."""

    added: int
    changed: int
    removed: int
    unchanged: int


class Refreshing:
    """Keeps a retriever equal to its sources. Each process has its own, since each has a retriever of its own.

    Safe to call from several threads; while it reads, questions are answered from the passages before.
    """

    def __init__(
        self, sources: Sources, retriever: Retriever, marks: object, passages: Sequence[Passage]
    ) -> None:
        """`marks` and `passages` are what the retriever was opened with."""
        self.sources = sources
        self.retriever = retriever
        self._marks = marks
        self._passages = {passage.id: passage for passage in passages}
        self._lock = threading.Lock()

    def if_changed(self) -> Refreshed | None:
        """Reads the files anew if one has changed since; None if none has. Only new and changed passages are embedded.

        Costs no more than a look at the files' dates otherwise, so it may be called every minute.
        """
        with self._lock:
            marks = self.sources.marks()
            if marks == self._marks:
                return None
            passages = self.sources.load()
            now = {passage.id: passage for passage in passages}
            report = difference(self._passages, now)
            if now != self._passages:
                self.retriever.update(passages)
            self._marks, self._passages = marks, now
        _log.info("Knowledge read anew: %d passages added, %d changed, %d removed, %d unchanged", *report)
        return report


def difference(before: dict[str, Passage], now: dict[str, Passage]) -> Refreshed:
    """Compares passages by their ids."""
    both = before.keys() & now.keys()
    unchanged = sum(before[one] == now[one] for one in both)
    return Refreshed(len(now) - len(both), len(both) - unchanged, len(before) - len(both), unchanged)
