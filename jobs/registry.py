"""Which jobs there are: every module of this package that has a NAME. A new file is a new job."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

import jobs
import jobs.bench

if TYPE_CHECKING:
    from settings import Settings


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
    """The jobs by name, in the order of their names."""
    return {job.NAME: job for job in sorted(_modules(), key=lambda job: job.NAME)}


def _modules() -> Iterator[Job]:
    for package in (jobs, jobs.bench):
        for entry in iter_modules(package.__path__, f"{package.__name__}."):
            if entry.ispkg or entry.name.endswith(".__main__"):
                continue
            module = import_module(entry.name)
            if hasattr(module, "NAME"):
                yield cast("Job", module)
