"""Secrets that are handed to a browser: 256 random bits, of which the database keeps only the hash."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """Return a new token, url-safe text of 43 characters."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is stored of a token: its SHA-256 in hex; enough, since a token cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
