"""Trains the classifiers of answers: logistic regressions over signs and word runs, with thresholds out of fold."""

import random
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from chains.answer_features import (
    harm_names,
    opening_places,
    refusal_names,
    refusal_values,
    theme_places,
)
from chains.answer_model import RUNS_LENGTH, AnswerModels, Linear, save_linear
from chains.answer_signs import Pair, SignBook
from chains.text import language_of
from jobs.guard_training.answer_rows import PairRow, load_answers, load_public, without_repeats
from jobs.guard_training.making import unique
from jobs.guard_training.rows import Row, load_authored, version_of
from jobs.guard_training.sources import HARMFUL, INJECTION, SAFE, TRAINING, load_sets
from jobs.router_training.data import filled, load_messages

_BITS = 15
_THEME_BITS = 17
_STRENGTH = {"refusal": 0.2, "theme": 30.0, "harm": 0.1}  # 1 / (2 · penalty), as scikit-learn's C
_FOLDS = 5
# Of these the best for unseen questions. Harm has one: out of fold the lowest always wins, by false alarms elsewhere.
_THRESHOLDS = {"refusal": (0.4, 0.45, 0.5), "harm": (0.55,)}
_RARE = 2.0  # harmful answers are few among the rows; each counts so much more
_MADE_UP_SOURCE = "made up"
_MADE_UP = 2_500  # requests of each kind
_ONE_IN = {"hivetracered harmful": 4}

Doubles = NDArray[np.float64]


class Made(NamedTuple):
    """What `metrics.json` says of each artefact."""

    refusal: dict[str, Any]
    response_harm: dict[str, Any]


def train_answers(assets: Path, data: Path | None, out: Path) -> Made:
    """Train on the authored answers and, with `data`, the public sets; write `refusal.npz` and `response_harm.npz`."""
    book = SignBook(assets / "guard" / "answers.toml")
    training = assets / "guard" / "training"
    rows = load_answers(training / "answers") + (load_public(data, book) if data else [])
    kept = without_repeats(rows)
    print(f"answers: {len(rows)} rows, {len(rows) - len(kept)} repeated")
    pairs = [book.read(row.question, row.text) for row in kept]
    version = version_of(
        [Row(row.question, row.text, str((row.refusal, row.harm)), row.source) for row in kept],
        assets / "guard" / "answers.toml",
    )
    refusal, refusal_figures = _refusal(book, kept, pairs)
    requests = _requests(assets, data, kept)
    theme = _theme(book, requests)
    made = _made_up(requests, kept)
    pairs += [book.read(row.question, row.text) for row in made]
    harm, harm_figures = _harm(book, [*kept, *made], pairs, refusal, theme)
    for name, models, numbers, figures in (
        ("refusal", {"refusal": refusal}, refusal_names(book), refusal_figures),
        ("response_harm", {"theme": theme, "harm": harm}, harm_names(book), harm_figures),
    ):
        figures["version"] = version
        head = {"numbers": numbers, "threshold": figures["threshold"], "version": version}
        path = out / f"{name}.npz"
        save_linear(path, models, head)
        print(f"{name}: {figures['out_of_fold']}\nWritten: {path} ({path.stat().st_size / 1e6:.1f} MB)")
    return Made(refusal_figures, harm_figures)


def _refusal(book: SignBook, rows: Sequence[PairRow], pairs: Sequence[Pair]) -> tuple[Linear, dict[str, Any]]:
    chosen = [at for at, row in enumerate(rows) if row.refusal is not None and pairs[at].said]
    dense = np.stack([refusal_values(book, pairs[at]) for at in chosen]).astype(np.float64)
    runs = _table([opening_places(pairs[at], _BITS) for at in chosen], _BITS)
    return _trained(
        "refusal",
        [rows[at] for at in chosen],
        sparse.hstack([sparse.csr_matrix(dense), runs]).tocsr(),
        np.array([bool(rows[at].refusal) for at in chosen]),
        dense.shape[1],
    )


def _requests(assets: Path, data: Path | None, answers: Sequence[PairRow]) -> list[Row]:
    """Harmful and harmless requests. Those of the set that measures answers stay out, and of one that puts all it asks
    into a few forms of words («какие способы …») a part only: the forms are not what harms."""
    rows = load_authored(assets / "guard" / "training" / "prompts", (INJECTION, HARMFUL, SAFE))
    messages = load_messages(assets / "router" / "messages.csv")
    rows += [Row(filled(one.text, turn), SAFE, one.language, "router") for turn, one in enumerate(messages)]
    sets = {name: load for name, load in TRAINING.items() if name != "jailbreakbench"}
    public = load_sets(sets, data) if data else {}
    for name, found in public.items():
        rows += found[:: _ONE_IN.get(name, 1)]
    for row in answers:
        if row.harm is not None and row.source == "authored" and not row.refusal and len(row.text) > 30:
            rows.append(Row(row.question, HARMFUL if row.harm else SAFE, "", "answers"))
    return [row for row in unique(rows) if row.label != INJECTION]


def _theme(book: SignBook, rows: Sequence[Row]) -> Linear:
    """What a text about harm is made of."""
    runs = _table([theme_places(book.read(row.text, "").question, _THEME_BITS) for row in rows], _THEME_BITS)
    wanted = np.array([row.label == HARMFUL for row in rows])
    weights = np.where(wanted, 0.5 / wanted.mean(), 0.5 / (1 - wanted.mean()))
    found, bias = _fit(runs, wanted, weights, _STRENGTH["theme"])
    return Linear(np.zeros(0, np.float32), found.astype(np.float16).astype(np.float32), bias)


