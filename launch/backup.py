"""`make backup` and `make restore FROM=…`: the clinic's database, and apart from it the keys that open it.

A backup is a folder: the database (a SQLite file, or what pg_dump writes) and a manifest with the checksum of
every table and the fingerprint of the keys. The keys go to another folder, once for each set of keys: whoever
gets hold of a backup alone reads no name and no message. It is taken while everything runs. The engine's own
memory is not in it: that may be thrown away.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from clinic.settings import Settings
from clinic.storage.checksum import checksum_tables
from clinic.storage.database import Database, StorageUnavailable
from launch.backup_keys import KeysNotFound, choose_keys, fingerprint, keep_keys, put_in_place
from launch.supervisor_calls import is_running

SQLITE_FILE, POSTGRESQL_FILE, MANIFEST = "clinic.db", "clinic.dump", "manifest.json"
KEPT_KEYS = "backup-keys"


class BackupFailed(Exception):
    """No backup was made, or it could not be restored; what is in use is untouched."""


def make_backup(settings: Settings, into: Path, keys_into: Path | None = None) -> Path:
    """Write a backup into a new folder under `into` and return it. Raises BackupFailed.

    The keys go below `keys_into`, by default the folder `backup-keys` beside `into`.
    """
    folder = into / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S-%fZ")
    folder.mkdir(parents=True, mode=0o700)
    try:
        with closing(Database(settings.resolved_database_url, keys=settings.keys_directory)) as database:
            if database.url.get_backend_name() == "sqlite":
                tables = _copy_sqlite(Path(str(database.url.database)), folder / SQLITE_FILE)
            else:
                tables = _dump_postgresql(database, folder / POSTGRESQL_FILE)
        keep_keys(settings.keys_directory, keys_into or into.parent / KEPT_KEYS)
        manifest = {"tables": tables, "keys": fingerprint(settings.keys_directory)}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
    except (OSError, sqlite3.Error, StorageUnavailable, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder)
        raise BackupFailed(f"no backup was made: {_reason(error)}") from error
    return folder


def restore_backup(settings: Settings, folder: Path, keys: Path | None = None) -> dict[str, Any]:
    """Put a backup in the place of what is in use; returns the checksums. Raises BackupFailed.

    Nothing may run meanwhile. `keys` is the folder of its keys, by default where `make_backup` put them. What
    was in use is kept beside it, as `clinic.db.before-restore` and `keys.before-restore`.
    """
    if is_running(settings):
        raise BackupFailed("the assistant is running; stop it first")
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        kept = folder.resolve().parent.parent / KEPT_KEYS
        chosen = choose_keys(settings.keys_directory, manifest.get("keys"), folder, keys or kept)
        with closing(Database(settings.resolved_database_url, keys=settings.keys_directory)) as database:
            if database.url.get_backend_name() == "sqlite":
                _restore_sqlite(folder / SQLITE_FILE, Path(str(database.url.database)), manifest)
            else:
                arguments = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
                _run("pg_restore", database.url, *arguments, str(folder / POSTGRESQL_FILE))
            if chosen is not None:
                put_in_place(chosen, settings.keys_directory)
            found = checksum_tables(database)
    except KeysNotFound as error:
        raise BackupFailed(f"the backup was not restored: {error}") from error
    except (OSError, ValueError, sqlite3.Error, StorageUnavailable, subprocess.CalledProcessError) as error:
        raise BackupFailed(f"the backup was not restored: {_reason(error)}") from error
    if found != manifest["tables"]:
        raise BackupFailed("the restored database differs from the backup's checksums")
    return found


def _copy_sqlite(source: Path, copy: Path) -> dict[str, Any]:
    if not source.is_file():
        raise BackupFailed(f"there is no database {source}")
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(source)) as used, closing(sqlite3.connect(copy)) as copied:
        used.backup(copied)  # SQLite's online backup: writers go on
        copied.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    return _read_checked(copy)


def _read_checked(path: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise BackupFailed("the copy of the database is damaged")
    with closing(Database(f"sqlite:///{path}")) as database:
        return checksum_tables(database)


def _restore_sqlite(backup: Path, target: Path, manifest: dict[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.restoring")
    shutil.copyfile(backup, draft)
    draft.chmod(0o600)
    if _read_checked(draft) != manifest["tables"]:
        raise BackupFailed("the backup was changed after it was made")
    for side in ("-wal", "-shm"):
        draft.with_name(draft.name + side).unlink(missing_ok=True)
    if target.exists():
        with closing(sqlite3.connect(target)) as used:
            used.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.replace(target, target.with_name(f"{target.name}.before-restore"))
    for side in ("-wal", "-shm"):
        target.with_name(target.name + side).unlink(missing_ok=True)
    os.replace(draft, target)


def _dump_postgresql(database: Database, copy: Path) -> dict[str, Any]:
    before = checksum_tables(database)
    _run("pg_dump", database.url, "--format=custom", "--no-owner", "--file", str(copy))
    copy.chmod(0o600)
    if checksum_tables(database) == before:
        return before
    # Written to meanwhile: dump and checksums must be of one moment, so a quiet one is looked for.
    copy.unlink()
    return _dump_postgresql(database, copy)


def _run(program: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, where `ps` does not show it."""
    found = shutil.which(program)
    if found is None:
        raise BackupFailed(f"{program} is not installed; it comes with PostgreSQL's client package")
    address = url.set(drivername="postgresql", password=None).render_as_string()
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    subprocess.run(
        [found, "--dbname", address, *arguments], env=environment, check=True, capture_output=True, text=True
    )


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return str(error.stderr).strip().splitlines()[-1] if error.stderr else str(error)
    return str(error)


def main() -> int:
    """`backup into [keys into]` or `restore from [keys]`; returns 0, or 1 after one clear sentence."""
    settings, what, place = Settings(), sys.argv[1], Path(sys.argv[2])
    keys = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    try:
        if what == "backup":
            folder = make_backup(settings, place, keys)
            print(f"The backup is {folder}.")
            kept = (keys or place.parent / KEPT_KEYS) / fingerprint(settings.keys_directory)
            print(f"Its keys are {kept}: keep a copy, but not where the backup is.")
        else:
            found = restore_backup(settings, place, keys)
            print(f"Restored: {sum(table['rows'] for table in found.values())} rows, checksums equal.")
    except BackupFailed as error:
        print(f"Not done: {error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
