"""Notifications that must leave: written with the lead in one transaction, delivered at least once.

A notification says that there is a lead, never what is in it (fact L07).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.storage import tables
from clinic.storage.database import Database

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_LONGEST_ERROR = 300
_CLAIMED_FOR = timedelta(minutes=5)


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

    def claim_due(self, limit: int = 20) -> list[Notification]:
        """Take at most `limit` due notifications for this process: no other one gets them for 5 minutes.

        What is neither delivered nor failed by then (the process died) is due again.
        """
        entry, now = tables.OutboxEntry, self._now()
        query = (
            select(entry)
            .where(entry.delivered_at.is_(None), entry.next_attempt_at <= now)
            .order_by(entry.next_attempt_at, entry.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with self._database.transaction() as session:
            rows = session.scalars(query).all()
            for row in rows:
                row.next_attempt_at = now + _CLAIMED_FOR
            return [_to_notification(row) for row in rows]

    def channels_done(self, notification_id: str) -> set[str]:
        """Return the channels that have taken the notification."""
        deliveries = tables.OutboxDelivery
        query = select(deliveries.channel).where(deliveries.outbox_id == notification_id)
        with self._database.transaction(read_only=True) as session:
            return set(session.scalars(query))

    def record_channel(self, notification_id: str, channel: str) -> None:
        """Note that one channel has taken the notification; a retry leaves it out.

        Raises `NotificationNotFound`: the lead was erased while its notice was on its way.
        """
        with self._database.transaction() as session:
            row = _find(session, notification_id)
            session.merge(tables.OutboxDelivery(outbox_id=row.id, channel=channel, delivered_at=self._now()))

    def record_delivery(self, notification_id: str) -> None:
        """Mark a notification as delivered. Raises `NotificationNotFound`."""
        with self._database.transaction() as session:
            row = _find(session, notification_id)
            row.attempts += 1
            row.delivered_at = self._now()
            row.last_error = None

    def resend(self, notification_id: str, actor: str) -> None:
        """Send a notification again now, by every channel. Raises `NotificationNotFound`."""
        deliveries = tables.OutboxDelivery
        with self._database.transaction() as session:
            row = _find(session, notification_id)
            row.delivered_at, row.next_attempt_at = None, self._now()
            session.execute(delete(deliveries).where(deliveries.outbox_id == row.id))
            add_audit(session, self._now(), actor, "notice_resent", ("lead", row.lead_id))

    def find_stuck(self, lead_ids: list[str]) -> set[str]:
        """Return which of the leads have a notification that was tried and has not left."""
        entry = tables.OutboxEntry
        query = select(entry.lead_id).where(
            entry.lead_id.in_(lead_ids), entry.delivered_at.is_(None), entry.attempts > 0
        )
        with self._database.transaction(read_only=True) as session:
            return set(session.scalars(query))

    def list_waiting(self, limit: int = 100) -> list[Notification]:
        """Return what has not left, the most often tried first."""
        entry = tables.OutboxEntry
        query = select(entry).where(entry.delivered_at.is_(None))
        with self._database.transaction(read_only=True) as session:
            rows = session.scalars(query.order_by(entry.attempts.desc(), entry.created_at).limit(limit))
            return [_to_notification(row) for row in rows]

    def count_waiting(self) -> int:
        """Return how many notifications have not left."""
        query = select(func.count()).where(tables.OutboxEntry.delivered_at.is_(None))
        with self._database.transaction(read_only=True) as session:
            return session.scalar(query) or 0

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
