"""Counts tries to sign in, so that nobody can try passwords for long."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.storage import tables

MAXIMUM_FAILURES = 10
WINDOW = timedelta(minutes=15)


def add_attempt(session: Session, email: str, now: datetime) -> bool:
    """Note a try before the password is looked at; return false when there were too many already.

    Ten tries without success within 15 minutes are too many. Known and unknown addresses are counted alike,
    under a hash of the address, so that a lock does not tell which accounts exist.
    """
    if _count_failures(session, email, now) >= MAXIMUM_FAILURES:
        return False
    add_audit(session, now, "visitor", "sign_in_tried", _subject(email))
    return True


def add_success(session: Session, email: str, staff_id: str, now: datetime) -> None:
    """Note that the last try was right; the count begins anew."""
    add_audit(session, now, staff_id, "signed_in", _subject(email))


def _count_failures(session: Session, email: str, now: datetime) -> int:
    entry = tables.AuditEntry
    kind, identifier = _subject(email)
    about = (entry.subject_kind == kind, entry.subject_id == identifier)
    last_success = select(func.max(entry.id)).where(*about, entry.action == "signed_in").scalar_subquery()
    tries = (
        select(func.count())
        .select_from(entry)
        .where(*about, entry.action == "sign_in_tried", entry.at > now - WINDOW)
        .where(entry.id > func.coalesce(last_success, 0))
    )
    return session.scalar(tries) or 0


def _subject(email: str) -> tuple[str, str]:
    return "sign_in", hashlib.sha256(email.encode("utf-8", "surrogatepass")).hexdigest()
