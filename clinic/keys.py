"""The secret keys of this installation: made once, kept in files only their owner can read."""

from __future__ import annotations

import os
import re
import secrets
import stat
from pathlib import Path

from clinic.settings import Settings

_KEY_BYTES = 32
_KEY_PATTERN = re.compile(r"[A-Za-z0-9_-]{43,}")
_NAME_PATTERN = re.compile(r"[a-z][a-z0-9_-]*")


class KeyUnreadable(Exception):
    """A key file cannot be read or made, is damaged, or can be read by other users."""


def load_or_create_key(directory: Path, name: str) -> str:
    """Return the key `name` from `directory`, made at the first call: 32 random bytes, url-safe text.

    The file has mode 0600. Two processes that start together get the same key.
    Raises `KeyUnreadable`; `ValueError` on a name that is not a plain word.
    """
    if not _NAME_PATTERN.fullmatch(name):
        raise ValueError(f"not a key name: {name!r}")
    path = directory / name
    try:
        if not path.exists():
            _create(path)
        return _read(path)
    except OSError as error:
        raise KeyUnreadable(f"the key file {path} cannot be used: {error.strerror}") from error


def resolve_signing_key(settings: Settings) -> str:
    """Return the key for signatures: the setting, else the kept one. Raises `KeyUnreadable`."""
    return settings.signing_key or load_or_create_key(settings.keys_directory, "signing")


def resolve_engine_secret(settings: Settings) -> str:
    """Return the secret gateway and engine share: the setting, else the kept one. Raises `KeyUnreadable`."""
    return settings.engine_secret or load_or_create_key(settings.keys_directory, "engine")


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, path)
    finally:
        draft.unlink()


def _publish(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)  # a link appears whole or not at all, and never replaces a file
    except FileExistsError:
        return  # another process was first; its key is the key


def _read(path: Path) -> str:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyUnreadable(f"the key file {path} can be read by other users; run: chmod 600 {path}")
    key = path.read_text(encoding="ascii", errors="replace").strip()
    if not _KEY_PATTERN.fullmatch(key):
        raise KeyUnreadable(f"the key file {path} is damaged; restore it or delete it to get a new key")
    return key
