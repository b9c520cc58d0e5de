"""What staff write down: calls, notes, tags, owners, saved views; second sign-in step; countable messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "'new', 'calling', 'booked', 'not_suitable', 'not_interested', 'closed'"
FIRST_STATES = "'new', 'calling', 'booked', 'not_suitable', 'closed'"
NEW_LEAD_COLUMNS = (
    ("owner_id", sa.Text()),
    ("next_call_at", MOMENT),
    ("first_called_at", MOMENT),
    ("reached_at", MOMENT),
    ("reminded_at", MOMENT),
    ("escalated_at", MOMENT),
    ("merged_into_id", sa.Text()),
    ("anonymised_at", MOMENT),
)
LEAD_INDEXES = (
    ["merged_into_id", "created_at", "id"],
    ["merged_into_id", "state", "created_at", "id"],
    ["consent_version"],
    ["owner_id", "state"],
    ["next_call_at"],
    ["phone"],
    ["email"],
)
MESSAGE_INDEXES = (
    ["created_at"],
    ["decision", "created_at"],
    ["state", "created_at"],
    ["urgent", "created_at"],
)
CONVERSATION_INDEXES = (["last_message_at", "id"], ["started_at"])


def upgrade() -> None:
    """Add the columns and tables of the console."""
    with op.batch_alter_table("leads") as leads:
        for name, kind in NEW_LEAD_COLUMNS:
            leads.add_column(sa.Column(name, kind, nullable=True))
        leads.drop_constraint(op.f("ck_leads_state"), type_="check")
        leads.drop_constraint(op.f("ck_leads_contact"), type_="check")
        leads.create_check_constraint(op.f("ck_leads_state"), f"state IN ({STATES})")
        leads.create_check_constraint(
            op.f("ck_leads_contact"), "phone IS NOT NULL OR email IS NOT NULL OR anonymised_at IS NOT NULL"
        )
        leads.create_foreign_key(
            op.f("fk_leads_owner_id"), "staff", ["owner_id"], ["id"], ondelete="SET NULL"
        )
        leads.create_foreign_key(
            op.f("fk_leads_merged_into_id"), "leads", ["merged_into_id"], ["id"], ondelete="CASCADE"
        )
    _add_columns()
    _fill_message_columns()
    for table, indexes in _indexes():
        for columns in indexes:
            op.create_index(_index_name(table, columns), table, columns)
    _create_desk_tables()


def downgrade() -> None:
    """Drop what 0002 added, and with it what staff wrote down."""
    for table in (
        "heartbeats",
        "outbox_deliveries",
        "recovery_codes",
        "saved_views",
        "note_drafts",
        "lead_tags",
        "lead_notes",
        "lead_calls",
        "conversation_words",
    ):
        op.drop_table(table)
    for table, indexes in _indexes():
        for columns in indexes:
            op.drop_index(_index_name(table, columns), table)
    for name in ("decision", "urgent", "topic", "ask", "offers_request"):
        op.drop_column("messages", name)
    for name in ("second_step_secret", "second_step_since", "second_step_used"):
        op.drop_column("staff", name)
    op.drop_column("staff_sessions", "is_pending")
    op.execute("DELETE FROM leads WHERE anonymised_at IS NOT NULL")
    op.execute("UPDATE leads SET state = 'closed' WHERE state = 'not_interested'")
    with op.batch_alter_table("leads") as leads:
        leads.drop_constraint(op.f("fk_leads_owner_id"), type_="foreignkey")
        leads.drop_constraint(op.f("fk_leads_merged_into_id"), type_="foreignkey")
        leads.drop_constraint(op.f("ck_leads_state"), type_="check")
        leads.drop_constraint(op.f("ck_leads_contact"), type_="check")
        for name, _ in NEW_LEAD_COLUMNS:
            leads.drop_column(name)
        leads.create_check_constraint(op.f("ck_leads_state"), f"state IN ({FIRST_STATES})")
        leads.create_check_constraint(op.f("ck_leads_contact"), "phone IS NOT NULL OR email IS NOT NULL")


def _indexes() -> tuple[tuple[str, tuple[list[str], ...]], ...]:
    return ("leads", LEAD_INDEXES), ("messages", MESSAGE_INDEXES), ("conversations", CONVERSATION_INDEXES)


def _index_name(table: str, columns: list[str]) -> str:
    return op.f(f"ix_{table}_{'_'.join(columns)}")


def _add_columns() -> None:
    for name in ("decision", "urgent", "topic", "ask"):
        op.add_column("messages", sa.Column(name, sa.Text(), nullable=True))
    no = sa.false()
    op.add_column("messages", sa.Column("offers_request", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("staff_sessions", sa.Column("is_pending", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("staff", sa.Column("second_step_secret", sa.Text(), nullable=True))
    op.add_column("staff", sa.Column("second_step_since", MOMENT, nullable=True))
    op.add_column("staff", sa.Column("second_step_used", sa.Integer(), nullable=True))


def _fill_message_columns() -> None:
    """Copy what the stored lines already say into the new columns."""
    messages = sa.table(
        "messages",
        sa.column("understood", sa.JSON),
        sa.column("content", sa.JSON),
        *(sa.column(name, sa.Text) for name in ("decision", "urgent", "topic", "ask")),
        sa.column("offers_request", sa.Boolean),
    )
    understood, content = messages.c.understood, messages.c.content
    op.execute(
        messages.update().values(
            decision=understood["decision"].as_string(),
            urgent=sa.func.nullif(understood["urgent"].as_string(), "none"),
            topic=understood["intent"].as_string(),
            ask=content["ask"].as_string(),
            offers_request=sa.cast(content, sa.Text).contains('"ask_booking"'),
        )
    )


def _create_desk_tables() -> None:
    op.create_table(
        "conversation_words",
        sa.Column("word", sa.Text(), nullable=False),
        _key("conversation_words", "conversation_id", "conversations"),
        sa.PrimaryKeyConstraint("word", "conversation_id", name=op.f("pk_conversation_words")),
    )
    op.create_index(
        op.f("ix_conversation_words_conversation_id"), "conversation_words", ["conversation_id"]
    )
    op.create_table(
        "lead_calls",
        sa.Column("id", sa.Text(), nullable=False),
        _key("lead_calls", "lead_id", "leads"),
        _key("lead_calls", "staff_id", "staff", keep=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('no_answer', 'voicemail', 'reached', 'wrong_number')",
            name=op.f("ck_lead_calls_outcome"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_calls")),
    )
    op.create_index(op.f("ix_lead_calls_lead_id_at"), "lead_calls", ["lead_id", "at"])
    op.create_index(op.f("ix_lead_calls_outcome_at"), "lead_calls", ["outcome", "at"])
    op.create_table(
        "lead_notes",
        sa.Column("id", sa.Text(), nullable=False),
        _key("lead_notes", "lead_id", "leads"),
        _key("lead_notes", "staff_id", "staff", keep=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_notes")),
    )
    op.create_index(op.f("ix_lead_notes_lead_id_created_at"), "lead_notes", ["lead_id", "created_at"])
    op.create_table(
        "lead_tags",
        _key("lead_tags", "lead_id", "leads"),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "tag", name=op.f("pk_lead_tags")),
    )
    op.create_index(op.f("ix_lead_tags_tag"), "lead_tags", ["tag"])
    op.create_table(
        "note_drafts",
        _key("note_drafts", "staff_id", "staff"),
        _key("note_drafts", "lead_id", "leads"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "lead_id", name=op.f("pk_note_drafts")),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Text(), nullable=False),
        _key("saved_views", "staff_id", "staff"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filters", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("staff_id", "name", name=op.f("uq_saved_views_staff_id_name")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Text(), nullable=False),
        _key("recovery_codes", "staff_id", "staff"),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_staff_id"), "recovery_codes", ["staff_id"])
    op.create_table(
        "outbox_deliveries",
        _key("outbox_deliveries", "outbox_id", "outbox"),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("delivered_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("outbox_id", "channel", name=op.f("pk_outbox_deliveries")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )


def _key(table: str, column: str, target: str, keep: bool = False) -> sa.Column[str]:
    """A column that points at another table; `keep` keeps the row when what it points at is deleted."""
    rule = "SET NULL" if keep else "CASCADE"
    return sa.Column(
        column,
        sa.Text(),
        sa.ForeignKey(f"{target}.id", name=op.f(f"fk_{table}_{column}"), ondelete=rule),
        nullable=keep,
    )
