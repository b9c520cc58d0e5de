"""Notifications that must leave: written with the lead in one transaction, delivered at least once.

A notification says that there is a lead, never what is in it (fact L07).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.clock import Clock, utc_now
from clinic.storage import tables
from clinic.storage.database import Database

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_LONGEST_ERROR = 300


class NotificationNotFound(Exception):
    """There is no such notification."""


@dataclass(frozen=True)
class Notification:
    """One notification; `delivered_at` is empty while it waits, `last_error` says why it still does."""

    id: str
    kind: str
    lead_id: str
    created_at: datetime
    attempts: int
    next_attempt_at: datetime
    delivered_at: datetime | None
    last_error: str | None


def add_notification(session: Session, kind: str, lead_id: str, at: datetime) -> None:
    """Add a notification about a lead to the caller's transaction."""
    session.add(tables.OutboxEntry(kind=kind, lead_id=lead_id, created_at=at, attempts=0, next_attempt_at=at))


class Outbox:
    """Reads what waits and records what became of it. Every method raises `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def list_for(self, lead_id: str) -> list[Notification]:
        """Return the notifications about one lead, oldest first."""
        query = select(tables.OutboxEntry).where(tables.OutboxEntry.lead_id == lead_id)
        with self._database.transaction(read_only=True) as session:
            rows = session.scalars(query.order_by(tables.OutboxEntry.created_at, tables.OutboxEntry.id))
            return [_to_notification(row) for row in rows]

    def list_due(self, limit: int = 20) -> list[Notification]:
        """Return at most `limit` notifications whose time has come, the longest waiting first."""
        query = select(tables.OutboxEntry).where(
            tables.OutboxEntry.delivered_at.is_(None), tables.OutboxEntry.next_attempt_at <= self._now()
        )
        with self._database.transaction(read_only=True) as session:
            rows = session.scalars(
                query.order_by(tables.OutboxEntry.next_attempt_at, tables.OutboxEntry.id).limit(limit)
            )
            return [_to_notification(row) for row in rows]

    def record_delivery(self, notification_id: str) -> None:
        """Mark a notification as delivered. Raises `NotificationNotFound`."""
        with self._database.transaction() as session:
            row = _find(session, notification_id)
            row.attempts += 1
            row.delivered_at = self._now()
            row.last_error = None

    def record_failure(self, notification_id: str, error: str) -> None:
        """Keep a notification for later: after 1 minute, then twice as long each time, at most 1 hour.

        `error` is shown to staff on the lead. Raises `NotificationNotFound`.
        """
        with self._database.transaction() as session:
            row = _find(session, notification_id)
            doubled = _FIRST_WAIT * 2 ** min(row.attempts, 10)
            row.attempts += 1
            row.next_attempt_at = self._now() + min(doubled, _LONGEST_WAIT)
            row.last_error = error[:_LONGEST_ERROR]


def _find(session: Session, notification_id: str) -> tables.OutboxEntry:
    row = session.get(tables.OutboxEntry, notification_id, with_for_update=True)
    if row is None:
        raise NotificationNotFound(notification_id)
    return row


def _to_notification(row: tables.OutboxEntry) -> Notification:
    return Notification(
        id=row.id,
        kind=row.kind,
        lead_id=row.lead_id,
        created_at=row.created_at,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        delivered_at=row.delivered_at,
        last_error=row.last_error,
    )
