"""How well the router does on messages it has not seen: by route, by confidence, and with the model or without."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from chains.intents import Array, Prediction, softmax
from jobs.router_training.data import Message, folds_of
from jobs.router_training.training import Prepared, out_of_fold_logits

if TYPE_CHECKING:
    from services import Services
    from settings import Settings

_TEMPERATURES = tuple(step / 20 for step in range(6, 41))
_BINS = 10
_ROUTES = {
    "hours": "legend",
    "contacts": "legend",
    "credit": "price",
    "other_brand": "off_topic",
}
_ALSO_RIGHT = {"test_drive": {"legend"}, "wiki": {"unknown"}, "smalltalk:clarify": {"unknown"}}


class Score(NamedTuple):
    """Precision, recall and their harmonic mean; `support` messages have the label."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Result:
    """What cross-validation gave: out-of-fold `probabilities` in the order of messages and labels.

    `calibration_error` is the expected calibration error over ten bins of confidence.
    """

    labels: Sequence[str]
    probabilities: Array
    temperature: float
    accuracy: float
    calibration_error: float
    by_label: dict[str, Score]
    by_route: dict[str, Score]

    def as_json(self) -> dict[str, Any]:
        """The figures for `metrics.json`, rounded."""
        rounded = {
            name: {
                key: {part: round(value, 3) for part, value in score._asdict().items()}
                for key, score in scores.items()
            }
            for name, scores in (("labels", self.by_label), ("routes", self.by_route))
        }
        return rounded | {
            "accuracy": round(self.accuracy, 3),
            "calibration_error": round(self.calibration_error, 3),
            "temperature": self.temperature,
        }


def route_of(label: str) -> str:
    """The contract's route of a label of the data set."""
    head = label.partition(":")[0]
    return _ROUTES.get(head, head)


def cross_validated(prepared: Prepared, *, folds: int) -> Result:
    """Out-of-fold figures; the temperature is the one that makes the out-of-fold log loss least."""
    intents = [message.intent for message in prepared.messages]
    logits = out_of_fold_logits(prepared, folds_of(prepared.groups, intents, folds))
    targets = prepared.targets[: len(intents)]
    temperature = min(_TEMPERATURES, key=lambda value: _log_loss(logits, targets, value))
    probabilities = softmax(logits / np.float32(temperature))
    found = [prepared.labels[place] for place in probabilities.argmax(axis=1)]
    return Result(
        labels=prepared.labels,
        probabilities=probabilities,
        temperature=temperature,
        accuracy=float(np.mean([one == other for one, other in zip(found, intents, strict=True)])),
        calibration_error=_calibration_error(probabilities, targets),
        by_label=scores(intents, found),
        by_route=scores([route_of(one) for one in intents], [route_of(one) for one in found]),
    )


def scores(wanted: Sequence[str], found: Sequence[str]) -> dict[str, Score]:
    """Precision, recall and F1 of each label; 0 where nothing was found."""
    result = {}
    for label in sorted(set(wanted)):
        right = sum(one == other == label for one, other in zip(wanted, found, strict=True))
        claimed, support = found.count(label), list(wanted).count(label)
        precision, recall = right / claimed if claimed else 0.0, right / support
        both = precision + recall
        result[label] = Score(precision, recall, 2 * precision * recall / both if both else 0.0, support)
    return result


def table(result: Result) -> str:
    """The figures by route and by label as text."""
    lines = [f"{'':24}precision  recall     F1  messages"]
    for part in (result.by_route, result.by_label):
        lines += [
            f"{label:24}{score.precision:9.3f}{score.recall:8.3f}{score.f1:7.3f}{score.support:10}"
            for label, score in part.items()
        ]
        lines.append("")
    lines.append(
        f"Accuracy by label {result.accuracy:.3f}, calibration error {result.calibration_error:.3f} "
        f"at temperature {result.temperature:g}"
    )
    return "\n".join(lines)


def ablation(
    messages: Sequence[Message], result: Result, held_out: Sequence[Message], settings: "Settings"
) -> str:
    """The whole router on a real salon's data, with the model and without: on the messages by out-of-fold
    predictions, on those held out by the model in force."""
    from services import open_services

    with tempfile.TemporaryDirectory() as folder:
        services = open_services(settings.model_copy(update={"data": Path(folder), "llm": "off", "db": None}))
        try:
            predictions = [
                Prediction(dict(zip(result.labels, row.tolist(), strict=True)))
                for row in result.probabilities
            ]
            unseen = {
                "patterns alone": routed(services, messages, [None] * len(messages)),
                "with the model": routed(services, messages, predictions),
            }
            held = {
                "patterns alone": routed(services, held_out, [None] * len(held_out)),
                "with the model": routed(services, held_out, ["own"] * len(held_out)),
            }
        finally:
            services.close()
    return "\n".join(
        (
            f"By cross-validation, {len(messages)} messages",
            compared(messages, unseen),
            "",
            f"Held out, {len(held_out)} messages that were written after the design was frozen",
            compared(held_out, held),
        )
    )


def compared(messages: Sequence[Message], found: dict[str, list[str]]) -> str:
    """The share of right routes of several ways of routing, by route, as text."""
    names = list(found)
    lines = ["Right routes" + " " * 12 + "".join(f"{name:>16}" for name in names)]
    routes = sorted({route_of(message.intent) for message in messages})
    for route in [*routes, "all"]:
        own = [
            place
            for place, message in enumerate(messages)
            if route == "all" or route_of(message.intent) == route
        ]
        shares = (
            sum(_is_right(messages[place].intent, found[name][place]) for place in own) / len(own)
            for name in names
        )
        lines.append(f"{route:24}" + "".join(f"{share:16.3f}" for share in shares))
    return "\n".join(lines)


def routed(
    services: "Services",
    messages: Sequence[Message],
    predictions: Sequence[Prediction | Literal["own"] | None],
) -> list[str]:
    """The route of each message by itself in a salon; "own" asks the router's model, None goes without."""
    from jobs.router_training.salon_messages import in_salon

    understanding, texts = services.planner.understanding, services.planner.texts["ru"]
    asked = [in_salon(message, services, turn) for turn, message in enumerate(messages)]
    return [
        route_of(understanding.decide(text, texts, prediction).intent)
        for text, prediction in zip(asked, predictions, strict=True)
    ]


def _is_right(intent: str, route: str) -> bool:
    return route == route_of(intent) or route in _ALSO_RIGHT.get(intent, set())


def _log_loss(logits: Array, targets: np.ndarray, temperature: float) -> float:
    shares = softmax(logits / np.float32(temperature))
    return float(-np.log(shares[np.arange(len(targets)), targets] + 1e-9).mean())


def _calibration_error(probabilities: Array, targets: np.ndarray) -> float:
    """Guo et al. 2017: the mean distance of confidence and accuracy over bins, weighed by their messages."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    return float(
        sum(
            np.mean(bins == one) * abs(right[bins == one].mean() - confidence[bins == one].mean())
            for one in np.unique(bins)
        )
    )
