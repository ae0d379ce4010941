"""Errors of the stores, by who must act.

StoreError
├── SalonFolderError       the operator: a file of the salon folder is wrong
├── DatabaseUnavailable    the operator: the database cannot be reached, opened or written
├── KeyUnusable            the operator: the keys to visitors' contacts are missing, wrong or not the ones used so far
├── Unreadable             the operator: something was sealed with a key that is not there
├── CorpusUnusable         the operator: a file of articles holds none, or cannot be read or written
├── BackupUnusable         the operator: name another backup, or make one in another way
├── InUse                  the operator: stop the assistant first
├── InventoryUnreadable    staff: the source of the show-case cannot be read
├── NotFound               the caller: the id belongs to nothing (any more)
│   ├── DialogNotFound
│   ├── TurnNotFound
│   ├── VisitorNotFound
│   ├── BookingNotFound
│   ├── AccountNotFound
│   ├── RequestNotFound
│   └── ReceiptNotFound
├── DialogEnded            the visitor: open a new dialog
├── ConsentOutdated        the visitor: read and accept the text now in force
├── AlreadyRated           the visitor: nothing left to do
├── Refused                staff: what was entered cannot be taken
├── ChangedMeanwhile       staff: look at what somebody else has changed, then decide anew
├── NotBookable            the visitor: choose another time
│   ├── CarTaken
│   ├── VisitorTaken
│   └── TooManyBookings
├── LoginRefused           staff: another name or password
├── LoginThrottled         staff: wait `retry_after` seconds
├── SetupLinkInvalid       staff: ask for another link
├── AccountRefused         staff: what an account cannot be
│   ├── NameInvalid
│   ├── NameTaken
│   ├── PasswordTooShort
│   ├── PasswordIsName
│   └── LastAdmin
└── RequestMoved           staff: somebody else was quicker; look at the queue again
    ├── RequestTaken
    ├── RequestClosed
    └── RequestNotTaken
"""

from datetime import datetime
from pathlib import Path


class StoreError(Exception):
    """Anything a store refuses or fails to do; the message is one clear English sentence."""


class SalonFolderError(StoreError):
    """A file of the salon folder is missing or wrong.

    `file` is the file (or the folder itself) and `field` the dotted name of the field; both are put before the
    sentence, and None where the sentence names them itself or the whole file is at fault.
    """

    def __init__(self, problem: str, *, file: Path | None = None, field: str | None = None) -> None:
        where = [str(file)] if file else []
        if field:
            where.append(f"field `{field}`")
        super().__init__(f"{', '.join(where)}: {problem}" if where else problem)
        self.file = file
        self.field = field


class DatabaseUnavailable(StoreError):
    """The database cannot be reached, opened, migrated or written. The message never holds a password."""


class KeyUnusable(StoreError):
    """The keys to visitors' contacts are missing, wrong, or not those that the database was written with. The message
    never holds a key."""


