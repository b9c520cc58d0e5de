"""Column types that keep one meaning on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

# PostgreSQL refuses the NUL character in text, and neither database can encode half of a surrogate pair.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Return `text` without the characters that a database cannot store."""
    return _NOT_STORABLE.sub("", text)


def fold_text(text: str) -> str:
    """Return `text` in one spelling for comparing: small letters, no accents, nothing unstorable."""
    decomposed = unicodedata.normalize("NFKD", clean_text(text))
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def new_id() -> str:
    """Return a random identifier nobody can guess: 96 bits, url-safe text."""
    return secrets.token_urlsafe(12)


class CleanText(TypeDecorator[str]):
    """Text that was typed by somebody: what cannot be stored is dropped instead of failing the write."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean a value on its way in."""
        return None if value is None else clean_text(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: aware on the way in and out, UTC in the database (SQLite has no time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC. Raises `ValueError` on a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored time, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
