"""Passwords of staff: what is too weak, and how a password is kept (argon2id, never as text)."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
_FEWEST_DIFFERENT_CHARACTERS = 5


class PasswordTooWeak(ValueError):
    """The password cannot be used.

    `code` is password_too_short, password_too_long, password_too_simple or password_is_email.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_password(password: str, email: str) -> None:
    """Raise `PasswordTooWeak` unless the password may be chosen by the person with this e-mail address.

    Length counts, not the kinds of characters (OWASP ASVS 5.0, 6.2).
    """
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooWeak("password_too_short")
    if len(password) > LONGEST_PASSWORD:
        raise PasswordTooWeak("password_too_long")
    if len(set(password.casefold())) < _FEWEST_DIFFERENT_CHARACTERS:
        raise PasswordTooWeak("password_too_simple")
    if password.casefold() == email.casefold():
        raise PasswordTooWeak("password_is_email")


class Passwords:
    """Hashes passwords and compares them. Cost: OWASP ASVS 5.0, appendix C (t=2, 19 MiB, p=1)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._decoy = self.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """Return what is stored of a password."""
        return self._hasher.hash(password.encode("utf-8", "surrogatepass"))

    def match(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password is the one that was hashed; false when there is no hash.

        Takes the same time either way, so that nobody learns which accounts exist.
        """
        try:
            self._hasher.verify(password_hash or self._decoy, password.encode("utf-8", "surrogatepass"))
        except (VerifyMismatchError, InvalidHashError):
            return False
        return password_hash is not None
