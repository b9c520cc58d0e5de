"""`python -m content.draft_changes RELEASE_CONTENT WORKING_FOLDER PROFILE`: what the draft changes, as JSON.

The console runs it as a process of its own, because reading everything takes a second of computing.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from content.approvals import missing_approvals
from content.files import ContentUnreadable
from content.release_changes import compare_content


def find_draft_changes(before: Path, working: Path, profile: Path) -> dict[str, Any]:
    """Return the fields of `Changes`, `is_empty`, and `unapproved`; raises ContentUnreadable."""
    with tempfile.TemporaryDirectory() as place:
        draft = Path(place)
        for name in ("data", "domain.yml", "config.yml"):
            (draft / name).symlink_to((working / name).resolve())
        (draft / "profile.yml").symlink_to(profile.resolve())
        changes = compare_content(before, draft)
        unapproved = missing_approvals(draft)
    return {**asdict(changes), "is_empty": changes.is_empty, "unapproved": unapproved}


def main() -> int:
    """Print the changes; returns 0, or 1 after one sentence that names the file."""
    before, working, profile = map(Path, sys.argv[1:4])
    try:
        print(json.dumps(find_draft_changes(before, working, profile)))
    except ContentUnreadable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
