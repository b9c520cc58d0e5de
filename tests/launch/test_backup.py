"""The restore drill: a backup taken while people write, restored elsewhere, with equal checksums."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from clinic.conversations import Conversations, NewReply
from clinic.leads import Leads
from clinic.settings import Settings
from clinic.storage.checksum import checksum_tables
from clinic.storage.database import Database
from launch import backup
from launch.backup import MANIFEST, SQLITE_FILE, BackupFailed, make_backup, restore_backup
from tests.clinic.conftest import new_lead, postgresql_server  # noqa: F401  (a fixture)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "var" / "keys").mkdir(parents=True)
    (tmp_path / "var" / "keys" / "signing").write_text("k" * 43)
    settings = Settings(var_directory=tmp_path / "var")
    fill(settings, 25)
    return settings


def fill(settings: Settings, leads: int) -> None:
    database = Database(settings.resolved_database_url, keys=settings.keys_directory)
    database.migrate()
    conversations = Conversations(database)
    started = conversations.start(None, timedelta(days=1))
    message = conversations.accept_message(started.id, "message-1", "does it hurt — ¿duele?").message
    reply = NewReply(kind="answer", text="Most people feel little.")
    conversations.record_replies(started.id, message.id, [reply], {"decision": "answer"}, answered=True)
    for number in range(leads):
        Leads(database).save(new_lead(request_key=f"request-{number}"))
    database.close()


def content(settings: Settings) -> dict[str, dict[str, object]]:
    database = Database(settings.resolved_database_url, keys=settings.keys_directory)
    try:
        return checksum_tables(database)
    finally:
        database.close()


def test_what_was_lost_comes_back_with_equal_checksums(settings: Settings, tmp_path: Path) -> None:
    before = content(settings)
    folder = make_backup(settings, tmp_path / "backups")
    shutil.rmtree(settings.var_directory)
    restored = restore_backup(settings, folder)
    assert restored == content(settings) == before
    assert before["leads"]["rows"] == 25
    assert (settings.keys_directory / "signing").read_text() == "k" * 43


def test_only_the_owner_can_read_it(settings: Settings, tmp_path: Path) -> None:
    folder = make_backup(settings, tmp_path / "backups")
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / SQLITE_FILE).stat().st_mode & 0o077 == 0


def test_it_is_taken_while_people_write_and_is_whole(settings: Settings, tmp_path: Path) -> None:
    stop, written = threading.Event(), []

    def write() -> None:
        database = Database(settings.resolved_database_url, keys=settings.keys_directory)
        number = 0
        while not stop.is_set():
            written.append(Leads(database).save(new_lead(request_key=f"meanwhile-{number}")).reference)
            number += 1
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while not written:
            stop.wait(0.01)
        known = list(written)
        folder = make_backup(settings, tmp_path / "backups")
    finally:
        stop.set()
        writer.join()
    restore_backup(settings, folder)
    with closing(sqlite3.connect(settings.var_directory / "clinic.db")) as connection:
        references = {row[0] for row in connection.execute("SELECT reference FROM leads")}
    assert set(known) <= references


def test_what_was_in_use_is_kept_beside_it(settings: Settings, tmp_path: Path) -> None:
    folder = make_backup(settings, tmp_path / "backups")
    restore_backup(settings, folder)
    assert (settings.var_directory / "clinic.db.before-restore").exists()


def test_a_changed_backup_is_refused_and_nothing_is_touched(settings: Settings, tmp_path: Path) -> None:
    folder = make_backup(settings, tmp_path / "backups")
    with closing(sqlite3.connect(folder / SQLITE_FILE)) as connection:
        connection.execute("UPDATE leads SET name = 'Mallory'")
        connection.commit()
    before = content(settings)
    with pytest.raises(BackupFailed, match="changed"):
        restore_backup(settings, folder)
    assert content(settings) == before


def test_a_damaged_backup_is_refused_and_nothing_is_touched(settings: Settings, tmp_path: Path) -> None:
    folder = make_backup(settings, tmp_path / "backups")
    (folder / SQLITE_FILE).write_bytes(b"rubbish" * 1000)
    before = content(settings)
    with pytest.raises(BackupFailed):
        restore_backup(settings, folder)
    assert content(settings) == before


def test_nothing_is_restored_under_a_running_assistant(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_backup(settings, tmp_path / "backups")
    monkeypatch.setattr(backup, "is_running", lambda _: True)
    with pytest.raises(BackupFailed, match="stop it first"):
        restore_backup(settings, folder)


def test_a_failed_backup_leaves_no_half_one(settings: Settings, tmp_path: Path) -> None:
    (settings.var_directory / "clinic.db").write_bytes(b"rubbish" * 1000)
    with pytest.raises(BackupFailed):
        make_backup(settings, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.fixture
def postgresql_settings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    server = request.getfixturevalue("postgresql_server")
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")
    maintenance = Database(server)
    with maintenance.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS drill"))
        connection.execute(text("CREATE DATABASE drill"))
    yield Settings(var_directory=tmp_path / "var", database_url=server.replace("/postgres?", "/drill?"))
    with maintenance.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE drill"))
    maintenance.close()


def test_the_drill_works_with_postgresql_too(postgresql_settings: Settings, tmp_path: Path) -> None:
    fill(postgresql_settings, 25)
    before = content(postgresql_settings)
    folder = make_backup(postgresql_settings, tmp_path / "backups")
    database = Database(postgresql_settings.resolved_database_url, keys=postgresql_settings.keys_directory)
    with database.transaction() as session:
        session.execute(text("DELETE FROM outbox"))
        session.execute(text("UPDATE leads SET name = 'Mallory'"))
    database.close()
    assert restore_backup(postgresql_settings, folder) == before == content(postgresql_settings)
    assert (folder / MANIFEST).exists()
