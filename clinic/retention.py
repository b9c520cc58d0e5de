"""Nothing is kept longer than the clinic has decided: transcripts, the engine's memory, requests.

Each step finds what is too old anew and removes it in small transactions, so a round may be run twice, beside
another one, or be cut off: the next round does the rest. A setting of 0 keeps that kind for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, false, func, select
from sqlalchemy.orm import InstrumentedAttribute

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.engine_memory import EngineMemory
from clinic.lead import LeadChangedMeanwhile, LeadNotFound
from clinic.lead_removal import LeadRemoval
from clinic.settings import Settings
from clinic.storage import tables
from clinic.storage.database import Database

_AT_ONCE = 100
_MONTH = timedelta(days=365.25 / 12)


@dataclass(frozen=True)
class Removed:
    """What one round removed, or would remove, in numbers."""

    conversations: int
    engine_conversations: int
    leads: int
    drafts: int
    asked: int = 0  # times that something was asked and not answered, as the inbox keeps it


@dataclass(frozen=True)
class _TooOld:
    """Which rows are too old now, as conditions; what is kept for ever meets none."""

    conversations: ColumnElement[bool]
    drafts: ColumnElement[bool]
    leads: ColumnElement[bool]
    asked: ColumnElement[bool]


class Retention:
    """Removes what is too old. Raises `StorageUnavailable`; what was removed before that stays removed."""

    def __init__(self, database: Database, settings: Settings, now: Clock = utc_now) -> None:
        """Take the database and, from the settings, how long each kind is kept."""
        self._database = database
        self._settings = settings
        self._removal = LeadRemoval(database, now)
        self._now = now

    def preview(self) -> Removed:
        """Count what `apply` would remove now; change nothing."""
        too_old = self._too_old()
        counted = {
            "conversations": (tables.Conversation, too_old.conversations),
            "drafts": (tables.NoteDraft, too_old.drafts),
            "leads": (tables.Lead, too_old.leads),
            "asked": (tables.UnansweredEntry, too_old.asked),
        }
        with self._database.transaction(read_only=True) as session:
            numbers = {
                name: session.scalar(select(func.count()).select_from(kind).where(condition)) or 0
                for name, (kind, condition) in counted.items()
            }
        with EngineMemory(self._settings.resolved_engine_database_url) as memory:
            return Removed(**numbers, engine_conversations=len(self._find_in_engine(memory)))

    def apply(self) -> Removed:
        """Remove everything that is too old now, and what the engine should have forgotten."""
        too_old = self._too_old()
        return Removed(
            conversations=self._delete_conversations(too_old.conversations),
            drafts=self._delete_drafts(too_old.drafts),
            leads=self._anonymise_leads(too_old.leads),
            asked=self._delete_asked(too_old.asked),
            engine_conversations=self._clear_engine(),
        )

    def _too_old(self) -> _TooOld:
        days, months = self._settings.transcript_days, self._settings.lead_months
        transcripts_before = self._now() - timedelta(days=days) if days else None
        leads_before = self._now() - months * _MONTH if months else None
        lead = tables.Lead
        return _TooOld(
            conversations=_before(tables.Conversation.last_message_at, transcripts_before),
            drafts=_before(tables.NoteDraft.kept_at, transcripts_before),
            leads=_before(lead.updated_at, leads_before)
            & lead.anonymised_at.is_(None)
            & lead.merged_into_id.is_(None),
            asked=_before(tables.UnansweredEntry.asked_at, leads_before),
        )

    def _delete_conversations(self, too_old: ColumnElement[bool]) -> int:
        """Delete transcripts with their words and verdicts; requests made in them stay, without the link."""
        row, removed = tables.Conversation, 0
        query = select(row).where(too_old).limit(_AT_ONCE)
        while True:
            with self._database.transaction() as session:
                found = session.scalars(query.with_for_update(skip_locked=True)).all()
                for conversation in found:
                    session.delete(conversation)
                    add_audit(session, self._now(), "system", "expired", ("conversation", conversation.id))
            removed += len(found)
            if not found:
                return removed

    def _delete_drafts(self, too_old: ColumnElement[bool]) -> int:
        draft = tables.NoteDraft
        with self._database.transaction() as session:
            return len(session.execute(delete(draft).where(too_old).returning(draft.staff_id)).all())

    def _delete_asked(self, too_old: ColumnElement[bool]) -> int:
        """Delete what was asked and not answered, masked as it is; what was ignored is remembered."""
        entry, question = tables.UnansweredEntry, tables.UnansweredQuestion
        with self._database.transaction() as session:
            found = session.execute(delete(entry).where(too_old).returning(entry.id)).all()
            if found:
                asked = select(entry.question_id)
                session.execute(
                    delete(question).where(question.state != "ignored", question.id.not_in(asked))
                )
            return len(found)

    def _anonymise_leads(self, too_old: ColumnElement[bool]) -> int:
        """Anonymise requests that nobody has touched since; what happened stays for the numbers."""
        with self._database.transaction(read_only=True) as session:
            query = select(tables.Lead.id, tables.Lead.version).where(too_old)
            due = session.execute(query).tuples().all()
        removed = 0
        for lead_id, version in due:
            try:
                self._removal.anonymise(lead_id, version, "system")
                removed += 1
            except (LeadNotFound, LeadChangedMeanwhile):
                continue  # somebody is at work on it, or another round was faster
        return removed

    def _clear_engine(self) -> int:
        with EngineMemory(self._settings.resolved_engine_database_url) as memory:
            found = self._find_in_engine(memory)
            memory.delete(found)
            memory.empty_log()  # also of what visitors had forgotten while somebody else was reading
            return len(found)

    def _find_in_engine(self, memory: EngineMemory) -> list[str]:
        """Return what the engine should have forgotten: too old, or of a conversation that is gone here."""
        hours = self._settings.tracker_hours
        with self._database.transaction(read_only=True) as session:
            known = set(session.scalars(select(tables.Conversation.engine_id)))
        found = set(memory.find_unknown(known, self._now()))
        if hours:
            found |= set(memory.find_quiet_since(self._now() - timedelta(hours=hours)))
        return sorted(found)


def _before(column: InstrumentedAttribute[datetime], moment: datetime | None) -> ColumnElement[bool]:
    """Return the condition that a time lies before `moment`; without a moment nothing does."""
    return false() if moment is None else column < moment
