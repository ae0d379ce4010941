"""A sentence encoder behind a real HTTP server that can be told to misbehave."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from chains.encoder import Encoder, EncoderFailed
from chains.retrieval import Retriever
from parts import open_dense
from settings import Settings
from stores.added_vectors import AddedVectors
from stores.passages import Passage
from stores.vectors import PassageVectors

PASSAGES = [
    Passage("legend:dogs", "legend", "Питомцы", "С собакой можно."),
    Passage("legend:cars", "legend", "Машины", "Продаём машины."),
    Passage("legend:food", "legend", "Кафе", "Варим кофе."),
]
SUBJECTS = ("собак dog puppies", "машин car", "кофе coffee")


@dataclass
class Server:
    """What the foreign server says and what it was asked."""

    length: int = 4
    status: int = 200
    broken: int = 0
    """How many of the next calls fail."""
    short: bool = False
    key: str | None = None
    url: str = ""
    asked: list[list[str]] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)
    """While it is not set, nothing is answered."""

    def vector(self, text: str) -> list[float]:
        low = text.lower()
        axes = [float(any(word in low for word in words.split())) for words in SUBJECTS]
        return [*axes, 0.1] + [0.0] * (self.length - 4)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()
    state.open.set()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self._say(200, {"object": "list", "data": [{"id": "first", "object": "model"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append(body["input"])
            state.open.wait(20)
            if state.key and self.headers["Authorization"] != f"Bearer {state.key}":
                return self._say(401, {"error": {"message": "wrong key"}})
            if state.broken or state.status != 200:
                state.broken = max(0, state.broken - 1)
                return self._say(500 if state.status == 200 else state.status, {"error": {"message": "no"}})
            texts = body["input"][:-1] if state.short else body["input"]
            data = [
                {"object": "embedding", "index": place, "embedding": state.vector(text)}
                for place, text in enumerate(texts)
            ]
            usage = {"prompt_tokens": 1, "total_tokens": 1}
            return self._say(200, {"object": "list", "model": body["model"], "data": data, "usage": usage})

        def _say(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        state.url = f"http://127.0.0.1:{http.server_port}/v1"
        yield state
        http.shutdown()


@pytest.fixture
def open_vectors(tmp_path: Path, server: Server) -> Callable[..., PassageVectors]:
    def open_(**changes: Any) -> PassageVectors:
        encoder = Encoder(server.url, "m", None)
        settings: dict[str, Any] = {"embedder_name": encoder.name, "space": "test"} | changes
        return PassageVectors(folder=tmp_path / "chroma", embedder=encoder, **settings)

    return open_


def test_texts_go_in_batches_and_come_back_in_order(server: Server) -> None:
    encoder = Encoder(server.url, "m", None)
    vectors = encoder.embed_documents([f"машина {n}" if n % 2 else f"кофе {n}" for n in range(130)])
    assert [len(batch) for batch in server.asked] == [64, 64, 2]
    assert [vector[1] for vector in vectors] == [float(n % 2) for n in range(130)]


def test_a_question_is_asked_once_and_remembered(server: Server) -> None:
    encoder = Encoder(server.url, "m", None)
    assert encoder.embed_query("собака") == encoder.embed_query("собака")
    assert server.asked == [["собака"]]


def test_without_a_name_the_servers_first_model_is_asked(server: Server) -> None:
    assert Encoder(server.url, None, None).embed_query("кофе")[2] == 1


def test_models_of_the_e5_family_get_their_prefixes(server: Server) -> None:
    encoder = Encoder(server.url, "multilingual-e5-base", None)
    encoder.embed_query("кофе")
    encoder.embed_documents(["чай"])
    assert server.asked == [["query: кофе"], ["passage: чай"]]


def test_passages_are_tried_again_and_the_key_is_sent(server: Server) -> None:
    server.key, server.broken = "secret", 2
    assert len(Encoder(server.url, "m", SecretStr("secret")).embed_documents(["кофе"])) == 1
    with pytest.raises(EncoderFailed):
        Encoder(server.url, "m", SecretStr("wrong")).embed_documents(["кофе"])


def test_fewer_vectors_than_texts_are_an_error_and_not_a_shift(server: Server) -> None:
    server.short = True
    with pytest.raises(EncoderFailed, match="1 vectors for 2 texts"):
        Encoder(server.url, "m", None).embed_documents(["кофе", "машина"])


def test_a_question_in_another_language_finds_its_passage_by_the_encoder_alone(
    server: Server, open_vectors: Callable[..., PassageVectors]
) -> None:
    retriever = Retriever(PASSAGES, open_vectors(), encoder=True)
    assert retriever.search("Are puppies welcome?")[0].passage.id == "legend:dogs"


def test_what_is_added_is_found_by_the_encoder_as_well_as_the_rest(
    server: Server, open_vectors: Callable[..., PassageVectors]
) -> None:
    added = AddedVectors(Encoder(server.url, "m", None), retry_seconds=0.1)
    retriever = Retriever(PASSAGES[1:], open_vectors(retry_seconds=0.1), encoder=True, added=added)
    server.broken = 9  # words alone answer then, and the vectors come as soon as the encoder is back
    retriever.add(PASSAGES[:1])
    assert retriever.search("С собакой?")[0].passage.id == "legend:dogs"
    server.broken = 0
    deadline = time.monotonic() + 20
    while not added.nearest("puppies", k=1) and time.monotonic() < deadline:
        time.sleep(0.05)
    server.asked.clear()
    assert retriever.search("Are puppies welcome?")[0].passage.id == "legend:dogs"
    whole = Retriever(PASSAGES, open_vectors(space="whole"), encoder=True)
    question = "puppies or coffee"
    assert [hit.similarity for hit in retriever.search(question)] == pytest.approx(
        [hit.similarity for hit in whole.search(question)]
    )
    server.asked.clear()
    retriever.add([*PASSAGES[:1], Passage("legend:new", "legend", "Кофе", "И чай.")])
    while len(added.nearest("coffee", k=9)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ["Кофе\nИ чай."] in server.asked
    retriever.add([])
    assert retriever.search("Are puppies welcome?")[0].passage.id != "legend:dogs"


def test_a_failing_encoder_is_logged_and_words_alone_answer_until_it_is_back(
    server: Server, open_vectors: Callable[..., PassageVectors], caplog: pytest.LogCaptureFixture
) -> None:
    server.status = 503
    vectors = open_vectors(retry_seconds=0.2)
    with caplog.at_level(logging.WARNING):
        retriever = Retriever(PASSAGES, vectors, encoder=True)
    assert "searching by words alone" in caplog.text
    assert retriever.search("С собакой?")[0].passage.id == "legend:dogs"
    assert retriever.search("Are puppies welcome?") == []
    server.status = 200
    time.sleep(0.3)
    assert retriever.search("Are puppies welcome?")[0].passage.id == "legend:dogs"
    assert vectors.error is None


def test_vectors_of_another_length_are_made_anew(
    server: Server, open_vectors: Callable[..., PassageVectors], caplog: pytest.LogCaptureFixture
) -> None:
    assert open_vectors().sync(PASSAGES).embedded == 3
    assert open_vectors().sync(PASSAGES).unchanged == 3
    server.length = 6
    with caplog.at_level(logging.WARNING):
        vectors = open_vectors()
        assert vectors.sync(PASSAGES).embedded == 3
    assert "another length" in caplog.text
    assert vectors.nearest("coffee", k=1, kinds=("legend",))[0].passage_id == "legend:food"


def test_the_start_does_not_wait_for_the_encoder(server: Server, tmp_path: Path) -> None:
    server.open.clear()
    settings = Settings(data=tmp_path, embeddings=server.url, embeddings_model="m")
    dense = open_dense(settings, tmp_path, space="test")
    retriever = Retriever(PASSAGES, dense.vectors, encoder=dense.encoder)
    assert retriever.search("С собакой?")[0].passage.id == "legend:dogs"
    assert retriever.search("Are puppies welcome?") == []
    server.open.set()
    deadline = time.monotonic() + 20
    while not retriever.search("Are puppies welcome?") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert retriever.search("Are puppies welcome?")[0].passage.id == "legend:dogs"


def test_a_setting_that_is_no_url_is_refused() -> None:
    with pytest.raises(ValidationError, match="embedded or the URL"):
        Settings(embeddings="bge-m3")
