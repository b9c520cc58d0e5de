"""The engine's memory of conversations: a damaged file is set aside, nothing else is touched."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

pytest.importorskip("rasa")

from engine.tracker_store import EngineTrackerStore, set_aside_if_damaged  # noqa: E402


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
