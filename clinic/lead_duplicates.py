"""Requests of the same person: found by phone number, e-mail address or conversation, and merged."""

from __future__ import annotations

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.lead import Lead
from clinic.lead_row import find_row, lock_row, to_lead
from clinic.lead_search import index_lead, same_contact
from clinic.storage import tables
from clinic.storage.database import Database

_MOST_SHOWN = 20


class MergeNotPossible(ValueError):
    """A lead cannot be merged into itself, or when one of the two was merged or anonymised before."""


class LeadDuplicates:
    """Finds and merges doubles. Raises `LeadNotFound`, `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def find(self, lead: Lead) -> list[Lead]:
        """Return other leads of what looks like the same person, newest first, at most 20."""
        row = tables.Lead
        same = same_contact(lead.phone, lead.email)
        if lead.conversation_id:
            same.append(row.conversation_id == lead.conversation_id)
        if not same:
            return []
        query = select(row).where(or_(*same), row.id != lead.id, row.merged_into_id.is_(None))
        with self._database.transaction(read_only=True) as session:
            rows = session.scalars(query.order_by(row.created_at.desc(), row.id).limit(_MOST_SHOWN))
            return [to_lead(found) for found in rows]

    def find_merged(self, lead_id: str) -> list[Lead]:
        """Return the leads that were merged into this one."""
        query = select(tables.Lead).where(tables.Lead.merged_into_id == lead_id)
        with self._database.transaction(read_only=True) as session:
            return [to_lead(row) for row in session.scalars(query.order_by(tables.Lead.created_at))]

    def merge(self, lead_id: str, into_id: str, version: int, into_version: int, actor: str) -> None:
        """Merge one lead into another: notes, calls and tags move, the first stays readable but is closed.

        What the kept lead lacks (phone, e-mail, conversation, owner) it takes over. Raises
        `LeadChangedMeanwhile` when either was changed, `MergeNotPossible`.
        """
        if lead_id == into_id:
            raise MergeNotPossible
        with self._database.transaction() as session:
            doubled, kept = lock_row(session, lead_id, version), lock_row(session, into_id, into_version)
            if any(row.merged_into_id or row.anonymised_at for row in (doubled, kept)):
                raise MergeNotPossible
            _move_records(session, doubled, kept)
            _fill_gaps(kept, doubled)
            index_lead(session, kept)
            doubled.merged_into_id, doubled.state, doubled.next_call_at = kept.id, "closed", None
            for row in (doubled, kept):
                row.version += 1
                row.updated_at = self._now()
            for subject, action, other in ((doubled, "merged_away", kept), (kept, "merged_in", doubled)):
                detail = {"reference": other.reference}
                add_audit(session, self._now(), actor, action, ("lead", subject.id), detail)

    def find_target(self, lead: Lead) -> Lead | None:
        """Return the lead this one was merged into, if it was."""
        if lead.merged_into_id is None:
            return None
        with self._database.transaction(read_only=True) as session:
            return to_lead(find_row(session, tables.Lead.id == lead.merged_into_id))


def _move_records(session: Session, doubled: tables.Lead, kept: tables.Lead) -> None:
    leads = tables.Lead
    session.execute(update(leads).where(leads.merged_into_id == doubled.id).values(merged_into_id=kept.id))
    for kind in (tables.LeadNote, tables.LeadCall):
        session.execute(update(kind).where(kind.lead_id == doubled.id).values(lead_id=kept.id))
    known = set(session.scalars(select(tables.LeadTag.tag).where(tables.LeadTag.lead_id == kept.id)))
    for tag in session.scalars(select(tables.LeadTag).where(tables.LeadTag.lead_id == doubled.id)).all():
        if tag.tag not in known:
            session.add(tables.LeadTag(lead_id=kept.id, tag=tag.tag))
        session.delete(tag)


def _fill_gaps(kept: tables.Lead, doubled: tables.Lead) -> None:
    for name in ("phone", "email", "conversation_id", "owner_id", "next_call_at"):
        if getattr(kept, name) is None:
            setattr(kept, name, getattr(doubled, name))
    for name in ("first_called_at", "reached_at"):
        moments = [moment for moment in (getattr(kept, name), getattr(doubled, name)) if moment]
        setattr(kept, name, min(moments, default=None))
