"""The engine's memory of conversations: a damaged file is set aside, nothing else is touched."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing

import pytest

pytest.importorskip("rasa")

from rasa.core.tracker_store import FailSafeTrackerStore  # noqa: E402
from rasa.shared.core.events import UserUttered  # noqa: E402
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402

from engine.keyring import KeysLost  # noqa: E402
from engine.tracker_store import (  # noqa: E402
    KEYS_VARIABLE,
    EngineTrackerStore,
    own_store,
    set_aside_if_damaged,
)

CANARY = "my sciatica is killing me, Wilhelmina"


def key_line(name: str, letter: bytes) -> str:
    return f"{name} {base64.urlsafe_b64encode(letter * 32).decode()}\n"


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    path = tmp_path / "keys"
    path.write_text(key_line("search", b"s") + key_line("first", b"1"))
    monkeypatch.setenv(KEYS_VARIABLE, str(path))
    return path


async def said(store, conversation="talk"):
    tracker = DialogueStateTracker.from_events(conversation, [UserUttered(CANARY)])
    await store.save(tracker)


async def heard(store, conversation="talk"):
    tracker = await store.retrieve_full_tracker(conversation)
    return [event.text for event in (tracker.events if tracker else []) if isinstance(event, UserUttered)]


def stored_bytes(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.glob("engine.db*")))


async def test_what_a_visitor_said_is_read_back_and_is_not_in_the_file(tmp_path):
    store = EngineTrackerStore(host=f"sqlite:///{tmp_path / 'engine.db'}")
    await said(store)
    assert await heard(store) == [CANARY]
    assert b"Wilhelmina" not in stored_bytes(tmp_path)


async def test_a_plain_write_is_seen_by_the_same_search(tmp_path):
    store = EngineTrackerStore(host=f"sqlite:///{tmp_path / 'engine.db'}")
    add_plain_event(tmp_path / "engine.db")
    assert b"Wilhelmina" in stored_bytes(tmp_path)
    store.engine.dispose()


async def test_what_a_version_before_wrote_is_encrypted_at_the_start(tmp_path):
    path = tmp_path / "engine.db"
    EngineTrackerStore(host=f"sqlite:///{path}").engine.dispose()
    add_plain_event(path)
    store = EngineTrackerStore(host=f"sqlite:///{path}")
    assert await heard(store) == [CANARY]
    assert b"Wilhelmina" not in stored_bytes(tmp_path)


def add_plain_event(path):
    data = json.dumps(UserUttered(CANARY).as_dict())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO events (sender_id, type_name, timestamp, data) VALUES ('talk', 'user', 1, ?)", [data]
        )


async def test_a_new_key_is_used_at_once_and_the_old_one_still_reads(tmp_path, keys):
    store = EngineTrackerStore(host=f"sqlite:///{tmp_path / 'engine.db'}")
    await said(store)
    keys.write_text(keys.read_text() + key_line("second", b"2"))
    await said(store, "other")
    assert await heard(store) == [CANARY] == await heard(store, "other")
    assert b"e1:second:" in stored_bytes(tmp_path)


async def test_without_the_keys_nothing_is_read_and_nothing_is_made_up(tmp_path, keys):
    store = EngineTrackerStore(host=f"sqlite:///{tmp_path / 'engine.db'}")
    await said(store)
    keys.write_text(key_line("another", b"9"))
    opened_later = EngineTrackerStore(host=f"sqlite:///{tmp_path / 'engine.db'}")
    with pytest.raises(KeysLost):
        await heard(opened_later)


async def test_a_forgotten_conversation_is_gone_from_the_files(tmp_path):
    store = EngineTrackerStore(host=f"sqlite:///{tmp_path / 'engine.db'}")
    for other in range(20):
        await said(store, f"other-{other}")
    await said(store)
    await said(store, "talk.2")
    somebody_else = sqlite3.connect(
        tmp_path / "engine.db"
    )  # without anybody else SQLite empties the log itself
    somebody_else.execute("SELECT count(*) FROM events").fetchone()
    stored = ciphertexts(tmp_path / "engine.db", "talk")
    assert len(stored) == 2 and all(text in stored_bytes(tmp_path) for text in stored)
    own_store(FailSafeTrackerStore(store)).delete_conversation("talk")
    assert await heard(store) == []
    assert any(text in stored_bytes(tmp_path) for text in stored)  # deleted, and still in the log
    store.empty_log()
    assert not any(text in stored_bytes(tmp_path) for text in stored)
    assert await heard(store, "other-7") == [CANARY]
    somebody_else.close()


def ciphertexts(path, conversation):
    """What the file holds of a conversation, as it stands there."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT data FROM events WHERE sender_id LIKE ?", (f"{conversation}%",))
        return [data[-40:].encode() for (data,) in rows]


def test_a_damaged_file_is_set_aside_and_the_engine_starts(tmp_path):
    path = tmp_path / "engine.db"
    path.write_bytes(b"this is no database" * 100)
    EngineTrackerStore(host=f"sqlite:///{path}")
    assert (tmp_path / "engine.db.damaged").exists()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)


def test_a_sound_file_stays(tmp_path):
    path = tmp_path / "engine.db"
    EngineTrackerStore(host=f"sqlite:///{path}")
    before = path.stat().st_ino
    set_aside_if_damaged(f"sqlite:///{path}")
    assert path.stat().st_ino == before and not (tmp_path / "engine.db.damaged").exists()


def test_a_locked_file_stays(tmp_path):
    path = tmp_path / "engine.db"
    EngineTrackerStore(host=f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        set_aside_if_damaged(f"sqlite:///{path}")
    assert path.exists() and not (tmp_path / "engine.db.damaged").exists()


def test_another_kind_of_database_is_none_of_its_business(tmp_path):
    set_aside_if_damaged("postgresql://nobody@nowhere/nothing")
