"""The addresses of the studio's pages about publishing."""

from __future__ import annotations

PUBLISH_PAGE = "/console/studio/publish"
PROGRESS_PAGE = f"{PUBLISH_PAGE}/progress"
RELEASES_PAGE = "/console/studio/releases"
