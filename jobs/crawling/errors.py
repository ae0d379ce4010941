"""What goes wrong in a crawl, by who must act.

CrawlError
├── CrawlRefused    the operator: the command cannot be carried out as it was given
└── Fault           nobody: one page cannot be had; it becomes a row with the status `Error`
    └── Forbidden   nobody: the page may not be asked for or kept, and is left out
"""

from typing import Literal

Kind = Literal[
    "unreachable", "slow", "status", "too large", "no page", "redirect", "elsewhere", "robots", "api"
]


class CrawlError(Exception):
    """Anything that stops a crawl, or one page of it, on purpose."""


class CrawlRefused(CrawlError):
    """The crawl cannot begin: an option is wrong, or the folder is in use. The message is one sentence."""


class Fault(CrawlError):
    """One page cannot be had. `kind` says what sort of reason it is, the message is the reason itself; `status` is
    the answer's where that is the reason."""

    def __init__(self, kind: Kind, reason: str, *, status: int | None = None) -> None:
        super().__init__(reason)
        self.kind: Kind = kind
        self.status = status


class Forbidden(Fault):
    """The site asks not to fetch the page, or it lies where the crawl may not go."""
