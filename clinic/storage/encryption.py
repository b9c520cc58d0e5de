"""Column types that are unreadable in the database: the application encrypts on the way in.

Each value is bound to its table and column, so that it cannot be read back from another place. The keys come
from the database the statement runs on (see `clinic.storage.database`).
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator

from clinic.storage.columns import clean_text
from clinic.storage.failures import KeysLost
from clinic.storage.keyring import Keyring


def set_keyring(dialect: Dialect, keyring: Keyring) -> None:
    """Give all encrypted columns of an engine their keys."""
    dialect.clinic_keyring = keyring  # type: ignore[attr-defined]


def keyring_of(dialect: Dialect) -> Keyring:
    """Return the keys of an engine. Raises `KeysLost` when it was opened without."""
    keyring: Keyring | None = getattr(dialect, "clinic_keyring", None)
    if keyring is None:
        raise KeysLost("this database was opened without its keys; name the folder they are in")
    return keyring


class EncryptedText(TypeDecorator[str]):
    """Text that somebody typed; equal texts look different, so it cannot be compared or sorted in SQL."""

    impl = Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        """Take the table and column, such as "leads.name"."""
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt a value on its way in."""
        return None if value is None else keyring_of(dialect).encrypt(clean_text(value), self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt a value on its way out. Raises `KeysLost`."""
        return None if value is None else keyring_of(dialect).decrypt(value, self.place)


class EncryptedJson(TypeDecorator[dict[str, Any]]):
    """An object that may hold what somebody typed."""

    impl = Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        """Take the table and column, such as "messages.content"."""
        super().__init__()
        self.place = place

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        """Encrypt an object on its way in."""
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return keyring_of(dialect).encrypt(clean_text(text), self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        """Decrypt an object on its way out. Raises `KeysLost`."""
        if value is None:
            return None
        found: dict[str, Any] = json.loads(keyring_of(dialect).decrypt(value, self.place))
        return found


class KeyedHash(TypeDecorator[Any]):
    """A number by which a word is found and from which it cannot be told: 63 bits of HMAC-SHA-256.

    A text goes in, its hash comes out. `kind` keeps hashes of different tables apart.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, kind: str) -> None:
        """Take the name of the table."""
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: str | int | None, dialect: Dialect) -> int | None:
        """Hash a word on its way in; a hash that was read stays as it is."""
        return keyring_of(dialect).hash_token(self.kind, value) if isinstance(value, str) else value
