"""How much there is to do: counts for monitoring, nothing about any person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from clinic.clock import Clock, utc_now
from clinic.storage.database import Database
from clinic.storage.tables import Lead, OutboxEntry


@dataclass(frozen=True)
class Workload:
    """Leads by state, notifications that wait, and the age of the oldest."""

    leads: dict[str, int]
    outbox_waiting: int
    outbox_oldest_seconds: float


def read_workload(database: Database, now: Clock = utc_now) -> Workload:
    """Count what is stored; raises `StorageUnavailable`."""
    with database.transaction(read_only=True) as session:
        leads = dict(session.execute(select(Lead.state, func.count()).group_by(Lead.state)).tuples().all())
        waiting, oldest = session.execute(
            select(func.count(), func.min(OutboxEntry.created_at)).where(OutboxEntry.delivered_at.is_(None))
        ).one()
    age = (now() - oldest).total_seconds() if oldest else 0.0
    return Workload(leads, waiting, age)
