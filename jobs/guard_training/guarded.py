"""The whole guard with a model that is being tried out."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from chains.guard import Guard
from chains.guard_model.layer import ClassifierLayer
from chains.guard_model.model import GuardModel
from chains.reply import Language
from chains.text import language_of
from jobs.guard_training.evaluating import Judge
from jobs.guard_training.rows import Row


class _NoTopics:
    """What a salon does not talk about is no attack."""

    def current(self) -> tuple[()]:
        return ()


def with_guard(assets: Path) -> Judge:
    """A judge that asks the whole guard, whatever the reason it stops a message for."""

    def judge(model: GuardModel, rows: Sequence[Row]) -> NDArray[np.bool_]:
        guard = Guard(_NoTopics(), assets / "guard", further=[ClassifierLayer(model)])
        asked = [(row.text, cast("Language", row.language or language_of(row.text))) for row in rows]
        return np.array([verdict.blocked for verdict in guard.check_inputs(asked)], dtype=np.bool_)

    return judge
