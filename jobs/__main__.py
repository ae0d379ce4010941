"""`python -m jobs` lists the jobs; `python -m jobs NAME --help` tells about one."""

import logging
import sys
from argparse import SUPPRESS, ArgumentError, ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import suppress

from pydantic import ValidationError

from chains.errors import AssistantError
from jobs.registry import Job, find_jobs
from settings import Settings
from stores.errors import StoreError

SETTINGS = ("salon", "data", "db", "llm", "llm_model")
"""The settings that each job takes as an option too; all others come from the environment and `.env`."""


def build_parser(jobs: dict[str, Job]) -> ArgumentParser:
    """The command line of all jobs."""
    parser = ArgumentParser(
        prog="python -m jobs", description="What the clock or a person at a terminal starts."
    )
    commands = parser.add_subparsers(dest="job", title="jobs", metavar="NAME")
    for job in jobs.values():
        command = commands.add_parser(job.NAME, help=job.HELP, description=job.HELP)
        job.add_arguments(command)
        group = command.add_argument_group(
            "settings", "the same as for the app; also SALON_… variables or in .env"
        )
        for name in SETTINGS:
            option = "--" + name.replace("_", "-")
            # An option of the job's own goes before a setting of the same name, which is left to the environment.
            with suppress(ArgumentError):
                group.add_argument(option, default=SUPPRESS, help=Settings.model_fields[name].description)
    return parser


def settings_of(args: Namespace) -> Settings:
    """The settings in force; a command-line option goes before the environment. Raises `ValidationError`."""
    return Settings(**{name: getattr(args, name) for name in SETTINGS if hasattr(args, name)})


def explain(error: ValidationError) -> str:
    """One sentence for each setting that is wrong."""
    sentences = []
    for item in error.errors():
        setting = ".".join(str(part) for part in item["loc"])
        sentences.append(f"The setting {setting} is wrong: {item['msg'].removeprefix('Value error, ')}")
    return "\n".join(sentences)


def _log_to_stderr(level: str) -> None:
    """Our own log at the level that is set, of the libraries only what is wrong."""
    rooms = ("stores", "chains", "jobs")
    handler = logging.StreamHandler()
    # Some libraries set their own level when they are imported, so it is not enough to set it here.
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name.startswith(rooms))
    logging.basicConfig(
        level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", handlers=[handler]
    )
    for room in rooms:
        logging.getLogger(room).setLevel(level.upper())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the job that the command line names. Returns the exit code: 2 for what could not be done at all."""
    jobs = find_jobs()
    parser = build_parser(jobs)
    args = parser.parse_args(argv)
    if args.job is None:
        parser.print_help()
        return 0
    try:
        settings = settings_of(args)
        _log_to_stderr(settings.log_level)
        return jobs[args.job].run(args, settings)
    except ValidationError as error:
        print(explain(error), file=sys.stderr)
    except (StoreError, AssistantError) as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return 2


if __name__ == "__main__":
    sys.exit(main())
