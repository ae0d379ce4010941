"""Which jobs there are."""

from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

if TYPE_CHECKING:
    from settings import Settings

MODULES = (
    "jobs.backup",
    "jobs.bench.chat",
    "jobs.bench.guard.job",
    "jobs.bench.pii",
    "jobs.bench.retention",
    "jobs.bench.retrieval",
    "jobs.cluster_gaps",
    "jobs.crawl",
    "jobs.download_model",
    "jobs.exam.exam",
    "jobs.export",
    "jobs.find_pii",
    "jobs.guard_false_alarms",
    "jobs.index",
    "jobs.refresh_inventory",
    "jobs.refresh_knowledge",
    "jobs.restore",
    "jobs.retention",
    "jobs.rotate_key",
    "jobs.send_mail",
    "jobs.snapshot",
    "jobs.train_guard",
    "jobs.train_router",
    "jobs.train_translations",
    "jobs.user",
)
"""The modules that are a job, in the order of the jobs' names. A new job is a new file and a line here."""


@runtime_checkable
class Job(Protocol):
    """A module that does one thing when asked to: one file a job.

    Importing it is cheap; what takes long to import is imported in `run`.
    """

    NAME: str
    """What it is called by: `python -m jobs NAME`."""
    HELP: str
    """One sentence for the list."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the job's own options; those of the settings are there already."""

    def run(self, args: Namespace, settings: "Settings") -> int:
        """Do it. Returns the exit code: 0 done, 1 done but something is wrong, 2 could not be done."""


def find_jobs() -> dict[str, Job]:
    """The jobs by name."""
    found = [cast("Job", import_module(name)) for name in MODULES]
    return {job.NAME: job for job in found}
