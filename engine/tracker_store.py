"""Where the engine keeps its own memory of conversations: Rasa's SQL store, made fit for a live server.

A file of its own, apart from the clinic's database: a locked tracker can never hold up a lead, and the
file may be thrown away. Several engines share a PostgreSQL database: the same setting, another address.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Optional, Text

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from sqlalchemy.orm import declarative_base

from engine.keyring import FORM, Keyring

logger = logging.getLogger(__name__)
SQLITE = "sqlite:///"
PLACE = "events.data"
KEYS_VARIABLE = "OPTC_KEYS_FILE"
_Base = declarative_base()


class EncryptedText(sa.types.TypeDecorator):
    """What visitors said, unreadable in the file. The keys are those of the statement's engine."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Optional[Text], dialect: Any) -> Optional[Text]:
        """Encrypt on the way in."""
        return None if value is None else dialect.clinic_keyring.encrypt(value, PLACE)

    def process_result_value(self, value: Optional[Text], dialect: Any) -> Optional[Text]:
        """Decrypt on the way out."""
        return None if value is None else dialect.clinic_keyring.decrypt(value, PLACE)


class EngineTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store, encrypted, with a write-ahead log, a short wait for locks, and deletion."""

    Base = _Base

    class SQLEvent(_Base):
        """Rasa's table of events with the one change that their content is encrypted."""

        __tablename__ = "events"

        id = sa.Column(sa.Integer, sa.Sequence("events_seq"), primary_key=True)
        sender_id = sa.Column(sa.String(255), nullable=False, index=True)
        type_name = sa.Column(sa.String(255), nullable=False)
        timestamp = sa.Column(sa.Float)
        intent_name = sa.Column(sa.String(255))
        action_name = sa.Column(sa.String(255))
        data = sa.Column(EncryptedText)

    def __init__(self, **settings: Any) -> None:
        set_aside_if_damaged(settings.get("host") or "")
        super().__init__(**settings)
        prepare = _prepare_sqlite if self.engine.dialect.name == "sqlite" else _prepare_postgresql
        sa.event.listen(self.engine, "connect", prepare)
        self.engine.dispose()
        self.engine.dialect.clinic_keyring = Keyring(Path(os.environ[KEYS_VARIABLE]))
        self._encrypt_what_is_readable()

    def delete_conversation(self, conversation: str) -> None:
        """Delete all events of a conversation, also under the later ids it went on with."""
        sender = self.SQLEvent.sender_id
        mine = sa.or_(sender == conversation, sender.startswith(f"{conversation}.", autoescape=True))
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter(mine).delete(synchronize_session=False)
            session.commit()

    def _encrypt_what_is_readable(self) -> None:
        """Encrypt the events of a version before; talks under way go on."""
        readable = sa.text(f"SELECT id, data FROM events WHERE data NOT LIKE '{FORM}:%'")
        change = sa.text("UPDATE events SET data = :data WHERE id = :id")
        keyring = self.engine.dialect.clinic_keyring
        with self.engine.begin() as connection:
            for number, data in connection.execute(readable).fetchall():
                connection.execute(change, {"id": number, "data": keyring.encrypt(data, PLACE)})
        self.empty_log()

    def empty_log(self) -> None:
        """Empty the write-ahead log, in which what was deleted can be read (SQLite, "Write-Ahead Logging").

        Waits for others at most as long as for any lock; what stays is emptied by the clinic's hourly round.
        """
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


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


def own_store(store: TrackerStore) -> EngineTrackerStore:
    """The store that Rasa may have wrapped."""
    while not isinstance(store, EngineTrackerStore):
        store = store._tracker_store
    return store


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL lets readers go on while one writes; a lock held by another is waited for at most a second."""
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=NORMAL",
        "PRAGMA busy_timeout=1000",
        "PRAGMA secure_delete=ON",
    ):
        connection.execute(statement)


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Rasa waits for its store in the one thread it has: a lock of another must not stop every visitor."""
    cursor = connection.cursor()
    cursor.execute("SET lock_timeout = 1000")
    cursor.execute("SET statement_timeout = 2000")
    cursor.close()
    connection.commit()
