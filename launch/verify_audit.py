"""`make verify-audit`: is the record of who did what whole?

Its end is noted in `audit-heads.txt` beside the keys, outside the database: a record that was cut off since
is noticed by the next check. Copy the file elsewhere to be safe from somebody who can write to both.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from clinic.audit_check import AuditCheck, AuditHead, check_audit
from clinic.settings import Settings
from clinic.storage.database import Database, StorageUnavailable

HEADS = "audit-heads.txt"


def verify_audit(settings: Settings) -> AuditCheck:
    """Check the record against the heads noted before, and note its head when all is well."""
    path = settings.keys_directory / HEADS
    with closing(Database(settings.resolved_database_url, keys=settings.keys_directory)) as database:
        check = check_audit(database, read_heads(path))
    if not check.problems:
        with path.open("a", encoding="ascii") as file:
            file.write(f"{check.head.position} {check.head.seal}\n")
        path.chmod(0o600)
    return check


def read_heads(path: Path) -> list[AuditHead]:
    """Return the heads noted in a file; none when there is no file."""
    if not path.exists():
        return []
    lines = [line.partition(" ") for line in path.read_text("ascii").splitlines()]
    return [AuditHead(int(position), seal) for position, _, seal in lines]


def main() -> int:
    """Check and say what was found; returns 0 when the record is whole, else 1."""
    try:
        check = verify_audit(Settings())
    except StorageUnavailable as error:
        print(f"Not checked: {error}.", file=sys.stderr)
        return 1
    for problem in check.problems:
        print(f"The audit record is not whole: {problem}.", file=sys.stderr)
    if not check.problems:
        print(f"The audit record is whole: {check.head.position} entries.")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main())
