"""Adding rows of which some may be there already."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from clinic.storage.base import Base


def insert_missing(session: Session, kind: type[Base], rows: list[dict[str, Any]]) -> None:
    """Add the rows whose key is not there yet, in one statement."""
    if not rows:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(kind).on_conflict_do_nothing(), rows)
