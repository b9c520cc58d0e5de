"""One lead's row inside the caller's transaction: found, and locked at the version somebody has seen."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from clinic.lead import Lead, LeadChangedMeanwhile, LeadNotFound
from clinic.storage import tables


def find_row(session: Session, condition: ColumnElement[bool], lock: bool = False) -> tables.Lead:
    """Return the lead that meets `condition`. Raises `LeadNotFound`."""
    query = select(tables.Lead).where(condition)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise LeadNotFound
    return row


def lock_row(session: Session, lead_id: str, expected_version: int) -> tables.Lead:
    """Return the lead, locked, when nobody changed it. Raises `LeadNotFound`, `LeadChangedMeanwhile`."""
    row = find_row(session, tables.Lead.id == lead_id, lock=True)
    if row.version != expected_version:
        raise LeadChangedMeanwhile(lead_id)
    return row


def to_lead(row: tables.Lead) -> Lead:
    """Return the lead in a row of the table."""
    return Lead(**{field.name: getattr(row, field.name) for field in fields(Lead)})
