"""Writes a request into the caller's transaction: the lead, its notification and its audit row."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.lead import NewLead, SavedLead
from clinic.lead_search import index_lead
from clinic.outbox import add_notification
from clinic.storage import tables
from clinic.storage.columns import new_id

_REFERENCE_ALPHABET = (
    "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 and O, 1, I and L: it is read out on the phone
)


def store_lead(session: Session, new: NewLead, now: datetime) -> SavedLead:
    """Insert the request, or bring the lead of the same `request_key` up to date; return the proof.

    Raises `IntegrityError` when another transaction inserted the same key at the same time.
    """
    query = select(tables.Lead).where(tables.Lead.request_key == new.request_key).with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        row = _insert(session, new, now)
        return SavedLead(id=row.id, reference=row.reference, version=row.version, is_new=True)
    _update(session, row, new, now)
    return SavedLead(id=row.id, reference=row.reference, version=row.version, is_new=False)


def make_reference() -> str:
    """Return a new reference for visitors: "OPTC-" and six letters or digits that cannot be confused."""
    return "OPTC-" + "".join(secrets.choice(_REFERENCE_ALPHABET) for _ in range(6))


def _insert(session: Session, new: NewLead, now: datetime) -> tables.Lead:
    reference = make_reference()
    query = select(tables.Conversation.id).where(tables.Conversation.engine_id == new.engine_id)
    row = tables.Lead(
        id=new_id(),
        reference=reference,
        request_key=new.request_key,
        conversation_id=session.scalar(query),
        source=new.source,
        **new.details(),
        consented_at=new.consented_at,
        state="new",
        suspected_spam=new.suspected_spam,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    index_lead(session, row)
    add_notification(session, "lead_new", row.id, now)
    add_audit(session, now, "visitor", "created", ("lead", row.id), {"source": new.source})
    return row


def _update(session: Session, row: tables.Lead, new: NewLead, now: datetime) -> None:
    changed = {key: value for key, value in new.details().items() if getattr(row, key) != value}
    agreed_again = row.contact_withdrawn_at is not None and new.consented_at > row.contact_withdrawn_at
    if not changed and not agreed_again:
        return
    if agreed_again:
        row.contact_withdrawn_at = row.contact_withdrawn_by = None
        row.state = "new"
    for key, value in changed.items():
        setattr(row, key, value)
    row.consented_at = new.consented_at
    index_lead(session, row)
    row.version += 1
    row.updated_at = now
    add_notification(session, "lead_changed", row.id, now)
    names = sorted(changed) + ["consent"] * agreed_again
    change = {"changed": names, "version": row.version}  # the names of the details, not the details
    add_audit(session, now, "visitor", "changed", ("lead", row.id), change)
