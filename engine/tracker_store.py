"""Where the engine keeps its own memory of conversations: Rasa's SQL store, made fit for a live server.

A file of its own, apart from the clinic's database: a locked tracker can never hold up a lead, and the
file may be thrown away. Several engines share a PostgreSQL database: the same setting, another address.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Text

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore

logger = logging.getLogger(__name__)
SQLITE = "sqlite:///"


class EngineTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store with a write-ahead log, a short wait for locks, and deletion."""

    def __init__(self, **settings: Any) -> None:
        set_aside_if_damaged(settings.get("host") or "")
        super().__init__(**settings)
        prepare = _prepare_sqlite if self.engine.dialect.name == "sqlite" else _prepare_postgresql
        sa.event.listen(self.engine, "connect", prepare)
        self.engine.dispose()

    def delete_conversation(self, conversation: str) -> None:
        """Delete all events of a conversation, also under the later ids it went on with."""
        sender = self.SQLEvent.sender_id
        mine = sa.or_(sender == conversation, sender.startswith(f"{conversation}.", autoescape=True))
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter(mine).delete(synchronize_session=False)
            session.commit()


def set_aside_if_damaged(url: Text) -> None:
    """Move a SQLite file that cannot be read out of the way: Rasa would wait for it for ever.

    What is lost are the threads of talks under way; messages and requests are in the clinic's database.
    """
    path = Path(url[len(SQLITE) :])
    if not url.startswith(SQLITE) or not path.exists():
        return
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            return  # locked, not damaged
        logger.error("The engine's memory %s is damaged and was set aside.", path.name)
        path.replace(path.with_name(f"{path.name}.damaged"))
        for side in ("-wal", "-shm"):
            path.with_name(path.name + side).unlink(missing_ok=True)


def delete_conversation(store: TrackerStore, conversation: str) -> None:
    """Delete a conversation from the store that Rasa may have wrapped."""
    while not isinstance(store, EngineTrackerStore):
        store = store._tracker_store
    store.delete_conversation(conversation)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL lets readers go on while one writes; a lock held by another is waited for at most a second."""
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA busy_timeout=1000"):
        connection.execute(statement)


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Rasa waits for its store in the one thread it has: a lock of another must not stop every visitor."""
    cursor = connection.cursor()
    cursor.execute("SET lock_timeout = 1000")
    cursor.execute("SET statement_timeout = 2000")
    cursor.close()
    connection.commit()
