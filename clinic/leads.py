"""The leads: stored whole or not at all, one per request, found and moved along by staff."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.lead import SOURCES, STATES, TOPICS, Lead, LeadPage, NewLead, SavedLead
from clinic.lead_record import store_lead
from clinic.lead_search import match_search
from clinic.storage import tables
from clinic.storage.database import Database, StorageUnavailable

__all__ = [
    "SOURCES",
    "STATES",
    "TOPICS",
    "Lead",
    "LeadChangedMeanwhile",
    "LeadNotFound",
    "LeadNotSaved",
    "LeadPage",
    "Leads",
    "NewLead",
    "SavedLead",
]

_LONGEST_PAGE = 200


class LeadNotSaved(Exception):
    """Nothing of the request was stored."""


class LeadNotFound(Exception):
    """There is no such lead."""


class LeadChangedMeanwhile(Exception):
    """Somebody changed the lead after it was read; nothing was changed now."""


class Leads:
    """All leads. Reading raises `StorageUnavailable` when the database fails."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def save(self, new: NewLead) -> SavedLead:
        """Store a request with its notification and its audit row, in one transaction; return the proof.

        The same `request_key` again keeps the lead and its reference: changed details give a new version and
        one notification "lead_changed", unchanged details write nothing. Safe when two saves race.
        Raises `LeadNotSaved`; `ValueError` when name, contact or consent is missing or wrong.
        """
        new.check()
        try:
            try:
                return self._save(new)
            except IntegrityError:
                # Another save of this key was faster, or the new reference was taken: both end well now.
                return self._save(new)
        except (IntegrityError, StorageUnavailable) as error:
            raise LeadNotSaved("the request could not be stored") from error

    def find(self, lead_id: str) -> Lead:
        """Return one lead. Raises `LeadNotFound`."""
        return self._find(tables.Lead.id == lead_id)

    def find_by_reference(self, reference: str) -> Lead:
        """Return the lead with this reference, in any capitals. Raises `LeadNotFound`."""
        return self._find(tables.Lead.reference == reference.strip().upper())

    def list(
        self, limit: int = 50, before: str | None = None, state: str | None = None, search: str | None = None
    ) -> LeadPage:
        """Return at most `limit` (1 to 200) leads, newest first, that have `state` and match `search`.

        `before` is the `next` of the page before. Raises `ValueError`.
        """
        if not 1 <= limit <= _LONGEST_PAGE:
            raise ValueError(f"a page has 1 to {_LONGEST_PAGE} leads")
        wanted = [tables.Lead.state == _known_state(state)] if state else []
        wanted += [match_search(search)] if search and search.strip() else []
        place = tuple_(tables.Lead.created_at, tables.Lead.id)
        with self._database.transaction(read_only=True) as session:
            total = session.scalar(select(func.count()).select_from(tables.Lead).where(*wanted)) or 0
            if before:
                last = session.get(tables.Lead, before)
                if last is None:
                    raise ValueError("the page before is not known")
                wanted.append(place < (last.created_at, last.id))
            query = (
                select(tables.Lead)
                .where(*wanted)
                .order_by(tables.Lead.created_at.desc(), tables.Lead.id.desc())
            )
            leads = [_to_lead(row) for row in session.scalars(query.limit(limit + 1))]
        has_more = len(leads) > limit
        return LeadPage(leads[:limit], total, leads[limit - 1].id if has_more else None)

    def set_state(self, lead_id: str, state: str, expected_version: int, actor: str) -> Lead:
        """Move a lead to `state`, when it still has `expected_version`; `actor` is a staff id.

        Raises `LeadNotFound`, `LeadChangedMeanwhile`, `StorageUnavailable`, `ValueError` on an unknown state.
        """
        _known_state(state)
        with self._database.transaction() as session:
            row = _get(session, tables.Lead.id == lead_id, lock=True)
            if row.version != expected_version:
                raise LeadChangedMeanwhile(lead_id)
            if row.state != state:
                change = {"from": row.state, "to": state, "version": row.version + 1}
                add_audit(session, self._now(), actor, "state_changed", ("lead", row.id), change)
                row.state = state
                row.version += 1
                row.updated_at = self._now()
            return _to_lead(row)

    def record_view(self, lead_id: str, actor: str) -> None:
        """Note that `actor` opened the lead. Raises `LeadNotFound`, `StorageUnavailable`."""
        with self._database.transaction() as session:
            row = _get(session, tables.Lead.id == lead_id)
            add_audit(session, self._now(), actor, "viewed", ("lead", row.id))

    def _find(self, condition: ColumnElement[bool]) -> Lead:
        with self._database.transaction(read_only=True) as session:
            return _to_lead(_get(session, condition))

    def _save(self, new: NewLead) -> SavedLead:
        with self._database.transaction() as session:
            return store_lead(session, new, self._now())


def _get(session: Session, condition: ColumnElement[bool], lock: bool = False) -> tables.Lead:
    query = select(tables.Lead).where(condition)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise LeadNotFound
    return row


def _known_state(state: str) -> str:
    if state not in STATES:
        raise ValueError(f"not a state of a lead: {state!r}")
    return state


def _to_lead(row: tables.Lead) -> Lead:
    return Lead(**{field.name: getattr(row, field.name) for field in fields(Lead)})
