"""The pages of the studio, in the order of its navigation. A part of the studio adds its own line."""

from __future__ import annotations

STUDIO_PAGE = "/console/studio"
ROOMS: tuple[tuple[str, str, str], ...] = (
    ("edit_answers", STUDIO_PAGE, "Questions"),
    ("edit_answers", f"{STUDIO_PAGE}/new", "New question"),
    ("edit_answers", f"{STUDIO_PAGE}/try", "Try it"),
    ("edit_answers", f"{STUDIO_PAGE}/review", "Review"),
)
"""(permission, address, title)."""
