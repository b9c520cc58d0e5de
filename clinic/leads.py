"""The leads: stored whole or not at all, one per request, found and moved along by staff."""

from __future__ import annotations

import builtins
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.lead import (
    OPEN_STATES,
    SOURCES,
    STATES,
    TOPICS,
    Lead,
    LeadChangedMeanwhile,
    LeadNotFound,
    LeadPage,
    NewLead,
    SavedLead,
)
from clinic.lead_filter import QUEUES, LeadFilter, filter_conditions
from clinic.lead_record import store_lead
from clinic.lead_row import find_row, lock_row, to_lead
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
    "LeadFilter",
    "NewLead",
    "SavedLead",
]

_LONGEST_PAGE = 200
_FEW = 500
_EVERYTHING = LeadFilter()


class LeadNotSaved(Exception):
    """Nothing of the request was stored."""


class Leads:
    """All leads. Reading raises `StorageUnavailable` when the database fails."""

    def __init__(
        self, database: Database, now: Clock = utc_now, call_within: timedelta = timedelta(hours=24)
    ) -> None:
        """Take the database and how soon a new request should be called."""
        self._database = database
        self._now = now
        self._call_within = call_within

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
        self,
        limit: int = 50,
        before: str | None = None,
        wanted: LeadFilter = _EVERYTHING,
        viewer_id: str = "",
    ) -> LeadPage:
        """Return at most `limit` (1 to 200) leads that `wanted` asks for, newest first.

        `before` is the `next` of the page before; `viewer_id` is who "mine" means. Raises `ValueError`.
        """
        if not 1 <= limit <= _LONGEST_PAGE:
            raise ValueError(f"a page has 1 to {_LONGEST_PAGE} leads")
        conditions = self._conditions(wanted, viewer_id)
        with self._database.transaction(read_only=True) as session:
            total = session.scalar(select(func.count()).select_from(tables.Lead).where(*conditions)) or 0
            leads = self._read_page(session, limit, before, conditions)
        return _to_page(leads, limit, total)

    def list_with_counts(
        self, limit: int, before: str | None, wanted: LeadFilter, viewer_id: str
    ) -> tuple[LeadPage, dict[str, int]]:
        """Return the same page as `list`, and how many leads have each state under the other filters.

        A search looks at every lead, so it is done once for both. Raises `ValueError`.
        """
        any_state = self._conditions(replace(wanted, state=""), viewer_id)
        with self._database.transaction(read_only=True) as session:
            if wanted.search.strip():
                found = session.execute(select(tables.Lead.id, tables.Lead.state).where(*any_state)).tuples()
                matches = {lead_id: state for lead_id, state in found}
                counts = Counter(matches.values())
                ids = [key for key, state in matches.items() if wanted.state in ("", state)]
                # Few matches are read by their ids; with many, walking the newest finds a page soon.
                conditions = self._conditions(wanted, viewer_id)
                if len(ids) <= _FEW:
                    conditions = [tables.Lead.id.in_(ids)]
                leads = self._read_page(session, limit, before, conditions)
            else:
                grouped = select(tables.Lead.state, func.count()).where(*any_state)
                counts = Counter(dict(session.execute(grouped.group_by(tables.Lead.state)).tuples().all()))
                leads = self._read_page(session, limit, before, self._conditions(wanted, viewer_id))
        total = counts[wanted.state] if wanted.state else counts.total()
        return _to_page(leads, limit, total), {state: counts[state] for state in STATES}

    def count_queues(self, viewer_id: str) -> dict[str, int]:
        """Return how many leads wait in each queue."""
        counts = {}
        with self._database.transaction(read_only=True) as session:
            for queue in QUEUES:
                conditions = self._conditions(LeadFilter(queue=queue), viewer_id)
                counts[queue] = session.scalar(select(func.count(tables.Lead.id)).where(*conditions)) or 0
        return counts

    def consent_versions(self) -> builtins.list[str]:
        """Return every version of the consent text that somebody agreed to."""
        query = select(tables.Lead.consent_version).distinct()
        with self._database.transaction(read_only=True) as session:
            return sorted(session.scalars(query))

    def set_state(self, lead_id: str, state: str, expected_version: int, actor: str) -> Lead:
        """Move a lead to `state`, when it still has `expected_version`; `actor` is a staff id.

        Raises `LeadNotFound`, `LeadChangedMeanwhile`, `StorageUnavailable`, `ValueError` on an unknown state.
        """
        if state not in STATES:
            raise ValueError(f"not a state of a lead: {state!r}")
        with self._database.transaction() as session:
            row = lock_row(session, lead_id, expected_version)
            if row.state != state:
                change = {"from": row.state, "to": state, "version": row.version + 1}
                add_audit(session, self._now(), actor, "state_changed", ("lead", row.id), change)
                row.state = state
                if state not in OPEN_STATES:
                    row.next_call_at = None
                row.version += 1
                row.updated_at = self._now()
            return to_lead(row)

    def record_view(self, lead_id: str, actor: str) -> None:
        """Note that `actor` opened the lead. Raises `LeadNotFound`, `StorageUnavailable`."""
        with self._database.transaction() as session:
            row = find_row(session, tables.Lead.id == lead_id)
            add_audit(session, self._now(), actor, "viewed", ("lead", row.id))

    def _conditions(self, wanted: LeadFilter, viewer_id: str) -> builtins.list[ColumnElement[bool]]:
        return filter_conditions(wanted, viewer_id, self._now(), self._call_within)

    def _read_page(
        self,
        session: Session,
        limit: int,
        before: str | None,
        conditions: builtins.list[ColumnElement[bool]],
    ) -> builtins.list[Lead]:
        """Return up to one lead more than `limit`, newest first: then there are more."""
        place = tuple_(tables.Lead.created_at, tables.Lead.id)
        query = select(tables.Lead).where(*conditions)
        if before:
            last = session.get(tables.Lead, before)
            if last is None:
                raise ValueError("the page before is not known")
            query = query.where(place < (last.created_at, last.id))
        query = query.order_by(tables.Lead.created_at.desc(), tables.Lead.id.desc())
        return [to_lead(row) for row in session.scalars(query.limit(limit + 1))]

    def _find(self, condition: ColumnElement[bool]) -> Lead:
        with self._database.transaction(read_only=True) as session:
            return to_lead(find_row(session, condition))

    def _save(self, new: NewLead) -> SavedLead:
        with self._database.transaction() as session:
            return store_lead(session, new, self._now())


def _to_page(leads: list[Lead], limit: int, total: int) -> LeadPage:
    return LeadPage(leads[:limit], total, leads[limit - 1].id if len(leads) > limit else None)
