"""`make restore-drill`: back up and restore a large database, and compare the checksums."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from clinic.settings import Settings
from clinic.storage.columns import new_id
from clinic.storage.database import Database
from clinic.storage.tables import Lead
from launch.backup import make_backup, restore_backup

AT_ONCE = 5000


def fill(settings: Settings, leads: int) -> None:
    """Store that many requests."""
    database = Database(settings.resolved_database_url, keys=settings.keys_directory)
    database.migrate()
    for first in range(0, leads, AT_ONCE):
        rows = [_row(number) for number in range(first, min(first + AT_ONCE, leads))]
        with database.transaction() as session:
            session.execute(insert(Lead), rows)
    database.close()


def _row(number: int) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "id": new_id(), "reference": f"OPTC-{number:06}", "request_key": f"request-{number}",
        "source": "chat", "name": f"Visitor {number}", "phone": "+14055550134", "preferred_time": "mornings",
        "topic": "back_pain", "consent_version": "drill", "consent_text": "I agree.", "consented_at": now,
        "state": "new", "suspected_spam": False, "version": 1, "search_text": f"visitor {number}",
        "created_at": now, "updated_at": now,
    }  # fmt: skip


def main() -> int:
    """Drill; returns 0 when the checksums are equal (else the restore raises)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--leads", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        settings = Settings(var_directory=Path(folder) / "var", database_url="")
        fill(settings, given.leads)
        began = time.monotonic()
        backup = make_backup(settings, Path(folder) / "backups")
        backed_up = time.monotonic()
        shutil.rmtree(settings.var_directory)
        found = restore_backup(settings, backup)
        restored = time.monotonic()
    print(
        f"{found['leads']['rows']} leads: backup {backed_up - began:.1f} s, "
        f"restore {restored - backed_up:.1f} s, checksums equal"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
