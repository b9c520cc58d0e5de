"""Which topics the clinic has not approved, where its profile says `require_clinic_approval`."""

from __future__ import annotations

from pathlib import Path

from clinic.profile import load_profile
from content.files import read_file

APPROVED = "clinic_approved"


def missing_approvals(folder: Path) -> list[str]:
    """Return the topics that the clinic must still approve, if the profile asks for it."""
    if not load_profile(folder / "profile.yml").require_clinic_approval:
        return []
    paths = [path.relative_to(folder) for path in sorted((folder / "data" / "faq").glob("*.yml"))]
    return [
        file.stem
        for file in (read_file(folder, path) for path in paths)
        if any((part.get("metadata") or {}).get("status") != APPROVED for part in file.intents())
    ]
