"""The tables that only the console fills: what staff write down about a request, and about themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.storage.base import Base
from clinic.storage.columns import new_id
from clinic.storage.encryption import EncryptedText


class LeadCall(Base):
    """One call to a person who asked to be called, and how it ended."""

    __tablename__ = "lead_calls"
    __table_args__ = (
        CheckConstraint("outcome IN ('no_answer', 'voicemail', 'reached', 'wrong_number')", name="outcome"),
        Index(None, "lead_id", "at"),
        Index(None, "outcome", "at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    lead_id: Mapped[str] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    outcome: Mapped[str]
    at: Mapped[datetime]


class LeadNote(Base):
    """What a person of the clinic wrote about a request; never changed afterwards."""

    __tablename__ = "lead_notes"
    __table_args__ = (Index(None, "lead_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    lead_id: Mapped[str] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(EncryptedText("lead_notes.text"))
    created_at: Mapped[datetime]


class LeadTag(Base):
    """A word that staff put on a request."""

    __tablename__ = "lead_tags"

    lead_id: Mapped[str] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True, index=True)


class NoteDraft(Base):
    """A note that was sent after the session had ended: kept until its author saves it."""

    __tablename__ = "note_drafts"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    lead_id: Mapped[str] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(EncryptedText("note_drafts.text"))
    kept_at: Mapped[datetime]


class SavedView(Base):
    """A set of filters that a person gave a name. Holds no search: that may be somebody's name."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("staff_id", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    name: Mapped[str]
    filters: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code for the day a person has lost their phone; works once, kept only as its hash."""

    __tablename__ = "recovery_codes"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class OutboxDelivery(Base):
    """One channel that has taken a notification: a retry for another channel does not send it again."""

    __tablename__ = "outbox_deliveries"

    outbox_id: Mapped[str] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    delivered_at: Mapped[datetime]


class Heartbeat(Base):
    """When a process that works in the background was last at work."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class KeyCheck(Base):
    """One word, encrypted: whoever opens the database with other keys is told before anything is written."""

    __tablename__ = "key_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(EncryptedText("key_check.word"))
