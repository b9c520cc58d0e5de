"""Adds the notices that time itself causes: a planned call is due, or nobody has called a new request."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, select

from clinic.clock import Clock, utc_now
from clinic.lead import OPEN_STATES
from clinic.outbox import add_notification
from clinic.storage import tables
from clinic.storage.database import Database

_MOST_AT_ONCE = 100


class Reminders:
    """Looks for leads that need a reminder; each one gets each notice once."""

    def __init__(self, database: Database, call_within: timedelta, now: Clock = utc_now) -> None:
        self._database = database
        self._call_within = call_within
        self._now = now

    def add_due(self) -> int:
        """Add the notices "call_due" and "lead_overdue" that are due now; return how many.

        Raises `StorageUnavailable`.
        """
        lead, now = tables.Lead, self._now()
        is_call_due = (
            lead.next_call_at <= now,
            lead.reminded_at.is_(None),
            lead.state.in_(OPEN_STATES),
        )
        is_forgotten = (
            lead.state == "new",
            lead.first_called_at.is_(None),
            lead.next_call_at.is_(None),
            lead.escalated_at.is_(None),
            lead.suspected_spam.is_(False),
            lead.created_at <= now - self._call_within,
        )
        reminded = self._notify(is_call_due, "call_due", "reminded_at")
        return reminded + self._notify(is_forgotten, "lead_overdue", "escalated_at")

    def _notify(self, conditions: tuple[ColumnElement[bool], ...], kind: str, done_column: str) -> int:
        query = select(tables.Lead).where(*conditions, tables.Lead.merged_into_id.is_(None))
        with self._database.transaction() as session:
            rows = session.scalars(query.limit(_MOST_AT_ONCE).with_for_update(skip_locked=True)).all()
            for row in rows:
                add_notification(session, kind, row.id, self._now())
                setattr(row, done_column, self._now())  # the version stays: nothing a reader sees has changed
            return len(rows)
