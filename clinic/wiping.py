"""What was erased leaves the files of a SQLite database too, within seconds.

An erased row is overwritten at once (`secure_delete`), but the write-ahead log still has the page as it was
until the log is emptied (SQLite, "Write-Ahead Logging"). Whoever erases writes an audit entry in the same
transaction; here these entries are looked for, so that it does not matter which process erased.
"""

from __future__ import annotations

from sqlalchemy import func, select

from clinic.storage import tables
from clinic.storage.database import Database

ERASURES = ("anonymised", "deleted", "expired", "forgotten")


class Wiping:
    """Empties the log after an erasure. Raises `StorageUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_up_to = 0
        self._is_asked_for = True  # somebody may have erased before this process began

    def ask(self) -> None:
        """Empty the log the next time in any case."""
        self._is_asked_for = True

    def work_if_due(self) -> bool:
        """Empty the log if something was erased since the last time; say whether it was emptied.

        While others read or write nothing happens; the next call tries again.
        """
        newest = self._look()
        if self._is_asked_for:
            self._is_asked_for = not self._database.empty_log()
            self._looked_up_to = newest
            return not self._is_asked_for
        self._looked_up_to = newest
        return False

    def _look(self) -> int:
        """Ask for an emptying when there are new erasures; return the number of the newest entry."""
        entry = tables.AuditEntry
        with self._database.transaction(read_only=True) as session:
            newest = session.scalar(select(func.max(entry.id))) or 0
            if newest > self._looked_up_to and not self._is_asked_for:
                erasures = select(entry.id).where(entry.id > self._looked_up_to, entry.action.in_(ERASURES))
                self._is_asked_for = session.scalars(erasures.limit(1)).first() is not None
        return newest
