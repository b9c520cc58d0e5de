"""Everything that is stored about one person, as one JSON document for the person who asks for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.lead_row import find_row
from clinic.lead_search import same_contact
from clinic.storage import tables
from clinic.storage.base import Base
from clinic.storage.database import Database

# Secrets and what only the database needs are not about the person.
_LEFT_OUT = {"request_key", "token_hash", "engine_id", "seal"}


class PersonFile:
    """Collects what is stored about a person. Raises `LeadNotFound`, `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def collect(self, lead_id: str, actor: str) -> dict[str, Any]:
        """Return all requests with the lead's number, address or conversation, and all that belongs to them.

        Tables by name, rows as objects, times as ISO 8601 in UTC. That `actor` took it is recorded.
        """
        with self._database.transaction() as session:
            leads = _same_person(session, find_row(session, tables.Lead.id == lead_id))
            ids = [lead.id for lead in leads]
            talks = [lead.conversation_id for lead in leads if lead.conversation_id]
            message, entry = tables.Message, tables.AuditEntry
            messages = _read(session, message, message.conversation_id.in_(talks), message.position)
            found: dict[str, list[Base]] = {
                "requests": list(leads),
                "notes": _about(session, tables.LeadNote, ids),
                "note_drafts": _about(session, tables.NoteDraft, ids),
                "tags": _about(session, tables.LeadTag, ids),
                "calls": _about(session, tables.LeadCall, ids),
                "notices": _about(session, tables.OutboxEntry, ids),
                "conversations": _read(session, tables.Conversation, tables.Conversation.id.in_(talks)),
                "messages": messages,
                "verdicts": _read(
                    session,
                    tables.Feedback,
                    tables.Feedback.message_id.in_(
                        select(message.id).where(message.conversation_id.in_(talks))
                    ),
                ),
                "who_did_what": _read(session, entry, entry.subject_id.in_([*ids, *talks]), entry.id),
            }
            for lead in leads:
                add_audit(session, self._now(), actor, "person_exported", ("lead", lead.id))
            return {name: [_to_object(row) for row in rows] for name, rows in found.items()}


def _same_person(session: Session, lead: tables.Lead) -> list[tables.Lead]:
    row = tables.Lead
    same = [row.id == lead.id, row.merged_into_id == lead.id, *same_contact(lead.phone, lead.email)]
    if lead.conversation_id:
        same.append(row.conversation_id == lead.conversation_id)
    return list(session.scalars(select(row).where(or_(*same)).order_by(row.created_at, row.id)))


def _about(session: Session, kind: Any, lead_ids: list[str]) -> list[Base]:
    return _read(session, kind, kind.lead_id.in_(lead_ids))


def _read(session: Session, kind: Any, condition: ColumnElement[bool], *order: Any) -> list[Base]:
    return list(session.scalars(select(kind).where(condition).order_by(*order)))


def _to_object(row: Base) -> dict[str, Any]:
    values = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if name not in _LEFT_OUT
    }
