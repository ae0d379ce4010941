"""What visitors leave of themselves is sealed on its way into the database: phones, e-mails, names, comments, notes.

Sealed text is `<key's id>:<Fernet token>` (AES-128-CBC and HMAC-SHA256, as `cryptography` specifies it). The id tells
which key opens it, so that re-sealing with a newer key knows what is left to do wherever it was broken off.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from stores.errors import KeyUnusable, Unreadable

KEY_FILE = "contacts.key"
"""The name of the file of keys in the data folder, the newest key on its first line."""
_ID_LENGTH = 12
_SEALED = re.compile(rf"([0-9a-f]{{{_ID_LENGTH}}}):(gAAAA[\w=-]+)", re.ASCII)
_RU_LENGTH, _NATIONAL_LENGTH = 11, 10


class _Key(NamedTuple):
    """A key: its public id, and what hashes are keyed with."""

    id: str
    fernet: Fernet
    hashing: bytes


class Cipher:
    """Seals and unseals with the newest of its keys; the older ones still open what they sealed.

    `keys` are Fernet keys (32 random bytes, URL-safe base64), the newest first. `changed` gives the keys again when
    they are others by now, so that a rotation needs no restart. Raises `KeyUnusable`.
    """

    def __init__(
        self, keys: Sequence[str], *, changed: Callable[[], Sequence[str] | None] | None = None
    ) -> None:
        self._take(keys)
        self._changed = changed

    @property
    def newest(self) -> str:
        """The id of the key that seals; it tells nothing of the key."""
        return self._keys[0].id

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all keys, the newest first."""
        return tuple(key.id for key in self._keys)

    def seal(self, text: str) -> str:
        """The text sealed; nothing stays nothing."""
        if not text:
            return ""
        self._look_again()
        newest = self._keys[0]
        return f"{newest.id}:{newest.fernet.encrypt(text.encode('utf-8', 'replace')).decode('ascii')}"

    def seal_optional(self, text: str | None) -> str | None:
        """`seal` for a column that may be empty."""
        return None if text is None else self.seal(text)

    def unseal(self, sealed: str) -> str:
        """What was sealed. Text that was stored before there was sealing is given back as it is.

        Raises `Unreadable` when none of the keys opens it.
        """
        found = _SEALED.fullmatch(sealed)
        if found is None:
            return sealed
        if found[1] not in self.ids:
            self._look_again()
        try:
            return self._all.decrypt(found[2]).decode("utf-8")
        except InvalidToken:
            raise Unreadable(found[1]) from None

    def unseal_optional(self, sealed: str | None) -> str | None:
        """`unseal` for a column that may be empty."""
        return None if sealed is None else self.unseal(sealed)

    def is_current(self, sealed: str) -> bool:
        """Whether the text is sealed with the newest key; nothing needs no sealing."""
        found = _SEALED.fullmatch(sealed)
        return not sealed or (found is not None and found[1] == self.newest)

    def fingerprint(self, text: str) -> str:
        """What equal texts have in common, and what tells nothing to who has no key: an HMAC-SHA256."""
        self._look_again()
        return _fingerprint(self._keys[0], text)

    def fingerprints(self, text: str) -> list[str]:
        """The fingerprints by every key, to find rows that an older one has fingerprinted as well."""
        self._look_again()
        return [_fingerprint(key, text) for key in self._keys]

    def of_phone(self, phone: str) -> str:
        """The fingerprint of a telephone number, whatever its spelling."""
        return self.fingerprint(_digits(phone))

    def of_email(self, email: str) -> str:
        """The fingerprint of an e-mail address, whatever its case."""
        return self.fingerprint(email.strip().casefold())

    def phones(self, phone: str) -> list[str]:
        """`of_phone` by every key."""
        return self.fingerprints(_digits(phone))

    def emails(self, email: str) -> list[str]:
        """`of_email` by every key."""
        return self.fingerprints(email.strip().casefold())

    def _take(self, keys: Sequence[str]) -> None:
        if not keys:
            raise KeyUnusable("there is no key for visitors' contacts")
        parsed = [_parse(key) for key in keys]
        self._all = MultiFernet([key.fernet for key in parsed])
        self._keys = parsed

    def _look_again(self) -> None:
        keys = self._changed() if self._changed is not None else None
        if keys:
            self._take(keys)


