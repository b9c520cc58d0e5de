"""The tables, used as `tables.Lead`. Times are UTC; identifiers are random, so none can be guessed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from clinic.storage.base import Base
from clinic.storage.columns import new_id
from clinic.storage.desk_tables import (
    Heartbeat,
    KeyCheck,
    LeadCall,
    LeadNote,
    LeadTag,
    NoteDraft,
    OutboxDelivery,
    RecoveryCode,
    SavedView,
)
from clinic.storage.encryption import EncryptedJson, EncryptedText, KeyedHash
from clinic.storage.inbox_tables import (
    InboxProgress,
    TopicDay,
    UnansweredEntry,
    UnansweredOutcome,
    UnansweredQuestion,
)

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Base",
    "Conversation",
    "ConversationWord",
    "Feedback",
    "Heartbeat",
    "InboxProgress",
    "KeyCheck",
    "Lead",
    "LeadCall",
    "LeadNote",
    "LeadTag",
    "LeadWord",
    "Message",
    "NoteDraft",
    "OutboxDelivery",
    "OutboxEntry",
    "RecoveryCode",
    "SavedView",
    "SignInLink",
    "StaffMember",
    "StaffSession",
    "TopicDay",
    "UnansweredEntry",
    "UnansweredOutcome",
    "UnansweredQuestion",
]


class Conversation(Base):
    """One visit. The visitor's token is kept only as its hash."""

    __tablename__ = "conversations"
    __table_args__ = (Index(None, "last_message_at", "id"), Index(None, "started_at"))

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    engine_id: Mapped[str] = mapped_column(unique=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    page: Mapped[str | None] = mapped_column(EncryptedText("conversations.page"))
    started_at: Mapped[datetime]
    last_message_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Message(Base):
    """One line of a conversation, by the visitor or by the assistant.

    `decision`, `urgent` and `topic` repeat what `understood` says, `ask` and `offers_request` what `content`
    says: in columns of their own they can be counted without reading every line.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "position"),
        UniqueConstraint("conversation_id", "client_message_id"),
        CheckConstraint("author IN ('visitor', 'assistant')", name="author"),
        CheckConstraint("state IN ('accepted', 'answered', 'unanswered')", name="state"),
        Index(None, "created_at"),
        Index(None, "decision", "created_at"),
        Index(None, "state", "created_at"),
        Index(None, "urgent", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int]
    author: Mapped[str]
    client_message_id: Mapped[str | None]
    in_reply_to: Mapped[str | None] = mapped_column(index=True)
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(EncryptedText("messages.text"))
    content: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("messages.content"))
    understood: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("messages.understood"))
    state: Mapped[str | None]
    created_at: Mapped[datetime]
    decision: Mapped[str | None]
    urgent: Mapped[str | None]
    topic: Mapped[str | None]
    ask: Mapped[str | None]
    offers_request: Mapped[bool] = mapped_column(default=False)

    @validates("understood")
    def _copy_understood(self, _: str, understood: dict[str, Any] | None) -> dict[str, Any] | None:
        known = understood or {}
        self.decision = known.get("decision")
        self.urgent = known.get("urgent") if known.get("urgent") != "none" else None
        self.topic = known.get("intent")
        return understood

    @validates("content")
    def _copy_content(self, _: str, content: dict[str, Any]) -> dict[str, Any]:
        self.ask = content.get("ask")
        self.offers_request = any(
            choice.get("intent") == "ask_booking" for choice in content.get("choices") or []
        )
        return content


class ConversationWord(Base):
    """The keyed hash of a beginning of a word that a visitor wrote (see `clinic.conversation_words`)."""

    __tablename__ = "conversation_words"
    __table_args__ = {"sqlite_with_rowid": False}

    token: Mapped[int] = mapped_column(KeyedHash("conversations"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Feedback(Base):
    """What a visitor thought of one answer; a second verdict replaces the first."""

    __tablename__ = "feedback"
    __table_args__ = (CheckConstraint("verdict IN ('up', 'down')", name="verdict"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), unique=True)
    verdict: Mapped[str]
    reason: Mapped[str | None] = mapped_column(EncryptedText("feedback.reason"))
    created_at: Mapped[datetime]


class Lead(Base):
    """A consultation request. Who it is stands there encrypted, and is found by `LeadWord`."""

    __tablename__ = "leads"
    __table_args__ = (
        CheckConstraint("source IN ('chat', 'contact_form')", name="source"),
        CheckConstraint(
            "state IN ('new', 'calling', 'booked', 'not_suitable', 'not_interested', 'closed')", name="state"
        ),
        CheckConstraint(
            "phone IS NOT NULL OR email IS NOT NULL OR anonymised_at IS NOT NULL", name="contact"
        ),
        Index(None, "created_at", "id"),
        Index(None, "merged_into_id", "created_at", "id"),
        Index(None, "merged_into_id", "state", "created_at", "id"),
        Index(None, "consent_version"),
        Index(None, "owner_id", "state"),
        Index(None, "next_call_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(unique=True)
    request_key: Mapped[str] = mapped_column(unique=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="SET NULL"), index=True
    )
    source: Mapped[str]
    name: Mapped[str] = mapped_column(EncryptedText("leads.name"))
    phone: Mapped[str | None] = mapped_column(EncryptedText("leads.phone"))
    email: Mapped[str | None] = mapped_column(EncryptedText("leads.email"))
    preferred_time: Mapped[str] = mapped_column(EncryptedText("leads.preferred_time"))
    topic: Mapped[str]
    consent_version: Mapped[str]
    consent_text: Mapped[str]
    consented_at: Mapped[datetime]
    state: Mapped[str]
    suspected_spam: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    next_call_at: Mapped[datetime | None]
    first_called_at: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    merged_into_id: Mapped[str | None] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    anonymised_at: Mapped[datetime | None]
    contact_withdrawn_at: Mapped[datetime | None]
    contact_withdrawn_by: Mapped[str | None]


class LeadWord(Base):
    """The keyed hash of something a lead can be found by (see `clinic.lead_search`)."""

    __tablename__ = "lead_words"
    __table_args__ = {"sqlite_with_rowid": False}

    token: Mapped[int] = mapped_column(KeyedHash("leads"), primary_key=True)
    lead_id: Mapped[str] = mapped_column(
        ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class OutboxEntry(Base):
    """A notification that still has to leave, or has left; written with the lead, in one transaction."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "delivered_at", "next_attempt_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    lead_id: Mapped[str] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


class AuditEntry(Base):
    """Who did what to what. Counted, not random: the number is the order of events. No personal data.

    `position` and `seal` link it to the entry before (see `clinic.storage.audit_chain`).
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id", "action"),
        Index(None, "position", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    detail: Mapped[dict[str, Any]]
    position: Mapped[int | None]
    seal: Mapped[str | None]


class AuditHead(Base):
    """The end of the audit record, in one row that is locked while an entry is linked."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    seal: Mapped[str]


class StaffMember(Base):
    """A person of the clinic. E-mail and password stay empty until the invitation is accepted.

    The secret of the second step is kept encrypted; `second_step_used` is the last 30 seconds whose code was
    used, so that nobody can use a code they have looked at.
    """

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role IN ('admin', 'staff', 'viewer', 'content')", name="role"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    second_step_secret: Mapped[str | None]
    second_step_since: Mapped[datetime | None]
    second_step_used: Mapped[int | None]


class SignInLink(Base):
    """A one-time link with which a person sets a password."""

    __tablename__ = "sign_in_links"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffSession(Base):
    """A signed-in browser. The token is kept only as its hash; pending until the second step is done."""

    __tablename__ = "staff_sessions"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(unique=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    csrf_token: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    is_pending: Mapped[bool] = mapped_column(default=False)
