"""Errors of the chains, by who must act.

AssistantError
├── VisitorError          the visitor can mend it
│   ├── EmptyMessage
│   ├── MessageTooLong
│   └── ConsentMissing
├── ModelUnavailable      the operator; the visitor gets a computed answer instead
├── EncoderUnusable       the operator: the folder named as the guard's encoder holds none
└── ExportRefused         the operator: a file for training would have held personal data
"""


class AssistantError(Exception):
    """Anything that stops a chain on purpose."""


class VisitorError(AssistantError):
    """The message cannot be answered as it is; the visitor can mend it."""


class EmptyMessage(VisitorError):
    """The message holds no text."""


class MessageTooLong(VisitorError):
    """The message is longer than `limit` characters."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"a message may have at most {limit} characters")
        self.limit = limit


class ConsentMissing(VisitorError):
    """The session was opened without consent to the processing of personal data."""


class ModelUnavailable(AssistantError):
    """The language model is off, not ready, or went away, possibly in mid-sentence."""


class EncoderUnusable(AssistantError):
    """The folder holds no classifier that the guard can use; the message says why."""


class ExportRefused(AssistantError):
    """Personal data was found in a file that was to be exported; it says where, not what."""

    def __init__(self, place: int, field: str, kinds: str) -> None:
        super().__init__(
            f"nothing is exported: line {place}, field {field} of the file would have held personal data ({kinds})"
        )
        self.place = place
        self.field = field
