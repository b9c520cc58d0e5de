"""The keys of backups: kept apart, one folder for each set of keys, named by its fingerprint."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from launch.verify_audit import HEADS

BESIDE_THE_DATABASE = "keys"  # where versions up to 0.2 put them
ASIDE = "keys.before-restore"


class KeysNotFound(Exception):
    """The keys that open a backup are not where they were looked for."""


def fingerprint(directory: Path) -> str:
    """Return what tells a set of keys from others and nothing about them: 16 digits of its SHA-256."""
    digest = hashlib.sha256()
    for path in _key_files(directory):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def keep_keys(directory: Path, into: Path) -> None:
    """Copy the keys in use into the folder `<into>/<fingerprint>`, for their owner only. Raises OSError."""
    kept = into / fingerprint(directory)
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    if directory.is_dir():
        shutil.copytree(directory, kept, dirs_exist_ok=True)  # with the audit record's newest heads
        kept.chmod(0o700)


def choose_keys(in_use: Path, wanted: str | None, backup: Path, named: Path) -> Path | None:
    """Return the folder of the keys with the fingerprint `wanted`, None when those in use are the ones.

    `named` is that folder, or one that holds it under its fingerprint. A backup of a version before has no
    fingerprint and brings its keys along. Raises KeysNotFound.
    """
    if wanted is None:
        old = backup / BESIDE_THE_DATABASE
        return old if old.is_dir() else None
    if fingerprint(in_use) == wanted:
        return None
    for place in (named, named / wanted):
        if fingerprint(place) == wanted:
            return place
    raise KeysNotFound(
        f"its keys ({wanted}) are neither in use nor in {named}. Name their folder: "
        "make restore FROM=<folder> KEYS=<folder>"
    )


def put_in_place(keys: Path, directory: Path) -> None:
    """Use these keys; those in use until now are kept beside them. Raises OSError."""
    aside = directory.with_name(ASIDE)
    if directory.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
        directory.rename(aside)
    shutil.copytree(keys, directory)
    directory.chmod(0o700)


def _key_files(directory: Path) -> list[Path]:
    if not directory.is_dir():
        return []
    return [path for path in sorted(directory.iterdir()) if path.is_file() and path.name != HEADS]