class Unreadable(StoreError):
    """Something was sealed with a key that this process does not have, or was damaged."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"what was sealed with the key {key_id} cannot be read")
        self.key_id = key_id


class CorpusUnusable(StoreError):
    """A file holds no article that could be used, or cannot be read or written; what there was stays."""


class BackupUnusable(StoreError):
    """A file is no backup or a broken one, or this database is not backed up here."""


class InUse(StoreError):
    """What is to be replaced is in use by another program."""


class InventoryUnreadable(StoreError):
    """The source of the show-case cannot be read at all, and no earlier version can stand in for it."""


class NotFound(StoreError):
    """What an id should name does not exist, or was forgotten."""


class DialogNotFound(NotFound):
    """No dialog has this session id."""

    def __init__(self, session_id: str) -> None:
        super().__init__(f"there is no session {session_id!r}")
        self.session_id = session_id


class TurnNotFound(NotFound):
    """No turn has this id; its dialog may have been forgotten meanwhile."""

    def __init__(self, turn_id: str) -> None:
        super().__init__(f"there is no turn {turn_id!r}")
        self.turn_id = turn_id


class VisitorNotFound(NotFound):
    """No visitor has this token."""

    def __init__(self, token: str) -> None:
        super().__init__(f"there is no visitor {token!r}")
        self.token = token


class DialogEnded(StoreError):
    """The dialog was ended: it takes no more questions."""

    def __init__(self, session_id: str) -> None:
        super().__init__(f"session {session_id!r} has ended")
        self.session_id = session_id


class ConsentOutdated(StoreError):
    """The accepted consent text is no longer the one in force (`current`)."""

    def __init__(self, given: str, current: str) -> None:
        super().__init__(f"consent version {given!r} is no longer in force, the current one is {current!r}")
        self.given = given
        self.current = current


class AlreadyRated(StoreError):
    """A dialog is rated once."""

    def __init__(self, session_id: str) -> None:
        super().__init__(f"session {session_id!r} was rated already")
        self.session_id = session_id


class Refused(StoreError):
    """What staff entered cannot be taken.

    `key` names the sentence that tells it (`assets/texts/staff.*.toml`), `values` are what it fills in.
    """

    def __init__(self, key: str, **values: object) -> None:
        told = ", ".join(f"{name} {value!r}" for name, value in values.items())
        super().__init__(f"this cannot be taken: {key}{f' ({told})' if told else ''}")
        self.key = key
        self.values = values


class ChangedMeanwhile(StoreError):
    """Somebody else has changed it since version `seen` was looked at; now it is `current`."""

    def __init__(self, seen: int, current: int) -> None:
        super().__init__(
            f"version {seen} was looked at, but meanwhile somebody has made it version {current}"
        )
        self.seen = seen
        self.current = current


class BookingNotFound(NotFound):
    """No test drive has this number, or it was cancelled."""

    def __init__(self, booking_id: int) -> None:
        super().__init__(f"there is no booking {booking_id}")
        self.booking_id = booking_id


class ReceiptNotFound(NotFound):
    """No receipt of a destruction has this number."""

    def __init__(self, number: str) -> None:
        super().__init__(f"there is no receipt {number!r}")
        self.number = number


class NotBookable(StoreError):
    """A test drive cannot be had at this time."""


class CarTaken(NotBookable):
    """Somebody else drives this car then."""

    def __init__(self, stock_id: str) -> None:
        super().__init__(f"the car {stock_id!r} is taken at that time")
        self.stock_id = stock_id


class VisitorTaken(NotBookable):
    """The visitor drives another car then."""

    def __init__(self, starts_at: datetime) -> None:
        super().__init__(f"this visitor has a test drive at {starts_at:%Y-%m-%d %H:%M} already")
        self.starts_at = starts_at


class TooManyBookings(NotBookable):
    """One dialog holds only so many test drives to come."""

    def __init__(self, session_id: str) -> None:
        super().__init__(f"session {session_id!r} holds as many test drives as one may")
        self.session_id = session_id


class AccountNotFound(NotFound):
    """No account has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no account {name!r}")
        self.name = name


class LoginRefused(StoreError):
    """Name and password do not belong together, or the account is closed; which of them is not told."""

    def __init__(self) -> None:
        super().__init__("the name or the password is wrong")


class LoginThrottled(StoreError):
    """Too many failures; the next attempt is judged in `retry_after` whole seconds, at least 1."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many attempts to log in; try again in {retry_after} s")
        self.retry_after = retry_after


class SetupLinkInvalid(StoreError):
    """The link was used, has expired, was replaced by another one, or never was."""

    def __init__(self) -> None:
        super().__init__("the link is not valid (any more)")


class AccountRefused(StoreError):
    """An account cannot be made or changed like that."""


class NameInvalid(AccountRefused):
    """A name is 2 to 64 letters, digits and . _ - + @."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name[:80]!r} cannot be a name: 2 to 64 letters, digits and . _ - + @")


class NameTaken(AccountRefused):
    """Another account has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is an account {name!r} already")


class PasswordTooShort(AccountRefused):
    """A password has at least `least` characters."""

    def __init__(self, least: int) -> None:
        super().__init__(f"a password has at least {least} characters")
        self.least = least


class PasswordIsName(AccountRefused):
    """A password that says the name again, or one character over and over, is none."""

    def __init__(self) -> None:
        super().__init__("a password must not be the name or one character again and again")


class LastAdmin(AccountRefused):
    """Without this admin nobody could change accounts."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is the last active admin")


class RequestNotFound(NotFound):
    """No call-back or booking has this number; the visitor may have taken it back."""

    def __init__(self, kind: str, request_id: int) -> None:
        super().__init__(f"there is no {kind} {request_id}")
        self.kind = kind
        self.request_id = request_id


class RequestMoved(StoreError):
    """A request is not in the state that this step begins from."""


class RequestTaken(RequestMoved):
    """Somebody else (`by`) has taken it."""

    def __init__(self, by: str) -> None:
        super().__init__(f"the request was taken by {by}")
        self.by = by


class RequestClosed(RequestMoved):
    """It is done already; who wants to go on with it reopens it."""

    def __init__(self) -> None:
        super().__init__("the request is closed")


class RequestNotTaken(RequestMoved):
    """Nobody has taken it, so it cannot be let go or closed; or it is open and cannot be reopened."""

    def __init__(self) -> None:
        super().__init__("the request is not in a state for this")
