"""Notes and tags of a lead. A note is only ever added, so two people can write at the same time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.lead_row import find_row
from clinic.storage import tables
from clinic.storage.columns import clean_text
from clinic.storage.database import Database

LONGEST_NOTE = 4000  # characters
LONGEST_TAG = 30
MOST_TAGS = 10
_TAG = re.compile(r"[^\W_](?:[\w -]*[^\W_])?")


class NoteEmpty(ValueError):
    """The note has no words in it."""


class NoteTooLong(ValueError):
    """The note is longer than LONGEST_NOTE characters."""


class TagNotPossible(ValueError):
    """A tag is too long, is one too many, or has more than letters, digits, spaces and hyphens."""


@dataclass(frozen=True)
class LeadNote:
    """A note by a person of the clinic; `staff_id` is empty when the account is gone."""

    text: str
    created_at: datetime
    staff_id: str | None


class LeadNotes:
    """Notes, tags and kept drafts. Methods that write raise `LeadNotFound`, `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def add(self, lead_id: str, text: str, actor: str) -> None:
        """Add a note; the person's draft about this lead is then done. Raises `NoteEmpty`, `NoteTooLong`.

        The audit record says that there is a note, not what is in it.
        """
        note = read_note(text)
        with self._database.transaction() as session:
            row = find_row(session, tables.Lead.id == lead_id, lock=True)
            write_note(session, row.id, note, actor, self._now())

    def list_for(self, lead_id: str) -> list[LeadNote]:
        """Return the notes about a lead, newest first."""
        query = select(tables.LeadNote).where(tables.LeadNote.lead_id == lead_id)
        with self._database.transaction(read_only=True) as session:
            rows = session.scalars(query.order_by(tables.LeadNote.created_at.desc(), tables.LeadNote.id))
            return [LeadNote(row.text, row.created_at, row.staff_id) for row in rows]

    def keep_draft(self, lead_id: str, text: str, actor: str) -> None:
        """Keep a note that could not be saved because the session had ended; a later one replaces it."""
        with self._database.transaction() as session:
            row = find_row(session, tables.Lead.id == lead_id)
            draft = tables.NoteDraft(
                staff_id=actor, lead_id=row.id, text=text[:LONGEST_NOTE], kept_at=self._now()
            )
            session.merge(draft)

    def find_draft(self, lead_id: str, actor: str) -> str:
        """Return the person's kept draft about this lead, empty when there is none."""
        with self._database.transaction(read_only=True) as session:
            draft = session.get(tables.NoteDraft, (actor, lead_id))
            return draft.text if draft else ""

    def set_tags(self, lead_id: str, tags: str, actor: str) -> None:
        """Give a lead exactly the tags in `tags`, with commas between. Raises `TagNotPossible`."""
        wanted = read_tags(tags)
        with self._database.transaction() as session:
            row = find_row(session, tables.Lead.id == lead_id, lock=True)
            known = set(session.scalars(select(tables.LeadTag.tag).where(tables.LeadTag.lead_id == row.id)))
            if known == set(wanted):
                return
            session.execute(delete(tables.LeadTag).where(tables.LeadTag.lead_id == row.id))
            session.add_all(tables.LeadTag(lead_id=row.id, tag=tag) for tag in wanted)
            change = {"added": len(set(wanted) - known), "removed": len(known - set(wanted))}
            add_audit(session, self._now(), actor, "tagged", ("lead", row.id), change)

    def tags_of(self, lead_ids: list[str]) -> dict[str, list[str]]:
        """Return the tags of some leads, in alphabetical order, by the lead's id."""
        query = select(tables.LeadTag).where(tables.LeadTag.lead_id.in_(lead_ids))
        found: dict[str, list[str]] = {}
        with self._database.transaction(read_only=True) as session:
            for row in session.scalars(query.order_by(tables.LeadTag.tag)):
                found.setdefault(row.lead_id, []).append(row.tag)
        return found

    def all_tags(self) -> list[str]:
        """Return every tag in use, in alphabetical order."""
        with self._database.transaction(read_only=True) as session:
            return sorted(session.scalars(select(tables.LeadTag.tag).distinct()))


def read_tags(text: str) -> list[str]:
    """Return the tags in `text` (commas between), small letters, each once. Raises `TagNotPossible`."""
    tags = {" ".join(part.split()).casefold() for part in clean_text(text).split(",")} - {""}
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG or not _TAG.fullmatch(tag) for tag in tags):
        raise TagNotPossible
    return sorted(tags)


def read_note(text: str) -> str:
    """Return the note as it is stored. Raises `NoteEmpty`, `NoteTooLong`."""
    note = clean_text(text.replace("\r\n", "\n")).strip()
    if not note:
        raise NoteEmpty
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong
    return note


def write_note(session: Session, lead_id: str, note: str, actor: str, at: datetime) -> None:
    """Add a note that was read, in the caller's transaction; the author's draft about this lead is done."""
    session.add(tables.LeadNote(lead_id=lead_id, staff_id=actor, text=note, created_at=at))
    session.execute(
        delete(tables.NoteDraft).where(
            tables.NoteDraft.staff_id == actor, tables.NoteDraft.lead_id == lead_id
        )
    )
    add_audit(session, at, actor, "noted", ("lead", lead_id))
