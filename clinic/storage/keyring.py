"""The keys that protect what is stored: one file outside the database, only its owner can read it.

One key a line: `<id> <32 bytes, url-safe base64>`. The key called `search` makes the hashes that staff search
by and the seals of the audit record, and never changes; of the others the last line encrypts and all of them
decrypt. `engine/keyring.py` reads the same file.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import stat
import threading
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clinic.storage.failures import KeysLost

FILE_NAME = "data"
SEARCH = "search"
_KEY_BYTES, _NONCE_BYTES = 32, 12
_FORM = "e1"  # the first form: AES-256-GCM, 96-bit random nonce (NIST SP 800-38D)


class Keyring:
    """The keys in one file, read again whenever the file changes. Opens nothing until used."""

    def __init__(self, path: Path | None) -> None:
        """Take the file; None keeps the keys in memory only, for a database that lives there too."""
        self.path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._ciphers: dict[str, AESGCM] = {}
        self._search = b""
        if path is None:
            self._take(_line(SEARCH) + _line(_new_key_id()))

    @property
    def newest(self) -> str:
        """The id of the key that encrypts. Raises `KeysLost`."""
        self._refresh()
        return next(reversed(self._ciphers))

    def create(self) -> None:
        """Make the file with a first key, when there is none. Safe when two processes do it together."""
        if self.path is not None and not self.path.exists():
            _publish(self.path, _line(SEARCH) + _line(_new_key_id()), replace=False)

    def add_key(self) -> str:
        """Add a key that encrypts from now on, in every process; return its id. Raises `KeysLost`."""
        assert self.path is not None
        self._refresh()
        new = _new_key_id()
        _publish(self.path, self.path.read_text("ascii") + _line(new), replace=True)
        return new

    def retire_keys(self) -> list[str]:
        """Remove all keys but the newest and the one before it; return the ids of the removed.

        The one before it stays until the next rotation: a transaction that began with it may end after.
        """
        assert self.path is not None
        self._refresh()
        removed = list(self._ciphers)[:-2]
        lines = self.path.read_text("ascii").splitlines(keepends=True)
        _publish(self.path, "".join(line for line in lines if line.split()[0] not in removed), replace=True)
        return removed

    def encrypt(self, text: str, place: str) -> str:
        """Return `text` unreadable: `e1:<key id>:<nonce and ciphertext>`. `place` is its table and column.

        It can be read back only with the same `place`. Raises `KeysLost`.
        """
        self._refresh()
        key_id = next(reversed(self._ciphers))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[key_id].encrypt(nonce, text.encode(), place.encode())
        return f"{_FORM}:{key_id}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, value: str, place: str) -> str:
        """Return the text in `value`. Raises `KeysLost`: no key fits, or the value was changed or moved."""
        form, _, rest = value.partition(":")
        key_id, _, payload = rest.partition(":")
        if form != _FORM:
            raise KeysLost(f"a value of {place} is not encrypted; it was written past the application")
        if key_id not in self._ciphers:
            self._refresh()
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise KeysLost(_lost(self.path, f"the key {key_id} is not in it"))
        try:
            sealed = base64.urlsafe_b64decode(payload)
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise KeysLost(f"a value of {place} was changed, moved, or encrypted with another key") from error

    def hash_token(self, kind: str, value: str) -> int:
        """Return the keyed hash of `value`: 63 bits of HMAC-SHA-256, different for each `kind`."""
        if not self._search:
            self._refresh()
        digest = hmac.digest(self._search, f"{kind}\0{value}".encode(), hashlib.sha256)
        return int.from_bytes(digest[:8]) >> 1

    def seal(self, kind: str, text: str) -> str:
        """Return HMAC-SHA-256 of `text` as 64 hexadecimal digits, under the key that never changes."""
        if not self._search:
            self._refresh()
        return hmac.digest(self._search, f"seal {kind}\0{text}".encode(), hashlib.sha256).hex()

    def _refresh(self) -> None:
        """Read the file when it is new or was changed: a rotation reaches every process at once."""
        if self.path is None:
            return
        try:
            status = self.path.stat()
        except OSError as error:
            raise KeysLost(_lost(self.path, "it cannot be read")) from error
        stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
        if stamp == self._stamp:
            return
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise KeysLost(f"the keys {self.path} can be read by other users; run: chmod 600 {self.path}")
        with self._lock:
            try:
                self._take(self.path.read_text("ascii"))
            except (OSError, ValueError) as error:
                raise KeysLost(_lost(self.path, "it is damaged")) from error
            self._stamp = stamp

    def _take(self, text: str) -> None:
        keys = {}
        for line in text.splitlines():
            key_id, encoded = line.split()
            keys[key_id] = base64.urlsafe_b64decode(encoded)
        if any(len(key) != _KEY_BYTES for key in keys.values()) or len(keys) < 2:
            raise ValueError("not a keyring")
        self._search = keys.pop(SEARCH, b"")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}


def _lost(path: Path | None, reason: str) -> str:
    return (
        f"the keys {path} do not fit the database: {reason}. Names, numbers and messages cannot be read "
        "without them. Put the folder of keys back from a backup; see docs/operations.md, "
        '"When the keys are lost"'
    )


def _new_key_id() -> str:
    return secrets.token_hex(4)


def _line(key_id: str) -> str:
    return f"{key_id} {base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}\n"


def _publish(path: Path, text: str, replace: bool) -> None:
    """Write the file whole, readable by its owner only; an existing one is kept unless `replace`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(draft, path)
        else:
            try:
                os.link(draft, path)  # appears whole or not at all, and never replaces a file
            except FileExistsError:
                return  # another process was first; its keys are the keys
    finally:
        draft.unlink(missing_ok=True)
