"""The passages' vectors in a Chroma collection, on disk or on a server.

Losing them costs paraphrases, never an answer: every failure is logged as a warning and remembered in `error`,
and the retriever goes on with words alone.
"""

import hashlib
import logging
import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import chromadb
from chromadb.api import ClientAPI
from chromadb.config import Settings as ChromaSettings
from langchain_chroma import Chroma
from langchain_core.embeddings import Embeddings

from stores.passages import Passage

_log = logging.getLogger(__name__)

_BATCH = 500  # far below Chroma's own limit on one call


class SyncReport(NamedTuple):
    """What one `sync` did, in passages; None of it happened if `PassageVectors.error` is set afterwards."""

    embedded: int
    unchanged: int
    deleted: int


class Neighbour(NamedTuple):
    """A passage near a question; `similarity` is the cosine, 1 for the same text."""

    passage_id: str
    similarity: float


class PassageVectors:
    """One collection of vectors, kept equal to a list of passages.

    `folder` is where an embedded Chroma keeps its files (it belongs to one process only); `url`, if given, names a
    Chroma server instead. `space` keeps the salons on one server apart. `embedder_name` says which embedder made
    the vectors: another one gets another collection. Nothing is opened before the first call.
    """

    def __init__(
        self, *, folder: Path, embedder: Embeddings, embedder_name: str, space: str, url: str | None = None
    ) -> None:
        self.error: str | None = None
        self._folder = folder
        self._url = url
        self._embedder = embedder
        digest = hashlib.sha256(f"{space}\n{embedder_name}".encode()).hexdigest()[:16]
        self._name = f"passages-{digest}"
        self._store: Chroma | None = None
        self._lock = threading.Lock()

    def sync(self, passages: Sequence[Passage]) -> SyncReport:
        """Makes the collection hold exactly these passages; only new and changed ones are embedded again."""
        with self._lock:
            try:
                report = self._sync(passages)
            except (
                Exception
            ) as error:  # whatever Chroma, its server or its files throw: words alone still answer
                self._fail("could not be brought up to date", error)
                return SyncReport(0, 0, 0)
        self.error = None
        return report

    def nearest(self, question: str, *, k: int, kinds: Collection[str]) -> list[Neighbour]:
        """The nearest `k` passages, best first; an empty list if Chroma fails or `sync` has failed before."""
        if self._store is None or self.error:
            return []
        try:
            condition: Any = {"kind": {"$in": sorted(kinds)}}  # the signature knows plain equality only
            found = self._store.similarity_search_with_score(question, k=k, filter=condition)
        except Exception as error:  # as in `sync`
            self._fail("could not be searched", error)
            return []
        return [Neighbour(str(document.metadata["passage"]), 1.0 - distance) for document, distance in found]

    def close(self) -> None:
        """Lets go of the collection; a later `sync` opens it again."""
        with self._lock:
            self._store = None

    def _fail(self, what: str, error: Exception) -> None:
        self.error = f"the vectors {what}: {type(error).__name__}: {error}"
        _log.warning("%s; searching by words alone", self.error)

    def _sync(self, passages: Sequence[Passage]) -> SyncReport:
        store = self._opened()
        stored = set(store.get(include=[])["ids"])
        wanted = {_vector_id(passage): passage for passage in passages}
        gone = sorted(stored - wanted.keys())
        missing = [(key, passage) for key, passage in wanted.items() if key not in stored]
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            store.add_texts(
                texts=[f"{passage.title}\n{passage.text}" for _, passage in batch],
                metadatas=[{"passage": passage.id, "kind": passage.kind} for _, passage in batch],
                ids=[key for key, _ in batch],
            )
        for start in range(0, len(gone), _BATCH):
            store.delete(gone[start : start + _BATCH])
        return SyncReport(len(missing), len(wanted) - len(missing), len(gone))

    def _opened(self) -> Chroma:
        if self._store is None:
            self._store = Chroma(
                collection_name=self._name,
                embedding_function=self._embedder,  # given here, so that Chroma's own is never fetched
                client=self._client(),
                collection_configuration={"hnsw": {"space": "cosine"}},
            )
        return self._store

    def _client(self) -> ClientAPI:
        settings = ChromaSettings(anonymized_telemetry=False)
        if self._url is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            return chromadb.PersistentClient(path=str(self._folder), settings=settings)
        parts = urlsplit(self._url)
        if not parts.hostname:
            raise ValueError(f"not the URL of a Chroma server: {self._url}")
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 8000)
        return chromadb.HttpClient(host=parts.hostname, port=port, ssl=secure, settings=settings)


def _vector_id(passage: Passage) -> str:
    """Names the passage and its content, so that a changed text is another entry, whose old one then vanishes."""
    content = f"{passage.title}\n{passage.text}\n{passage.kind}"
    return f"{passage.id}@{hashlib.sha256(content.encode()).hexdigest()[:16]}"
