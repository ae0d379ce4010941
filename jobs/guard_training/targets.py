"""What the job trains: one classifier a target, each with its labels, its words and its data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jobs.guard_training.rows import Row, load_authored
from jobs.guard_training.sources import HARMFUL, INJECTION, MEASURING, SAFE, TRAINING, Loader
from jobs.guard_training.training import Options


@dataclass(frozen=True)
class Target:
    """One classifier. `labels` has the harmless one last; `concepts` is the file of its words in
    `assets/guard/concepts`; `authored` reads the texts in `assets/guard/training`.

    `training` and `measuring` are public sets; `alarms` is the share of harmless texts that may be called something
    else, by label.
    """

    name: str
    labels: tuple[str, ...]
    concepts: str
    authored: Callable[[Path], list[Row]]
    training: Mapping[str, Loader]
    measuring: Mapping[str, Loader]
    alarms: Mapping[str, float]
    options: Options = field(default_factory=Options)


def _prompts(folder: Path) -> list[Row]:
    return load_authored(folder / "prompts", (INJECTION, HARMFUL, SAFE))


TARGETS: Sequence[Target] = (
    Target(
        name="prompt",
        labels=(INJECTION, HARMFUL, SAFE),
        concepts="requests",
        authored=_prompts,
        training=TRAINING,
        measuring=MEASURING,
        alarms={INJECTION: 0.005, HARMFUL: 0.005},
    ),
)
