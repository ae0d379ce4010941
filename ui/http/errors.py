"""Errors that the HTTP door itself finds.

DoorError
├── RateLimited     the caller: wait `retry_after` seconds
├── SalonClosed     the visitor: no call-back can be promised now
├── PhoneInvalid    the visitor: that is no telephone number
├── MomentInvalid   the caller: `at` is no date and time
├── KeyMissing      the caller: /v1 asks for the key
├── KeyUnset        the operator: /v1 off loopback needs SALON_API_KEY
├── ModelUnknown    the caller: there is one model, and this is not its name
└── BadCompletion   the caller: a completion request that cannot be answered; `parameter` says why
"""


class DoorError(Exception):
    """Anything that the door itself turns away."""


class RateLimited(DoorError):
    """Too many requests; `retry_after` is in whole seconds, at least 1."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many requests; try again in {retry_after} s")
        self.retry_after = retry_after


class SalonClosed(DoorError):
    """A call-back was asked for outside opening hours."""


class PhoneInvalid(DoorError):
    """What was given as a telephone number is none."""


class MomentInvalid(DoorError):
    """`at` cannot be read as a date and time."""


class KeyMissing(DoorError):
    """The key is missing or wrong."""


class KeyUnset(DoorError):
    """A key is required here and the operator has set none."""


class ModelUnknown(DoorError):
    """The model asked for is not served here."""


class BadCompletion(DoorError):
    """A completion request that cannot be answered; `parameter` is the field at fault."""

    def __init__(self, message: str, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter
