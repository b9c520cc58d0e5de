"""Alembic's entry: runs the migrations on the connection that `Database.migrate` hands over."""

from __future__ import annotations

from alembic import context

from clinic.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # all tables or none, on SQLite too: the connection is inside one transaction
)
with context.begin_transaction():
    context.run_migrations()
