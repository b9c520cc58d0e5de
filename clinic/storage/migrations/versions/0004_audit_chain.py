"""Audit entries are linked by seals; people can take back that they may be contacted."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from clinic.storage.audit_chain import HEAD_ID, make_seal
from clinic.storage.columns import UtcDateTime
from clinic.storage.encryption import keyring_of
from clinic.storage.tables import AuditEntry

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the chain and link what is there already, in the order it was written."""
    op.add_column("audit", sa.Column("position", sa.Integer(), nullable=True))
    op.add_column("audit", sa.Column("seal", sa.Text(), nullable=True))
    op.create_index(op.f("ix_audit_position"), "audit", ["position"], unique=True)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.add_column("leads", sa.Column("contact_withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("leads", sa.Column("contact_withdrawn_by", sa.Text(), nullable=True))
    _link()


def downgrade() -> None:
    """Drop the chain."""
    op.drop_column("leads", "contact_withdrawn_by")
    op.drop_column("leads", "contact_withdrawn_at")
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_audit_position"), "audit")
    op.drop_column("audit", "seal")
    op.drop_column("audit", "position")


def _link() -> None:
    keyring = keyring_of(op.get_bind().dialect)
    names: tuple[tuple[str, Any], ...] = (
        ("id", sa.Integer()),
        ("at", UtcDateTime()),
        ("actor", sa.Text()),
        ("action", sa.Text()),
        ("subject_kind", sa.Text()),
        ("subject_id", sa.Text()),
        ("detail", sa.JSON()),
        ("position", sa.Integer()),
        ("seal", sa.Text()),
    )
    audit = sa.table("audit", *(sa.column(name, kind) for name, kind in names))
    position, seal, changes = 0, "", []
    for row in op.get_bind().execute(sa.select(audit).order_by(audit.c.id)).mappings():
        position += 1
        entry = AuditEntry(**{**row, "position": position})
        seal = make_seal(keyring, seal, entry)
        changes.append({"number": row["id"], "new_position": position, "new_seal": seal})
    if changes:
        update = audit.update().where(audit.c.id == sa.bindparam("number"))
        op.get_bind().execute(
            update.values(position=sa.bindparam("new_position"), seal=sa.bindparam("new_seal")), changes
        )
    head = sa.table("audit_head", sa.column("id"), sa.column("position"), sa.column("seal"))
    op.execute(head.insert().values(id=HEAD_ID, position=position, seal=seal))
