"""Wordings of the inbox that mean the same stand together; what became of them and what was asked is counted."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COLUMNS = ("vector", "encoder", "cluster_id")


def upgrade() -> None:
    """Add three columns, which the inbox's process fills, and the tables of outcomes and of counts."""
    for name in COLUMNS:
        op.add_column("unanswered_questions", sa.Column(name, sa.Text(), nullable=True))
    op.create_index(op.f("ix_unanswered_questions_cluster_id"), "unanswered_questions", ["cluster_id"])
    op.create_table(
        "unanswered_outcomes",
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("live_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["unanswered_questions.id"],
            name=op.f("fk_unanswered_outcomes_question_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_unanswered_outcomes")),
    )
    op.create_table(
        "topic_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "topic", "decision", name=op.f("pk_topic_days")),
    )
    _count_what_was_looked_at()


def _count_what_was_looked_at() -> None:
    """Count the messages that the inbox's process has passed already; it counts all later ones itself.

    By days of UTC: a migration knows no clinic.
    """
    messages = sa.table(
        "messages",
        *(sa.column(name) for name in ("id", "decision", "topic")),
        sa.column("created_at", MOMENT),
    )
    progress = sa.table(
        "inbox_progress", sa.column("name"), sa.column("at", MOMENT), sa.column("row_id")
    )
    place = op.get_bind().execute(sa.select(progress.c.at, progress.c.row_id).where(progress.c.name == "messages"))
    if (reached := place.first()) is None:
        return
    query = sa.select(messages.c.created_at, messages.c.topic, messages.c.decision).where(
        messages.c.decision.in_(("answer", "clarify", "fallback")),
        messages.c.topic.is_not(None),
        sa.tuple_(messages.c.created_at, messages.c.id) <= tuple(reached),
    )
    counts = Counter((at.date(), topic, decision) for at, topic, decision in op.get_bind().execute(query))
    days = sa.table("topic_days", *(sa.column(name) for name in ("topic", "decision", "number")), sa.column("day", sa.Date()))
    rows = [dict(day=day, topic=topic, decision=decision, number=number) for (day, topic, decision), number in counts.items()]
    if rows:
        op.bulk_insert(days, rows)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("topic_days")
    op.drop_table("unanswered_outcomes")
    op.drop_index(op.f("ix_unanswered_questions_cluster_id"), "unanswered_questions")
    for name in COLUMNS:
        op.drop_column("unanswered_questions", name)
