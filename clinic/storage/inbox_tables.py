"""The tables of what the assistant could not answer well. No row points at a conversation or a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from clinic.storage.base import Base
from clinic.storage.columns import new_id
from clinic.storage.encryption import EncryptedJson, EncryptedText


class UnansweredQuestion(Base):
    """One wording, masked. `key` is a keyed hash of it in one spelling: the text itself is never searched."""

    __tablename__ = "unanswered_questions"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'urgent', 'ignored')", name="state"),
        Index(None, "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str] = mapped_column(EncryptedText("unanswered_questions.text"))
    state: Mapped[str] = mapped_column(default="open")
    version: Mapped[int] = mapped_column(default=1)


class UnansweredEntry(Base):
    """One time it was asked. `id` and `visitor_key` are keyed hashes whose key goes with the conversation.

    As long as the conversation is stored they can be made again from it; afterwards nobody can.
    """

    __tablename__ = "unanswered_entries"
    __table_args__ = (
        CheckConstraint(
            "reason IN ('disliked', 'not_understood', 'not_taken', 'unsure', 'declined')", name="reason"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(
        ForeignKey("unanswered_questions.id", ondelete="CASCADE"), index=True
    )
    visitor_key: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    understood: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("unanswered_entries.understood"))
    asked_at: Mapped[datetime]


class InboxProgress(Base):
    """How far the messages, or the verdicts on answers, were looked at."""

    __tablename__ = "inbox_progress"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    row_id: Mapped[str]
