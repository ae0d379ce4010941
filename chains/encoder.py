"""Sentence vectors from an OpenAI-compatible server: `POST /v1/embeddings`, as vLLM and others serve it."""

import logging
import threading
from collections import OrderedDict

import openai
from langchain_core.embeddings import Embeddings
from pydantic import SecretStr

from chains.errors import ModelUnavailable
from chains.llm_client import base_url

log = logging.getLogger(__name__)

_BATCH = 64
_RETRIES = 2
_CONNECT_S = 2.0
_DOCUMENTS_S = 60.0  # one batch, on a server without a GPU
_QUESTION_S = 2.0  # a visitor waits; words alone answer after that
_REMEMBERED = 512


class EncoderFailed(ModelUnavailable):
    """The server is gone, refuses, or answers with something else than one vector a text."""


class Encoder(Embeddings):
    """The sentence encoder `model` at `url`; without a model's name the server's first one.

    Nothing is asked of the server before the first text. Passages go in batches, each tried three times; a question is
    tried once, for two seconds. The last questions' vectors are remembered. Models of the E5 family get the prefixes
    that they were trained with. Raises `EncoderFailed`.
    """

    def __init__(self, url: str, model: str | None, api_key: SecretStr | None) -> None:
        self._model = model
        self._client = openai.OpenAI(
            base_url=base_url(url),
            api_key=api_key.get_secret_value() if api_key else "none",
            max_retries=0,
            timeout=openai.Timeout(_DOCUMENTS_S, connect=_CONNECT_S),
        )
        self._questions: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model, as vectors of one model are kept together; the server's choice where none was named."""
        return f"encoder-{self._model or 'default'}"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text, in the same order."""
        patient = self._client.with_options(max_retries=_RETRIES)
        vectors: list[list[float]] = []
        for start in range(0, len(texts), _BATCH):
            vectors += self._ask(
                patient, [self._prefixed("passage", text) for text in texts[start : start + _BATCH]]
            )
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        with self._lock:
            if text in self._questions:
                self._questions.move_to_end(text)
                return self._questions[text]
        hasty = self._client.with_options(timeout=openai.Timeout(_QUESTION_S, connect=_CONNECT_S))
        vector = self._ask(hasty, [self._prefixed("query", text)])[0]
        with self._lock:
            self._questions[text] = vector
            if len(self._questions) > _REMEMBERED:
                self._questions.popitem(last=False)
        return vector

    def _ask(self, client: openai.OpenAI, texts: list[str]) -> list[list[float]]:
        try:
            answer = client.embeddings.create(input=texts, model=self._named(client), encoding_format="float")
            vectors = [list(item.embedding) for item in sorted(answer.data, key=lambda item: item.index)]
        except openai.OpenAIError as error:
            raise EncoderFailed(f"the encoder does not answer: {type(error).__name__}: {error}") from error
        except (AttributeError, TypeError, ValueError) as error:  # an answer of another form
            raise EncoderFailed(f"the encoder answers with no vectors: {error}") from error
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1 or not vectors[0]:
            raise EncoderFailed(
                f"the encoder gave {len(vectors)} vectors for {len(texts)} texts, or empty ones"
            )
        return vectors

    def _named(self, client: openai.OpenAI) -> str:
        if self._model is None:
            models = client.models.list().data
            if not models:
                raise EncoderFailed("the encoder's server has no model")
            self._model = models[0].id
        return self._model

    def _prefixed(self, role: str, text: str) -> str:
        return f"{role}: {text}" if "e5" in (self._model or "").lower() else text
