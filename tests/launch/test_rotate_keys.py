"""A new key: everything is encrypted with it, nothing is lost, and the oldest key is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from clinic.conversations import Conversations
from clinic.leads import LeadFilter, Leads
from clinic.settings import Settings
from clinic.storage.checksum import checksum_tables
from clinic.storage.database import Database, KeysLost
from clinic.storage.keyring import Keyring
from launch.rotate_keys import rotate_keys
from tests.clinic.test_leads import new_lead


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var_directory=tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.resolved_database_url, keys=settings.keys_directory)
    database.migrate()
    yield database
    database.close()


def stored(settings: Settings) -> bytes:
    with closing(sqlite3.connect(settings.var_directory / "clinic.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    files = [path for path in settings.var_directory.glob("*.db*") if path.is_file()]
    return b"".join(path.read_bytes() for path in files)


def test_everything_is_encrypted_anew_and_still_read(settings: Settings, database: Database) -> None:
    leads = Leads(database)
    saved = [leads.save(new_lead(request_key=f"key-{number}")) for number in range(1200)]
    conversations = Conversations(database)
    talk = conversations.start("https://clinic.example/neck", timedelta(days=1))
    conversations.accept_message(talk.id, "1", "my neck hurts")
    keyring = Keyring(settings.keys_directory / "data")
    with closing(sqlite3.connect(settings.var_directory / "engine.db")) as engine, engine:
        engine.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id TEXT, data TEXT)")
        event = keyring.encrypt("an event", "events.data")
        engine.execute("INSERT INTO events VALUES (1, 'talk', ?)", [event])
    old = keyring.newest

    done = rotate_keys(settings)

    assert done["key"] != old and done["rows"] >= 1203 and done["removed"] == []
    assert f"e1:{old}:".encode() not in stored(settings)
    assert leads.find(saved[-1].id).name == new_lead().name
    assert [line.text for line in conversations.messages_of(talk.id)] == ["my neck hurts"]
    assert leads.list(wanted=LeadFilter(search=new_lead().name)).total == 1200
    with closing(sqlite3.connect(settings.var_directory / "engine.db")) as engine:
        [(event,)] = engine.execute("SELECT data FROM events").fetchall()
    assert keyring.decrypt(event, "events.data") == "an event"

    assert rotate_keys(settings)["removed"] == [old]
    assert leads.find(saved[0].id).name == new_lead().name


def test_without_the_keys_nothing_is_rotated(settings: Settings, database: Database) -> None:
    Leads(database).save(new_lead())
    before = checksum_tables(database)
    (settings.keys_directory / "data").unlink()
    with pytest.raises(KeysLost):
        rotate_keys(settings)
    assert checksum_tables(database) == before
