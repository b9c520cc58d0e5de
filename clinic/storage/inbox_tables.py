"""The tables of what the assistant could not answer well. No row points at a conversation or a person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from clinic.storage.base import Base
from clinic.storage.columns import new_id
from clinic.storage.encryption import EncryptedJson, EncryptedText


class UnansweredQuestion(Base):
    """One wording, masked. `key` is a keyed hash of it in one spelling: the text itself is never searched.

    `vector` is what the sentence encoder named `encoder` makes of it (see `clinic.wording_clusters`);
    wordings that mean the same have the same `cluster_id`. All three are empty until the engine was asked.
    """

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
    vector: Mapped[str | None] = mapped_column(EncryptedText("unanswered_questions.vector"))
    encoder: Mapped[str | None]
    cluster_id: Mapped[str | None] = mapped_column(index=True)


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


class UnansweredOutcome(Base):
    """What became of a wording: a person confirmed it and it was written into a content file.

    `place` is the file's folder and name, such as "faq/cost"; `wording` the words that were written there.
    """

    __tablename__ = "unanswered_outcomes"

    question_id: Mapped[str] = mapped_column(
        ForeignKey("unanswered_questions.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[str]
    wording: Mapped[str] = mapped_column(EncryptedText("unanswered_outcomes.wording"))
    written_at: Mapped[datetime]
    live_at: Mapped[datetime | None]


class TopicDay(Base):
    """How often messages of one day were taken for a topic, by what was decided; kept when they are gone.

    Numbers only. `day` is a day of the clinic; `decision` is answer, clarify or fallback.
    """

    __tablename__ = "topic_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    decision: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


class InboxProgress(Base):
    """How far the messages, or the verdicts on answers, were looked at."""

    __tablename__ = "inbox_progress"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    row_id: Mapped[str]
