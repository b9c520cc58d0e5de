"""The restore drill: a backup taken while people write, restored elsewhere, with equal checksums."""

from __future__ import annotations

import json
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
from launch.rotate_keys import rotate_keys
from tests.clinic.conftest import new_lead, postgresql_server  # noqa: F401  (a fixture)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "var" / "keys").mkdir(parents=True)
    (tmp_path / "var" / "keys" / "signing").write_text("k" * 43)
    (tmp_path / "var" / "keys" / "signing").chmod(0o600)
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


def test_a_backup_alone_opens_nothing(settings: Settings, tmp_path: Path) -> None:
    """The keys are somewhere else, for their owner only, once for each set of keys."""
    folders = [make_backup(settings, tmp_path / "backups", tmp_path / "safe") for _ in range(2)]
    keys = [path for path in settings.keys_directory.iterdir() if path.is_file()]
    assert {path.name for path in keys} >= {"data", "signing"}
    in_backups = b"".join(path.read_bytes() for path in (tmp_path / "backups").rglob("*") if path.is_file())
    for secret in (line.split()[-1] for path in keys for line in path.read_text().splitlines()):
        assert secret.encode() not in in_backups
    [kept] = (tmp_path / "safe").iterdir()
    assert json.loads((folders[0] / MANIFEST).read_text())["keys"] == kept.name
    assert {path.name for path in kept.iterdir()} == {path.name for path in keys}
    for path in (kept.parent, kept, *kept.iterdir()):
        assert path.stat().st_mode & 0o077 == 0


def test_without_its_keys_nothing_is_restored_and_nothing_is_touched(
    settings: Settings, tmp_path: Path
) -> None:
    folder = make_backup(settings, tmp_path / "backups", tmp_path / "safe")
    elsewhere = Settings(var_directory=tmp_path / "new")
    fill(elsewhere, 3)
    before = content(elsewhere)
    for keys in (None, tmp_path / "backups", elsewhere.keys_directory):
        with pytest.raises(BackupFailed, match="its keys .* KEYS=<folder>"):
            restore_backup(elsewhere, folder, keys)
    assert content(elsewhere) == before


@pytest.mark.parametrize("named", ["the folder of all keys", "the folder of these keys"])
def test_with_its_keys_it_is_read_on_another_machine(settings: Settings, tmp_path: Path, named: str) -> None:
    folder = make_backup(settings, tmp_path / "backups", tmp_path / "safe")
    elsewhere = Settings(var_directory=tmp_path / "new")
    fill(elsewhere, 3)
    present = (elsewhere.keys_directory / "data").read_bytes()
    [kept] = (tmp_path / "safe").iterdir()
    restore_backup(elsewhere, folder, kept.parent if named == "the folder of all keys" else kept)
    with closing(Database(elsewhere.resolved_database_url, keys=elsewhere.keys_directory)) as database:
        assert {lead.name for lead in Leads(database).list().leads} == {"Maria Lopez"}
    assert (elsewhere.var_directory / "keys.before-restore" / "data").read_bytes() == present


def test_after_a_rotation_the_backup_before_is_read_with_its_own_keys(
    settings: Settings, tmp_path: Path
) -> None:
    folder = make_backup(settings, tmp_path / "backups")
    for _ in range(3):
        rotate_keys(settings)
    make_backup(settings, tmp_path / "backups")
    assert len(list((tmp_path / "backup-keys").iterdir())) == 2
    restore_backup(settings, folder)
    with closing(Database(settings.resolved_database_url, keys=settings.keys_directory)) as database:
        database.check_keys()
        assert {lead.name for lead in Leads(database).list().leads} == {"Maria Lopez"}


def test_a_backup_of_a_version_before_brings_its_keys(settings: Settings, tmp_path: Path) -> None:
    folder = make_backup(settings, tmp_path / "backups")
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({"tables": manifest["tables"]}))
    shutil.copytree(settings.keys_directory, folder / "keys")
    before = content(settings)
    shutil.rmtree(settings.var_directory)
    assert restore_backup(settings, folder) == before == content(settings)


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
