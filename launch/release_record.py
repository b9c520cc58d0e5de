"""Writes down who put which release live, and why: in var/releases/history.jsonl and the audit record."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

from clinic.audit import add_audit
from clinic.settings import Settings
from clinic.storage.database import Database
from content.publishing import Request
from content.releases import HISTORY, Release

ACTIONS = {"publish": "release_published", "roll_back": "release_rolled_back"}


def record(settings: Settings, request: Request, release: Release, before: str | None) -> None:
    """Write it down before the turns go there. Raises StorageUnavailable or OSError: then nothing goes."""
    at = datetime.now(UTC)
    database = Database(settings.resolved_database_url, keys=settings.keys_directory)
    try:
        with database.transaction() as session:
            detail = {"before": before, "is_override": bool(release.note.override)}
            add_audit(session, at, request.actor, ACTIONS[request.action], ("release", release.id), detail)
    finally:
        database.close()
    line = {"at": at.isoformat(), "action": request.action, "release": release.id, "before": before}
    line |= {"by": request.by, "why": request.why}
    with (settings.releases_directory / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
