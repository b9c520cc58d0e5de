"""Nothing is kept longer than the clinic has decided: transcripts, the engine's memory, requests.

Each step finds what is too old anew and removes it in small transactions, so a round may be run twice, beside
another one, or be cut off: the next round does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

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
    """What one round removed, in numbers."""

    conversations: int
    engine_conversations: int
    leads: int
    drafts: int
    asked: int = 0  # times that something was asked and not answered, as the inbox keeps it


class Retention:
    """Removes what is too old. Raises `StorageUnavailable`; what was removed before that stays removed."""

    def __init__(self, database: Database, settings: Settings, now: Clock = utc_now) -> None:
        """Take the database and, from the settings, how long each kind is kept."""
        self._database = database
        self._settings = settings
        self._removal = LeadRemoval(database, now)
        self._now = now

    def apply(self) -> Removed:
        """Remove everything that is too old now, and what the engine should have forgotten."""
        now = self._now()
        transcripts_before = now - timedelta(days=self._settings.transcript_days)
        leads_before = now - self._settings.lead_months * _MONTH
        return Removed(
            conversations=self._delete_conversations(transcripts_before),
            drafts=self._delete_drafts(transcripts_before),
            leads=self._anonymise_leads(leads_before),
            asked=self._delete_asked(leads_before),
            engine_conversations=self._clear_engine(now),
        )

    def _delete_conversations(self, before: datetime) -> int:
        """Delete transcripts with their words and verdicts; requests made in them stay, without the link."""
        row, removed = tables.Conversation, 0
        query = select(row).where(row.last_message_at < before).limit(_AT_ONCE)
        while True:
            with self._database.transaction() as session:
                found = session.scalars(query.with_for_update(skip_locked=True)).all()
                for conversation in found:
                    session.delete(conversation)
                    add_audit(session, self._now(), "system", "expired", ("conversation", conversation.id))
            removed += len(found)
            if not found:
                return removed

    def _delete_drafts(self, before: datetime) -> int:
        draft = tables.NoteDraft
        with self._database.transaction() as session:
            found = session.execute(
                delete(draft).where(draft.kept_at < before).returning(draft.staff_id)
            ).all()
            return len(found)

    def _delete_asked(self, before: datetime) -> int:
        """Delete what was asked and not answered, masked as it is; what was ignored is remembered."""
        entry, question = tables.UnansweredEntry, tables.UnansweredQuestion
        with self._database.transaction() as session:
            found = session.execute(delete(entry).where(entry.asked_at < before).returning(entry.id)).all()
            if found:
                asked = select(entry.question_id)
                session.execute(
                    delete(question).where(question.state != "ignored", question.id.not_in(asked))
                )
            return len(found)

    def _anonymise_leads(self, before: datetime) -> int:
        """Anonymise requests that nobody has touched since; what happened stays for the numbers."""
        lead = tables.Lead
        query = select(lead.id, lead.version).where(
            lead.updated_at < before, lead.anonymised_at.is_(None), lead.merged_into_id.is_(None)
        )
        with self._database.transaction(read_only=True) as session:
            due = session.execute(query).tuples().all()
        removed = 0
        for lead_id, version in due:
            try:
                self._removal.anonymise(lead_id, version, "system")
                removed += 1
            except (LeadNotFound, LeadChangedMeanwhile):
                continue  # somebody is at work on it, or another round was faster
        return removed

    def _clear_engine(self, now: datetime) -> int:
        with EngineMemory(self._settings.resolved_engine_database_url) as memory:
            removed = memory.delete_quiet_since(now - timedelta(hours=self._settings.tracker_hours))
            with self._database.transaction(read_only=True) as session:
                known = set(session.scalars(select(tables.Conversation.engine_id)))
            return removed + memory.delete_unknown(known, now)
