"""Counts tries to sign in and makes each one after the fourth wait longer, so that guessing leads nowhere."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.storage import tables

FREE_FAILURES = 4
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
REMEMBERED = timedelta(hours=24)


def wait_after(failures: int) -> timedelta:
    """Return how long an address is locked after so many failures: 1 minute, 2, 4 … up to 1 hour.

    At one try an hour a day has 24 of them: a password of twelve characters outlives that.
    """
    if failures <= FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES - 1, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def add_attempt(session: Session, email: str, now: datetime) -> timedelta:
    """Note a try before it is looked at; return zero when it may be looked at, else how long to wait.

    A refused try is not counted. Known and unknown addresses are counted alike, under a hash of the address,
    so that a lock does not tell which accounts exist. Codes of the second step count as well.
    """
    failures, last = _count_failures(session, email, now)
    if last is not None and now < (until := last + wait_after(failures)):
        return until - now
    add_audit(session, now, "visitor", "sign_in_tried", _subject(email))
    return timedelta(0)


def add_success(session: Session, email: str, staff_id: str, now: datetime) -> None:
    """Note that the last try was right; the count begins anew."""
    add_audit(session, now, staff_id, "signed_in", _subject(email))


def forget_failures(session: Session, email: str, staff_id: str, now: datetime) -> None:
    """End the lock of an address whose owner came with a one-time link: somebody else may have locked it."""
    add_audit(session, now, staff_id, "sign_in_unlocked", _subject(email))


def _count_failures(session: Session, email: str, now: datetime) -> tuple[int, datetime | None]:
    entry = tables.AuditEntry
    kind, identifier = _subject(email)
    about = (entry.subject_kind == kind, entry.subject_id == identifier)
    beginnings = entry.action.in_(("signed_in", "sign_in_unlocked"))
    last_success = select(func.max(entry.id)).where(*about, beginnings).scalar_subquery()
    tries = (
        select(entry.at)
        .where(*about, entry.action == "sign_in_tried", entry.at > now - REMEMBERED)
        .where(entry.id > func.coalesce(last_success, 0))
        .order_by(entry.id)
    )
    moments = session.scalars(tries).all()
    return len(moments), moments[-1] if moments else None


def _subject(email: str) -> tuple[str, str]:
    return "sign_in", hashlib.sha256(email.encode("utf-8", "surrogatepass")).hexdigest()
