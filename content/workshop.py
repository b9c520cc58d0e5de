"""Opens and saves content files: whole or not at all, and never over somebody else's change."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from content.draft import Draft, read_draft
from content.editor import write_draft
from content.files import ContentUnreadable


class ChangedMeanwhile(Exception):
    """The file on disk is no longer the one the change was made for."""


class FileNotSaved(Exception):
    """The file could not be written (the disk is full, or it is not allowed); it is as it was before."""


@dataclass(frozen=True)
class OpenFile:
    """A content file as it was read; `version` is the SHA-256 of its bytes."""

    path: Path
    text: str
    version: str

    def draft(self) -> Draft:
        """Return what can be changed in it; raises ContentUnreadable."""
        return read_draft(self.text, self.path)


def open_file(root: Path, path: Path) -> OpenFile:
    """Return the file at `root / path`; raises ContentUnreadable."""
    try:
        content = (root / path).read_bytes()
        return OpenFile(path, content.decode("utf-8"), hashlib.sha256(content).hexdigest())
    except (OSError, UnicodeError) as error:
        raise ContentUnreadable(f"{path}: cannot be read: {' '.join(str(error).split())}") from error


def save_draft(root: Path, path: Path, version: str, draft: Draft) -> bool:
    """Write `draft` into the file, which must still have `version`; returns whether anything changed.

    Raises ChangedMeanwhile, EditRefused, ContentUnreadable or FileNotSaved; then the file is as before.
    """
    with _alone(root):
        opened = open_file(root, path)
        if opened.version != version:
            raise ChangedMeanwhile(path)
        text = write_draft(opened.text, path, draft)
        if text == opened.text:
            return False
        write_file(root / path, text)
        return True


def write_file(path: Path, text: str) -> None:
    """Replace the file in one step; raises FileNotSaved, and the old one stays."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise FileNotSaved(error.strerror) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode if path.exists() else 0o644)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise FileNotSaved(error.strerror) from error


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Let one process at a time look and write: the folder itself is the lock."""
    handle = os.open(root / "data", os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
