"""A person takes back that the clinic may contact them: every request of that person is closed for calls.

The agreement itself stays on the request, word for word, with the moment it was given: that it was given once
and taken back later is what has to be shown.
"""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.lead import OPEN_STATES
from clinic.lead_row import lock_row
from clinic.lead_search import same_contact
from clinic.outbox import add_notification
from clinic.storage import tables
from clinic.storage.database import Database


class ContactWithdrawal:
    """Records withdrawals. Raises `LeadNotFound`, `LeadChangedMeanwhile`, `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def record(self, lead_id: str, version: int, actor: str) -> int:
        """Note that the person must not be contacted any more; return on how many requests.

        Planned calls are dropped and open requests closed, on all requests with the number or address.
        """
        with self._database.transaction() as session:
            row = lock_row(session, lead_id, version)
            same = [tables.Lead.id == row.id, *same_contact(row.phone, row.email)]
            query = select(tables.Lead).where(or_(*same), tables.Lead.contact_withdrawn_at.is_(None))
            found = session.scalars(query.order_by(tables.Lead.id).with_for_update()).all()
            for lead in found:
                self._note(session, lead, actor)
            return len(found)

    def record_of_visitor(self, conversation_id: str) -> int:
        """Note it for the visitor of a conversation, on every request sent in it; return how many there are.

        Requests of the same number from elsewhere stay as they are: whoever chats may have typed the number
        of somebody else. The clinic gets a notice for each request. Again, it changes nothing.
        """
        with self._database.transaction() as session:
            query = select(tables.Lead).where(tables.Lead.conversation_id == conversation_id)
            found = session.scalars(query.order_by(tables.Lead.id).with_for_update()).all()
            for lead in found:
                if lead.contact_withdrawn_at is None:
                    self._note(session, lead, "visitor")
                    add_notification(session, "contact_withdrawn", lead.id, self._now())
            return len(found)

    def _note(self, session: Session, lead: tables.Lead, actor: str) -> None:
        lead.contact_withdrawn_at = lead.updated_at = self._now()
        lead.contact_withdrawn_by = actor
        lead.next_call_at = None
        lead.version += 1
        if lead.state in OPEN_STATES:
            lead.state = "not_interested"
        add_audit(session, self._now(), actor, "contact_withdrawn", ("lead", lead.id))
