"""When a background process was last at work, so that people can see that it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from clinic.clock import Clock, utc_now
from clinic.storage import tables
from clinic.storage.database import Database


class Heartbeats:
    """Writes and reads the last sign of life of each process. Raises `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def beat(self, name: str) -> None:
        """Note that the process is at work now."""
        try:
            with self._database.transaction() as session:
                session.merge(tables.Heartbeat(name=name, at=self._now()))
        except IntegrityError:
            return  # another process of this name showed its first sign of life at the same moment

    def last(self, name: str) -> datetime | None:
        """Return when the process was last at work, None when it never was."""
        with self._database.transaction(read_only=True) as session:
            row = session.get(tables.Heartbeat, name)
            return row.at if row else None
