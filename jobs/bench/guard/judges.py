"""The guard with the judges that the settings add to it: an encoder, or a language model where there is doubt."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from jobs.bench.guard.judging import Judge, judge_rows
from jobs.bench.guard.reading import SourceUnusable

if TYPE_CHECKING:
    from settings import Settings


class Judged(NamedTuple):
    """What judges rows in this process, and what is added to the guard's version."""

    judge: Judge
    name: str


@contextmanager
def open_judged(settings: "Settings") -> Iterator[Judged | None]:
    """The guard with the judges of the settings, None when there are none: then several processes may judge.

    Raises `SourceUnusable` when the language model that is to judge does not come up.
    """
    if not (settings.guard_encoder or settings.guard_judge):
        yield None
        return
    from parts import NoTopics, open_guard, open_judges, open_model

    model = open_model(settings)
    names = [settings.guard_encoder.name] if settings.guard_encoder else []
    try:
        if settings.guard_judge:
            model.start()
            while model.state in ("downloading", "loading"):
                time.sleep(0.2)
            if not model.ready:
                raise SourceUnusable(f"The language model did not come up: {model.detail or 'it is off'}")
            names.append(model.model or "model")
        guard = open_guard(NoTopics(), judges=open_judges(settings, model))
        yield Judged(partial(judge_rows, guard), " + ".join(names))
    finally:
        model.close()
