"""Taking a person out of the records: anonymised (what happened stays), or deleted (nothing stays)."""

from __future__ import annotations

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.lead_row import lock_row
from clinic.storage import tables
from clinic.storage.database import Database
from clinic.unanswered import forget_visitors

ANONYMOUS_NAME = "Removed"


class LeadRemoval:
    """Removes a lead with the doubles merged into it, and its conversation.

    Raises `LeadNotFound`, `LeadChangedMeanwhile`, `StorageUnavailable`. Returns the engine's ids of the
    conversations that were deleted, so that the engine can forget them too.
    """

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def anonymise(self, lead_id: str, version: int, actor: str) -> list[str]:
        """Remove who it was: contact, notes, tags, conversation. States and times stay for the numbers."""
        with self._database.transaction() as session:
            lock_row(session, lead_id, version)
            rows = _with_doubles(session, lead_id)
            engine_ids = _delete_conversations(session, rows)
            for row in rows:
                self._strip(session, row)
                add_audit(session, self._now(), actor, "anonymised", ("lead", row.id))
            return engine_ids

    def delete(self, lead_id: str, version: int, actor: str) -> list[str]:
        """Remove everything but the audit record, which holds no personal data."""
        with self._database.transaction() as session:
            lock_row(session, lead_id, version)
            rows = _with_doubles(session, lead_id)
            engine_ids = _delete_conversations(session, rows)
            for row in rows:
                detail = {"reference": row.reference}
                add_audit(session, self._now(), actor, "deleted", ("lead", row.id), detail)
            session.execute(delete(tables.Lead).where(tables.Lead.id == lead_id))  # doubles go with it
            return engine_ids

    def _strip(self, session: Session, row: tables.Lead) -> None:
        # no notice leaves any more about somebody who was removed
        kinds = (tables.LeadNote, tables.LeadTag, tables.NoteDraft, tables.LeadWord, tables.OutboxEntry)
        for kind in kinds:
            session.execute(delete(kind).where(kind.lead_id == row.id))
        row.name, row.phone, row.email, row.preferred_time = ANONYMOUS_NAME, None, None, ""
        row.conversation_id = row.next_call_at = None
        row.request_key = f"anonymised-{row.id}"  # a late save of the same request must not fill it again
        if row.state in ("new", "calling"):
            row.state = "closed"
        row.anonymised_at = row.updated_at = self._now()
        row.version += 1


def _with_doubles(session: Session, lead_id: str) -> list[tables.Lead]:
    query = select(tables.Lead).where(or_(tables.Lead.id == lead_id, tables.Lead.merged_into_id == lead_id))
    return list(session.scalars(query.with_for_update()))


def _delete_conversations(session: Session, rows: list[tables.Lead]) -> list[str]:
    ids = {row.conversation_id for row in rows if row.conversation_id}
    conversations = session.scalars(select(tables.Conversation).where(tables.Conversation.id.in_(ids))).all()
    for row in rows:
        row.conversation_id = None
    session.flush()
    forget_visitors(session, conversations)
    for conversation in conversations:
        session.delete(conversation)
    return [conversation.engine_id for conversation in conversations]
