"""A multilingual encoder, plugged in as a further judge of messages: an ONNX classifier with its tokeniser.

The folder has `model.onnx` (inputs `input_ids` and `attention_mask`, `token_type_ids` where the model wants them; the
first output one row of logits a text) and `tokenizer.json`, as `optimum-cli export onnx --task text-classification`
writes them, and `config.json` with `id2label`. `guard.json`, where there is one, says what the labels mean here and
from which probability on they are believed:

    {"labels": {"INJECTION": "injection", "JAILBREAK": "injection"}, "threshold": 0.9, "length": 256}

Without it, labels that speak of injections, jailbreaks or attacks mean an injection and those that speak of harm or
toxicity a harmful request.
"""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from chains.errors import EncoderUnusable
from chains.guard import Message, Verdict

_THRESHOLD, _LENGTH = 0.9, 256
_MOST_READINGS = 4
_MEANINGS = (
    (re.compile(r"inject|jailbreak|attack|malicious|prompt[_ -]?leak|label_1$", re.IGNORECASE), "injection"),
    (re.compile(r"harm|toxic|unsafe|violen|hate", re.IGNORECASE), "harmful"),
)
_BENIGN = re.compile(r"benign|(?<!un)safe|legit|harmless|clean|normal|^no[nt][-_ ]?|label_0$", re.IGNORECASE)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Labels:
    """What each column of the logits means: `injection`, `harmful` or None."""

    meanings: tuple[str | None, ...]
    threshold: float
    length: int


class EncoderLayer:
    """A layer of the guard, to stand behind the classifier. Called from several threads at once.

    Raises `EncoderUnusable` when the folder cannot be used.
    """

    name = "encoder"

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self._labels = _labels_of(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise EncoderUnusable(f"the encoder in {folder} cannot be read: {error}") from error
        self._tokenizer.enable_truncation(self._labels.length)
        self._tokenizer.enable_padding()
        self._inputs = {one.name for one in self._session.get_inputs()}
        columns = self.probabilities(["?"]).shape[1]
        if columns != len(self._labels.meanings):
            raise EncoderUnusable(
                f"the encoder in {folder} has {columns} outputs and {len(self._labels.meanings)} labels"
            )

    def check(self, message: Message) -> Verdict | None:
        """A verdict that blocks, or None."""
        texts = [reading.text for reading in message.readings if reading.kind != "glued"][:_MOST_READINGS]
        shares: dict[str, float] = {}
        for row in self.probabilities(texts).tolist():
            found: dict[str, float] = {}
            for meaning, share in zip(self._labels.meanings, row, strict=True):
                if meaning is not None:
                    found[meaning] = found.get(meaning, 0.0) + share
            shares = {key: max(shares.get(key, 0.0), share) for key, share in (shares | found).items()}
        reason = max(shares, key=lambda key: shares[key])
        if shares[reason] < self._labels.threshold:
            return None
        return Verdict(True, reason, evidence=f"{self.name}: {reason} {shares[reason]:.2f}")

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, one column a label of the model."""
        encoded = self._tokenizer.encode_batch(list(texts))
        given = {
            "input_ids": np.array([one.ids for one in encoded], dtype=np.int64),
            "attention_mask": np.array([one.attention_mask for one in encoded], dtype=np.int64),
            "token_type_ids": np.array([one.type_ids for one in encoded], dtype=np.int64),
        }
        logits: Any = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=-1, keepdims=True), dtype=np.float32)


def _labels_of(folder: Path) -> _Labels:
    try:
        names = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
        own_file = folder / "guard.json"
        own: Mapping[str, Any] = (
            json.loads(own_file.read_text(encoding="utf-8")) if own_file.is_file() else {}
        )
        ordered = [str(names[key]) for key in sorted(names, key=int)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderUnusable(f"the encoder's labels in {folder} cannot be read: {error}") from error
    given = own.get("labels")
    meanings = tuple(given.get(name) if given else _meaning(name) for name in ordered)
    if not {"injection", "harmful"} & set(meanings):
        raise EncoderUnusable(f"no label of the encoder in {folder} means an attack: {', '.join(ordered)}")
    return _Labels(meanings, float(own.get("threshold", _THRESHOLD)), int(own.get("length", _LENGTH)))


def _meaning(name: str) -> str | None:
    if _BENIGN.search(name):
        return None
    return next((meaning for pattern, meaning in _MEANINGS if pattern.search(name)), None)
