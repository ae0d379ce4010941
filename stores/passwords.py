"""Passwords as argon2id hashes, with the parameters of argon2-cffi (RFC 9106, low memory), which grow with it."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from stores.errors import PasswordIsName, PasswordTooShort

LEAST = 12
MOST = 1000
_AT_ONCE = 2


class Passwords:
    """Makes and judges hashes. Thread-safe; a hash takes some 64 MB of memory, so few are made at once."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._decoy: str | None = None

    def hash(self, password: str, *, name: str) -> str:
        """The hash to keep of a new password of the account `name`.

        Raises:
            PasswordTooShort, PasswordIsName: choose another one.
        """
        if len(password) < LEAST:
            raise PasswordTooShort(LEAST)
        if (name in password.casefold() and len(password) < LEAST + len(name)) or len(set(password)) < 3:
            raise PasswordIsName
        return self._hash(password[:MOST])

    def verify(self, password: str, kept: str | None) -> bool:
        """Whether this is the password of the hash `kept`.

        It takes as long without a hash as with one, so that the time does not tell which names there are.
        """
        known = kept is not None
        if kept is None:
            self._decoy = kept = self._decoy or self._hash("a password of nobody")
        with self._turns:
            try:
                return self._hasher.verify(kept, password[:MOST]) and known
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, kept: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def rehash(self, password: str) -> str:
        """The hash with today's parameters of a password that has just been found right."""
        return self._hash(password[:MOST])

    def _hash(self, password: str) -> str:
        with self._turns:
            return self._hasher.hash(password)
