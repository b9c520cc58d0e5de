"""The tables, used as `tables.Lead`. Times are UTC; identifiers are random, so none can be guessed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from clinic.storage.columns import CleanText, UtcDateTime, new_id


class Base(DeclarativeBase):
    """The root of all tables; constraints get the same name on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        str: CleanText,
        datetime: UtcDateTime,
        dict[str, Any]: JSON(none_as_null=True),
    }


class Conversation(Base):
    """One visit. The visitor's token is kept only as its hash."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    engine_id: Mapped[str] = mapped_column(unique=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    page: Mapped[str | None]
    started_at: Mapped[datetime]
    last_message_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Message(Base):
    """One line of a conversation, by the visitor or by the assistant."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "position"),
        UniqueConstraint("conversation_id", "client_message_id"),
        CheckConstraint("author IN ('visitor', 'assistant')", name="author"),
        CheckConstraint("state IN ('accepted', 'answered', 'unanswered')", name="state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int]
    author: Mapped[str]
    client_message_id: Mapped[str | None]
    in_reply_to: Mapped[str | None] = mapped_column(index=True)
    kind: Mapped[str]
    text: Mapped[str]
    content: Mapped[dict[str, Any]]
    understood: Mapped[dict[str, Any] | None]
    state: Mapped[str | None]
    created_at: Mapped[datetime]


class Feedback(Base):
    """What a visitor thought of one answer; a second verdict replaces the first."""

    __tablename__ = "feedback"
    __table_args__ = (CheckConstraint("verdict IN ('up', 'down')", name="verdict"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), unique=True)
    verdict: Mapped[str]
    reason: Mapped[str | None]
    created_at: Mapped[datetime]


class Lead(Base):
    """A consultation request. `search_text` is made from the other columns (see `clinic.lead_search`)."""

    __tablename__ = "leads"
    __table_args__ = (
        CheckConstraint("source IN ('chat', 'contact_form')", name="source"),
        CheckConstraint("state IN ('new', 'calling', 'booked', 'not_suitable', 'closed')", name="state"),
        CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name="contact"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(unique=True)
    request_key: Mapped[str] = mapped_column(unique=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="SET NULL"), index=True
    )
    source: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    preferred_time: Mapped[str]
    topic: Mapped[str]
    consent_version: Mapped[str]
    consent_text: Mapped[str]
    consented_at: Mapped[datetime]
    state: Mapped[str]
    suspected_spam: Mapped[bool]
    version: Mapped[int]
    search_text: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


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
    """Who did what to what. Counted, not random: the number is the order of events. No personal data."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject_kind", "subject_id", "action"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    detail: Mapped[dict[str, Any]]


class StaffMember(Base):
    """A person of the clinic. E-mail and password stay empty until the invitation is accepted."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role IN ('admin', 'staff', 'viewer', 'content')", name="role"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class SignInLink(Base):
    """A one-time link with which a person sets a password."""

    __tablename__ = "sign_in_links"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffSession(Base):
    """A signed-in browser. The token is kept only as its hash."""

    __tablename__ = "staff_sessions"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(unique=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    csrf_token: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
