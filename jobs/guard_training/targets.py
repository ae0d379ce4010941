"""What the job trains: one classifier a target, each with its labels, its words and its data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jobs.guard_training.augmenting import Copy, joined
from jobs.guard_training.customers import router_rows
from jobs.guard_training.rows import Row, load_authored
from jobs.guard_training.sources import HARMFUL, INJECTION, MEASURING, SAFE, TRAINING, Loader
from jobs.guard_training.training import Options


@dataclass(frozen=True)
class Target:
    """One classifier. `labels` has the harmless one last; `concepts` is the file of its words in
    `assets/guard/concepts`; `authored` reads the texts in `assets/guard/training`.

    `training` and `measuring` are public sets; `alarms` is the share of harmless texts that may be called something
    else, by label, counted over those that are `ordinary`; no threshold is below its label's of `floors`. `copies`
    makes more texts from those there are.
    """

    name: str
    labels: tuple[str, ...]
    concepts: str
    authored: Callable[[Path], list[Row]]
    training: Mapping[str, Loader]
    measuring: Mapping[str, Loader]
    alarms: Mapping[str, float]
    options: Options = field(default_factory=Options)
    ordinary: Callable[[Row], bool] = lambda row: True
    floors: Mapping[str, float] = field(default_factory=dict)
    copies: Callable[[Sequence[Row]], Sequence[Copy]] = lambda rows: ()


# Sources of what customers ordinarily write.
_CUSTOMERS = ("router", "clinc150", "banking77", "authored customers", "authored combined customer")


def _prompts(folder: Path) -> list[Row]:
    """The authored prompts, and what visitors ask: the messages that the router learns from."""
    authored = load_authored(folder / "prompts", (INJECTION, HARMFUL, SAFE))
    router = folder.parent.parent / "router" / "messages.csv"
    return authored + (router_rows(router, SAFE)[::3] if router.is_file() else [])


TARGETS: Sequence[Target] = (
    Target(
        name="prompt",
        labels=(INJECTION, HARMFUL, SAFE),
        concepts="requests",
        authored=_prompts,
        training=TRAINING,
        measuring=MEASURING,
        alarms={INJECTION: 0.005, HARMFUL: 0.005},
        ordinary=lambda row: row.source.startswith(_CUSTOMERS),
        # of harm the rules know more than a table of requests teaches: the classifier speaks up only when it is sure
        floors={INJECTION: 0.7, HARMFUL: 0.985},
        copies=lambda rows: joined(rows, INJECTION, SAFE),
    ),
)