def new_key() -> str:
    """A fresh random key."""
    return Fernet.generate_key().decode("ascii")


def is_sealed(text: str) -> bool:
    """Whether a text is sealed, by whichever key."""
    return _SEALED.fullmatch(text) is not None


def open_cipher(keys: Sequence[str], data: Path) -> Cipher:
    """The cipher of the settings' `keys`, or where there are none of those in the data folder's file; the first start
    makes it. Two processes that start at once end with one key. Raises `KeyUnusable`."""
    if keys:
        return Cipher(keys)
    path = data / KEY_FILE
    if not path.exists():
        _make(path)
    file = _KeyFile(path)
    return Cipher(file.changed() or (), changed=file.changed)


def read_keys(path: Path) -> list[str]:
    """The keys of a file, the newest first. Raises `KeyUnusable`."""
    try:
        lines = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise KeyUnusable(f"the key file {path} cannot be read: {reason}") from None
    if not lines:
        raise KeyUnusable(f"the key file {path} is empty: restore it from its backup")
    return lines


def write_keys(path: Path, keys: Sequence[str]) -> None:
    """Put `keys` in place of those of the file, all or nothing. Raises `KeyUnusable`."""
    try:
        _written(path, keys).replace(path)
    except OSError as error:
        raise KeyUnusable(f"the key file {path} cannot be written: {error.strerror}") from None


class _KeyFile:
    """The file of keys, read again only when it is another one than before; gone, it changes nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None

    def changed(self) -> list[str] | None:
        """The keys, the newest first, or None when they are the same as last time."""
        try:
            state = self._path.stat()
        except FileNotFoundError:
            return None
        if (state.st_mtime_ns, state.st_ino) == self._seen:
            return None
        keys = read_keys(self._path)
        self._seen = (state.st_mtime_ns, state.st_ino)
        return keys


def _make(path: Path) -> None:
    """The file with a fresh key, unless another process has just made it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = _written(path, [new_key()])
        try:
            os.link(made, path)  # unlike a rename it never takes the place of a file
        except FileExistsError:
            pass
        finally:
            made.unlink()
    except OSError as error:
        raise KeyUnusable(
            f"the key file {path} cannot be made ({error.strerror}): name a key in SALON_CONTACT_KEYS"
        ) from None


def _written(path: Path, keys: Sequence[str]) -> Path:
    """A file beside `path` that holds the keys, on the disk for good and readable by its owner only."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return beside


def _parse(text: str) -> _Key:
    try:
        raw = base64.b64decode(text.strip().encode("ascii"), altchars=b"-_", validate=True)
        fernet = Fernet(text.strip())
    except (ValueError, binascii.Error):
        # The text itself is not repeated: it may be a key with a typing error.
        raise KeyUnusable("a key for visitors' contacts is no Fernet key (44 characters of base64)") from None
    return _Key(
        id=_derived(raw, b"salon-assistant contacts key id").hex()[:_ID_LENGTH],
        fernet=fernet,
        hashing=_derived(raw, b"salon-assistant contacts fingerprint"),
    )


def _derived(raw: bytes, purpose: bytes) -> bytes:
    """A key for one purpose out of the key for all (HKDF, RFC 5869); from it nothing leads back."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(raw)


def _fingerprint(key: _Key, text: str) -> str:
    return hmac.new(key.hashing, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _digits(phone: str) -> str:
    """The digits of a number as it is dialled from abroad; a Russian one may begin with 8, or with its area code."""
    digits = "".join(char for char in phone if char.isdecimal())
    if len(digits) == _RU_LENGTH and digits[0] == "8" and "+" not in phone:
        return "7" + digits[1:]
    return "7" + digits if len(digits) == _NATIONAL_LENGTH and "+" not in phone else digits
