"""The passages' vectors in a Chroma collection, on disk or on a server.

An embedded collection of ordinary size is read into memory after each `sync` and searched there: Chroma takes
10 ms of processor time for a query of even a hundred passages. Chroma's files are then let go of: a process that has
them open while another one writes can no longer read them, so they are opened under a lock, by one process at a time.

Losing them costs paraphrases, never an answer: every failure is logged as a warning and remembered in `error`,
the retriever goes on with words alone, and some time later Chroma is tried again.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast
from urllib.parse import urlsplit

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.config import Settings as ChromaSettings
from filelock import FileLock
from langchain_chroma import Chroma
from langchain_core.embeddings import Embeddings

from stores.exact import ExactSearch, Neighbour
from stores.passages import Passage

Result = TypeVar("Result")

_log = logging.getLogger(__name__)

_BATCH = 500  # far below Chroma's own limit on one call
_PAGE = 5_000  # read back at once: SQLite takes no more than 32,766 ids in one query
_IN_MEMORY = 100_000  # passages; as vectors of 300 numbers 120 MB
_RETRY_SECONDS = 60.0
# Chroma's client waits for its server without end; a visitor does not. An embedded Chroma has nobody to wait for.
_SEARCH_SECONDS = 2.0
_SYNC_SECONDS = 120.0


class SyncReport(NamedTuple):
    """What one `sync` did, in passages; None of it happened if `PassageVectors.error` is set afterwards.

    `changed` ones are counted under `embedded` and, by their older version, under `deleted`, too.
    """

    embedded: int
    unchanged: int
    deleted: int
    changed: int = 0


class PassageVectors:
    """One collection of vectors, kept equal to a list of passages.

    `folder` is where an embedded Chroma keeps its files; `url`, if given, names a Chroma server instead. `space` keeps
    the salons on one server apart. `embedder_name` says which embedder made the vectors: another one gets another
    collection; vectors of another length are made anew. Where an embedder takes long, `in_background` lets `sync`
    return at once; until it is done nothing is near. Nothing is opened before the first call.
    """

    def __init__(
        self,
        *,
        folder: Path,
        embedder: Embeddings,
        embedder_name: str,
        space: str,
        url: str | None = None,
        retry_seconds: float = _RETRY_SECONDS,
        in_background: bool = False,
    ) -> None:
        self.error: str | None = None
        self._folder = folder
        self._url = url
        self._embedder = embedder
        digest = hashlib.sha256(f"{space}\n{embedder_name}".encode()).hexdigest()[:16]
        self._name = f"passages-{digest}"
        self._retry_seconds = retry_seconds
        self._in_background = in_background
        self._retry_at = 0.0
        self._wanted: Sequence[Passage] | None = None  # what is not stored yet, or could not be
        self._client: ClientAPI | None = None
        self._store: Chroma | None = None
        self._exact: ExactSearch | None = None
        self._lock = threading.Lock()
        self._retry_lock = threading.Lock()  # one that no long `sync` holds

    def sync(self, passages: Sequence[Passage], *, wait: bool = False) -> SyncReport:
        """Makes the collection hold exactly these passages; only new and changed ones are embedded again.

        With `wait` it is done when the call returns, in the background or not.
        """
        self._wanted = passages
        if wait or not self._in_background:
            return self._catch_up()
        threading.Thread(target=self._catch_up, name="vectors", daemon=True).start()
        return SyncReport(0, 0, 0)

    def _catch_up(self) -> SyncReport:
        with self._lock:
            passages = self._wanted  # the latest ones, if two updates follow each other
            if passages is None:
                return SyncReport(0, 0, 0)
            try:
                report = self._within(_SYNC_SECONDS, lambda: self._sync_locked(passages))
            except Exception as error:  # whatever Chroma, its files or the embedder throw: words alone answer
                self._exact = None
                self._let_go()
                self._fail("could not be brought up to date", error)
                return SyncReport(0, 0, 0)
            if self._wanted is passages:
                self._wanted = None
            self.error = None
        return report

    def nearest(self, question: str, *, k: int, kinds: Collection[str]) -> list[Neighbour]:
        """The nearest `k` passages, best first.

        An empty list before the first `sync`, and while Chroma or the embedder fails.
        """
        if self.error and not self._may_retry():
            return []
        store, exact = self._store, self._exact
        try:
            if exact is not None:
                found = exact.nearest(self._embedder.embed_query(question), k=k, kinds=kinds)
            elif store is not None:
                found = self._within(_SEARCH_SECONDS, lambda: _search(store, question, k, kinds))
            else:
                return []
        except Exception as error:  # as in `sync`
            self._fail("could not be searched", error)
            return []
        self.error = None
        return found

    def close(self) -> None:
        """Lets go of the collection; a later `sync` opens it again."""
        with self._lock:
            self._exact = None
            self._let_go()

    def _within(self, seconds: float, work: Callable[[], Result]) -> Result:
        """The work's result; on a server, TimeoutError when it takes longer."""
        if self._url is None:
            return work()
        future: Future[Result] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except Exception as error:
                future.set_exception(error)

        # a daemon: a server that never answers must not keep the process from ending, as a pool's threads would
        threading.Thread(target=run, name="chroma", daemon=True).start()
        return future.result(seconds)

    def _may_retry(self) -> bool:
        """Whether to try again now: one caller at a time, when the wait is over, after what was missed is stored."""
        with self._retry_lock:
            if time.monotonic() < self._retry_at:
                return False
            self._retry_at = time.monotonic() + self._retry_seconds
            missed = self._wanted
        if missed is not None:
            self.sync(missed)
            return self.error is None
        return True

    def _fail(self, what: str, error: Exception) -> None:
        self.error = f"the vectors {what}: {type(error).__name__}: {error}"
        self._retry_at = time.monotonic() + self._retry_seconds
        _log.warning("%s; searching by words alone", self.error)

    def _let_go(self) -> None:
        """Closes Chroma's files; another client of this process on the same ones keeps them open for itself."""
        client, self._client, self._store = self._client, None, None
        if client is not None and self._url is None:
            cast("Client", client).close()

    def _sync_locked(self, passages: Sequence[Passage]) -> SyncReport:
        if self._url is not None:
            return self._sync(passages)
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder.with_name(f"{self._folder.name}.lock"), timeout=_SYNC_SECONDS):
            report = self._sync(passages)
            if self._exact is not None or not passages:
                self._let_go()
        return report

    def _sync(self, passages: Sequence[Passage]) -> SyncReport:
        store = self._fitting(self._store or self._open())
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
        self._exact = _in_memory(store) if self._url is None and 0 < len(wanted) <= _IN_MEMORY else None
        self._store = store  # only now: what is half filled is not searched
        changed = {_passage_id(key) for key in gone} & {passage.id for _, passage in missing}
        return SyncReport(len(missing), len(wanted) - len(missing), len(gone), len(changed))

    def _fitting(self, store: Chroma) -> Chroma:
        """The collection, emptied if its vectors are of another length than the embedder's."""
        first = store.get(limit=1, include=["embeddings"])["embeddings"]
        if len(first) and len(first[0]) != len(self._embedder.embed_query("length")):
            _log.warning("the vectors have another length now and are made anew")
            store.reset_collection()
        return store

    def _open(self) -> Chroma:
        self._client = self._connect()
        return Chroma(
            collection_name=self._name,
            embedding_function=self._embedder,  # given here, so that Chroma's own is never fetched
            client=self._client,
            collection_configuration={"hnsw": {"space": "cosine"}},
        )

    def _connect(self) -> ClientAPI:
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


