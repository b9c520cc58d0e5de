"""Sets of filters that a person has given a name, to come back to with one click."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select

from clinic.clock import Clock, utc_now
from clinic.lead_filter import LeadFilter
from clinic.storage import tables
from clinic.storage.columns import clean_text
from clinic.storage.database import Database

LONGEST_NAME = 40
MOST_VIEWS = 20


class ViewNotSaved(ValueError):
    """The name is empty or too long, no filter is set, or the person has MOST_VIEWS views."""


@dataclass(frozen=True)
class SavedView:
    """A person's own view of the list."""

    id: str
    name: str
    filters: dict[str, str]


class SavedViews:
    """The views of each person. Every method raises `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def list_for(self, staff_id: str) -> list[SavedView]:
        """Return a person's views by name."""
        views = tables.SavedView
        query = select(views).where(views.staff_id == staff_id).order_by(func.lower(views.name))
        with self._database.transaction(read_only=True) as session:
            return [SavedView(row.id, row.name, row.filters) for row in session.scalars(query)]

    def save(self, staff_id: str, name: str, wanted: LeadFilter) -> None:
        """Save the filters under a name; the same name again replaces them. Raises `ViewNotSaved`."""
        wanted.check()
        name = " ".join(clean_text(name).split())
        filters = wanted.without_search()
        if not name or len(name) > LONGEST_NAME or not filters:
            raise ViewNotSaved
        views = tables.SavedView
        with self._database.transaction() as session:
            own = list(session.scalars(select(views).where(views.staff_id == staff_id)))
            for row in own:
                if row.name == name:
                    row.filters = filters
                    return
            if len(own) >= MOST_VIEWS:
                raise ViewNotSaved
            session.add(views(staff_id=staff_id, name=name, filters=filters, created_at=self._now()))

    def delete(self, staff_id: str, view_id: str) -> None:
        """Delete a person's own view; does nothing when there is none."""
        views = tables.SavedView
        with self._database.transaction() as session:
            session.execute(delete(views).where(views.staff_id == staff_id, views.id == view_id))
