"""The inbox of what was not answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "unanswered_questions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'urgent', 'ignored')", name=op.f("ck_unanswered_questions_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unanswered_questions")),
        sa.UniqueConstraint("key", name=op.f("uq_unanswered_questions_key")),
    )
    op.create_index(op.f("ix_unanswered_questions_state"), "unanswered_questions", ["state"])
    op.create_table(
        "unanswered_entries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("visitor_key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("understood", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "reason IN ('disliked', 'not_understood', 'not_taken', 'unsure', 'declined')",
            name=op.f("ck_unanswered_entries_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["unanswered_questions.id"],
            name=op.f("fk_unanswered_entries_question_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unanswered_entries")),
    )
    op.create_index(op.f("ix_unanswered_entries_question_id"), "unanswered_entries", ["question_id"])
    op.create_index(op.f("ix_unanswered_entries_visitor_key"), "unanswered_entries", ["visitor_key"])
    op.create_table(
        "inbox_progress",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_inbox_progress")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("inbox_progress")
    op.drop_table("unanswered_entries")
    op.drop_table("unanswered_questions")
