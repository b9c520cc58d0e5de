"""Passwords of staff: what is too weak, and how a password is kept (argon2id, never as text)."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
# Words that whoever guesses here tries first (OWASP ASVS 5.0, 6.1.2): they add nothing to a password.
WORDS_OF_THE_PLACE = (
    "oklahoma", "pain", "treatment", "centers", "optc",
    "clinic", "acupuncture", "needle", "console", "assistant",
)  # fmt: skip
_JUDGED_CHARACTERS = 72  # more would take long, and can only add strength
_LOWEST_SCORE = 3  # of 4: at least 10^8 guesses


class PasswordTooWeak(ValueError):
    """The password cannot be used.

    `code` is password_too_short, password_too_long, password_too_simple or password_is_email.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_password(password: str, email: str) -> None:
    """Raise `PasswordTooWeak` unless the password may be chosen by the person with this e-mail address.

    Length counts, not the kinds of characters. What is among the 30,000 most used passwords, or made of them,
    of rows of keys, of dates, of the address or of the clinic's own words, is too simple: zxcvbn estimates
    how many guesses it takes (OWASP ASVS 5.0, 6.2.4; Wheeler, "zxcvbn", USENIX Security 2016).
    """
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooWeak("password_too_short")
    if len(password) > LONGEST_PASSWORD:
        raise PasswordTooWeak("password_too_long")
    if password.casefold() == email.casefold():
        raise PasswordTooWeak("password_is_email")
    easy = [email, *email.replace("@", ".").split("."), *WORDS_OF_THE_PLACE]
    if zxcvbn(password[:_JUDGED_CHARACTERS], easy)["score"] < _LOWEST_SCORE:
        raise PasswordTooWeak("password_too_simple")


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
