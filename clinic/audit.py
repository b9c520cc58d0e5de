"""The record of who did what to what. Rows are added inside the caller's transaction and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.storage import tables
from clinic.storage.audit_chain import add_entry
from clinic.storage.database import Database


@dataclass(frozen=True)
class AuditEntry:
    """One event: `actor` is a staff id, "visitor" or "system"; `detail` holds no personal data."""

    at: datetime
    actor: str
    action: str
    detail: dict[str, Any]


def add_audit(
    session: Session,
    at: datetime,
    actor: str,
    action: str,
    subject: tuple[str, str],
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one event about `subject` (its kind and id) to the caller's transaction."""
    kind, identifier = subject
    entry = tables.AuditEntry(
        at=at, actor=actor, action=action, subject_kind=kind, subject_id=identifier, detail=detail or {}
    )
    add_entry(session, entry)


class Audit:
    """Reads the record."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_for(self, subject_kind: str, subject_id: str) -> list[AuditEntry]:
        """Return the events of one subject, oldest first. Raises `StorageUnavailable`."""
        query = (
            select(tables.AuditEntry)
            .where(tables.AuditEntry.subject_kind == subject_kind, tables.AuditEntry.subject_id == subject_id)
            .order_by(tables.AuditEntry.id)
        )
        with self._database.transaction(read_only=True) as session:
            return [
                AuditEntry(at=row.at, actor=row.actor, action=row.action, detail=row.detail)
                for row in session.scalars(query)
            ]