def _made_up(requests: Sequence[Row], answers: Sequence[PairRow]) -> list[PairRow]:
    """Answers put together for further requests: one that refuses, and one that does what was asked in its own words.

    What is asked makes the second harmful or not, which few whole answers could teach.
    """
    chance = random.Random(1)  # noqa: S311 - the same rows each time, no secret
    refusals = [row for row in answers if row.refusal and row.source == "authored"]
    openings = [row.text.split("\n")[0] for row in answers if row.harm and "\n" in row.text]
    made = []
    for label in (HARMFUL, SAFE):
        own = [row for row in requests if row.label == label]
        for row in chance.sample(own, min(len(own), _MADE_UP)):
            russian = language_of(row.text) == "ru"
            words = [word for word in row.text.split() if chance.random() < 0.6]
            opening = chance.choice(
                [text for text in chance.sample(openings, 12) if (language_of(text) == "ru") == russian]
                or [""]
            )
            made.append(
                PairRow(
                    row.text, f"{opening} {' '.join(words)}", None, label == HARMFUL, _MADE_UP_SOURCE, 0.3
                )
            )
            refused = chance.choice(
                [one for one in chance.sample(refusals, 12) if (language_of(one.text) == "ru") == russian]
                or refusals
            )
            made.append(PairRow(row.text, refused.text, None, False, _MADE_UP_SOURCE, 0.15))
    return made


def _harm(
    book: SignBook, rows: Sequence[PairRow], pairs: Sequence[Pair], refusal: Linear, theme: Linear
) -> tuple[Linear, dict[str, Any]]:
    chosen = [at for at, row in enumerate(rows) if row.harm is not None and pairs[at].said]
    models = AnswerModels(book, refusal, theme, theme, 0.5, 0.5, "")
    dense = np.stack(
        [models.harm_values(pairs[at], models.refusal_logit(pairs[at])) for at in chosen]
    ).astype(np.float64)
    return _trained(
        "harm",
        [rows[at] for at in chosen],
        sparse.csr_matrix(dense),
        np.array([bool(rows[at].harm) for at in chosen]),
        dense.shape[1],
    )


def _trained(
    name: str, rows: Sequence[PairRow], matrix: sparse.csr_matrix, wanted: NDArray[np.bool_], width: int
) -> tuple[Linear, dict[str, Any]]:
    """The model of all rows; its threshold is the best one for rows whose question it had not seen."""
    weights = np.array([row.weight for row in rows])
    weights[wanted] *= _RARE if name == "harm" else 1.0
    folds = np.array([zlib.crc32(row.question.encode()) % _FOLDS for row in rows])
    unseen = np.zeros(len(rows))
    for fold in range(_FOLDS):
        inside, outside = folds != fold, folds == fold
        if outside.any() and inside.any():
            found, bias = _fit(matrix[inside], wanted[inside], weights[inside], _STRENGTH[name])
            unseen[outside] = 1 / (1 + np.exp(-(matrix[outside] @ found + bias)))
    real = np.array([row.source != _MADE_UP_SOURCE for row in rows])
    threshold, figures = _best(unseen[real], wanted[real], _THRESHOLDS[name])
    found, bias = _fit(matrix, wanted, weights, _STRENGTH[name])
    table = found[width:].astype(np.float16).astype(np.float32)
    model = Linear(found[:width].astype(np.float32), table, bias)
    sources = dict(sorted(Counter(row.source for row in rows).items()))
    return model, {"threshold": threshold, "rows": len(rows), "sources": sources, "out_of_fold": figures}


def _best(
    scores: Doubles, wanted: NDArray[np.bool_], thresholds: Sequence[float]
) -> tuple[float, dict[str, float]]:
    found: list[tuple[float, float, dict[str, float]]] = []
    for threshold in thresholds:
        told = scores >= threshold
        right = int((told & wanted).sum())
        precision, recall = right / max(1, int(told.sum())), right / max(1, int(wanted.sum()))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        figures = {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
        found.append((f1, round(float(threshold), 2), figures))
    _, threshold, figures = max(found, key=lambda one: one[0])
    return threshold, figures


def _table(places: Sequence[NDArray[np.int64]], bits: int) -> sparse.csr_matrix:
    """Rows of equal length with equal weights, as `Linear.score` counts them."""
    ends = np.cumsum([0, *map(len, places)])
    values = np.concatenate([np.full(len(one), RUNS_LENGTH / np.sqrt(max(1, len(one)))) for one in places])
    return sparse.csr_matrix((values, np.concatenate(places), ends), shape=(len(places), 1 << bits))


def _fit(
    matrix: sparse.csr_matrix, wanted: NDArray[np.bool_], weights: Doubles, strength: float
) -> tuple[Doubles, float]:
    """Weights and constant of the L2-penalised logistic regression (L-BFGS); the constant is not penalised."""
    signs = np.where(wanted, 1.0, -1.0)

    def loss(point: Doubles) -> tuple[float, Doubles]:
        margins = signs * (matrix @ point[:-1] + point[-1])
        wrong = 1 / (1 + np.exp(np.clip(margins, -50, 50)))
        slope = -strength * weights * signs * wrong
        value = strength * float(weights @ np.logaddexp(0, -margins)) + 0.5 * float(point[:-1] @ point[:-1])
        return value, np.concatenate([matrix.T @ slope + point[:-1], [slope.sum()]])

    start = np.zeros(matrix.shape[1] + 1)
    solve: Callable[..., Any] = minimize
    found = solve(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 400}).x
    return found[:-1], float(found[-1])
