"""`make retention`: what is older than the clinic keeps it. Shown, and with `--remove` removed.

The notifier removes the same by itself every hour; this is for looking first, and for not waiting.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import closing

from clinic.retention import Removed, Retention
from clinic.settings import Settings
from clinic.storage.database import Database, StorageUnavailable


def main(arguments: list[str] | None = None) -> int:
    """Show or remove; returns 0, or 1 after one clear sentence when the database cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--remove", action="store_true")
    remove = parser.parse_args(arguments).remove
    settings = Settings()
    print(describe_settings(settings))
    try:
        with closing(Database(settings.resolved_database_url, keys=settings.keys_directory)) as database:
            retention = Retention(database, settings)
            found = retention.apply() if remove else retention.preview()
            if remove:
                database.empty_log()
    except StorageUnavailable as error:
        print(f"Not done: {error}.", file=sys.stderr)
        return 1
    print(f"{'Removed' if remove else 'Too old now'}: {describe(found)}.")
    if not remove:
        print(
            "Nothing was changed. The notifier removes it within the hour; at once: make retention REMOVE=yes"
        )
    return 0


def describe_settings(settings: Settings) -> str:
    """Return one line that says how long each kind is kept."""
    kinds = [
        ("conversations", settings.transcript_days, "days"),
        ("the engine's memory", settings.tracker_hours, "hours"),
        ("requests", settings.lead_months, "months"),
    ]
    kept = [f"{name} {f'{number} {unit}' if number else 'for ever'}" for name, number, unit in kinds]
    return f"Kept: {', '.join(kept)}."


def describe(found: Removed) -> str:
    """Return the numbers in words."""
    return (
        f"{found.conversations} conversations, {found.engine_conversations} in the engine's memory, "
        f"{found.leads} requests (who it was), {found.drafts} unsaved notes, "
        f"{found.asked} questions in the inbox"
    )


if __name__ == "__main__":
    sys.exit(main())
