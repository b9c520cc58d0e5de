"""Where the engine keeps its own memory of conversations: Rasa's SQL store, made fit for a live server.

A file of its own, apart from the clinic's database: a locked tracker can never hold up a lead, and the
file may be thrown away. Several engines share a PostgreSQL database: the same setting, another address.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore


class EngineTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store with a write-ahead log, a short wait for locks, and deletion."""

    def __init__(self, **settings: Any) -> None:
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
