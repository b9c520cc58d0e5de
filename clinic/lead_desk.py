"""What staff do with a lead: call, plan a call, take it over, mark spam. Nothing is overwritten silently."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.lead import OPEN_STATES
from clinic.lead_notes import read_note, write_note
from clinic.lead_row import lock_row
from clinic.lead_search import has_phone
from clinic.storage import tables
from clinic.storage.database import Database

OUTCOMES = ("no_answer", "voicemail", "reached", "wrong_number")


class OwnerNotPossible(ValueError):
    """A lead can only be given to a person who can work on it."""


@dataclass(frozen=True)
class LeadCall:
    """One call: who made it, when, and how it ended (one of OUTCOMES)."""

    outcome: str
    at: datetime
    staff_id: str | None


class LeadDesk:
    """Changes a lead that still has the version its reader saw; `actor` is the reader's staff id.

    Every method that changes raises `LeadNotFound`, `LeadChangedMeanwhile`, `StorageUnavailable`.
    """

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def record_call(
        self,
        lead_id: str,
        outcome: str,
        next_call_at: datetime | None,
        version: int,
        actor: str,
        note: str = "",
    ) -> None:
        """Write down a call that was made, when to call again (None: no call is planned), and a note on it.

        A new lead is then being called, and whoever called owns it when nobody did.
        Raises `ValueError` on an unknown outcome, `NoteTooLong`; nothing is written then.
        """
        if outcome not in OUTCOMES:
            raise ValueError(f"not an outcome of a call: {outcome!r}")
        said = read_note(note) if note.strip() else None
        with self._changing(lead_id, version) as (session, row):
            now = self._now()
            session.add(tables.LeadCall(lead_id=row.id, staff_id=actor, outcome=outcome, at=now))
            row.first_called_at = row.first_called_at or now
            if outcome == "reached":
                row.reached_at = row.reached_at or now
            if row.state == "new":
                row.state = "calling"
            row.owner_id = row.owner_id or actor
            _plan(row, next_call_at)
            add_audit(session, now, actor, "called", ("lead", row.id), {"outcome": outcome})
            if said is not None:
                write_note(session, row.id, said, actor, now)

    def plan_call(self, lead_id: str, next_call_at: datetime | None, version: int, actor: str) -> None:
        """Set when to call next, or that no call is planned."""
        with self._changing(lead_id, version) as (session, row):
            _plan(row, next_call_at)
            detail = {"at": next_call_at.isoformat() if next_call_at else None}
            add_audit(session, self._now(), actor, "call_planned", ("lead", row.id), detail)

    def set_owner(self, lead_id: str, owner_id: str | None, version: int, actor: str) -> None:
        """Give the lead to a person, or to nobody. Raises `OwnerNotPossible`."""
        with self._changing(lead_id, version) as (session, row):
            check_owner(session, owner_id)
            detail = {"from": row.owner_id, "to": owner_id}
            row.owner_id = owner_id
            add_audit(session, self._now(), actor, "owner_changed", ("lead", row.id), detail)

    def mark_spam(self, lead_id: str, is_spam: bool, version: int, actor: str) -> None:
        """Mark a lead as spam, which closes it, or take the mark away, which makes a closed one new again."""
        with self._changing(lead_id, version) as (session, row):
            row.suspected_spam = is_spam
            if is_spam:
                row.state, row.next_call_at = "closed", None
            elif row.state == "closed":
                row.state = "new"
            action = "spam_marked" if is_spam else "spam_unmarked"
            add_audit(session, self._now(), actor, action, ("lead", row.id))

    def list_calls(self, lead_id: str) -> list[LeadCall]:
        """Return the calls about a lead, newest first."""
        query = select(tables.LeadCall).where(tables.LeadCall.lead_id == lead_id)
        with self._database.transaction(read_only=True) as session:
            rows = session.scalars(query.order_by(tables.LeadCall.at.desc(), tables.LeadCall.id))
            return [LeadCall(row.outcome, row.at, row.staff_id) for row in rows]

    def calls_to(self, phone: str, since: datetime) -> list[datetime]:
        """Return when the number was called since then, about any request: the person is the same."""
        query = (
            select(tables.LeadCall.at)
            .join(tables.Lead, tables.Lead.id == tables.LeadCall.lead_id)
            .where(has_phone(phone), tables.LeadCall.at >= since)
        )
        with self._database.transaction(read_only=True) as session:
            return list(session.scalars(query.order_by(tables.LeadCall.at)))

    @contextmanager
    def _changing(self, lead_id: str, version: int) -> Iterator[tuple[Session, tables.Lead]]:
        with self._database.transaction() as session:
            row = lock_row(session, lead_id, version)
            yield session, row
            row.version += 1
            row.updated_at = self._now()


def check_owner(session: Session, owner_id: str | None) -> None:
    """Raise `OwnerNotPossible` unless the person exists, may change leads and is not disabled."""
    if owner_id is None:
        return
    person: Any = session.get(tables.StaffMember, owner_id)
    if person is None or person.disabled_at is not None or person.role not in ("admin", "staff"):
        raise OwnerNotPossible(owner_id)


def _plan(row: tables.Lead, next_call_at: datetime | None) -> None:
    row.next_call_at = next_call_at if row.state in OPEN_STATES else None
    row.reminded_at = None