def _search(store: Chroma, question: str, k: int, kinds: Collection[str]) -> list[Neighbour]:
    condition: Any = {"kind": {"$in": sorted(kinds)}}  # the signature knows plain equality only
    found = store.similarity_search_with_score(question, k=k, filter=condition)
    return [Neighbour(str(document.metadata["passage"]), 1.0 - distance) for document, distance in found]


def _in_memory(store: Chroma) -> ExactSearch:
    """The vectors as Chroma holds them, so that what is searched is what is stored."""
    metadatas: list[dict[str, Any]] = []
    vectors: list[Any] = []
    count = len(store.get(include=[])["ids"])
    for start in range(0, count, _PAGE):
        page = store.get(limit=_PAGE, offset=start, include=["embeddings", "metadatas"])
        metadatas += page["metadatas"]
        vectors.append(np.asarray(page["embeddings"], dtype=np.float32))
    return ExactSearch(
        [str(one["passage"]) for one in metadatas],
        [str(one["kind"]) for one in metadatas],
        np.concatenate(vectors),
    )


def _vector_id(passage: Passage) -> str:
    """Names the passage and its content, so that a changed text is another entry, whose old one then vanishes."""
    content = f"{passage.title}\n{passage.text}\n{passage.kind}"
    return f"{passage.id}@{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _passage_id(vector_id: str) -> str:
    return vector_id.rpartition("@")[0]
