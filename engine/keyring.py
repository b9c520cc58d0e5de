"""The keys that protect the engine's memory: the file that the clinic's side makes, read here only.

The form is that of `clinic/storage/keyring.py`, which this environment cannot import: one key a line, the
last one encrypts, all of them decrypt, and the line `search` is none of the engine's business.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from typing import Dict, Optional, Text, Tuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORM = "e1"
_SEARCH = "search"
_NONCE_BYTES = 12


class KeysLost(Exception):
    """The keys cannot be read, or do not fit what is stored."""


class Keyring:
    """The keys in one file, read again whenever the file changes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: Optional[Tuple[int, int, int]] = None
        self._ciphers: Dict[Text, AESGCM] = {}

    def encrypt(self, text: Text, place: Text) -> Text:
        """Return `text` unreadable, bound to `place` (table and column). Raises KeysLost."""
        self._refresh()
        key_id = list(self._ciphers)[-1]
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[key_id].encrypt(nonce, text.encode(), place.encode())
        return f"{FORM}:{key_id}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, value: Text, place: Text) -> Text:
        """Return the text in `value`. Raises KeysLost."""
        form, _, rest = value.partition(":")
        key_id, _, payload = rest.partition(":")
        if key_id not in self._ciphers:
            self._refresh()
        if form != FORM or key_id not in self._ciphers:
            raise KeysLost(f"there is no key for a value of {place}")
        sealed = base64.urlsafe_b64decode(payload)
        try:
            opened = self._ciphers[key_id].decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode()
            )
        except InvalidTag as error:
            raise KeysLost(f"a value of {place} was changed, moved, or encrypted with another key") from error
        return opened.decode()

    def _refresh(self) -> None:
        try:
            status = os.stat(self.path)
            stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
            if stamp == self._stamp:
                return
            lines = [line.split() for line in self.path.read_text("ascii").splitlines()]
            keys = {key_id: base64.urlsafe_b64decode(key) for key_id, key in lines if key_id != _SEARCH}
            self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
            if not self._ciphers:
                raise ValueError("no key")
        except (OSError, ValueError) as error:
            raise KeysLost(f"the keys {self.path} cannot be read") from error
        self._stamp = stamp
