"""The engine's memory from the clinic's side: nothing is read, old and forgotten talks are deleted.

The table is Rasa's (`rasa.core.tracker_store.SQLTrackerStore`): `sender_id` is a conversation's engine id,
with a number behind a dot once the talk goes on under a later id.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from clinic.storage.failures import StorageUnavailable
from clinic.storage.write_ahead_log import empty_log

_EVENTS = sa.table("events", sa.column("sender_id", sa.Text()), sa.column("timestamp", sa.Float()))
_AT_ONCE = 50
_UNDER_WAY = timedelta(minutes=10)


class EngineMemory:
    """Deletes in the engine's database, some conversations at a time: the engine must never wait for long."""

    def __init__(self, url: str) -> None:
        """Take the address of the engine's database; a SQLite file that is not there is left alone."""
        self._url = sa.make_url(url)
        if self._url.get_backend_name() == "postgresql":
            self._url = self._url.set(drivername="postgresql+psycopg")
        self._engine = sa.create_engine(self._url, hide_parameters=True)
        sa.event.listen(self._engine, "connect", self._prepare)

    def __enter__(self) -> EngineMemory:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def find_quiet_since(self, moment: datetime) -> list[str]:
        """Return the conversations whose last event is before `moment`. Raises `StorageUnavailable`."""
        if not self._is_there():
            return []
        query = sa.select(_EVENTS.c.sender_id).group_by(_EVENTS.c.sender_id)
        query = query.having(sa.func.max(_EVENTS.c.timestamp) < moment.timestamp())
        try:
            with self._engine.connect() as connection:
                return list(connection.scalars(query))
        except SQLAlchemyError as error:
            raise StorageUnavailable("the engine's memory cannot be read") from error

    def find_unknown(self, known: set[str], now: datetime) -> list[str]:
        """Return the conversations whose engine id is not in `known`: the visitor was forgotten.

        One with an event in the last ten minutes may be just beginning and is left out. Raises
        `StorageUnavailable`.
        """
        quiet = self.find_quiet_since(now - _UNDER_WAY)
        return [sender for sender in quiet if sender.split(".")[0] not in known]

    def delete(self, conversations: list[str]) -> None:
        """Delete conversations; those that are gone already do no harm. Raises `StorageUnavailable`."""
        try:
            for start in range(0, len(conversations), _AT_ONCE):
                some = conversations[start : start + _AT_ONCE]
                with self._engine.begin() as connection:
                    connection.execute(sa.delete(_EVENTS).where(_EVENTS.c.sender_id.in_(some)))
        except SQLAlchemyError as error:
            raise StorageUnavailable("the engine's memory cannot be changed") from error

    def empty_log(self) -> bool:
        """Empty the log of a SQLite file, in which what was deleted can be read; say whether it is empty.

        Raises `StorageUnavailable`.
        """
        try:
            return not self._is_there() or empty_log(self._engine)
        except SQLAlchemyError as error:
            raise StorageUnavailable("the engine's memory cannot be changed") from error

    def _is_there(self) -> bool:
        if self._url.get_backend_name() == "sqlite" and not Path(str(self._url.database)).exists():
            return False
        try:
            return sa.inspect(self._engine).has_table("events")
        except SQLAlchemyError as error:
            raise StorageUnavailable("the engine's memory cannot be read") from error

    def _prepare(self, connection: object, _record: object) -> None:
        if self._url.get_backend_name() == "sqlite":
            for statement in ("PRAGMA busy_timeout=1000", "PRAGMA secure_delete=ON"):
                connection.execute(statement)  # type: ignore[attr-defined]
